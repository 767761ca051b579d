/** Commands for namespaces, the parts of a collection for one tenant each: `list`, `describe`, `create`, `drop`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { CommandError } from "../errors.ts"
import { printDone, printRecord, printRows } from "../output/print.ts"
import { argument, collectionArgument, namespaceOperations, switchFlag, textFlag, withOthers } from "./args.ts"

const namespaceParams = {
  collection: collectionArgument,
  namespace: argument("namespace", "Namespace of the collection"),
  target: targetFlags,
} as const

/** `list namespaces`. */
export const list = Command.make(
  "namespaces",
  {
    collection: collectionArgument,
    prefix: textFlag("prefix", "TEXT", "Only namespaces whose names begin with this"),
    target: targetFlags,
  },
  ({ collection, prefix, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listDetails } = yield* namespaceOperations
      const rows = Stream.map(listDetails(collection, { prefix }), ({ name, state, created, statistics }) => ({
        name,
        state: state || undefined,
        rows: statistics?.rows,
        bytes: statistics?.bytes,
        created,
      }))
      yield* printRows(["name", "state", "rows", "bytes", "created"], rows, "namespaces")
    })),
).pipe(Command.withDescription("List the namespaces of a collection"))

/** `describe namespace`. */
export const describe = Command.make(
  "namespace",
  { ...namespaceParams, exact: switchFlag("exact", "Count the rows exactly, which takes longer") },
  ({ collection, namespace, exact, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Namespace = yield* namespaceOperations
      const found = yield* Namespace.describe(collection, namespace)
      if (found === undefined) {
        return yield* new CommandError({
          reason: `${collection} has no namespace "${namespace}"`,
          hint: `see which exist: list namespaces ${collection}`,
        })
      }
      const { name, state, created } = found
      const statistics = yield* Namespace.statistics(collection, namespace, { exact: exact || undefined })
      yield* printRecord(withOthers({
        name,
        collection,
        state: state || undefined,
        rows: statistics?.rows,
        "approximate rows": statistics?.approximateRows,
        bytes: statistics?.bytes,
        created,
        "last write": statistics?.lastWrite,
      }, statistics?.raw ?? {}))
    })),
).pipe(Command.withDescription("Show rows, size and times of a namespace"))

/** `create namespace`. */
export const create = Command.make(
  "namespace",
  namespaceParams,
  ({ collection, namespace, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { create } = yield* namespaceOperations
      yield* create(collection, namespace)
      yield* printDone(`created namespace ${namespace} of ${collection}`, { created: namespace, collection })
    })),
).pipe(Command.withDescription("Create a namespace in a collection that was defined with namespaces"))

/** `drop namespace`. */
export const drop = Command.make(
  "namespace",
  { ...namespaceParams, yes: yesFlag },
  ({ collection, namespace, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { drop, statistics } = yield* namespaceOperations
      // Fails if the namespace does not exist.
      const found = yield* statistics(collection, namespace)
      const rows = found === undefined ? "its rows" : `${found.rows.toLocaleString("en")} rows`
      yield* confirm(yes, `Drop the namespace ${namespace} of ${collection} with ${rows}?`)
      yield* drop(collection, namespace)
      yield* printDone(`dropped namespace ${namespace} of ${collection}`, { dropped: namespace, collection })
    })),
).pipe(Command.withDescription("Drop a namespace with its rows"))
