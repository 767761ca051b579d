/** `insert`, `import` and `delete`: writes rows into a collection, and deletes them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { UsageError } from "../errors.ts"
import { openSource, type Source, textSource } from "../input/source.ts"
import { printDone } from "../output/print.ts"
import { targetFlags } from "../connectionFlags.ts"
import { type ImportOptions, writeRows } from "../importRows.ts"
import { namespaceFlag, principalFlags, withRows } from "../tenants.ts"
import {
  argument,
  collectionArgument,
  collectionOperations,
  countFlag,
  filterFlag,
  formatFlag,
  manyFlag,
  namesFlag,
  optionalArgument,
  switchFlag,
  textFlag,
  vectorOperations,
} from "./args.ts"

const writeFlags = {
  partition: textFlag("partition", "NAME", "Partition to write to"),
  upsert: switchFlag("upsert", "Replace rows with the same primary keys"),
  format: formatFlag("Format of the rows (default: by the file name, else ndjson)"),
  without: namesFlag("without", "A,B", "Fields to leave out, such as a key that Milvus generates"),
  namespace: namespaceFlag,
  ...principalFlags,
} as const

const write = (
  collection: string,
  input: Pick<ImportOptions, "partition" | "namespace" | "format" | "skip" | "batchSize"> & {
    readonly source: Source
    readonly upsert: boolean
    readonly without: ReadonlyArray<string> | undefined
  },
) =>
  Effect.gen(function* () {
    const Vectors = yield* vectorOperations
    const { fromServer } = yield* collectionOperations
    const definition = yield* fromServer(collection)
    const start = performance.now()
    const { upsert, without, ...rest } = input
    const rows = yield* writeRows({ ...rest, definition, isUpsert: upsert, without: new Set(without) }, Vectors)
    const seconds = Math.round((performance.now() - start) / 10) / 100
    const what = upsert ? "upserted" : "inserted"
    yield* printDone(`${what} ${rows.toLocaleString("en")} rows into ${collection} in ${seconds} s`, {
      collection,
      [what]: rows,
      seconds,
    })
  })

const defaultBatchSize = 1000

/** `insert`. */
export const insert = Command.make(
  "insert",
  {
    collection: collectionArgument,
    rows: optionalArgument("rows", "Row, or array of rows, as JSON (default: rows from the standard input)"),
    ...writeFlags,
    target: targetFlags,
  },
  ({ collection, rows, principal, skipPolicies, target, ...input }) =>
    withRows(target, { principal, skipPolicies })(Effect.gen(function* () {
      const source = rows === undefined ? yield* openSource("-") : textSource("rows", rows)
      const format = rows === undefined ? input.format : input.format ?? "json"
      yield* write(collection, { ...input, format, source, skip: 0, batchSize: defaultBatchSize })
    })),
).pipe(
  Command.withDescription("Insert rows from the command line or the standard input"),
  Command.withExamples([{ command: `insert books '{"id": 1, "title": "Emma", "v": [0.1, 0.2, 0.3, 0.4]}'` }]),
)

/** `import`. */
export const importFile = Command.make(
  "import",
  {
    collection: collectionArgument,
    file: argument("file", "JSON array, NDJSON or CSV; - is the standard input"),
    ...writeFlags,
    skip: countFlag("skip", "Number of rows to skip, for example because they are written already", 0),
    batch: countFlag("batch", `Number of rows in one request (default: ${defaultBatchSize})`),
    target: targetFlags,
  },
  ({ collection, file, skip = 0, batch = defaultBatchSize, principal, skipPolicies, target, ...input }) =>
    withRows(target, { principal, skipPolicies })(Effect.gen(function* () {
      yield* write(collection, { ...input, source: yield* openSource(file), skip, batchSize: batch })
    })),
).pipe(
  Command.withDescription("Insert the rows of a file of any size"),
  Command.withExamples([{ command: "import books books.csv" }]),
)

/** Converts keys to the type of the primary key. Text keys are unchanged, commas and spaces included. */
const keysOf = (
  { fields }: AnyDefinition,
  texts: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<bigint | string>, UsageError> => {
  const isText = Object.values(fields).some(({ type, options }) => options.primaryKey === true && type === "VarChar")
  if (isText) return Effect.succeed(texts)
  return Effect.forEach(texts.flatMap((text) => text.split(",")), (text) => {
    const key = /^\s*[+-]?\d+\s*$/.test(text) ? BigInt(text.trim().replace("+", "")) : undefined
    return key !== undefined && BigInt.asIntN(64, key) === key ? Effect.succeed(key) : Effect.fail(
      new UsageError({
        reason: `--ids: expected 64-bit integer keys, got ${JSON.stringify(text)}`,
        hint: "write 1,2,3, or --ids for each key",
      }),
    )
  })
}

/** `delete`. */
export const deleteRows = Command.make(
  "delete",
  {
    collection: collectionArgument,
    filter: filterFlag,
    ids: manyFlag("ids", "KEY", "Primary key of a row; may be repeated, or 1,2,3 for integer keys"),
    all: switchFlag("all", "All rows of the collection, or of the partition"),
    partition: textFlag("partition", "NAME", "Only in this partition"),
    namespace: namespaceFlag,
    ...principalFlags,
    yes: yesFlag,
    target: targetFlags,
  },
  ({ collection, filter, ids, all, partition, namespace, principal, skipPolicies, yes, target }) =>
    Effect.gen(function* () {
      const ways = [filter !== undefined, ids.length > 0, all].filter((isGiven) => isGiven)
      if (ways.length !== 1) {
        return yield* new UsageError({
          reason: `expected one of --filter, --ids and --all, got ${ways.length === 0 ? "none" : "several"}`,
          hint: "give --filter, --ids or --all",
        })
      }
      yield* withRows(target, { principal, skipPolicies })(Effect.gen(function* () {
        const Vectors = yield* vectorOperations
        const { fromServer } = yield* collectionOperations
        const definition = yield* fromServer(collection)
        const [which, what] = filter !== undefined
          ? [{ filter }, `the rows with ${filter}`] as const
          : all
          ? [{ all: true }, "ALL rows"] as const
          : [{ ids: yield* keysOf(definition, ids) }, `the rows with the keys ${ids.join(" and ")}`] as const
        const part = [
          ...(partition === undefined ? [] : [`the partition ${partition}`]),
          ...(namespace === undefined ? [] : [`the namespace ${namespace}`]),
          collection,
        ]
        const where = part.join(" of ")
        yield* confirm(yes, `Delete ${what} from ${where}?`)
        const count = yield* Vectors.delete(definition, which, { partition, namespace })
        yield* printDone(`deleted ${count.toLocaleString("en")} rows from ${where}`, { collection, deleted: count })
      }))
    }),
).pipe(
  Command.withDescription("Delete rows, after confirmation"),
  Command.withExamples([
    { command: "delete books --filter 'year < 1900'" },
    { command: "delete books --ids 1,2 --yes" },
    { command: "delete tags --ids 'a,b' --ids c" },
    { command: "delete books --all" },
  ]),
)
