/** Parts that all retrievers share: the fields that they search, and the documents of hits. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"
import { describeValue, throwValue } from "../codec/errors.ts"
import { type Decoded, failParam } from "../config/params.ts"
import * as Connection from "../Connection.ts"
import { ParamError } from "../errors.ts"
import type { Filter } from "../filter/Filter.ts"
import { mostHits } from "../operations/rows/gatherSearch.ts"
import { accepted, type DataError, isBlank, tryEncode } from "../operations/rows/read.ts"
import type { SearchResult } from "../operations/rows/results.ts"
import { checkCount, checkRecord } from "../operations/shared/options.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { CollectionDefinition, DynamicRow } from "../schema/definition.ts"
import { own } from "../schema/own.ts"
import type { Diversity, Document, RetrieveOptions, Retriever, RetrieverOptions } from "./documents.ts"
import type { Vector } from "./embed.ts"
import { maximalMarginalRelevance } from "./Relevance.ts"
import * as Texts from "./Texts.ts"

/** Number of documents of a retriever without a `limit`. */
const defaultLimit = 4

/** Number of candidates for each document that is chosen from them. */
const candidatesOfOne = 5

/** Returns the number of documents to choose `limit` from. */
export const candidatesOf = (limit: number, given: number | undefined): number =>
  Math.max(limit, given ?? Math.min(mostHits, candidatesOfOne * limit))

/** Checks the options of a question, and returns its limit. Throws `CodecError`. */
export const limitOf = (options: RetrieveOptions | undefined, ofRetriever: number | undefined): number => {
  if (options !== undefined) accepted(checkRecord("options", options, ["limit", "filter"]))
  const limit = options?.limit ?? ofRetriever ?? defaultLimit
  accepted(checkCount("limit", limit))
  return limit
}

/** Checks the options of a retriever that has some of its own. */
export const checkRetriever = (
  options: RetrieverOptions & { readonly diversity?: Diversity | undefined },
  names: ReadonlyArray<string>,
): Effect.Effect<void, ParamError> =>
  Effect.fromResult(Result.gen(function* () {
    yield* checkRecord("options", options, ["limit", "filter", "outputFields", ...names])
    yield* checkCount("limit", options.limit)
    const { diversity } = options
    if (diversity === undefined) return
    yield* checkRecord("diversity", diversity, ["lambda", "candidates"])
    yield* checkCount("diversity.candidates", diversity.candidates)
    const { lambda = 0.5 } = diversity
    if (!(typeof lambda === "number" && lambda >= 0 && lambda <= 1)) {
      yield* failParam("diversity.lambda", "a number from 0 to 1", lambda)
    }
  }))

/** Cast: retrievers handle every definition alike; only the caller needs the types of its fields. */
export const anyOf = (collection: CollectionDefinition): AnyDefinition => collection as AnyDefinition

/** Fields of a retriever that embeds the question. */
interface VectorSource {
  readonly vector: string
  readonly text: string
  readonly embed: Texts.Texts["embed"]
}

/** Returns the one vector field that is made from texts, and its text field. */
const oneSource = (
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

/** Returns the parts of a retriever that embeds the question, whose options are checked. */
export const vectorParts = (
  collection: CollectionDefinition,
  embeds: { readonly [vector: string]: string | undefined },
  options: RetrieverOptions & { readonly diversity?: Diversity | undefined },
  names: ReadonlyArray<string>,
): Effect.Effect<
  RetrieverParts & { readonly field: string },
  ParamError,
  Connection.Connection | EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions
> =>
  Effect.gen(function* () {
    yield* checkRetriever(options, ["params", "diversity", ...names])
    const { embed, vector: field, text } = yield* oneSource(collection, embeds)
    return { ...options, text, field, vectors: { field, embed, diversity: options.diversity } }
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
        const limit = yield* tryEncode(() => {
          if (typeof query !== "string" || isBlank(query)) {
            throwValue(
              "query",
              undefined,
              "a question",
              typeof query === "string" ? "a blank string" : describeValue(query),
            )
          }
          return limitOf(options, parts.limit)
        })
        const vector = vectors === undefined ? [] : yield* vectors.embed(query)
        const found = yield* run({ text: query, vector }, {
          limit: diversity === undefined ? limit : candidatesOf(limit, diversity.candidates),
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
          // A row that was found by its words may have no vector: it is near to nothing.
          const zeros = new Float32Array(vector.length)
          // Cast: dense vectors are read as arrays of numbers.
          const others = hits.map(({ row }) => own(row, vectors.field) as ArrayLike<number> | null ?? zeros)
          return maximalMarginalRelevance(vector, others, { limit, lambda: diversity.lambda })
            .map((at) => documents[at]!)
        })
      })
    // Cast: the rows have the output fields, which the server returned.
    return { retrieve } as Retriever<Row>
  })
