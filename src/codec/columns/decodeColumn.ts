/** Decodes `schema.FieldData` to a {@linkcode Column}. */
import { BoolBuilder } from "../protobuf/repeated.ts"
import type { ArrayColumn, Column, ColumnBase, VectorArrayColumn } from "./column.ts"
import { dataTypeOf } from "./dataType.ts"
import { nestedColumn, scalarColumn } from "./decodeScalars.ts"
import { denseColumn, sparseColumn, vectorArrayColumn } from "./decodeVectors.ts"
import type { Reader } from "../protobuf/reader.ts"
import { ScalarFieldBuilder } from "./scalarField.ts"
import { VectorFieldBuilder } from "./vectorField.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** Reads a column whose tag was read. Fails for a struct inside a struct. */
export const readFieldData = (reader: Reader, isInStruct = false): Column => {
  const outer = reader.enter()
  const from = reader.at
  let dataType = 0
  let fieldName = ""
  let fieldId = 0
  let isDynamic = false
  let valid: BoolBuilder | undefined
  let scalars: ScalarFieldBuilder | undefined
  let vectors: VectorFieldBuilder | undefined
  let structs: Array<StructField> | undefined
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === varintTag(1)) dataType = reader.int32()
    else if (tag === lengthTag(2)) fieldName = reader.string()
    else if (tag === lengthTag(3)) {
      vectors = structs = undefined
      scalars ??= new ScalarFieldBuilder()
      scalars.read(reader)
    } else if (tag === lengthTag(4)) {
      scalars = structs = undefined
      vectors ??= new VectorFieldBuilder()
      vectors.read(reader, 0)
    } else if (tag === varintTag(5)) fieldId = reader.count()
    else if (tag === varintTag(6)) isDynamic = reader.bool()
    else if (tag === lengthTag(7) || tag === varintTag(7)) (valid ??= new BoolBuilder()).read(reader, tag & 7)
    else if (tag === lengthTag(8)) {
      if (isInStruct) return reader.fail("nested structs are not supported")
      scalars = vectors = undefined
      readStructs(reader, structs ??= [])
    } else reader.skip(tag)
  }
  const end = reader.end
  reader.leave(outer)
  const base: ColumnBase = {
    fieldName,
    fieldId,
    length: 0,
    isDynamic,
    // Empty flags mean the same as none: no row is null.
    ...(valid === undefined || valid.length === 0 ? {} : { valid: valid.finish() }),
  }
  const type = dataTypeOf(dataType)
  switch (type) {
    case undefined:
      return { ...base, type: "Unknown", dataType, fieldData: reader.bytes.subarray(from, end) }
    case "Array":
      return nestedColumn(reader, base, scalars)
    case "FloatVector":
    case "BinaryVector":
    case "Float16Vector":
    case "BFloat16Vector":
    case "Int8Vector":
      return denseColumn(reader, base, type, vectors)
    case "SparseFloatVector":
      return sparseColumn(reader, base, vectors)
    case "ArrayOfVector":
      return vectorArrayColumn(reader, base, vectors)
    case "ArrayOfStruct":
      return structColumn(reader, base, structs ?? [])
    default:
      return scalarColumn(reader, base, type, scalars)
  }
}

type StructField = ArrayColumn | VectorArrayColumn

const readStructs = (reader: Reader, into: Array<StructField>): void => {
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag !== lengthTag(1)) {
      reader.skip(tag)
      continue
    }
    const field = readFieldData(reader, true)
    if (field.type !== "Array" && field.type !== "ArrayOfVector") {
      return reader.fail(`field "${field.fieldName}" of a struct is not an array`)
    }
    into.push(field)
  }
  reader.leave(outer)
}

const structColumn = (reader: Reader, base: ColumnBase, fields: ReadonlyArray<StructField>): Column => {
  const length = fields[0]?.length ?? base.valid?.length ?? 0
  if (fields.some((field) => field.length !== length)) {
    return reader.fail(`the fields of struct "${base.fieldName}" have different row counts`)
  }
  return { ...base, length, type: "ArrayOfStruct", fields }
}
