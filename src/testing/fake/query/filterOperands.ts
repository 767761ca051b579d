/** Reads and compares the operands of filters: constants, columns, elements of Arrays, and values in JSON. */
import type { DataType, TemplateValue } from "../../../contract/messages.gen.ts"
import type { Cell } from "../state/storedColumns.ts"
import type { Step, Value } from "./filterSyntax.ts"
import { integerOf, type Marked, markedOf, numberOf, textOf, valueAt } from "../state/jsonCell.ts"
import type { Field } from "../state/layout.ts"

/** A primary key. */
export type Key = bigint | string

/** Values of the placeholders in a filter. */
export type Templates = Readonly<Record<string, TemplateValue>>

/** The cells of a row by the name of their field. */
export type Cells = ReadonlyMap<string, Cell>

/** Returns whether a row matches, or `undefined` if a null decides it. */
export type Test = (cells: Cells) => boolean | undefined

/** The kind of values that an operand has. */
export type Kind = "bool" | "integer" | "float" | "text" | "json"

/** Reads a scalar value of a row; `undefined` if it is null or missing. */
export type Read = (cells: Cells) => Value | undefined

/** A column, or the value at a path in it. */
export interface Column {
  readonly kind: Kind
  readonly field: Field
  readonly path: ReadonlyArray<Step>
}

/** Returns the kind of a constant. */
export const kindOfValue = (value: Value): Exclude<Kind, "json"> => {
  switch (typeof value) {
    case "bigint":
      return "integer"
    case "number":
      return "float"
    case "string":
      return "text"
    case "boolean":
      return "bool"
  }
}

const kinds: Readonly<Partial<Record<DataType, Kind>>> = {
  Bool: "bool",
  Int8: "integer",
  Int16: "integer",
  Int32: "integer",
  Int64: "integer",
  Float: "float",
  Double: "float",
  VarChar: "text",
  JSON: "json",
}

/** Returns the kind of the values of a field type, or `undefined` if its values cannot be compared. */
export const kindOfType = (type: DataType): Kind | undefined => kinds[type]

/** Returns the cell of a column. */
export const cellOf = (column: Column, cells: Cells): Cell => cells.get(column.field.name) ?? null

/** Returns a function that reads a column, or an element of an Array. Not for JSON. All integers become `bigint`. */
export const scalarOf = (column: Column): Read => {
  const [index] = column.path
  const isInteger = column.kind === "integer"
  return (cells) => {
    const cell = cellOf(column, cells)
    const value = typeof index === "bigint" ? elementsOf(cell)[Number(index)] : cell
    if (typeof value === "number") return isInteger ? BigInt(value) : value
    return typeof value === "bigint" || typeof value === "string" || typeof value === "boolean" ? value : undefined
  }
}

/** The result of a comparison without a value: unknown for a null, `false` for a missing element. */
export const resultIfMissing = ({ path }: Column): false | undefined => path.length > 0 ? false : undefined

/** Returns a function that reads the value at the path in a JSON column. */
export const jsonOf = (column: Column) => (cells: Cells): Marked | undefined => {
  const cell = cellOf(column, cells)
  return cell instanceof Uint8Array ? valueAt(markedOf(cell), column.path) : undefined
}

/** Returns the elements of an Array. */
export const elementsOf = (cell: Cell): ReadonlyArray<Value> => {
  if (cell === null || typeof cell !== "object" || !("data" in cell) || cell.data === undefined) return []
  const { data } = cell[cell.data] ?? {}
  // Cast: elements of an Array are scalars.
  return Array.isArray(data) ? data as ReadonlyArray<Value> : []
}

/**
 * Reads a value of JSON as the kind of the constant it is compared with, or returns `undefined` if it has another kind.
 * An integer constant also compares with other numbers.
 */
export const jsonValueOf = (value: Marked | undefined, like: Value): Value | undefined => {
  switch (typeof like) {
    case "bigint":
      return integerOf(value) ?? numberOf(value)
    case "number":
      return numberOf(value)
    case "string":
      return textOf(value)
    case "boolean":
      return typeof value === "boolean" ? value : undefined
  }
}

/** Compares two values: negative, 0 or positive, or `NaN` if they have no order. Text is ordered by code points. */
export const compare = (a: Value, b: Value): number => {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b)
  if (typeof a === "number" && Number.isNaN(a) || typeof b === "number" && Number.isNaN(b)) return NaN
  return a < b ? -1 : a > b ? 1 : 0
}

const compareText = (a: string, b: string): number => {
  if (a === b) return 0
  let index = 0
  while (a.charCodeAt(index) === b.charCodeAt(index) && index < a.length) index++
  // Surrogates, which stand for code points above U+FFFF, are ordered after all other code units.
  const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)].map((unit) =>
    unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
  )
  if (Number.isNaN(left)) return -1
  return Number.isNaN(right) || (left ?? 0) > (right ?? 0) ? 1 : -1
}

/** Whether the result of a comparison satisfies an operator. */
export const holds = (sign: string, order: number): boolean => {
  switch (sign) {
    case "==":
      return order === 0
    case "!=":
      return order !== 0
    case "<":
      return order < 0
    case "<=":
      return order <= 0
    case ">":
      return order > 0
    default:
      return order >= 0
  }
}

/** Negates a test. */
export const negated = (test: Test): Test => (cells) => {
  const result = test(cells)
  return result === undefined ? undefined : !result
}

/** Combines two tests by `and`, with three-valued logic. */
export const both = (a: Test, b: Test): Test => (cells) => {
  const [one, other] = [a(cells), b(cells)]
  if (one === false || other === false) return false
  return one === undefined || other === undefined ? undefined : true
}

/** Combines two tests by `or`, with three-valued logic. */
export const either = (a: Test, b: Test): Test => (cells) => {
  const [one, other] = [a(cells), b(cells)]
  if (one === true || other === true) return true
  return one === undefined || other === undefined ? undefined : false
}
