/**
 * Encodes names of fields that are known only at run time, and paths into JSON.
 *
 * Servers do not decode escapes in the keys of a path, so keys that would need escapes are rejected instead of escaped.
 */
import * as Result from "effect/Result"

/** Returns the path as text of an expression. Fails with the expected form. */
export const renderPath = (path: ReadonlyArray<string | number>): Result.Result<string, string> => {
  const [first, ...rest] = path
  if (typeof first !== "string" || first === "") return Result.fail("a field name as first argument")
  const wrong = path.find((key) => typeof key === "string" ? !isKey(key) : !Number.isSafeInteger(key) || key < 0)
  if (wrong !== undefined) {
    return Result.fail("names without quotes, backslashes, brackets and control characters, and non-negative indices")
  }
  const keys = rest.map((key) => typeof key === "string" ? `["${key}"]` : `[${key}]`).join("")
  return Result.succeed(isIdentifier(first) ? first + keys : `$meta["${first}"]${keys}`)
}

// deno-lint-ignore no-control-regex -- control characters are to be found
const isKey = (key: string): boolean => key !== "" && !/["'\\[\]\u0000-\u001f\u007f]/.test(key) && key.isWellFormed()

const isIdentifier = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !reserved.has(name) && !/^(true|false)$/i.test(name)

/** The reserved words of the expression language, which are valid in lower and in upper case. */
const reservedWords = [
  "and",
  "or",
  "not",
  "in",
  "like",
  "exists",
  "is",
  "null",
  "iso",
  "interval",
  "text_match",
  "phrase_match",
  "random_sample",
  "minimum_should_match",
  "threshold",
  "element_filter",
  "match_all",
  "match_any",
  "match_least",
  "match_most",
  "match_exact",
  "json_contains",
  "json_contains_all",
  "json_contains_any",
  "array_contains",
  "array_contains_all",
  "array_contains_any",
  "array_length",
  "st_equals",
  "st_touches",
  "st_overlaps",
  "st_crosses",
  "st_contains",
  "st_intersects",
  "st_within",
  "st_dwithin",
  "st_isvalid",
]

const reserved: ReadonlySet<string> = new Set(reservedWords.flatMap((word) => [word, word.toUpperCase()]))
