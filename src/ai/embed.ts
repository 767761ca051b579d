/** Embeds texts: each distinct text once, with vectors that are checked to fit their field. */
import * as Effect from "effect/Effect"
import * as AiError from "effect/ai/AiError"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"

/** A vector as the model returns it. */
export type Vector = ReadonlyArray<number>

/** Embeds texts in one request, and returns a vector for each text. Equal texts are sent once, no texts not at all. */
export const embedTexts = (
  model: EmbeddingModel.EmbeddingModel,
  dimension: number,
  texts: ReadonlyArray<string>,
): Effect.Effect<ReadonlyMap<string, Vector>, AiError.AiError> => {
  const distinct = [...new Set(texts)]
  return Effect.flatMap(withDefects(model.embedMany(distinct)), ({ embeddings }) => {
    const vectors = embeddings.map(({ vector }) => vector)
    const problem = problemOf(distinct.length, dimension, vectors)
    return problem === undefined
      ? Effect.succeed(new Map(distinct.map((text, at) => [text, vectors[at]!] as const)))
      : Effect.fail(invalidOutput(problem))
  })
}

/** Embeds a query. Concurrent queries, also those of other fibers, are sent in one request. */
export const embedQuery = (
  model: EmbeddingModel.EmbeddingModel,
  dimension: number,
  query: string,
): Effect.Effect<Vector, AiError.AiError> =>
  Effect.flatMap(withDefects(model.embed(query)), ({ vector }) => {
    const problem = problemOf(1, dimension, [vector])
    return problem === undefined ? Effect.succeed(vector) : Effect.fail(invalidOutput(problem))
  })

/** Makes failures of defects: Effect's `EmbeddingModel.make` throws for vectors that are not of finite numbers. */
const withDefects = <A>(embedded: Effect.Effect<A, AiError.AiError>): Effect.Effect<A, AiError.AiError> =>
  Effect.catchDefect(
    embedded,
    (defect) => Effect.fail(invalidOutput(defect instanceof Error ? defect.message : String(defect))),
  )

const problemOf = (count: number, dimension: number, vectors: ReadonlyArray<Vector>): string | undefined => {
  if (vectors.length !== count) return `expected ${count} vectors, got ${vectors.length}`
  const wrong = vectors.find(({ length }) => length !== dimension)
  if (wrong !== undefined) return `expected vectors of ${dimension} numbers, got one of ${wrong.length}`
  const infinite = vectors.flatMap((vector) => vector.filter((value) => !Number.isFinite(Math.fround(value))))
  return infinite.length === 0 ? undefined : `expected vectors of finite numbers, got one with ${infinite[0]}`
}

/** Returns the error of a model, or of a reranker, whose answer does not fit the request. */
export const invalidOutput = (description: string, method = "embed"): AiError.AiError =>
  AiError.make({
    module: "@effect-milvus/client/ai",
    method,
    reason: new AiError.InvalidOutputError({ description }),
  })
