/** One collection in memory: its rows, partitions and indexes, and whether it is loaded. */
import type {
  CollectionSchema,
  ConsistencyLevel,
  FieldData,
  IndexDescription,
  KeyValuePair,
} from "../../wire/messages.gen.ts"
import { type Cell, missingColumn, readColumn } from "./columns.ts"
import type { Filter, Key } from "./filters.ts"
import { checkIndex } from "./indexChecks.ts"
import { type Field, fieldNamed, type Layout, layoutOf, valueOf, vectorTypes } from "./layout.ts"
import { checkIndexName, checkPartitionName } from "./names.ts"
import { Code, refuse, refuseParameter, refuseUnexpected } from "./status.ts"
import { metricOf } from "./vectors.ts"

/** One entity. */
export interface Row {
  readonly key: Key
  readonly partition: string
  readonly cells: ReadonlyMap<string, Cell>
}

/** A part of a collection. */
export interface Partition {
  readonly name: string
  readonly id: bigint
  /** Milliseconds since 1970. */
  readonly created: number
}

/** An index, which is finished as soon as it is there. */
export type Index = Pick<IndexDescription, "index_name" | "indexID" | "field_name" | "params">

/** What a collection is made of. */
export interface CollectionOptions {
  readonly name: string
  readonly schema: CollectionSchema
  readonly properties: ReadonlyArray<KeyValuePair>
  readonly consistency: ConsistencyLevel
  readonly shards: number
  readonly partitions: number
  /** Whether the server has a version before 2.4. */
  readonly isOld: boolean
}

const defaultPartition = "_default"

/** A collection. Every method but the getters throws {@linkcode Refused} where Milvus would refuse. */
export class Collection {
  name: string
  properties: ReadonlyArray<KeyValuePair>
  readonly id: bigint
  readonly layout: Layout
  readonly #partitions = new Map<string, Partition>()
  readonly #indexes = new Map<string, Index>()
  /** The names of the partitions that are loaded; those of later ones too, once all were. */
  #loaded = new Set<string>()
  #isLoadedWhole = false
  #replicas = 1
  #rows = new Map<Key, Row>()

  constructor(readonly options: CollectionOptions, readonly created: number, readonly nextId: () => bigint) {
    this.name = options.name
    this.properties = options.properties
    this.layout = layoutOf(options.name, options.schema, options.isOld)
    this.id = nextId()
    checkNumbers(options, this.layout.partitionKey !== undefined)
    const count = this.layout.partitionKey === undefined ? 0 : options.partitions || 16
    const names = count === 0
      ? [defaultPartition]
      : Array.from({ length: count }, (_, at) => `${defaultPartition}_${at}`)
    for (const name of names) this.#partitions.set(name, { name, id: nextId(), created })
  }

