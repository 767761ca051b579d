/**
 * What a caller writes, as rows or as columns, as the columns of a request, by the definition of the collection.
 *
 * Throws `CodecError` alone, which names the field, and the row where there is one.
 */
import type { ArrayInput, ColumnInput, StructInput, VectorArrayInput } from "../codec/columnInput.ts"
import type { DenseVectorType, ElementType } from "../codec/dataType.ts"
import { refuse } from "../codec/errors.ts"
import { jsonOfField, setOwn } from "../codec/json.ts"
import { float32ToBfloat16, float32ToFloat16 } from "../codec/half.ts"
import type { AnyDefinition } from "./decode.ts"
import type { AnyField, ArrayField, Field, StructArrayField } from "./field.ts"
import { isVector } from "./fieldTypes.ts"

/** A row of any collection. */
export type AnyRow = { readonly [name: string]: unknown }

/** Columns of any collection: arrays with a value a row, or packed ones. */
export type AnyColumns = { readonly [name: string]: ReadonlyArray<unknown> | ArrayBufferView | undefined }

/** How rows are written: whether the values of an automatic key are among them. */
export interface WriteMode {
  readonly withKey: boolean
}

/** The columns of rows. */
export const columnsOfRows = (
  definition: AnyDefinition,
  rows: ReadonlyArray<AnyRow>,
  mode: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const { fields, options } = definition
  const written = writtenFields(definition, mode)
  const columns = written.flatMap(([name, field]) => {
    const values = rows.map((row) => row[name])
    return column(name, field, values)
  })
  const isKnown = (name: string) => Object.hasOwn(fields, name)
  const extras = rows.map((row, at) => {
    let extra: Record<string, unknown> | undefined
    for (const name in row) {
      if (isKnown(name) || row[name] === undefined) continue
      if (options.dynamicFields !== true) refuse(name, at, `a field of ${definition.name}, which has no dynamic fields`)
      extra ??= {}
      setOwn(extra, name, row[name])
    }
    return extra
  })
  refuseComputed(definition, written, (name) => rows.findIndex((row) => row[name] !== undefined))
  return options.dynamicFields === true ? [...columns, dynamic(extras)] : columns
}

/** The columns of columns. */
export const columnsOfColumns = (
  definition: AnyDefinition,
  given: AnyColumns,
  mode: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const { fields, options } = definition
  const written = writtenFields(definition, mode)
  for (const name of Object.keys(given)) {
    const isDynamic = name === dynamicName && options.dynamicFields === true
    if (!isDynamic && !Object.hasOwn(fields, name)) refuse(name, undefined, `a field of ${definition.name}`)
  }
  refuseComputed(definition, written, (name) => given[name] === undefined ? -1 : 0)
  const columns = written.flatMap(([name, field]) => {
    const values = given[name]
    return column(name, field, values ?? nothing(field, rowsOfColumns(definition, given)))
  })
  const extras = given[dynamicName]
  return Array.isArray(extras) ? [...columns, dynamic(extras)] : columns
}

/** How many rows columns have, by the first of them that tells. */
export const rowsOfColumns = (definition: AnyDefinition, given: AnyColumns): number => {
  for (const [name, values] of Object.entries(given)) {
    if (Array.isArray(values)) return values.length
    if (values === undefined) continue
    const field = definition.fields[name]
    const { length } = values as unknown as ArrayLike<unknown>
    return field === undefined ? length : length / packedWidth(field)
  }
  return 0
}

const dynamicName = "$meta"

/** Elements of a packed column for each row. */
export const packedWidth = (field: AnyField): number => {
  const dimension = field.options.dimension ?? 1
  if (field.type === "BinaryVector") return dimension / 8
  return isVector(field) ? dimension : 1
}

/** The fields that a request carries: not those that Milvus gives their values. */
const writtenFields = (
  { fields, options }: AnyDefinition,
  { withKey }: WriteMode,
): ReadonlyArray<[string, AnyField]> => {
  const computed = new Set(Object.values(options.functions ?? {}).flatMap(({ output }) => output))
  return Object.entries(fields).filter(([name, field]) => !computed.has(name) && (withKey || !field.options.autoId))
}

const refuseComputed = (
  { fields }: AnyDefinition,
  written: ReadonlyArray<[string, AnyField]>,
  rowWith: (name: string) => number,
): void => {
  if (written.length === Object.keys(fields).length) return
  const names = new Set(written.map(([name]) => name))
  for (const name of Object.keys(fields)) {
    if (names.has(name)) continue
    const row = rowWith(name)
    if (row >= 0) refuse(name, row, "no value: Milvus gives it one")
  }
}

