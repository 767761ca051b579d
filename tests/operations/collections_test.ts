/** Collections and indexes: negative answers, and names that servers could read otherwise. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import {
  type CallError,
  type CodecError,
  Collection,
  Connection,
  Field,
  Index,
  type ParamError,
  Vectors,
} from "../../mod.ts"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import { standalone } from "../live/engines.ts"
import { onAll, onFake } from "./eachServer.ts"

const flat = Index.flat({ metric: "L2" })
const fields = { id: Field.int64({ primaryKey: true }), vector: Field.floatVector({ dimension: 2 }) }
let names = 0
const books = () => Collection.define(`books_${++names}`, fields, { indexes: { vector: flat } })

// ---- Rule 8

/** Answers that look like "it does not exist", and are not that. */
const lookalikes: ReadonlyArray<FakeMilvus.Failure> = [
  { code: 4, reason: "too many requests", retriable: false },
  { code: 8, reason: "rate limit exceeded: collection not found in the cache" },
  { code: 1, reason: "can't find collection: the coordinator is starting" },
  { code: 65535, reason: "can't find collection books: etcdserver: request timed out" },
  { code: 106, reason: "collection not found in this state" },
  { code: 800, reason: "database not found" },
  { code: 701, reason: "index not found by this type" },
  { code: 1401, reason: "permission deny" },
  { code: "NOT_FOUND", details: "collection not found" },
  { code: "PERMISSION_DENIED", details: "can't find collection" },
  { code: "UNIMPLEMENTED", details: "unknown method" },
]

onFake(
  "rule 8: an error that only looks like a missing collection or index is an error",
  (fake) =>
    Effect.gen(function* () {
      const Books = books()
      yield* Collection.create(Books)
      const questions = {
        DescribeCollection: Effect.asVoid(Collection.has(Books, { retry: false })),
        DescribeIndex: Effect.asVoid(Index.describe(Books, undefined, { retry: false })),
        ShowCollections: Effect.asVoid(Collection.list({ retry: false })),
        GetCollectionStatistics: Effect.asVoid(Collection.statistics(Books, { retry: false })),
        DropCollection: Collection.drop(Books, { retry: false }),
      } satisfies { readonly [M in FakeMilvus.Method]?: unknown }
      for (const [method, ask] of Object.entries(questions)) {
        for (const failure of lookalikes) {
          // Cast: the keys of the record are names of methods.
          yield* fake.fail(method as FakeMilvus.Method, failure, { times: 1 })
          const error = yield* Effect.flip(ask)
          assertEquals([method, "code" in error && error.code], [method, failure.code])
        }
      }
      // The same codes belong to a missing index, or to a missing collection, and not to both.
      yield* fake.fail("DescribeIndex", { code: 100, reason: "collection not found" }, { times: 1 })
      assertEquals((yield* Effect.flip(Index.describe(Books)))._tag, "ServerError")
      yield* fake.fail("DescribeCollection", { code: 700, reason: "index not found" }, { times: 1 })
      assertEquals((yield* Effect.flip(Collection.has(Books)))._tag, "ServerError")
    }),
)

onFake(
  "rule 8: an older server that has only the legacy code says that a collection or an index does not exist",
  (fake) =>
    Effect.gen(function* () {
      for (
        const [error_code, exists] of [
          ["CollectionNotExists", false],
          ["UnexpectedError", undefined],
          ["RateLimit", undefined],
          ["NotReadyServe", undefined],
        ] as const
      ) {
        const status = { error_code, code: 0, reason: "can't find collection: books" }
        yield* fake.handle("DescribeCollection", () => Effect.succeed({ status }))
        const answer = yield* Effect.result(Collection.has("books", { retry: false }))
        assertEquals([error_code, answer._tag === "Success" ? answer.success : undefined], [error_code, exists])
      }
      const status = { error_code: "IndexNotExist", code: 0, reason: "index not found" } as const
      yield* fake.handle("DescribeIndex", () => Effect.succeed({ status }))
      assertEquals(yield* Index.describe("books"), [])
    }),
)

