/**
 * What a caller writes, as rows or as columns, as the columns of a request, by the definition of the collection.
 *
 * Throws `CodecError` alone, which names the field, and the row where there is one.
 */
import type { ArrayInput, ColumnInput, StructInput, VectorArrayInput } from "../codec/columns/columnInput.ts"
import type { DenseVectorType, ElementType } from "../codec/columns/dataType.ts"
import { describeValue, throwValue } from "../codec/errors.ts"
import { toBfloat16, toFloat16 } from "../codec/columns/float16.ts"
import { setOwn } from "../codec/parseJson.ts"
import { jsonOfField } from "../codec/stringifyJson.ts"
import { isList } from "../codec/protobuf/lists.ts"
import { CodecError } from "../errors.ts"
import type { AnyDefinition } from "./decodeSchema.ts"
import type { AnyField, ArrayField, Field, Fields, StructArrayField } from "./fieldTypes.ts"
import { isVector } from "./typeNames.ts"
import { own } from "./own.ts"

/** A row of any collection. */
export type AnyRow = { readonly [name: string]: unknown }

/** Columns of any collection: arrays with a value a row, or packed ones. */
export type AnyColumns = { readonly [name: string]: ReadonlyArray<unknown> | ArrayBufferView | undefined }

/** How rows are written. */
export interface WriteMode {
  /** Whether the values of an automatic key are among them. */
  readonly withKey: boolean
  /** Whether the rows replace others: a nullable field that no row gives is then written as nulls. Default `false`. */
  readonly replaces?: boolean | undefined
}

/** The columns of rows. */
export const rowsToColumns = (
  definition: AnyDefinition,
  rows: ReadonlyArray<AnyRow>,
  mode: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const { options } = definition
  const written = writtenFields(definition, mode)
  checkRows(rows)
  const columns = written.flatMap(([name, field]) => column(name, field, valuesOf(rows, name), mode))
  for (const name of givenFields(definition, written)) {
    const row = valuesOf(rows, name).findIndex((value) => value !== undefined)
    if (row >= 0) throwGenerated(name, row)
  }
  const extras = extrasOf(definition, rows)
  return options.dynamicFields === true ? [...columns, dynamic(extras)] : columns
}

/** The columns of columns. */
export const normalizeColumns = (
  definition: AnyDefinition,
  given: AnyColumns,
  mode: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const { options } = definition
  const rows = rowsOfColumns(definition, given)
  const written = writtenFields(definition, mode)
  for (const name of givenFields(definition, written)) {
    if (own(given, name) !== undefined) throwGenerated(name, undefined)
  }
  const columns = written.flatMap(([name, field]) =>
    column(name, field, own(given, name) ?? Array.from<undefined>({ length: rows }), mode)
  )
  if (options.dynamicFields !== true) return columns
  const extras = own(given, dynamicName) ?? Array.from<undefined>({ length: rows })
  // Cast: `rowsOfColumns` refuses what is not an array.
  const objects = extras as ReadonlyArray<unknown>
  objects.forEach((extra, at) => checkExtra(definition, extra, at))
  return [...columns, dynamic(objects)]
}

/** How many rows columns have. Refuses columns of unequal length, and what is not a column of a field. */
export const rowsOfColumns = (definition: AnyDefinition, given: AnyColumns): number => {
  let first: { readonly name: string; readonly rows: number } | undefined
  for (const name of Object.keys(given)) {
    const values = given[name]
    if (values === undefined) continue
    const rows = columnLength(definition, name, values)
    first ??= { name, rows }
    if (rows !== first.rows) throwValue(name, undefined, `${first.rows} rows, as "${first.name}" has, got ${rows}`)
  }
  return first?.rows ?? throwValue("rows", undefined, "an array of rows, or columns; got an object without a column")
}

const columnLength = (definition: AnyDefinition, name: string, values: unknown): number => {
  const field = fieldOf(definition.fields, name)
  if (field === undefined && !(name === dynamicName && definition.options.dynamicFields === true)) {
    return throwValue(name, undefined, `a field of ${definition.name}`)
  }
  if (Array.isArray(values)) return values.length
  if (!isList(values) || field === undefined) {
    const what = `an array with a value for each row, got ${describeValue(values)}`
    return throwValue(name, undefined, `${what}; a single row goes into an array too`)
  }
  if (isDetached(values)) return throwValue(name, undefined, "values, got a typed array whose memory was transferred")
  const width = packedWidth(field)
  if (values.length % width !== 0) {
    return throwValue(name, undefined, `whole vectors of ${width} elements, got ${values.length} elements`)
  }
  return values.length / width
}

