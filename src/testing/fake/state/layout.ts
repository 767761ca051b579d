/** Reads the schema of a new collection, with the checks that Milvus makes. */
import { vectorTypes as vectors } from "../../../schema/typeNames.ts"
import type { CollectionSchema, DataType, FieldSchema, KeyValuePair } from "../../../contract/messages.gen.ts"
import { checkFieldName } from "./names.ts"
import { throwParameter, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"

/** A field with its parsed type parameters. */
export interface Field {
  readonly name: string
  readonly type: DataType
  readonly schema: FieldSchema
  /** Dimension of a dense or binary vector; 0 for other types. */
  readonly dimension: number
  /** Maximum size: bytes of a VarChar, elements of an Array. */
  readonly limit: number
  /** Maximum length in bytes of a VarChar, or of each VarChar in an Array. */
  readonly length: number
}

/** The fields of a collection. */
export interface Layout {
  /** The schema for DescribeCollection: with the ids of the fields, without the dynamic field. */
  readonly schema: CollectionSchema
  /** The fields in the order of the schema, followed by the dynamic field. */
  readonly fields: ReadonlyArray<Field>
  readonly primary: Field
  readonly dynamic: Field | undefined
  readonly partitionKey: Field | undefined
  /** Whether the server has a version before 2.4. */
  readonly isOld: boolean
}

/** The types of vector fields. */
export const vectorTypes: ReadonlySet<DataType> = new Set<DataType>(vectors)

const scalarTypes: ReadonlySet<DataType> = new Set<DataType>([
  "Bool",
  "Int8",
  "Int16",
  "Int32",
  "Int64",
  "Float",
  "Double",
  "VarChar",
  "JSON",
  "Array",
])

const elementTypes: ReadonlySet<DataType> = new Set(
  [...scalarTypes].filter((type) => type !== "JSON" && type !== "Array"),
)

/** Returns the first value of a key. */
export const valueOf = (pairs: ReadonlyArray<KeyValuePair>, key: string): string | undefined =>
  pairs.find((pair) => pair.key === key)?.value

/** Reads the schema of a new collection. Refuses what Milvus refuses, and what FakeMilvus does not support. */
export const layoutOf = (name: string, given: CollectionSchema, isOld: boolean): Layout => {
  if (given.functions.length > 0) throwUnsupported("functions of a schema")
  if (given.struct_array_fields.length > 0) throwUnsupported("fields of structs")
  const schemas = given.fields.map((schema, index) => ({ ...schema, fieldID: BigInt(100 + index) }))
  if (schemas.length > 64) throwUnexpected("maximum field's number should be limited to 64")
  const fields = schemas.map((schema) => fieldOf(name, schema))
  if (fields.some((field) => systemFields.has(field.name))) {
    throwParameter(`schema contains system field: ${[...systemFields].join()}`)
  }
  if (new Set(fields.map((field) => field.name)).size < fields.length) throwUnexpected("duplicated field name")
  if (isOld) checkOldVectors(fields)
  const [primary, second] = fields.filter((field) => field.schema.is_primary_key)
  if (primary === undefined) return throwUnexpected("primary key is not specified")
  if (second !== undefined) {
    throwUnexpected(`there are more than one primary key, field name = ${primary.name}, ${second.name}`)
  }
  if (primary.type !== "Int64" && primary.type !== "VarChar") {
    throwUnexpected("the data type of primary key should be Int64 or VarChar")
  }
  const other = fields.find((field) => field.schema.autoID && field !== primary)
  if (other !== undefined) {
    throwUnexpected(`only primary field can specify AutoID with true, field name = ${other.name}`)
  }
  checkPartitionKey(fields, primary)
  const dynamic = given.enable_dynamic_field ? dynamicField(BigInt(100 + fields.length), schemas) : undefined
  return {
    schema: { ...given, name, fields: schemas },
    fields: dynamic === undefined ? fields : [...fields, dynamic],
    primary,
    dynamic,
    partitionKey: fields.find((field) => field.schema.is_partition_key),
    isOld,
  }
}

/** Returns the field with a name. */
export const fieldNamed = (layout: Layout, name: string): Field | undefined =>
  layout.fields.find((field) => field.name === name)

/** Fields that Milvus adds to every collection. */
const systemFields: ReadonlySet<string> = new Set(["RowID", "Timestamp"])

/** Before Milvus 2.4, a collection had one vector field. */
const checkOldVectors = (fields: ReadonlyArray<Field>): void => {
  const [first, second] = fields.filter(({ type }) => vectorTypes.has(type))
  if (second !== undefined) {
    throwUnexpected(`multiple vector fields is not supported, fields name: ${first?.name}, ${second.name}`)
  }
}

const checkPartitionKey = (fields: ReadonlyArray<Field>, primary: Field): void => {
  const [key, other] = fields.filter((field) => field.schema.is_partition_key)
  if (other !== undefined) {
    throwUnexpected(`there are more than one partition key, field name = ${key?.name}, ${other.name}`)
  }
  if (key === undefined) return
  if (key === primary) throwUnexpected("the partition key field must not be primary field")
  if (key.type !== "Int64" && key.type !== "VarChar") {
    throwUnexpected("the data type of partition key should be Int64 or VarChar")
  }
}

const fieldOf = (collection: string, schema: FieldSchema): Field => {
  const { name, data_type: type } = schema
  checkFieldName(name)
  const isVector = vectorTypes.has(type)
  if (type === "None") throwUnexpected(`data type ${type} is not valid`)
  if (type === "String") throwUnexpected("string data type not supported yet, please use VarChar type instead")
  if (!isVector && !scalarTypes.has(type)) throwUnsupported(`fields of the type ${type}`)
  if (type === "Array" && !elementTypes.has(schema.element_type)) {
    throwUnexpected(`element type ${schema.element_type} is not supported, field name = ${name}`)
  }
  const isText = type === "VarChar" || type === "Array" && schema.element_type === "VarChar"
  const length = isText ? lengthOf(collection, schema) : 0
  const limit = type === "Array" ? numberParam(schema, "max_capacity") : length
  if (type === "Array" && (limit < 1 || limit > 4096)) {
    throwUnexpected("the maximum capacity specified for a Array should be in (0, 4096]")
  }
  const dimension = isVector && type !== "SparseFloatVector" ? numberParam(schema, "dim") : 0
  if (isVector && type !== "SparseFloatVector" && (dimension < 1 || dimension > 32_768)) {
    throwUnexpected(`invalid dimension: ${dimension}. should be in range 1 ~ 32768`)
  }
  if (type === "BinaryVector" && dimension % 8 !== 0) {
    throwUnexpected(`invalid dimension: ${dimension}. should be multiple of 8.`)
  }
  const field = { name, type, schema, dimension, limit, length }
  checkDefault(field)
  return field
}

/** Returns the maximum length of a VarChar in bytes. */
const lengthOf = (collection: string, schema: FieldSchema): number => {
  const text = valueOf(schema.type_params, "max_length")
  if (text === undefined) {
    throwUnexpected(
      `type param(max_length) should be specified for varChar field ${schema.name} of collection ${collection}`,
    )
  }
  const length = /^-\d+$/.test(text ?? "") ? -1 : numberParam(schema, "max_length")
  if (length < 1 || length > 65_535) {
    throwParameter("the maximum length specified for a VarChar should be in (0, 65535]")
  }
  return length
}

/** The members of a default value that each type accepts. */
const defaultKeys: Readonly<Partial<Record<DataType, ReadonlyArray<string>>>> = {
  Bool: ["bool_data"],
  Int8: ["int_data"],
  Int16: ["int_data"],
  Int32: ["int_data"],
  Int64: ["long_data"],
  Float: ["float_data"],
  Double: ["double_data"],
  VarChar: ["string_data"],
  JSON: ["bytes_data"],
}

const checkDefault = ({ type, schema, length }: Field): void => {
  const { default_value } = schema
  if (default_value?.data === undefined) return
  if (!defaultKeys[type]?.includes(default_value.data)) {
    throwParameter(`default value type mismatches field schema type: ${default_value.data} for ${type}`)
  }
  const bytes = new TextEncoder().encode(default_value.string_data ?? "").length
  if (bytes > length && type === "VarChar") {
    throwParameter(`the length (${bytes}) of string exceeds max length (${length})`)
  }
}

/** Returns a type parameter, or 0 if it is missing. */
const numberParam = (schema: FieldSchema, key: string): number => {
  const text = valueOf(schema.type_params, key) ?? "0"
  return /^\d{1,9}$/.test(text) ? Number(text) : throwUnexpected(`invalid ${key} of field ${schema.name}: ${text}`)
}

/** Returns the dynamic field: one JSON object in each row, for all keys without a field of their own. */
const dynamicField = (fieldID: bigint, [some]: ReadonlyArray<FieldSchema>): Field | undefined =>
  some && {
    name: "$meta",
    type: "JSON",
    dimension: 0,
    limit: 0,
    length: 0,
    schema: {
      ...some,
      fieldID,
      name: "$meta",
      data_type: "JSON",
      type_params: [],
      index_params: [],
      default_value: null,
      is_primary_key: false,
      is_partition_key: false,
      is_dynamic: true,
      autoID: false,
      nullable: false,
    },
  }
