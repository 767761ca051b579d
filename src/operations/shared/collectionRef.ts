/** Collections as operations take them: by a definition, or by a name. */
import type { AnyDefinition } from "../../schema/decodeSchema.ts"

/** A collection by its definition or by its name. */
export type Named = string | AnyDefinition

/** The name of a collection. */
export const nameOf = (collection: Named): string => typeof collection === "string" ? collection : collection.name
