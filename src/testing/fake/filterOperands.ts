/** What the sides of a comparison are: constants, columns with a path, arithmetic with a column, lengths. */
import type { DataType, TemplateValue } from "../../wire/messages.gen.ts"
import type { Cell } from "./columns.ts"
import type { Step, Value } from "./filterSyntax.ts"
import { at, integerOf, type Marked, markedOf, numberOf, textOf } from "./jsonCell.ts"
import type { Field } from "./layout.ts"

/** A primary key. */
export type Key = bigint | string

/** Values for the placeholders of a filter. */
export type Templates = Readonly<Record<string, TemplateValue>>

/** The cells of a row. */
export type Cells = ReadonlyMap<string, Cell>

/** Whether a row matches; `undefined` if a value that decides it is null. */
export type Test = (cells: Cells) => boolean | undefined

/** What kind of values there are to compare with. */
export type Kind = "bool" | "integer" | "float" | "text" | "json"

/** A scalar value of a row; `undefined` if there is none. */
export type Read = (cells: Cells) => Value | undefined

/** A column, or what stands at a path in it. */
export interface Column {
  readonly kind: Kind
  readonly field: Field
  readonly path: ReadonlyArray<Step>
}

/** Kinds of constants. */
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

/** The kind of the values of a type; `undefined` if there is nothing to compare with. */
export const kindOfType = (type: DataType): Kind | undefined => kinds[type]

/** The cell of a field. */
export const cellOf = (column: Column, cells: Cells): Cell => cells.get(column.field.name) ?? null

/** The value of a column that is not JSON, or of an element of it. Integers are a `bigint`, of whatever width. */
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

/** What a comparison gives if there is no value: a null is not known, an element that is not there does not match. */
export const absent = ({ path }: Column): false | undefined => path.length > 0 ? false : undefined

/** What stands at the path in a JSON column. */
export const jsonOf = (column: Column) => (cells: Cells): Marked | undefined => {
  const cell = cellOf(column, cells)
  return cell instanceof Uint8Array ? at(markedOf(cell), column.path) : undefined
}

/** The elements of an Array. */
export const elementsOf = (cell: Cell): ReadonlyArray<Value> => {
  if (cell === null || typeof cell !== "object" || !("data" in cell) || cell.data === undefined) return []
  const { data } = cell[cell.data] ?? {}
  // Cast: elements of an Array are scalars.
  return Array.isArray(data) ? data as ReadonlyArray<Value> : []
}

/** A value of JSON as the kind of a constant, as Milvus reads it: an integer for one, or else any number. */
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

/** Negative, 0 or positive; `NaN` if there is no order. Text is ordered by its code points. */
export const compare = (a: Value, b: Value): number => {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b)
  if (typeof a === "number" && Number.isNaN(a) || typeof b === "number" && Number.isNaN(b)) return NaN
  return a < b ? -1 : a > b ? 1 : 0
}

const compareText = (a: string, b: string): number => {
  if (a === b) return 0
  let index = 0
  while (a.charCodeAt(index) === b.charCodeAt(index) && index < a.length) index++
  // Halves of a pair stand behind all other characters.
  const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)].map((unit) =>
    unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
  )
  if (Number.isNaN(left)) return -1
  return Number.isNaN(right) || (left ?? 0) > (right ?? 0) ? 1 : -1
}

/** Whether a comparison has a sign's outcome. */
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

/** The opposite. */
export const negated = (test: Test): Test => (cells) => {
  const is = test(cells)
  return is === undefined ? undefined : !is
}

/** Whether both match, as far as that is known. */
export const both = (a: Test, b: Test): Test => (cells) => {
  const [one, other] = [a(cells), b(cells)]
  if (one === false || other === false) return false
  return one === undefined || other === undefined ? undefined : true
}

/** Whether one matches, as far as that is known. */
export const either = (a: Test, b: Test): Test => (cells) => {
  const [one, other] = [a(cells), b(cells)]
  if (one === true || other === true) return true
  return one === undefined || other === undefined ? undefined : false
}
