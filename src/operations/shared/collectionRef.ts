/** A collection as an argument of an operation: its definition, or its name. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ParamError } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { checkOptions, readCollection } from "./options.ts"

/** A collection, by its definition or by its name, which may be an alias. */
export type CollectionRef = string | AnyDefinition

/** Returns the name of a collection. */
export const nameOf = (collection: CollectionRef): string =>
  typeof collection === "string" ? collection : collection.name

/** Checks the options of an operation, then the collection, and returns its name. */
export const readRef = (
  collection: CollectionRef,
  options: object | undefined,
  names: ReadonlySet<string>,
): Effect.Effect<string, ParamError> =>
  Effect.fromResult(Result.flatMap(checkOptions(options, names), () => readCollection(collection)))
