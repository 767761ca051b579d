/** The options of the vector store of LangChain.js, and their checks. */
import type { EmbeddingsInterface } from "@langchain/core/embeddings"
import type { DocumentInterface } from "@langchain/core/documents"
import * as Result from "effect/Result"
import {
  checkConsistency,
  checkLimit,
  checkList,
  checkName,
  checkNames,
  checkObject,
  type StoreConsistency,
} from "../adapters/checkArguments.ts"
import type { MetadataFilter } from "../adapters/metadataTypes.ts"
import type { ConnectionSource } from "../adapters/ownConnection.ts"
import { paramError } from "../config/params.ts"
import type { Filter } from "../filter/Filter.ts"
import type { CollectionDefinition } from "../operations/Collection.ts"
import type { SearchOptions } from "../operations/Vectors.ts"
import type { AbortOptions } from "../promise.ts"
import { checkIndex } from "../schema/indexChecks.ts"
import type * as Index from "../schema/indexes.ts"

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
   * The index of a collection that the store creates by its name. Not with a definition, which has indexes of its own.
   *
   * @default `Index.auto({ metric: "COSINE" })`
   */
  readonly index?: Index.Index | undefined
  /**
   * Consistency level of searches. Default: that of the collection, which is `"Session"` in a collection that the store
   * creates by its name: a store finds what it has written before.
   */
  readonly consistency?: StoreConsistency | undefined
  /** Search parameters of the index, such as `{ ef: 64 }`. */
  readonly searchParams?: SearchOptions["params"]
}

/** Options for adding documents. */
export interface AddOptions extends AbortOptions {
  /**
   * Ids of the documents, in their order. Default: the `id` of each document, or a random one if it has none. Refused
   * in a collection whose keys Milvus generates.
   */
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

const optionNames: ReadonlyArray<string> = Object.keys(
  {
    milvus: 0,
    collection: 0,
    textField: 0,
    vectorField: 0,
    metadataField: 0,
    index: 0,
    consistency: 0,
    searchParams: 0,
  } satisfies Record<keyof MilvusVectorStoreOptions, 0>,
)

/** Checks the arguments of the constructor, apart from those of the connection. Returns the options. */
export const checkStore = (embeddings: EmbeddingsInterface, options: MilvusVectorStoreOptions) => {
  if (typeof embeddings?.embedQuery !== "function" || typeof embeddings.embedDocuments !== "function") {
    throw paramError("embeddings", "embeddings of LangChain.js", embeddings)
  }
  checkNames("options", options, optionNames)
  const { collection, index, searchParams } = options
  if (typeof collection === "object" && collection !== null) {
    checkObject("options.collection.fields", collection.fields)
    checkObject("options.collection.options", collection.options)
    if (index !== undefined) throw paramError("options.index", "no index: the definition has indexes of its own")
    checkName("options.collection.name", collection.name)
  } else checkName("options.collection", collection ?? null)
  for (const name of ["textField", "vectorField", "metadataField"] as const) checkName(`options.${name}`, options[name])
  if (index !== undefined) Result.getOrThrow(checkIndex(options.vectorField ?? "vector", index))
  if (searchParams !== undefined) checkObject("options.searchParams", searchParams)
  checkConsistency(options.consistency)
  return options
}

const selectorNames: ReadonlyArray<string> = ["k", "inputKeys", "exampleKeys"]

/** Leaves out the options that an example selector of LangChain.js has for itself, and gives to a store as well. */
export const withoutSelector = (options: MilvusVectorStoreOptions): MilvusVectorStoreOptions =>
  typeof options !== "object" || options === null
    ? options
    // Cast: the options of a store are left.
    : Object.fromEntries(
      Object.entries(options).filter(([name]) => !selectorNames.includes(name)),
    ) as unknown as MilvusVectorStoreOptions

/** Checks documents to add. */
export const checkDocuments = (documents: ReadonlyArray<DocumentInterface>): void => {
  checkList("documents", documents, "a list of documents")
  for (const [at, document] of documents.entries()) {
    checkObject(`documents[${at}]`, document)
    if (typeof document.pageContent !== "string") {
      throw paramError(`documents[${at}].pageContent`, "text", document.pageContent)
    }
    checkObject(`documents[${at}].metadata`, document.metadata)
  }
}

/** Checks the options of a search for documents that differ from one another. */
export const checkRelevance = ({ k, fetchK, lambda }: Readonly<Record<"k" | "fetchK" | "lambda", unknown>>): void => {
  checkLimit("options.k", k)
  // Cast: it is a number now.
  if (fetchK !== undefined) checkLimit("options.fetchK", fetchK, k as number)
  const isFraction = typeof lambda === "number" && lambda >= 0 && lambda <= 1
  if (lambda !== undefined && !isFraction) throw paramError("options.lambda", "a number from 0 to 1", lambda)
}

/** Refuses fields of a retriever that LangChain.js would ignore. */
export const checkRetriever = (fields: object, others: Readonly<Record<string, unknown>>): void => {
  checkNames("fields", fields, retrieverNames)
  // Cast: the names are checked.
  const { k, searchType = "similarity", searchKwargs } = fields as Readonly<Record<string, unknown>>
  if (k !== undefined) checkLimit("fields.k", k)
  if (searchType !== "similarity" && searchType !== "mmr") {
    throw paramError("fields.searchType", "similarity or mmr", searchType)
  }
  if (searchKwargs !== undefined) {
    if (searchType !== "mmr") throw paramError("fields.searchKwargs", 'searchType "mmr", which has these')
    checkNames("fields.searchKwargs", searchKwargs, ["fetchK", "lambda"])
  }
  const other = Object.keys(others).find((name) => others[name] !== undefined)
  if (other !== undefined) throw paramError(other, `no argument beside the fields, which have \`${other}\``)
}

const retrieverNames = ["k", "filter", "searchType", "searchKwargs", "tags", "metadata", "verbose", "callbacks"]