type Values = ReadonlyArray<unknown> | ArrayBufferView

const hasDefault = ({ options }: AnyField): boolean => options.default !== undefined

/** The values of a field that is not given: a default stands in for one in each row. */
const nothing = (field: AnyField, rows: number): ReadonlyArray<undefined> =>
  hasDefault(field) ? Array.from({ length: rows }, () => undefined) : []

/** One column; none for a nullable field that every row leaves out. */
const column = (name: string, field: AnyField, values: Values): ReadonlyArray<ColumnInput> => {
  const nullable = field.options.nullable === true || hasDefault(field)
  if (Array.isArray(values)) {
    const missing = values.findIndex((value) => value === undefined || value === null)
    if (missing >= 0 && !nullable) refuse(name, missing, "a value")
    // Milvus 2.3.5 panics where a field with a default has no column.
    if (nullable && !hasDefault(field) && values.every((value) => value === undefined)) return []
  }
  // Cast: what a value is, is looked at where it is encoded.
  return [
    { fieldName: name, ...(nullable ? { nullable } : {}), ...content(name, field, values as Given) } as ColumnInput,
  ]
}

/** Values that the encoder looks at. */
// deno-lint-ignore no-explicit-any -- each is checked, and refused by name, by the encoder of its type
type Given = any

const content = (name: string, field: AnyField, values: Given): object => {
  const { type, options } = field
  const dimension = options.dimension ?? 0
  switch (type) {
    case "JSON":
      return { type, values: texts(name, values) }
    case "Array":
      // Cast: the type says which of the fields it is.
      return arrays(name, field as ArrayField, values)
    case "ArrayOfStruct":
      // Cast: as above.
      return structs(name, field as StructArrayField, values)
    case "Float16Vector":
    case "BFloat16Vector": {
      if (!(values instanceof Float32Array)) return vectors(type, dimension, values)
      const narrow = type === "Float16Vector" ? float32ToFloat16 : float32ToBfloat16
      return { type, dimension, values: narrow(values) }
    }
    case "FloatVector":
    case "BinaryVector":
    case "Int8Vector":
      return vectors(type, dimension, values)
    case "SparseFloatVector":
      return { type, rows: values }
    case "Other":
      return refuse(name, undefined, "a field of a type that this version knows")
    default:
      return { type, values }
  }
}

const vectors = (type: DenseVectorType, dimension: number, values: Given): object =>
  Array.isArray(values) ? { type, dimension, rows: values } : { type, dimension, values }

const arrays = (name: string, { element }: ArrayField, rows: Given): ArrayInput => {
  if (!Array.isArray(rows)) refuse(name, undefined, "an array a row")
  // Cast: an array holds such elements only.
  return { type: "Array", elementType: element.type as ElementType, rows } as ArrayInput
}

const structs = (name: string, { members }: StructArrayField, rows: Given): StructInput => {
  if (!Array.isArray(rows)) refuse(name, undefined, "an array of structs a row")
  const fields = Object.entries(members).map(([member, field]) => {
    const values = rows.map((row: Given, at: number) => {
      if (row === null || row === undefined) return row
      if (!Array.isArray(row)) return refuse(name, at, "an array of structs")
      return row.map((struct: Given) => struct?.[member])
    })
    return { fieldName: member, ...memberContent(field, values) }
  })
  // Cast: as in `column`.
  return { type: "ArrayOfStruct", fields } as StructInput
}

const memberContent = (member: Field, rows: Given): ArrayInput | VectorArrayInput => {
  const { type: elementType, options } = member
  return isVector(member)
    // Cast: a struct holds vectors with a dimension only.
    ? { type: "ArrayOfVector", elementType, dimension: options.dimension ?? 0, rows } as VectorArrayInput
    // Cast: and scalars.
    : { type: "Array", elementType, rows } as ArrayInput
}

const dynamic = (extras: ReadonlyArray<unknown>): ColumnInput => ({
  fieldName: dynamicName,
  isDynamic: true,
  type: "JSON",
  values: texts(dynamicName, extras.map((extra) => extra ?? {})),
})

/** JSON as text. */
const texts = (name: string, values: ReadonlyArray<unknown>): ReadonlyArray<string | null> =>
  values.map((value, row) => value === undefined || value === null ? null : jsonOfField(value, name, row))
