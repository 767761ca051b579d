/**
 * A FakeMilvus beside real servers: the same calls, one after the other, get the same answers, as far as the servers agree among
 * themselves. Reasons and codes of refusals differ from server to server and version to version: that one refuses counts.
 */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { Connection, Message } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

type Method = keyof Connection.Methods
type Messages = Message.Messages

/** What a test looks at of a reply. */
type View = (reply: Record<string, unknown>) => unknown

interface Step {
  readonly method: Method
  readonly request: () => Effect.Effect<object, unknown>
  readonly view: View
  /** The server that does otherwise, and is wrong, old or bare. */
  readonly not?: "lite" | "milvus"
}

const step = <M extends Method>(
  method: M,
  request: Connection.Methods[M]["request"] | Effect.Effect<Connection.Methods[M]["request"], unknown>,
  view: View = () => "done",
  not?: Step["not"],
): Step => ({
  method,
  request: () => Effect.isEffect(request) ? request : Effect.succeed(request),
  view,
  ...(not === undefined ? {} : { not }),
})

const only = (...names: ReadonlyArray<string>): View => (reply) => names.map((name) => reply[name])

// ---- Requests

type FieldSchema = NonNullable<Messages["milvus.proto.schema.CollectionSchema"]["input"]["fields"]>[number]
type FieldData = NonNullable<Connection.Methods["Insert"]["request"]["fields_data"]>[number]

const create = (
  collection_name: string,
  fields: ReadonlyArray<FieldSchema>,
  enable_dynamic_field = false,
  not?: Step["not"],
) =>
  step(
    "CreateCollection",
    Effect.map(
      Message.encode("milvus.proto.schema.CollectionSchema", { name: collection_name, fields, enable_dynamic_field }),
      (schema) => ({ collection_name, schema }),
    ),
    undefined,
    not,
  )

const pairs = (given: Readonly<Record<string, string>>) => Object.entries(given).map(([key, value]) => ({ key, value }))

const id: FieldSchema = { name: "id", data_type: "Int64", is_primary_key: true }
const vector: FieldSchema = { name: "vector", data_type: "FloatVector", type_params: pairs({ dim: "2" }) }
const title: FieldSchema = { name: "title", data_type: "VarChar", type_params: pairs({ max_length: "5" }) }

const ids = (...data: Array<number>): FieldData => ({
  field_name: "id",
  type: "Int64",
  scalars: { long_data: { data } },
})
const vectors = (...rows: Array<Array<number>>): FieldData => ({
  field_name: "vector",
  type: "FloatVector",
  vectors: { dim: rows[0]!.length, float_vector: { data: rows.flat() } },
})
const titles = (...data: Array<string>): FieldData => ({
  field_name: "title",
  type: "VarChar",
  scalars: { string_data: { data } },
})
const rest = (...rows: Array<object>): FieldData => ({
  field_name: "$meta",
  type: "JSON",
  is_dynamic: true,
  scalars: { json_data: { data: rows.map((row) => new TextEncoder().encode(JSON.stringify(row))) } },
})

const index = (collection_name: string, field_name: string, metric_type: string) =>
  step("CreateIndex", {
    collection_name,
    field_name,
    index_name: field_name,
    extra_params: pairs({ index_type: "FLAT", metric_type }),
  })

const insert = (num_rows: number, ...fields_data: Array<FieldData>) =>
  step("Insert", { collection_name: "books", num_rows, fields_data }, only("IDs", "insert_cnt", "succ_index"))

const query = (request: Connection.Methods["Query"]["request"], not?: Step["not"]) =>
  step(
    "Query",
    { collection_name: "books", consistency_level: "Strong", ...request },
    (reply) => rowsOf(reply, request.output_fields ?? []),
    not,
  )

const search = (
  collection_name: string,
  queries: ReadonlyArray<ReadonlyArray<number>>,
  params: Readonly<Record<string, string>>,
  request: Connection.Methods["Search"]["request"] = {},
  not?: Step["not"],
) => {
  const values = queries.map((numbers) => new Uint8Array(new Float32Array(numbers).buffer))
  return step(
    "Search",
    Effect.map(
      Message.encode("milvus.proto.common.PlaceholderGroup", {
        placeholders: [{ tag: "$0", type: "FloatVector", values }],
      }),
      (placeholder_group) => ({
        collection_name,
        placeholder_group,
        dsl_type: "BoolExprV1" as const,
        nq: queries.length,
        consistency_level: "Strong" as const,
        search_params: pairs({ anns_field: "vector", params: "{}", ...params }),
        ...request,
      }),
    ),
    (reply) => hitsOf(reply, request.output_fields ?? []),
    not,
  )
}

