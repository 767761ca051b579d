/** Conditions that a field does not have. In a program that is not typed, they fail when they are used. */
import { type Conditions, failValue } from "./comparisons.ts"
import { filter, type FilterPart, partOf } from "./Filter.ts"

/** The names of all conditions. */
const names =
  ("eq ne lt le gt ge between in notIn isNull isNotNull startsWith endsWith includes like matches matchesPhrase contains " +
    "containsAll containsAny exists equals touches overlaps crosses intersects within dwithin isValid elementFilter " +
    "matchAny matchAll matchLeast matchMost matchExact").split(" ")

/** Adds conditions to a part, and refuses all others. `what` describes the field. */
export const withConditions = (self: FilterPart, name: string, what: string, known: Conditions): FilterPart =>
  Object.assign(self, refused(name, `a condition that ${what} has: ${Object.keys(known).join(", ") || "none"}`), known)

/** Returns conditions that all fail. */
export const refusing = (name: string, expected: string): FilterPart =>
  Object.assign(failing(name, expected), refused(name, expected))

const failing = (name: string, expected: string): FilterPart => partOf(() => failValue(name, expected))

const refused = (name: string, expected: string): Conditions => {
  const self = failing(name, expected)
  const flat = Object.fromEntries(names.map((condition) => [condition, () => filter`${self}`]))
  const inner = () => Object.assign(failing(name, expected), flat)
  return { ...flat, length: inner(), at: inner, path: inner }
}
