/**
 * Retrievers: from a question to the documents that may answer it, the best one first.
 *
 * A retriever is a value, and the service {@linkcode Retriever} of a program with one. {@linkcode dense} searches by
 * vectors that the `EmbeddingModel` of Effect makes, {@linkcode fullText} by the words of the question (a BM25 function
 * of the collection), and {@linkcode hybrid} by both. {@linkcode rerank} orders the documents of another retriever.
 *
 * @example
 * ```ts
 * import { Collection, Field, Index } from "@effect-milvus/client"
 * import { Retriever } from "@effect-milvus/client/ai"
 * import * as Effect from "effect/Effect"
 *
 * const Notes = Collection.define("notes", {
 *   id: Field.int64({ primaryKey: true }),
 *   text: Field.varChar({ maxLength: 2000 }),
 *   vector: Field.floatVector({ dimension: 384 }),
 * }, { indexes: { vector: Index.auto({ metric: "COSINE" }) } })
 *
 * export const layer = Retriever.layerDense(Notes, { vector: "text" }, { limit: 3 })
 *
 * export const program = Effect.gen(function* () {
 *   const retriever = yield* Retriever.Retriever
 *   for (const { text, score } of yield* retriever.retrieve("Do I need an umbrella?")) console.log(score, text)
 * })
 * ```
 *
 * @module
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as AiError from "effect/ai/AiError"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"
import type * as Connection from "../Connection.ts"
import type { ParamError } from "../errors.ts"
import type { FieldSearchOptions } from "../operations/rows/buildSearch.ts"
import { accepted, tryEncode } from "../operations/rows/read.ts"
import type { HybridOptions } from "../operations/rows/runSearch.ts"
import { checkCount, checkRecord } from "../operations/shared/options.ts"
import * as Vectors from "../operations/Vectors.ts"
import type { CollectionDefinition, DynamicRow } from "../schema/definition.ts"
import type { Exact } from "../schema/fieldOptions.ts"
import type { OutputField, Selected } from "../schema/selection.ts"
import { invalidOutput } from "./embed.ts"
import type {
  Diversity,
  Document,
  RetrieveError,
  RetrieveOptions,
  Retriever as AnyRetriever,
  RetrieverOptions,
} from "./documents.ts"
import { anyOf, candidatesOf, checkRetriever, limitOf, makeRetriever, termsOf, vectorParts } from "./retrieve.ts"
import type * as Texts from "./Texts.ts"

export type { Diversity, Document, RetrieveError, RetrieveOptions, RetrieverOptions }

/** Finds documents. */
export type Retriever<Row = DynamicRow> = AnyRetriever<Row>

/** The retriever of a program that has one. */
export const Retriever: Context.Service<Retriever, Retriever> = Context.Service<Retriever>(
  "@effect-milvus/client/ai/Retriever",
)

/** Options of a retriever that searches vectors. */
export interface VectorRetrieverOptions {
  /** Parameters of the search of vectors, such as `{ ef: 64 }`. */
  readonly params?: FieldSearchOptions["params"]
  /**
   * Chooses documents that are near to the question, and not near to one another, by
   * `Relevance.maximalMarginalRelevance`. They are in the order of their choice.
   */
  readonly diversity?: Diversity | undefined
}

/** Options of a retriever that searches words. */
export interface FullTextOptions {
  /** The field that the BM25 function computes; required if the collection has several. */
  readonly terms?: string | undefined
}

/** Options of a retriever that searches vectors and words. */
export interface HybridRetrieverOptions extends VectorRetrieverOptions, FullTextOptions {
  /**
   * Ranking of the hits of vectors and of words, in this order.
   *
   * @default { strategy: "rrf", k: 60 } (reciprocal rank fusion)
   */
  readonly rerank?: HybridOptions["rerank"]
}

/** The services of a retriever that embeds the question. */
export type Embedding = Connection.Connection | EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions

/**
 * Makes a retriever that finds the texts with the nearest meaning. `embeds` names one vector field and its text field,
 * as for `Texts.make`, and it fails as that does.
 */
export const dense = <
  const D extends CollectionDefinition,
  const E extends Texts.Embeds<D>,
  const O extends ReadonlyArray<OutputField<D>> = [],
>(
  collection: D,
  embeds: Exact<E, Texts.Embeds<D>>,
  options: RetrieverOptions<D, O> & VectorRetrieverOptions = {},
): Effect.Effect<Retriever<Selected<D, O>>, ParamError, Embedding> =>
  Effect.gen(function* () {
    const parts = yield* vectorParts(collection, embeds, options, [])
    const { field } = parts
    const { params } = options
    return yield* makeRetriever<Selected<D, O>>(parts, (query, search) =>
      Vectors.search(anyOf(collection), [query.vector], { ...search, field, params }))
  })

/**
 * Makes a retriever that finds the texts with the words of the question, by a BM25 function of the collection. Milvus
 * 2.5 and later. Fails with `ParamError` if the collection has no such function, or several and no `terms` among the
 * options.
 */
export const fullText = <
  const D extends CollectionDefinition,
  const O extends ReadonlyArray<OutputField<D>> = [],
