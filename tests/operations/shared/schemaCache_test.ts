/** What is known of a collection by its name is never trusted blindly, and costs nothing while it holds. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Collection, Connection, Field, Vectors } from "../../../mod.ts"
import type { FakeMilvus } from "../../../src/testing/mod.ts"
import { until } from "../../support/sockets.ts"
import { test } from "../../support/test.ts"
import { namer, onFake, servers, simple, type Two } from "../support.ts"

const next = namer("cached")
const call = <A, E>(use: (connection: Connection.Connection) => Effect.Effect<A, E>) =>
  Effect.flatMap(Connection.Connection, use)

const rowsOf = (key: string, dimension: number, count = 30, more: object = {}) =>
  Array.from({ length: count }, (_, id) => ({ [key]: id, v: Array(dimension).fill(id), ...more }))

const collect = <A, E>(stream: Stream.Stream<A, E, Connection.Connection>) =>
  Effect.map(Stream.runCollect(stream), (all) => [...all])

/**
 * Every operation that needs to know the collection, by a name that another client has put another collection under.
 */
const everything = (
  name: string,
  key: string,
  dimension: number,
): Effect.Effect<void, unknown, Connection.Connection> =>
  Effect.gen(function* () {
    const vector = Array(dimension).fill(3)
    const hit = (yield* Vectors.search(name, [vector], { limit: 1 })).hits().at(0)
    assertEquals(hit?.row, { [key]: 3n })
    assertEquals((yield* Vectors.get(name, [3], { outputFields: [key] })).rows.toArray(), [{ [key]: 3n }])
    const batches = yield* collect(Vectors.queryBatches(name, undefined, { batchSize: 7, outputFields: [key] }))
    assertEquals(batches.flatMap(({ rows }) => rows.toArray().map((row) => row[key])).length, 30)
    const found = yield* collect(Vectors.searchBatches(name, vector, { batchSize: 7 }))
    assertEquals(found.flatMap((batch) => batch.hits().toArray()).map(({ row }) => Object.keys(row)).flat().length, 30)
    assertEquals((yield* Vectors.insert(name, [{ [key]: 1000, v: vector }])).count, 1)
    assertEquals(yield* Vectors.delete(name, { ids: [1000] }), 1)
    assertEquals(yield* Vectors.count(name), 30)
  })

/** What each operation needs is remembered first, so that it is outdated by the time it is used. */
const operations: Readonly<Record<string, (name: string) => Effect.Effect<unknown, unknown, Connection.Connection>>> = {
  search: (name) => Vectors.search(name, [[0, 0, 0]], { limit: 1 }),
  get: (name) => Vectors.get(name, [1]),
  delete: (name) => Vectors.delete(name, { ids: [1] }),
  queryBatches: (name) => collect(Vectors.queryBatches(name, undefined, { batchSize: 7 })),
  searchBatches: (name) => collect(Vectors.searchBatches(name, [0, 0, 0], { batchSize: 7 })),
  insert: (name) => Vectors.insert(name, [{ doc_id: 500, v: [0, 0, 0] }]),
  upsert: (name) => Vectors.upsert(name, [{ doc_id: 5, v: [0, 0, 0] }]),
}

