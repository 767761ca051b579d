import type { CollectionOptions } from "./definition.ts"

/** Returns the names of the fields that are outputs of functions. */
export const computedFields = ({ functions = {} }: Pick<CollectionOptions, "functions">): ReadonlySet<string> =>
  new Set(Object.values(functions).flatMap(({ output }) => output))
