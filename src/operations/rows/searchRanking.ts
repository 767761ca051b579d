/** Checks and encodes the ranking of the hits of a search, or of several: strategies and functions. */
import * as Effect from "effect/Effect"
import { describeValue, throwValue } from "../../codec/errors.ts"
import { jsonOfField } from "../../codec/stringifyJson.ts"
import type { CodecError } from "../../errors.ts"
import * as Message from "../../Message.ts"
import { functionSchema } from "../../schema/encodeSchema.ts"
import type { FunctionDefinition } from "../../schema/Functions.ts"
import { checkFlag, checkOptions } from "../shared/options.ts"
import { accepted, tryEncode } from "./read.ts"

/** One or several functions made by `Functions.rerank`. */
export type RerankFunctions =
  | FunctionDefinition<"Rerank", string, never>
  | ReadonlyArray<FunctionDefinition<"Rerank", string, never>>

/** Reciprocal rank fusion: a hit scores `weight / (k + rank)` for each search that finds it. */
export interface RrfStrategy {
  readonly strategy: "rrf"
  /** @default 60 */
  readonly k?: number | undefined
  /**
   * A weight for each search, from 0 to 1. Milvus 3.0.1 and later.
   *
   * @default 1 for each
   */
  readonly weights?: ReadonlyArray<number> | undefined
}

/** The sum of the scores of the searches, by weights. */
export interface WeightedStrategy {
  readonly strategy: "weighted"
  /** A weight for each search. */
  readonly weights: ReadonlyArray<number>
  /**
   * Whether scores are brought into the range from 0 to 1 first.
   *
   * @default true
   */
  readonly normalize?: boolean | undefined
}

/** Strategy that ranks the hits of several searches together. */
export type Reranker = RrfStrategy | WeightedStrategy | RerankFunctions

/** Checks the strategy that ranks the hits of `searches` searches. Throws `CodecError`. */
export const checkReranker = (reranker: Reranker | undefined, searches: number): void => {
  if (reranker === undefined) return
  if (typeof reranker !== "object" || reranker === null) {
    const expected = "a strategy, or functions made by `Functions.rerank`"
    return throwValue("rerank", undefined, expected, describeValue(reranker))
  }
  if (!("strategy" in reranker)) return
  const { strategy } = reranker
  if (strategy === "rrf") {
    accepted(checkOptions(reranker, rrfNames))
    const { k, weights } = reranker
    if (k !== undefined && !(Number.isFinite(k) && k > 0)) {
      throwValue("rerank.k", undefined, "a number above 0", describeValue(k))
    }
    if (weights !== undefined) checkWeights(weights, searches, (weight) => weight >= 0 && weight <= 1, "from 0 to 1")
  } else if (strategy === "weighted") {
    accepted(checkOptions(reranker, weightedNames))
    accepted(checkFlag("rerank.normalize", reranker.normalize))
    checkWeights(reranker.weights, searches, Number.isFinite, "that is finite")
  } else throwValue("rerank.strategy", undefined, `"rrf" or "weighted"`, describeValue(strategy))
}

const checkWeights = (
  weights: unknown,
  searches: number,
  fits: (weight: number) => boolean,
  range: string,
): void => {
  if (Array.isArray(weights) && weights.length === searches && weights.every(fits)) return
  throwValue("rerank.weights", undefined, `a number ${range} for each of ${searches} searches`)
}

const rrfNames: ReadonlySet<string> = new Set(["strategy", "k", "weights"])
const weightedNames: ReadonlySet<string> = new Set(["strategy", "weights", "normalize"])

/** Whether a reranker is reciprocal rank fusion with weights, which older servers ignore. */
export const hasRrfWeights = (reranker: Reranker | undefined): boolean =>
  reranker !== undefined && "strategy" in reranker && reranker.strategy === "rrf" && reranker.weights !== undefined

/** Encodes the ranking of a hybrid search: parameters for a strategy, or a message for functions. */
export const ranking = (
  reranker: Reranker,
): Effect.Effect<
  { readonly strategy: Readonly<Record<string, string>>; readonly functionScore?: Uint8Array | undefined },
  CodecError
> => {
  if (!("strategy" in reranker)) {
    return Effect.map(functionScore(reranker), (bytes) => ({ strategy: {}, functionScore: bytes }))
  }
  const params = reranker.strategy === "rrf"
    ? { k: reranker.k ?? 60, ...(reranker.weights === undefined ? {} : { weights: reranker.weights }) }
    : { weights: reranker.weights, norm_score: reranker.normalize ?? true }
  return tryEncode(() => ({ strategy: { strategy: reranker.strategy, params: jsonOfField(params, "rerank") } }))
}

/** Encodes rerank functions as the message `FunctionScore`. */
export const functionScore = (functions: RerankFunctions): Effect.Effect<Uint8Array, CodecError> =>
  Effect.flatMap(
    tryEncode(() => [functions].flat().map((one, at) => functionSchema(`rerank_${at}`, one))),
    (functions) => Message.encode("milvus.proto.schema.FunctionScore", { functions }),
  )
