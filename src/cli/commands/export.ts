/** `export`: streams a collection as NDJSON, JSON or CSV. `import` reads the same rows back. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { withFileWriter } from "../fileWriter.ts"
import { formatOf, type InputFormat } from "../input/source.ts"
import { dynamicColumn } from "../input/values.ts"
import { OutputFormat, printDone } from "../output/print.ts"
import { csvWriter, jsonWriter, ndjsonWriter, type Row, type RowWriter } from "../output/writer.ts"
import { progressBar } from "../progress.ts"
import { cellKind, printableRows } from "../printableRows.ts"
import { sendData, Terminal } from "../screen.ts"
import { targetFlags } from "../connectionFlags.ts"
import { namespaceFlag, principalFlags, withRows } from "../tenants.ts"
import {
  collectionArgument,
  collectionOperations,
  countFlag,
  filterFlag,
  formatFlag,
  namesFlag,
  optionalArgument,
  vectorOperations,
} from "./args.ts"

/** Makes a writer for the rows of a collection, with the given fields or with all. */
const writerFor = (
  format: InputFormat,
  definition: AnyDefinition,
  fields: ReadonlyArray<string> | undefined,
): RowWriter => {
  if (format !== "csv") return format === "json" ? jsonWriter() : ndjsonWriter()
  const known = Object.keys(definition.fields)
  const isKey = (name: string) => definition.fields[name]?.options.primaryKey === true
  const columns = fields === undefined || fields.includes("*")
    ? known
    : known.filter((name) => fields.includes(name) || isKey(name))
  const kinds = new Map(known.map((name) => [name, cellKind(definition.fields[name]?.type ?? "Other")]))
  if (definition.options.dynamicFields !== true) return csvWriter(columns, (name) => kinds.get(name) ?? "dynamic")
  // Rows differ in their dynamic keys, and the header is written before all are known: one column holds them all.
  const writer = csvWriter([...columns, dynamicColumn], (name) => kinds.get(name) ?? "json")
  const withKeys = (row: Row): Row => {
    const keys = Object.entries(row).filter(([name]) => !Object.hasOwn(definition.fields, name))
    return keys.length === 0 ? row : { ...row, [dynamicColumn]: Object.fromEntries(keys) }
  }
  return { rows: (rows) => writer.rows(rows.map(withKeys)), end: writer.end }
}

/** `export`. */
export const exportRows = Command.make(
  "export",
  {
    collection: collectionArgument,
    file: optionalArgument("file", "Output file (default: the standard output)"),
    format: formatFlag("Format of the rows (default: by the file name, else ndjson)"),
    filter: filterFlag,
    fields: namesFlag("fields", "A,B", "Only these fields and the primary key"),
    limit: countFlag("limit", "Maximum number of rows"),
    batch: countFlag("batch", "Number of rows in one reply (default: 1000)"),
    partitions: namesFlag("partitions", "A,B", "Only these partitions"),
    namespace: namespaceFlag,
    ...principalFlags,
    target: targetFlags,
  },
  ({ collection, file, format, filter, fields, limit, batch, partitions, namespace, target, ...principal }) =>
    withRows(target, principal)(
      Effect.scoped(Effect.gen(function* () {
        const Vectors = yield* vectorOperations
        const { fromServer } = yield* collectionOperations
        const { out } = yield* Terminal
        const printed = yield* OutputFormat
        const written = format ??
          (file === undefined ? printed === "table" ? undefined : printed : formatOf(file)) ?? "ndjson"
        const definition = yield* fromServer(collection)
        const order = Object.keys(definition.fields)
        const writer = writerFor(written, definition, fields)
        const report = yield* progressBar
        let count = 0
        const writeAll = <E>(write: (text: string) => Effect.Effect<void, E>) =>
          Effect.gen(function* () {
            // Only needed to show the progress.
            const total = file === undefined || !(yield* Terminal).err.isTerminal
              ? undefined
              : yield* Vectors.count(collection, filter, { partitions, namespace, consistency: "Strong" })
            const batches = Vectors.queryBatches(collection, filter, {
              partitions,
              namespace,
              limit,
              consistency: "Strong",
              batchSize: batch,
              outputFields: fields ?? ["*"],
            })
            yield* Stream.runForEach(batches, ({ columns, rows, length }) =>
              Effect.gen(function* () {
                yield* write(writer.rows(printableRows(columns, rows, order)))
                count += length
                // On the standard output, the rows themselves show the progress.
                if (file === undefined) return
                const part = total === undefined ? undefined : count / Math.min(limit ?? Infinity, Math.max(total, 1))
                yield* report({ label: `exporting ${collection}`, part, about: `${count.toLocaleString("en")} rows` })
              }))
            yield* write(writer.end())
          })
        if (file === undefined) return yield* writeAll((text) => sendData(out, text))
        yield* withFileWriter(file, writeAll)
        yield* printDone(`exported ${count.toLocaleString("en")} rows of ${collection} to ${file}`, {
          collection,
          exported: count,
          file,
        })
      })),
    ),
).pipe(
  Command.withDescription("Export the rows of a collection as NDJSON, JSON or CSV, which import reads back"),
  Command.withExamples([
    { command: "export books books.ndjson" },
    { command: "export books books.csv" },
    { command: "export books | gzip > books.ndjson.gz" },
  ]),
)
