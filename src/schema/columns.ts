/**
 * Converts the rows or columns of a caller to the columns of a request, and checks them against the definition.
 *
 * Throws only `CodecError`, which names the field, and the row if the error is in one.
 */
import type { ColumnInput } from "../codec/columns/columnInput.ts"
import { describeValue, throwValue } from "../codec/errors.ts"
import { setOwn } from "../codec/parseJson.ts"
import { isList } from "../codec/protobuf/lists.ts"
import { jsonOfField } from "../codec/stringifyJson.ts"
import { columnContent, type Unchecked } from "./columnContent.ts"
import { computedFields } from "./computedFields.ts"
import type { AnyDefinition } from "./decodeSchema.ts"
import type { AnyField, Fields } from "./fieldTypes.ts"
import { own } from "./own.ts"
import { isRecord, throwUnreadable } from "./records.ts"
import { isVector } from "./typeNames.ts"

/** A row of any collection. */
export type AnyRow = { readonly [name: string]: unknown }

/** Columns of any collection: arrays with one value per row, or typed arrays. */
export type AnyColumns = { readonly [name: string]: ReadonlyArray<unknown> | ArrayBufferView | undefined }

/** Options of {@linkcode rowsToColumns} and {@linkcode normalizeColumns}. */
export interface WriteMode {
  /** Whether the rows have values for a key with `autoId`. */
  readonly withKey: boolean
  /**
   * Whether the rows replace others. A nullable field without a value in any row is then written as nulls.
   *
   * @default false
   */
  readonly replaces?: boolean | undefined
  /**
   * The names of the fields that a partial upsert writes, which keeps the values of others. `$meta` stands for dynamic
   * keys.
   *
   * @default All fields.
   */
  readonly only?: ReadonlySet<string> | undefined
}

/** Transposes rows to columns, and checks them against the definition. */
export const rowsToColumns = (
  definition: AnyDefinition,
  rows: ReadonlyArray<AnyRow>,
  mode: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const { options } = definition
  const written = writtenFields(definition, mode)
  checkRows(rows)
  const columns = written.flatMap(([name, field]) => column(name, field, valuesOf(rows, name), mode))
  for (const name of generatedFields(definition, written)) {
    const row = valuesOf(rows, name).findIndex((value) => value !== undefined)
    if (row >= 0) throwUnwritten(definition, name, row, mode)
  }
  const extras = extrasOf(definition, rows)
  if (mode.only !== undefined) checkSameExtras(extras, mode.only)
  return options.dynamicFields === true && isWritten(mode, dynamicName) ? [...columns, dynamic(extras)] : columns
}

/** Returns the names of the fields that a row or columns have values for, with `$meta` for dynamic keys. */
export const givenNames = (definition: AnyDefinition, given: AnyRow | AnyColumns): ReadonlySet<string> => {
  const names = new Set<string>()
  let name = "rows"
  try {
    for (name in given) {
      if (given[name] !== undefined) names.add(Object.hasOwn(definition.fields, name) ? name : dynamicName)
    }
  } catch (cause) {
    return throwUnreadable(name, 0, cause)
  }
  return names
}

const isWritten = ({ only }: WriteMode, name: string): boolean => only === undefined || only.has(name)

/** Throws if some rows of a partial upsert have dynamic keys and others have none. */
const checkSameExtras = (extras: ReadonlyArray<unknown>, only: ReadonlySet<string>): void => {
  const isExpected = only.has(dynamicName)
  const row = extras.findIndex((extra) => (extra !== undefined) !== isExpected)
  if (row >= 0) throwOtherFields(dynamicName, row, isExpected)
}

const throwOtherFields = (name: string, row: number, isExpected: boolean): never =>
  throwValue(
    name,
    row,
    `${isExpected ? "a value" : "no value"}, like row 0 (a partial upsert writes the same fields of all rows)`,
  )

