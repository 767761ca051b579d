/** `Collection.create` in steps: what remains when one fails, and how creating again completes it, or is refused. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Collection, Connection, Field, Index, PartialCreate } from "../../mod.ts"
import { lite, standalone } from "../live/engines.ts"
import { Books, definitions, fields, flat } from "./definitions.ts"
import { onAll, onEngine, onFake } from "./eachServer.ts"

let names = 0
const isComplete = (definition: Collection.AnyDefinition) =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const indexes = yield* Index.describe(definition)
    const { state } = yield* connection.call("GetLoadState", { collection_name: definition.name })
    return [indexes.map(({ field }) => field).toSorted().join(), state] as const
  })

const complete = ["other,vector", "LoadStateLoaded"] as const

/** Each step that can fail, on which field, and which indexes exist then. */
const steps = [
  ["CreateIndex", "vector", []],
  ["CreateIndex", "other", ["vector"]],
  ["LoadCollection", undefined, ["vector", "other"]],
  ["GetLoadingProgress", undefined, ["vector", "other"]],
] as const

for (const [step, field, indexed] of steps) {
  const what = field === undefined ? step : `${step} of ${field}`
  onFake(
    `rule 7: create reports that ${what} failed and what exists, and completes it when it is run again`,
    (fake) =>
      Effect.gen(function* () {
        // The default answers to the steps before, and a refusal of this one.
        const refusal = { code: 65535, reason: "etcd is gone" } as const
        if (field !== "other") yield* fake.fail(step, refusal)
        else {
          const connection = yield* Connection.Connection
          // The first index is made by hand, since only the second one may fail.
          yield* Collection.create({ ...Books, options: { indexes: { vector: flat } } }, { load: false })
          yield* fake.fail(step, refusal)
          assertEquals(connection.config.address, fake.address)
        }
        const error = yield* Effect.flip(Collection.create(Books))
        assert(error instanceof PartialCreate, `${error}`)
        assertEquals([error.collection, error.step, error.field, error.indexed], ["books", step, field, indexed])
        assertStringIncludes(error.message, `${field === undefined ? step : `${step} of "${field}"`} failed: `)
        assertStringIncludes(error.message, "etcd is gone")
        assertEquals(yield* Collection.has(Books), true)
        yield* fake.reset()
        yield* fake.clearCalls
        yield* Collection.create(Books)
        assertEquals(yield* isComplete(Books), complete)
        const made = (yield* fake.calls).filter(({ method }) => method === "CreateIndex")
        assertEquals(made.length, 2 - indexed.length, "only what is missing is made")
      }),
  )

  onFake(
    `rule 7: create that is interrupted in ${what} is completed when it is run again`,
    (fake) =>
      Effect.gen(function* () {
        const reached = yield* Deferred.make<void>()
        if (field === "other") yield* Collection.create({ ...Books, options: { indexes: { vector: flat } } })
        yield* fake.handle(step, () => Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
        const fiber = yield* Effect.forkChild(Collection.create(Books))
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        yield* fake.reset()
        yield* Collection.create(Books)
        assertEquals(yield* isComplete(Books), complete)
      }),
  )
}

onFake(
  "rule 7: a CreateCollection that is refused leaves nothing, and its error is the server's",
  (fake) =>
    Effect.gen(function* () {
      yield* fake.fail("CreateCollection", { code: 65535, reason: "too many collections" }, { times: 1 })
      const error = yield* Effect.flip(Collection.create(Books))
      assertEquals([error._tag, "code" in error && error.code], ["ServerError", 65535])
      assertEquals(yield* Collection.has(Books), false)
      yield* Collection.create(Books)
      assertEquals(yield* isComplete(Books), complete)
    }),
)

onFake(
  "rule 7: a CreateCollection whose reply was lost is found when it is run again",
  (fake) =>
    Effect.gen(function* () {
      // What is applied on the server before its reply is lost is made by another call here.
      yield* fake.fail("CreateCollection", { code: "UNAVAILABLE", details: "connection reset" }, { times: 1 })
      assertEquals((yield* Effect.flip(Collection.create(Books)))._tag, "RpcError")
      yield* Collection.create({ ...Books, options: {} }, { load: false })
      yield* Collection.create(Books)
      assertEquals(yield* isComplete(Books), complete)
    }),
)

onAll(
  "rule 7: a definition that can be created can be created again, whatever its options",
  (engine) =>
    Effect.gen(function* () {
      const refused: Array<string> = []
      for (const [name, definition] of Object.entries(definitions)) {
        const first = yield* Effect.result(Collection.create(definition))
        if (first._tag === "Failure") {
          assert(first.failure._tag === "ServerError" || first.failure._tag === "PartialCreate", `${first.failure}`)
          refused.push(name)
        } else yield* Collection.create(definition)
        yield* Collection.drop(definition)
      }
      const unknown = engine === undefined
        ? ["functions"]
        : engine === lite
        ? ["halves", "bits", "scalar"]
        : ["functions", "two", "inverted"]
      assertEquals(refused, unknown)
    }),
)

onAll("rule 7: clients that create the same collection at once all succeed", (engine) =>
  Effect.gen(function* () {
    const same = Collection.define(`same_${++names}`, fields, { indexes: { vector: flat } })
    // milvus-lite makes one folder for all of them, and answers "File exists" to those that come too late: create again.
    const create = Effect.retry(Collection.create(same), { times: engine === lite ? 3 : 0 })
    yield* Effect.all(Array.from({ length: 4 }, () => create), { concurrency: "unbounded" })
    assertEquals(yield* isComplete(same), ["vector", "LoadStateLoaded"])
    yield* Collection.drop(same)
  }))

/** Each is one change of a definition, and what the refusal says. */
const changes: ReadonlyArray<readonly [change: Partial<Collection.AnyDefinition>, says: string]> = [
  [
    { fields: { ...fields, title: Field.varChar({ maxLength: 200 }) } },
    `field "title" is VarChar(100) on the server, VarChar(200) in the definition`,
  ],
  [{ fields: { ...fields, title: Field.json() } }, `field "title" is VarChar(100) on the server, JSON in the`],
  [
    { fields: { ...fields, vector: Field.floatVector({ dimension: 4 }) } },
    `field "vector" is FloatVector(2) on the server, FloatVector(4) in the definition`,
  ],
  [{ fields: { ...fields, more: Field.int32() } }, `field "more" is not on the server`],
  [{ fields: { id: fields.id, vector: fields.vector } }, `field "title" is only on the server`],
  [
    { fields: { ...fields, title: Field.varChar({ maxLength: 100, default: "x" }) } },
    `field "title": default is not set on the server, "x" in the definition`,
  ],
  [
    { fields: { ...fields, title: Field.varChar({ maxLength: 100, nullable: true }) } },
    `field "title": nullable is not set on the server, true in the definition`,
  ],
  [
    { fields: { ...fields, id: Field.int64({ primaryKey: true, autoId: true }) } },
    `field "id": autoId is not set on the server, true in the definition`,
  ],
  [
    { fields: { ...fields, title: Field.varChar({ maxLength: 100, partitionKey: true }) } },
    `field "title": partitionKey is not set on the server, true in the definition`,
  ],
  [{ options: { dynamicFields: true } }, `dynamicFields is false on the server, true in the definition`],
  [{ options: { ttl: "1 hour" } }, `ttl is "none" on the server, "3600 s" in the definition`],
  [{ options: { indexes: { vector: Index.hnsw({ metric: "L2" }) } } }, `index of "vector": type is FLAT on the server`],
  [{ options: { indexes: { vector: Index.flat({ metric: "IP" }) } } }, `index of "vector": metric is L2 on the server`],
]

/** What milvus-lite does not report. */
const reported: typeof changes = [
  [{ options: { consistencyLevel: "Strong" } }, `consistencyLevel is "Bounded" on the server, "Strong" in the`],
  [{ options: { shards: 2 } }, `shards is 1 on the server, 2 in the definition`],
]

onAll(
  "rule 7: create is refused with the difference when the collection exists and differs",
  (engine) =>
    Effect.gen(function* () {
      const existing: Collection.AnyDefinition = {
        name: `different_${++names}`,
        fields,
        options: { indexes: { vector: flat } },
      }
      yield* Collection.create(existing, { load: false })
      const connection = yield* Connection.Connection
      const state = Effect.gen(function* () {
        const described = yield* Collection.describe(existing)
        return [described, yield* Index.describe(existing)]
      })
      const before = yield* state
      for (const [change, says] of engine === lite ? changes : [...changes, ...reported]) {
        const error = yield* Effect.flip(Collection.create({ ...existing, ...change }))
        assertEquals(error._tag, "ParamError", error.message)
        assertStringIncludes(error.message, says)
      }
      const both = { ...existing, fields: { id: fields.id, vector: fields.vector, more: Field.int8() } }
      const error = yield* Effect.flip(Collection.create(both))
      assertStringIncludes(error.message, `field "more" is not on the server; field "title" is only on the server`)
      assertEquals(yield* state, before, "nothing was changed")
      yield* connection.call("CreateAlias", { alias: `${existing.name}_alias`, collection_name: existing.name })
      const alias = yield* Effect.flip(Collection.create({ ...existing, name: `${existing.name}_alias` }))
      assertStringIncludes(alias.message, `it is an alias of "${existing.name}"`)
      yield* connection.call("DropAlias", { alias: `${existing.name}_alias` })
      yield* Collection.create(existing)
      yield* Collection.drop(existing)
    }),
)

onAll(
  "rule 9: load decides whether a collection is loaded, and without it whether every vector has an index",
  (engine) =>
    Effect.gen(function* () {
      const connection = yield* Connection.Connection
      const stateOf = (definition: Collection.AnyDefinition, options?: Collection.CreateOptions) =>
        Effect.gen(function* () {
          yield* Collection.create(definition, options)
          const { state } = yield* connection.call("GetLoadState", { collection_name: definition.name })
          yield* Collection.drop(definition)
          return state
        })
      const indexed = Collection.define(`load_${++names}`, fields, { indexes: { vector: flat } })
      const bare = Collection.define(`load_${++names}`, fields)
      assertEquals(yield* stateOf(indexed), "LoadStateLoaded")
      assertEquals(yield* stateOf(indexed, { load: true }), "LoadStateLoaded")
      // A new collection of milvus-lite is loaded, whatever is asked for.
      if (engine === lite) return assertEquals(yield* stateOf(bare, { load: true }), "LoadStateLoaded")
      assertEquals(yield* stateOf(indexed, { load: false }), "LoadStateNotLoad")
      assertEquals(yield* stateOf(bare), "LoadStateNotLoad")
      const error = yield* Effect.flip(stateOf(bare, { load: true }))
      assert(error instanceof PartialCreate && error.step === "LoadCollection", `${error}`)
      assertStringIncludes(error.message, "index not found")
      yield* Collection.drop(bare)
    }),
)

onFake(
  "rule 9: a collection with vectors within structs is loaded by default only if those have indexes",
  (fake) =>
    Effect.gen(function* () {
      for (const method of ["CreateCollection", "CreateIndex", "LoadCollection"] as const) {
        yield* fake.handle(method, () => Effect.succeed({}))
      }
      yield* fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: 100 }))
      const chunks = Field.structArray({ embedding: Field.floatVector({ dimension: 2 }) }, { maxCapacity: 4 })
      const indexes = { vector: flat }
      const inner = { "chunks[embedding]": Index.hnsw({ metric: "MAX_SIM_COSINE" }) }
      for (const [isLoaded, all] of [[false, indexes], [true, { ...indexes, ...inner }]] as const) {
        yield* fake.clearCalls
        yield* Collection.create({ name: "structs", fields: { ...fields, chunks }, options: { indexes: all } })
        const calls = yield* fake.calls
        assertEquals(calls.some(({ method }) => method === "LoadCollection"), isLoaded)
      }
    }),
)

