/**
 * Choice of vectors that are near to a query, and not near to one another. Pure functions.
 *
 * @module
 */
import { describeValue, throwValue } from "../codec/errors.ts"

/** Options of {@linkcode maximalMarginalRelevance}. */
export interface RelevanceOptions {
  /** Number of vectors to choose. */
  readonly limit: number
  /**
   * Weight of the similarity to the query, from 0 to 1. The rest is the weight of the difference from the vectors that
   * are chosen already: 1 chooses the nearest vectors.
   *
   * @default 0.5
   */
  readonly lambda?: number | undefined
}

/**
 * Returns the positions of the chosen vectors, in the order of their choice (maximal marginal relevance). Each is the
 * one with the largest `lambda * s - (1 - lambda) * t`: `s` is its cosine similarity to the query, and `t` the largest
 * one to a vector that is chosen already, or 0. Of equal ones, the first is chosen. The similarity of a vector of zeros
 * is 0.
 *
 * @throws `CodecError` if an option is out of range, or a vector has not as many numbers as the query.
 *
 * @example
 * ```ts
 * import { Relevance } from "@effect-milvus/client/ai"
 *
 * const vectors = [[1, 0], [1, 0.01], [0.6, 0.8]]
 * console.log(Relevance.maximalMarginalRelevance([1, 0], vectors, { limit: 2, lambda: 0.3 })) // [0, 2]
 * ```
 */
export const maximalMarginalRelevance = (
  query: ArrayLike<number>,
  vectors: ReadonlyArray<ArrayLike<number>>,
  { limit, lambda = 0.5 }: RelevanceOptions,
): ReadonlyArray<number> => {
  if (!(lambda >= 0 && lambda <= 1)) throwValue("lambda", undefined, "a number from 0 to 1", describeValue(lambda))
  if (!(Number.isInteger(limit) && limit >= 0)) {
    throwValue("limit", undefined, "a whole number from 0", describeValue(limit))
  }
  const wrong = vectors.findIndex(({ length }) => length !== query.length)
  if (wrong >= 0) throwValue("vectors", wrong, `${query.length} numbers, like the query`, `${vectors[wrong]?.length}`)
  const toQuery = vectors.map((vector) => cosine(query, vector))
  const toChosen = vectors.map(() => -Infinity)
  const isChosen = vectors.map(() => false)
  const chosen: Array<number> = []
  while (chosen.length < Math.min(limit, vectors.length)) {
    let best = -1
    let bestScore = -Infinity
    for (let at = 0; at < vectors.length; at++) {
      if (isChosen[at]) continue
      const score = lambda * toQuery[at]! - (1 - lambda) * (chosen.length === 0 ? 0 : toChosen[at]!)
      if (best < 0 || score > bestScore) [best, bestScore] = [at, score]
    }
    isChosen[best] = true
    chosen.push(best)
    const last = vectors[best]!
    vectors.forEach((vector, at) => {
      if (!isChosen[at]) toChosen[at] = Math.max(toChosen[at]!, cosine(last, vector))
    })
  }
  return chosen
}

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [product, squaresOfA, squaresOfB] = [0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [a[at]!, b[at]!]
    product += x * y
    squaresOfA += x * x
    squaresOfB += y * y
  }
  return squaresOfA === 0 || squaresOfB === 0 ? 0 : product / Math.sqrt(squaresOfA) / Math.sqrt(squaresOfB)
}
