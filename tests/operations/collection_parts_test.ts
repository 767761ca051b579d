/** Partitions, aliases, indexes, and what changes a collection: on real servers, and by the requests of pymilvus. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import {
  Collection,
  CollectionAlias,
  Connection,
  Database,
  Field,
  Functions,
  Index,
  Partition,
  Vectors,
} from "../../mod.ts"
import type { CallError, ParamError } from "../../src/errors.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { effectTest, test } from "../support/test.ts"
import { namer, onFake, simple } from "./support.ts"
import { wireTests } from "./wire.ts"

const lite = shared(startMilvusLite)
const full = shared(startMilvus)
const next = namer("parts")

const on = <A, E>(server: { readonly address: string }, effect: Effect.Effect<A, E, Connection.Connection>) =>
  Effect.provide(effect, Connection.layer(server.address))

for (const [engine, server] of [["milvus-lite", lite], ["Milvus 2.3.5", full]] as const) {
  effectTest(
    `${engine}: partitions are created, listed, counted and dropped`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const C = simple(next())
          yield* Collection.create(C)
          yield* Partition.create(C, "novels")
          assertEquals([yield* Partition.has(C, "novels"), yield* Partition.has(C, "poems")], [true, false])
          assertEquals((yield* Partition.list(C)).toSorted(), ["_default", "novels"])
          const details = yield* Partition.listDetails(C.name)
          assertEquals(details.map(({ name }) => name).toSorted(), ["_default", "novels"])
          for (const { id, created } of details) {
            const age = created === undefined ? undefined : Math.abs(Date.now() - created.getTime())
            if (engine === "milvus-lite") assertEquals([id, age], [undefined, undefined])
            else assert(id !== undefined && id > 0n && age !== undefined && age < 3_600_000, `${id} ${created}`)
          }
          const again = yield* Effect.exit(Partition.create(C, "novels"))
          assertEquals(again._tag, engine === "milvus-lite" ? "Failure" : "Success")
          yield* Vectors.insert(C, [{ id: 1, v: [1, 2] }, { id: 2, v: [1, 2] }], { partition: "novels" })
          assertEquals(yield* Vectors.count(C, undefined, { partitions: ["novels"] }), 2)
          assert((yield* Partition.statistics(C, "novels")).rows <= 2)
          assertEquals((yield* Effect.flip(Partition.has("no_such_collection", "x")))._tag, "ServerError")
          yield* Collection.release(C)
          yield* Partition.drop(C, "novels")
          assertEquals(yield* Partition.list(C), ["_default"])
          assertEquals((yield* Effect.flip(Partition.statistics(C, "novels")))._tag, "ServerError")
          yield* Collection.drop(C)
        }),
      )
    ),
  )

  effectTest(
    `${engine}: an alias is created, switched, described, listed and dropped`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const [A, B, alias] = [simple(next()), simple(next()), next()]
          yield* Collection.create(A)
          yield* Collection.create(B)
          yield* CollectionAlias.drop(alias)
          yield* CollectionAlias.create(alias, A)
          assertEquals(yield* CollectionAlias.describe(alias), { alias, collection: A.name, database: undefined })
          for (const taken of [alias, A.name]) {
            assertEquals((yield* Effect.flip(CollectionAlias.create(taken, B)))._tag, "ServerError")
          }
          yield* CollectionAlias.alter(alias, B)
          assertEquals((yield* CollectionAlias.describe(alias)).collection, B.name)
          assertEquals(yield* CollectionAlias.list(B), [alias])
          assertEquals(yield* CollectionAlias.list(A), [])
          assert((yield* CollectionAlias.list()).includes(alias))
          yield* CollectionAlias.drop(alias)
          assertEquals((yield* Effect.flip(CollectionAlias.describe(alias)))._tag, "ServerError")
          yield* Collection.drop(A)
          yield* Collection.drop(B)
        }),
      )
    ),
  )

  effectTest(
    `${engine}: aliases and partitions are those of the current database`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const [A, B, alias, database] = [simple(next()), simple(next()), next(), next()]
          yield* Collection.create(A)
          yield* CollectionAlias.create(alias, A)
          yield* Database.create(database)
          yield* Database.withDatabase(database)(Effect.gen(function* () {
            yield* Collection.create(B)
            yield* CollectionAlias.create(alias, B)
            assertEquals((yield* CollectionAlias.describe(alias)).collection, B.name)
            assertEquals(yield* CollectionAlias.list(), [alias])
            assertEquals(yield* CollectionAlias.list(B), [alias])
            yield* Partition.create(B, "novels")
            assertEquals(yield* Partition.has(B, "novels"), true)
            assertEquals((yield* Effect.flip(Partition.list(A)))._tag, "ServerError")
            assertEquals((yield* Effect.flip(CollectionAlias.create(next(), A)))._tag, "ServerError")
          }))
          assertEquals((yield* CollectionAlias.describe(alias)).collection, A.name)
          yield* Database.withDatabase(database)(CollectionAlias.drop(alias))
          assertEquals(yield* CollectionAlias.list(A), [alias])
          yield* Collection.drop(B, { database })
          yield* Database.drop(database)
          yield* CollectionAlias.drop(alias)
          yield* Collection.drop(A)
        }),
      )
    ),
  )

  effectTest(
    `${engine}: properties of a collection, its load state, and its new database are those of the server`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const C = simple(next())
          assertEquals(yield* Collection.loadState(C), { state: "NotExist", percent: 0 })
          yield* Collection.create(C)
          assertEquals(yield* Collection.loadState(C), { state: "Loaded", percent: 100 })
          const inList = Effect.map(Collection.listDetails(), (all) => all.find(({ name }) => name === C.name))
          const { id, created } = yield* Collection.describe(C)
          assertEquals(yield* inList, { name: C.name, id, created, percent: 100 })
          yield* Collection.release(C)
          assertEquals((yield* inList)?.percent, 0)
          assertEquals(yield* Collection.loadState(C), { state: "NotLoad", percent: 0 })
          yield* Collection.alter(C, { "collection.ttl.seconds": 3600 })
          const described = yield* Collection.describe(C)
          assertEquals(described.properties["collection.ttl.seconds"], 3600)
          assertEquals(described.raw["collection.ttl.seconds"], "3600")
          assertEquals(described.definition.name, C.name)
          assert(described.shards >= 1)
          if (engine === "milvus-lite") {
            yield* Collection.dropProperties(C, ["collection.ttl.seconds"])
            assertEquals((yield* Collection.describe(C)).raw["collection.ttl.seconds"], undefined)
          } else {
            const database = next()
            yield* Database.create(database)
            yield* Collection.rename(C, "moved", { intoDatabase: database })
            assertEquals(yield* Database.withDatabase(database)(Collection.list()), ["moved"])
            yield* Collection.drop("moved", { database })
            return
          }
          yield* Collection.drop(C)
        }),
      )
    ),
  )
}

effectTest(
  "milvus-lite: a truncated collection has no rows, and what lite ignores is Unsupported",
  Effect.suspend(() =>
    on(
      lite(),
      Effect.gen(function* () {
        const C = simple(next())
        yield* Collection.create(C)
        yield* Vectors.insert(C, [{ id: 1, v: [1, 2] }])
        yield* Collection.truncate(C)
        assertEquals(yield* Vectors.count(C), 0)
        const unsupported = [
          Partition.load(C, ["_default"]),
          Partition.release(C, ["_default"]),
          Index.alter(C, "v", { "mmap.enabled": true }),
          Index.statistics(C),
          Index.state(C, "v"),
          Index.buildProgress(C, "v"),
        ]
        for (const effect of unsupported) {
          const error = yield* Effect.flip<unknown, { readonly _tag: string }, Connection.Connection>(effect)
          assertEquals(error._tag, "Unsupported")
        }
        for (const option of [{ priority: "low" }, { fields: ["id", "v"] }, { skipDynamicField: true }] as const) {
          assertEquals((yield* Effect.flip(Collection.load(C, option)))._tag, "Unsupported")
        }
      }),
    )
  ),
)

effectTest(
  "Milvus 2.3.5: partitions are loaded and released, indexes counted, a load refreshed, and what came later is refused",
  Effect.suspend(() =>
    on(
      full(),
      Effect.gen(function* () {
        const C = simple(next())
        yield* Collection.create(C)
        yield* Collection.release(C)
        yield* Partition.create(C, "a")
        const seen = yield* Stream.runCollect(Partition.loading(C, ["a"]))
        assertEquals(seen.at(-1), 100)
        assertEquals((yield* Partition.loadState(C, ["a"])).state, "Loaded")
        yield* Partition.release(C, ["a"])
        assertEquals((yield* Partition.loadState(C, ["a"])).state, "NotLoad")
        yield* Collection.load(C)
        yield* Collection.refreshLoad(C)
        assertEquals((yield* Index.statistics(C)).map(({ name }) => name), ["v"])
        assertEquals((yield* Index.state(C, "v")).state, "Finished")
        assertEquals(yield* Index.buildProgress(C, "v"), { indexed: 0, rows: 0 })
        assertEquals((yield* Index.state(C, "no_index")).state, "IndexStateNone")
        const missing = [Index.buildProgress(C, "no_index"), Index.statistics(C, "no_index")] as const
        for (const effect of missing) {
          const error = yield* Effect.flip<unknown, CallError | ParamError, Connection.Connection>(effect)
          assert(error._tag === "ServerError" && error.code === 700)
        }
        // Milvus 2.3.5 has the RPC, and answers it with an error of its own.
        assertEquals((yield* Effect.flip(Index.alter(C, "v", { "mmap.enabled": true })))._tag, "RpcError")
        const field = Field.int64({ nullable: true })
        const later = [
          [Collection.truncate(C), "Collection.truncate", "2.6.11"],
          [Collection.dropProperties(C, ["timezone"]), "Collection.dropProperties", "2.4.18"],
          [Index.dropProperties(C, "v", ["mmap.enabled"]), "Index.dropProperties", "2.4.18"],
          [Collection.describeAll([C]), "Collection.describeAll", "2.6.1"],
          [Collection.alterField(C, "v", { "mmap.enabled": true }), "Collection.alterField", "2.4.18"],
          [Collection.addField(C, "n", field), "Collection.addField", "2.6.0"],
          [Collection.dropField(C, "n"), "Collection.dropField", "3.0.0"],
          [Collection.dropFunction(C, "n"), "Collection.dropFunction", "2.6.7"],
        ] as const
        for (const [effect, operation, needs] of later) {
          const error = yield* Effect.flip<unknown, { readonly _tag: string }, Connection.Connection>(effect)
          assert(error._tag === "Unsupported", `${operation}: ${error}`)
          assertEquals({ ...error }, { ...error, operation, needs })
        }
        yield* Collection.drop(C)
      }),
    )
  ),
)

const bm25 = Functions.bm25({ input: "text", output: "terms" })
const fn = `__import__("pymilvus").Function("f", __import__("pymilvus").FunctionType.BM25, ["text"], ["terms"])`
const py = `__import__("pymilvus")`

wireTests("Collection", [
  {
    name: "alter",
    method: "AlterCollection",
    run: () => Collection.alter("books", { "mmap.enabled": true, "collection.ttl.seconds": 60 }),
    request: {
      collection_name: "books",
      properties: [{ key: "mmap.enabled", value: "true" }, { key: "collection.ttl.seconds", value: "60" }],
    },
  },
  {
    name: "dropProperties",
    method: "AlterCollection",
    run: () => Collection.dropProperties("books", ["timezone"]),
    pymilvus: `P.alter_collection_request("books", delete_keys=["timezone"])`,
  },
  {
    name: "alterField",
    method: "AlterCollectionField",
    run: () => Collection.alterField("books", "title", { max_length: 300 }),
    pymilvus: `P.alter_collection_field_request("books", "title", {"max_length": 300})`,
  },
  {
    name: "truncate",
    method: "TruncateCollection",
    run: () => Collection.truncate("books"),
    pymilvus: `P.truncate_collection_request("books")`,
  },
  {
    name: "addField",
    method: "AlterCollectionSchema",
    run: () => Collection.addField("books", "year", Field.int64({ nullable: true })),
    pymilvus:
      `P.alter_collection_schema_request("books", ${py}.FieldSchema("year", ${py}.DataType.INT64, nullable=True))`,
  },
  {
    name: "addField before Milvus 3.0",
    method: "AddCollectionField",
    version: "v2.6.0",
    run: () => Collection.addField("books", "year", Field.int64({ nullable: true })),
    pymilvus: `P.add_collection_field_request("books", ${py}.FieldSchema("year", ${py}.DataType.INT64, nullable=True))`,
  },
  {
    name: "dropField",
    method: "AlterCollectionSchema",
    run: () => Collection.dropField("books", "year"),
    pymilvus: `P.alter_collection_schema_request("books", drop_field_name="year")`,
  },
  {
    name: "addFunction",
    method: "AlterCollectionSchema",
    run: () => Collection.addFunction("books", "f", bm25),
    pymilvus: `P.alter_collection_schema_request("books", func=${fn})`,
  },
  {
    name: "alterFunction",
    method: "AlterCollectionFunction",
    run: () => Collection.alterFunction("books", "f", bm25),
    pymilvus: `P.alter_collection_function_request("books", "f", ${fn})`,
  },
  {
    name: "dropFunction",
    method: "AlterCollectionSchema",
    run: () => Collection.dropFunction("books", "f", { outputFields: true }),
    pymilvus: `P.alter_collection_schema_request("books", drop_function_name="f", drop_function_output_fields=True)`,
  },
  {
    name: "load with every option",
    method: "LoadCollection",
    run: () =>
      Collection.load("books", {
        replicas: 2,
        resourceGroups: ["a"],
        fields: ["id"],
        skipDynamicField: true,
        priority: "low",
      }),
    pymilvus: `P.load_collection("books", replica_number=2, refresh=False, resource_groups=["a"], load_fields=["id"],
      skip_load_dynamic_field=True, priority="low")`,
    replies: { GetLoadingProgress: { progress: 100 } },
  },
  {
    name: "refreshLoad",
    method: "LoadCollection",
    run: () => Collection.refreshLoad("books"),
    request: { collection_name: "books", refresh: true },
    replies: { GetLoadingProgress: { progress: 100, refresh_progress: 100 } },
  },
])

test("on Milvus 2.6 a function is added and dropped by the RPCs of that version", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle("AddCollectionFunction", () => Effect.succeed({}))
      yield* fake.handle("DropCollectionFunction", () => Effect.succeed({}))
      yield* Collection.addFunction("books", "f", bm25)
      yield* Collection.dropFunction("books", "f")
      const methods = (yield* fake.calls).map(({ method }) => method)
      assertEquals(methods.slice(-2), ["AddCollectionFunction", "DropCollectionFunction"])
      const outputField = { name: "terms", field: Field.sparseFloatVector() }
      const tooNew = yield* Effect.flip(Collection.addFunction("books", "f", bm25, { outputField }))
      assert(tooNew._tag === "Unsupported" && tooNew.option === "outputField")
    })), { version: "v2.6.7" }))

test("the older RPCs are used if a server has no other, or to change an external collection, and not otherwise", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const older = ["AddCollectionField", "AddCollectionFunction", "DropCollectionFunction"] as const
      for (const method of older) yield* fake.handle(method, () => Effect.succeed({}))
      const year = Collection.addField("books", "year", Field.int64({ nullable: true }))
      const called = Effect.map(fake.calls, (calls) => calls.map(({ method }) => method).slice(-1))
      for (
        const [change, method] of [
          [year, older[0]],
          [Collection.addFunction("books", "f", bm25), older[1]],
          [Collection.dropFunction("books", "f"), older[2]],
        ] as const
      ) {
        yield* change
        assertEquals(yield* called, [method])
      }
      const outputField = { name: "terms", field: Field.sparseFloatVector() }
      for (
        const [change, operation] of [
          [Collection.addFunction("books", "f", bm25, { outputField }), "Collection.addFunction"],
          [Collection.dropFunction("books", "f", { outputFields: true }), "Collection.dropFunction"],
        ] as const
      ) {
        const error = yield* Effect.flip(change)
        assert(error._tag === "Unsupported" && error.operation === operation, String(error))
      }
      const refuse = (reason: string) =>
        fake.handle("AlterCollectionSchema", () => Effect.succeed({ alter_status: { code: 1100, reason } }))
      yield* refuse("alter collection schema operation is not supported for external collection: invalid parameter")
      yield* year
      assertEquals(yield* called, ["AddCollectionField"])
      yield* refuse("duplicated field name year: invalid parameter")
      const refused = yield* Effect.flip(year)
      assert(refused._tag === "ServerError" && refused.code === 1100)
      assertEquals(yield* called, ["AlterCollectionSchema"])
    })), { version: "v3.1.0" }))

test("arguments that cannot have an effect are refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      // Casts: what an untyped program may write.
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Connection.Connection>, string]> = [
        [Partition.create("c", " "), "partition"],
        [Partition.release("c", []), "partitions"],
        [Partition.release("c", undefined as never), "partitions"],
        [Partition.load("c", undefined as never), "partitions"],
        [Partition.load("c", ["a"], { partitions: ["b"] } as never), "partitions"],
        [Partition.load("c", ["a"], 5 as never), "options"],
        [Partition.load("c", ["a", " "]), "partitions[1]"],
        [Partition.loadState("c", undefined as never), "partitions"],
        [CollectionAlias.create("", "c"), "alias"],
        [CollectionAlias.alter("a", ""), "collection"],
        [Index.alter("c", "", { "mmap.enabled": true }), "name"],
        [Index.alter("c", "v", {}), "properties"],
        [Index.dropProperties("c", "v", []), "properties"],
        [Index.dropProperties("c", "v", undefined as never), "properties"],
        [Index.state("c", " "), "name"],
        [Index.buildProgress("c", ""), "name"],
        [Index.statistics("c", ""), "name"],
        [Database.dropProperties("d", undefined as never), "properties"],
        [Collection.alter("c", { "collection.ttl.seconds": Infinity }), "properties.collection.ttl.seconds"],
        [Collection.alter("c", undefined as never), "properties"],
        [Collection.dropProperties("c", undefined as never), "properties"],
        [Collection.describeAll([]), "collections"],
        [Collection.addField("c", "f", Field.int64()), "field"],
        [Collection.addField("c", "f", Field.int64({ primaryKey: true, nullable: true } as never)), "f"],
        [Collection.addField("c", "f", 7 as never), "field"],
        [Collection.addFunction("c", "f", bm25, { index: Index.flat({ metric: "L2" }) }), "index"],
        [
          Collection.addFunction("c", "f", bm25, { outputField: { name: "other", field: Field.sparseFloatVector() } }),
          "outputField.name",
        ],
        [Collection.addFunction("c", "f", bm25, { outputField: null as never }), "outputField.name"],
        [Collection.dropFunction("c", "f", { outputFields: 1 as never }), "outputFields"],
        [Collection.rename("c", "d", { intoDatabase: "" }), "intoDatabase"],
        [Collection.load("c", { priority: "middle" as never }), "priority"],
        [Collection.load("c", { fields: [] }), "fields"],
        [Collection.load("c", { skipDynamicField: "yes" as never }), "skipDynamicField"],
      ]
      for (const [effect, parameter] of refused) {
        const error = yield* Effect.flip(effect)
        assert(error instanceof Error && "parameter" in error, `${parameter}: ${error}`)
        assert(String(error.parameter).startsWith(parameter), `${parameter}: ${error.parameter}`)
      }
      assertEquals(yield* fake.calls, [])
    })), { version: "v3.1.0" }))
