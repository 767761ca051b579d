/** The types of documents and of retrievers, which are public as members of `Retriever`. */
import type * as Effect from "effect/Effect"
import type * as AiError from "effect/ai/AiError"
import type { Filter } from "../filter/Filter.ts"
import type { DataError } from "../operations/rows/read.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { CollectionDefinition, DynamicRow } from "../schema/definition.ts"
import type { OutputField } from "../schema/selection.ts"
import type { EmbeddingError } from "./errors.ts"

/** A document that a retriever found. */
export interface Document<Row = DynamicRow> {
  /** The primary key of its row. */
  readonly id: bigint | string
  /** Its text. */
  readonly text: string
  /** Score of the search, by the metric of the index; of the ranking, for hybrid retrieval; or of the reranker. */
  readonly score: number
  /** The output fields of its row, and the primary key. */
  readonly row: Row
}

/** Options of one question. */
export interface RetrieveOptions {
  /** Maximum number of documents. Default: that of the retriever. */
  readonly limit?: number | undefined
  /** Finds only rows that match the filter. Default: that of the retriever. */
  readonly filter?: Filter | string | undefined
}

/** Errors that a retriever fails with. An `AiError` is one of a reranker. */
export type RetrieveError = DataError | EmbeddingError | AiError.AiError

/** Finds documents. */
export interface Retriever<Row = DynamicRow> {
  /** Returns the documents for a question, the best one first. */
  readonly retrieve: (
    query: string,
    options?: RetrieveOptions,
  ) => Effect.Effect<ReadonlyArray<Document<Row>>, RetrieveError>
}

/** Options of every retriever. */
export interface RetrieverOptions<
  D extends CollectionDefinition = AnyDefinition,
  O extends ReadonlyArray<OutputField<D>> = ReadonlyArray<OutputField<D>>,
> {
  /**
   * Maximum number of documents.
   *
   * @default 4
   */
  readonly limit?: number | undefined
  /** Finds only rows that match the filter, unless the question has another one. */
  readonly filter?: Filter | string | undefined
  /** Fields of `row`, in addition to the primary key. */
  readonly outputFields?: O | undefined
}

/** Options for the choice of documents that are not near to one another. */
export interface Diversity {
  /**
   * Weight of the nearness to the question, from 0 to 1.
   *
   * @default 0.5
   */
  readonly lambda?: number | undefined
  /**
   * Number of documents from which they are chosen, if it is more than the number to choose.
   *
   * @default Five times the number of documents, at most 16,384
   */
  readonly candidates?: number | undefined
}
