/** Converts columns of messages to cells of rows and back, and checks their values. */
import type { DataType, FieldData, ScalarField, ValueField, VectorField } from "../../../contract/messages.gen.ts"
import type { DeepPartial } from "../contract.ts"
import { type Field, vectorTypes } from "./layout.ts"
import { Code, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"

/** A value of a row. A float vector is a list of numbers; any other vector is its bytes. */
export type Cell = boolean | number | bigint | string | Uint8Array | ScalarField | ReadonlyArray<number> | null

type ScalarKey = NonNullable<ScalarField["data"]>
type VectorKey = NonNullable<VectorField["data"]>

/** The member of a message that has the values of a type. */
export const scalarKeys: Readonly<Partial<Record<DataType, ScalarKey>>> = {
  Bool: "bool_data",
  Int8: "int_data",
  Int16: "int_data",
  Int32: "int_data",
  Int64: "long_data",
  Float: "float_data",
  Double: "double_data",
  VarChar: "string_data",
  JSON: "json_data",
  Array: "array_data",
}

const vectorKeys: Readonly<Partial<Record<DataType, VectorKey>>> = {
  FloatVector: "float_vector",
  BinaryVector: "binary_vector",
  Float16Vector: "float16_vector",
  BFloat16Vector: "bfloat16_vector",
  Int8Vector: "int8_vector",
  SparseFloatVector: "sparse_float_vector",
}

/** The values sent in place of nulls. The column keeps its length, and `valid_data` marks the nulls. */
const nullPlaceholders: Readonly<Partial<Record<DataType, Cell>>> = {
  Bool: false,
  Int8: 0,
  Int16: 0,
  Int32: 0,
  Int64: 0n,
  Float: 0,
  Double: 0,
  VarChar: "",
  JSON: new TextEncoder().encode("{}"),
  Array: { valid_data: [] },
}

/** Reads the cells of a column. Refuses values that do not fit the field. */
export const readColumn = (field: Field, column: FieldData, rows: number, isOld: boolean): ReadonlyArray<Cell> => {
  if (column.type !== field.type) {
    throwParameter(`field ${field.name} is ${field.type}, and its data is ${column.type}`)
  }
  const values = vectorTypes.has(field.type) ? vectorsOf(field, column.vectors) : scalarsOf(field, column.scalars)
  const cells = expandNulls(field, values, column.valid_data, rows)
  cells.forEach((cell, row) => checkCell(field, cell, row, isOld))
  return cells
}

/**
 * Returns the cells of a field without a column: its default value or null. Refuses the call if the field has neither.
 */
export const missingColumn = (field: Field, rows: number): ReadonlyArray<Cell> => {
  const { default_value, is_dynamic, nullable } = field.schema
  if (default_value === null && !is_dynamic && !nullable) {
    const reason = `the data of field ${field.name} is missing, which is not nullable and has no default value`
    return field.schema.is_partition_key ? throwUnexpected(reason) : throwParameter(reason)
  }
  return new Array<Cell>(rows).fill(is_dynamic ? nullPlaceholders.JSON ?? null : defaultOf(default_value))
}

/** Writes cells as a column. */
export const writeColumn = (field: Field, cells: ReadonlyArray<Cell>): DeepPartial<FieldData> => {
  const { name, type, schema, dimension } = field
  const head = { type, field_name: name, field_id: schema.fieldID, is_dynamic: schema.is_dynamic }
  const valid = schema.nullable ? { valid_data: cells.map((cell) => cell !== null) } : {}
  if (vectorTypes.has(type)) {
    const present = cells.filter((cell) => cell !== null)
    const vectors = { dim: dimension || sparseDimension(present), [vectorKeys[type] ?? ""]: vectorData(field, present) }
    // Cast: the key follows from the type, and the cells were read from such a column.
    return { ...head, ...valid, vectors: vectors as DeepPartial<VectorField> }
  }
  const data = cells.map((cell) => cell ?? nullPlaceholders[type])
  const element = type === "Array" ? { element_type: schema.element_type } : {}
  // Cast: the key follows from the type, and the cells were read from such a column.
  return { ...head, ...valid, scalars: { [scalarKeys[type] ?? ""]: { data, ...element } } as DeepPartial<ScalarField> }
}

const scalarsOf = (field: Field, scalars: ScalarField | undefined): ReadonlyArray<Cell> => {
  const key = scalarKeys[field.type]
  const data = key === undefined ? undefined : scalars?.[key]?.data
  return data ?? throwParameter(`field '${field.name}' is illegal, array type mismatch`)
}

const vectorsOf = (field: Field, vectors: VectorField | undefined): ReadonlyArray<Cell> => {
  const { name, dimension } = field
  const key = vectorKeys[field.type]
  const data = vectors === undefined || key === undefined ? undefined : vectors[key]
  if (vectors === undefined || data === undefined) {
    return throwParameter(`field '${name}' is illegal, array type mismatch`)
  }
  if (vectors.sparse_float_vector !== undefined) return vectors.sparse_float_vector.contents
  if (Number(vectors.dim) !== dimension) {
    throwUnexpected(`the dim (${vectors.dim}) of field data(${name}) is not equal to schema dim (${dimension})`)
  }
  const values = vectors.float_vector?.data ?? data
  return values instanceof Uint8Array || Array.isArray(values)
    ? slices(name, values, widthOf(field))
    : throwParameter(`field '${name}' is illegal, array type mismatch`)
}

/** Returns the number of elements (numbers or bytes) that a vector takes in its column. */
export const widthOf = ({ type, dimension }: Pick<Field, "type" | "dimension">): number => {
  if (type === "BinaryVector") return dimension / 8
  return type === "Float16Vector" || type === "BFloat16Vector" ? 2 * dimension : dimension
}

const slices = <A extends Uint8Array | ReadonlyArray<number>>(name: string, all: A, width: number) => {
  if (all.length % width !== 0) {
    throwUnexpected(`the length(${all.length}) of the data of field ${name} should divide its width(${width})`)
  }
  return Array.from({ length: all.length / width }, (_, row) => all.slice(row * width, (row + 1) * width))
}

/** Inserts nulls, or the default value. A column may leave nulls out, or have any value in their place. */
const expandNulls = (
  field: Field,
  values: ReadonlyArray<Cell>,
  valid: ReadonlyArray<boolean>,
  rows: number,
): ReadonlyArray<Cell> => {
  const isFull = values.length === rows
  const expected = valid.length === rows && !isFull ? valid.filter((it) => it).length : rows
  if (values.length !== expected || valid.length > 0 && valid.length !== rows) {
    throwParameter(
      `the num_rows (${values.length}) of field (${field.name}) is not equal to passed num_rows (${rows})`,
    )
  }
  if (valid.length === 0) return values
  const missing = valid.includes(false) ? missingColumn(field, 1)[0] ?? null : null
  let next = 0
  return valid.map((isValid, row) => {
    const value = values[isFull ? row : next]
    if (isValid) next++
    return isValid && value !== undefined ? value : missing
  })
}

/** Integers of these types are from `-range` to `range - 1`. */
const ranges: Readonly<Partial<Record<DataType, number>>> = { Int8: 2 ** 7, Int16: 2 ** 15 }

/** Refuses a value that does not fit the field. */
export const checkCell = (field: Field, cell: Cell, row: number, isOld: boolean): void => {
  const { name, type, limit } = field
  const range = ranges[type]
  if (range !== undefined && typeof cell === "number" && (cell < -range || cell >= range)) {
    throwParameter(`the ${row}th element (${cell}) of field ${name} out of range: [${-range}, ${range - 1}]`)
  }
  if (type === "VarChar" && typeof cell === "string") {
    const { length } = new TextEncoder().encode(cell)
    if (length > limit) throwParameter(`the length (${length}) of ${row}th string exceeds max length (${limit})`)
  }
  if (type === "Array" && limit > 0) {
    const length = elementCount(cell)
    if (length > limit) throwParameter(`the length (${length}) of ${row}th array exceeds max capacity (${limit})`)
    checkElements(field, cell)
  }
  if (type === "JSON" && cell instanceof Uint8Array) checkJson(field, cell, isOld)
  if (type === "FloatVector" && Array.isArray(cell) && !cell.every(Number.isFinite)) {
    throwUnexpected(`field ${name}: value '${cell.find((it) => !Number.isFinite(it))}' is not a number or infinity`)
  }
}

const checkElements = ({ name, schema, length }: Field, cell: Cell): void => {
  if (cell === null || typeof cell !== "object" || !("data" in cell) || cell.data === undefined) return
  if (cell.data !== scalarKeys[schema.element_type]) {
    throwParameter(
      `insert data does not match: ${cell.data} for the elements of ${name}, which are ${schema.element_type}`,
    )
  }
  const longest = Math.max(0, ...(cell.string_data?.data ?? []).map((text) => new TextEncoder().encode(text).length))
  if (longest > length) throwParameter(`the length (${longest}) of a string exceeds max length (${length})`)
}

/**
 * Refuses invalid JSON. The value of a dynamic field has to be an object; before Milvus 2.4, every JSON value had to.
 */
const checkJson = ({ name, schema }: Field, cell: Uint8Array, isOld: boolean): void => {
  const throwInvalid = (reason: string) =>
    schema.is_dynamic ? throwUnexpected(reason) : throwRefusal(Code.ioFailed, `IO failed: ${reason}`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(cell))
  } catch {
    return throwInvalid(`the data of field ${name} is not JSON`)
  }
  if (!schema.is_dynamic && !isOld) return
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return throwInvalid(`cannot unmarshal ${JSON.stringify(value)} into Go value of type map`)
  }
  if (schema.is_dynamic && Object.hasOwn(value, "$meta")) throwInvalid("cannot set json key to: $meta")
}

const elementCount = (cell: Cell): number => {
  if (cell === null || typeof cell !== "object" || !("data" in cell) || cell.data === undefined) return 0
  return cell[cell.data]?.data.length ?? 0
}

const defaultOf = (value: ValueField | null): Cell => value?.data === undefined ? null : value[value.data] ?? null

const vectorData = (field: Field, cells: ReadonlyArray<Cell>): object => {
  if (field.type === "SparseFloatVector") return { contents: cells, dim: sparseDimension(cells) }
  if (field.type === "FloatVector") return { data: cells.flatMap((cell) => Array.isArray(cell) ? cell : []) }
  const width = widthOf(field)
  const bytes = new Uint8Array(width * cells.length)
  cells.forEach((cell, row) => cell instanceof Uint8Array && bytes.set(cell, row * width))
  return bytes
}

/** Returns the dimension of a column of sparse vectors: the highest index plus 1. */
const sparseDimension = (cells: ReadonlyArray<Cell>): number =>
  cells.reduce<number>((max, cell) => {
    if (!(cell instanceof Uint8Array) || cell.length < 8) return max
    return Math.max(max, 1 + new DataView(cell.buffer, cell.byteOffset).getUint32(cell.length - 8, true))
  }, 0)
