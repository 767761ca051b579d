/**
 * JSON as filters see it: whether a number is an integer counts, every digit does, and any text may be a key.
 *
 * Each text and number of a document becomes a text with a mark in front of it, which the reader of the runtime reads.
 */

/** A JSON value: a number as `"i12"` or `"f1.5"`, a text as `"sabc"`; keys of objects have an `"s"` in front. */
export type Marked = null | boolean | string | ReadonlyArray<Marked> | { readonly [key: string]: Marked }

const parts = /"((?:[^"\\]|\\.)*)"|(-?\d+)((?:\.\d+)?(?:[eE][+-]?\d+)?)/g
const read = new WeakMap<Uint8Array, Marked>()

/** The value of a document, which has to be JSON. */
export const markedOf = (document: Uint8Array): Marked => {
  const known = read.get(document)
  if (known !== undefined) return known
  const text = new TextDecoder().decode(document).replace(
    parts,
    (_, string: string | undefined, integer: string, rest: string) =>
      string !== undefined ? `"s${string}"` : rest === "" ? `"i${integer}"` : `"f${integer}${rest}"`,
  )
  const value: Marked = JSON.parse(text)
  read.set(document, value)
  return value
}

/** What stands at a path, if anything does. */
export const at = (value: Marked, path: ReadonlyArray<string | bigint>): Marked | undefined =>
  path.reduce<Marked | undefined>((inner, step) => {
    if (Array.isArray(inner)) return /^(0|[1-9]\d*)$/.test(`${step}`) ? inner[Number(step)] : undefined
    if (typeof inner !== "object" || inner === null) return undefined
    // Cast: a list was dealt with.
    const object = inner as Readonly<Record<string, Marked>>
    return Object.hasOwn(object, `s${step}`) ? object[`s${step}`] : undefined
  }, value)

/** An integer of 64 bits. */
export const integerOf = (value: Marked | undefined): bigint | undefined => {
  if (typeof value !== "string" || value[0] !== "i") return undefined
  const integer = BigInt(value.slice(1))
  return BigInt.asIntN(64, integer) === integer ? integer : undefined
}

/** Any number. */
export const numberOf = (value: Marked | undefined): number | undefined =>
  typeof value === "string" && value[0] !== "s" ? Number(value.slice(1)) : undefined

/** A text. */
export const textOf = (value: Marked | undefined): string | undefined =>
  typeof value === "string" && value[0] === "s" ? value.slice(1) : undefined