onFake(
  "rule 9: what is wrong with an index of a definition is found before anything is sent",
  (fake) =>
    Effect.gen(function* () {
      // Cast: JavaScript may give anything.
      const wrong = (indexes: unknown) =>
        Collection.create({ name: "wrong", fields, options: { indexes: indexes as Record<string, Index.Index> } })
      for (
        const [indexes, says] of [
          [{ nowhere: flat }, "nowhere"],
          [
            { vector: Index.hnsw({ metric: "L2", M: 1.5 }) },
            `"indexes.vector.M": expected a non-negative integer, got 1.5`,
          ],
          [{ vector: Index.hnsw({ metric: "L2", M: NaN }) }, "got NaN"],
          [{ vector: { ...flat, type: "" } }, "indexes.vector.type"],
          [{ vector: "FLAT" }, "indexes.vector"],
          [{ vector: { ...flat, name: " " } }, "indexes.vector.name"],
          [{ vector: { ...flat, params: { M: 8 } } }, "indexes.vector.M"],
          [{ vector: [flat, null] }, "indexes.vector"],
        ] as const
      ) {
        yield* fake.clearCalls
        const error = yield* Effect.flip(wrong(indexes))
        assertEquals(error._tag, "ParamError", error.message)
        assertStringIncludes(error.message, says)
        assertEquals((yield* fake.calls).length, 0)
      }
      yield* wrong({ vector: undefined, title: [] })
      assertEquals(yield* Index.describe("wrong"), [])
    }),
)

onEngine(
  standalone,
  "a step that the server refuses leaves what was made before, and reports it",
  () =>
    Effect.gen(function* () {
      const name = `refused_${++names}`
      const definition = Collection.define(name, { ...fields, json: Field.json() }, {
        indexes: { vector: flat, json: Index.jsonPath({ type: "INVERTED", path: 'json["a"]', cast: "DOUBLE" }) },
      })
      const error = yield* Effect.flip(Collection.create(definition))
      assert(error instanceof PartialCreate, `${error}`)
      assertEquals([error.step, error.field, error.indexed], ["CreateIndex", "json", ["vector"]])
      // Without the index that this server does not have, it is completed.
      yield* Collection.create({ ...definition, options: { indexes: { vector: flat } } })
      assertEquals(yield* isComplete({ ...definition, options: {} }), ["vector", "LoadStateLoaded"])
      yield* Collection.drop(name)
    }),
)
