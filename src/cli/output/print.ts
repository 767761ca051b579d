/** How commands print what they found, in the format that was asked for. */
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import * as Stream from "effect/Stream"
import { type Output, print, sendData, Terminal } from "../screen.ts"
import { printable } from "./cells.ts"
import { pairs, tableWriter } from "./table.ts"
import { type CellKind, csvWriter, jsonWriter, ndjsonWriter, type Row, type RowWriter } from "./writer.ts"

const formats = ["table", "json", "ndjson", "csv"] as const

/** How results are printed. */
export type Format = typeof formats[number]

/** The flag `--output`, which every command has. */
export const OutputFormat: GlobalFlag.Setting<"output", Format> = GlobalFlag.Setting("output")({
  flag: Flag.Literals("output", formats).pipe(
    Flag.withAlias("o"),
    Flag.withDescription("How results are printed"),
    Flag.withDefault<Format>("table"),
  ),
})

/** What printing needs. */
export type Printing = Terminal | GlobalFlag.Setting.Identifier<"output">

/** Prints rows as they come. `noun` is what they are, for a table that has none; `kindOf` is how CSV has the values of each. */
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

/** Rows that are formatted before the next ones are looked at. */
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

/** Prints one thing with its properties. */
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

/** Says what was done: a sentence for people, its record for programs. */
export const printDone = (sentence: string, record: Row): Effect.Effect<void, never, Printing> =>
  Effect.gen(function* () {
    const format = yield* OutputFormat
    if (format !== "table") return yield* printRecord(record)
    yield* Terminal.use(({ out }) => print(out, `${printable(sentence)}\n`))
  })

/** Rows that belong to one thing. */
export interface Section {
  /** The columns of its table. */
  readonly columns: ReadonlyArray<string>
  /** Its rows. */
  readonly rows: ReadonlyArray<Row>
}

/** Prints one thing with its properties, and tables of what belongs to it. */
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
