/**
 * Converts the values of one field to the content of its column, by the type of the field.
 *
 * Throws only `CodecError`. Most values are checked by the encoder of their type; structs are checked here.
 */
import type { ArrayInput, StructInput, VectorArrayInput } from "../codec/columns/columnInput.ts"
import type { DenseVectorType, ElementType } from "../codec/columns/dataType.ts"
import { toBfloat16, toFloat16 } from "../codec/columns/float16.ts"
import { describeValue, throwValue } from "../codec/errors.ts"
import { jsonOfField } from "../codec/stringifyJson.ts"
import type { AnyField, ArrayField, Field, StructArrayField } from "./fieldTypes.ts"
import { own } from "./own.ts"
import { isRecord, throwUnreadable } from "./records.ts"
import { isVector } from "./typeNames.ts"

/** A value of the caller that is not checked yet. */
// deno-lint-ignore no-explicit-any -- the encoder of the type checks each value, and its error names the field
export type Unchecked = any

/** Returns the type, the values and the options of the column of a field. */
export const columnContent = (name: string, field: AnyField, values: Unchecked): object => {
  const { type, options } = field
  const { dimension = 0, maxLength } = options
  switch (type) {
    case "JSON":
      return { type, values: texts(name, listOf(name, values)) }
    case "Array":
      // Cast: `type` discriminates the fields.
      return arrays(field as ArrayField, listOf(name, values))
    case "ArrayOfStruct":
      // Cast: as above.
      return structs(name, field as StructArrayField, listOf(name, values))
    case "Float16Vector":
    case "BFloat16Vector":
      return values instanceof Float32Array
        ? { type, dimension, values: halves(name, type, dimension, values) }
        : vectors(type, dimension, values)
    case "FloatVector":
    case "BinaryVector":
    case "Int8Vector":
      return vectors(type, dimension, values)
    case "SparseFloatVector":
      return { type, rows: listOf(name, values) }
    case "VarChar":
    case "Text":
      return { type, values, maxLength }
    case "Other":
      return throwValue(name, undefined, "a supported type; upgrade the client")
    default:
      return { type, values }
  }
}

/** Throws for a column that is not an array: types whose values are not numbers have no typed arrays. */
const listOf = (name: string, values: Unchecked): ReadonlyArray<Unchecked> =>
  Array.isArray(values) ? values : throwValue(name, undefined, "an array with one value per row", describeValue(values))

const vectors = (type: DenseVectorType, dimension: number, values: Unchecked): object =>
  Array.isArray(values) ? { type, dimension, rows: values } : { type, dimension, values }

/** Converts packed numbers to half precision. Throws for a number that would become infinite. */
const halves = (
  name: string,
  type: "Float16Vector" | "BFloat16Vector",
  dimension: number,
  values: Float32Array,
): Uint16Array => {
  const convert = type === "Float16Vector" ? toFloat16 : toBfloat16
  const infinity = type === "Float16Vector" ? 0x7c00 : 0x7f80
  const bits = new Uint16Array(values.length)
  for (let index = 0; index < bits.length; index++) {
    const value = values[index]!
    const half = bits[index] = convert(value)
    if ((half & 0x7fff) === infinity && Number.isFinite(value)) {
      throwValue(name, Math.floor(index / dimension), `numbers in the range of ${type}`, `${value}`)
    }
  }
  return bits
}

const arrays = ({ element, options }: ArrayField, rows: ReadonlyArray<Unchecked>): ArrayInput => {
  const limits = { maxCapacity: options.maxCapacity, maxLength: element.options.maxLength }
  // Cast: `Field.array` accepts only these element types.
  return { type: "Array", elementType: element.type as ElementType, rows, ...limits } as ArrayInput
}

const structs = (name: string, { members, options }: StructArrayField, rows: ReadonlyArray<Unchecked>): StructInput => {
  const names = Object.keys(members)
  rows.forEach((row, index) => {
    if (row === null || row === undefined) return
    if (!Array.isArray(row)) return throwValue(name, index, "one array of structs per row", describeValue(row))
    try {
      for (const struct of row) checkStruct(name, index, names, struct)
    } catch (cause) {
      throwUnreadable(name, index, cause)
    }
  })
  const fields = Object.entries(members).map(([member, field]) => ({
    fieldName: member,
    // A null row is a null of each member.
    ...(options.nullable === true ? { nullable: true } : {}),
    ...memberContent(
      field,
      options.maxCapacity,
      rows.map((row) => row === null || row === undefined ? null : row.map((struct: Unchecked) => struct[member])),
    ),
  }))
  // Cast: the encoder checks the values.
  return { type: "ArrayOfStruct", fields } as StructInput
}

/** Throws for a struct that does not have exactly the members. */
const checkStruct = (name: string, row: number, names: ReadonlyArray<string>, struct: Unchecked): void => {
  if (!isRecord(struct)) {
    return throwValue(name, row, `structs with the members ${names.join(", ")}`, describeValue(struct))
  }
  const missing = names.find((member) => (own<unknown>(struct, member) ?? null) === null)
  if (missing !== undefined) throwValue(`${name}.${missing}`, row, "a value in each struct")
  const unknown = Object.keys(struct).find((member) => struct[member] !== undefined && !names.includes(member))
  if (unknown !== undefined) throwValue(`${name}.${unknown}`, row, `a member of the struct (${names.join(", ")})`)
}

const memberContent = (
  member: Field,
  maxCapacity: number | undefined,
  rows: ReadonlyArray<Unchecked>,
): ArrayInput | VectorArrayInput => {
  const { type: elementType, options: { dimension = 0, maxLength } } = member
  return isVector(member)
    // Cast: the vectors of a struct have a dimension.
    ? { type: "ArrayOfVector", elementType, dimension, rows, maxCapacity } as VectorArrayInput
    // Cast: its other members are scalars.
    : { type: "Array", elementType, rows, maxCapacity, maxLength } as ArrayInput
}

/** Encodes values as JSON text. */
const texts = (name: string, values: ReadonlyArray<unknown>): ReadonlyArray<string | null> =>
  values.map((value, row) => value === undefined || value === null ? null : jsonOfField(value, name, row))
