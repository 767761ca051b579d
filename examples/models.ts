/**
 * Models that run in this process, so that an example needs no account: one that embeds texts by their words, and one that
 * answers with the passage in its prompt. A program uses those of a provider, such as `@effect/ai-openai`, as the same
 * services.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import * as LanguageModel from "effect/ai/LanguageModel"
import type * as Response from "effect/ai/Response"

/** The number of components of a vector. */
export const dimension = 256

/** Words that say little about what a text is about. */
const common = new Set(["a", "an", "and", "be", "can", "do", "is", "of", "or", "the", "there", "to", "what", "with"])

/** Returns a vector with a one for each word of the text, at the place that its first letters give. */
const embed = (text: string): Array<number> => {
  const vector = new Array<number>(dimension).fill(0)
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? []) {
    if (common.has(word)) continue
    let hash = 7
    for (const letter of word.slice(0, 5)) hash = hash * 31 + letter.codePointAt(0)! & 0xffff
    vector[hash % dimension] = 1
  }
  return vector
}

/** Embeds texts by their words. */
export const wordEmbeddings: Layer.Layer<EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions> = Layer.merge(
  Layer.effect(
    EmbeddingModel.EmbeddingModel,
    EmbeddingModel.make({
      embedMany: ({ inputs }) => Effect.succeed({ results: inputs.map(embed), usage: { inputTokens: undefined } }),
    }),
  ),
  Layer.succeed(EmbeddingModel.Dimensions, dimension),
)

const finish = (reason: "stop" | "tool-calls"): Response.PartEncoded => ({
  type: "finish",
  reason,
  usage: { inputTokens: {}, outputTokens: {} },
})

/** Answers with the first passage in its prompt (a line that starts with `- `); with a tool, it calls the tool instead. */
export const quotingModel: Layer.Layer<LanguageModel.LanguageModel> = Layer.effect(
  LanguageModel.LanguageModel,
  LanguageModel.make({
    generateText: ({ prompt, tools: [tool] }) => {
      const asked = prompt.content.flatMap(({ content }) =>
        typeof content === "string" ? [content] : content.flatMap((part) => part.type === "text" ? [part.text] : [])
      ).join("\n")
      const parts: Array<Response.PartEncoded> = tool === undefined
        ? [{ type: "text", text: /^- (.*)$/m.exec(asked)?.[1] ?? "I do not know." }, finish("stop")]
        : [{ type: "tool-call", id: "1", name: tool.name, params: { query: asked, limit: 1 } }, finish("tool-calls")]
      return Effect.succeed(parts)
    },
    streamText: () => Stream.die("this model does not stream"),
  }),
)
