/** Decodes `milvus.SearchResults`, the reply of `Search` and `HybridSearch`. */
import { floats, Int64Builder, type NumberBuilder } from "../protobuf/repeated.ts"
import type { Column } from "../columns/column.ts"
import { readFieldData } from "../columns/decodeColumn.ts"
import { type Bucket, readBucket } from "./aggregation.ts"
import { type Highlight, readHighlight } from "./highlight.ts"
import { type Ids, IdsBuilder } from "./ids.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import { highWord, lowWord, wordsOf } from "../protobuf/packed.ts"
import { Reader } from "../protobuf/reader.ts"
import { readValues } from "../columns/scalarField.ts"
import { readStatus, type Status, success } from "./milvusStatus.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** State of a search iterator, which is passed to its next search. */
export interface SearchIterator {
  /** The server's name for the iterator. */
  readonly token: string
  /** The score of the last hit so far. */
  readonly lastBound: number
}

/**
 * Hits of all queries, one query after the other: the first `topks[0]` hits are those of query 0, the next `topks[1]`
 * those of query 1, and so on. Arrays may be views of the reply.
 */
export interface SearchResults {
  /** Whether the search succeeded. */
  readonly status: Status
  /** The number of queries. */
  readonly numQueries: number
  /** The requested number of hits for each query. */
  readonly topK: number
  /** The number of hits of each query; `[numQueries]`. */
  readonly topks: Uint32Array
  /** The primary keys of all hits; `[hits]`. */
  readonly ids: Ids
  /** The score of each hit in the metric of the index; `[hits]`. */
  readonly scores: Float32Array
  /** The distance of each hit, `[hits]`, if the server sends both scores and distances; otherwise empty. */
  readonly distances: Float32Array
  /** A column for each output field; `[hits]`. */
  readonly fields: ReadonlyArray<Column>
  /** The names of the output fields, including dynamic fields. */
  readonly outputFields: ReadonlyArray<string>
  /** The values of the fields by which hits are grouped. */
  readonly groupBy: ReadonlyArray<Column>
  /** The name of the primary key's field; empty from older servers. */
  readonly primaryFieldName: string
  /** The collection that was searched. */
  readonly collectionName: string
  /** The timestamp at which the search read. */
  readonly sessionTs: bigint
  /** The number of rows that the search examined. */
  readonly allSearchCount: number
  /** The estimated recall of each query; empty if it was not requested. */
  readonly recalls: Float32Array
  /** The state of the iterator; `undefined` if the search does not belong to one. */
  readonly iterator: SearchIterator | undefined
  /** The parts of texts that the query matched; empty if no highlighter was requested. */
  readonly highlights: ReadonlyArray<Highlight>
  /** The index of each hit in the array of its row, in a search over elements; otherwise empty. */
  readonly elementIndices: BigInt64Array
  /** The buckets of an aggregation, of one query after the other; empty if none was requested. */
  readonly buckets: ReadonlyArray<Bucket>
  /** The number of buckets of each query; empty from a server that has only one query to answer. */
  readonly bucketCounts: Uint32Array
}

/** Decodes a `milvus.SearchResults`. Throws `CodecError` if the bytes are malformed. */
export const decodeSearchResults = (bytes: Uint8Array): SearchResults => {
  const reader = new Reader("SearchResults", bytes)
  const data = new DataBuilder()
  let status = success
  let collectionName = ""
  let sessionTs = 0n
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) status = readStatus(reader, status)
    else if (tag === lengthTag(2)) data.read(reader)
    else if (tag === lengthTag(3)) collectionName = reader.string()
    else if (tag === varintTag(4)) sessionTs = reader.uint64()
    else reader.skip(tag)
  }
  const results = { status, ...data.finish(reader), collectionName, sessionTs }
  check(reader, results)
  return results
}

/** Collects the values of a `schema.SearchResultData`. */
class DataBuilder {
  #numQueries = 0
  #topK = 0
  #allSearchCount = 0
  #primaryFieldName = ""
  #iterator: SearchIterator | undefined
  readonly #ids = new IdsBuilder()
  readonly #scores = floats()
  #distances: NumberBuilder<Float32Array> | undefined
  #recalls: NumberBuilder<Float32Array> | undefined
  readonly #topks = new Int64Builder()
  #bucketCounts: Int64Builder | undefined
  #elementIndices: Int64Builder | undefined
  #outputFields: StringBuilder | undefined
  readonly #fields: Array<Column> = []
  readonly #groupBy: Array<Column> = []
  #group: Column | undefined
  readonly #highlights: Array<Highlight> = []
  readonly #buckets: Array<Bucket> = []

