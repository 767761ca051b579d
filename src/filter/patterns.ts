/** Conditions by patterns of `like`, and the escapes of these. */
import { type Conditions, constant, isText } from "./comparisons.ts"
import { type Feature, type Filter, filter, type FilterPart, needing } from "./Filter.ts"

/** Returns a text with the characters escaped that have a special meaning in a pattern of `like`. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&")

/** Returns the conditions by patterns on a text. */
export const patterns = (name: string, self: FilterPart): Conditions => {
  const like = (value: unknown, pattern: (text: string) => string): Filter => {
    const features = typeof value === "string" ? featuresOf(pattern(value)) : []
    const needed = features.reduce((part, feature) => needing(feature, part), self)
    // Cast: the check has looked at the type.
    return filter`${needed} like ${constant(name, isText, value, (text) => filter.literal(pattern(text as string)))}`
  }
  return {
    startsWith: (value: unknown) => {
      if (typeof value !== "string" || escapeLike(value) === value) return like(value, (text) => `${text}%`)
      // Servers differ in what they read as an escape, and agree on the order of texts.
      const end = successor(value)
      return end === undefined ? filter`${self} >= ${value}` : filter`${self} >= ${value} and ${self} < ${end}`
    },
    endsWith: (value: unknown) => like(value, (text) => `%${escapeLike(text)}`),
    includes: (value: unknown) => like(value, (text) => `%${escapeLike(text)}%`),
    like: (value: unknown) => like(value, (text) => text),
  }
}

/** Milvus 2.3 knows patterns that end in their only `%`, and no escapes. milvus-lite reads only some escapes. */
const featuresOf = (pattern: string): ReadonlyArray<Feature> => {
  if (/^[^%_\\]*%?$/.test(pattern)) return []
  return [pattern.includes("\\") ? { name: "an escape of like", since: "2.4.0", lite: false } : anyPattern]
}

const anyPattern: Feature = { name: "like", since: "2.4.0" }

/** Returns the first text that is greater than all those that begin with another one, in the order of UTF-8. */
const successor = (text: string): string | undefined => {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0)
  while (points.at(-1) === 0x10ffff) points.pop()
  const last = points.pop()
  if (last === undefined) return undefined
  // Surrogates are not characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
}