// ---- What is looked at

type Column = Messages["milvus.proto.schema.FieldData"]["output"]

const cells = (column: Column): ReadonlyArray<unknown> => {
  if (column.vectors !== undefined) {
    const { data = [] } = column.vectors.float_vector ?? {}
    const width = Number(column.vectors.dim)
    return Array.from({ length: data.length / width }, (_, row) => data.slice(row * width, (row + 1) * width))
  }
  const { data = [] } = column.scalars?.[column.scalars.data ?? "long_data"] ?? {}
  return data.map((it) => it instanceof Uint8Array ? JSON.parse(new TextDecoder().decode(it)) : it)
}

/** The columns that were asked for, by their names: some servers send more, and the order is their own affair. */
const asked = (columns: ReadonlyArray<Column>, names: ReadonlyArray<string>) =>
  columns.filter(({ field_name }) => names.includes("*") || names.includes(field_name))
    .toSorted((a, b) => a.field_name < b.field_name ? -1 : 1)

/** Rows by the order of their keys. */
const rowsOf = ({ fields_data }: Record<string, unknown>, names: ReadonlyArray<string>) => {
  const columns = asked(fields_data as ReadonlyArray<Column>, ["id", ...names])
  const rows = cells(columns[0]!).map((_, row) => columns.map((column) => [column.field_name, cells(column)[row]]))
  return rows.map((row) => Object.fromEntries(row)).toSorted((a, b) => Number(a.id) - Number(b.id))
}

const hitsOf = ({ results }: Record<string, unknown>, names: ReadonlyArray<string>) => {
  const { ids, scores, topks, num_queries, fields_data } = results as Messages[
    "milvus.proto.schema.SearchResultData"
  ]["output"]
  return {
    ids: ids?.int_id?.data,
    scores: scores.map((score) => Math.round(score * 1e4) / 1e4 + 0),
    topks,
    num_queries,
    fields: asked(fields_data, names).map((column) => [column.field_name, column.type, cells(column)]),
  }
}

const schemaOf: View = ({ schema }) => {
  const { fields, enable_dynamic_field } = schema as Messages["milvus.proto.schema.CollectionSchema"]["output"]
  const of = (field: typeof fields[number]) => [field.name, field.data_type, field.is_primary_key, field.type_params]
  return [fields.map(of), enable_dynamic_field]
}

const indexOf: View = ({ index_descriptions }) =>
  (index_descriptions as Messages["milvus.proto.milvus.DescribeIndexResponse"]["output"]["index_descriptions"])
    .map(({ field_name, state, params }) => [field_name, state, params])

const all = ["*"]

