/**
 * A definition as the messages that create it, in the field names of the contract.
 *
 * A field says in `type_params` what has no property of its own in the message. Its keys are in the order of the newest
 * pymilvus, so that the same schema is the same bytes from both.
 *
 * @module
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { jsonOfField } from "../codec/stringifyJson.ts"
import type { ParamError } from "../errors.ts"
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

/** The two halves of CreateCollection. */
export interface CreateParts {
  /** For `schema`, as bytes: `Message.encode("milvus.proto.schema.CollectionSchema", schema)`. */
  readonly schema: CollectionSchema
  /** What the request says beside it. */
  readonly request: CreateCollectionParts
}

/** What CreateCollection takes to make this collection, or what is wrong with the definition. */
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
  const computed = new Set(Object.values(options.functions ?? {}).flatMap(({ output }) => output))
  const all = Object.entries(fields)
  return {
    name,
    description: options.description ?? "",
    // For servers that do not look for it in the field.
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

/** One field, as AddCollectionField takes it too. */
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

const structSchema = (name: string, { members, options }: StructArrayField): StructArrayFieldSchema => ({
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

/** A function as the contract has it. Throws `CodecError` for parameters that JSON cannot hold. */
export const functionSchema = (
  name: string,
  { type, input, output, params, description }: FunctionDefinition,
): FunctionSchema => ({
  name,
  // Cast: a kind that this version does not know is for the server, or for its number, to say.
  type: (/^\d+$/.test(type) ? Number(type) : type) as FunctionTypeName,
  description: description ?? "",
  input_field_names: input,
  output_field_names: output,
  params: Object.entries(params ?? {}).flatMap(([key, value]) => pair(key, value)),
})

const dataTypes = (field: Exclude<AnyField, StructArrayField>): Pick<FieldSchema, "data_type" | "element_type"> => {
  // Cast: a name that is not of this contract does not encode, and says so there.
  if ("dataType" in field) return { data_type: field.dataType as DataType }
  if ("element" in field) return { data_type: "Array", element_type: dataType(field.element) }
  return { data_type: dataType(field) }
}

// Cast: the types of fields that have no types inside are named as in the contract.
const dataType = (field: Field): DataType => field.type as Exclude<FieldType, "Other">

const typeParams = (options: FieldOptions): ReadonlyArray<KeyValuePair> => [
  ...pairsOf(typeParamNames, options).flatMap(([key, value]) => pair(key, value)),
  ...Object.entries(options.params ?? {}).map(([key, value]) => ({ key, value })),
]

const pair = (key: string, value: unknown): ReadonlyArray<KeyValuePair> =>
  value === undefined ? [] : [{ key, value: text(key, value) }]

/** Text as it is, and all else as JSON. */
const text = (key: string, value: unknown): string => typeof value === "string" ? value : jsonOfField(value, key)

// Casts: `validate` has looked at each default.
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