const isDetached = (values: ArrayLike<unknown>): boolean => {
  if (values.length > 0 || !ArrayBuffer.isView(values)) return false
  try {
    new Uint8Array(values.buffer)
    return false
  } catch {
    return true
  }
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

/** The fields to which Milvus gives their values. */
const givenFields = (
  { fields }: AnyDefinition,
  written: ReadonlyArray<[string, AnyField]>,
): ReadonlyArray<string> => {
  const names = new Set(written.map(([name]) => name))
  return Object.keys(fields).filter((name) => !names.has(name))
}

const throwGenerated = (name: string, row: number | undefined): never =>
  throwValue(name, row, "no value: Milvus gives it one")

/** Refuses rows that are not objects with names: a `Map`, a `Promise` or an array has no fields to look for. */
const checkRows = (rows: ReadonlyArray<unknown>): void => {
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]
    try {
      if (isRecord(row)) continue
    } catch (cause) {
      throwUnreadable("rows", at, cause)
    }
    throwValue("rows", at, `an object with a value for each field, got ${describeValue(row)}`)
  }
}

/** Whether what a value has is in its properties: not that of a `Map`, a `Promise`, a `Date` or an array. */
const isRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.prototype.toString.call(value) === "[object Object]")

/** The values of a field, one for each row. */
const valuesOf = (rows: ReadonlyArray<AnyRow>, name: string): ReadonlyArray<unknown> => {
  const values: Array<unknown> = []
  const isInherited = name in Object.prototype
  try {
    for (const row of rows) values.push(isInherited ? own(row, name) : row[name])
  } catch (cause) {
    return throwUnreadable(name, values.length, cause)
  }
  return values
}

/** What each row has beside the fields: dynamic keys, or `undefined`. Refuses them if the collection takes none. */
const extrasOf = ({ name: collection, fields, options }: AnyDefinition, rows: ReadonlyArray<AnyRow>) => {
  const extras: Array<Record<string, unknown> | undefined> = []
  let name = "rows"
  try {
    for (const row of rows) {
      let extra: Record<string, unknown> | undefined
      for (name in row) {
        if (Object.hasOwn(fields, name)) continue
        const value = row[name]
        if (value === undefined) continue
        const at = extras.length
        if (options.dynamicFields !== true) {
          throwValue(name, at, `a field of ${collection}, which has no dynamic fields`)
        }
        if (name === dynamicName) {
          throwValue(name, at, "dynamic keys beside the fields of a row, and not inside of this one")
        }
        extra ??= {}
        setOwn(extra, name, value)
      }
      extras.push(extra)
    }
  } catch (cause) {
    return throwUnreadable(name, extras.length, cause)
  }
  return extras
}

/** Code of the caller that failed: a getter, or a proxy. */
const throwUnreadable = (name: string, at: number, cause: unknown): never => {
  if (cause instanceof CodecError) throw cause
  return throwValue(name, at, "a value that can be read", undefined, cause)
}

/** Refuses what is not an object of dynamic keys. */
const checkExtra = (definition: AnyDefinition, extra: unknown, at: number): void => {
  if (extra === undefined || extra === null) return
  if (!isRecord(extra)) {
    return throwValue(dynamicName, at, `an object of dynamic keys, got ${describeValue(extra)}`)
  }
  for (const name of Object.keys(extra as object)) {
    if (Object.hasOwn(definition.fields, name) || name === dynamicName) {
      throwValue(dynamicName, at, `keys that are not fields, got "${name}"`)
    }
  }
}

const fieldOf = (fields: Fields, name: string): AnyField | undefined => own(fields, name)

type Values = ReadonlyArray<unknown> | ArrayBufferView

const hasDefault = ({ options }: AnyField): boolean => options.default !== undefined

/** One column; none for a nullable field that every row of an insert leaves out. */
const column = (name: string, field: AnyField, values: Values, { replaces }: WriteMode): ReadonlyArray<ColumnInput> => {
  const nullable = field.options.nullable === true || hasDefault(field)
  if (Array.isArray(values)) {
    checkMissing(name, field, values)
    // Milvus 2.3.5 panics where a field with a default has no column. An upsert keeps what has no column.
    const mayBeLeftOut = nullable && !hasDefault(field) && replaces !== true && field.type !== "ArrayOfStruct"
    if (mayBeLeftOut && values.length > 0 && values.every((value) => value === undefined)) return []
  }
  // Cast: what a value is, is looked at where it is encoded.
  return [
    { fieldName: name, ...(nullable ? { nullable } : {}), ...content(name, field, values as Given) } as ColumnInput,
  ]
}

/** Refuses a row without a value in a field that needs one, and `null` where the server would store another value. */
const checkMissing = (name: string, field: AnyField, values: ReadonlyArray<unknown>): void => {
  const isOptional = hasDefault(field)
  if (field.options.nullable === true && !isOptional) return
  for (let at = 0; at < values.length; at++) {
    const value = values[at]
    if (value === null && isOptional) {
      throwValue(name, at, "a value, or none (undefined) for the default, got null, which the default would replace")
    }
    if ((value === undefined || value === null) && !isOptional) {
      throwValue(name, at, `a value, got ${describeValue(value)}`)
    }
  }
}

/** Values that the encoder looks at. */
// deno-lint-ignore no-explicit-any -- each is checked, and refused by name, by the encoder of its type
type Given = any

