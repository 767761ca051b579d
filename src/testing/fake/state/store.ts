/** The databases of a FakeMilvus with their collections and aliases, in memory. */
import type { KeyValuePair } from "../../../contract/messages.gen.ts"
import { Collection, type CollectionOptions } from "./collection.ts"
import { checkAlias, checkCollectionName, checkDatabaseName } from "./names.ts"
import { Code, throwRefusal, throwUnexpected } from "../fakeStatus.ts"

/** A database. Its methods throw {@linkcode Refused} if Milvus would refuse the call. */
export class Database {
  properties: ReadonlyArray<KeyValuePair> = []
  readonly #collections = new Map<string, Collection>()
  /** Collections by alias. */
  readonly #aliases = new Map<string, Collection>()

  constructor(
    readonly name: string,
    readonly id: bigint,
    readonly created: number,
    readonly nextId: () => bigint,
  ) {}

  get collections(): ReadonlyArray<Collection> {
    return [...this.#collections.values()]
  }

  find(name: string): Collection | undefined {
    return this.#collections.get(name) ?? this.#aliases.get(name)
  }

  /** Returns a collection by its name or an alias. */
  collection(name: string): Collection {
    return this.find(name) ?? this.#notFound(name)
  }

  /** Returns a collection by its name. Does not accept an alias. */
  named(name: string): Collection {
    return this.#collections.get(name) ?? this.#notFound(name)
  }

  /** Returns a collection by its id. */
  withId(id: bigint): Collection {
    return this.collections.find((collection) => collection.id === id) ??
      throwRefusal(Code.collectionNotFound, `collection not found[collection=${id}]`)
  }

  /** Creates a collection. Does nothing if an equal one exists. */
  create(options: CollectionOptions, now: number): void {
    const existing = this.find(options.name)
    const collection = new Collection(options, now, this.nextId)
    if (existing === undefined) return void this.#collections.set(options.name, collection)
    if (existing.name !== options.name || !hasSameSchema(existing, collection)) {
      throwUnexpected(`create duplicate collection with different parameters, collection: ${options.name}`)
    }
  }

  /** Drops a collection. Does nothing if it does not exist. */
  drop(name: string): void {
    const collection = this.#collections.get(name)
    if (this.#aliases.has(name)) throwUnexpected(`cannot drop the collection via alias = ${name}`)
    if (collection === undefined) return
    this.#collections.delete(name)
    for (const alias of this.aliasesOf(collection)) this.#aliases.delete(alias)
  }

  rename(from: string, to: string, target: Database): void {
    checkCollectionName(to)
    if (this.#aliases.has(from)) throwUnexpected(`unsupported use an alias to rename collection, alias:${from}`)
    const collection = this.named(from)
    if (target.find(to) !== undefined) {
      throwUnexpected(`duplicated new collection name ${to} with other collection name or alias`)
    }
    if (target !== this && this.aliasesOf(collection).length > 0) {
      throwUnexpected(`fail to rename db name, must drop all aliases of the collection ${from} before`)
    }
    this.#collections.delete(from)
    collection.name = to
    target.#collections.set(to, collection)
  }

  // ---- Aliases

  /** Returns the aliases of a collection, or all aliases. */
  aliasesOf(collection?: Collection): ReadonlyArray<string> {
    return [...this.#aliases.keys()].filter((alias) =>
      collection === undefined || this.#aliases.get(alias) === collection
    )
  }

  createAlias(alias: string, name: string): void {
    checkAlias(alias)
    checkCollectionName(name)
    const collection = this.named(name)
    const current = this.#aliases.get(alias)
    if (this.#collections.has(alias)) {
      throwRefusal(Code.aliasIsCollection, `alias and collection name conflict[database=${this.name}][alias=${alias}]`)
    }
    if (current !== undefined && current !== collection) {
      throwRefusal(Code.aliasTaken, `${alias} is alias to another collection: ${current.name}: alias already exist`)
    }
    this.#aliases.set(alias, collection)
  }

  alterAlias(alias: string, name: string): void {
    checkAlias(alias)
    this.aliasTarget(alias)
    this.#aliases.set(alias, this.named(name))
  }

  dropAlias(alias: string): void {
    checkAlias(alias)
    this.#aliases.delete(alias)
  }

  /** Returns the collection of an alias. */
  aliasTarget(alias: string): Collection {
    if (alias === "") throwRefusal(Code.missingParameter, "no input alias: missing parameter[missing_param=alias]")
    return this.#aliases.get(alias) ??
      throwRefusal(Code.aliasNotFound, `alias not found[database=${this.name}][alias=${alias}]`)
  }

  #notFound(name: string): never {
    return throwRefusal(Code.collectionNotFound, `collection not found[database=${this.name}][collection=${name}]`)
  }
}

/** All databases. */
export class Store {
  #lastId = 450_000_000_000_000_000n
  readonly #databases = new Map<string, Database>()

  constructor(readonly created: number) {
    this.create(defaultDatabase, created)
  }

  get databases(): ReadonlyArray<Database> {
    return [...this.#databases.values()]
  }

  /** The collections of all databases. */
  get collections(): ReadonlyArray<Collection> {
    return this.databases.flatMap(({ collections }) => collections)
  }

  /**
   * Returns a new id. Ids are as large as those of Milvus, so that a client that reads them as `number` fails in tests.
   */
  readonly nextId = (): bigint => ++this.#lastId

  create(name: string, now: number): Database {
    checkDatabaseName(name)
    if (this.#databases.has(name)) throwUnexpected(`database already exist: ${name}`)
    const database = new Database(name, this.nextId(), now, this.nextId)
    this.#databases.set(name, database)
    return database
  }

  /** Returns a database, or `undefined` if it does not exist. An empty name means the default database. */
  find(name: string): Database | undefined {
    return this.#databases.get(name || defaultDatabase)
  }

  /** Returns a database. Refuses the call if it does not exist. */
  database(name: string): Database {
    return this.find(name) ??
      throwRefusal(Code.databaseNotFound, `database not found[database=${name}]`)
  }

  /** Drops an empty database. Does nothing if it does not exist. */
  drop(name: string): void {
    checkDatabaseName(name)
    if (name === defaultDatabase) throwUnexpected("can not drop default database")
    if ((this.#databases.get(name)?.collections.length ?? 0) > 0) {
      throwUnexpected(`database:${name} not empty, must drop all collections before drop database`)
    }
    this.#databases.delete(name)
  }
}

const defaultDatabase = "default"

const hasSameSchema = (a: Collection, b: Collection): boolean => {
  const serialize = ({ layout, options }: Collection) =>
    JSON.stringify(
      [layout.schema, options.shards, options.consistency],
      (_, value: unknown) => typeof value === "bigint" ? `${value}` : value,
    )
  return serialize(a) === serialize(b)
}
