/** The vector store of Mastra: an index is a collection with the fields `id`, `metadata` (JSON) and `vector`. */
import {
  type CreateIndexParams,
  type DeleteIndexParams,
  type DeleteVectorParams,
  type DeleteVectorsParams,
  type DescribeIndexParams,
  type IndexStats,
  MastraVector,
  type QueryResult,
  type QueryVectorParams,
  type UpdateVectorParams,
  type UpsertVectorParams,
  type VectorFilter,
} from "@mastra/core/vector"
import {
  checkConsistency,
  checkIds,
  checkLimit,
  checkList,
  checkName,
  checkNames,
  checkObject,
  checkVector,
  type StoreConsistency,
} from "../adapters/checkArguments.ts"
import {
  changedRow,
  generatedIds,
  hasAutoId,
  keyOf,
  type Layout,
  layoutOf,
  makeDefinition,
  metadataIn,
  rowOf,
} from "../adapters/layout.ts"
import { translateFilter } from "../adapters/metadataFilter.ts"
import type { MetadataFilter } from "../adapters/metadataTypes.ts"
import { type ConnectionSource, OwnConnection } from "../adapters/ownConnection.ts"
import { paramError } from "../config/params.ts"
import { type Filter, filter } from "../filter/Filter.ts"
import type { MilvusOperations } from "../promise.ts"
import * as Index from "../schema/indexes.ts"

/** Options for {@linkcode MilvusVector}. */
export interface MilvusVectorOptions {
  /** Id of the store in Mastra. */
  readonly id: string
  /**
   * A connection, or a view of one, which stays open when the store is closed. Or the parameters of a connection, such
   * as its address, or the path of a local database; the store opens it at its first use, and closes it.
   */
  readonly milvus: ConnectionSource
  /**
   * Makes the index of a collection that the store creates, for a metric of Milvus.
   *
   * @default `(metric) => Index.auto({ metric })`
   */
  readonly index?: ((metric: "COSINE" | "IP" | "L2") => Index.Index) | undefined
  /**
   * Consistency level of reads. Default: that of the collection, which is `"Session"` in one that the store creates: a
   * store finds what it has written before.
   */
  readonly consistency?: StoreConsistency | undefined
}

/** A filter of Mastra, or one that is made by `filter` or `where`. */
export type MilvusVectorFilter = MetadataFilter | Filter | null | undefined

/** The metrics of Mastra, as Milvus names them. */
const metrics = { cosine: "COSINE", dotproduct: "IP", euclidean: "L2" } as const
type MastraMetric = keyof typeof metrics

/** Names of the fields of an index: rows have no text of their own. */
const names = { text: undefined, vector: undefined, metadata: undefined }

/** A collection that the store has looked up. */
interface Known extends Layout {
  /** The metric of the index of its vectors. */
  readonly metric: string | undefined
}

/** Number of rows that are read and written at a time by an update. */
const updateRows = 1000

/**
 * Indexes of vectors as collections of Milvus, as a vector store of Mastra.
 *
 * A filter is an object in Mastra's language, such as `{ year: { $gte: 1900 } }`, or one that is made by `filter` or
 * `where`. Its keys and values never become syntax. `$regex` and `$elemMatch`, which Milvus does not have, are a
 * `CodecError`. A greater score is nearer with each metric: a cosine, an inner product, or for `euclidean`
 * `1 / (1 + distance)`.
 *
 * Every method rejects with the errors of the operations that it makes, and with a `ParamError` for a parameter that is
 * missing, contradicts another one, or is not supported.
 *
 * @example
 * ```ts ignore
 * import { Mastra } from "@mastra/core"
 * import { MilvusVector } from "@effect-milvus/client/mastra"
 *
 * const mastra = new Mastra({ vectors: { milvus: new MilvusVector({ id: "milvus", milvus: "localhost:19530" }) } })
 * ```
 */
export class MilvusVector extends MastraVector<MilvusVectorFilter> implements AsyncDisposable {
  readonly #connection: OwnConnection
  readonly #options: MilvusVectorOptions
  readonly #known: Map<string, Promise<Known>> = new Map()

  /** Makes a store, which connects at its first use. Throws `ParamError` for an option that is unknown or wrong. */
  constructor(options: MilvusVectorOptions) {
    super({ id: checkStore(options).id })
    this.#connection = new OwnConnection(options.milvus)
    this.#options = options
  }

