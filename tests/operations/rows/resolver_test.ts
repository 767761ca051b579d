/** Reads that are gathered: how many calls they make, what each caller gets, and what an interruption does. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as RequestResolver from "effect/RequestResolver"
import { Collection, Connection, Field, filter, Index, RowPolicy, Vectors } from "../../../mod.ts"
import type { FakeMilvus } from "../../../src/testing/mod.ts"
import { connect } from "../../../src/promise.ts"
import { until } from "../../support/sockets.ts"
import { test } from "../../support/test.ts"
import { onAll, onFake } from "../eachServer.ts"

const Books = Collection.define("gathered_books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100 }),
  tags: Field.array(Field.varChar({ maxLength: 20 }), { maxCapacity: 4 }),
  meta: Field.json(),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const rowOf = (id: number) => ({
  id,
  title: `book ${id}`,
  tags: Array.from({ length: id % 3 }, (_, at) => `tag ${id} ${at}`),
  meta: { nested: [id] },
  vector: [id, 0],
  extra: id * 2,
})

const create = Effect.andThen(
  Collection.create(Books),
  Vectors.insert(Books, Array.from({ length: 30 }, (_, id) => rowOf(id))),
)

const callsOf = (fake: FakeMilvus.FakeMilvus, method: string) =>
  Effect.map(fake.calls, (calls) => calls.filter((call) => call.method === method))

/** Waits until there is a search, with this outcome so far. */
const searching = (fake: FakeMilvus.FakeMilvus, outcome: FakeMilvus.CallOutcome) =>
  until(async () => (await Effect.runPromise(callsOf(fake, "Search")))[0]?.outcome === outcome)

const all = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.all(effects, { concurrency: "unbounded" })

onAll("gathered gets have the rows that each would have alone", () =>
  Effect.gen(function* () {
    yield* create
    const resolver = Vectors.getResolver()
    const wanted = [[3], [4, 5], [99], [29, 0], [3, 99], []]
    for (const outputFields of [["*"], ["title", "extra"], ["tags", "meta", "vector"]] as const) {
      const alone = yield* all(wanted.map((ids) => Vectors.get(Books, ids, { outputFields })))
      const gathered = yield* all(wanted.map((ids) => Vectors.get(Books, ids, { outputFields, resolver })))
      assertEquals(gathered.map(({ rows }) => sorted(rows)), alone.map(({ rows }) => sorted(rows)))
      assertEquals(gathered.map(({ length }) => length), [1, 2, 0, 2, 1, 0])
    }
    yield* Collection.drop(Books)
  }))

/** Rows or hits as texts, whatever the order of their fields. */
const texts = (rows: Iterable<object>) => Array.from(rows, (row) => JSON.stringify(row, inOrder))
const sorted = (rows: Iterable<object>) => texts(rows).sort()

const inOrder = (_: string, value: unknown) =>
  typeof value === "bigint"
    ? `${value}n`
    : value?.constructor === Object
    ? Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1)
    : value

onAll("gathered searches have the hits that each would have alone", () =>
  Effect.gen(function* () {
    yield* create
    const resolver = Vectors.searchResolver()
    const wanted = [[[3, 0]], [[7.2, 0], Float32Array.of(1.2, 0)], [[29, 1]]]
    const options = { limit: 3, outputFields: ["title", "tags", "extra"] } as const
    const alone = yield* all(wanted.map((data) => Vectors.search(Books, data, options)))
    const gathered = yield* all(wanted.map((data) => Vectors.search(Books, data, { ...options, resolver })))
    gathered.forEach((found, at) => {
      wanted[at]!.forEach((_, query) => assertEquals(texts(found.hits(query)), texts(alone[at]!.hits(query))))
      assertEquals([...found.counts], [...alone[at]!.counts])
      assert(found.counts.every((count) => count > 1))
      assertEquals(found.reply.numQueries, wanted[at]!.length)
      assertEquals([...found.hits(wanted[at]!.length)], [])
    })
    assertEquals(Array.from(gathered[1]!.hits(1), ({ id, row }) => [id, row.title]), [
      [1n, "book 1"],
      ...[...alone[1]!.hits(1)].slice(1).map(({ id, row }) => [id, row.title]),
    ])
    yield* Collection.drop(Books)
  }))

