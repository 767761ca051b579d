/**
 * A tool by which a language model searches, for the `Tool` and `Toolkit` of Effect.
 *
 * The tool is called `search_documents`. It takes a question and a number of documents, and returns the documents that
 * the retriever of the program finds. A failure is part of its result, so that the model can go on.
 *
 * @example
 * ```ts
 * import { SearchTool } from "@effect-milvus/client/ai"
 * import * as Effect from "effect/Effect"
 * import * as LanguageModel from "effect/ai/LanguageModel"
 *
 * export const answer = (question: string) =>
 *   LanguageModel.generateText({ prompt: question, toolkit: SearchTool.toolkit }).pipe(
 *     Effect.map(({ text }) => text),
 *     Effect.provide(SearchTool.layer),
 *   )
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Tool from "effect/ai/Tool"
import * as Toolkit from "effect/ai/Toolkit"
import { plain } from "../Json.ts"
import { accepted } from "../operations/rows/read.ts"
import { checkCount, checkRecord } from "../operations/shared/options.ts"
import { fitting } from "../text/fitting.ts"
import * as Retriever from "./Retriever.ts"

/** Maximum number of documents of one call. */
export const maxLimit = 20

/** Schema of the parameters of the tool. */
export const Parameters: Schema.Struct<{
  readonly query: Schema.String
  readonly limit: Schema.optional<Schema.Int>
}> = Schema.Struct({
  query: Schema.String.annotate({ description: "What to look for, as a question or in a few words" }),
  limit: Schema.optional(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: maxLimit })).annotate({
      description: `The number of documents to return: 1 to ${maxLimit}`,
    }),
  ),
})

/** Schema of a document in the result of the tool. */
export const FoundDocument: Schema.Struct<{
  readonly id: Schema.String
  readonly score: Schema.Finite
  readonly text: Schema.String
  readonly fields: Schema.$Record<Schema.String, typeof Schema.Json>
}> = Schema.Struct({
  id: Schema.String,
  score: Schema.Finite,
  text: Schema.String,
  fields: Schema.Record(Schema.String, Schema.Json),
})

/** Schema of a failed search in the result of the tool. */
export const SearchFailure: Schema.Struct<{
  readonly error: Schema.String
  readonly isRetryable: Schema.Boolean
}> = Schema.Struct({ error: Schema.String, isRetryable: Schema.Boolean })

/** A tool that searches. */
export type SearchTool<Name extends string = "search_documents"> = Tool.Tool<Name, {
  readonly parameters: typeof Parameters
  readonly success: Schema.$Array<typeof FoundDocument>
  readonly failure: typeof SearchFailure
  readonly failureMode: "return"
}>

/** Makes a tool that searches, with a name and a description of its own: for a toolkit with several of them. */
export const make = <const Name extends string>(name: Name, description: string): SearchTool<Name> =>
  Tool.make(name, {
    description,
    parameters: Parameters,
    success: Schema.Array(FoundDocument),
    failure: SearchFailure,
    failureMode: "return",
  })

/** Options of {@linkcode handler}. */
export interface HandlerOptions {
  /**
   * Maximum size of the documents of one call as JSON, in bytes. The last ones are left out; if the best one alone is
   * larger, the search fails.
   *
   * @default 100000
   */
  readonly maxBytes?: number | undefined
}

/** Makes the handler of a tool that searches with a retriever. Throws `CodecError` if an option is wrong. */
export const handler = (
  { retrieve }: Retriever.Retriever<object>,
  options: HandlerOptions = {},
): (
  parameters: typeof Parameters.Type,
) => Effect.Effect<ReadonlyArray<typeof FoundDocument.Type>, typeof SearchFailure.Type> => {
  accepted(checkRecord("options", options, ["maxBytes"]))
  accepted(checkCount("maxBytes", options.maxBytes))
  const { maxBytes = 100_000 } = options
  return ({ query, limit }) =>
    retrieve(query, { limit }).pipe(
      Effect.mapError(({ message, isRetryable }) => ({ error: message, isRetryable })),
      Effect.flatMap((found) => {
        const documents = found.map(({ id, score, text, row }) => ({
          id: `${id}`,
          score,
          text,
          // Cast: `plain` returns JSON values.
          fields: plain(row) as { readonly [name: string]: Schema.Json },
        }))
        const some = fitting(documents, maxBytes)
        return documents.length > 0 && some.length === 0
          ? Effect.fail({ error: `the best document has more than ${maxBytes} bytes`, isRetryable: false })
          : Effect.succeed(some)
      }),
    )
}

/** The tool `search_documents`. */
export const tool: SearchTool = make(
  "search_documents",
  "Searches the documents of this application and returns the passages that fit best, with their sources.",
)

/** A toolkit with {@linkcode tool}. */
export const toolkit: Toolkit.Toolkit<{ readonly search_documents: SearchTool }> = Toolkit.make(tool)

/** Provides the handler of {@linkcode toolkit}, which searches with the retriever of the program. */
export const layer: Layer.Layer<Tool.Handler<"search_documents">, never, Retriever.Retriever> = toolkit.toLayer(
  Effect.map(Retriever.Retriever, (retriever) => toolkit.of({ search_documents: handler(retriever) })),
)
