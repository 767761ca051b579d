/**
 * JSON values for filters. They keep whether a number is an integer, and all its digits; any text may be a key.
 *
 * Each text and number of a document is replaced by a text with a mark in front, and the result is parsed by
 * `JSON.parse`.
 */

/** A JSON value. Numbers are `"i12"` or `"f1.5"`, texts are `"sabc"`, and keys of objects begin with `"s"`. */
export type Marked = null | boolean | string | ReadonlyArray<Marked> | { readonly [key: string]: Marked }

const textOrNumber = /"((?:[^"\\]|\\.)*)"|(-?\d+)((?:\.\d+)?(?:[eE][+-]?\d+)?)/g
const cache = new WeakMap<Uint8Array, Marked>()

/** Parses a document, which has to be valid JSON. */
export const markedOf = (document: Uint8Array): Marked => {
  const cached = cache.get(document)
  if (cached !== undefined) return cached
  const text = new TextDecoder().decode(document).replace(
    textOrNumber,
    (_, string: string | undefined, integer: string, rest: string) =>
      string !== undefined ? `"s${string}"` : rest === "" ? `"i${integer}"` : `"f${integer}${rest}"`,
  )
  const value: Marked = JSON.parse(text)
  cache.set(document, value)
  return value
}

/** Returns the value at a path, or `undefined` if it does not exist. */
export const valueAt = (value: Marked, path: ReadonlyArray<string | bigint>): Marked | undefined =>
  path.reduce<Marked | undefined>((inner, step) => {
    if (Array.isArray(inner)) return /^(0|[1-9]\d*)$/.test(`${step}`) ? inner[Number(step)] : undefined
    if (typeof inner !== "object" || inner === null) return undefined
    // Cast: lists are handled above.
    const object = inner as Readonly<Record<string, Marked>>
    return Object.hasOwn(object, `s${step}`) ? object[`s${step}`] : undefined
  }, value)

/** Returns the value of an integer that fits into 64 bits. */
export const integerOf = (value: Marked | undefined): bigint | undefined => {
  if (typeof value !== "string" || value[0] !== "i") return undefined
  const integer = BigInt(value.slice(1))
  return BigInt.asIntN(64, integer) === integer ? integer : undefined
}

/** Returns the value of any number. */
export const numberOf = (value: Marked | undefined): number | undefined =>
  typeof value === "string" && value[0] !== "s" ? Number(value.slice(1)) : undefined

/** Returns the value of a text. */
export const textOf = (value: Marked | undefined): string | undefined =>
  typeof value === "string" && value[0] === "s" ? value.slice(1) : undefined
