/** Partial upserts: what they send, compared with pymilvus, and what they refuse. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Index, Message, Vectors } from "../../../mod.ts"
import { pythonWith } from "../../support/python.ts"
import { shared, startMilvus, startMilvusLite } from "../../support/milvus.ts"
import { effectTest, test } from "../../support/test.ts"
import { namer, onFake } from "../support.ts"

const next = namer("partial")
const lite = shared(startMilvusLite)
const full = shared(startMilvus)

const items = (name = next()) =>
  Collection.define(name, {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 20, nullable: true }),
    year: Field.int32(),
    tags: Field.array(Field.varChar({ maxLength: 10 }), { maxCapacity: 8 }),
    vector: Field.floatVector({ dimension: 2 }),
  }, { dynamicFields: true, indexes: { vector: Index.flat({ metric: "L2" }) } })

const version = { version: "v3.0.1" }

/** Runs a write against a fake server that acknowledges it, and returns the requests. */
const sent = (write: Effect.Effect<unknown, { readonly message: string }, Connection.Connection>, rows: number) =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const ids = Array.from({ length: rows }, (_, index) => BigInt(index + 1))
      yield* fake.handle("Upsert", () =>
        Effect.succeed({ upsert_cnt: BigInt(rows), IDs: { int_id: { data: ids } }, timestamp: 9n }))
      yield* write
      return (yield* fake.calls).flatMap((call) =>
        call.method === "Upsert" ? [call.request] : []
      )
    })), version)

const definition = JSON.stringify([
  { name: "id", type: "INT64", is_primary: true },
  { name: "title", type: "VARCHAR", params: { max_length: 20 }, nullable: true },
  { name: "year", type: "INT32" },
  {
    name: "tags",
    type: "ARRAY",
    element_type: "VARCHAR",
    params: { max_length: 10, max_capacity: 8 },
  },
  { name: "vector", type: "FLOAT_VECTOR", params: { dim: 2 } },
])

/** Builds an UpsertRequest by pymilvus, and returns its bytes. */
const script = `
import base64, json, sys
from pymilvus import DataType
from pymilvus.client.prepare import Prepare
name, fields, rows, ops = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3]), json.loads(sys.argv[4])
for field in fields:
    field["type"] = getattr(DataType, field["type"])
    if "element_type" in field: field["element_type"] = getattr(DataType, field["element_type"])
request = Prepare.row_upsert_param(name, rows, "", fields_info=fields, enable_dynamic=True, partial_update=True, field_ops=ops or None)
print(base64.b64encode(request.SerializeToString()).decode())
`

const byPymilvus = async (name: string, rows: unknown, operations: object) => {
  const { code, stdout, stderr } = await new Deno.Command(await pythonWith("pymilvus"), {
    args: ["-c", script, name, definition, JSON.stringify(rows), JSON.stringify(operations)],
  }).output()
  assertEquals(code, 0, new TextDecoder().decode(stderr))
  return Uint8Array.from(atob(new TextDecoder().decode(stdout).trim()), (char) => char.charCodeAt(0))
}

/** What matters of a request: its columns by name, and how they are applied. */
const meaning = (request: Connection.Methods["Upsert"]["request"]) => ({
  collection: request.collection_name,
  rows: request.num_rows,
  partial: request.partial_update,
  operations: (request.field_ops ?? []).map(({ field_name, op }) => [field_name, op]),
  columns: Object.fromEntries(
    (request.fields_data ?? []).map((field) => {
      const { scalars, vectors, valid_data } = field
      return [
        field.field_name,
        JSON.stringify([scalars, vectors, valid_data], (_, it) => typeof it === "bigint" ? `${it}` : it),
      ]
    }).toSorted(),
  ),
})

test("a partial upsert is the request that pymilvus makes", async () => {
  const cases = [
    { rows: [{ id: 1, year: 1900 }, { id: 2, year: 1901 }] },
    { rows: [{ id: 1, title: "Emma" }] },
    { rows: [{ id: 1, vector: [1, 2] }] },
    { rows: [{ id: 1, tags: ["a"] }, { id: 2, tags: ["b", "c"] }], fieldOperations: { tags: "ArrayAppend" } },
    { rows: [{ id: 1, tags: ["a"], year: 3 }], fieldOperations: { tags: "ArrayRemove" } },
  ] as const
  for (const { rows, ...options } of cases) {
    const C = items()
    const [request, ...others] = await sent(Vectors.partialUpsert(C, rows, options), rows.length)
    assertEquals(others, [])
    const operations = "fieldOperations" in options
      ? { tags: options.fieldOperations.tags === "ArrayAppend" ? "array_append" : "array_remove" }
      : {}
    const bytes = await byPymilvus(C.name, rows, operations)
    const expected = await Effect.runPromise(Message.decode("milvus.proto.milvus.UpsertRequest", bytes))
    const mine = meaning(request!)
    const theirs = meaning(expected)
    // pymilvus sends the dynamic field also if no row has dynamic keys, which would add nothing.
    delete theirs.columns["$meta"]
    // Nor does it name the type of the elements, which the server knows.
    if (theirs.columns["tags"] !== undefined) {
      theirs.columns["tags"] = theirs.columns["tags"].replace(`"element_type":"None"`, `"element_type":"VarChar"`)
    }
    assertEquals(mine, theirs)
  }
})