for (const [server, run] of Object.entries(servers())) {
  const replaced = (change: (two: Two, name: string) => Effect.Effect<void, unknown>) =>
    run((two) =>
      Effect.gen(function* () {
        const name = next()
        const Old = simple(name)
        yield* two.other(Collection.create(Old))
        yield* two.other(Vectors.insert(Old, rowsOf("id", 2)))
        yield* two.mine(everything(name, "id", 2))
        yield* change(two, name)
        yield* two.mine(everything(name, "doc_id", 3))
      })
    )

  test(`rule 3: ${server}: a collection that another client made anew is used as it is now, by its name`, () =>
    replaced(({ other }, name) =>
      other(Effect.gen(function* () {
        const New = simple(name, { key: "doc_id", dimension: 3, dynamic: true })
        yield* Collection.drop(name)
        yield* Collection.create(New)
        yield* Vectors.insert(New, rowsOf("doc_id", 3))
      }))
    ))

  test(`rule 3: ${server}: an alias that another client switched leads to its new collection`, () =>
    run((two) =>
      Effect.gen(function* () {
        const [A, B, alias] = [simple(next()), simple(next(), { key: "doc_id", dimension: 3 }), `${next()}_alias`]
        yield* two.other(Effect.gen(function* () {
          yield* Collection.create(A)
          yield* Collection.create(B)
          yield* Vectors.insert(A, rowsOf("id", 2))
          yield* Vectors.insert(B, rowsOf("doc_id", 3))
        }))
        const switchTo = (method: "CreateAlias" | "AlterAlias", { name }: { readonly name: string }) =>
          call((connection) => connection.call(method, { alias, collection_name: name }))
        yield* two.other(switchTo("CreateAlias", A))
        for (const [name, use] of Object.entries(operations)) {
          yield* two.mine(Vectors.search(alias, [[0, 0]], { limit: 1 }))
          yield* two.other(switchTo("AlterAlias", B))
          const exit = yield* Effect.exit(two.mine(use(alias)))
          assert(exit._tag === "Success", `${name}: ${exit}`)
          yield* two.other(switchTo("AlterAlias", A))
          // Recovery is for what is outdated now, whichever way the alias goes.
          assertEquals((yield* two.mine(Vectors.get(alias, [3]))).length, 1)
        }
        yield* two.other(call((connection) => connection.call("DropAlias", { alias })))
      })
    ))

  test(`rule 3: ${server}: what this connection changes is known at once, by raw calls too`, () =>
    run(({ mine }) =>
      mine(Effect.gen(function* () {
        const name = next()
        const [Old, New] = [simple(name), simple(name, { dimension: 3, key: "doc_id" })]
        yield* Collection.create(Old)
        yield* Vectors.insert(name, rowsOf("id", 2))
        yield* call((connection) => connection.call("DropCollection", { collection_name: name }))
        yield* Collection.create(New)
        yield* Vectors.insert(name, rowsOf("doc_id", 3))
        const second = next()
        yield* Collection.rename(name, second)
        // milvus-lite releases it.
        yield* Collection.load(second)
        yield* everything(second, "doc_id", 3)
        assertEquals((yield* Effect.flip(Vectors.search(name, [[0, 0, 0]], { limit: 1 })))._tag, "ServerError")
      }))
    ))

  test(`rule 3: ${server}: a definition whose key the collection does not have is an error, and never an empty answer`, () =>
    run(({ mine }) =>
      mine(Effect.gen(function* () {
        for (const dynamic of server === "FakeMilvus" ? [false] : [false, true]) {
          const name = next()
          const [Wrong, Right] = [simple(name), simple(name, { key: "doc_id", dynamic })]
          yield* Collection.create(Right)
          yield* Vectors.insert(Right, rowsOf("doc_id", 2, 3))
          const uses: Readonly<
            Record<string, Effect.Effect<unknown, { readonly _tag: string }, Connection.Connection>>
          > = {
            get: Vectors.get(Wrong, [1]),
            delete: Vectors.delete(Wrong, { ids: [1, 2] }),
            search: Vectors.search(Wrong, [[0, 0]], { limit: 1 }),
            query: Vectors.query(Wrong, "doc_id in [1]"),
            queryBatches: collect(Vectors.queryBatches(Wrong)),
            searchBatches: collect(Vectors.searchBatches(Wrong, [0, 0])),
          }
          for (const [operation, use] of Object.entries(uses)) {
            const exit = yield* Effect.exit(Effect.flip(use))
            assert(exit._tag === "Success", `${operation}, dynamic ${dynamic}: no error`)
            assert(["CodecError", "ServerError"].includes(exit.value._tag), exit.value._tag)
          }
          assertEquals(yield* Vectors.count(Right), 3)
        }
      }))
    ))

  test(`rule 3: ${server}: batches go on with the collection of an alias that is switched between two of them`, () =>
    run((two) =>
      Effect.gen(function* () {
        const [A, B, alias] = [simple(next()), simple(next(), { key: "doc_id" }), `${next()}_alias`]
        yield* two.other(Effect.gen(function* () {
          yield* Collection.create(A)
          yield* Collection.create(B)
          yield* Vectors.insert(A, rowsOf("id", 2))
          yield* call((connection) => connection.call("CreateAlias", { alias, collection_name: A.name }))
        }))
        const switching = <A, E>(stream: Stream.Stream<A, E, Connection.Connection>) =>
          Effect.gen(function* () {
            let batches = 0
            const toB = two.other(
              call((connection) => connection.call("AlterAlias", { alias, collection_name: B.name })),
            )
            const all = yield* two.mine(
              collect(Stream.tap(stream, () => ++batches === 1 ? Effect.asVoid(toB) : Effect.void)),
            )
            yield* two.other(call((connection) => connection.call("AlterAlias", { alias, collection_name: A.name })))
            return all
          })
        const rows = yield* switching(Vectors.queryBatches(alias, undefined, { batchSize: 7 }))
        assertEquals(rows.flatMap((batch) => batch.rows.toArray().map(({ id }) => Number(id))), [...Array(30).keys()])
        const hits = yield* switching(Vectors.searchBatches(alias, [0, 0], { batchSize: 7 }))
        assertEquals(hits.flatMap(({ ids }) => [...ids].map(Number)), [...Array(30).keys()])
        yield* two.other(call((connection) => connection.call("DropAlias", { alias })))
      })
    ))

  test(`rule 3: ${server}: batches of a collection that is replaced between two of them end with an error`, () =>
    run((two) =>
      Effect.gen(function* () {
        // milvus-lite has no ids of collections: only another schema shows there.
        const replacements = server === "milvus-lite" ? ["doc_id"] : ["id", "doc_id"]
        for (const key of replacements) {
          for (const isSearch of [false, true]) {
            const name = next()
            const Old = simple(name)
            yield* two.other(Collection.create(Old))
            yield* two.other(Vectors.insert(Old, rowsOf("id", 2)))
            let batches = 0
            const replace = () =>
              ++batches > 1 ? Effect.void : two.other(Effect.gen(function* () {
                const New = simple(name, { key })
                yield* Collection.drop(name)
                yield* Collection.create(New)
                yield* Vectors.insert(New, rowsOf(key, 2, 20))
              }))
            const stream: Stream.Stream<unknown, { readonly _tag: string }, Connection.Connection> = isSearch
              ? Vectors.searchBatches(name, [0, 0], { batchSize: 7 })
              : Vectors.queryBatches(name, undefined, { batchSize: 7 })
            const exit = yield* Effect.exit(Effect.flip(two.mine(collect(Stream.tap(stream, replace)))))
            assert(exit._tag === "Success", `key ${key}, search ${isSearch}: it ended after ${batches} batches`)
          }
        }
      })
    ))
}

