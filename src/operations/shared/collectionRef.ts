/** A collection as an argument of an operation: its definition, or its name. */
import type { AnyDefinition } from "../../schema/decodeSchema.ts"

/** A collection, by its definition or by its name, which may be an alias. */
export type CollectionRef = string | AnyDefinition

/** Returns the name of a collection. */
export const nameOf = (collection: CollectionRef): string =>
  typeof collection === "string" ? collection : collection.name