  read(reader: Reader): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      if (!this.#readField(reader, tag >>> 3, tag & 7)) reader.skip(tag)
    }
    reader.leave(outer)
  }

  /** Returns false if the field is not known, or cannot have this wire type. */
  #readField(reader: Reader, field: number, wireType: number): boolean {
    switch (field) {
      case 4:
        return this.#scores.read(reader, wireType)
      case 6:
        return this.#topks.read(reader, wireType)
      case 7:
        return (this.#outputFields ??= new StringBuilder()).read(reader, wireType)
      case 10:
        return (this.#distances ??= floats()).read(reader, wireType)
      case 12:
        return (this.#recalls ??= floats()).read(reader, wireType)
      case 19:
        return (this.#bucketCounts ??= new Int64Builder()).read(reader, wireType)
      default:
        return wireType === 0 ? this.#readCount(reader, field) : wireType === 2 && this.#readMessage(reader, field)
    }
  }

  #readCount(reader: Reader, field: number): boolean {
    if (field === 1) this.#numQueries = reader.count()
    else if (field === 2) this.#topK = reader.count()
    else if (field === 9) this.#allSearchCount = reader.count()
    else return false
    return true
  }

  #readMessage(reader: Reader, field: number): boolean {
    if (field === 3) this.#fields.push(readFieldData(reader))
    else if (field === 5) this.#ids.read(reader)
    else if (field === 8) this.#group = readFieldData(reader)
    else if (field === 11) this.#iterator = readIterator(reader)
    else if (field === 13) this.#primaryFieldName = reader.string()
    else if (field === 14) this.#highlights.push(readHighlight(reader))
    else if (field === 15) readValues(reader, this.#elementIndices ??= new Int64Builder())
    else if (field === 17) this.#groupBy.push(readFieldData(reader))
    else if (field === 18) this.#buckets.push(readBucket(reader))
    else return false
    return true
  }

  finish(reader: Reader): Omit<SearchResults, "status" | "collectionName" | "sessionTs"> {
    return {
      numQueries: this.#numQueries,
      topK: this.#topK,
      topks: counts(reader, this.#topks),
      ids: this.#ids.finish(),
      scores: this.#scores.finish(),
      distances: this.#distances?.finish() ?? noNumbers,
      fields: this.#fields,
      outputFields: this.#outputFields?.finish() ?? [],
      groupBy: this.#groupBy.length > 0 || this.#group === undefined ? this.#groupBy : [this.#group],
      primaryFieldName: this.#primaryFieldName,
      allSearchCount: this.#allSearchCount,
      recalls: this.#recalls?.finish() ?? noNumbers,
      iterator: this.#iterator,
      highlights: this.#highlights,
      elementIndices: this.#elementIndices?.finish() ?? noIndices,
      buckets: this.#buckets,
      bucketCounts: counts(reader, this.#bucketCounts),
    }
  }
}

const noNumbers = new Float32Array(0)
const noIndices = new BigInt64Array(0)
const noCounts = new Uint32Array(0)

/** Returns numbers of hits. Fails if one is negative or above 2^32 - 1. */
const counts = (reader: Reader, builder: Int64Builder | undefined): Uint32Array => {
  if (builder === undefined || builder.length === 0) return noCounts
  const words = wordsOf(builder.finish())
  const values = new Uint32Array(words.length / 2)
  for (let at = 0; at < values.length; at++) {
    if (words[at * 2 + highWord] !== 0) return reader.fail("invalid hit count: negative or above 2^32 - 1")
    values[at] = words[at * 2 + lowWord]!
  }
  return values
}

const readIterator = (reader: Reader): SearchIterator => {
  let token = ""
  let lastBound = 0
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) token = reader.string()
    else if (tag === 2 * 8 + 5) lastBound = reader.float()
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { token, lastBound }
}

/** Fails unless every part has one value for each hit: otherwise, values could be attributed to the wrong hits. */
const check = (reader: Reader, results: SearchResults): void => {
  const hits = results.ids.length
  if (results.scores.length !== hits) reader.fail(`${hits} ids but ${results.scores.length} scores`)
  const total = results.topks.reduce((sum, count) => sum + count, 0)
  // Aggregations may come without hits.
  if (total !== hits && !(hits === 0 && results.buckets.length > 0)) {
    reader.fail(`${hits} hits, but the counts of the queries add up to ${total}`)
  }
  const { buckets, bucketCounts, numQueries } = results
  const counted = bucketCounts.length === 0 && numQueries <= 1
    ? buckets.length
    : bucketCounts.reduce((a, b) => a + b, 0)
  if (counted !== buckets.length) {
    reader.fail(`${buckets.length} buckets, but the counts of the queries add up to ${counted}`)
  }
  for (const { fieldName, hits: parts } of results.highlights) {
    if (parts.length !== hits) reader.fail(`${parts.length} highlights of field "${fieldName}" for ${hits} hits`)
  }
  for (const field of results.fields) {
    if (field.type !== "Unknown" && field.length !== hits) {
      reader.fail(`field "${field.fieldName}" has ${field.length} values for ${hits} hits`)
    }
  }
}
