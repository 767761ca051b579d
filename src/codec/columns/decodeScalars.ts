/** Converts decoded arrays of scalars to the columns of their data types. */
import type { ArrayColumn, Column, ColumnBase } from "./column.ts"
import { type ColumnType, dataTypeOf, type ElementType } from "./dataType.ts"
import { BytesList } from "../protobuf/lists.ts"
import { countValid, expandNulls, expandOffsets, layoutOf } from "./nulls.ts"
import type { Reader } from "../protobuf/reader.ts"
import type { ScalarData, ScalarFieldBuilder } from "./scalarField.ts"

/** Returns a column of scalars; an empty one if the field has no values. */
export const scalarColumn = (
  reader: Reader,
  base: ColumnBase,
  type: ColumnType,
  field: ScalarFieldBuilder | undefined,
): Column => {
  const sent = field?.data() ?? emptyOf(type)
  const { valid } = base
  const layout = layoutOf(sent.values.length, valid)
  if (layout === "neither") return throwWrongCount(reader, base, sent.values.length)
  const data = valid !== undefined && layout === "valid rows" ? expandData(sent, valid) : sent
  const column = typed({ ...base, length: data.values.length }, type, data)
  return column ?? reader.fail(`field "${base.fieldName}" has type ${type} but values of another type`)
}

/** Throws because `count`, the number of values of a field, is neither that of its rows nor that of its valid rows. */
export const throwWrongCount = (reader: Reader, { fieldName, valid }: ColumnBase, count: number): never => {
  const flags = valid ?? new Uint8Array(0)
  return reader.fail(`field "${fieldName}" has ${count} values for ${flags.length} rows (${countValid(flags)} valid)`)
}

const typed = (base: ColumnBase, type: ColumnType, data: ScalarData): Column | undefined => {
  const { kind, values } = data
  switch (type) {
    case "Bool":
      return kind === "bool" ? { ...base, type, values } : undefined
    case "Int8":
    case "Int16":
    case "Int32":
      return kind === "int" ? { ...base, type, values } : undefined
    case "Int64":
      return kind === "long" ? { ...base, type, values } : undefined
    case "Float":
      return kind === "float" ? { ...base, type, values } : undefined
    case "Double":
      return kind === "double" ? { ...base, type, values } : undefined
    case "VarChar":
    case "Text":
    case "String":
      return kind === "string" ? { ...base, type, values } : undefined
    case "JSON":
      return kind === "bytes" ? { ...base, type, values } : undefined
    case "Geometry":
      if (kind === "string") return { ...base, type, encoding: "wkt", values }
      return kind === "bytes" ? { ...base, type, encoding: "wkb", values } : undefined
    case "Timestamptz":
    case "Time":
      if (kind === "string") return { ...base, type, encoding: "text", values }
      return kind === "long" ? { ...base, type, encoding: "number", values } : undefined
    case "Date":
      if (kind === "string") return { ...base, type, encoding: "text", values }
      return kind === "int" ? { ...base, type, encoding: "number", values } : undefined
    case "Mol":
      if (kind === "string") return { ...base, type, encoding: "smiles", values }
      return kind === "bytes" ? { ...base, type, encoding: "binary", values } : undefined
    default:
      return undefined
  }
}

/** Returns no values of a type, for a field that was sent without an array. */
const emptyOf = (type: ColumnType): ScalarData => {
  switch (type) {
    case "Bool":
      return { kind: "bool", values: new Uint8Array(0) }
    case "Int8":
    case "Int16":
    case "Int32":
      return { kind: "int", values: new Int32Array(0) }
    case "Int64":
      return { kind: "long", values: new BigInt64Array(0) }
    case "Float":
      return { kind: "float", values: new Float32Array(0) }
    case "Double":
      return { kind: "double", values: new Float64Array(0) }
    case "JSON":
      return { kind: "bytes", values: new BytesList(new Uint8Array(0), new Uint32Array(0)) }
    default:
      return { kind: "string", values: [] }
  }
}

