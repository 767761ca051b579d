/** Databases, and effects that run in another one. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Collection, Connection, Database, Vectors } from "../../mod.ts"
import { pythonWith } from "../support/python.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { effectTest, test } from "../support/test.ts"
import { onFake, simple } from "./support.ts"

const lite = shared(startMilvusLite)
const full = shared(startMilvus)

const on = <A, E>(server: { readonly address: string }, effect: Effect.Effect<A, E, Connection.Connection>) =>
  Effect.provide(effect, Connection.layer(server.address))

let names = 0
const database = () => `library_${++names}`

for (const [engine, server] of [["milvus-lite", lite], ["Milvus 2.3.5", full]] as const) {
  effectTest(
    `${engine}: a database is created, listed and dropped`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const name = database()
          yield* Database.create(name)
          assert((yield* Database.list()).includes(name))
          const found = (yield* Database.listDetails()).find((it) => it.name === name)
          const created = found?.created?.getTime()
          assert(created === undefined || Math.abs(created - Date.now()) < 60_000, `${found?.created}`)
          assertEquals((yield* Effect.flip(Database.create(name)))._tag, "ServerError")
          yield* Database.drop(name)
          assert(!(yield* Database.list()).includes(name))
        }),
      )
    ),
  )

  effectTest(
    `${engine}: withDatabase is for one effect, on the same connection as others`,
    Effect.suspend(() =>
      on(
        server(),
        Effect.gen(function* () {
          const [name, other] = [database(), database()]
          const C = simple(`books_${name}`)
          yield* Database.create(name)
          yield* Database.create(other)
          const inside = Database.withDatabase(name)
          yield* inside(Collection.create(C))
          yield* Collection.create(C)
          yield* inside(Vectors.insert(C, [{ id: 1, v: [1, 2] }]))
          yield* inside(Vectors.insert(C.name, [{ id: 2, v: [1, 2] }]))
          assertEquals([yield* Vectors.count(C), yield* inside(Vectors.count(C))], [0, 2])
          // By an option, in a stream, in fibers at the same time, and by `call`.
          assertEquals(yield* Vectors.count(C.name, undefined, { database: name }), 2)
          const batches = Stream.provideService(Vectors.queryBatches(C), Database.CurrentDatabase, name)
          assertEquals((yield* Stream.runCollect(batches)).flatMap(({ rows }) => [...rows]).length, 2)
          const counts = [inside(Vectors.count(C.name)), Vectors.count(C.name), inside(Vectors.count(C.name))]
          assertEquals(yield* Effect.all(counts, { concurrency: "unbounded" }), [2, 0, 2])
          const connection = yield* Connection.Connection
          const { collection_names } = yield* inside(connection.call("ShowCollections", {}))
          assertEquals(collection_names, [C.name])
          assertEquals(yield* Database.withDatabase(other)(Collection.list()), [])
          // The inner one counts; a fiber keeps that of its parent.
          const fiber = yield* inside(Effect.forkChild(Effect.andThen(Effect.yieldNow, Collection.list())))
          assertEquals(yield* Fiber.join(fiber), [C.name])
          assertEquals(yield* inside(Database.withDatabase(other)(Collection.list())), [])
          yield* inside(Collection.drop(C))
          assertEquals([yield* Collection.has(C), yield* inside(Collection.has(C))], [true, false])
          yield* Collection.drop(C)
        }),
      )
    ),
  )
}

test("milvus-lite: properties of a database are read by pymilvus as they were written", async () => {
  const name = database()
  const properties = { "database.max.collections": 7, "database.force.deny.reading": false, note: "a b" }
  const described = await Effect.runPromise(on(
    lite(),
    Effect.gen(function* () {
      yield* Database.create(name, { properties })
      yield* Database.alter(name, { "database.max.collections": 8 })
      return yield* Database.describe(name)
    }),
  ))
  assertEquals(described.properties, { ...properties, "database.max.collections": 8 })
  assertEquals(described.raw["database.force.deny.reading"], "false")
  const script = `
import json, sys
from pymilvus import MilvusClient
print(json.dumps(MilvusClient(uri=sys.argv[1]).describe_database(sys.argv[2])))`
  const { stdout } = await new Deno.Command(await pythonWith("milvus-lite"), {
    args: ["-c", script, `http://${lite().address}`, name],
  }).output()
  const { name: read, ...seen } = JSON.parse(new TextDecoder().decode(stdout))
  assertEquals([read, seen], [name, described.raw])
})

effectTest(
  "milvus-lite: dropped properties are gone",
  Effect.suspend(() =>
    on(
      lite(),
      Effect.gen(function* () {
        const name = database()
        yield* Database.create(name, { properties: { a: 1, b: 2 } })
        yield* Database.dropProperties(name, ["a"])
        assertEquals((yield* Database.describe(name)).raw, { b: "2" })
      }),
    )
  ),
)

effectTest(
  "Milvus 2.3.5: what came later is refused with the version that it needs, before anything is sent",
  Effect.suspend(() =>
    on(
      full(),
      Effect.gen(function* () {
        const refused = [
          [Database.describe("default"), "Database.describe", undefined, "2.4.3"],
          [Database.alter("default", { a: 1 }), "Database.alter", undefined, "2.4.1"],
          [Database.dropProperties("default", ["a"]), "Database.dropProperties", undefined, "2.4.18"],
          [Database.create("x", { properties: { a: 1 } }), "Database.create", "properties", "2.4.6"],
        ] as const
        for (const [effect, operation, option, needs] of refused) {
          const error = yield* Effect.flip<unknown, Effect.Error<typeof effect>, Connection.Connection>(effect)
          assert(error._tag === "Unsupported", error.message)
          assertEquals([error.operation, error.option, error.needs], [operation, option, needs])
          assertEquals([error.version, error.cause, error.isRetryable], ["v2.3.5-lite", undefined, false])
        }
      }),
    )
  ),
)

test("arguments of databases that cannot have an effect are refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const before = (yield* fake.calls).length
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Connection.Connection>, string]> = [
        [Database.create(" "), "name"],
        [Database.create("x", { properties: {} }), "properties"],
        [Database.create("x", { properties: { a: NaN } }), "properties.a"],
        [Database.create("x", { properties: { a: 2 ** 53 } }), "properties.a"],
        [Database.create("x", { properties: { " ": 1 } }), "properties"],
        // @ts-expect-error: an option that does not exist
        [Database.create("x", { propertys: {} }), "propertys"],
        [Database.alter("x", {}), "properties"],
        [Database.dropProperties("x", []), "properties"],
        [Database.list({ database: " " }), "database"],
        [Database.withDatabase("")(Effect.void), "database"],
        [Database.withDatabase("büro")(Collection.list()), "database"],
        [Collection.list({ database: "a\nb" }), "database"],
      ]
      for (const [effect, parameter] of refused) {
        const error = yield* Effect.flip(effect)
        assertEquals([parameter, error instanceof Error && "parameter" in error && error.parameter], [
          parameter,
          parameter,
        ])
      }
      assertEquals((yield* fake.calls).length, before)
    }))
  ))