const steps: ReadonlyArray<Step> = [
  step("DescribeCollection", { collection_name: "books" }),
  step("HasCollection", { collection_name: "books" }, only("value")),
  step("DropCollection", { collection_name: "books" }),
  query({ expr: "id == 1" }),
  create("books", [id], false, "lite"),
  step("DropCollection", { collection_name: "books" }),
  create("books", []),
  create("books", [{ ...id, is_primary_key: false }, vector]),
  create("books", [{ ...id, data_type: "Float" }, vector]),
  create("books", [id, { ...vector, type_params: [] }]),
  create("books", [id, { ...vector, name: "id" }]),
  create("books", [id, vector, title], true),
  create("books", [id, vector]),
  step("HasCollection", { collection_name: "books" }, only("value")),
  step("ShowCollections", {}, only("collection_names")),
  step("DescribeCollection", { collection_name: "books" }, schemaOf),
  step("DescribeIndex", { collection_name: "books" }),
  step("GetLoadState", { collection_name: "books" }, only("state"), "lite"),
  step("GetLoadState", { collection_name: "films" }, only("state")),
  query({ expr: "id == 1" }, "lite"),
  index("books", "vector", "L2"),
  index("books", "nowhere", "L2"),
  step("DescribeIndex", { collection_name: "books" }, indexOf),
  step("LoadCollection", { collection_name: "books" }),
  step("GetLoadState", { collection_name: "books" }, only("state")),
  // Rows
  insert(
    4,
    ids(3, 1, 2, 7),
    vectors([1, 0], [0, 1], [3, 4], [0.6, 0.8]),
    titles("a", "b", "c", "d"),
    rest({ color: "red" }, { color: "blue", n: 1 }, {}, { n: [1] }),
  ),
  insert(1, ids(4), vectors([1, 0]), titles("too long"), rest({})),
  insert(1, ids(4), vectors([1, 0, 0]), titles("d"), rest({})),
  insert(1, ids(4), vectors([1, 0]), rest({})),
  insert(1, vectors([1, 0]), titles("d"), rest({})),
  insert(2, ids(4), vectors([1, 0]), titles("d"), rest({})),
  step("Insert", { collection_name: "books", num_rows: 0 }, undefined, "lite"),
  step("Insert", {
    collection_name: "books",
    partition_name: "nowhere",
    num_rows: 1,
    fields_data: [ids(4), vectors([1, 0]), titles("d"), rest({})],
  }),
  // Filters by primary key
  ...[
    "id in [2, 3, 1]",
    "id == 7",
    "id != 7",
    "id > 2",
    "id >= 2",
    "id < 2",
    "id <= 2",
    "2 >= id",
    "id not in [1]",
  ]
    .map((expr) => query({ expr, output_fields: all })),
  ...[
    "not (id == 1) and id != 2",
    "id == 1 or id == 2 && id == 3",
    "(id == 1 || id == 2) and id > 1",
    "id in []",
    "id == 77",
  ]
    .map((expr) => query({ expr, output_fields: ["title", "id"] })),
  query({ expr: "1 < id <= 3", output_fields: all }, "lite"),
  query({ expr: "id ==" }),
  query({ expr: "id in [1, 2, 3]", output_fields: ["title"] }),
  query({ expr: "id in [1, 2, 3]", output_fields: ["vector", "id"] }),
  query({ expr: "id in [1, 2, 3]" }),
  query({ expr: "", output_fields: all, query_params: pairs({ limit: "10" }) }),
  query({ expr: "", output_fields: ["id"], query_params: pairs({ limit: "2" }) }, "lite"),
  query({ expr: "id > 0", output_fields: ["id", "title"], query_params: pairs({ limit: "2", offset: "1" }) }, "lite"),
  query({ expr: "", output_fields: ["id"] }, "lite"),
  query({ expr: "", output_fields: ["count(*)"] }),
  query({ expr: "id > 1", output_fields: ["count(*)"] }),
  query({ expr: "id > 1", partition_names: ["nowhere"] }, "lite"),
  // Searches
  search("books", [[1, 0]], { topk: "3", metric_type: "L2" }, { output_fields: ["title"] }),
  search("books", [[1, 0], [0, 1], [5, 5]], { topk: "2", metric_type: "L2" }, { output_fields: ["title", "color"] }),
  search("books", [[1, 0]], { topk: "2", metric_type: "L2" }, { output_fields: all }),
  search("books", [[1, 0]], { topk: "2", offset: "1", metric_type: "L2" }, { output_fields: ["title"] }),
  search("books", [[1, 0]], { topk: "9", metric_type: "L2" }, { dsl: "id > 1", output_fields: ["title"] }),
  search("books", [[1, 0]], { topk: "9", metric_type: "L2" }, { dsl: "id > 77", output_fields: ["title"] }),
  search("books", [[1, 0, 0]], { topk: "1", metric_type: "L2" }),
  search("books", [[1, 0]], { topk: "1", metric_type: "IP" }, {}, "lite"),
  search("books", [[1, 0]], { topk: "0", metric_type: "L2" }, {}, "lite"),
  search("books", [[1, 0]], { topk: "1", metric_type: "L2", anns_field: "nowhere" }),
  search("films", [[1, 0]], { topk: "1", metric_type: "L2" }),
  // Changes
  step("Upsert", {
    collection_name: "books",
    num_rows: 2,
    fields_data: [ids(3, 9), vectors([7, 7], [8, 8]), titles("u", "v"), rest({}, {})],
  }, only("IDs", "upsert_cnt")),
  step("Delete", { collection_name: "books", expr: "id in [1, 77]" }, only("delete_cnt")),
  step("Delete", { collection_name: "books", expr: "id > 8" }, only("delete_cnt")),
  // milvus-lite keeps what was in the dynamic field.
  query({ expr: "id > 0", output_fields: all }, "lite"),
  query({ expr: "id > 0", output_fields: ["title", "vector"] }),
  // Partitions
  step("CreatePartition", { collection_name: "books", partition_name: "old" }),
  step("HasPartition", { collection_name: "books", partition_name: "old" }, only("value")),
  step("HasPartition", { collection_name: "books", partition_name: "new" }, only("value")),
  step("Insert", {
    collection_name: "books",
    partition_name: "old",
    num_rows: 1,
    fields_data: [ids(20), vectors([1, 0]), titles("p"), rest({})],
  }, only("insert_cnt")),
  query({ expr: "id > 0", output_fields: all, partition_names: ["old"] }),
  query({ expr: "id > 0", output_fields: ["title", "vector"], partition_names: ["_default"] }),
  query({ expr: "id > 0", output_fields: ["count(*)"] }),
  search("books", [[1, 0]], { topk: "9", metric_type: "L2" }, { partition_names: ["old"], output_fields: ["title"] }),
  step("ShowPartitions", { collection_name: "books" }, only("partition_names")),
  step("DropPartition", { collection_name: "books", partition_name: "_default" }),
  step("DropIndex", { collection_name: "books", index_name: "vector" }),
  // Aliases
  step("CreateAlias", { collection_name: "books", alias: "current" }),
  step("CreateAlias", { collection_name: "films", alias: "other" }),
  step("DescribeCollection", { collection_name: "current" }, schemaOf),
  step("ListAliases", { collection_name: "books" }, only("aliases")),
  step("DescribeAlias", { alias: "nowhere" }),
  step("AlterAlias", { collection_name: "books", alias: "nowhere" }),
  query({ collection_name: "current", expr: "id == 20", output_fields: all }),
  step("DropAlias", { alias: "current" }),
  step("DescribeCollection", { collection_name: "current" }),
  // The end
  step("ReleaseCollection", { collection_name: "books" }),
  query({ expr: "id > 0", output_fields: all }),
  step("DropIndex", { collection_name: "books", index_name: "vector" }),
  step("DescribeIndex", { collection_name: "books" }),
  step("RenameCollection", { oldName: "books", newName: "films" }),
  step("RenameCollection", { oldName: "books", newName: "more" }),
  step("ShowCollections", {}, only("collection_names")),
  step("DropCollection", { collection_name: "films" }),
  step("ShowCollections", {}, only("collection_names")),
  step("CreateDatabase", { db_name: "library" }),
  step("CreateDatabase", { db_name: "library" }),
  step("ShowCollections", { db_name: "nowhere" }),
  step("DropDatabase", { db_name: "default" }),
  step("DropDatabase", { db_name: "library" }),
  // The other metrics
  ...["IP", "COSINE"].flatMap((metric_type) => [
    create(metric_type, [id, vector]),
    index(metric_type, "vector", metric_type),
    step("LoadCollection", { collection_name: metric_type }),
    step("Insert", {
      collection_name: metric_type,
      num_rows: 3,
      fields_data: [ids(1, 2, 3), vectors([1, 0], [3, 4], [-1, 1])],
    }),
    search(metric_type, [[1, 1], [0, -1]], { topk: "3", metric_type }),
    step("ReleaseCollection", { collection_name: metric_type }),
    step("DropCollection", { collection_name: metric_type }),
  ]),
]

