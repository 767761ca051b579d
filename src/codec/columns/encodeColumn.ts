/** Encodes columns: `schema.FieldData`. */
import type { ColumnInput } from "./columnInput.ts"
import { dataTypes } from "./dataType.ts"
import { arrayArray } from "./encodeArrays.ts"
import { scalarArray } from "./encodeScalars.ts"
import {
  denseLength,
  densePart,
  denseVectors,
  sparseLength,
  sparsePart,
  vectorArrayLength,
  vectorArrayPart,
} from "./encodeVectors.ts"
import { describeValue, throwValue } from "../errors.ts"
import { BytesList, isList } from "../protobuf/lists.ts"
import { countValid } from "./nulls.ts"
import { packedBool } from "../protobuf/packed.ts"
import type { Valid } from "./scalars.ts"
import { bool, emptyFragment, type Fragment, message, text, uint } from "../protobuf/writer.ts"

/** A column as a field of a message, and its number of rows. */
export interface ColumnPart {
  readonly rows: number
  readonly part: Fragment
}

/**
 * Returns a column as the field `field` of a message. Nulls are marked in `valid_data` and left out of the values, as
 * Milvus requires. `inside` is the path of the struct that contains the column, for errors.
 */
export const columnPart = (field: number, column: ColumnInput, inside = ""): ColumnPart => {
  const name = inside + column.fieldName
  if (!Object.hasOwn(dataTypes, column.type)) {
    throwValue(name, undefined, "a known data type", describeValue(column.type))
  }
  if (column.type === "ArrayOfStruct") return structPart(field, column, name)
  const length = lengthOf(column, name)
  const valid = validOf(column, length, name)
  const part = message(field, [
    uint(1, dataTypes[column.type]),
    text(2, column.fieldName, "fieldName"),
    dataPart(column, name, valid),
    bool(6, column.isDynamic ?? false),
    valid === undefined ? emptyFragment : packedBool(7, valid),
  ])
  return { rows: valid?.length ?? length, part }
}

/**
 * Returns columns as fields of a message, and their number of rows. Throws `CodecError` if the numbers of rows differ.
 */
export const columnParts = (
  field: number,
  columns: ReadonlyArray<ColumnInput>,
  inside = "",
): { readonly rows: number; readonly parts: ReadonlyArray<Fragment> } => {
  const all = columns.map((column) => columnPart(field, column, inside))
  const rows = all[0]?.rows ?? 0
  const other = all.findIndex((column) => column.rows !== rows)
  if (other >= 0) {
    throwValue(
      inside + columns[other]!.fieldName,
      undefined,
      `${rows} rows, like "${columns[0]!.fieldName}"`,
      `${all[other]!.rows}`,
    )
  }
  return { rows, parts: all.map(({ part }) => part) }
}

const structPart = (
  field: number,
  column: Extract<ColumnInput, { readonly type: "ArrayOfStruct" }>,
  name: string,
): ColumnPart => {
  const { rows, parts } = columnParts(1, column.fields, `${name}.`)
  const part = message(field, [
    uint(1, dataTypes.ArrayOfStruct),
    text(2, column.fieldName, "fieldName"),
    message(8, parts),
    bool(6, column.isDynamic ?? false),
  ])
  return { rows, part }
}

type Plain = Exclude<ColumnInput, { readonly type: "ArrayOfStruct" }>

/** Returns the number of values: one for each row, or, for dense vectors in a typed array, one for each valid row. */
const lengthOf = (column: Plain, name: string): number => {
  switch (column.type) {
    case "FloatVector":
    case "BinaryVector":
    case "Float16Vector":
    case "BFloat16Vector":
    case "Int8Vector":
      return denseLength(column, name)
    case "SparseFloatVector":
      return sparseLength(column)
    case "ArrayOfVector":
      return vectorArrayLength(column)
    case "Array":
      return "rows" in column ? column.rows.length : Math.max(0, column.offsets.length - 1)
    default:
      return isList(column.values) || column.values instanceof BytesList
        ? column.values.length
        : throwValue(name, undefined, "an array of values", describeValue(column.values))
  }
}

/** Whether a column may hold only the dense vectors of valid rows. */
const mayBeCompact = (column: Plain): boolean =>
  column.type.endsWith("Vector") && "dimension" in column && !("rows" in column)

/**
 * Returns the flags of a nullable column. Throws `CodecError` for flags of another length, and for a null in a field
 * that is not nullable.
 */
const validOf = (column: Plain, length: number, name: string): Valid => {
  const { valid } = column
  if (valid !== undefined) {
    if (valid.length === length) return valid
    if (mayBeCompact(column) && countValid(valid) === length) return valid
    return throwValue(name, undefined, `one \`valid\` flag per row (${length})`, `${valid.length}`)
  }
  const values: unknown = "rows" in column ? column.rows : "values" in column ? column.values : undefined
  const given: ReadonlyArray<unknown> = Array.isArray(values) ? values : []
  const flags = column.nullable === true ? new Uint8Array(length).fill(1) : undefined
  for (let row = 0; row < given.length; row++) {
    if (given[row] !== null && given[row] !== undefined) continue
    if (flags === undefined) return throwValue(name, row, "a value (the field is not nullable)")
    flags[row] = 0
  }
  return flags
}

const dataPart = (column: Plain, name: string, valid: Valid): Fragment => {
  switch (column.type) {
    case "FloatVector":
    case "BinaryVector":
    case "Float16Vector":
    case "BFloat16Vector":
    case "Int8Vector":
      return densePart(4, denseVectors(column, name, valid))
    case "SparseFloatVector":
      return sparsePart(4, column, name, valid)
    case "ArrayOfVector":
      return vectorArrayPart(4, column, name, valid)
    case "Array":
      return message(3, [arrayArray(column, name, valid)])
    default:
      return message(3, [scalarArray(column, name, valid)])
  }
}