onAll(
  "rule 8: has, list, describe and statistics tell what exists from what does not",
  (engine) =>
    Effect.gen(function* () {
      const connection = yield* Connection.Connection
      const Books = books()
      assertEquals(yield* Collection.has(Books), false)
      const asks: ReadonlyArray<Effect.Effect<unknown, CallError | CodecError | ParamError, Connection.Connection>> = [
        Collection.describe(Books),
        Collection.statistics(Books),
        Index.describe(Books),
        Index.describe(Books, "vector"),
        Index.wait(Books),
        Collection.load(Books),
        Collection.release(Books),
        Collection.rename(Books, "another"),
        Index.create(Books, "vector", flat),
        Index.drop(Books, "vector"),
      ]
      for (const ask of asks) {
        const error = yield* Effect.flip(ask)
        assertEquals([error._tag, "code" in error && error.code], ["ServerError", 100], error.message)
      }
      yield* Collection.drop(Books)
      yield* Collection.create({ ...Books, options: {} }, { load: false })
      assertEquals(yield* Collection.has(Books), true)
      assert((yield* Collection.list()).includes(Books.name))
      assertEquals(yield* Collection.statistics(Books), { rows: 0 })
      assertEquals(yield* Index.describe(Books), [])
      assertEquals(yield* Index.describe(Books, "vector"), [])
      yield* connection.call("CreateAlias", { alias: `${Books.name}_alias`, collection_name: Books.name })
      assertEquals(yield* Collection.has(`${Books.name}_alias`), true)
      yield* connection.call("DropAlias", { alias: `${Books.name}_alias` })
      yield* Index.create(Books, "vector", Index.hnsw({ metric: "IP", M: 8, efConstruction: 32 }))
      const indexes = yield* Index.describe(Books)
      assertEquals(indexes.map(({ field, type, metric }) => [field, type, metric]), [["vector", "HNSW", "IP"]])
      assertEquals(yield* Index.describe(Books, "vector"), indexes)
      // Milvus 2.3 answers with the index of another field.
      assertEquals(yield* Index.describe(Books, "id"), [])
      assertEquals(engine === standalone, connection.server.version.includes("2.3.5"))
      yield* Collection.drop(Books)
      assertEquals(yield* Collection.has(Books), false)
      yield* Collection.drop(Books)
    }),
)

onFake("rule 8: statistics without a count are an error, and not no rows", (fake) =>
  Effect.gen(function* () {
    const Books = books()
    yield* Collection.create(Books)
    for (const stats of [[], [{ key: "other", value: "1" }], [{ key: "row_count", value: "many" }]]) {
      yield* fake.handle("GetCollectionStatistics", () => Effect.succeed({ stats }))
      const error = yield* Effect.flip(Collection.statistics(Books))
      assertEquals([error._tag, error.message.includes("row_count")], ["CodecError", true])
    }
  }))

// ---- Rule 4

onFake(
  "rule 4: a blank name is refused before anything is sent, and so is an empty list of partitions",
  (fake) =>
    Effect.gen(function* () {
      const Books = books()
      yield* Collection.create(Books)
      // Cast: JavaScript may give anything.
      const blanks = ["", "  ", "\t\n", undefined, null, 1, {}] as ReadonlyArray<unknown> as ReadonlyArray<string>
      const uses = (
        name: string,
      ): ReadonlyArray<Effect.Effect<unknown, { readonly _tag: string }, Connection.Connection>> => [
        Collection.drop(name),
        Collection.has(name),
        Collection.describe(name),
        Collection.rename(name, "another"),
        Collection.rename(Books, name),
        Collection.statistics(name),
        Collection.load(name),
        Collection.release(name),
        Collection.load(Books, { partitions: ["_default", name] }),
        Collection.release(Books, { partitions: [name] }),
        Collection.create({ ...Books, name }),
        Index.create(name, "vector", flat),
        Index.create(Books, name, flat),
        Index.describe(name),
        Index.wait(name),
        Index.drop(name, "vector"),
        Index.drop(Books, name),
        ...(name === undefined ? [] : [
          Index.create(Books, "vector", flat, { name }),
          Index.describe(Books, name),
          Index.wait(Books, name),
        ]),
      ]
      yield* fake.clearCalls
      for (const name of blanks) {
        for (const [at, use] of uses(name).entries()) {
          assertEquals([at, (yield* Effect.flip(use))._tag], [at, "ParamError"])
        }
      }
      for (const use of [Collection.load, Collection.release]) {
        assertEquals((yield* Effect.flip(use(Books, { partitions: [] })))._tag, "ParamError")
      }
      assertEquals(yield* fake.calls, [])
      assertEquals((yield* Index.describe(Books)).length, 1)
    }),
)

onAll("rule 4: a collection is not dropped by its alias", () =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const Books = books()
    const alias = `${Books.name}_alias`
    yield* Collection.create(Books)
    yield* Vectors.insert(Books, [{ id: 1, vector: [1, 2] }])
    yield* connection.call("CreateAlias", { alias, collection_name: Books.name })
    const error = yield* Effect.flip(Collection.drop(alias))
    assert(error._tag === "ParamError" || error._tag === "ServerError", `${error}`)
    assertStringIncludes(error.message, "alias")
    assertEquals(yield* Vectors.count(Books, "", { consistency: "Strong" }), 1)
    yield* connection.call("DropAlias", { alias })
    yield* Collection.drop(Books)
  }))