/** A real server takes a moment to load. */
const untilLoaded = (connection: Connection.Connection, request: object) =>
  connection.call("GetLoadState", request).pipe(
    Effect.repeat({ until: ({ state }) => state === "LoadStateLoaded", schedule: Schedule.spaced("50 millis") }),
    Effect.timeout("20 seconds"),
    Effect.asVoid,
  )

/** The answers to all steps, or that it refused. */
const answers = (address: string) =>
  Effect.gen(function* () {
    const connection = yield* Connection.connect({ address, retry: false })
    return yield* Effect.forEach(
      steps,
      ({ method, request, view }) =>
        Effect.flatMap(
          request(),
          (message) =>
            Effect.tap(
              connection.call(method, message),
              () => method === "LoadCollection" ? untilLoaded(connection, message) : Effect.void,
            ),
        ).pipe(
          Effect.match({
            onSuccess: (reply) => view({ ...reply }),
            onFailure: (error) =>
              error instanceof Error && "_tag" in error ? `refused by ${error._tag}` : String(error),
          }),
        ),
    )
  })

for (
  const [name, start, key] of [["milvus-lite", startMilvusLite, "lite"], ["Milvus", startMilvus, "milvus"]] as const
) {
  const server = shared(start)
  test(`a FakeMilvus answers as ${name} does`, async () => {
    const { fake, given } = await run(Effect.gen(function* () {
      const fake = yield* FakeMilvus.make()
      return { fake, given: yield* answers(fake.address) }
    }))
    await assertNothingOpen(fake)
    const expected = await run(answers(server().address))
    const differing = steps.flatMap(({ method, not }, at) => {
      const [own, other] = [Deno.inspect(given[at], { depth: 20 }), Deno.inspect(expected[at], { depth: 20 })]
      const isAlike = own === other
      if (not === key) return isAlike ? [`step ${at} ${method} is alike after all`] : []
      return isAlike ? [] : [`step ${at} ${method}:\n  fake ${own}\n  real ${other}`]
    })
    assertEquals(differing.join("\n"), "")
  })
}