/** Checks columns against the definition, and adds the optional ones that the caller left out. */
export const normalizeColumns = (
  definition: AnyDefinition,
  given: AnyColumns,
  mode: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const { options } = definition
  const rows = rowsOfColumns(definition, given)
  const written = writtenFields(definition, mode)
  for (const name of generatedFields(definition, written)) {
    if (own(given, name) !== undefined) throwUnwritten(definition, name, undefined, mode)
  }
  const columns = written.flatMap(([name, field]) =>
    column(name, field, own(given, name) ?? Array.from<undefined>({ length: rows }), mode)
  )
  if (options.dynamicFields !== true || !isWritten(mode, dynamicName)) return columns
  const extras = own(given, dynamicName) ?? Array.from<undefined>({ length: rows })
  // Cast: `rowsOfColumns` throws for a value that is not an array.
  const objects = extras as ReadonlyArray<unknown>
  objects.forEach((extra, row) => checkExtra(definition, extra, row))
  return [...columns, dynamic(objects)]
}

/** Returns the number of rows of columns. Throws for columns of unequal length, and for one that is not of a field. */
export const rowsOfColumns = (definition: AnyDefinition, given: AnyColumns): number => {
  let first: { readonly name: string; readonly rows: number } | undefined
  for (const name of Object.keys(given)) {
    const values = given[name]
    if (values === undefined) continue
    const rows = columnLength(definition, name, values)
    first ??= { name, rows }
    if (rows !== first.rows) throwValue(name, undefined, `${first.rows} rows (like "${first.name}")`, `${rows}`)
  }
  return first?.rows ??
    throwValue("rows", undefined, "an array of rows, or at least one column", "an object without columns")
}

const columnLength = (definition: AnyDefinition, name: string, values: unknown): number => {
  const field = fieldOf(definition.fields, name)
  if (field === undefined && !(name === dynamicName && definition.options.dynamicFields === true)) {
    return throwValue(name, undefined, expectedField(definition))
  }
  if (Array.isArray(values)) return values.length
  if (!isList(values) || field === undefined) {
    const expected = "an array with one value per row (also for a single row)"
    return throwValue(name, undefined, expected, describeValue(values))
  }
  if (isDetached(values)) {
    return throwValue(name, undefined, "a typed array with its memory", "one whose memory was transferred")
  }
  const width = packedWidth(field)
  if (values.length % width !== 0) {
    return throwValue(name, undefined, `a length that is a multiple of ${width}`, `${values.length}`)
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

/** Returns the number of elements per row of a typed array for a field. */
export const packedWidth = (field: AnyField): number => {
  const dimension = field.options.dimension ?? 1
  if (field.type === "BinaryVector") return dimension / 8
  return isVector(field) ? dimension : 1
}

/** Returns the fields that a request carries: all but those whose values Milvus generates. */
const writtenFields = (
  { fields, options }: AnyDefinition,
  mode: WriteMode,
): ReadonlyArray<[string, AnyField]> => {
  const computed = computedFields(options)
  return Object.entries(fields).filter(([name, field]) =>
    !computed.has(name) && (mode.withKey || !field.options.autoId) &&
    (isWritten(mode, name) || field.options.primaryKey === true)
  )
}

/** Returns the names of the fields that are not written: Milvus generates their values, or keeps them. */
const generatedFields = (
  { fields }: AnyDefinition,
  written: ReadonlyArray<[string, AnyField]>,
): ReadonlyArray<string> => {
  const names = new Set(written.map(([name]) => name))
  return Object.keys(fields).filter((name) => !names.has(name))
}

const throwUnwritten = (
  { fields, options }: AnyDefinition,
  name: string,
  row: number | undefined,
  mode: WriteMode,
): never => {
  const isGenerated = computedFields(options).has(name) || !mode.withKey && own(fields, name)?.options.autoId === true
  return isGenerated || row === undefined
    ? throwValue(name, row, "no value (generated by Milvus)")
    : throwOtherFields(name, row, false)
}

/** Throws for a row that is not a plain object: a `Map`, a `Promise` or an array has no fields. */
const checkRows = (rows: ReadonlyArray<unknown>): void => {
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]
    try {
      if (isRecord(row)) continue
    } catch (cause) {
      throwUnreadable("rows", index, cause)
    }
    throwValue("rows", index, "an object with one value per field", describeValue(row))
  }
}

