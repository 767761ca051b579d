/** Databases, collections and aliases in memory: where a FakeMilvus keeps what it is told. */
import type { KeyValuePair } from "../../wire/messages.gen.ts"
import { Collection, type CollectionOptions } from "./collection.ts"
import { checkAlias, checkCollectionName, checkDatabaseName } from "./names.ts"
import { Code, refuse, refuseUnexpected } from "./status.ts"

/** A database. Its methods throw {@linkcode Refused} where Milvus would refuse. */
export class Database {
  properties: ReadonlyArray<KeyValuePair> = []
  readonly #collections = new Map<string, Collection>()
  /** By alias, the collection. */
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

  /** A collection by its name or by an alias. */
  collection(name: string): Collection {
    return this.find(name) ?? this.#notFound(name)
  }

  /** A collection by its name alone. */
  named(name: string): Collection {
    return this.#collections.get(name) ?? this.#notFound(name)
  }

  /** A collection by its id. */
  identified(id: bigint): Collection {
    return this.collections.find((collection) => collection.id === id) ??
      refuse(Code.collectionNotFound, `collection not found[collection=${id}]`)
  }

  /** The same collection may be created again. */
  create(options: CollectionOptions, now: number): void {
    const there = this.find(options.name)
    const collection = new Collection(options, now, this.nextId)
    if (there === undefined) return void this.#collections.set(options.name, collection)
    if (there.name !== options.name || !hasSameSchema(there, collection)) {
      refuse(Code.unexpected, `create duplicate collection with different parameters, collection: ${options.name}`)
    }
  }

  /** One that is not there may be dropped. */
  drop(name: string): void {
    const collection = this.#collections.get(name)
    if (this.#aliases.has(name)) refuse(Code.unexpected, `cannot drop the collection via alias = ${name}`)
    this.#collections.delete(name)
    for (const [alias, of] of this.#aliases) if (of === collection) this.#aliases.delete(alias)
  }

  rename(from: string, to: string, target: Database): void {
    checkCollectionName(to)
    if (this.#aliases.has(from)) refuseUnexpected(`unsupported use an alias to rename collection, alias:${from}`)
    const collection = this.#collections.get(from) ?? this.#notFound(from)
    if (target.find(to) !== undefined) {
      refuse(Code.unexpected, `duplicated new collection name ${to} with other collection name or alias`)
    }
    if (target !== this && this.aliasesOf(collection).length > 0) {
      refuse(Code.unexpected, `fail to rename db name, must drop all aliases of the collection ${from} before`)
    }
    this.#collections.delete(from)
    collection.name = to
    target.#collections.set(to, collection)
  }

  // ---- Aliases

  /** All aliases, or those of a collection. */
  aliasesOf(collection?: Collection): ReadonlyArray<string> {
    return [...this.#aliases].filter(([, of]) => collection === undefined || of === collection).map(([alias]) => alias)
  }

  createAlias(alias: string, name: string): void {
    checkAlias(alias)
    checkCollectionName(name)
    const collection = this.#collections.get(name) ?? this.#notFound(name)
    const there = this.#aliases.get(alias)
    if (this.#collections.has(alias)) {
      refuse(Code.aliasIsCollection, `alias and collection name conflict[database=${this.name}][alias=${alias}]`)
    }
    if (there !== undefined && there !== collection) {
      refuse(Code.aliasTaken, `${alias} is alias to another collection: ${there.name}: alias already exist`)
    }
    this.#aliases.set(alias, collection)
  }

  alterAlias(alias: string, name: string): void {
    checkAlias(alias)
    this.aliased(alias)
    this.#aliases.set(alias, this.named(name))
  }

  dropAlias(alias: string): void {
    checkAlias(alias)
    this.#aliases.delete(alias)
  }

  /** The collection of an alias. */
  aliased(alias: string): Collection {
    if (alias === "") refuse(Code.missingParameter, "no input alias: missing parameter[missing_param=alias]")
    return this.#aliases.get(alias) ??
      refuse(Code.aliasNotFound, `alias not found[database=${this.name}][alias=${alias}]`)
  }

  #notFound(name: string): never {
    return refuse(Code.collectionNotFound, `collection not found[database=${this.name}][collection=${name}]`)
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

  /** Ids are as large as Milvus's, so that who reads them into a `number` notices. */
  readonly nextId = (): bigint => ++this.#lastId

  create(name: string, now: number): Database {
    checkDatabaseName(name)
    if (this.#databases.has(name)) refuse(Code.unexpected, `database already exist: ${name}`)
    const database = new Database(name, this.nextId(), now, this.nextId)
    this.#databases.set(name, database)
    return database
  }

  /** A database, if it is there; the default one has no name for most callers. */
  find(name: string): Database | undefined {
    return this.#databases.get(name || defaultDatabase)
  }

  /** A database. */
  database(name: string): Database {
    return this.find(name) ??
      refuse(Code.databaseNotFound, `database not found[database=${name}]`)
  }

  /** One that is not there may be dropped. */
  drop(name: string): void {
    checkDatabaseName(name)
    if (name === defaultDatabase) refuse(Code.unexpected, "can not drop default database")
    if ((this.#databases.get(name)?.collections.length ?? 0) > 0) {
      refuse(Code.unexpected, `database:${name} not empty, must drop all collections before drop database`)
    }
    this.#databases.delete(name)
  }
}

const defaultDatabase = "default"

const hasSameSchema = (a: Collection, b: Collection): boolean => {
  const text = ({ layout, options }: Collection) =>
    JSON.stringify(
      [layout.schema, options.shards, options.consistency],
      (_, value: unknown) => typeof value === "bigint" ? `${value}` : value,
    )
  return text(a) === text(b)
}
