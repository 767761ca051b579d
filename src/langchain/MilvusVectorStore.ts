/** The vector store of LangChain.js. */
import type { Callbacks } from "@langchain/core/callbacks/manager"
import { Document, type DocumentInterface } from "@langchain/core/documents"
import type { EmbeddingsInterface } from "@langchain/core/embeddings"
import { maximalMarginalRelevance } from "@langchain/core/utils/math"
import {
  type MaxMarginalRelevanceSearchOptions,
  VectorStore,
  type VectorStoreRetriever,
} from "@langchain/core/vectorstores"
import {
  type Entry,
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
import { checkIds, checkLimit, checkList, checkNames, checkObject, checkVector } from "../adapters/checkArguments.ts"
import { OwnConnection } from "../adapters/ownConnection.ts"
import { paramError } from "../config/params.ts"
import { type Filter, isFilter } from "../filter/Filter.ts"
import type { AnyDefinition } from "../operations/Collection.ts"
import type { MilvusOperations } from "../promise.ts"
import * as Index from "../schema/indexes.ts"
import {
  type AddOptions,
  checkDocuments,
  checkRelevance,
  checkRetriever,
  checkStore,
  type DeleteSelection,
  type MilvusVectorStoreOptions,
  withoutSelector,
} from "./options.ts"

export type { AddOptions, DeleteSelection, MilvusVectorStoreOptions }

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

  /** Makes a store, which connects at its first use. Throws `ParamError` for an option that is unknown or wrong. */
  constructor(embeddings: EmbeddingsInterface, options: MilvusVectorStoreOptions) {
    // The base class keeps its argument in a public property, and the options may have a token.
    super(embeddings, {})
    this.#options = checkStore(embeddings, options)
    this.#connection = new OwnConnection(options.milvus)
  }

  /** Returns `"milvus"`. */
  override _vectorstoreType(): string {
    return "milvus"
  }

  /** Embeds texts, and makes a store with them. `metadatas` is one object for all, or one for each. */
  static override async fromTexts(
    texts: Array<string>,
    metadatas: Array<object> | object,
    embeddings: EmbeddingsInterface,
    options: MilvusVectorStoreOptions,
  ): Promise<MilvusVectorStore> {
    checkList("texts", texts, "a list of texts")
    if (Array.isArray(metadatas)) {
      checkList("metadatas", metadatas, "one object for each text", texts.length)
      metadatas.forEach((metadata, at) => checkObject(`metadatas[${at}]`, metadata))
    } else checkObject("metadatas", metadatas)
    const documents = texts.map((pageContent, at) => ({
      pageContent,
      metadata: { ...Array.isArray(metadatas) ? metadatas[at] : metadatas },
    }))
    return await MilvusVectorStore.fromDocuments(documents, embeddings, withoutSelector(options))
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
    return await opened(
      new MilvusVectorStore(embeddings, options),
      (store) => store.#use(store.#reading(), () => Promise.resolve()),
    )
  }

  /** Embeds documents and adds them, as {@linkcode MilvusVectorStore.addVectors} does. Returns their ids. */
  override async addDocuments(documents: Array<DocumentInterface>, options: AddOptions = {}): Promise<Array<string>> {
    checkAdding(documents, options)
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
    checkAdding(documents, options)
    checkList("vectors", vectors, "one vector for each document", documents.length)
    vectors.forEach((vector, at) => checkVector(`vectors[${at}]`, vector))
    if (documents.length === 0) return []
    const ids = documents.map(({ id }, at) => options.ids?.[at] ?? id)
    return await this.#use(this.#writing(vectors[0]?.length ?? 0), async (layout, operations) => {
      const isGenerated = hasAutoId(layout)
      const isNamed = ids.some((id) => id !== undefined)
      if (isNamed && isGenerated) throw paramError("ids", generatedIds(layout))
      const rows = documents.map(({ pageContent, metadata }, at) => {
        const id = ids[at] ?? (isGenerated ? undefined : crypto.randomUUID())
        const entry: Entry = { id, text: pageContent, vector: vectors[at] ?? [], metadata }
        return rowOf(layout, entry, at)
      })
      const write = isNamed ? operations.upsert : operations.insert
      return Array.from((await write(layout.definition, rows, { signal: options.signal })).ids, String)
    })
  }

  /** Deletes documents by their ids, or those that match a filter. Resolves when the server has acknowledged it. */
  override async delete(selection?: DeleteSelection): Promise<void> {
    if (selection === undefined) throw paramError("selection", "ids or a filter")
    checkNames("selection", selection, ["ids", "filter", "signal"])
    const { ids, filter, signal } = selection
    if ((ids === undefined) === (filter === undefined)) throw paramError("selection", "either ids or a filter")
    if (ids !== undefined) {
      checkList("selection.ids", ids, "a list of ids")
      await this.#use(this.#reading(), (layout, vectors) => {
        const keys = ids.map((id, at) => keyOf(layout, id, at))
        return vectors.delete(layout.definition, { ids: keys }, { signal })
      })
      return
    }
    await this.#use(this.#reading(), async (layout, vectors) => {
      const where = this.#filter(layout, filter)
      if (where === true) {
        throw paramError("filter", "at least one condition; to delete all documents, drop the collection")
      }
      if (where !== false) await vectors.delete(layout.definition, { filter: where }, { signal })
    })
  }

  /** Returns the documents nearest to a vector, with their scores. */
  override async similaritySearchVectorWithScore(
    query: Array<number>,
    k: number,
    filter?: this["FilterType"],
  ): Promise<Array<[Document, number]>> {
    checkLimit("k", k)
    const { layout, hits } = await this.#search(query, k, filter)
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
   * Returns documents that are near to a text, and differ from one another: of the `fetchK` nearest those with the
   * greatest marginal relevance. `fetchK` is at least `k`; by default it is 20, or `k` if that is more. `lambda` is
   * from 0, which prefers documents that differ, to 1, which prefers those that are near; 0.5 by default.
   */
  override async maxMarginalRelevanceSearch(
    query: string,
    options: MaxMarginalRelevanceSearchOptions<this["FilterType"]>,
  ): Promise<Array<Document>> {
    checkNames("options", options, ["k", "fetchK", "lambda", "filter"])
    const { k, fetchK, lambda, filter } = options
    checkRelevance({ k, fetchK, lambda })
    const vector = await this.embeddings.embedQuery(query)
    const { layout, hits } = await this.#search(vector, fetchK ?? Math.max(k, 20), filter, true)
    // Cast: the field has dense vectors, which are read as lists of numbers.
    const candidates = hits.map(({ row }) => Array.from(row[layout.vector] as ArrayLike<number>))
    return maximalMarginalRelevance(vector, candidates, lambda, k).map((at) => {
      const { id, row } = hits[at]!
      return documentOf(layout, id, row)
    })
  }

  /**
   * Makes a retriever. Throws `ParamError` for a field that is unknown, and for other arguments beside an object of
   * fields.
   */
  override asRetriever(
    fields: Parameters<VectorStore["asRetriever"]>[0] = 4,
    filter?: this["FilterType"],
    callbacks?: Callbacks,
    tags?: Array<string>,
    metadata?: Record<string, unknown>,
    verbose?: boolean,
  ): VectorStoreRetriever<this> {
    if (typeof fields === "number") checkLimit("k", fields)
    else checkRetriever(fields, { filter, callbacks, tags, metadata, verbose })
    // Cast: the fields of the base class are those of any store.
    return super.asRetriever(fields as number, filter, callbacks, tags, metadata, verbose)
  }

  /** Closes the connection, if the store has opened it. Closing again does nothing. */
  close(): Promise<void> {
    return this.#connection.close()
  }

  /** Closes the store. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #search(query: Array<number>, limit: number, given: this["FilterType"] | undefined, withVector = false) {
    checkVector("query", query)
    return await this.#use(this.#reading(), async (layout, vectors) => {
      const { consistency, searchParams } = this.#options
      const filter = this.#filter(layout, given)
      if (filter === false) return { layout, hits: [] }
      const found = await vectors.search(layout.definition, [query], {
        field: layout.vector,
        limit,
        outputFields: withVector ? [...layout.outputs, layout.vector] : layout.outputs,
        filter: filter === true ? undefined : filter,
        consistency,
        params: searchParams,
      })
      return { layout, hits: found.hits().toArray() }
    })
  }

  /** Makes a call. If it fails, the collection is looked up again by the next call: it may have been replaced. */
  async #use<A>(
    looking: Promise<Layout>,
    call: (layout: Layout, vectors: MilvusOperations["vectors"]) => Promise<A>,
  ): Promise<A> {
    try {
      return await call(await looking, (await this.#connection.get()).vectors)
    } catch (error) {
      this.#read = this.#written = undefined
      throw error
    }
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
    return this.#read ??= this.#find()
  }

  /** Returns the fields of the collection, which is created if it does not exist. */
  #writing(dimension: number): Promise<Layout> {
    return this.#written ??= this.#create(dimension)
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

/** Refuses wrong arguments of methods that add documents. */
const checkAdding = (documents: ReadonlyArray<DocumentInterface>, options: AddOptions): void => {
  checkNames("options", options, ["ids", "signal"])
  checkDocuments(documents)
  const { ids } = options
  if (ids !== undefined) {
    checkList("ids", ids, "one id for each document", documents.length)
    checkIds(ids)
  } else checkIds(documents.flatMap(({ id }) => id ?? []))
}
