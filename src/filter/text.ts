/**
 * The text of a filter between its values, read only as far as to know where values may stand: outside of quotes, and
 * between brackets that are the filter's own.
 *
 * What the text means is for the server to say.
 *
 * @module
 */
import * as Result from "effect/Result"

/** Where the reading stands. */
interface State {
  /** The quote of the literal that is open. */
  quote: string | undefined
  /** The closing brackets that are due, the next one last. */
  readonly due: Array<string>
}

/** Where a value stands: between square brackets, or anywhere else. */
export type Place = "list" | "anywhere"

/** Where the values between the texts stand, or what is wrong with the texts. A text is `undefined` if it has no meaning. */
export const checkTexts = (
  texts: ReadonlyArray<string | undefined>,
): Result.Result<ReadonlyArray<Place>, string> =>
  Result.gen(function* () {
    const state: State = { quote: undefined, due: [] }
    const places: Array<Place> = []
    for (const [index, text] of texts.entries()) {
      if (text === undefined) return yield* Result.fail("a template, whose escapes are those of JavaScript")
      yield* scan(state, text)
      if (index === texts.length - 1) break
      const before = `after ${JSON.stringify(text.slice(-20))}`
      if (state.quote !== undefined) {
        return yield* Result.fail(`values outside of quotes: text is quoted by itself; ${before}`)
      }
      if (/[\w$\])]\[\s*$/.test(text)) {
        return yield* Result.fail(`the keys of a path in \`filter.field\`; ${before}`)
      }
      places.push(state.due.includes("]") ? "list" : "anywhere")
    }
    if (state.quote !== undefined) return yield* Result.fail("a closing quote")
    const missing = state.due.at(-1)
    if (missing !== undefined) return yield* Result.fail(`a closing ${missing}`)
    if (places.length === 0 && texts[0]?.trim() === "") return yield* Result.fail("an expression, not blank text")
    return places
  })

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]" }

const scan = (state: State, text: string): Result.Result<void, string> => {
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index)
    if (state.quote !== undefined) {
      if (char === "\n" || char === "\r") return Result.fail("text in quotes on one line")
      if (char === state.quote) state.quote = undefined
      // What is escaped ends nothing. A text that ends in a backslash is one with a value behind it, which is refused.
      if (char === "\\") index++
      continue
    }
    if (char === '"' || char === "'") state.quote = char
    else if (char === "(" || char === "[") state.due.push(closing[char] ?? "")
    else if (char === ")" || char === "]") {
      if (state.due.pop() !== char) return Result.fail(`no ${char} without the bracket that it closes`)
    } else if (char === "{" || char === "}") {
      return Result.fail("no braces outside of quotes: values are written as ${value}")
    } else if (char === "\\") return Result.fail("no backslash outside of quotes")
  }
  return Result.succeed(undefined)
}
