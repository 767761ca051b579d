/** The vector store of LangChain.js. */
import { Document, type DocumentInterface } from "@langchain/core/documents"
import type { EmbeddingsInterface } from "@langchain/core/embeddings"
import { maximalMarginalRelevance } from "@langchain/core/utils/math"
import { type MaxMarginalRelevanceSearchOptions, VectorStore } from "@langchain/core/vectorstores"
import {
  type Entry,
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
import { type Filter, isFilter } from "../filter/Filter.ts"
import type { AnyDefinition, CollectionDefinition, ConsistencyLevel } from "../operations/Collection.ts"
import type { SearchOptions } from "../operations/Vectors.ts"
import type { AbortOptions } from "../promise.ts"
import * as Index from "../schema/indexes.ts"

/** Options for {@linkcode MilvusVectorStore}. */
export interface MilvusVectorStoreOptions {
  /**
   * A connection, or a view of one, which stays open when the store is closed. Or the parameters of a connection, such
   * as its address, or the path of a local database; the store opens it at its first use, and closes it.
   */
  readonly milvus: ConnectionSource
  /**
   * The collection. One that is given by its definition is created, or compared with it, before the first write. One
   * that is given by its name is created before the first write if it does not exist, with the fields `id`, `text`,
   * `metadata` (JSON) and `vector`.
   */
  readonly collection: string | CollectionDefinition
  /**
   * The field of the text of documents.
   *
   * @default "text"
   */
  readonly textField?: string | undefined
  /** The vector field. Default: the only one with dense vectors; in a collection that the store creates, `vector`. */
  readonly vectorField?: string | undefined
  /**
   * The JSON field of the metadata. Default: `metadata`, if the collection has such a field. Otherwise each key of the
   * metadata is a field of that name, or a dynamic key.
   */
  readonly metadataField?: string | undefined
  /**
   * The index of a collection that the store creates by its name.
   *
   * @default `Index.auto({ metric: "COSINE" })`
   */
  readonly index?: Index.Index | undefined
  /**
   * Consistency level of searches. Default: that of the collection, which is `"Session"` in a collection that the store
   * creates by its name: a store finds what it has written before.
   */
  readonly consistency?: ConsistencyLevel | undefined
  /** Search parameters of the index, such as `{ ef: 64 }`. */
  readonly searchParams?: SearchOptions["params"]
}

/** Options for adding documents. */
export interface AddOptions extends AbortOptions {
  /** Ids of the documents, in their order. Default: the `id` of each document, or a random one if it has none. */
  readonly ids?: ReadonlyArray<string> | undefined
}

/** Selects the documents to delete, by their ids or by a filter. */
export type DeleteSelection =
  & AbortOptions
  & (
    | {
      /** The ids. An empty list deletes nothing. */
      readonly ids: ReadonlyArray<string>
      /** Not with `ids`. */
      readonly filter?: undefined
    }
    | {
      /** The filter, which must have a condition. */
      readonly filter: MetadataFilter | Filter
      /** Not with `filter`. */
      readonly ids?: undefined
    }
  )

/**
 * Documents in a collection of Milvus, as a vector store of LangChain.js.
 *
 * The collection is looked up, created or loaded once, at the first use. Writing does not flush. Scores are those of
 * the metric of the index: with `COSINE` and `IP` greater is nearer, with `L2` smaller.
 *
 * A filter is an object such as `{ year: { $gte: 1900 }, source: "a.md" }`, or one that is made by `filter` or `where`.
 * Its values never become syntax. Text is refused.
 *
 * Every method rejects with the errors of the operations that it makes: a `CodecError` for a value that does not fit,
 * and a `ParamError` for a collection without the fields that are needed.
 *
 * @example
 * ```ts ignore
 * import { MilvusVectorStore } from "@effect-milvus/client/langchain"
 *
 * await using store = await MilvusVectorStore.fromDocuments(documents, embeddings, {
 *   milvus: "localhost:19530",
 *   collection: "articles",
 * })
 * const found = await store.similaritySearch("how to cook rice", 3, { lang: "en" })
 * ```
 */
export class MilvusVectorStore extends VectorStore implements AsyncDisposable {
  /** A filter on metadata, or one of this library. */
  declare FilterType: MetadataFilter | Filter
  readonly #connection: OwnConnection
  readonly #options: MilvusVectorStoreOptions
  #written: Promise<Layout> | undefined
  #read: Promise<Layout> | undefined

  /** Makes a store. It connects at its first use. */
  constructor(embeddings: EmbeddingsInterface, options: MilvusVectorStoreOptions) {
    // The base class keeps its argument in a public property, and the options may have a token.
    super(embeddings, {})
    this.#connection = new OwnConnection(options.milvus)
    this.#options = options
  }

  /** Returns `"milvus"`. */
  override _vectorstoreType(): string {
    return "milvus"
  }

  /** Embeds texts, and makes a store with them. `metadatas` is one object for all, or one for each. */
  static override fromTexts(
    texts: Array<string>,
    metadatas: Array<object> | object,
    embeddings: EmbeddingsInterface,
    options: MilvusVectorStoreOptions,
  ): Promise<MilvusVectorStore> {
    if (Array.isArray(metadatas) && metadatas.length !== texts.length) {
      return Promise.reject(paramError("metadatas", "one object for each text", metadatas.length))
    }
    const documents = texts.map((pageContent, at) =>
      new Document({ pageContent, metadata: { ...Array.isArray(metadatas) ? metadatas[at] : metadatas } })
    )
    return MilvusVectorStore.fromDocuments(documents, embeddings, options)
  }

  /** Embeds documents, and makes a store with them. If that fails, a connection of the store is closed. */
  static override async fromDocuments(
    documents: Array<DocumentInterface>,
    embeddings: EmbeddingsInterface,
    options: MilvusVectorStoreOptions,
  ): Promise<MilvusVectorStore> {
    return await opened(new MilvusVectorStore(embeddings, options), (store) => store.addDocuments(documents))
  }

  /**
   * Makes a store for a collection that exists, and loads it if it is not loaded. Rejects with a `ServerError` of code
   * 100 if it does not exist, and with a `ParamError` if it does not have the fields that the store needs.
   */
  static async fromExistingCollection(
    embeddings: EmbeddingsInterface,
    options: MilvusVectorStoreOptions,
  ): Promise<MilvusVectorStore> {
    return await opened(new MilvusVectorStore(embeddings, options), (store) => store.#reading())
  }

  /** Embeds documents and adds them, as {@linkcode MilvusVectorStore.addVectors} does. Returns their ids. */
  override async addDocuments(documents: Array<DocumentInterface>, options: AddOptions = {}): Promise<Array<string>> {
    if (documents.length === 0) return []
    const vectors = await this.embeddings.embedDocuments(documents.map(({ pageContent }) => pageContent))
    return await this.addVectors(vectors, documents, options)
  }

  /**
   * Adds documents with their vectors, and returns their ids. A document with an id replaces one of the same id.
   * Creates the collection if it does not exist.
   *
   * Documents that exceed the size of a request are sent in several. If one of these fails after others were
   * acknowledged, it rejects with a `PartialWrite`.
   */
  override async addVectors(
    vectors: Array<Array<number>>,
    documents: Array<DocumentInterface>,
    options: AddOptions = {},
  ): Promise<Array<string>> {
    checkNames("options", options, ["ids", "signal"])
    const { ids, signal } = options
    if (vectors.length !== documents.length) throw paramError("vectors", "one vector for each document", vectors.length)
    if (ids !== undefined && ids.length !== documents.length) {
      throw paramError("ids", "one id for each document", ids.length)
    }
    if (documents.length === 0) return []
    const layout = await this.#writing(vectors[0]?.length ?? 0)
    const given = documents.map((document, at) => ids?.[at] ?? document.id)
    const named = given.filter((id) => id !== undefined)
    if (new Set(named).size < named.length) throw paramError("ids", "ids that differ from one another")
    const rows = documents.map(({ pageContent, metadata }, at) => {
      const id = given[at] ?? (hasAutoId(layout) ? undefined : crypto.randomUUID())
      const entry: Entry = { id, text: pageContent, vector: vectors[at] ?? [], metadata }
      return rowOf(layout, entry, at)
    })
    const { vectors: operations } = await this.#connection.get()
    const write = named.length > 0 ? operations.upsert : operations.insert
    const written = await write(layout.definition, rows, { signal })
    return Array.from(written.ids, String)
  }

  /** Deletes documents by their ids, or those that match a filter. Resolves when the server has acknowledged it. */
  override async delete(selection?: DeleteSelection): Promise<void> {
    if (selection === undefined) throw paramError("selection", "ids or a filter")
    checkNames("selection", selection, ["ids", "filter", "signal"])
    const { ids, filter, signal } = selection
    if ((ids === undefined) === (filter === undefined)) throw paramError("selection", "either ids or a filter")
    const layout = await this.#reading()
    const { vectors } = await this.#connection.get()
    if (ids !== undefined) {
      await vectors.delete(layout.definition, { ids: ids.map((id, at) => keyOf(layout, id, at)) }, { signal })
      return
    }
    const where = this.#filter(layout, filter)
    if (where === true) {
      throw paramError("filter", "at least one condition; to delete all documents, drop the collection")
    }
    if (where !== false) await vectors.delete(layout.definition, { filter: where }, { signal })
  }

  /** Returns the documents nearest to a vector, with their scores. */
  override async similaritySearchVectorWithScore(
    query: Array<number>,
    k: number,
    filter?: this["FilterType"],
  ): Promise<Array<[Document, number]>> {
    const layout = await this.#reading()
    const hits = await this.#search(layout, query, k, filter, [])
    return hits.map(({ id, score, row }) => [documentOf(layout, id, row), score])
  }

  /** Returns the documents nearest to a vector. */
  async similaritySearchByVector(
    query: Array<number>,
    k = 4,
    filter?: this["FilterType"],
  ): Promise<Array<Document>> {
    return (await this.similaritySearchVectorWithScore(query, k, filter)).map(([document]) => document)
  }

  /**
   * Returns documents that are near to a text, and differ from one another: of the `fetchK` nearest (20 by default)
   * those with the greatest marginal relevance. `lambda` is from 0, which prefers documents that differ, to 1, which
   * prefers those that are near; 0.5 by default.
   */
  override async maxMarginalRelevanceSearch(
    query: string,
    options: MaxMarginalRelevanceSearchOptions<this["FilterType"]>,
  ): Promise<Array<Document>> {
    const { k, fetchK = 20, lambda = 0.5, filter } = options
    const vector = await this.embeddings.embedQuery(query)
    const layout = await this.#reading()
    const hits = await this.#search(layout, vector, Math.max(k, fetchK), filter, [layout.vector])
    // Cast: the field has dense vectors, which are read as lists of numbers.
    const candidates = hits.map(({ row }) => Array.from(row[layout.vector] as ArrayLike<number>))
    return maximalMarginalRelevance(vector, candidates, lambda, k).map((at) => {
      const { id, row } = hits[at]!
      return documentOf(layout, id, row)
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

  async #search(
    layout: Layout,
    query: Array<number>,
    limit: number,
    given: this["FilterType"] | undefined,
    outputs: ReadonlyArray<string>,
  ): Promise<ReadonlyArray<Found>> {
    const { consistency, searchParams } = this.#options
    const filter = this.#filter(layout, given)
    if (filter === false) return []
    const { vectors } = await this.#connection.get()
    const found = await vectors.search(layout.definition, [query], {
      field: layout.vector,
      limit,
      outputFields: [...layout.outputs, ...outputs],
      filter: filter === true ? undefined : filter,
      consistency,
      params: searchParams,
    })
    return found.hits().toArray()
  }

  #filter(layout: Layout, given: unknown): Filter | boolean {
    if (typeof given === "string") {
      throw paramError("filter", "an object with conditions, or a filter made by `filter` or `where`", "text")
    }
    // Cast: the value is checked while it is translated.
    return isFilter(given) ? given : translateFilter(given as MetadataFilter | undefined, layout.find)
  }

  /** Returns the fields of the collection, which must exist. */
  #reading(): Promise<Layout> {
    this.#read ??= this.#find().catch((error) => {
      this.#read = undefined
      throw error
    })
    return this.#read
  }

  /** Returns the fields of the collection, which is created if it does not exist. */
  #writing(dimension: number): Promise<Layout> {
    this.#written ??= this.#create(dimension).catch((error) => {
      this.#written = undefined
      throw error
    })
    return this.#written
  }

  async #find(): Promise<Layout> {
    const { collection } = await this.#connection.get()
    const { collection: given } = this.#options
    const layout = this.#layout(
      typeof given === "string" ? await collection.fromServer(given) : given as AnyDefinition,
    )
    const { state } = await collection.loadState(layout.definition)
    if (state !== "Loaded") await collection.load(layout.definition)
    return layout
  }

  async #create(dimension: number): Promise<Layout> {
    const { collection } = await this.#connection.get()
    const { collection: given } = this.#options
    if (typeof given === "string" && await collection.has(given)) return await this.#reading()
    const { index = Index.auto({ metric: "COSINE" }) } = this.#options
    const definition = typeof given === "string"
      ? makeDefinition(given, dimension, this.#names(), index, "Session")
      : given as AnyDefinition
    const layout = this.#layout(definition)
    await collection.create(definition)
    this.#read = Promise.resolve(layout)
    return layout
  }

  #names() {
    const { textField = "text", vectorField, metadataField } = this.#options
    return { text: textField, vector: vectorField, metadata: metadataField }
  }

  #layout(definition: AnyDefinition): Layout {
    return layoutOf(definition, this.#names())
  }
}

/** A hit of a search. */
interface Found {
  readonly id: bigint | string
  readonly score: number
  readonly row: Readonly<Record<string, unknown>>
}

const documentOf = (layout: Layout, id: bigint | string, row: Readonly<Record<string, unknown>>): Document =>
  new Document({
    id: String(id),
    pageContent: String(row[layout.text ?? ""] ?? ""),
    metadata: metadataIn(layout, row),
  })

/** Runs the first use of a store. If it fails, the store is closed. */
const opened = async (store: MilvusVectorStore, use: (store: MilvusVectorStore) => Promise<unknown>) => {
  try {
    await use(store)
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Refuses options that have no effect. */
const checkNames = (parameter: string, given: object, names: ReadonlyArray<string>): void => {
  const unknown = Object.keys(given).find((name) => !names.includes(name))
  if (unknown !== undefined) throw paramError(`${parameter}.${unknown}`, `one of ${names.join(", ")}`)
}