const counted = (fake: FakeMilvus.FakeMilvus, method: string) =>
  Effect.map(fake.calls, (calls) => calls.filter((call) => call.method === method).length)

test("rule 3: a name costs one description while nothing changes, and a definition none", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      const use = (
        collection: string | Collection.AnyDefinition,
      ): Effect.Effect<void, unknown, Connection.Connection> =>
        Effect.gen(function* () {
          yield* Vectors.insert(collection, rowsOf("id", 2))
          yield* Vectors.search(collection, [[0, 0]], { limit: 1 })
          yield* Vectors.get(collection, [1])
          yield* Vectors.query(collection, "id in [1]")
          yield* Vectors.count(collection)
          yield* Vectors.delete(collection, { ids: [1] })
          yield* Vectors.delete(collection, { filter: "id in [2]" })
        })
      yield* use(C)
      assertEquals(yield* counted(fake, "DescribeCollection"), 0)
      for (let turn = 0; turn < 3; turn++) {
        yield* use(C.name)
        yield* collect(Vectors.queryBatches(C.name, undefined, { batchSize: 7 }))
        yield* collect(Vectors.searchBatches(C.name, [0, 0], { batchSize: 7 }))
        yield* collect(Vectors.queryBatches(C))
      }
      assertEquals(yield* counted(fake, "DescribeCollection"), 1)
      // Other collections change nothing for this one.
      yield* call((connection) => connection.call("ShowCollections", {}))
      yield* use(C.name)
      assertEquals(yield* counted(fake, "DescribeCollection"), 1)
    }))
  ))