onFake("equal reads are one call, and reads that differ are not gathered", (fake) =>
  Effect.gen(function* () {
    yield* create
    const resolver = Vectors.searchResolver()
    const near = (x: number, more: object = {}) =>
      Vectors.search(Books, [[x, 0]], { limit: 1, filter: filter`id < ${20}`, ...more, resolver })
    yield* all(Array.from({ length: 100 }, (_, x) => near(x)))
    const [first, ...others] = yield* callsOf(fake, "Search")
    assertEquals(others, [])
    assertEquals((first?.request as { readonly nq?: unknown }).nq, 100n)

    yield* fake.clearCalls
    const Same = { ...Books }
    yield* all([
      near(1),
      near(1, { limit: 2 }),
      near(1, { filter: filter`id < ${19}` }),
      near(1, { filter: "id < 20" }),
      near(1, { outputFields: ["title"] }),
      near(1, { params: { level: 1 } }),
      near(1, { timeout: "50 seconds" }),
      near(2),
      Vectors.search(Same, [[1, 0]], { limit: 1, filter: filter`id < ${20}`, resolver }),
      Vectors.search("gathered_books", [[1, 0]], { limit: 1, filter: filter`id < ${20}`, resolver }),
      Vectors.search(Books, { type: "FloatVector", dimension: 2, values: Float32Array.of(1, 0) }, {
        limit: 1,
        filter: filter`id < ${20}`,
        resolver,
      }),
    ])
    yield* Effect.exit(RowPolicy.withoutPolicies(near(1)))
    assertEquals((yield* callsOf(fake, "Search")).length, 10)

    yield* fake.clearCalls
    const gets = Vectors.getResolver({ maxKeys: 7 })
    yield* all(Array.from({ length: 20 }, (_, id) => Vectors.get(Books, [id], { resolver: gets })))
    yield* Vectors.get(Books, Array.from({ length: 20 }, (_, id) => id), { resolver: gets })
    assertEquals((yield* callsOf(fake, "Query")).length, 4)

    yield* fake.clearCalls
    const some = Vectors.searchResolver({ maxQueries: 40 })
    yield* all(Array.from({ length: 100 }, (_, x) => Vectors.search(Books, [[x, 0]], { limit: 1, resolver: some })))
    assertEquals((yield* callsOf(fake, "Search")).length, 3)
    yield* fake.clearCalls
    const many = { limit: 8000, resolver: Vectors.searchResolver() }
    yield* all([1, 2, 3].map((x) => Vectors.search(Books, [[x, 0]], many)))
    assertEquals((yield* callsOf(fake, "Search")).length, 2)
  }))

