/** Commands for imports by the server: `bulk-import`, `list imports`, `describe import`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type * as Import from "../../operations/Import.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { longWait, namedJob, noWaitFlag, waitFlag, waitFor } from "../jobs.ts"
import { printDone } from "../output/print.ts"
import type { Row } from "../output/writer.ts"
import { parsePairs } from "../schemaSyntax.ts"
import {
  argument,
  collectionArgument,
  countFlag,
  idArgument,
  importOperations,
  manyFlag,
  printAll,
  textFlag,
} from "./args.ts"

const wait = ({ id, progress }: Import.ImportJob) =>
  waitFor(
    progress,
    namedJob("import", id.join(" ")),
    ({ percent, rows }) => ({ part: percent / 100, about: `${rows.toLocaleString("en")} rows` }),
  )

/** `bulk-import`. */
export const bulkImport = Command.make(
  "bulk-import",
  {
    collection: collectionArgument,
    files: argument("files", "Paths of JSON, Parquet, CSV or NumPy files in the bucket of the server").pipe(
      Argument.atLeast(1),
    ),
    partition: textFlag("partition", "NAME", "Partition to import into"),
    settings: manyFlag("setting", "KEY=VALUE", "Setting of the import, such as sep=; for CSV; may be repeated"),
    noWait: noWaitFlag,
    target: targetFlags,
  },
  ({ collection, files, partition, settings: pairs, noWait, target }) =>
    Effect.gen(function* () {
      const settings = pairs.length === 0 ? undefined : Object.fromEntries(yield* parsePairs(pairs))
      yield* withConnection(target)(Effect.gen(function* () {
        const { start } = yield* importOperations
        const job = yield* start(collection, files, { partition, settings, ...longWait })
        const ids = job.id.join(" ")
        if (noWait) {
          return yield* printDone(`import ${ids} into ${collection} has started`, {
            importing: collection,
            ids: job.id,
          })
        }
        const { rows } = yield* wait(job)
        yield* printDone(`imported ${rows.toLocaleString("en")} rows into ${collection}`, {
          imported: collection,
          ids: job.id,
          rows,
        })
      }))
    }),
).pipe(
  Command.withDescription("Let the server import files that are in its storage; `import` sends a local file"),
  Command.withExamples([
    { command: "bulk-import books uploads/books.parquet" },
    { command: "bulk-import books uploads/books.csv --setting 'sep=;' --no-wait" },
  ]),
)

const columns = ["id", "state", "percent", "rows", "collection", "files", "created", "failure"]

const rowOf = ({ id, state, percent, rows, collection, files, created, failure }: Import.ImportTask): Row => ({
  id,
  state,
  percent,
  rows,
  collection,
  files: files.join(" "),
  created,
  failure,
})

/** `list imports`. */
export const list = Command.make(
  "imports",
  {
    collection: textFlag("collection", "NAME", "Only imports into this collection"),
    limit: countFlag("limit", "Maximum number of imports, the newest first"),
    target: targetFlags,
  },
  ({ collection, limit, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { list } = yield* importOperations
      yield* printAll(columns, (yield* list({ collection, limit })).map(rowOf), "imports")
    })),
).pipe(Command.withDescription("List the imports by the server"))

/** `describe import`. */
export const describe = Command.make(
  "import",
  {
    ids: idArgument("Ids of the import, which bulk-import prints").pipe(Argument.atLeast(1)),
    wait: waitFlag,
    target: targetFlags,
  },
  ({ ids, wait: isWaiting, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe, fromId } = yield* importOperations
      const tasks = isWaiting
        ? (yield* wait(yield* fromId(ids, longWait))).tasks
        : yield* Effect.forEach(ids, (id) => describe(id))
      yield* printAll(columns, tasks.map(rowOf), "imports")
    })),
).pipe(Command.withDescription("Show the state of an import by the server, or wait for it"))
