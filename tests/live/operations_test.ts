/**
 * The operations of Milvus through `connection.call`, against real servers: the life of a collection, rows that
 * pymilvus reads after this library wrote them and the reverse, and every RPC of the contract once.
 */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { type CallError, Connection, Message } from "../../mod.ts"
import descriptor from "../../src/contract/descriptor.json" with { type: "json" }
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { shared } from "../support/milvus.ts"
import { openSockets } from "../support/sockets.ts"
import { engines, lite } from "./engines.ts"
import { test } from "../support/test.ts"

import {
  allOf,
  books,
  booksForPython,
  booksOf,
  columnOf,
  countOf,
  dimension,
  ids,
  insertOf,
  isLoaded,
  pymilvus,
  pythonBooks,
  schemaOf,
  searchOf,
  withCollection,
  withIndex,
} from "./operations_support.ts"

for (const engine of engines) {
  const { name } = engine
  const milvus = shared(engine.start)
  const withConnection = async <A, E>(
    use: (connection: Connection.Connection) => Effect.Effect<A, E, Scope.Scope>,
  ): Promise<void> => {
    await run(Effect.flatMap(Connection.connect(milvus().address), use))
    await assertNothingOpen(milvus())
  }
  // milvus-lite keeps no description of a collection or a field, and no name of an index.
  const description = engine === lite ? "" : "Büroregal"

  test(`${name}: a collection from its creation to its end`, async () => {
    const collection_name = "books"
    await withConnection((connection) =>
      Effect.gen(function* () {
        yield* withCollection(connection, collection_name)
        assertEquals((yield* connection.call("HasCollection", { collection_name })).value, true)

        const described = yield* connection.call("DescribeCollection", { collection_name })
        assertEquals(typeof described.collectionID, "bigint")
        assertEquals([described.collection_name, described.shards_num], [collection_name, 1])
        assertEquals(described.schema?.description, description)
        assertEquals(
          described.schema?.fields.map(({ name, data_type, is_primary_key }) => [name, data_type, is_primary_key]),
          [
            ["id", "Int64", true],
            ["title", "VarChar", false],
            ["price", "Double", false],
            ["shelf", "Int32", false],
            ["isLent", "Bool", false],
            ["notes", "JSON", false],
            ["vector", "FloatVector", false],
          ],
        )
        assertEquals(described.schema?.fields[1]?.description, engine === lite ? "" : "Rückentext")
        const vector = described.schema?.fields.find(({ name }) => name === "vector")
        assertEquals(vector?.type_params.map(({ key, value }) => [key, value]), [["dim", "4"]])
        assertEquals(typeof vector?.fieldID, "bigint")

        const inserted = yield* connection.call("Insert", insertOf(collection_name))
        assertEquals([inserted.insert_cnt, inserted.IDs?.int_id?.data], [BigInt(books.length), ids])
        yield* connection.call("Flush", { collection_names: [collection_name] })

        yield* withIndex(connection, collection_name)
        const indexes = yield* connection.call("DescribeIndex", { collection_name, field_name: "vector" })
        assertEquals(indexes.index_descriptions.map(({ field_name, index_name }) => [field_name, index_name]), [
          ["vector", engine === lite ? "vector" : "nearest"],
        ])

        yield* connection.call("LoadCollection", { collection_name, replica_number: 1 })
        yield* isLoaded(connection, collection_name)

        assertEquals(yield* countOf(connection, collection_name), [BigInt(books.length)])
        const queried = yield* connection.call("Query", allOf(collection_name))
        assertEquals(booksOf(queried.fields_data), books)
        const filtered = yield* connection.call("Query", { ...allOf(collection_name), expr: `id == ${2n ** 53n + 1n}` })
        assertEquals(booksOf(filtered.fields_data), books.slice(2, 3))

        const found = yield* connection.call(
          "Search",
          yield* searchOf(collection_name, [[1, 0, 0, 0.5], [0, 0, 9, 0]], 2),
        )
        assert(found.results)
        assertEquals([found.results.num_queries, found.results.topks], [2n, [2n, 2n]])
        assertEquals(found.results.ids?.int_id?.data, [7n, -5n, 2n ** 62n + 1n, -5n])
        assertEquals(found.results.scores, [0, 1.25, 1, 81])
        assertEquals(columnOf(found.results.fields_data, "title"), ["plain", "", "last", ""])

        const deleted = yield* connection.call("Delete", { collection_name, expr: "id in [7, -5]" })
        assertEquals(deleted.delete_cnt, 2n)
        assertEquals(yield* countOf(connection, collection_name), [2n])

        yield* connection.call("ReleaseCollection", { collection_name })
        yield* connection.call("DropCollection", { collection_name })
        const gone = yield* Effect.flip(connection.call("DescribeCollection", { collection_name }))
        assert(gone._tag === "ServerError")
        assertEquals([gone.code, gone.method, gone.address], [100, "DescribeCollection", milvus().address])
        assertMatch(gone.reason, /not found|does not exist/)
      })
    )
  })

  test(`${name}: values that do not fit are an error of Milvus, and the collection stays as it was`, async () => {
    const collection_name = "refusing"
    await withConnection((connection) =>
      Effect.gen(function* () {
        yield* withCollection(connection, collection_name)
        const again = yield* Effect.flip(Effect.flatMap(
          Message.encode("milvus.proto.schema.CollectionSchema", { name: collection_name, fields: [] }),
          (schema) => connection.call("CreateCollection", { collection_name, schema }),
        ))
        assertEquals(again._tag, "ServerError")
        const { fields_data = [] } = insertOf(collection_name)
        const short = { collection_name, num_rows: books.length, fields_data: fields_data.slice(1) }
        assertEquals((yield* Effect.flip(connection.call("Insert", short)))._tag, "ServerError")
        yield* withIndex(connection, collection_name)
        yield* connection.call("LoadCollection", { collection_name, replica_number: 1 })
        yield* isLoaded(connection, collection_name)
        assertEquals(yield* countOf(connection, collection_name), [0n])
      })
    )
  })

  test(`${name}: pymilvus reads what is written here`, async () => {
    const collection_name = "from_here"
    await withConnection((connection) =>
      Effect.gen(function* () {
        yield* withCollection(connection, collection_name)
        yield* connection.call("Insert", insertOf(collection_name))
        yield* withIndex(connection, collection_name)
        yield* connection.call("LoadCollection", { collection_name, replica_number: 1 })
        yield* isLoaded(connection, collection_name)
        const read = yield* Effect.promise(() =>
          pymilvus(
            milvus().address,
            `
described = client.describe_collection("from_here")
rows = client.query("from_here", filter="id > -100", consistency_level="Strong",
  output_fields=["id", "title", "price", "shelf", "isLent", "notes", "vector"])
hits = client.search("from_here", data=[[2, 0.25, -3, 1e10]], limit=1, output_fields=["title"], consistency_level="Strong")
notes = lambda value: json.loads(value) if isinstance(value, (str, bytes)) else value
result = {
  "description": described["description"],
  "fields": [[field["name"], field["type"].name] for field in described["fields"]],
  "rows": sorted(
    [{**row, "id": str(row["id"]), "vector": [float(x) for x in row["vector"]], "notes": notes(row["notes"])}
      for row in rows], key=lambda row: int(row["id"])),
  "hits": [[str(hit["id"]), hit["distance"], hit["entity"]["title"]] for hit in hits[0]],
}`,
          )
        )
        assertEquals(read, {
          description,
          fields: [
            ["id", "INT64"],
            ["title", "VARCHAR"],
            ["price", "DOUBLE"],
            ["shelf", "INT32"],
            ["isLent", "BOOL"],
            ["notes", "JSON"],
            ["vector", "FLOAT_VECTOR"],
          ],
          rows: booksForPython,
          hits: [[String(2n ** 53n + 1n), 0, books[2]!.title]],
        })
      })
    )
  })

  test(`${name}: what pymilvus writes is read here`, async () => {
    const collection_name = "from_python"
    await pymilvus(
      milvus().address,
      `
schema = client.create_schema(auto_id=False, enable_dynamic_field=False, description="Büroregal")
schema.add_field("id", DataType.INT64, is_primary=True)
schema.add_field("title", DataType.VARCHAR, max_length=200)
schema.add_field("price", DataType.DOUBLE)
schema.add_field("shelf", DataType.INT32)
schema.add_field("isLent", DataType.BOOL)
schema.add_field("notes", DataType.JSON)
schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
index = client.prepare_index_params()
index.add_index("vector", index_type="FLAT", metric_type="L2", index_name="nearest")
client.create_collection("from_python", schema=schema, index_params=index)
result = client.insert("from_python", ${pythonBooks})["insert_count"]`,
    )
    await withConnection((connection) =>
      Effect.gen(function* () {
        yield* Effect.addFinalizer(() => Effect.ignore(connection.call("DropCollection", { collection_name })))
        yield* isLoaded(connection, collection_name)
        const { schema } = yield* connection.call("DescribeCollection", { collection_name })
        const own = yield* Effect.flatMap(
          schemaOf(collection_name),
          (bytes) => Message.decode("milvus.proto.schema.CollectionSchema", bytes),
        )
        assertEquals(
          schema?.fields.map(({ name, data_type, is_primary_key }) => [name, data_type, is_primary_key]),
          own.fields.map(({ name, data_type, is_primary_key }) => [name, data_type, is_primary_key]),
        )
        assertEquals(yield* countOf(connection, collection_name), [BigInt(books.length)])
        assertEquals(booksOf((yield* connection.call("Query", allOf(collection_name))).fields_data), books)
        const found = yield* connection.call("Search", yield* searchOf(collection_name, [[1, 0, 0, 0.5]], 1))
        assertEquals([found.results?.ids?.int_id?.data, found.results?.scores], [[7n], [0]])
      })
    )
  })

  test(`${name}: a reply above the default limit of gRPC (4 MB) arrives complete`, async () => {
    const collection_name = "large"
    const text = "x".repeat(60_000)
    const rows = 100
    await withConnection((connection) =>
      Effect.gen(function* () {
        const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", {
          name: collection_name,
          fields: [
            { name: "id", data_type: "Int64", is_primary_key: true },
            { name: "text", data_type: "VarChar", type_params: [{ key: "max_length", value: "65535" }] },
            { name: "vector", data_type: "FloatVector", type_params: [{ key: "dim", value: "4" }] },
          ],
        })
        yield* Effect.acquireRelease(
          connection.call("CreateCollection", { collection_name, schema, shards_num: 1 }),
          () => Effect.ignore(connection.call("DropCollection", { collection_name })),
        )
        yield* connection.call("Insert", {
          collection_name,
          num_rows: rows,
          fields_data: [
            {
              field_name: "id",
              type: "Int64",
              scalars: { long_data: { data: Array.from({ length: rows }, (_, i) => i) } },
            },
            { field_name: "text", type: "VarChar", scalars: { string_data: { data: Array(rows).fill(text) } } },
            {
              field_name: "vector",
              type: "FloatVector",
              vectors: { dim: dimension, float_vector: { data: Array(rows * dimension).fill(0.5) } },
            },
          ],
        })
        yield* withIndex(connection, collection_name)
        yield* connection.call("LoadCollection", { collection_name, replica_number: 1 })
        yield* isLoaded(connection, collection_name)
        const { fields_data } = yield* connection.call("Query", {
          collection_name,
          expr: "id >= 0",
          output_fields: ["text"],
          consistency_level: "Strong",
        })
        assertEquals(columnOf(fields_data, "text"), Array(rows).fill(text))
      })
    )
  })

  test(`${name}: every RPC of the contract answers an empty request, or fails with a typed error`, async () => {
    const { methods } = descriptor.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
    const isStream = (method: object) => "requestStream" in method || "responseStream" in method
    await withConnection((connection) =>
      Effect.gen(function* () {
        const outcomes: Record<string, Array<string>> = {}
        const ask = ([method, definition]: [string, object]) =>
          Effect.gen(function* () {
            // Cast: the keys of Methods are the unary RPCs; a caller without types may call a streaming one.
            const called = connection.call(method as keyof Connection.Methods, emptyRequest(method), {
              timeout: 10_000,
            })
            const result = yield* Effect.result(called as Effect.Effect<object, CallError>)
            if (isStream(definition)) {
              assert(Result.isFailure(result) && result.failure._tag === "RpcError", method)
              assertEquals([result.failure.code, result.failure.progress], ["UNIMPLEMENTED", "NotSent"])
              return
            }
            const outcome = outcomeOf(method, result)
            outcomes[outcome] = [...outcomes[outcome] ?? [], method]
          })
        // All at once, because some take seconds to fail.
        yield* Effect.forEach(Object.entries(methods), ask, { concurrency: 16, discard: true })
        console.log(Object.entries(outcomes).map(([outcome, methods]) => `${methods.length} ${outcome}`).join(", "))
        for (const method of ["Connect", "GetVersion", "CheckHealth", "ListDatabases", "ShowCollections"]) {
          assert(outcomes["Success"]?.includes(method), method)
        }
        assertGreater(Object.values(outcomes).flat().length, 140)
        // All calls used one session, and none of them broke it.
        assertEquals(yield* connection.state, "Ready")
        assertEquals(openSockets(milvus().port), 1)
      })
    )
  })
}

/** The one request that is not empty: a Search without `dsl_type` makes Milvus 2.3.5 panic and exit. */
const emptyRequest = (method: string): object => method === "Search" ? { dsl_type: "BoolExprV1" } : {}

/** Returns `Success` or the error of the server. Fails the test at any other error. */
const outcomeOf = (method: string, result: Result.Result<object, CallError>): string => {
  if (Result.isSuccess(result)) {
    assertEquals(typeof result.success, "object", method)
    return "Success"
  }
  const error = result.failure
  assert(error._tag === "RpcError" || error._tag === "ServerError", `${method}: ${error.message}`)
  assertEquals([error.method, error.message.includes("\n")], [method, false])
  if (error._tag === "ServerError") {
    assert(error.code !== 0 && error.reason !== "", error.message)
    return "ServerError"
  }
  assertEquals(error.progress, "Answered", error.message)
  return error.code
}
