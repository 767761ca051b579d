/** Decodes `schema.AggBucket`: the buckets of an aggregation of hits. */
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** A value of an aggregation: `null` if the server sent none. */
export type AggregationValue = bigint | number | string | boolean | Uint8Array | null

/** A hit in a bucket. */
export interface BucketHit {
  /** The primary key; `undefined` if the server sent none. */
  readonly id: bigint | string | undefined
  /** Distance or similarity, by the metric of the index. */
  readonly score: number
  /** The output fields, by name. */
  readonly fields: Readonly<Record<string, AggregationValue>>
}

/** Hits with equal values of the fields that an aggregation is about. */
export interface Bucket {
  /** The value of each field that the hits have in common. */
  readonly key: Readonly<Record<string, AggregationValue>>
  /** Number of hits in the bucket. */
  readonly count: number
  /** The metrics, by the names that the aggregation gives them. */
  readonly metrics: Readonly<Record<string, AggregationValue>>
  /** The best hits; empty unless the aggregation asks for them. */
  readonly hits: ReadonlyArray<BucketHit>
  /** The buckets of the next level; empty at the last one. */
  readonly buckets: ReadonlyArray<Bucket>
}

/** A value with the name and the number of its field. */
interface Entry {
  readonly name: string
  readonly value: AggregationValue
}

/** Types of values, by the numbers of the fields that hold them. */
type Values = Readonly<Record<number, "int64" | "string" | "bool" | "float" | "double" | "bytes">>

const keyValues: Values = { 3: "int64", 4: "string", 5: "bool" }
const metricValues: Values = { 1: "int64", 2: "double", 3: "string", 4: "bool" }
const hitValues: Values = { 3: "int64", 4: "bool", 5: "float", 6: "double", 7: "string", 8: "bytes" }

const wireTypes = { int64: 0, bool: 0, double: 1, string: 2, bytes: 2, float: 5 } as const

/** Reads a bucket whose tag was read. */
export const readBucket = (reader: Reader): Bucket => {
  const key: Array<Entry> = []
  const metrics: Array<Entry> = []
  const hits: Array<BucketHit> = []
  const buckets: Array<Bucket> = []
  let count = 0
  readFields(reader, (tag) => {
    if (tag === lengthTag(1)) key.push(readNamed(reader, keyValues))
    else if (tag === varintTag(2)) count = reader.count()
    else if (tag === lengthTag(3)) metrics.push(readMetric(reader))
    else if (tag === lengthTag(4)) hits.push(readHit(reader))
    else if (tag === lengthTag(5)) buckets.push(readBucket(reader))
    else return false
    return true
  })
  return { key: byName(key), count, metrics: byName(metrics), hits, buckets }
}

const readHit = (reader: Reader): BucketHit => {
  let id: bigint | string | undefined
  let score = 0
  const fields: Array<Entry> = []
  readFields(reader, (tag) => {
    if (tag === varintTag(1)) id = reader.int64()
    else if (tag === lengthTag(2)) id = reader.string()
    else if (tag === 3 * 8 + 5) score = reader.float()
    else if (tag === lengthTag(4)) fields.push(readNamed(reader, hitValues))
    else return false
    return true
  })
  return { id, score, fields: byName(fields) }
}

/** Reads an entry of `map<string, MetricValue>`. */
const readMetric = (reader: Reader): Entry => {
  let name = ""
  let value: AggregationValue = null
  readFields(reader, (tag) => {
    if (tag === lengthTag(1)) name = reader.string()
    else if (tag === lengthTag(2)) {
      value = null
      readFields(reader, (tag) => {
        const read = readValue(reader, tag, metricValues)
        if (read === undefined) return false
        value = read
        return true
      })
    } else return false
    return true
  })
  return { name, value }
}

/** Reads a value with the number (1) and the name (2) of its field. Older servers send the number only. */
const readNamed = (reader: Reader, values: Values): Entry => {
  let id = 0n
  let name = ""
  let value: AggregationValue = null
  readFields(reader, (tag) => {
    if (tag === varintTag(1)) id = reader.int64()
    else if (tag === lengthTag(2)) name = reader.string()
    else {
      const read = readValue(reader, tag, values)
      if (read === undefined) return false
      value = read
    }
    return true
  })
  return { name: name || `${id}`, value }
}

/** Reads a value; returns `undefined` if the field holds none, or cannot have this wire type. */
const readValue = (reader: Reader, tag: number, values: Values): Exclude<AggregationValue, null> | undefined => {
  const type = values[tag >>> 3]
  if (type === undefined || wireTypes[type] !== (tag & 7)) return undefined
  switch (type) {
    case "int64":
      return reader.int64()
    case "bytes":
      return reader.subarray().slice()
    default:
      return reader[type]()
  }
}

/** Reads the fields of a nested message whose tag was read. `read` returns false for those that it does not know. */
const readFields = (reader: Reader, read: (tag: number) => boolean): void => {
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (!read(tag)) reader.skip(tag)
  }
  reader.leave(outer)
}

/** Returns values by name. */
const byName = (entries: ReadonlyArray<Entry>): Readonly<Record<string, AggregationValue>> =>
  Object.fromEntries(entries.map(({ name, value }) => [name, value]))
