/** The collection and the Python programs of `operations_test.ts`, and the requests that call every RPC. */
import { assert } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { type CallError, type Connection, Message } from "../../mod.ts"
import { pythonWith } from "../support/python.ts"
type Requests = { readonly [M in keyof Connection.Methods]: Connection.Methods[M]["request"] }
type FieldData = Connection.Methods["Query"]["response"]["fields_data"][number]

interface Book {
  readonly id: bigint
  readonly title: string
  readonly price: number
  readonly shelf: number
  readonly isLent: boolean
  readonly notes: unknown
  readonly vector: ReadonlyArray<number>
}

/** Rows with integers that a double cannot hold, text beyond ASCII, and fractions that a float holds exactly. */
export const books: ReadonlyArray<Book> = [
  { id: -5n, title: "", price: 0.1, shelf: -(2 ** 31), isLent: false, notes: {}, vector: [0, 0, 0, 0] },
  {
    id: 7n,
    title: "plain",
    price: -1e300,
    shelf: 0,
    isLent: true,
    notes: { a: [1, "b", null] },
    vector: [1, 0, 0, 0.5],
  },
  {
    id: 2n ** 53n + 1n,
    title: "Über 海 🦕\n'\"\\",
    price: 5e-324,
    shelf: 2 ** 31 - 1,
    isLent: true,
    notes: { "ü": "海" },
    vector: [2, 0.25, -3, 1e10],
  },
  { id: 2n ** 62n + 1n, title: "last", price: 3, shelf: 1, isLent: false, notes: { n: 1.5 }, vector: [0, 0, 9, -1] },
]
export const ids = books.map(({ id }) => id)
export const dimension = 4

export const schemaOf = (name: string) =>
  Message.encode("milvus.proto.schema.CollectionSchema", {
    name,
    description: "Büroregal",
    fields: [
      { name: "id", data_type: "Int64", is_primary_key: true },
      {
        name: "title",
        description: "Rückentext",
        data_type: "VarChar",
        type_params: [{ key: "max_length", value: "200" }],
      },
      { name: "price", data_type: "Double" },
      { name: "shelf", data_type: "Int32" },
      { name: "isLent", data_type: "Bool" },
      { name: "notes", data_type: "JSON" },
      { name: "vector", data_type: "FloatVector", type_params: [{ key: "dim", value: String(dimension) }] },
    ],
  })

export const insertOf = (collection_name: string): Requests["Insert"] => ({
  collection_name,
  num_rows: books.length,
  fields_data: [
    { field_name: "id", type: "Int64", scalars: { long_data: { data: ids } } },
    { field_name: "title", type: "VarChar", scalars: { string_data: { data: books.map(({ title }) => title) } } },
    { field_name: "price", type: "Double", scalars: { double_data: { data: books.map(({ price }) => price) } } },
    { field_name: "shelf", type: "Int32", scalars: { int_data: { data: books.map(({ shelf }) => shelf) } } },
    { field_name: "isLent", type: "Bool", scalars: { bool_data: { data: books.map(({ isLent }) => isLent) } } },
    {
      field_name: "notes",
      type: "JSON",
      scalars: { json_data: { data: books.map(({ notes }) => new TextEncoder().encode(JSON.stringify(notes))) } },
    },
    {
      field_name: "vector",
      type: "FloatVector",
      vectors: { dim: dimension, float_vector: { data: books.flatMap(({ vector }) => vector) } },
    },
  ],
})

export const allOf = (collection_name: string): Requests["Query"] => ({
  collection_name,
  expr: "id > -100",
  output_fields: ["id", "title", "price", "shelf", "isLent", "notes", "vector"],
  consistency_level: "Strong",
})

export const searchOf = (collection_name: string, vectors: ReadonlyArray<ReadonlyArray<number>>, topk: number) =>
  Effect.map(
    Message.encode("milvus.proto.common.PlaceholderGroup", {
      placeholders: [{
        tag: "$0",
        type: "FloatVector",
        values: vectors.map((vector) => new Uint8Array(new Float32Array(vector).buffer)),
      }],
    }),
    (placeholder_group): Requests["Search"] => ({
      collection_name,
      placeholder_group,
      dsl: "",
      // Without it, a Search makes Milvus 2.3.5 panic.
      dsl_type: "BoolExprV1",
      nq: vectors.length,
      output_fields: ["title"],
      search_params: [
        { key: "anns_field", value: "vector" },
        { key: "topk", value: String(topk) },
        { key: "metric_type", value: "L2" },
        { key: "params", value: "{}" },
        { key: "round_decimal", value: "-1" },
      ],
      consistency_level: "Strong",
    }),
  )