onFake("reads that together are larger than 32 MiB are several calls", (fake) =>
  Effect.gen(function* () {
    const Wide = Collection.define("gathered_wide", {
      id: Field.varChar({ maxLength: 60_000, primaryKey: true }),
      vector: Field.floatVector({ dimension: 32_768 }),
    }, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
    yield* Collection.create(Wide)
    const resolver = Vectors.searchResolver()
    const vector = new Float32Array(32_768)
    const search = Vectors.search(Wide, [vector], { limit: 1, resolver })
    yield* all(Array.from({ length: 260 }, () => search))
    assertEquals((yield* callsOf(fake, "Search")).length, 2)
    const gets = Vectors.getResolver()
    const keys = Array.from({ length: 600 }, (_, id) => `${id}`.padEnd(60_000, "x"))
    yield* all(keys.map((id) => Vectors.get(Wide, [id], { resolver: gets })))
    assertEquals((yield* callsOf(fake, "Query")).length, 2)
  }))

onFake("reads of another connection or database are not gathered", (fake) =>
  Effect.gen(function* () {
    yield* create
    const resolver = Vectors.getResolver()
    const one = Vectors.get(Books, [1], { outputFields: ["title"], resolver })
    yield* all([
      Effect.exit(one),
      Effect.exit(Effect.provide(one, Connection.layer(fake.address))),
      Effect.exit(Vectors.get(Books, [1], { outputFields: ["title"], database: "other", resolver })),
    ].map((read) => Effect.asVoid(read)))
    const calls = yield* callsOf(fake, "Query")
    assertEquals(calls.map(({ metadata }) => metadata["dbname"] ?? "default").sort(), ["default", "default", "other"])
  }))

onFake("reads of two principals are not gathered", (fake) =>
  Effect.gen(function* () {
    yield* create
    const resolver = Vectors.getResolver()
    const one = Vectors.get(Books, [1], { outputFields: ["title"], resolver })
    const as = (principal: string) => Effect.exit(RowPolicy.withPrincipal(principal)(one))
    yield* all([as("alice"), as("bob"), as("alice")])
    assertEquals((yield* callsOf(fake, "Query")).length, 2)
    yield* all([as("alice"), as("alice")])
    assertEquals((yield* callsOf(fake, "Query")).length, 3)
  }), { version: "v3.0.3" })

onFake("a read that is refused before it is sent fails alone", (fake) =>
  Effect.gen(function* () {
    yield* create
    const [searches, gets] = [Vectors.searchResolver(), Vectors.getResolver()]
    const found = yield* all(
      [[1, 0], [1, 0, 0], [2, 0], [NaN], []].map((vector) =>
        Effect.exit(Vectors.search(Books, [vector], { limit: 1, resolver: searches }))
      ),
    )
    assertEquals(found.map(Exit.isSuccess), [true, false, true, false, false])
    assertMatch(String(found[1]), /2 dimensions|dimension/)
    // Cast: another type of key than that of the definition.
    const keys = [[1], ["1" as unknown as number], [2]]
    const rows = yield* all(keys.map((ids) => Effect.exit(Vectors.get(Books, ids, { resolver: gets }))))
    assertEquals(rows.map(Exit.isSuccess), [true, false, true])
    assertMatch(String(rows[1]), /field "id", row 0: expected a 64-bit bigint or a safe integer, got a string/)
    assertEquals((yield* fake.calls).filter(({ method }) => /Search|Query/.test(method)).length, 2)
    // An error of the server is that of all.
    yield* fake.fail("Search", { code: 65535, reason: "broken" })
    const failed = yield* all(
      [1, 2].map((x) => Effect.flip(Vectors.search(Books, [[x, 0]], { limit: 1, resolver: searches }))),
    )
    assertEquals(failed.map(({ _tag }) => _tag), ["ServerError", "ServerError"])
  }))

onFake(
  "an interrupted read leaves the others, and the call ends when all are interrupted",
  (fake) =>
    Effect.gen(function* () {
      yield* create
      const resolver = Vectors.searchResolver()
      const near = (x: number) => Vectors.search(Books, [[x, 0]], { limit: 1, resolver })
      yield* fake.delay("Search", "300 millis")
      const fibers = yield* Effect.forEach([1, 2, 3], (x) => Effect.forkChild(near(x)))
      yield* searching(fake, "running")
      yield* Fiber.interrupt(fibers[0]!)
      const rest = yield* all(fibers.slice(1).map(Fiber.join))
      assertEquals(rest.map(({ ids }) => ids[0]), [2n, 3n])
      assertEquals((yield* callsOf(fake, "Search")).map(({ outcome }) => outcome), ["answered"])

      yield* fake.clearCalls
      yield* fake.delay("Search", "1 minute")
      const more = yield* Effect.forEach([1, 2, 3], (x) => Effect.forkChild(near(x)))
      yield* searching(fake, "running")
      yield* Effect.forEach(more, Fiber.interrupt)
      yield* searching(fake, "cancelled")

      // Interrupted before the call is made.
      yield* fake.clearCalls
      const early = yield* Effect.forkChild(near(1))
      yield* Fiber.interrupt(early)
      assert((yield* callsOf(fake, "Search")).every(({ outcome }) => outcome === "cancelled"))
    }),
)

onFake("the delay of a resolver gathers reads that start later", (fake) =>
  Effect.gen(function* () {
    yield* create
    const resolver = RequestResolver.setDelay(Vectors.getResolver(), "100 millis")
    const titles = yield* all(
      [0, 1, 2].map((id) => Effect.delay(Vectors.get(Books, [id], { outputFields: ["title"], resolver }), id * 10)),
    )
    assertEquals(titles.map(({ rows }) => rows.at(0)?.title), ["book 0", "book 1", "book 2"])
    assertEquals((yield* callsOf(fake, "Query")).length, 1)
  }))

onFake("a resolver gathers the calls of promises", (fake) =>
  Effect.gen(function* () {
    yield* create
    yield* Effect.promise(async () => {
      await using milvus = await connect(fake.address)
      const resolver = Vectors.getResolver()
      const found = await Promise.all([1, 2, 3].map((id) => milvus.vectors.get(Books, [id], { resolver })))
      assertEquals(found.map(({ rows }) => rows.at(0)?.title), ["book 1", "book 2", "book 3"])
    })
    assertEquals((yield* callsOf(fake, "Query")).length, 1)
  }))

test("a resolver with wrong options is refused", () => {
  const message = (make: () => unknown) => {
    try {
      make()
    } catch (error) {
      return (error as Error).message
    }
    return "nothing thrown"
  }
  assertEquals(
    [
      message(() => Vectors.getResolver({ maxKeys: 0 })),
      message(() => Vectors.searchResolver({ maxQueries: 1.5 })),
      // Cast: an unknown option.
      message(() => Vectors.searchResolver({ most: 1 } as never)),
    ],
    [
      'field "maxKeys": expected a whole number from 1, got 0',
      'field "maxQueries": expected a whole number from 1, got 1.5',
      'field "options.most": expected a known parameter (maxQueries)',
    ],
  )
})