  get partitions(): ReadonlyArray<Partition> {
    return [...this.#partitions.values()]
  }

  get indexes(): ReadonlyArray<Index> {
    return [...this.#indexes.values()]
  }

  /** Whether all of it, or all of some partitions, is loaded. */
  isLoaded(partitions: ReadonlyArray<string> = []): boolean {
    return partitions.length === 0 ? this.#loaded.size > 0 : partitions.every((name) => this.#loaded.has(name))
  }

  // ---- Partitions

  createPartition(name: string, created: number): void {
    checkPartitionName(name)
    if (this.layout.partitionKey !== undefined) {
      refuse(Code.unexpected, "disable create partition if partition key mode is used")
    }
    if (this.#partitions.has(name)) return
    this.#partitions.set(name, { name, id: this.nextId(), created })
    if (this.#isLoadedWhole) this.#loaded.add(name)
  }

  dropPartition(name: string): void {
    checkPartitionName(name)
    this.#noPartitionKey("drop partition")
    if (this.#loaded.has(name)) {
      refuse(Code.unexpected, "partition cannot be dropped, partition is loaded, please release it first")
    }
    if (name === defaultPartition) refuse(Code.unexpected, "default partition cannot be deleted")
    this.#partitions.delete(name)
    this.#rows = new Map([...this.#rows].filter(([, row]) => row.partition !== name))
  }

  hasPartition(name: string): boolean {
    checkPartitionName(name)
    return this.#partitions.has(name)
  }

  /** Refuses partitions that are not there. */
  checkPartitions(names: ReadonlyArray<string>): void {
    for (const name of names) this.#known(name)
  }

  #noPartitionKey(what: string): void {
    if (this.layout.partitionKey !== undefined) refuseUnexpected(`disable ${what} if partition key mode is used`)
  }

  // ---- Indexes and loading

  createIndex(fieldName: string, name: string, params: ReadonlyArray<KeyValuePair>, isOld: boolean): void {
    const field = fieldNamed(this.layout, fieldName)
    if (field === undefined) return refuse(Code.unexpected, `cannot create index on non-exist field: ${fieldName}`)
    if (name !== "") checkIndexName(name)
    checkIndex(field, params, isOld)
    const metric = valueOf(params, "metric_type")
    const whole = vectorTypes.has(field.type) && metric === undefined
      ? [...params, { key: "metric_type", value: metricOf(field.type, undefined).name }]
      : params
    const index = { index_name: name || fieldName, field_name: fieldName, params: whole }
    const other = this.indexes.find((it) => it.field_name === fieldName || it.index_name === index.index_name)
    if (other === undefined) this.#indexes.set(index.index_name, { ...index, indexID: this.nextId() })
    else if (!isSameIndex(other, index)) {
      refuse(Code.unexpected, "CreateIndex failed: at most one distinct index is allowed per field")
    }
  }

  /** An index by its name, or those of a field, or all. */
  dropIndex(name: string, field: string): void {
    if (this.isLoaded()) {
      refuse(Code.unexpected, "index cannot be dropped, collection is loaded, please release it first")
    }
    for (const index of this.indexes) {
      const is = name === "" ? field === "" || index.field_name === field : index.index_name === name
      if (is) this.#indexes.delete(index.index_name)
    }
  }

  /** The index of a field. */
  indexOf(field: Field): Index | undefined {
    return this.indexes.find((index) => index.field_name === field.name)
  }

  load(partitions?: ReadonlyArray<string>, replicas = 1): void {
    if (this.isLoaded() && replicas !== this.#replicas) {
      refuseParameter("can't change the replica number for loaded collection")
    }
    if (partitions !== undefined) this.#noPartitionKey("load partitions")
    const vectors = this.layout.fields.filter((field) => vectorTypes.has(field.type))
    if (vectors.length === 0 || vectors.some((field) => this.indexOf(field) === undefined)) {
      refuse(Code.indexNotFound, `index not found[collection=${this.name}]`)
    }
    this.#replicas = replicas
    if (partitions === undefined) this.#isLoadedWhole = true
    for (const name of partitions ?? this.#partitions.keys()) this.#loaded.add(this.#known(name))
  }

  release(partitions?: ReadonlyArray<string>): void {
    if (partitions !== undefined) {
      this.#noPartitionKey("release partitions")
      this.checkPartitions(partitions)
      if (partitions.length === 0) {
        refuseParameter("invalid parameter[expected=any partition][actual=empty partition list]")
      }
    }
    if (partitions === undefined) {
      this.#loaded = new Set()
      this.#isLoadedWhole = false
    }
    for (const name of partitions ?? []) this.#loaded.delete(name)
  }

  // ---- Rows

  /** The rows of some partitions, or of all that are loaded, that match. Refuses where they are not loaded. */
  rows(filter: Filter, partitions: ReadonlyArray<string>): ReadonlyArray<Row> {
    if (!this.isLoaded()) refuse(Code.collectionNotLoaded, `collection not loaded[collection=${this.name}]`)
    for (const name of partitions) {
      if (!this.#partitions.has(name)) refuseUnexpected(`partition name ${name} not found`)
      if (!this.#loaded.has(name)) {
        refuse(Code.partitionNotLoaded, `partition not loaded[partition=${name}]`)
      }
    }
    const wanted = partitions.length === 0 ? this.#loaded : new Set(partitions)
    return [...this.#rows.values()].filter((row) => wanted.has(row.partition) && filter.matches(row.cells))
  }

  /** How many rows there are, loaded or not. */
  count(partition?: string): number {
    if (partition === undefined) return this.#rows.size
    this.#known(partition)
    return [...this.#rows.values()].filter((row) => row.partition === partition).length
  }

  /** Adds rows; one with a key that is there takes the place of that row. Gives the keys, and how many were there. */
  write(
    columns: ReadonlyArray<FieldData>,
    count: number,
    partition: string,
    isUpsert: boolean,
  ): { readonly keys: ReadonlyArray<Key>; readonly replaced: number } {
    const { fields, primary, partitionKey, isOld } = this.layout
    if (isUpsert && isOld && primary.schema.autoID) refuseParameter("upsert of automatic keys needs Milvus 2.4")
    if (count === 0) refuseParameter("num_rows should be greater than 0")
    const twice = columns.find((column, at) =>
      columns.findIndex((it) => this.#nameOf(it) === this.#nameOf(column)) < at
    )
    if (twice !== undefined) refuseParameter(`duplicated field ${this.#nameOf(twice)} found`)
    if (partition !== "") checkPartitionName(partition)
    if (partition !== "" && partitionKey !== undefined) {
      refuseUnexpected("not support manually specifying the partition names if partition key mode is used")
    }
    const unknown = columns.find((column) => fieldNamed(this.layout, this.#nameOf(column)) === undefined)
    if (unknown !== undefined) refuseParameter(`the schema of ${this.name} has no field ${unknown.field_name}`)
    const byName = new Map(columns.map((column) => [this.#nameOf(column), column]))
    const cells = new Map(fields.map((field) => {
      const column = byName.get(field.name)
      if (field === primary && field.schema.autoID) {
        if (column !== undefined && !isUpsert) refuseParameter(`field ${field.name} is given its values by Milvus`)
        return [field.name, this.#newKeys(field, count)]
      }
      return [field.name, column === undefined ? missingColumn(field, count) : readColumn(field, column, count, isOld)]
    }))
    const old = primary.schema.autoID && isUpsert ? this.#givenKeys(byName.get(primary.name), count) : []
    const keys = cells.get(primary.name)?.filter(isKey) ?? []
    const replaced = isUpsert ? this.delete([...old, ...keys]) : 0
    keys.forEach((key, row) => {
      const own = new Map([...cells].map(([name, column]) => [name, column[row] ?? null]))
      this.#rows.set(key, { key, partition: this.#partitionOf(partition, own), cells: own })
    })
    return { keys, replaced }
  }

  /** How many of the keys there were. */
  delete(keys: ReadonlyArray<Key>, partition = ""): number {
    if (partition !== "") this.#known(partition)
    return keys.filter((key) => {
      const row = this.#rows.get(key)
      return row !== undefined && (partition === "" || row.partition === partition) && this.#rows.delete(key)
    }).length
  }

  truncate(): void {
    this.#rows = new Map()
  }

  #nameOf(column: FieldData): string {
    return column.is_dynamic ? this.layout.dynamic?.name ?? column.field_name : column.field_name
  }

  #newKeys({ type }: Field, count: number): ReadonlyArray<Key> {
    return Array.from({ length: count }, () => type === "Int64" ? this.nextId() : `${this.nextId()}`)
  }

  #givenKeys(column: FieldData | undefined, count: number): ReadonlyArray<Key> {
    const { primary, isOld } = this.layout
    if (column === undefined) return refuseParameter(`upsert needs the values of the primary key ${primary.name}`)
    return readColumn(primary, column, count, isOld).filter(isKey)
  }

  /** Which rows share a partition is Milvus's own business; that those with the same partition key do, is not. */
  #partitionOf(given: string, cells: ReadonlyMap<string, Cell>): string {
    const { partitionKey } = this.layout
    if (partitionKey === undefined) return this.#known(given || defaultPartition)
    const text = String(cells.get(partitionKey.name))
    const sum = [...text].reduce((hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) % 65521, 7)
    return `${defaultPartition}_${sum % this.#partitions.size}`
  }

  #known(partition: string): string {
    if (!this.#partitions.has(partition)) refuse(Code.partitionNotFound, `partition not found[partition=${partition}]`)
    return partition
  }
}

/** Refuses numbers of shards and partitions that a collection cannot have. */
const checkNumbers = ({ name, shards, partitions }: CollectionOptions, hasPartitionKey: boolean): void => {
  if (shards > 16) refuseUnexpected("maximum shards's number should be limited to 16")
  if (!hasPartitionKey && partitions > 0) {
    refuseUnexpected("num_partitions should only be specified with partition key field enabled")
  }
  if (partitions < 0) refuseUnexpected("the specified partitions should be greater than 0 if partition key is used")
  if (partitions > 4096) {
    refuseUnexpected(`partition number (${partitions}) exceeds max configuration (4096), collection: ${name}`)
  }
}

const isKey = (cell: Cell): cell is Key => typeof cell === "bigint" || typeof cell === "string"

const isSameIndex = (a: Omit<Index, "indexID">, b: Omit<Index, "indexID">): boolean => {
  const text = ({ index_name, field_name, params }: Omit<Index, "indexID">) =>
    JSON.stringify([index_name, field_name, params.map(({ key, value }) => `${key}=${value}`).toSorted()])
  return text(a) === text(b)
}