/** Returns the column of a field of any type. */
export const columnOf = (fields: ReadonlyArray<FieldData>, name: string): ReadonlyArray<unknown> => {
  const field = fields.find(({ field_name }) => field_name === name)
  assert(field !== undefined, `no field ${name}`)
  const float = field.vectors?.float_vector?.data
  if (float !== undefined) {
    return Array.from({ length: float.length / dimension }, (_, i) => float.slice(i * dimension, (i + 1) * dimension))
  }
  const { scalars } = field
  if (scalars?.json_data) return scalars.json_data.data.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)))
  const column = scalars?.long_data ?? scalars?.string_data ?? scalars?.double_data ?? scalars?.int_data ??
    scalars?.bool_data
  assert(column, `no data in field ${name}`)
  return column.data
}

/** Returns the rows of a reply, sorted by id. */
export const booksOf = (fields: ReadonlyArray<FieldData>): ReadonlyArray<Book> =>
  columnOf(fields, "id").map((id, row) => {
    const value = (name: string) => columnOf(fields, name)[row]
    // Cast: the comparison with the written books checks the type.
    return {
      id,
      title: value("title"),
      price: value("price"),
      shelf: value("shelf"),
      isLent: value("isLent"),
      notes: value("notes"),
      vector: value("vector"),
    } as Book
  }).sort((a, b) => a.id < b.id ? -1 : 1)

export const countOf = (connection: Connection.Connection, collection_name: string) =>
  Effect.map(
    connection.call("Query", { collection_name, expr: "", output_fields: ["count(*)"], consistency_level: "Strong" }),
    ({ fields_data }) => columnOf(fields_data, "count(*)"),
  )

const eventually = <A>(ask: Effect.Effect<A, CallError>, is: (reply: A) => boolean) =>
  Effect.timeout(Effect.repeat(ask, { until: is, schedule: Schedule.spaced("20 millis") }), "30 seconds")

export const isLoaded = (connection: Connection.Connection, collection_name: string) =>
  Effect.gen(function* () {
    yield* eventually(connection.call("GetLoadingProgress", { collection_name }), ({ progress }) => progress === 100n)
    yield* eventually(
      connection.call("GetLoadState", { collection_name }),
      ({ state }) => state === "LoadStateLoaded",
    )
  })

/** Creates a collection, and drops it when the scope closes. */
export const withCollection = (connection: Connection.Connection, collection_name: string) =>
  Effect.acquireRelease(
    Effect.flatMap(
      schemaOf(collection_name),
      (schema) => connection.call("CreateCollection", { collection_name, schema, shards_num: 1 }),
    ),
    () => Effect.ignore(connection.call("DropCollection", { collection_name })),
  )

export const withIndex = (connection: Connection.Connection, collection_name: string) =>
  connection.call("CreateIndex", {
    collection_name,
    field_name: "vector",
    index_name: "nearest",
    extra_params: [
      { key: "index_type", value: "FLAT" },
      { key: "metric_type", value: "L2" },
      { key: "params", value: "{}" },
    ],
  })

/** Runs a pymilvus program with a connected `client`, and returns its variable `result` through JSON. */
export const pymilvus = async (address: string, program: string): Promise<unknown> => {
  const python = await pythonWith("pymilvus")
  const script = `
import json, sys
from pymilvus import DataType, MilvusClient
client = MilvusClient(uri="http://" + sys.argv[1])
${program}
client.close()
print(json.dumps(result))
`
  const { success, stdout, stderr } = await new Deno.Command(python, { args: ["-c", script, address] }).output()
  assert(success, new TextDecoder().decode(stderr))
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "")
}

/** The books as Python literals, which are JSON except for three words. Ids that come from Python are text. */
export const pythonBooks = `[${
  books.map(({ id, isLent, notes, ...rest }) =>
    `{**json.loads(${JSON.stringify(JSON.stringify({ ...rest, notes }))}), ` +
    `"id": ${id}, "isLent": ${isLent ? "True" : "False"}}`
  ).join(", ")
}]`
export const booksForPython = books.map(({ id, ...rest }) => ({ id: String(id), ...rest }))
