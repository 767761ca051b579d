/** Parts that all retrievers share: the fields that they search, and the documents of hits. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"
import { describeValue, throwValue } from "../codec/errors.ts"
import type { Decoded } from "../config/params.ts"
import * as Connection from "../Connection.ts"
import { ParamError } from "../errors.ts"
import type { Filter } from "../filter/Filter.ts"
import { accepted, type DataError, isBlank, tryEncode } from "../operations/rows/read.ts"
import type { SearchResult } from "../operations/rows/results.ts"
import { checkCount } from "../operations/shared/options.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { CollectionDefinition, DynamicRow } from "../schema/definition.ts"
import { own } from "../schema/own.ts"
import type { Diversity, Document, Retriever, RetrieverOptions } from "./documents.ts"
import type { Vector } from "./embed.ts"
import { maximalMarginalRelevance } from "./Relevance.ts"
import * as Texts from "./Texts.ts"

/** Number of documents of a retriever without a `limit`. */
export const defaultLimit = 4

/** Number of candidates for each document that is chosen from them. */
export const candidatesOfOne = 5

/** Checks numbers of documents. Throws `CodecError`. */
export const checkLimits = (limit: unknown, candidates: unknown): void => {
  accepted(checkCount("limit", limit))
  accepted(checkCount("candidates", candidates))
}

/** Cast: retrievers handle every definition alike; only the caller needs the types of its fields. */
export const anyOf = (collection: CollectionDefinition): AnyDefinition => collection as AnyDefinition

/** Fields of a retriever that embeds the question. */
export interface VectorSource {
  readonly vector: string
  readonly text: string
  readonly embed: Texts.Texts["embed"]
}

/** Returns the one vector field that is made from texts, and its text field. */
export const oneSource = (
  collection: CollectionDefinition,
  embeds: { readonly [vector: string]: string | undefined },
): Effect.Effect<
  VectorSource,
  ParamError,
  Connection.Connection | EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions
> =>
  Effect.gen(function* () {
    // Cast: the fields of any definition are checked at run time.
    const { embed } = yield* Texts.make(anyOf(collection), embeds as Record<never, never>)
    const sources = Object.entries(embeds).filter(([, text]) => text !== undefined)
    const [[vector = "", text = ""] = []] = sources
    if (sources.length === 1) return { vector, text, embed }
    const expected = "one vector field with its text field"
    return yield* Effect.fail(new ParamError({ parameter: "embeds", expected, actual: `${sources.length}` }))
  })

/** Returns the field that a BM25 function computes, and the text field that it reads. */
export const termsOf = (
  { name, options: { functions = {} } }: AnyDefinition,
  given: string | undefined,
): Decoded<{ readonly terms: string; readonly text: string }> => {
  const found = Object.values(functions).filter(({ type, output }) =>
    type === "BM25" && (given === undefined || output.includes(given))
  )
  const [terms] = found[0]?.output ?? []
  const [text] = found[0]?.input ?? []
  if (found.length === 1 && terms !== undefined && text !== undefined) return Result.succeed({ terms, text })
  const expected = `a field that a BM25 function of "${name}" computes`
  const actual = given === undefined ? `none, and ${found.length} of these functions` : describeValue(given)
  return Result.fail(new ParamError({ parameter: "terms", expected, actual }))
}

/** A search for the hits of a question. */
export interface DocumentSearch {
  readonly limit: number
  readonly filter: Filter | string | undefined
  readonly outputFields: ReadonlyArray<string>
}

/** A question. Its vector is empty if the retriever does not embed it. */
export interface Question {
  readonly text: string
  readonly vector: Vector
}

/** Parts of a retriever. */
export interface RetrieverParts extends RetrieverOptions {
  /** The text field. */
  readonly text: string
  /** The vector field; absent if the question is not embedded. */
  readonly vectors?: {
    readonly field: string
    readonly embed: Texts.Texts["embed"]
    readonly diversity: Diversity | undefined
  }
}

/** Makes a retriever of a search, with the current connection. */
export const makeRetriever = <Row>(
  parts: RetrieverParts,
  run: (
    question: Question,
    search: DocumentSearch,
  ) => Effect.Effect<SearchResult<DynamicRow>, DataError, Connection.Connection>,
): Effect.Effect<Retriever<Row>, never, Connection.Connection> =>
  Effect.map(Connection.Connection, (connection) => {
    const { text, vectors, outputFields = [] } = parts
    const diversity = vectors?.diversity
    const wanted = new Set<string>(outputFields)
    const requested = [
      ...outputFields,
      text,
      ...(vectors === undefined || diversity === undefined ? [] : [vectors.field]),
    ]
    /** Leaves out the fields that only the retriever needs. */
    const rowOf = (row: DynamicRow): DynamicRow =>
      wanted.has("*") ? row : Object.fromEntries(
        Object.entries(row).filter(([name]) => wanted.has(name) || name !== text && (name !== vectors?.field)),
      )
    const retrieve: Retriever["retrieve"] = (query, options) =>
      Effect.gen(function* () {
        const limit = options?.limit ?? parts.limit ?? defaultLimit
        yield* tryEncode(() => {
          checkLimits(limit, diversity?.candidates)
          if (typeof query !== "string" || isBlank(query)) {
            throwValue(
              "query",
              undefined,
              "a question",
              typeof query === "string" ? "a blank string" : describeValue(query),
            )
          }
        })
        const vector = vectors === undefined ? [] : yield* vectors.embed(query)
        const found = yield* run({ text: query, vector }, {
          limit: diversity === undefined ? limit : Math.max(limit, diversity.candidates ?? candidatesOfOne * limit),
          filter: options?.filter ?? parts.filter,
          outputFields: [...new Set(requested)],
        }).pipe(Effect.provideService(Connection.Connection, connection))
        return yield* tryEncode(() => {
          const hits = found.hits().toArray()
          const documents = hits.map(({ id, score, row }): Document => ({
            id,
            text: `${own(row, text) ?? ""}`,
            score,
            row: rowOf(row),
          }))
          if (vectors === undefined || diversity === undefined) return documents
          // Cast: dense vectors are read as arrays of numbers.
          const others = hits.map(({ row }) => own(row, vectors.field) as ArrayLike<number>)
          return maximalMarginalRelevance(vector, others, { limit, lambda: diversity.lambda })
            .map((at) => documents[at]!)
        })
      })
    // Cast: the rows have the output fields, which the server returned.
    return { retrieve } as Retriever<Row>
  })
