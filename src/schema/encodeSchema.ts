/**
 * Encodes a definition as the messages that create the collection, with the field names of the contract.
 *
 * Options of a field that have no property in the message are in `type_params`. Their keys have the order of the newest
 * pymilvus, so that both clients encode the same schema to the same bytes.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { jsonOfField } from "../codec/stringifyJson.ts"
import type { ParamError } from "../errors.ts"
import { computedFields } from "./computedFields.ts"
import type { CollectionDefinition, CollectionOptions } from "./definition.ts"
import type { AnyField, Field, FieldOptions, FieldType, StructArrayField } from "./fieldTypes.ts"
import { isVector } from "./typeNames.ts"
import type { FunctionDefinition } from "./Functions.ts"
import type {
  CollectionSchema,
  CreateCollectionParts,
  DataType,
  FieldSchema,
  FunctionSchema,
  FunctionTypeName,
  KeyValuePair,
  StructArrayFieldSchema,
  ValueField,
} from "./schemaMessages.ts"
import { validate } from "./validate.ts"
import { pairsOf, propertyNames, typeParamNames } from "./wireNames.ts"

/** The two parts of a CreateCollection request. */
export interface CreateParts {
  /** The field `schema`, to be sent as bytes: `Message.encode("milvus.proto.schema.CollectionSchema", schema)`. */
  readonly schema: CollectionSchema
  /** The other fields of the request. */
  readonly request: CreateCollectionParts
}

/** Returns the parts of the CreateCollection request of a definition. Fails with its first mistake. */
export const createParts = (definition: CollectionDefinition): Result.Result<CreateParts, ParamError> =>
  Result.map(validate(definition), () => ({
    schema: collectionSchema(definition),
    request: {
      collection_name: definition.name,
      consistency_level: definition.options.consistencyLevel ?? "Bounded",
      ...(definition.options.shards === undefined ? {} : { shards_num: definition.options.shards }),
      ...(definition.options.partitions === undefined ? {} : { num_partitions: definition.options.partitions }),
      properties: properties(definition.options),
    },
  }))

const collectionSchema = ({ name, fields, options }: CollectionDefinition): CollectionSchema => {
  const computed = computedFields(options)
  const all = Object.entries(fields)
  return {
    name,
    description: options.description ?? "",
    // For servers that do not read it from the field.
    autoID: all.some(([, field]) => field.options.autoId === true),
    enable_dynamic_field: options.dynamicFields ?? false,
    enable_namespace: options.namespaces ?? false,
    external_source: options.externalSource ?? "",
    external_spec: options.externalSpec ?? "",
    file_resource_ids: options.fileResourceIds ?? [],
    fields: all.flatMap(([name, field]) => isStruct(field) ? [] : [fieldSchema(name, field, computed.has(name))]),
    struct_array_fields: all.flatMap(([name, field]) => isStruct(field) ? [structSchema(name, field)] : []),
    functions: Object.entries(options.functions ?? {}).map(([name, it]) => functionSchema(name, it)),
  }
}

/** Encodes one field, for CreateCollection and AddCollectionField. */
export const fieldSchema = (
  name: string,
  field: Exclude<AnyField, StructArrayField>,
  isComputed = false,
): FieldSchema => {
  const { options } = field
  const element = "element" in field ? field.element : undefined
  return {
    name,
    description: options.description ?? "",
    ...dataTypes(field),
    is_primary_key: options.primaryKey ?? false,
    autoID: options.autoId ?? false,
    nullable: options.nullable ?? false,
    is_partition_key: options.partitionKey ?? false,
    is_clustering_key: options.clusteringKey ?? false,
    is_function_output: isComputed,
    external_field: options.externalField ?? "",
    ...(options.default === undefined ? {} : { default_value: valueField(field.type, options.default) }),
    type_params: typeParams(element === undefined ? options : { ...options, maxLength: element.options.maxLength }),
  }
}

/** Encodes an array of structs, for CreateCollection and AddCollectionStructField. */
export const structSchema = (name: string, { members, options }: StructArrayField): StructArrayFieldSchema => ({
  name,
  description: options.description ?? "",
  nullable: options.nullable ?? false,
  fields: Object.entries(members).map(([name, member]) => ({
    name,
    description: member.options.description ?? "",
    data_type: isVector(member) ? "ArrayOfVector" : "Array",
    element_type: dataType(member),
    nullable: options.nullable ?? false,
    type_params: [
      ...typeParams(member.options),
      { key: "max_capacity", value: text("max_capacity", options.maxCapacity) },
    ],
  })),
  type_params: typeParams({ ...options, maxCapacity: undefined }),
})

/** Encodes a function. Throws `CodecError` for parameters that are not JSON values. */
export const functionSchema = (
  name: string,
  { type, input, output, params, description }: FunctionDefinition,
): FunctionSchema => ({
  name,
  // Cast: a kind that this version does not know is sent as the name or number that the caller gave.
  type: (/^\d+$/.test(type) ? Number(type) : type) as FunctionTypeName,
  description: description ?? "",
  input_field_names: input,
  output_field_names: output,
  params: Object.entries(params ?? {}).flatMap(([key, value]) => pair(key, value)),
})

const dataTypes = (field: Exclude<AnyField, StructArrayField>): Pick<FieldSchema, "data_type" | "element_type"> => {
  // Cast: encoding the message fails for a name that is not in the contract.
  if ("dataType" in field) return { data_type: field.dataType as DataType }
  if ("element" in field) return { data_type: "Array", element_type: dataType(field.element) }
  return { data_type: dataType(field) }
}

// Cast: the types of fields without elements or members have the names of the contract.
const dataType = (field: Field): DataType => field.type as Exclude<FieldType, "Other">

const typeParams = (options: FieldOptions): ReadonlyArray<KeyValuePair> => [
  ...pairsOf(typeParamNames, options).flatMap(([key, value]) => pair(key, value)),
  ...Object.entries(options.params ?? {}).map(([key, value]) => ({ key, value })),
]

const pair = (key: string, value: unknown): ReadonlyArray<KeyValuePair> =>
  value === undefined ? [] : [{ key, value: text(key, value) }]

/** Returns a string unchanged, and any other value as JSON. */
const text = (key: string, value: unknown): string => typeof value === "string" ? value : jsonOfField(value, key)

// Casts: `validate` has checked each default.
const valueField = (type: FieldType, value: unknown): ValueField => {
  switch (type) {
    case "Bool":
      return { bool_data: value as boolean }
    case "Int8":
    case "Int16":
    case "Int32":
      return { int_data: Number(value) }
    case "Int64":
      return { long_data: BigInt(value as number | bigint) }
    case "Float":
      return { float_data: value as number }
    case "Double":
      return { double_data: value as number }
    default:
      return { string_data: value as string }
  }
}

const properties = (options: CollectionOptions): ReadonlyArray<KeyValuePair> => [
  ...pairsOf(propertyNames, { ...options, ttl: seconds(options) }).flatMap(([key, value]) => pair(key, value)),
  ...Object.entries(options.properties ?? {}).map(([key, value]) => ({ key, value: String(value) })),
]

const seconds = ({ ttl }: CollectionOptions): number | undefined =>
  ttl === undefined ? undefined : Option.getOrUndefined(Option.map(Duration.fromInput(ttl), Duration.toSeconds))

const isStruct = (field: AnyField): field is StructArrayField => field.type === "ArrayOfStruct"