test("all rows of a partial upsert write the same fields, and the others stay as they are", async () => {
  const C = items()
  const [request] = await sent(
    Vectors.partialUpsert(C, [{ id: 1, title: null, note: 1 }, { id: 2, title: "b", note: 2 }]),
    2,
  )
  assertEquals(request?.fields_data?.map(({ field_name }) => field_name), ["id", "title", "$meta"])
  assertEquals(request?.fields_data?.[1]?.valid_data, [false, true])
  const columns = await sent(Vectors.partialUpsert(C, { id: [1, 2], vector: new Float32Array(4) }), 2)
  assertEquals(columns[0]?.fields_data?.map(({ field_name }) => field_name), ["id", "vector"])
  const byName = await sent(Vectors.upsert(C, [{ id: 1, year: 1, tags: [], vector: [1, 2] }]), 1)
  assertEquals(byName[0]?.partial_update, false)
})

test("a partial upsert that is not exact is refused by field and row, before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = items()
      // Casts: what an untyped program may write.
      const refused: ReadonlyArray<readonly [rows: unknown, options: unknown, message: string]> = [
        [[{ id: 1, year: 1 }, { id: 2 }], {}, `"year", row 1`],
        [[{ id: 1, year: 1 }, { id: 2, year: 2, title: "a" }], {}, `"title", row 1`],
        [[{ id: 1, year: null }], {}, `"year", row 0`],
        [[{ id: 1, title: "a" }, { id: 2, title: "b", extra: 1 }], {}, `"$meta", row 1`],
        [[{ year: 1 }], {}, `"id", row 0`],
        [[{ id: 1, year: "x" }], {}, `"year", row 0`],
        [[7], {}, `"rows", row 0`],
        [{ id: [1], year: [1, 2] }, {}, `"year"`],
        [[{ id: 1, year: 1 }], { fieldOperations: { year: "ArrayAppend" } }, `"fieldOperations.year"`],
        [[{ id: 1, year: 1 }], { fieldOperations: { tags: "ArrayAppend" } }, `"fieldOperations.tags"`],
        [[{ id: 1, tags: [] }], { fieldOperations: { tags: "append" } }, `"fieldOperations.tags"`],
        [[{ id: 1, tags: [] }], { fieldOperations: 1 }, `"fieldOperations"`],
        [[{ id: 1, tags: [] }], { partial: true }, `"partial"`],
        [[{ id: 1, tags: [] }], { namespace: " " }, `"namespace"`],
      ]
      for (const [rows, options, message] of refused) {
        const error = yield* Effect.flip(Vectors.partialUpsert(C, rows as never, options as never))
        assertEquals(error._tag, "CodecError", message)
        assertStringIncludes(error.message, message)
      }
      const notHere = yield* Effect.flip(Vectors.upsert(C, [], { fieldOperations: {} } as never))
      assertStringIncludes(notHere.message, `"fieldOperations"`)
      assertEquals((yield* fake.calls).filter(({ method }) => method === "Upsert"), [])
    })), version))

for (const [engine, server] of [["milvus-lite", lite], ["Milvus 2.3.5", full]] as const) {
  effectTest(
    `${engine}: what the server would ignore or refuse is Unsupported, and nothing is sent`,
    Effect.suspend(() => {
      const program = Effect.gen(function* () {
        const C = items("not_there")
        const row = { id: 1, year: 1, tags: [], vector: [1, 2] as const }
        const refused = [
          [Vectors.partialUpsert(C, [{ id: 1, year: 1 }]), "Vectors.partialUpsert", undefined, "2.6.1"],
          [Vectors.insert(C, [row], { namespace: "a" }), "Vectors.insert", "namespace", "2.6.3"],
          [Vectors.delete(C, { ids: [1] }, { namespace: "a" }), "Vectors.delete", "namespace", "2.6.3"],
          [Vectors.query(C, "id > 0", { orderBy: ["id"] }), "Vectors.query", "orderBy", "3.0.0"],
          [Vectors.query(C, "id > 0", { timezone: "UTC" }), "Vectors.query", "timezone", "2.6.6"],
          [Vectors.aggregate(C, undefined, { outputFields: ["count(*)"] }), "Vectors.aggregate", undefined, "3.0.0"],
        ] as const
        for (const [effect, operation, option, needs] of refused) {
          const error = yield* Effect.flip<unknown, { readonly _tag: string }, Connection.Connection>(effect)
          assert(error._tag === "Unsupported", `${operation} ${option}: ${error}`)
          assertEquals({ ...error }, { ...error, operation, option, needs })
        }
      })
      return Effect.provide(program, Connection.layer(server().address))
    }),
  )
}

test("aggregates are groups with typed outputs", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = items()
      yield* fake.handle("Query", ({ query_params, output_fields }) => {
        assertEquals(Object.fromEntries((query_params ?? []).map(({ key, value }) => [key, value])), {
          group_by_fields: "title",
          limit: "5",
          order_by_fields: "title:asc",
        })
        assertEquals(output_fields, ["title", "count(*)", "max(year)"])
        return Effect.succeed({
          fields_data: [
            { field_name: "title", type: "VarChar", scalars: { string_data: { data: ["a", "b"] } } },
            { field_name: "count(*)", type: "Int64", scalars: { long_data: { data: [2, 3] } } },
            { field_name: "max(year)", type: "Int32", scalars: { int_data: { data: [1900, 1901] } } },
          ],
          status: { extra_info: { report_value: "12", scanned_total_bytes: "100", cache_hit_ratio: "0.5" } },
        })
      })
      const result = yield* Vectors.aggregate(C, undefined, {
        groupBy: ["title"],
        outputFields: ["title", "count(*)", "max(year)"],
        orderBy: ["title"],
        limit: 5,
      })
      const [first] = result.rows
      const count: bigint | undefined = first?.["count(*)"]
      const year: number | undefined = first?.["max(year)"]
      assertEquals([first?.title, count, year, result.length], ["a", 2n, 1900, 2])
      assertEquals(result.cost, {
        units: 12,
        scannedRemoteBytes: undefined,
        scannedTotalBytes: 100,
        cacheHitRatio: 0.5,
      })
    })), version))