  /**
   * Creates a collection with an index, and loads it. One that exists with this dimension is kept, with a warning if
   * its metric is another one; one of another dimension is an error. Filters need no `metadataIndexes`, which Mastra's
   * memory names: they are not made.
   */
  override async createIndex(params: CreateIndexParams): Promise<void> {
    checkParams(params, ["dimension", "metric", "metadataIndexes"])
    const { indexName, dimension, metric = "cosine" } = params
    if (!Object.hasOwn(metrics, metric)) throw paramError("metric", `one of ${Object.keys(metrics).join(", ")}`, metric)
    checkLimit("dimension", dimension)
    const { collection } = await this.#connection.get()
    if (await collection.has(indexName)) return await this.validateExistingIndex(indexName, dimension, metric)
    const { index = (metric) => Index.auto({ metric }) } = this.#options
    await collection.create(makeDefinition(indexName, dimension, names, index(metrics[metric]), "Session"))
  }

  /** Returns the names of all collections of the database. */
  override async listIndexes(): Promise<Array<string>> {
    return [...await (await this.#connection.get()).collection.list()]
  }

  /** Returns the dimension, the metric and the number of rows of a collection. */
  override async describeIndex(params: DescribeIndexParams): Promise<IndexStats> {
    checkParams(params, [])
    this.#known.delete(params.indexName)
    return await this.#use(params.indexName, async ({ definition, vector, metric: used }, vectors) => {
      const metric = Object.entries(metrics).find(([, metric]) => metric === used)?.[0]
      const count = await vectors.count(definition, undefined, { consistency: this.#options.consistency })
      return {
        dimension: definition.fields[vector]?.options.dimension ?? 0,
        count,
        // Cast: it is a key of the metrics.
        ...metric === undefined ? {} : { metric: metric as MastraMetric },
      }
    })
  }

  /** Drops a collection with its rows. Does nothing if it does not exist. */
  override async deleteIndex(params: DeleteIndexParams): Promise<void> {
    checkParams(params, [])
    const { indexName } = params
    this.#known.delete(indexName)
    await (await this.#connection.get()).collection.drop(indexName)
  }

  /**
   * Writes vectors, and returns their ids. One with the id of another one replaces it. `deleteFilter` deletes the
   * others that it matches, after the write: if the write fails, nothing is lost; if the deletion fails, all are there.
   */
  override async upsert(params: UpsertVectorParams<MilvusVectorFilter | VectorFilter>): Promise<Array<string>> {
    checkParams(params, ["vectors", "metadata", "ids", "sparseVectors", "deleteFilter"])
    const { indexName, vectors, metadata = [], ids, sparseVectors, deleteFilter } = params
    if (sparseVectors !== undefined) throw paramError("sparseVectors", "no sparse vectors: they are not supported")
    checkList("vectors", vectors, "at least one vector")
    if (vectors.length === 0) throw paramError("vectors", "at least one vector")
    vectors.forEach((vector, at) => checkVector(`vectors[${at}]`, vector))
    checkList("metadata", metadata, "one object for each vector", metadata?.length === 0 ? 0 : vectors.length)
    metadata.forEach((one, at) => checkObject(`metadata[${at}]`, one))
    if (ids !== undefined) {
      checkList("ids", ids, "one id for each vector", vectors.length)
      checkIds(ids)
    }
    return await this.#use(indexName, async (layout, operations) => {
      const isGenerated = hasAutoId(layout)
      if (isGenerated && ids !== undefined) throw paramError("ids", generatedIds(layout))
      const rows = vectors.map((vector, at) => {
        const id = ids?.[at] ?? (isGenerated ? undefined : crypto.randomUUID())
        return rowOf(layout, { id, text: undefined, vector, metadata: metadata[at] ?? {} }, at)
      })
      const isReplacing = deleteFilter !== undefined && deleteFilter !== null
      // Cast: the filter is checked while it is translated.
      const replaced = isReplacing ? restricted(deleteFilter as MilvusVectorFilter, layout) : undefined
      const write = ids === undefined ? operations.insert : operations.upsert
      const written = (await write(layout.definition, rows)).ids
      if (replaced !== undefined) {
        // Cast: all keys are of one type.
        const isWritten = filter`${filter.field(layout.key)} in ${[...written] as ReadonlyArray<string>}`
        await operations.delete(layout.definition, { filter: filter.all([replaced, filter.not(isWritten)]) })
      }
      return Array.from(written, String)
    })
  }

  /**
   * Returns the nearest vectors, from the nearest. Without a query vector, it returns rows that match the filter, in
   * any order, with a score of 0.
   */
  override async query(params: QueryVectorParams<MilvusVectorFilter>): Promise<Array<QueryResult>> {
    checkParams(params, ["queryVector", "topK", "filter", "includeVector", "sparseVector"])
    const { indexName, queryVector, topK = 10, filter, includeVector = false, sparseVector } = params
    if (sparseVector !== undefined) throw paramError("sparseVector", "no sparse vector: it is not supported")
    checkLimit("topK", topK)
    if (typeof includeVector !== "boolean") throw paramError("includeVector", "true or false", includeVector)
    if (queryVector !== undefined) checkVector("queryVector", queryVector)
    else if (filter === undefined || filter === null) {
      throw paramError("queryVector", "a vector, or a filter without one")
    }
    return await this.#use(indexName, async (layout, vectors) => {
      const where = translateFilter(filter, layout.find)
      if (where === false) return []
      const result = (id: unknown, score: number, row: Readonly<Record<string, unknown>>): QueryResult => ({
        id: String(id),
        score,
        metadata: metadataIn(layout, row),
        ...includeVector && row[layout.vector] !== null ? { vector: vectorIn(layout, row) } : {},
      })
      const outputFields = includeVector ? [...layout.outputs, layout.vector] : layout.outputs
      const { consistency } = this.#options
      const condition = where === true ? undefined : where
      if (queryVector === undefined) {
        const options = { limit: topK, outputFields: [layout.key, ...outputFields], consistency }
        const { rows } = await vectors.query(layout.definition, condition, options)
        return [...rows].map((row) => result(row[layout.key], 0, row))
      }
      const { vector: field, metric } = layout
      const options = { field, limit: topK, filter: condition, outputFields, consistency }
      const found = await vectors.search(layout.definition, [queryVector], options)
      return found.hits().toArray().map(({ id, score, row }) =>
        result(id, metric === "L2" ? 1 / (1 + Math.sqrt(score)) : score, row)
      )
    })
  }

  /**
   * Replaces the vector or the metadata of the row with an id, or of those that match a filter. An id that does not
   * exist is an error. Rows are read and written again with all their other values, a thousand at a time: the update
   * is not atomic, and a change by another client between the two is lost.
   */
  override async updateVector(params: UpdateVectorParams<MilvusVectorFilter>): Promise<void> {
    checkParams(params, ["id", "filter", "update"])
    const { indexName, id, filter, update } = params
    if (id !== undefined && filter !== undefined) {
      throw paramError("filter", "no filter: id and filter are mutually exclusive")
    }
    if (id === undefined && filter === undefined) throw paramError("id", "an id. Either id or filter must be provided")
    checkNames("update", update, ["vector", "metadata"])
    const { vector, metadata } = update
    if (vector === undefined && metadata === undefined) throw paramError("update", "a vector or metadata")
    if (vector !== undefined) checkVector("update.vector", vector)
    if (metadata !== undefined) checkObject("update.metadata", metadata)
    await this.#use(indexName, async (layout, vectors) => {
      if (hasAutoId(layout)) throw paramError(id === undefined ? "filter" : "id", generatedIds(layout))
      const ids = id === undefined ? await this.#idsOf(layout, vectors, filter) : [keyOf(layout, id)]
      let updated = 0
      for (let at = 0; at < ids.length; at += updateRows) {
        updated += await this.#update(layout, vectors, ids.slice(at, at + updateRows), update)
      }
      if (id !== undefined && updated === 0) throw paramError("id", "the id of a vector that exists", id)
    })
  }

  /** Deletes the row with an id. Does nothing if it does not exist. */
  override async deleteVector(params: DeleteVectorParams): Promise<void> {
    checkParams(params, ["id"])
    await this.deleteVectors({ indexName: params.indexName, ids: [params.id] })
  }

  /** Deletes the rows with some ids, or those that match a filter, which must have a condition. */
  override async deleteVectors(params: DeleteVectorsParams<MilvusVectorFilter>): Promise<void> {
    checkParams(params, ["ids", "filter"])
    const { indexName, ids, filter } = params
    const hasFilter = filter !== undefined && filter !== null
    if (ids !== undefined && hasFilter) throw paramError("filter", "no filter: ids and filter are mutually exclusive")
    if (ids === undefined && !hasFilter) throw paramError("ids", "ids. Either filter or ids must be provided")
    if (ids !== undefined) checkList("ids", ids, "at least one id")
    if (ids?.length === 0) throw paramError("ids", "at least one id", "an empty ids array")
    await this.#use(indexName, async (layout, vectors) => {
      const { definition } = layout
      const where = ids === undefined ? restricted(filter, layout) : undefined
      if (ids !== undefined) await vectors.delete(definition, { ids: ids.map((id, at) => keyOf(layout, id, at)) })
      else if (where !== undefined) await vectors.delete(definition, { filter: where })
    })
  }

  /** Closes the connection, if the store has opened it. Closing again does nothing. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #idsOf(
    layout: Layout,
    vectors: MilvusOperations["vectors"],
    filter: MilvusVectorFilter,
  ): Promise<ReadonlyArray<string | bigint>> {
    const where = restricted(filter, layout)
    if (where === undefined) return []
    const ids: Array<string | bigint> = []
    const outputFields = [layout.key]
    const { consistency } = this.#options
    for await (const { rows } of vectors.queryBatches(layout.definition, where, { outputFields, consistency })) {
      // Cast: primary keys are integers or texts.
      for (const row of rows) ids.push(row[layout.key] as string | bigint)
    }
    return ids
  }

  /** Reads rows and writes them with an update. Returns their number. */
  async #update(
    layout: Layout,
    vectors: MilvusOperations["vectors"],
    ids: ReadonlyArray<string | bigint>,
    update: UpdateVectorParams["update"],
  ): Promise<number> {
    const { rows } = await vectors.get(layout.definition, ids, { consistency: this.#options.consistency })
    const changed = [...rows].map((row, at) => changedRow(layout, row, update, at))
    if (changed.length > 0) await vectors.upsert(layout.definition, changed)
    return changed.length
  }

  /** Makes a call. If it fails, the collection is looked up again by the next call: it may have been replaced. */
  async #use<A>(
    name: string,
    call: (layout: Known, vectors: MilvusOperations["vectors"]) => Promise<A>,
  ): Promise<A> {
    try {
      let known = this.#known.get(name)
      if (known === undefined) this.#known.set(name, known = this.#read(name))
      return await call(await known, (await this.#connection.get()).vectors)
    } catch (error) {
      this.#known.delete(name)
      throw error
    }
  }

  async #read(name: string): Promise<Known> {
    const { collection, index } = await this.#connection.get()
    const layout = layoutOf(await collection.fromServer(name), names)
    const [found] = await index.describe(name, layout.vector)
    const { state } = await collection.loadState(name)
    if (state !== "Loaded") await collection.load(name)
    return { ...layout, metric: found?.metric }
  }
}

// Cast: the field has dense vectors, which are read as lists of numbers.
const vectorIn = ({ vector }: Layout, row: Readonly<Record<string, unknown>>): Array<number> =>
  Array.from(row[vector] as ArrayLike<number>)

/** Translates a filter that must not match every row. Returns `undefined` if it matches none. */
const restricted = (filter: MilvusVectorFilter, layout: Layout): Filter | undefined => {
  const where = translateFilter(filter, layout.find)
  if (where === true) throw paramError("filter", "at least one condition", "an empty filter")
  return where === false ? undefined : where
}

/** Refuses parameters that have no effect, and a blank name of an index. */
const checkParams = (params: DescribeIndexParams, others: ReadonlyArray<string>): void => {
  checkNames("params", params, ["indexName", ...others])
  checkName("indexName", params.indexName ?? null)
}

/** Checks the options of a store, apart from those of the connection. Returns them. */
const checkStore = (options: MilvusVectorOptions): MilvusVectorOptions => {
  checkNames("options", options, ["id", "milvus", "index", "consistency"])
  checkName("options.id", options.id ?? null)
  const { index } = options
  if (index !== undefined && typeof index !== "function") throw paramError("options.index", "a function", index)
  checkConsistency(options.consistency)
  return options
}