test("rule 3: calls that miss the same name at once share one description, which none of them can interrupt", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* Vectors.insert(C, rowsOf("id", 2))
      yield* fake.clearCalls
      yield* fake.delay("DescribeCollection", "150 millis")
      const search = Vectors.search(C.name, [[0, 0]], { limit: 1 })
      const first = yield* Effect.forkChild(search)
      const twenty = Array.from({ length: 20 }, () => search)
      const others = yield* Effect.forkChild(Effect.all(twenty, { concurrency: "unbounded" }))
      yield* until(async () => await Effect.runPromise(counted(fake, "DescribeCollection")) > 0)
      yield* Fiber.interrupt(first)
      const found = yield* Fiber.join(others)
      assertEquals(found.map(({ ids }) => [...ids]), Array(20).fill([0n]))
      assertEquals(yield* counted(fake, "DescribeCollection"), 1)
    }))
  ))

test("rule 3: a description that failed is not kept", () =>
  onFake(({ mine, other }) =>
    Effect.gen(function* () {
      const C = simple(next())
      const search = mine(Vectors.search(C.name, [[0, 0]], { limit: 1 }))
      assertEquals((yield* Effect.flip(search))._tag, "ServerError")
      yield* other(Collection.create(C))
      assertEquals((yield* search).ids.length, 0)
    })
  ))

test("rule 3: an error that no newer definition mends is the server's own, after one look", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* Vectors.search(C.name, [[0, 0]], { limit: 1 })
      yield* fake.clearCalls
      const error = yield* Effect.flip(Vectors.search(C.name, [[0, 0]], { limit: 1, filter: "nothing > 1" }))
      assertEquals(error._tag, "ServerError")
      assertEquals((yield* fake.calls).map(({ method }) => method), ["Search", "DescribeCollection"])
      // Nothing was answered: nothing is known to be outdated.
      yield* fake.clearCalls
      yield* fake.fail("Search", { code: "UNAVAILABLE" }, { times: 1 })
      yield* Effect.flip(Vectors.search(C.name, [[0, 0]], { limit: 1, retry: false }))
      assertEquals((yield* fake.calls).map(({ method }) => method), ["Search"])
    }))
  ))

test("rule 3: a batch without its key column is an error, and not the last one", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next(), { more: { n: Field.int64() } })
      yield* Collection.create(C)
      yield* fake.handle("Query", () =>
        Effect.succeed({
          fields_data: [{ type: "Int64", field_name: "n", scalars: { long_data: { data: [1n, 2n] } } }],
        }))
      const error = yield* Effect.flip(collect(Vectors.queryBatches(C.name)))
      assert(error._tag === "CodecError" && error.field === "id", error.message)
    }))
  ))

test("rule 3: every RPC that changes a schema, a name or an alias empties the cache, and no other does", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      const connection = yield* Connection.Connection
      const changing = [
        "CreateCollection",
        "DropCollection",
        "RenameCollection",
        "AlterCollection",
        "AlterCollectionField",
        "AlterCollectionSchema",
        "AddCollectionField",
        "CreateAlias",
        "AlterAlias",
        "DropAlias",
      ] as const
      const others = ["ShowCollections", "CreateIndex", "LoadCollection", "Flush", "GetVersion"] as const
      for (const method of [...changing, ...others]) {
        yield* Vectors.search(C.name, [[0, 0]], { limit: 1 })
        yield* fake.handle(method, () => Effect.succeed({}))
        yield* Effect.exit(connection.call(method, {}))
        yield* fake.reset(method)
        yield* fake.clearCalls
        yield* Vectors.search(C.name, [[0, 0]], { limit: 1 })
        const described = yield* counted(fake, "DescribeCollection")
        assertEquals(described, changing.some((one) => one === method) ? 1 : 0, method)
      }
    }))
  ))
