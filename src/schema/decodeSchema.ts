/**
 * Decodes the description of a collection into a definition, whose rows have no types.
 *
 * Nothing that a definition can express is lost: `createParts` of the result is the request that created the
 * collection, except for the spaces in JSON. Everything without an option is kept in `params` or `properties`, or as a
 * field of the type `Other`. Everything that the server adds is left out: ids, states, and the hidden field of dynamic
 * keys. Defaults are left out as well, as if they had not been set.
 */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import { parseJson } from "../codec/parseJson.ts"
import { stringifyJson } from "../codec/stringifyJson.ts"
import { CodecError } from "../errors.ts"
import type { CollectionDefinition, CollectionOptions } from "./definition.ts"
import type { AnyField, ArrayField, Field, FieldOptions, Fields, Json, ScalarType, VectorType } from "./fieldTypes.ts"
import { scalarTypes, vectorTypes } from "./typeNames.ts"
import type { FunctionDefinition } from "./Functions.ts"
import { withoutUndefined } from "./withoutUndefined.ts"
import type {
  Described,
  FieldSchema,
  FunctionSchema,
  KeyValuePair,
  StructArrayFieldSchema,
  ValueField,
} from "./schemaMessages.ts"

/** A definition whose names and types are not known at compile time. */
export type AnyDefinition = CollectionDefinition<string, Fields, CollectionOptions>

/** Decodes the reply of DescribeCollection. Fails with `CodecError` if it has no schema. */
export const fromDescription = (described: Described): Result.Result<AnyDefinition, CodecError> => {
  const { schema } = described
  if (schema === null) {
    const expected = "a schema in the DescribeCollection reply"
    return Result.fail(new CodecError({ kind: "Message", field: "schema", expected }))
  }
  // Arrays of structs are sent apart from the other fields, and so come after them.
  const fields: Fields = Object.fromEntries([
    ...schema.fields.filter(({ is_dynamic }) => is_dynamic !== true).map((it) => [it.name, field(it)] as const),
    ...(schema.struct_array_fields ?? []).map((it) => [it.name, struct(it)] as const),
  ])
  const isPartitioned = Object.values(fields).some(({ options }) => options.partitionKey === true)
  const { level, partitions } = { level: described.consistency_level, partitions: Number(described.num_partitions) }
  const functions = (schema.functions ?? []).map((it) => [it.name, functionDefinition(it)] as const)
  return Result.succeed({
    name: schema.name === "" ? described.collection_name : schema.name,
    fields,
    options: {
      ...withoutUndefined({
        description: schema.description || undefined,
        dynamicFields: schema.enable_dynamic_field || undefined,
        functions: functions.length === 0 ? undefined : Object.fromEntries(functions),
        consistencyLevel: level === "Bounded" || typeof level === "number" ? undefined : level,
        shards: described.shards_num || undefined,
        partitions: isPartitioned && partitions > 0 ? partitions : undefined,
        externalSource: schema.external_source || undefined,
        externalSpec: schema.external_spec || undefined,
        fileResourceIds: schema.file_resource_ids?.length ? schema.file_resource_ids : undefined,
        namespaces: schema.enable_namespace || undefined,
      }),
      ...properties(described.properties),
    },
  })
}

/** Decodes one field that is not an array of structs. */
const field = (schema: FieldSchema): AnyField => {
  const { data_type: type, element_type: element } = schema
  const options = fieldOptions(schema)
  if (typeof type === "string" && plainTypes.has(type)) return { type: type as ScalarType | VectorType, options }
  if (type === "Array" && typeof element === "string" && plainTypes.has(element)) return array(element, options)
  return { type: "Other", dataType: type, options }
}

const array = (element: string, { maxLength, ...options }: FieldOptions): ArrayField => ({
  type: "Array",
  options,
  element: plain(element, maxLength === undefined ? {} : { maxLength }),
})

// Cast: it is only called with the names of plain types.
const plain = (type: string, options: FieldOptions): Field => ({ type: type as ScalarType | VectorType, options })

const struct = (schema: StructArrayFieldSchema): AnyField => {
  let maxCapacity: number | undefined
  const members = schema.fields.map((member) => {
    const { maxCapacity: capacity, nullable: _, ...options } = fieldOptions(member)
    maxCapacity ??= capacity
    return [member.name, plain(String(member.element_type), options)] as const
  })
  return {
    type: "ArrayOfStruct",
    options: withoutUndefined({
      description: schema.description || undefined,
      nullable: schema.nullable || undefined,
      maxCapacity,
      ...typeOptions(schema.type_params ?? []),
    }),
    members: Object.fromEntries(members),
  }
}