>(
  collection: D,
  options: RetrieverOptions<D, O> & FullTextOptions = {},
): Effect.Effect<Retriever<Selected<D, O>>, ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* checkRetriever(options, ["terms"])
    const { terms, text } = yield* Effect.fromResult(termsOf(anyOf(collection), options.terms))
    return yield* makeRetriever<Selected<D, O>>({ ...options, text }, (query, search) =>
      Vectors.search(anyOf(collection), [query.text], { ...search, field: terms }))
  })

/**
 * Makes a retriever that finds texts by their meaning and by their words, and ranks both together. Milvus 2.5 and
 * later. Fails as {@linkcode dense} and {@linkcode fullText} do.
 */
export const hybrid = <
  const D extends CollectionDefinition,
  const E extends Texts.Embeds<D>,
  const O extends ReadonlyArray<OutputField<D>> = [],
>(
  collection: D,
  embeds: Exact<E, Texts.Embeds<D>>,
  options: RetrieverOptions<D, O> & HybridRetrieverOptions = {},
): Effect.Effect<Retriever<Selected<D, O>>, ParamError, Embedding> =>
  Effect.gen(function* () {
    const parts = yield* vectorParts(collection, embeds, options, ["terms", "rerank"])
    const { terms } = yield* Effect.fromResult(termsOf(anyOf(collection), options.terms))
    const { params, rerank } = options
    return yield* makeRetriever<Selected<D, O>>(parts, (query, { limit, filter, outputFields }) =>
      Vectors.hybridSearch(anyOf(collection), [
        { field: parts.field, data: [query.vector], limit, filter, params },
        { field: terms, data: [query.text], limit, filter },
      ], { limit, outputFields, rerank }))
  })

/** Options of {@linkcode rerank}. */
export interface RerankOptions<Row = DynamicRow> {
  /** Returns a score for each document, in their order. A larger one is better. */
  readonly score: (
    query: string,
    documents: ReadonlyArray<Document<Row>>,
  ) => Effect.Effect<ReadonlyArray<number>, AiError.AiError>
  /**
   * Maximum number of documents to return.
   *
   * @default 4
   */
  readonly limit?: number | undefined
  /**
   * Number of documents that the retriever finds for the reranker, if it is more than the number to return.
   *
   * @default Five times the number of documents to return, at most 16,384
   */
  readonly candidates?: number | undefined
}

/**
 * Returns a retriever that orders the documents of another one by the scores of a model, and returns the best.
 * Documents with equal scores keep their order. Fails with an `AiError` of reason `InvalidOutputError` if the model
 * does not return one number for each document.
 */
export const rerank = <Row>(retriever: Retriever<Row>, options: RerankOptions<Row>): Retriever<Row> => ({
  retrieve: (query, question) =>
    Effect.gen(function* () {
      const limit = yield* tryEncode(() => {
        accepted(checkRecord("options", options, ["score", "limit", "candidates"]))
        accepted(checkCount("candidates", options.candidates))
        return limitOf(question, options.limit)
      })
      const found = yield* retriever.retrieve(query, {
        limit: candidatesOf(limit, options.candidates),
        filter: question?.filter,
      })
      if (found.length === 0) return found
      const scores = yield* options.score(query, found)
      if (scores.length !== found.length || scores.some((score) => !Number.isFinite(score))) {
        const problem = `expected a number for each of ${found.length} documents, got ${scores.length}`
        return yield* Effect.fail(invalidOutput(problem, "rerank"))
      }
      return found.map((document, at) => ({ ...document, score: scores[at]! }))
        .sort((a, b) => b.score - a.score)
        .slice(0, limit)
    }),
})

/** Provides {@linkcode dense} as the retriever of the program. */
export const layerDense = <const D extends CollectionDefinition, const E extends Texts.Embeds<D>>(
  collection: D,
  embeds: Exact<E, Texts.Embeds<D>>,
  options: RetrieverOptions<D> & VectorRetrieverOptions = {},
): Layer.Layer<Retriever, ParamError, Embedding> => layer(dense(collection, embeds, options))

/** Provides {@linkcode fullText} as the retriever of the program. */
export const layerFullText = <const D extends CollectionDefinition>(
  collection: D,
  options: RetrieverOptions<D> & FullTextOptions = {},
): Layer.Layer<Retriever, ParamError, Connection.Connection> => layer(fullText(collection, options))

/** Provides {@linkcode hybrid} as the retriever of the program. */
export const layerHybrid = <const D extends CollectionDefinition, const E extends Texts.Embeds<D>>(
  collection: D,
  embeds: Exact<E, Texts.Embeds<D>>,
  options: RetrieverOptions<D> & HybridRetrieverOptions = {},
): Layer.Layer<Retriever, ParamError, Embedding> => layer(hybrid(collection, embeds, options))

/** Provides a retriever that is made by an effect as the retriever of the program. */
export const layer = <Row, E, R>(make: Effect.Effect<Retriever<Row>, E, R>): Layer.Layer<Retriever, E, R> =>
  // Cast: every row is an object, which is all that the service promises.
  Layer.effect(Retriever, make as unknown as Effect.Effect<Retriever, E, R>)
