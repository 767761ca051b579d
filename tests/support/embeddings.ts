/** Embedding models for tests, as layers of Effect's `EmbeddingModel`. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as AiError from "effect/ai/AiError"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"

/** The services of an embedding model. */
export type Model = EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions

/** Returns a model of a function that embeds texts in one request. */
export const modelOf = (
  dimension: number,
  embedMany: (inputs: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<ReadonlyArray<number>>, AiError.AiError>,
): Layer.Layer<Model> =>
  Layer.merge(
    Layer.effect(
      EmbeddingModel.EmbeddingModel,
      EmbeddingModel.make({
        embedMany: ({ inputs }) =>
          Effect.map(embedMany(inputs), (vectors) => ({
            results: vectors.map((vector) => [...vector]),
            usage: { inputTokens: undefined },
          })),
      }),
    ),
    Layer.succeed(EmbeddingModel.Dimensions, dimension),
  )

/** A deterministic model that hashes words: texts with the same words have the same vector. */
export interface HashingModel {
  readonly layer: Layer.Layer<Model>
  /** The texts of each request so far. */
  readonly requests: ReadonlyArray<ReadonlyArray<string>>
}

/** Makes a model that hashes words. `before` runs before each request, and may fail it. */
export const hashingModel = (
  dimension = 32,
  before: (inputs: ReadonlyArray<string>) => Effect.Effect<void, AiError.AiError> = () => Effect.void,
): HashingModel => {
  const requests: Array<ReadonlyArray<string>> = []
  const layer = modelOf(dimension, (inputs) => {
    requests.push(inputs)
    return Effect.as(before(inputs), inputs.map((text) => hashText(text, dimension)))
  })
  return { layer, requests }
}

/** Returns a vector of length 1: each word adds to the component that its hash gives. */
export function hashText(text: string, dimension: number): ReadonlyArray<number> {
  const vector = new Array<number>(dimension).fill(0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    let hash = 0x811c9dc5
    for (const character of word) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
    vector[(hash >>> 0) % dimension]! += 1
  }
  const length = Math.hypot(...vector)
  return length === 0 ? vector : vector.map((value) => value / length)
}

/** The error of a provider that is overloaded. */
export const overloaded: AiError.AiError = AiError.make({
  module: "Test",
  method: "embedMany",
  reason: new AiError.RateLimitError({}),
})
