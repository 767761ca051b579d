/** `export`: a collection as NDJSON, as a stream. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { writingFile } from "../fileWriter.ts"
import { ndjsonWriter } from "../output/writer.ts"
import { printDone } from "../output/print.ts"
import { progressBar } from "../progress.ts"
import { printedRows } from "../rows.ts"
import { Screen } from "../screen.ts"
import { inConnection, targetFlags } from "../target.ts"
import {
  collectionArgument,
  collectionOperations,
  countFlag,
  namesFlag,
  optionalArgument,
  textFlag,
  vectorOperations,
} from "./parts.ts"

/** `export`. */
export const exportRows = Command.make(
  "export",
  {
    collection: collectionArgument,
    file: optionalArgument("file", "Where to (default: the standard output)"),
    filter: textFlag("filter", "CONDITION", "Only rows that it lets through"),
    fields: namesFlag("fields", "A,B", "Only these fields, and the primary key"),
    limit: countFlag("limit", "The most rows"),
    batch: countFlag("batch", "How many rows come in one reply (default: 1000)"),
    partitions: namesFlag("partitions", "A,B", "Only these partitions"),
    target: targetFlags,
  },
  ({ collection, file, filter, fields, limit, batch, partitions, target }) =>
    inConnection(target)(Effect.scoped(Effect.gen(function* () {
      const Vectors = yield* vectorOperations
      const tell = yield* progressBar
      const total = Math.min(
        limit ?? Infinity,
        yield* Vectors.count(collection, filter, { partitions, consistency: "Strong" }),
      )
      const batches = Vectors.queryBatches(collection, filter, {
        partitions,
        limit,
        consistency: "Strong",
        // None at all would never end.
        batchSize: batch || undefined,
        outputFields: fields ?? ["*"],
      })
      const { fromServer } = yield* collectionOperations
      const order = Object.keys((yield* fromServer(collection)).fields)
      const writer = ndjsonWriter()
      let count = 0
      const writeAll = <E>(write: (text: string) => Effect.Effect<void, E>) =>
        Stream.runForEach(batches, ({ columns, rows, length }) =>
          Effect.gen(function* () {
            yield* write(writer.rows(printedRows(columns, rows, order)))
            count += length
            // On the standard output, a terminal shows the rows themselves.
            if (file === undefined) return
            const part = total === 0 ? undefined : count / total
            yield* tell({ label: `exporting ${collection}`, part, about: `${count.toLocaleString("en")} rows` })
          }))
      if (file === undefined) return yield* writeAll((yield* Screen).out.write)
      yield* writingFile(file, writeAll)
      yield* printDone(`exported ${count.toLocaleString("en")} rows of ${collection} to ${file}`, {
        collection,
        exported: count,
        file,
      })
    }))),
).pipe(
  Command.withDescription("All rows of a collection as NDJSON, a JSON object a line"),
  Command.withExamples([{ command: "export books books.ndjson" }, {
    command: "export books | gzip > books.ndjson.gz",
  }]),
)
