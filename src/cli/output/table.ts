/**
 * Formats rows as a table that fits the width of the terminal.
 *
 * The column widths are taken from the first rows, so that a table of any length can be streamed. Text that does not
 * fit is cut with an ellipsis. If there are too many columns for one line, each row becomes a block of lines.
 */
import { type Output, styled } from "../screen.ts"
import { printable, toCell } from "./cells.ts"
import { fit, widthOf } from "./width.ts"
import { type Row, type RowWriter, valueOf } from "./writer.ts"

/** Number of rows from which the widths are taken. */
const sampleSize = 500
const gap = "  "
/** Smallest useful width of a column. */
const leastWidth = 8

/** Makes a writer of a table. `noun` names the rows in the message of an empty table. */
export const tableWriter = (
  columns: ReadonlyArray<string>,
  output: Pick<Output, "columns" | "hasColor">,
  noun: string,
): RowWriter => {
  let sample: Array<Row> | undefined = []
  let format: (row: Row) => string = () => ""
  let count = 0
  const begin = (rows: ReadonlyArray<Row>): string => {
    sample = undefined
    const layout = layoutOf(columns, rows, output)
    format = layout.format
    return layout.head + rows.map(format).join("")
  }
  return {
    rows: (rows) => {
      count += rows.length
      if (sample === undefined) return rows.map(format).join("")
      sample.push(...rows)
      return sample.length < sampleSize ? "" : begin(sample)
    },
    end: () => {
      if (count === 0) return `${styled(output, "dim", `no ${noun}`)}\n`
      return sample === undefined ? "" : begin(sample)
    },
  }
}

interface Layout {
  readonly head: string
  readonly format: (row: Row) => string
}

const layoutOf = (
  columns: ReadonlyArray<string>,
  sample: ReadonlyArray<Row>,
  output: Pick<Output, "columns" | "hasColor">,
): Layout => {
  const room = output.columns - gap.length * (columns.length - 1)
  const natural = columns.map((name) =>
    Math.max(
      widthOf(printable(name)),
      ...sample.map((row) => widthOf(toCell(valueOf(row, name)).slice(0, output.columns * 2))),
    )
  )
  const widths = shrink(natural, room)
  if (columns.length > 1 && widths.some((width, at) => width < Math.min(leastWidth, natural[at]!))) {
    return blocks(columns, output)
  }
  const aligns = columns.map((name) => sample.every((row) => isNumeric(valueOf(row, name))) ? "right" : "left")
  const line = (cells: ReadonlyArray<string>, style?: "bold"): string =>
    cells.map((cell, at) => {
      const text = fit(cell, widths[at]!, aligns[at])
      return style === undefined ? text : styled(output, style, at === cells.length - 1 ? text.trimEnd() : text)
    }).join(gap).trimEnd()
  const rule = styled(output, "dim", widths.map((width) => "─".repeat(width)).join(gap))
  return {
    head: `${line(columns.map(printable), "bold")}\n${rule}\n`,
    format: (row) => `${line(columns.map((name) => toCell(valueOf(row, name))))}\n`,
  }
}

const isNumeric = (value: unknown): boolean => typeof value === "number" || typeof value === "bigint"

/** Shrinks the widest columns until all fit. */
const shrink = (widths: ReadonlyArray<number>, room: number): ReadonlyArray<number> => {
  const total = (cap: number) => widths.reduce((sum, width) => sum + Math.min(width, cap), 0)
  let cap = Math.max(...widths)
  while (cap > 1 && total(cap) > room) cap--
  // The remainder of the rounding goes to the first columns that can use it.
  let spare = room - total(cap)
  return widths.map((width) => {
    const extra = width > cap && spare > 0 ? Math.min(spare, width - cap) : 0
    spare -= extra
    return Math.min(width, cap) + extra
  })
}

/** Lays out each row as a block with a line for each column. */
const blocks = (columns: ReadonlyArray<string>, output: Pick<Output, "columns" | "hasColor">): Layout => {
  let count = 0
  return {
    head: "",
    format: (row) =>
      `${styled(output, "dim", `── ${++count} ──`)}\n${
        pairs(columns.map((name) => [name, valueOf(row, name)]), output)
      }`,
  }
}

/** Formats names with their values, one per line. */
export const pairs = (
  entries: ReadonlyArray<readonly [string, unknown]>,
  output: Pick<Output, "columns" | "hasColor">,
): string => {
  const named = entries.map(([name, value]) => [printable(name), value] as const)
  const left = Math.min(Math.max(...named.map(([name]) => widthOf(name))), Math.floor(output.columns / 3))
  return named.map(([name, value]) => {
    const right = fit(toCell(value), output.columns - left - gap.length).trimEnd()
    return `${styled(output, "bold", fit(name, left))}${gap}${right}`.trimEnd() + "\n"
  }).join("")
}
