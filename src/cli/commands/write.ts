/** `insert`, `import` and `delete`: rows into a collection, and out of it. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import type { AnyDefinition } from "../../schema/decode.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { UsageError } from "../failures.ts"
import { inputFormats, openSource, type Source, textSource } from "../input/source.ts"
import { printDone } from "../output/print.ts"
import { inConnection, targetFlags } from "../target.ts"
import { writeRows, type Writing } from "../writing.ts"
import {
  argument,
  collectionArgument,
  collectionOperations,
  countFlag,
  namesFlag,
  optionalArgument,
  switchFlag,
  textFlag,
  vectorOperations,
} from "./parts.ts"

const writing = {
  partition: textFlag("partition", "NAME", "The partition that the rows go to"),
  upsert: switchFlag("upsert", "Replace rows that have the same primary keys"),
  format: Flag.Literals("format", inputFormats).pipe(
    Flag.withDescription("How rows are written (default: by the name of the file, or ndjson)"),
    Flag.withMetavar("FORMAT"),
    Flag.optional,
    Flag.map((format) => format._tag === "Some" ? format.value : undefined),
  ),
  without: namesFlag("without", "A,B", "Fields that are left out, such as a key that Milvus makes"),
} as const

const write = (
  collection: string,
  input: Pick<Writing, "partition" | "format" | "skip" | "batchSize"> & {
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
    const rows = yield* writeRows(
      { ...rest, definition, isUpsert: upsert, without: new Set(without) },
      Vectors,
    )
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
export const insert = Command.make("insert", {
  collection: collectionArgument,
  rows: optionalArgument("rows", "A row, or an array of rows, as JSON (default: rows from the standard input)"),
  ...writing,
  target: targetFlags,
}, ({ collection, rows, target, ...input }) =>
  inConnection(target)(Effect.gen(function* () {
    const source = rows === undefined ? yield* openSource("-") : textSource("rows", rows)
    const format = rows === undefined ? input.format : "json"
    yield* write(collection, { ...input, format, source, skip: 0, batchSize: defaultBatchSize })
  }))).pipe(
    Command.withDescription("Insert rows that are given as they are"),
    Command.withExamples([{ command: `insert books '{"id": 1, "title": "Emma", "v": [0.1, 0.2, 0.3, 0.4]}'` }]),
  )

/** `import`. */
export const importFile = Command.make(
  "import",
  {
    collection: collectionArgument,
    file: argument("file", "JSON array, NDJSON or CSV; - is the standard input"),
    ...writing,
    skip: countFlag("skip", "Rows that are passed over, such as those that are written already"),
    batch: countFlag("batch", `How many rows go in one request (default: ${defaultBatchSize})`),
    target: targetFlags,
  },
  ({ collection, file, skip = 0, batch = defaultBatchSize, target, ...input }) =>
    inConnection(target)(Effect.gen(function* () {
      if (batch === 0) return yield* new UsageError({ reason: "--batch: expected a number from 1 on, got 0" })
      yield* write(collection, { ...input, source: yield* openSource(file), skip, batchSize: batch })
    })),
).pipe(
  Command.withDescription("Insert the rows of a file of any size"),
  Command.withExamples([{ command: "import books books.csv" }]),
)

/** Keys as the primary key of the collection takes them. */
const keysOf = ({ fields }: AnyDefinition, text: string): ReadonlyArray<bigint | string> => {
  const isText = Object.values(fields).some(({ type, options }) => options.primaryKey === true && type === "VarChar")
  const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "")
  return words.map((word) => isText || !/^-?\d+$/.test(word) ? word : BigInt(word))
}

/** `delete`. */
export const deleteRows = Command.make("delete", {
  collection: collectionArgument,
  filter: textFlag("filter", "CONDITION", "The rows that it lets through"),
  ids: textFlag("ids", "IDS", "The rows with these primary keys, with commas between"),
  partition: textFlag("partition", "NAME", "Only in this partition"),
  yes: yesFlag,
  target: targetFlags,
}, ({ collection, filter, ids, partition, yes, target }) =>
  Effect.gen(function* () {
    if ((filter === undefined) === (ids === undefined)) {
      return yield* new UsageError({ reason: "which rows?", hint: "give --filter, or --ids" })
    }
    yield* inConnection(target)(Effect.gen(function* () {
      const Vectors = yield* vectorOperations
      const { fromServer } = yield* collectionOperations
      const definition = yield* fromServer(collection)
      const which = filter === undefined ? { ids: keysOf(definition, ids ?? "") } : { filter }
      const what = filter === undefined ? `the rows ${ids}` : `all rows where ${filter}`
      yield* confirm(yes, `Delete ${what} from ${collection}?`)
      const count = yield* Vectors.delete(definition, which, { partition })
      yield* printDone(`deleted ${count.toLocaleString("en")} rows from ${collection}`, { collection, deleted: count })
    }))
  })).pipe(
    Command.withDescription("Delete rows, after a question"),
    Command.withExamples([{ command: "delete books --filter 'year < 1900'" }, {
      command: "delete books --ids 1,2 --yes",
    }]),
  )
