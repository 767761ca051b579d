/** Prints the results of commands in the format of the flag `--output`. */
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Stream from "effect/Stream"
import { type Output, print, sendData, Terminal } from "../screen.ts"
import { printable } from "./cells.ts"
import { pairs, tableWriter } from "./table.ts"
import { type CellKind, csvWriter, jsonWriter, ndjsonWriter, type Row, type RowWriter } from "./writer.ts"

/** Formats of results. */
export const formats = ["table", "json", "ndjson", "csv"] as const

/** Format of results. */
export type Format = typeof formats[number]

/** Global flag `--output`. */
export const OutputFormat: GlobalFlag.Setting<"output", Format> = GlobalFlag.Setting("output")({
  flag: Flag.Literals("output", formats).pipe(
    Flag.withAlias("o"),
    Flag.withDescription("Format of the results"),
    Flag.withDefault<Format>("table"),
  ),
})

/** Requirements of printing. */
export type Printing = Terminal | GlobalFlag.Setting.Identifier<"output">

/**
 * Prints rows as they arrive. `noun` names the rows in the message of an empty table; `kindOf` returns the kind of CSV
 * cell for a column.
 */
export const printRows = <E, R>(
  columns: ReadonlyArray<string>,
  rows: Stream.Stream<Row, E, R>,
  noun = "rows",
  kindOf?: (name: string) => CellKind,
): Effect.Effect<void, E, R | Printing> =>
  Effect.gen(function* () {
    const { out } = yield* Terminal
    const format = yield* OutputFormat
    const writer = writerOf(format, columns, out, noun, kindOf)
    const write = (text: string) => format === "table" ? print(out, text) : sendData(out, text)
    yield* Stream.runForEachArray(Stream.rechunk(rows, chunkSize), (some) => write(writer.rows(some)))
    yield* write(writer.end())
  })

/** Number of rows that are formatted at a time. */
const chunkSize = 250

const writerOf = (
  format: Format,
  columns: ReadonlyArray<string>,
  out: Output,
  noun: string,
  kindOf: ((name: string) => CellKind) | undefined,
): RowWriter => {
  switch (format) {
    case "table":
      return tableWriter(columns, out, noun)
    case "json":
      return jsonWriter()
    case "ndjson":
      return ndjsonWriter()
    case "csv":
      return csvWriter(columns, kindOf)
  }
}

/** Prints one object with its properties. */
export const printRecord = (record: Row): Effect.Effect<void, never, Printing> =>
  Effect.gen(function* () {
    const { out } = yield* Terminal
    const format = yield* OutputFormat
    const entries = Object.entries(record).filter(([, value]) => value !== undefined)
    if (format === "table") return yield* print(out, pairs(entries, out))
    if (format === "csv") {
      const writer = csvWriter(entries.map(([name]) => name))
      return yield* sendData(out, writer.rows([record]) + writer.end())
    }
    yield* sendData(out, ndjsonWriter().rows([record]))
  })

/** Prints the outcome of a command: a sentence in the format `table`, and the record in other formats. */
export const printDone = (sentence: string, record: Row): Effect.Effect<void, never, Printing> =>
  Effect.gen(function* () {
    const format = yield* OutputFormat
    if (format !== "table") return yield* printRecord(record)
    yield* Terminal.use(({ out }) => print(out, `${printable(sentence)}\n`))
  })

/** Table within the details of an object. */
export interface Section {
  /** Columns of the table. */
  readonly columns: ReadonlyArray<string>
  /** Rows of the table. */
  readonly rows: ReadonlyArray<Row>
}

/** Prints one object with its properties, and tables of its parts. */
export const printDetails = (
  record: Row,
  sections: Readonly<Record<string, Section>>,
): Effect.Effect<void, never, Printing> =>
  Effect.gen(function* () {
    const { out } = yield* Terminal
    const format = yield* OutputFormat
    if (format !== "table") {
      const tables = Object.entries(sections).map(([name, { rows }]) => [name, rows] as const)
      return yield* printRecord({ ...record, ...Object.fromEntries(tables) })
    }
    yield* printRecord(record)
    for (const [name, { columns, rows }] of Object.entries(sections)) {
      const filled = columns.filter((column) =>
        rows.some((row) => ![undefined, ""].includes(row[column] as string | undefined))
      )
      const writer = tableWriter(filled, out, name)
      yield* print(out, `\n${writer.rows(rows)}${writer.end()}`)
    }
  })