const content = (name: string, field: AnyField, values: Given): object => {
  const { type, options } = field
  const { dimension = 0, maxLength } = options
  switch (type) {
    case "JSON":
      return { type, values: texts(name, listOf(name, values)) }
    case "Array":
      // Cast: the type says which of the fields it is.
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
      return throwValue(name, undefined, "a field of a type that this version knows")
    default:
      return { type, values }
  }
}

/** Types whose values are not numbers have no packed columns. */
const listOf = (name: string, values: Given): ReadonlyArray<Given> =>
  Array.isArray(values)
    ? values
    : throwValue(name, undefined, `an array with a value for each row, got ${describeValue(values)}`)

const vectors = (type: DenseVectorType, dimension: number, values: Given): object =>
  Array.isArray(values) ? { type, dimension, rows: values } : { type, dimension, values }

/** The bits of packed numbers. A number that would become infinite is refused. */
const halves = (
  name: string,
  type: "Float16Vector" | "BFloat16Vector",
  dimension: number,
  values: Float32Array,
): Uint16Array => {
  const convert = type === "Float16Vector" ? toFloat16 : toBfloat16
  const infinity = type === "Float16Vector" ? 0x7c00 : 0x7f80
  const bits = new Uint16Array(values.length)
  for (let at = 0; at < bits.length; at++) {
    const value = values[at]!
    const half = bits[at] = convert(value)
    if ((half & 0x7fff) === infinity && Number.isFinite(value)) {
      throwValue(name, Math.floor(at / dimension), `numbers in the range of ${type}, got ${value}`)
    }
  }
  return bits
}

const arrays = ({ element, options }: ArrayField, rows: ReadonlyArray<Given>): ArrayInput => {
  const limits = { maxCapacity: options.maxCapacity, maxLength: element.options.maxLength }
  // Cast: an array holds such elements only.
  return { type: "Array", elementType: element.type as ElementType, rows, ...limits } as ArrayInput
}

const structs = (name: string, { members, options }: StructArrayField, rows: ReadonlyArray<Given>): StructInput => {
  const names = Object.keys(members)
  rows.forEach((row, at) => {
    if (row === null || row === undefined) return
    if (!Array.isArray(row)) return throwValue(name, at, `an array of structs, got ${describeValue(row)}`)
    try {
      for (const struct of row) checkStruct(name, at, names, struct)
    } catch (cause) {
      throwUnreadable(name, at, cause)
    }
  })
  const fields = Object.entries(members).map(([member, field]) => ({
    fieldName: member,
    // A null is one of each member.
    ...(options.nullable === true ? { nullable: true } : {}),
    ...memberContent(
      field,
      options.maxCapacity,
      rows.map((row) => row === null || row === undefined ? null : row.map((struct: Given) => struct[member])),
    ),
  }))
  // Cast: as in `column`.
  return { type: "ArrayOfStruct", fields } as StructInput
}

/** Refuses what does not have each member, and those alone. */
const checkStruct = (name: string, at: number, names: ReadonlyArray<string>, struct: Given): void => {
  if (!isRecord(struct)) {
    return throwValue(name, at, `structs with the members ${names.join(", ")}, got ${describeValue(struct)}`)
  }
  const missing = names.find((member) => (own<unknown>(struct, member) ?? null) === null)
  if (missing !== undefined) throwValue(`${name}.${missing}`, at, "a value in each struct")
  const unknown = Object.keys(struct).find((member) => struct[member] !== undefined && !names.includes(member))
  if (unknown !== undefined) throwValue(`${name}.${unknown}`, at, `a member of the struct: ${names.join(", ")}`)
}

const memberContent = (
  member: Field,
  maxCapacity: number | undefined,
  rows: ReadonlyArray<Given>,
): ArrayInput | VectorArrayInput => {
  const { type: elementType, options: { dimension = 0, maxLength } } = member
  return isVector(member)
    // Cast: a struct holds vectors with a dimension only.
    ? { type: "ArrayOfVector", elementType, dimension, rows, maxCapacity } as VectorArrayInput
    // Cast: and scalars.
    : { type: "Array", elementType, rows, maxCapacity, maxLength } as ArrayInput
}

/** The dynamic field: its keys are those of the object, and not what its `toJSON` makes of them. */
const dynamic = (extras: ReadonlyArray<unknown>): ColumnInput => ({
  fieldName: dynamicName,
  isDynamic: true,
  type: "JSON",
  values: extras.map((extra, row) => {
    if (extra === undefined || extra === null) return "{}"
    if (typeof extra === "object" && "toJSON" in extra && typeof extra.toJSON === "function") {
      return throwValue("toJSON", row, "a JSON value", "a function")
    }
    return jsonOfField(extra, dynamicName, row)
  }),
})

/** JSON as text. */
const texts = (name: string, values: ReadonlyArray<unknown>): ReadonlyArray<string | null> =>
  values.map((value, row) => value === undefined || value === null ? null : jsonOfField(value, name, row))
