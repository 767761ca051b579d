/** What a schema makes of a collection: its fields by name, with the checks that Milvus makes of a new one. */
import { vectorTypes as vectors } from "../../schema/fieldTypes.ts"
import type { CollectionSchema, DataType, FieldSchema, KeyValuePair } from "../../wire/messages.gen.ts"
import { checkFieldName } from "./names.ts"
import { refuseParameter, refuseUnexpected, refuseUnknown } from "./status.ts"

/** A field, with its numbers read. */
export interface Field {
  readonly name: string
  readonly type: DataType
  readonly schema: FieldSchema
  /** Of a vector; 0 of others, and of sparse ones. */
  readonly dimension: number
  /** Bytes of a VarChar, elements of an Array. */
  readonly limit: number
  /** Bytes of a VarChar, or of each in an Array. */
  readonly length: number
}

/** The fields of a collection. */
export interface Layout {
  /** As Milvus describes it: with the ids of the fields, and without the dynamic one. */
  readonly schema: CollectionSchema
  /** In the order of the schema, the dynamic one last. */
  readonly fields: ReadonlyArray<Field>
  readonly primary: Field
  readonly dynamic: Field | undefined
  readonly partitionKey: Field | undefined
  /** Whether the server has a version before 2.4. */
  readonly isOld: boolean
}

/** What a search can go by. */
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

/** The first value of a key. */
export const valueOf = (pairs: ReadonlyArray<KeyValuePair>, key: string): string | undefined =>
  pairs.find((pair) => pair.key === key)?.value

/** Reads the schema of a new collection; refuses what Milvus does, and what a FakeMilvus cannot do. */
export const layoutOf = (name: string, given: CollectionSchema, isOld: boolean): Layout => {
  if (given.functions.length > 0) refuseUnknown("functions of a schema")
  if (given.struct_array_fields.length > 0) refuseUnknown("fields of structs")
  const schemas = given.fields.map((schema, index) => ({ ...schema, fieldID: BigInt(100 + index) }))
  if (schemas.length > 64) unfit("maximum field's number should be limited to 64")
  const fields = schemas.map((schema) => fieldOf(name, schema))
  if (fields.some((field) => systemFields.has(field.name))) {
    refuseParameter(`schema contains system field: ${[...systemFields].join()}`)
  }
  if (new Set(fields.map((field) => field.name)).size < fields.length) unfit("duplicated field name")
  if (isOld) checkOldVectors(fields)
  const [primary, second] = fields.filter((field) => field.schema.is_primary_key)
  if (primary === undefined) return unfit("primary key is not specified")
  if (second !== undefined) unfit(`there are more than one primary key, field name = ${primary.name}, ${second.name}`)
  if (primary.type !== "Int64" && primary.type !== "VarChar") {
    unfit("the data type of primary key should be Int64 or VarChar")
  }
  const odd = fields.find((field) => field.schema.autoID && field !== primary)
  if (odd !== undefined) unfit(`only primary field can specify AutoID with true, field name = ${odd.name}`)
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

/** The field by its name. */
export const fieldNamed = (layout: Layout, name: string): Field | undefined =>
  layout.fields.find((field) => field.name === name)

const unfit: (reason: string) => never = refuseUnexpected

/** Milvus has these of its own. */
const systemFields: ReadonlySet<string> = new Set(["RowID", "Timestamp"])

/** Before 2.4, a collection had one vector, of floats of 32 bits or of bits. */
const checkOldVectors = (fields: ReadonlyArray<Field>): void => {
  const [first, second] = fields.filter(({ type }) => vectorTypes.has(type))
  if (second !== undefined) {
    unfit(`multiple vector fields is not supported, fields name: ${first?.name}, ${second.name}`)
  }
}

const checkPartitionKey = (fields: ReadonlyArray<Field>, primary: Field): void => {
  const [key, other] = fields.filter((field) => field.schema.is_partition_key)
  if (other !== undefined) unfit(`there are more than one partition key, field name = ${key?.name}, ${other.name}`)
  if (key === undefined) return
  if (key === primary) unfit("the partition key field must not be primary field")
  if (key.type !== "Int64" && key.type !== "VarChar") {
    unfit("the data type of partition key should be Int64 or VarChar")
  }
}

const fieldOf = (collection: string, schema: FieldSchema): Field => {
  const { name, data_type: type } = schema
  checkFieldName(name)
  const isVector = vectorTypes.has(type)
  if (type === "None") unfit(`data type ${type} is not valid`)
  if (type === "String") unfit("string data type not supported yet, please use VarChar type instead")
  if (!isVector && !scalarTypes.has(type)) refuseUnknown(`fields of the type ${type}`)
  if (type === "Array" && !elementTypes.has(schema.element_type)) {
    unfit(`element type ${schema.element_type} is not supported, field name = ${name}`)
  }
  const isText = type === "VarChar" || type === "Array" && schema.element_type === "VarChar"
  const length = isText ? lengthOf(collection, schema) : 0
  const limit = type === "Array" ? number(schema, "max_capacity") : length
  if (type === "Array" && (limit < 1 || limit > 4096)) {
    unfit("the maximum capacity specified for a Array should be in (0, 4096]")
  }
  const dimension = isVector && type !== "SparseFloatVector" ? number(schema, "dim") : 0
  if (isVector && type !== "SparseFloatVector" && (dimension < 1 || dimension > 32_768)) {
    unfit(`invalid dimension: ${dimension}. should be in range 1 ~ 32768`)
  }
  if (type === "BinaryVector" && dimension % 8 !== 0) unfit(`invalid dimension: ${dimension}. should be multiple of 8.`)
  const field = { name, type, schema, dimension, limit, length }
  checkDefault(field)
  return field
}

/** Bytes of a text. */
const lengthOf = (collection: string, schema: FieldSchema): number => {
  const text = valueOf(schema.type_params, "max_length")
  if (text === undefined) {
    unfit(`type param(max_length) should be specified for varChar field ${schema.name} of collection ${collection}`)
  }
  const length = /^-\d+$/.test(text ?? "") ? -1 : number(schema, "max_length")
  if (length < 1 || length > 65_535) {
    refuseParameter("the maximum length specified for a VarChar should be in (0, 65535]")
  }
  return length
}

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
    refuseParameter(`default value type mismatches field schema type: ${default_value.data} for ${type}`)
  }
  const bytes = new TextEncoder().encode(default_value.string_data ?? "").length
  if (bytes > length && type === "VarChar") {
    refuseParameter(`the length (${bytes}) of string exceeds max length (${length})`)
  }
}

/** 0 if it is not given. */
const number = (schema: FieldSchema, key: string): number => {
  const text = valueOf(schema.type_params, key) ?? "0"
  return /^\d{1,9}$/.test(text) ? Number(text) : unfit(`invalid ${key} of field ${schema.name}: ${text}`)
}

/** The field for all that has none of its own: one JSON object a row. */
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