const expandData = ({ kind, values }: ScalarData, valid: Uint8Array): ScalarData => {
  const { length } = valid
  switch (kind) {
    case "bool":
      return { kind, values: expandNulls<Uint8Array>(values, valid, new Uint8Array(length)) }
    case "int":
      return { kind, values: expandNulls<Int32Array>(values, valid, new Int32Array(length)) }
    case "long":
      return { kind, values: expandNulls<BigInt64Array>(values, valid, new BigInt64Array(length)) }
    case "float":
      return { kind, values: expandNulls<Float32Array>(values, valid, new Float32Array(length)) }
    case "double":
      return { kind, values: expandNulls<Float64Array>(values, valid, new Float64Array(length)) }
    case "string":
      return { kind, values: expandTexts(values, valid) }
    case "bytes":
      return { kind, values: new BytesList(values.memory, expandPlaces(values.places, valid)) }
  }
}

const expandTexts = (values: ReadonlyArray<string>, valid: Uint8Array): ReadonlyArray<string> => {
  let from = 0
  return Array.from(valid, (flag) => flag === 0 ? "" : values[from++]!)
}

const expandPlaces = (places: Uint32Array, valid: Uint8Array): Uint32Array => {
  const all = new Uint32Array(valid.length * 2)
  let from = 0
  for (let row = 0; row < valid.length; row++) {
    if (valid[row] === 0) continue
    all[row * 2] = places[from++]!
    all[row * 2 + 1] = places[from++]!
  }
  return all
}

/** Returns a column of arrays. */
export const nestedColumn = (reader: Reader, base: ColumnBase, field: ScalarFieldBuilder | undefined): Column => {
  const nested = field?.nested
  if (nested === undefined && (field?.fieldNumber ?? 0) !== 0) {
    return reader.fail(`field "${base.fieldName}" has type Array but values of another type`)
  }
  const { valid } = base
  const rows = nested?.rows ?? 0
  const layout = layoutOf(rows, valid)
  if (layout === "neither") return throwWrongCount(reader, base, rows)
  const sent = nested?.offsets() ?? new Uint32Array(1)
  const offsets = valid !== undefined && layout === "valid rows" ? expandOffsets(sent, valid) : sent
  const column = arrays({ ...base, length: offsets.length - 1 }, offsets, nested?.elementType ?? 0, nested?.data())
  return column ?? reader.fail(`the arrays of field "${base.fieldName}" have elements of another type`)
}

const arrays = (
  base: ColumnBase,
  offsets: Uint32Array,
  sentType: number,
  sent: ScalarData | undefined,
): ArrayColumn | undefined => {
  const named = sentType === 0 ? undefined : dataTypeOf(sentType)
  const type = named ?? (sent === undefined ? undefined : byKind[sent.kind])
  if (type === undefined) {
    return sentType === 0 ? { ...base, type: "Array", offsets, elementType: "None", values: [] } : undefined
  }
  // If all arrays are empty, some servers send no element type, or one that arrays cannot have.
  const { kind, values } = sent === undefined || sent.values.length === 0 ? emptyOf(type) : sent
  switch (type) {
    case "Bool":
      return kind === "bool" ? { ...base, type: "Array", offsets, elementType: type, values } : undefined
    case "Int8":
    case "Int16":
    case "Int32":
      return kind === "int" ? { ...base, type: "Array", offsets, elementType: type, values } : undefined
    case "Int64":
      return kind === "long" ? { ...base, type: "Array", offsets, elementType: type, values } : undefined
    case "Float":
      return kind === "float" ? { ...base, type: "Array", offsets, elementType: type, values } : undefined
    case "Double":
      return kind === "double" ? { ...base, type: "Array", offsets, elementType: type, values } : undefined
    case "VarChar":
    case "Text":
    case "String":
      return kind === "string" ? { ...base, type: "Array", offsets, elementType: type, values } : undefined
    default:
      return undefined
  }
}

/** The type of the elements, by the kind of their array, if the server did not send the type. */
const byKind: Readonly<Record<ScalarData["kind"], ElementType | undefined>> = {
  bool: "Bool",
  int: "Int32",
  long: "Int64",
  float: "Float",
  double: "Double",
  string: "VarChar",
  bytes: undefined,
}
