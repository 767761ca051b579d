/** Parts of requests: schemas, columns, searches. */
import type { Messages, Request, Server } from "./server.ts"

export type FieldSchema = NonNullable<Messages["milvus.proto.schema.CollectionSchema"]["input"]["fields"]>[number]
export type FieldData = NonNullable<Request<"Insert">["fields_data"]>[number]
export type Schema = Messages["milvus.proto.schema.CollectionSchema"]["input"]
export type Type = NonNullable<FieldSchema["data_type"]>

export const pairs = (given: Readonly<Record<string, string>>) =>
  Object.entries(given).map(([key, value]) => ({ key, value }))

export const id: FieldSchema = { name: "id", data_type: "Int64", is_primary_key: true }

export const field = (name: string, data_type: Type, params: Readonly<Record<string, string>> = {}): FieldSchema => ({
  name,
  data_type,
  type_params: pairs(params),
})

export const vector = field("vector", "FloatVector", { dim: "4" })
export const title = field("title", "VarChar", { max_length: "10" })

export const longs = (field_name: string, ...data: Array<number | bigint>): FieldData => ({
  field_name,
  type: "Int64",
  scalars: { long_data: { data } },
})
export const ints = (field_name: string, type: "Int8" | "Int16" | "Int32", ...data: Array<number>): FieldData => ({
  field_name,
  type,
  scalars: { int_data: { data } },
})
export const texts = (field_name: string, ...data: Array<string>): FieldData => ({
  field_name,
  type: "VarChar",
  scalars: { string_data: { data } },
})
export const vectors = (...rows: Array<Array<number>>): FieldData => ({
  field_name: "vector",
  type: "FloatVector",
  vectors: { dim: rows[0]?.length ?? 4, float_vector: { data: rows.flat() } },
})
export const bits = (dim: number, ...bytes: Array<number>): FieldData => ({
  field_name: "vector",
  type: "BinaryVector",
  vectors: { dim, binary_vector: new Uint8Array(bytes) },
})
export const json = (field_name: string, is_dynamic: boolean, ...texts: Array<string>): FieldData => ({
  field_name,
  type: "JSON",
  is_dynamic,
  scalars: { json_data: { data: texts.map((text) => new TextEncoder().encode(text)) } },
})

export const floats = (...numbers: Array<number>) => new Uint8Array(new Float32Array(numbers).buffer)

/** Creates a collection. */
export const create = async (
  server: Server,
  collection_name: string,
  fields: ReadonlyArray<FieldSchema>,
  schema: Schema = {},
  request: Request<"CreateCollection"> = {},
) =>
  await server.reply("CreateCollection", {
    collection_name,
    schema: await server.encode("milvus.proto.schema.CollectionSchema", { name: collection_name, fields, ...schema }),
    ...request,
  })

export interface SearchInput {
  readonly collection_name: string
  readonly values?: ReadonlyArray<Uint8Array>
  readonly type?: "FloatVector" | "BinaryVector" | "SparseFloatVector" | "None" | "Float16Vector"
  readonly params?: Readonly<Record<string, string>>
  readonly request?: Request<"Search">
}

/** Searches; `dsl_type` is always given, without which Milvus 2.3.5 ends. */
export const search = async (
  server: Server,
  { collection_name, values = [floats(1, 0, 0, 0)], type = "FloatVector", params = {}, request = {} }: SearchInput,
) =>
  await server.reply("Search", {
    collection_name,
    placeholder_group: await server.encode("milvus.proto.common.PlaceholderGroup", {
      placeholders: [{ tag: "$0", type, values }],
    }),
    dsl_type: "BoolExprV1",
    nq: values.length,
    consistency_level: "Eventually",
    search_params: pairs({ anns_field: "vector", topk: "3", params: "{}", ...params }),
    ...request,
  })
