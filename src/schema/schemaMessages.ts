/**
 * The messages of a schema, with the fields that a definition has: named as in the contract
 * (`milvus.proto.schema.CollectionSchema`), and declared here so that `schema/` does not depend on `contract/`. A test
 * checks them against the contract.
 */
import type { ConsistencyLevel } from "../codec/messages/searchRequest.ts"

/** `milvus.proto.schema.DataType`: a name, or the number of a type without a name here. */
export type DataType =
  | "None"
  | "Bool"
  | "Int8"
  | "Int16"
  | "Int32"
  | "Int64"
  | "Float"
  | "Double"
  | "String"
  | "VarChar"
  | "Array"
  | "JSON"
  | "Geometry"
  | "Text"
  | "Timestamptz"
  | "Mol"
  | "Date"
  | "Time"
  | "Decimal"
  | "UUID"
  | "BinaryVector"
  | "FloatVector"
  | "Float16Vector"
  | "BFloat16Vector"
  | "SparseFloatVector"
  | "Int8Vector"
  | "ArrayOfVector"
  | "ArrayOfStruct"
  | "Struct"
  | number

/** `milvus.proto.schema.FunctionType`. */
export type FunctionTypeName =
  | "Unknown"
  | "BM25"
  | "TextEmbedding"
  | "Rerank"
  | "MinHash"
  | "MolFingerprint"
  | number

/** `milvus.proto.common.KeyValuePair`. */
export interface KeyValuePair {
  readonly key: string
  readonly value: string
}

/** `milvus.proto.schema.ValueField`: exactly one of these properties is set. */
export interface ValueField {
  readonly bool_data?: boolean
  readonly int_data?: number
  readonly long_data?: number | bigint
  readonly float_data?: number
  readonly double_data?: number
  readonly string_data?: string
  readonly bytes_data?: Uint8Array
  readonly timestamptz_data?: number | bigint
}

/** `milvus.proto.schema.FieldSchema`. */
export interface FieldSchema {
  readonly name: string
  readonly data_type: DataType
  readonly element_type?: DataType
  readonly description?: string
  readonly is_primary_key?: boolean
  readonly autoID?: boolean
  readonly nullable?: boolean
  readonly is_partition_key?: boolean
  readonly is_clustering_key?: boolean
  readonly is_function_output?: boolean
  readonly is_dynamic?: boolean
  readonly default_value?: ValueField | null
  readonly external_field?: string
  readonly type_params?: ReadonlyArray<KeyValuePair>
}

/** `milvus.proto.schema.StructArrayFieldSchema`. */
export interface StructArrayFieldSchema {
  readonly name: string
  readonly description?: string
  readonly nullable?: boolean
  readonly fields: ReadonlyArray<FieldSchema>
  readonly type_params?: ReadonlyArray<KeyValuePair>
}

/** `milvus.proto.schema.FunctionSchema`. */
export interface FunctionSchema {
  readonly name: string
  readonly type: FunctionTypeName
  readonly description?: string
  readonly input_field_names: ReadonlyArray<string>
  readonly output_field_names: ReadonlyArray<string>
  readonly params?: ReadonlyArray<KeyValuePair>
}

/** `milvus.proto.schema.CollectionSchema`. */
export interface CollectionSchema {
  readonly name: string
  readonly description?: string
  readonly autoID?: boolean
  readonly enable_dynamic_field?: boolean
  readonly enable_namespace?: boolean
  readonly external_source?: string
  readonly external_spec?: string
  readonly file_resource_ids?: ReadonlyArray<number | bigint>
  readonly fields: ReadonlyArray<FieldSchema>
  readonly struct_array_fields?: ReadonlyArray<StructArrayFieldSchema>
  readonly functions?: ReadonlyArray<FunctionSchema>
}

/** The fields of a CreateCollection request without the schema, which is sent as bytes. */
export interface CreateCollectionParts {
  readonly collection_name: string
  readonly consistency_level: ConsistencyLevel
  readonly shards_num?: number
  readonly num_partitions?: number
  readonly properties: ReadonlyArray<KeyValuePair>
}

/** The part of `milvus.proto.milvus.DescribeCollectionResponse` from which a definition is decoded. */
export interface Described {
  readonly collection_name: string
  readonly schema: CollectionSchema | null
  readonly consistency_level: ConsistencyLevel | number
  readonly shards_num: number
  readonly num_partitions: number | bigint
  readonly properties: ReadonlyArray<KeyValuePair>
}
