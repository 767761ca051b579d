/** `analyze` shows the tokens into which an analyzer splits texts. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { JsonSyntaxError, parseJson } from "../../codec/parseJson.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { UsageError } from "../errors.ts"
import { analyzerOperations, anyTextFlag, argument, printAll, switchFlag, textFlag } from "./args.ts"

/** `analyze`. */
export const analyze = Command.make(
  "analyze",
  {
    texts: argument("texts", "Texts to split").pipe(Argument.atLeast(1)),
    analyzer: anyTextFlag("analyzer", "JSON", "Parameters of an analyzer, or its type (default: standard)"),
    collection: textFlag("collection", "NAME", "Use the analyzer of a field of this collection; with --field"),
    field: textFlag("field", "FIELD", "Field whose analyzer is used; with --collection"),
    analyzerName: textFlag("analyzer-name", "NAME", "Name of one of several analyzers of the field"),
    details: switchFlag("details", "Show offsets in bytes, and positions"),
    hash: switchFlag("hash", "Show the hash of each token"),
    target: targetFlags,
  },
  ({ texts, analyzer, analyzerName, target, ...options }) =>
    Effect.gen(function* () {
      const params = yield* paramsOf(analyzer)
      yield* withConnection(target)(Effect.gen(function* () {
        const { run } = yield* analyzerOperations
        const found = yield* run(texts, { ...options, params, analyzerNames: analyzerName })
        const rows = found.flatMap((tokens, at) => tokens.map((token) => ({ text: at + 1, ...token })))
        yield* printAll(
          [
            ...texts.length > 1 ? ["text"] : [],
            "token",
            ...options.details ? ["start", "end", "position", "positionLength"] : [],
            ...options.hash ? ["hash"] : [],
          ],
          rows.map(({ text, ...token }) => texts.length > 1 ? { text, ...token } : token),
          "tokens",
        )
      }))
    }),
).pipe(
  Command.withDescription("Show the tokens into which an analyzer splits texts, for full-text search"),
  Command.withExamples([
    { command: "analyze 'The quick brown fox' --analyzer english" },
    { command: `analyze 'a-b' --analyzer '{"tokenizer": "whitespace"}'` },
    { command: "analyze 'The quick brown fox' --collection books --field title" },
  ]),
)

/** Returns the parameters of an analyzer: a JSON object, or the name of a type such as `english`. */
const paramsOf = (text: string | undefined): Effect.Effect<Readonly<Record<string, unknown>> | undefined, UsageError> =>
  Effect.suspend(() => {
    if (text === undefined) return Effect.succeed(undefined)
    if (/^\w+$/.test(text)) return Effect.succeed({ type: text })
    const hint = `write {"type": "english"}, or english`
    try {
      const value = parseJson(text)
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        // Cast: any object can be read by the names of its properties.
        return Effect.succeed(value as Readonly<Record<string, unknown>>)
      }
      return Effect.fail(new UsageError({ reason: "--analyzer: expected a JSON object", hint }))
    } catch (error) {
      const why = error instanceof JsonSyntaxError ? error.message : String(error)
      return Effect.fail(new UsageError({ reason: `--analyzer: ${why}`, hint }))
    }
  })
