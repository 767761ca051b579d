/** A collection in memory: its rows, partitions, indexes and load state. */
import type {
  CollectionSchema,
  ConsistencyLevel,
  FieldData,
  IndexDescription,
  KeyValuePair,
} from "../../../contract/messages.gen.ts"
import { type Cell, missingColumn, readColumn } from "./storedColumns.ts"
import type { Filter, Key } from "../query/filterParser.ts"
import { checkIndex } from "./indexRules.ts"
import { type Field, fieldNamed, type Layout, layoutOf, valueOf, vectorTypes } from "./layout.ts"
import { checkIndexName, checkPartitionName } from "./names.ts"
import { checkGroups, type Placement, type Replica, type ResourceGroups } from "./replicas.ts"
import { Code, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"
import { metricOf } from "../query/metrics.ts"
import { type Segment, SegmentStore } from "./segmentStore.ts"

/** A row (an entity, in the words of Milvus). */
export interface Row {
  readonly key: Key
  readonly partition: string
  readonly segment: Segment
  readonly cells: ReadonlyMap<string, Cell>
}

/** A partition. */
export interface Partition {
  readonly name: string
  readonly id: bigint
  /** Time of creation, in milliseconds since 1970. */
  readonly created: number
}

/** An index. It is built as soon as it exists. */
export type Index = Pick<IndexDescription, "index_name" | "indexID" | "field_name" | "params">

/** Options of a new collection. */
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

/** The partition of rows without another one. */
export const defaultPartition = "_default"

/** A collection. All methods except getters throw {@linkcode Refused} if Milvus would refuse the call. */
export class Collection {
  name: string
  properties: ReadonlyArray<KeyValuePair>
  readonly id: bigint
  readonly layout: Layout
  readonly segments: SegmentStore
  readonly #partitions = new Map<string, Partition>()
  readonly #indexes = new Map<string, Index>()
  /** The names of the loaded partitions. */
  #loaded = new Set<string>()
  /** Whether the whole collection is loaded, so that new partitions are loaded at once. */
  #isLoadedWhole = false
  #replicas: ReadonlyArray<Replica> = []
  #rows = new Map<Key, Row>()
  /** Work that completes later, with its time in milliseconds since 1970. */
  #pending: ReadonlyArray<{ readonly time: number; readonly complete: () => void }> = []

  constructor(readonly options: CollectionOptions, readonly created: number, readonly nextId: () => bigint) {
    this.name = options.name
    this.properties = options.properties
    this.layout = layoutOf(options.name, options.schema, options.isOld)
    this.id = nextId()
    this.segments = new SegmentStore(nextId)
    checkCounts(options, this.layout.partitionKey !== undefined)
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

  /** Whether the given partitions are all loaded; without any, whether anything is loaded. */
  isLoaded(partitions: ReadonlyArray<string> = []): boolean {
    return partitions.length === 0 ? this.#loaded.size > 0 : partitions.every((name) => this.#loaded.has(name))
  }

  /** Completes something at a time, in milliseconds since 1970, as seen by the first call that arrives later. */
  schedule(time: number, complete: () => void): void {
    this.#pending = [...this.#pending, { time, complete }]
  }

  /** Completes what is due. */
  settle(now: number): void {
    const due = this.#pending.filter(({ time }) => time <= now)
    this.#pending = this.#pending.filter(({ time }) => time > now)
    for (const { complete } of due) complete()
  }

  // ---- Partitions

  createPartition(name: string, created: number): void {
    checkPartitionName(name)
    this.#checkNoPartitionKey("create partition")
    if (this.#partitions.has(name)) return
    this.#partitions.set(name, { name, id: this.nextId(), created })
    if (this.#isLoadedWhole) this.#loaded.add(name)
  }

  dropPartition(name: string): void {
    checkPartitionName(name)
    this.#checkNoPartitionKey("drop partition")
    if (this.#loaded.has(name)) {
      throwUnexpected("partition cannot be dropped, partition is loaded, please release it first")
    }
    if (name === defaultPartition) throwUnexpected("default partition cannot be deleted")
    this.#partitions.delete(name)
    this.#rows = new Map([...this.#rows].filter(([, row]) => row.partition !== name))
    this.segments.drop(name)
  }

  hasPartition(name: string): boolean {
    checkPartitionName(name)
    return this.#partitions.has(name)
  }

  /** Refuses partitions that do not exist. */
  checkPartitions(names: ReadonlyArray<string>): void {
    for (const name of names) this.#existing(name)
  }

  #checkNoPartitionKey(operation: string): void {
    if (this.layout.partitionKey !== undefined) throwUnexpected(`disable ${operation} if partition key mode is used`)
  }

  // ---- Indexes and loading

  createIndex(fieldName: string, name: string, params: ReadonlyArray<KeyValuePair>, isOld: boolean): void {
    const field = fieldNamed(this.layout, fieldName)
    if (field === undefined) {
      return throwUnexpected(`cannot create index on non-exist field: ${fieldName}`)
    }
    if (name !== "") checkIndexName(name)
    checkIndex(field, params, isOld)
    const metric = valueOf(params, "metric_type")
    const completeParams = vectorTypes.has(field.type) && metric === undefined
      ? [...params, { key: "metric_type", value: metricOf(field.type, undefined).name }]
      : params
    const index = { index_name: name || fieldName, field_name: fieldName, params: completeParams }
    const existing = this.indexes.find((it) => it.field_name === fieldName || it.index_name === index.index_name)
    if (existing === undefined) this.#indexes.set(index.index_name, { ...index, indexID: this.nextId() })
    else if (!isSameIndex(existing, index)) {
      throwUnexpected("CreateIndex failed: at most one distinct index is allowed per field")
    }
  }

  /** Sets and removes parameters of the index with the name. */
  alterIndex(name: string, params: ReadonlyArray<KeyValuePair>, removed: ReadonlyArray<string>): void {
    const index = this.#indexes.get(name)
    if (index === undefined) return throwRefusal(Code.indexNotFound, `index not found[indexName=${name}]`)
    const replaced = new Set([...removed, ...params.map(({ key }) => key)])
    this.#indexes.set(name, { ...index, params: [...index.params.filter(({ key }) => !replaced.has(key)), ...params] })
  }

  /** Drops the index with the name; without a name, those of the field, or all. */
  dropIndex(name: string, field: string): void {
    if (this.isLoaded()) {
      throwUnexpected("index cannot be dropped, collection is loaded, please release it first")
    }
    for (const index of this.indexes) {
      const matches = name === "" ? field === "" || index.field_name === field : index.index_name === name
      if (matches) this.#indexes.delete(index.index_name)
    }
  }

  /** Returns the index of a field. */
  indexOf(field: Field): Index | undefined {
    return this.indexes.find((index) => index.field_name === field.name)
  }

  /** The replicas, if the collection is loaded. */
  get replicas(): ReadonlyArray<Replica> {
    return this.isLoaded() ? this.#replicas : []
  }

  /** The names of the channels, one for each shard. */
  get channels(): ReadonlyArray<string> {
    return Array.from({ length: this.options.shards }, (_, at) => `fake-dml_${at}_${this.id}v${at}`)
  }

  /** Loads the given partitions, or all. The first load makes the replicas; later ones cannot change them. */
  load(partitions: ReadonlyArray<string> | undefined, placement: Placement, groups: ResourceGroups): void {
    if (this.isLoaded() && placement.count !== this.#replicas.length) {
      throwParameter("can't change the replica number for loaded collection")
    }
    if (partitions !== undefined) this.#checkNoPartitionKey("load partitions")
    const vectors = this.layout.fields.filter((field) => vectorTypes.has(field.type))
    if (vectors.length === 0 || vectors.some((field) => this.indexOf(field) === undefined)) {
      throwRefusal(Code.indexNotFound, `index not found[collection=${this.name}]`)
    }
    if (partitions !== undefined) this.checkPartitions(partitions)
    checkGroups(placement.groups, this.replicas)
    if (!this.isLoaded()) this.#replicas = groups.place(placement, this.nextId)
    if (partitions === undefined) this.#isLoadedWhole = true
    for (const name of partitions ?? this.#partitions.keys()) this.#loaded.add(name)
  }

  release(partitions?: ReadonlyArray<string>): void {
    if (partitions !== undefined) {
      this.#checkNoPartitionKey("release partitions")
      this.checkPartitions(partitions)
      if (partitions.length === 0) {
        throwParameter("invalid parameter[expected=any partition][actual=empty partition list]")
      }
    }
    if (partitions === undefined) {
      this.#loaded = new Set()
      this.#isLoadedWhole = false
    }
    for (const name of partitions ?? []) this.#loaded.delete(name)
  }

  // ---- Rows

  /**
   * Returns the matching rows of the given partitions, or of all loaded ones. Refuses partitions that are not loaded.
   */
  rows(filter: Filter, partitions: ReadonlyArray<string>): ReadonlyArray<Row> {
    if (!this.isLoaded()) throwRefusal(Code.collectionNotLoaded, `collection not loaded[collection=${this.name}]`)
    for (const name of partitions) {
      if (!this.#partitions.has(name)) throwUnexpected(`partition name ${name} not found`)
      if (!this.#loaded.has(name)) {
        throwRefusal(Code.partitionNotLoaded, `partition not loaded[partition=${name}]`)
      }
    }
    const wanted = partitions.length === 0 ? this.#loaded : new Set(partitions)
    return [...this.#rows.values()].filter((row) => wanted.has(row.partition) && filter.matches(row.cells))
  }

  /** Returns the number of rows, loaded or not. */
  count(partition?: string): number {
    if (partition === undefined) return this.#rows.size
    this.#existing(partition)
    return [...this.#rows.values()].filter((row) => row.partition === partition).length
  }

  /** Adds rows and returns their keys. A row with an existing key replaces the row that has it. */
  write(
    columns: ReadonlyArray<FieldData>,
    count: number,
    partition: string,
    isUpsert: boolean,
  ): ReadonlyArray<Key> {
    const { fields, primary, isOld } = this.layout
    this.#checkWrite(columns, count, partition, isUpsert)
    const byName = new Map(columns.map((column) => [this.#nameOf(column), column]))
    const cells = new Map(fields.map((field) => {
      const column = byName.get(field.name)
      if (field === primary && field.schema.autoID) {
        if (column !== undefined && !isUpsert) throwParameter(`field ${field.name} is given its values by Milvus`)
        return [field.name, this.#newKeys(field, count)]
      }
      return [field.name, column === undefined ? missingColumn(field, count) : readColumn(field, column, count, isOld)]
    }))
    if (isUpsert && primary.schema.autoID) this.delete(this.#givenKeys(byName.get(primary.name), count))
    if (isUpsert) this.delete(cells.get(primary.name)?.filter(isKey) ?? [])
    return this.#store(cells, partition, (target) => this.segments.add(target))
  }

  /**
   * Adds rows to segments of their own, as an import does. `cells` has those of all fields, except automatic keys.
   * Returns the keys and the ids of the segments.
   */
  importRows(cells: ReadonlyMap<string, ReadonlyArray<Cell>>, count: number, partition: string): {
    readonly keys: ReadonlyArray<Key>
    readonly segments: ReadonlyArray<bigint>
  } {
    const { primary } = this.layout
    const { add, segments } = this.segments.importer()
    const keys = primary.schema.autoID ? [[primary.name, this.#newKeys(primary, count)] as const] : []
    return {
      keys: this.#store(new Map([...cells, ...keys]), partition, add),
      segments: segments.map(({ id }) => id),
    }
  }

  #store(
    cells: ReadonlyMap<string, ReadonlyArray<Cell>>,
    partition: string,
    addTo: (partition: string) => Segment,
  ): ReadonlyArray<Key> {
    const keys = cells.get(this.layout.primary.name)?.filter(isKey) ?? []
    keys.forEach((key, row) => {
      const own = new Map([...cells].map(([name, column]) => [name, column[row] ?? null]))
      const target = this.#partitionOf(partition, own)
      this.#rows.get(key)?.segment.countDelete()
      this.#rows.set(key, { key, partition: target, segment: addTo(target), cells: own })
    })
    return keys
  }

  /** Refuses columns and a partition that cannot be written. The values are checked when the columns are read. */
  #checkWrite(columns: ReadonlyArray<FieldData>, count: number, partition: string, isUpsert: boolean): void {
    const { primary, partitionKey, isOld } = this.layout
    if (isUpsert && isOld && primary.schema.autoID) throwParameter("upsert of automatic keys needs Milvus 2.4")
    if (count === 0) throwParameter("num_rows should be greater than 0")
    const names = columns.map((column) => this.#nameOf(column))
    const duplicate = names.find((name, index) => names.indexOf(name) < index)
    if (duplicate !== undefined) throwParameter(`duplicated field ${duplicate} found`)
    if (partition !== "") checkPartitionName(partition)
    if (partition !== "" && partitionKey !== undefined) {
      throwUnexpected("not support manually specifying the partition names if partition key mode is used")
    }
    const unknown = columns.find((column) => fieldNamed(this.layout, this.#nameOf(column)) === undefined)
    if (unknown !== undefined) throwParameter(`the schema of ${this.name} has no field ${unknown.field_name}`)
  }

  /** Deletes the rows with the keys, in one partition or in all. Ignores keys that no row has. */
  delete(keys: ReadonlyArray<Key>, partition = ""): void {
    if (partition !== "") this.#existing(partition)
    for (const key of keys) {
      const row = this.#rows.get(key)
      if (row === undefined || partition !== "" && row.partition !== partition) continue
      row.segment.countDelete()
      this.#rows.delete(key)
    }
  }

  truncate(): void {
    this.#rows = new Map()
    this.segments.drop()
  }

  #nameOf(column: FieldData): string {
    return column.is_dynamic ? this.layout.dynamic?.name ?? column.field_name : column.field_name
  }

  #newKeys({ type }: Field, count: number): ReadonlyArray<Key> {
    return Array.from({ length: count }, () => type === "Int64" ? this.nextId() : `${this.nextId()}`)
  }

  #givenKeys(column: FieldData | undefined, count: number): ReadonlyArray<Key> {
    const { primary, isOld } = this.layout
    if (column === undefined) return throwParameter(`upsert needs the values of the primary key ${primary.name}`)
    return readColumn(primary, column, count, isOld).filter(isKey)
  }

  /**
   * Returns the partition for a row. Rows with the same partition key share a partition. The distribution of the keys
   * differs from that of Milvus, on which no client depends.
   */
  #partitionOf(given: string, cells: ReadonlyMap<string, Cell>): string {
    const { partitionKey } = this.layout
    if (partitionKey === undefined) return this.#existing(given || defaultPartition)
    const text = String(cells.get(partitionKey.name))
    const sum = [...text].reduce((hash, character) => (hash * 31 + (character.codePointAt(0) ?? 0)) % 65521, 7)
    return `${defaultPartition}_${sum % this.#partitions.size}`
  }

  /** Returns the name of a partition. Refuses one that does not exist. */
  #existing(partition: string): string {
    if (!this.#partitions.has(partition)) {
      throwRefusal(Code.partitionNotFound, `partition not found[partition=${partition}]`)
    }
    return partition
  }
}

/** Refuses numbers of shards and partitions that Milvus does not allow. */
const checkCounts = ({ name, shards, partitions }: CollectionOptions, hasPartitionKey: boolean): void => {
  if (shards > 16) throwUnexpected("maximum shards's number should be limited to 16")
  if (!hasPartitionKey && partitions > 0) {
    throwUnexpected("num_partitions should only be specified with partition key field enabled")
  }
  if (partitions < 0) throwUnexpected("the specified partitions should be greater than 0 if partition key is used")
  if (partitions > 4096) {
    throwUnexpected(`partition number (${partitions}) exceeds max configuration (4096), collection: ${name}`)
  }
}

const isKey = (cell: Cell): cell is Key => typeof cell === "bigint" || typeof cell === "string"

const isSameIndex = (a: Omit<Index, "indexID">, b: Omit<Index, "indexID">): boolean => {
  const serialize = ({ index_name, field_name, params }: Omit<Index, "indexID">) =>
    JSON.stringify([index_name, field_name, params.map(({ key, value }) => `${key}=${value}`).toSorted()])
  return serialize(a) === serialize(b)
}
