/** Names that every object has, as names of a user's things in a FakeMilvus. */
import { assertEquals, assertInstanceOf } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Message, ServerError } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { test } from "../support/test.ts"

const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"]

const withConnection = (use: Effect.Effect<void, unknown, Connection.Connection>) =>
  Effect.runPromise(Effect.provide(use, FakeMilvus.layerConnected()))

test("rule 18: nothing exists in a FakeMilvus because every object has its name", () =>
  withConnection(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    yield* Collection.create(
      Collection.define("books", {
        id: Field.int64({ primaryKey: true }),
        vector: Field.floatVector({ dimension: 2 }),
      }),
    )
    for (const name of names) {
      const at = { collection_name: name }
      assertEquals((yield* call("HasCollection", at)).value, false, name)
      assertEquals((yield* call("HasPartition", { collection_name: "books", partition_name: name })).value, false, name)
      const refused: ReadonlyArray<Effect.Effect<unknown, unknown>> = [
        call("DescribeCollection", at),
        call("DescribeAlias", { alias: name }),
        call("CreateIndex", { collection_name: "books", field_name: name }),
        call("DescribeIndex", { collection_name: "books", index_name: name }),
        call("DescribeDatabase", { db_name: name }),
      ]
      for (const effect of refused) assertInstanceOf(yield* Effect.flip(effect), ServerError, name)
    }
  })))

test("rule 18: collections, fields, partitions, indexes and keys may be called as what every object has", () =>
  withConnection(Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    for (const name of names) {
      const fields = [
        { name: "id", data_type: "Int64", is_primary_key: true },
        { name: "vector", data_type: "FloatVector", type_params: [{ key: "dim", value: "2" }] },
        { name, data_type: "Int64" },
      ] as const
      const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", {
        name,
        fields,
        enable_dynamic_field: true,
      })
      const at = { collection_name: name }
      yield* call("CreateCollection", { ...at, schema })
      yield* call("CreatePartition", { ...at, partition_name: name })
      yield* call("CreateAlias", { ...at, alias: `${name}_alias` })
      yield* call("CreateIndex", {
        ...at,
        field_name: "vector",
        index_name: name,
        extra_params: [{ key: "metric_type", value: "L2" }, { key: "index_type", value: "FLAT" }],
      })
      yield* call("LoadCollection", at)
      const document = new TextEncoder().encode(`{"${name}_key":7,"__proto__":8}`)
      yield* call("Insert", {
        ...at,
        partition_name: name,
        num_rows: 1,
        fields_data: [
          { field_name: "id", type: "Int64", scalars: { long_data: { data: [1n] } } },
          { field_name: name, type: "Int64", scalars: { long_data: { data: [5n] } } },
          { field_name: "vector", type: "FloatVector", vectors: { dim: 2, float_vector: { data: [1, 1] } } },
          { type: "JSON", is_dynamic: true, scalars: { json_data: { data: [document] } } },
        ],
      })
      for (const expr of [`${name} == 5`, `${name}_key == 7`, name === "__proto__" ? "id == 1" : "__proto__ == 8"]) {
        const request = { ...at, expr, output_fields: [name], partition_names: [name] }
        const { fields_data } = yield* call("Query", request)
        const column = fields_data.find(({ field_name }) => field_name === name)
        assertEquals(column?.scalars?.long_data?.data, [5n], expr)
      }
      const { index_descriptions } = yield* call("DescribeIndex", { ...at, index_name: name })
      assertEquals(index_descriptions.length, 1)
      assertEquals((yield* call("DescribeAlias", { alias: `${name}_alias` })).collection, name)
    }
  })))