const fieldOptions = (schema: FieldSchema): FieldOptions =>
  withoutUndefined({
    description: schema.description || undefined,
    primaryKey: schema.is_primary_key || undefined,
    autoId: schema.autoID || undefined,
    nullable: schema.nullable || undefined,
    default: schema.default_value == null ? undefined : defaultOf(schema.default_value),
    partitionKey: schema.is_partition_key || undefined,
    clusteringKey: schema.is_clustering_key || undefined,
    externalField: schema.external_field || undefined,
    ...typeOptions(schema.type_params ?? []),
  })

/** Decodes the pairs that this version writes to options. All others are kept as `params`. */
const typeOptions = (pairs: ReadonlyArray<KeyValuePair>): FieldOptions => {
  const options: Record<string, unknown> = {}
  const params: Array<readonly [string, string]> = []
  for (const { key, value } of pairs) {
    const [name, read] = typeParams.get(key) ?? []
    const found = read?.(value)
    if (name === undefined || found === undefined || name in options) params.push([key, value])
    else options[name] = found
  }
  return params.length === 0 ? options : { ...options, params: Object.fromEntries(params) }
}

const whole = (value: string): number | undefined => /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined
const flag = (value: string): boolean | undefined => value === "true" ? true : value === "false" ? false : undefined
const record = (value: string): Json | undefined => {
  const found = json(value)
  return typeof found === "object" && found !== null && !Array.isArray(found) ? found : undefined
}

const typeParams = new Map<string, readonly [keyof FieldOptions, (value: string) => unknown]>([
  ["dim", ["dimension", whole]],
  ["max_length", ["maxLength", whole]],
  ["max_capacity", ["maxCapacity", whole]],
  ["enable_analyzer", ["enableAnalyzer", flag]],
  ["enable_match", ["enableMatch", flag]],
  ["analyzer_params", ["analyzerParams", record]],
  ["multi_analyzer_params", ["multiAnalyzerParams", record]],
  ["mmap.enabled", ["mmap", flag]],
  ["warmup", ["warmup", (value) => ["sync", "async", "disable"].includes(value) ? value : undefined]],
])

const defaultOf = (value: ValueField): unknown =>
  value.bool_data ?? value.int_data ?? value.long_data ?? value.float_data ?? value.double_data ?? value.string_data ??
    value.timestamptz_data ?? value.bytes_data

const functionDefinition = (schema: FunctionSchema): FunctionDefinition =>
  withoutUndefined({
    type: String(schema.type),
    input: schema.input_field_names,
    output: schema.output_field_names,
    params: schema.params?.length
      ? Object.fromEntries<Json>(schema.params.map(({ key, value }) => [key, param(value)]))
      : undefined,
    description: schema.description || undefined,
  })

/** Decodes a parameter as JSON if encoding the result gives the same text. Otherwise it is text. */
const param = (value: string): Json => {
  const found = json(value)
  return found === undefined || typeof found === "string" || stringifyJson(found) !== value ? value : found
}

const properties = (pairs: ReadonlyArray<KeyValuePair>): CollectionOptions => {
  const rest = new Map(pairs.map(({ key, value }) => [key, value]))
  const take = <A>(key: string, read: (value: string) => A | undefined): A | undefined => {
    const found = read(rest.get(key) ?? "")
    if (found !== undefined) rest.delete(key)
    return found
  }
  const seconds = take("collection.ttl.seconds", (value) => value === "0" ? 0 : whole(value))
  return withoutUndefined({
    ttl: seconds === undefined ? undefined : Duration.seconds(seconds),
    mmap: take("mmap.enabled", flag),
    partitionKeyIsolation: take("partitionkey.isolation", flag),
    allowInsertAutoId: take("allow_insert_auto_id", flag),
    properties: rest.size === 0 ? undefined : Object.fromEntries(rest),
  })
}

const json = (value: string): Json | undefined => {
  try {
    // Cast: JSON text gives a JSON value.
    return parseJson(value) as Json
  } catch {
    return undefined
  }
}

const plainTypes: ReadonlySet<string> = new Set([...scalarTypes, ...vectorTypes])
