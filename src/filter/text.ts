/**
 * Checks the text of a filter between its values, only as far as needed to know where values are allowed: outside
 * quotes, and with balanced brackets.
 *
 * Whether the text is a valid expression is left to the server.
 */
import * as Result from "effect/Result"

/** State of the scanner. */
interface State {
  /** The quote of the open string literal. */
  quote: string | undefined
  /** The closing brackets of the open ones, the innermost last. */
  readonly closers: Array<string>
}

/** The position of a value: between square brackets, or anywhere else. */
export type Position = "list" | "anywhere"

/**
 * Returns the positions of the values between the texts. Fails with the expected form of the texts. A text is
 * `undefined` if its escapes are invalid.
 */
export const checkTexts = (
  texts: ReadonlyArray<string | undefined>,
): Result.Result<ReadonlyArray<Position>, string> =>
  Result.gen(function* () {
    const state: State = { quote: undefined, closers: [] }
    const positions: Array<Position> = []
    for (const [index, text] of texts.entries()) {
      if (text === undefined) return yield* Result.fail("a valid template literal")
      yield* scan(state, text)
      if (index === texts.length - 1) break
      const before = `after ${JSON.stringify(text.slice(-20))}`
      if (state.quote !== undefined) {
        return yield* Result.fail(`no quotes around \${value} (values are quoted automatically); ${before}`)
      }
      if (/[\w$\])]\[\s*$/.test(text)) {
        return yield* Result.fail(`\`filter.field\` for paths; ${before}`)
      }
      positions.push(state.closers.includes("]") ? "list" : "anywhere")
    }
    if (state.quote !== undefined) return yield* Result.fail("a closing quote")
    const missing = state.closers.at(-1)
    if (missing !== undefined) return yield* Result.fail(`a closing ${missing}`)
    if (positions.length === 0 && texts[0]?.trim() === "") return yield* Result.fail("an expression, not blank text")
    return positions
  })

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]" }

const scan = (state: State, text: string): Result.Result<void, string> => {
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index)
    if (state.quote !== undefined) {
      if (char === "\n" || char === "\r") return Result.fail("no line break inside quotes")
      if (char === state.quote) state.quote = undefined
      // An escaped character does not end the literal. If the text ends in a backslash, the value after it is rejected.
      if (char === "\\") index++
      continue
    }
    if (char === '"' || char === "'") state.quote = char
    else if (char === "(" || char === "[") state.closers.push(closing[char] ?? "")
    else if (char === ")" || char === "]") {
      if (state.closers.pop() !== char) return Result.fail(`no unmatched ${char}`)
    } else if (char === "{" || char === "}") {
      return Result.fail("no braces outside quotes (reserved for template values; write ${value})")
    } else if (char === "\\") return Result.fail("no backslash outside quotes")
  }
  return Result.succeed(undefined)
}
