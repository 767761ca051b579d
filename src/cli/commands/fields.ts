/** Commands for the fields of a collection that exists: `create`, `alter`, `drop`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { alterProperties, propertyFlags } from "../alterProperties.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { printDone } from "../output/print.ts"
import { parseField } from "../schemaSyntax.ts"
import { argument, collectionArgument, collectionOperations } from "./args.ts"

const fieldParams = {
  collection: collectionArgument,
  field: argument("field", "The field"),
  target: targetFlags,
} as const

/** `create field`. */
export const create = Command.make(
  "field",
  {
    collection: collectionArgument,
    text: argument("new-field", 'Field as in create collection, which has to be nullable: "pages Int32 nullable"'),
    target: targetFlags,
  },
  ({ collection, text, target }) =>
    Effect.gen(function* () {
      const [name, field] = yield* parseField(text)
      yield* withConnection(target)(
        Effect.flatMap(collectionOperations, ({ addField }) => addField(collection, name, field)),
      )
      yield* printDone(`created field ${name} of ${collection}`, { created: name, collection })
    }),
).pipe(
  Command.withDescription("Add a field to a collection; rows that exist have no value in it"),
  Command.withExamples([{ command: 'create field books "pages Int32 nullable"' }]),
)

/** `alter field`. */
export const alter = Command.make(
  "field",
  { ...fieldParams, ...propertyFlags },
  ({ collection, field, target, ...flags }) =>
    alterProperties(flags, (change) =>
      withConnection(target)(Effect.gen(function* () {
        const { alterField, dropFieldProperties } = yield* collectionOperations
        if ("set" in change) yield* alterField(collection, field, change.set)
        else yield* dropFieldProperties(collection, field, change.drop)
        yield* printDone(`altered field ${field} of ${collection}`, { altered: field, collection })
      }))),
).pipe(
  Command.withDescription("Set or drop properties of a field, such as the maximum length of its texts"),
  Command.withExamples([{ command: "alter field books title --property max_length=500" }]),
)

/** `drop field`. */
export const drop = Command.make(
  "field",
  { ...fieldParams, yes: yesFlag },
  ({ collection, field, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { dropField } = yield* collectionOperations
      yield* confirm(yes, `Drop the field ${field} of ${collection} with its values?`)
      yield* dropField(collection, field)
      yield* printDone(`dropped field ${field} of ${collection}`, { dropped: field, collection })
    })),
).pipe(Command.withDescription("Drop a field of a collection with its values"))
