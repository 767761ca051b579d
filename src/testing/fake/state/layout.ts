/** What a schema makes of a collection: its fields by name, with the checks that Milvus makes of a new one. */
import { vectorTypes as vectors } from "../../../schema/typeNames.ts"
import type { CollectionSchema, DataType, FieldSchema, KeyValuePair } from "../../../contract/messages.gen.ts"
import { Code, refuse, refuseParameter, refuseUnknown } from "../fakeStatus.ts"

/** A field, with its numbers read. */
export interface Field {
  readonly name: string
  readonly type: DataType
  readonly schema: FieldSchema
  /** Of a vector; 0 of others, and of sparse ones. */
  readonly dimension: number
  /** Bytes of a VarChar, elements of an Array. */
  readonly limit: number
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

/** The first value of a key. */
export const valueOf = (pairs: ReadonlyArray<KeyValuePair>, key: string): string | undefined =>
  pairs.find((pair) => pair.key === key)?.value

/** Refuses what is no name for a collection, a database, a partition or an alias. */
export const checkName = (what: string, name: string): void => {
  if (/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name)) return
  refuseParameter(
    `Invalid ${what} name: ${name}. it is letters, numbers and underscores, at most 255, and begins with no number`,
  )
}

/** Reads the schema of a new collection; refuses what Milvus does, and what a FakeMilvus cannot do. */
export const layoutOf = (name: string, given: CollectionSchema): Layout => {
  if (given.functions.length > 0) refuseUnknown("functions of a schema")
  if (given.struct_array_fields.length > 0) refuseUnknown("fields of structs")
  const schemas = given.fields.map((schema, index) => ({ ...schema, fieldID: BigInt(100 + index) }))
  const fields = schemas.map((schema) => fieldOf(name, schema))
  if (new Set(fields.map((field) => field.name)).size < fields.length) unfit("duplicated field name")
  const [primary, second] = fields.filter((field) => field.schema.is_primary_key)
  if (primary === undefined) return unfit("primary key is not specified")
  if (second !== undefined) unfit(`there are more than one primary key, field name = ${primary.name}, ${second.name}`)
  if (primary.type !== "Int64" && primary.type !== "VarChar") {
    unfit("the data type of primary key should be Int64 or VarChar")
  }
  const dynamic = given.enable_dynamic_field ? dynamicField(BigInt(100 + fields.length), schemas) : undefined
  return {
    schema: { ...given, name, fields: schemas },
    fields: dynamic === undefined ? fields : [...fields, dynamic],
    primary,
    dynamic,
    partitionKey: fields.find((field) => field.schema.is_partition_key),
  }
}

/** The field by its name. */
export const fieldNamed = (layout: Layout, name: string): Field | undefined =>
  layout.fields.find((field) => field.name === name)

const unfit = (reason: string): never => refuse(Code.unexpected, reason)

const fieldOf = (collection: string, schema: FieldSchema): Field => {
  const { name, data_type: type } = schema
  checkName("field", name)
  const isVector = vectorTypes.has(type)
  if (!isVector && !scalarTypes.has(type)) refuseUnknown(`fields of the type ${type}`)
  if (type === "Array" && (!scalarTypes.has(schema.element_type) || schema.element_type === "Array")) {
    unfit(`element type ${schema.element_type} is not supported, field name = ${name}`)
  }
  const limit = number(schema, type === "Array" ? "max_capacity" : "max_length")
  if (type === "VarChar" && limit === 0) {
    unfit(`type param(max_length) should be specified for varChar field ${name} of collection ${collection}`)
  }
  const dimension = isVector && type !== "SparseFloatVector" ? number(schema, "dim") : 0
  if (isVector && type !== "SparseFloatVector" && dimension === 0) {
    unfit("dimension is not defined in field type params, check type param `dim` for vector field")
  }
  if (type === "BinaryVector" && dimension % 8 !== 0) unfit(`invalid dimension: ${dimension}. should be multiple of 8.`)
  return { name, type, schema, dimension, limit }
}

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