/** Returns the values of a field, one per row. */
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

/** Returns the dynamic keys of each row, or `undefined`. Throws for them if dynamic fields are off. */
const extrasOf = (definition: AnyDefinition, rows: ReadonlyArray<AnyRow>) => {
  const { fields, options } = definition
  const extras: Array<Record<string, unknown> | undefined> = []
  let name = "rows"
  try {
    for (const row of rows) {
      let extra: Record<string, unknown> | undefined
      for (name in row) {
        if (Object.hasOwn(fields, name)) continue
        const value = row[name]
        if (value === undefined) continue
        if (options.dynamicFields !== true) throwValue(name, extras.length, expectedField(definition))
        if (name === dynamicName) {
          throwValue(name, extras.length, "dynamic keys next to the fields of the row, not inside $meta")
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

/** Describes the known fields of a collection, for the error of an unknown one. */
const expectedField = ({ name, options }: AnyDefinition): string =>
  `a field of "${name}" (${options.dynamicFields === true ? "dynamic keys go into $meta" : "dynamic fields are off"})`

/** Throws for a value that is not an object of dynamic keys. */
const checkExtra = (definition: AnyDefinition, extra: unknown, row: number): void => {
  if (extra === undefined || extra === null) return
  if (!isRecord(extra)) {
    return throwValue(dynamicName, row, "an object of dynamic keys", describeValue(extra))
  }
  for (const name of Object.keys(extra as object)) {
    if (Object.hasOwn(definition.fields, name) || name === dynamicName) {
      throwValue(dynamicName, row, "keys that are not fields", `"${name}"`)
    }
  }
}

const fieldOf = (fields: Fields, name: string): AnyField | undefined => own(fields, name)

type Values = ReadonlyArray<unknown> | ArrayBufferView

const hasDefault = ({ options }: AnyField): boolean => options.default !== undefined

/** Returns the column of a field; no column for a nullable field that every row of an insert leaves out. */
const column = (
  name: string,
  field: AnyField,
  values: Values,
  { replaces, only }: WriteMode,
): ReadonlyArray<ColumnInput> => {
  const nullable = field.options.nullable === true || hasDefault(field)
  if (Array.isArray(values)) {
    if (only !== undefined && only.has(name)) {
      const row = values.indexOf(undefined)
      if (row >= 0) throwOtherFields(name, row, true)
    }
    checkMissing(name, field, values)
    // Milvus 2.3.5 panics if a field with a default has no column. An upsert keeps the old value of a field without
    // one.
    const mayBeLeftOut = nullable && !hasDefault(field) && replaces !== true && field.type !== "ArrayOfStruct"
    if (mayBeLeftOut && values.length > 0 && values.every((value) => value === undefined)) return []
  }
  // Cast: the encoder checks the values.
  return [
    {
      fieldName: name,
      ...(nullable ? { nullable } : {}),
      ...columnContent(name, field, values as Unchecked),
    } as ColumnInput,
  ]
}

/**
 * Throws for a row without a value of a required field, and for a `null` that the server would replace by the default.
 */
const checkMissing = (name: string, field: AnyField, values: ReadonlyArray<unknown>): void => {
  const isOptional = hasDefault(field)
  if (field.options.nullable === true && !isOptional) return
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (value === null && isOptional) {
      throwValue(name, row, "a value, or undefined for the default (it would replace null)", "null")
    }
    if ((value === undefined || value === null) && !isOptional) {
      throwValue(name, row, "a value (the field is not nullable)", describeValue(value))
    }
  }
}

/** Returns the column of the dynamic field. It has the keys of the objects, so a `toJSON` method is an error. */
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
