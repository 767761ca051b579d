/** Embedding a collection anew: what the new one has, and that the old one serves whatever fails. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { Collection, CollectionAlias, type Connection, Field, Index, Vectors } from "../../mod.ts"
import * as Schema from "../../src/plan/mod.ts"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import { onAll, onFake } from "../operations/eachServer.ts"

let names = 0
const rows = 25

const definitionsFor = (name: string) => {
  const Old = Collection.define(`${name}_v1`, {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 100 }),
    year: Field.int16(),
    vector: Field.floatVector({ dimension: 2 }),
  }, { indexes: { vector: Index.flat({ metric: "L2" }) }, dynamicFields: true })
  const New = Collection.define(`${name}_v2`, {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 100 }),
    vector: Field.floatVector({ dimension: 3 }),
  }, { indexes: { vector: Index.hnsw({ metric: "L2", M: 8, efConstruction: 64 }) }, dynamicFields: true })
  return { Old, New }
}

/** The model of the old collection, and that of the new one: both place a title by its number. */
const before = (title: string): ReadonlyArray<number> => [Number(title.slice(1)), 0]
const after = (title: string): ReadonlyArray<number> => [0, Number(title.slice(1)), 1]

const queries: ReadonlyArray<Schema.RecallQuery> = ["t3", "t11", "t20"].map((title) => ({
  from: before(title),
  to: after(title),
}))

/** An old collection with rows behind an alias, and the options of embedding it anew, with a count of what was embedded. */
const stage = (name = `reembed_${++names}`) =>
  Effect.gen(function* () {
    const { Old, New } = definitionsFor(name)
    yield* Collection.create(Old)
    yield* Vectors.insert(
      Old,
      Array.from({ length: rows }, (_, id) => ({
        id,
        title: `t${id}`,
        year: 1900 + id,
        vector: [...before(`t${id}`)],
        note: `n${id}`,
      })),
    )
    yield* CollectionAlias.create(name, Old)
    let embedded = 0
    const options = {
      alias: name,
      from: Old,
      to: New,
      batchSize: 10,
      recall: { queries, limit: 1, least: 0.99 },
      embed: (rows: ReadonlyArray<Collection.Row<typeof Old>>) =>
        Effect.sync(() => {
          embedded += rows.length
          return rows.map(({ title }) => after(title))
        }),
    } as const
    const target = Effect.map(CollectionAlias.describe(name), ({ collection }) => collection)
    const drop = Effect.gen(function* () {
      yield* CollectionAlias.drop(name)
      yield* Collection.drop(Old)
      yield* Collection.drop(New)
    })
    return { name, Old, New, options, embedded: () => embedded, target, drop }
  })

onAll(
  "a collection is embedded anew, compared, put behind the alias, and rolled back",
  (engine) =>
    Effect.gen(function* () {
      const { name, Old, New, options, embedded, target, drop } = yield* stage()
      const progress: Array<Schema.ReembedProgress> = []
      const onBatch = (one: Schema.ReembedProgress) => Effect.sync(() => void progress.push(one))
      const done = yield* Schema.reembed({ ...options, onBatch })
      assertEquals(done, { switched: true, copied: rows, copiedBefore: 0, recall: 1 })
      assertEquals(progress.map(({ copied }) => copied), [10, 20, 25])
      assertEquals(yield* target, New.name)
      const found = yield* Vectors.query(name, "id == 7", { outputFields: ["*"], consistency: "Strong" })
      const [row] = found.rows.toArray()
      assertEquals({ ...row, vector: [...(row?.["vector"] as Float32Array)] }, {
        id: 7n,
        title: "t7",
        vector: [0, 7, 1],
        note: "n7",
      })
      assertEquals(yield* Vectors.count(Old, undefined, { consistency: "Strong" }), rows)

      // A run after the switch does nothing.
      assertEquals(yield* Schema.reembed(options), { switched: false, copied: 0, copiedBefore: 0, recall: undefined })
      assertEquals(embedded(), rows)

      const way = { alias: name, from: Old, to: New }
      // A load takes seconds there.
      if (engine?.name !== "Milvus 2.3.5") yield* Collection.release(Old)
      yield* Schema.rollBack(way)
      assertEquals(yield* target, Old.name)
      assertEquals(yield* Vectors.count(name, undefined, { consistency: "Strong" }), rows)
      yield* Schema.rollBack(way)
      // Forward again: all rows are there.
      assertEquals(yield* Schema.reembed(options), { switched: true, copied: 0, copiedBefore: rows, recall: 1 })
      yield* drop
    }),
)

const wide = (name: string) =>
  Effect.gen(function* () {
    const fields = {
      key: Field.varChar({ primaryKey: true, maxLength: 20 }),
      big: Field.int64(),
      small: Field.int8({ nullable: true }),
      flag: Field.bool(),
      double: Field.double(),
      json: Field.json(),
      list: Field.array(Field.varChar({ maxLength: 9 }), { maxCapacity: 3 }),
      terms: Field.sparseFloatVector(),
      bits: Field.binaryVector({ dimension: 8 }),
    }
    const indexes = {
      vector: Index.flat({ metric: "L2" }),
      terms: Index.sparseInvertedIndex({ metric: "IP" }),
      bits: Index.binFlat({ metric: "HAMMING" }),
    } as const
    const Old = Collection.define(`${name}_1`, { ...fields, vector: Field.floatVector({ dimension: 2 }) }, { indexes })
    const New = Collection.define(`${name}_2`, { ...fields, vector: Field.floatVector({ dimension: 3 }) }, { indexes })
    yield* Collection.create(Old)
    const row = {
      big: 2n ** 62n + 1n,
      flag: true,
      double: 0.1,
      json: { a: [1, null, { b: "ü" }] },
      list: ["x", ""],
      terms: { 7: 0.5, 4_000_000_000: 2 },
      bits: new Uint8Array([0b1010]),
      vector: [1, 2],
    }
    yield* Vectors.insert(Old, [{ ...row, key: "a", small: null }, { ...row, key: "b", small: -5, list: [] }])
    const embed = (rows: ReadonlyArray<unknown>) => Effect.succeed(rows.map(() => [1, 2, 3]))
    const options = { alias: name, from: Old, to: New, field: "vector", embed, recall: false } as const
    assertEquals((yield* Schema.reembed(options)).copied, 2)
    const read = (collection: Collection.AnyDefinition) =>
      Effect.map(
        Vectors.query(collection, 'key != ""', { outputFields: ["*"], consistency: "Strong" }),
        ({ rows }) => rows.toArray().map(({ vector: _, ...row }) => row),
      )
    // Casts: the names of the fields are what matters here.
    const [before, after] = [
      yield* read(Old as unknown as Collection.AnyDefinition),
      yield* read(New as unknown as Collection.AnyDefinition),
    ]
    assertEquals(after, before)
    assertEquals([after[0]?.["big"], after[0]?.["small"], after[1]?.["small"]], [2n ** 62n + 1n, null, -5])
    yield* CollectionAlias.drop(name)
    yield* Collection.drop(Old)
    yield* Collection.drop(New)
  })

onFake("every value of a row is copied unchanged", () => wide("wide"))

/** The RPCs of the steps, in their order. */
const steps: ReadonlyArray<FakeMilvus.Method> = [
  "ListAliases",
  "CreateCollection",
  "CreateIndex",
  "LoadCollection",
  "GetLoadingProgress",
  "Query",
  "Upsert",
  "DescribeIndex",
  "Search",
  "AlterAlias",
]

for (const step of steps) {
  onFake(
    `the old collection serves if ${step} fails, and another run continues without embedding a row twice`,
    (fake) =>
      Effect.gen(function* () {
        const { New, Old, options, embedded, target } = yield* stage("books")
        yield* fake.fail(step, { code: 65535, reason: "etcd is gone" })
        const error = yield* Effect.flip(Schema.reembed(options))
        assertStringIncludes(error.message, "etcd is gone")
        yield* fake.reset()
        assertEquals(yield* target, Old.name)
        const lost = step === "Upsert" ? 10 : 0
        const { switched, copied, copiedBefore } = yield* Schema.reembed(options)
        assertEquals([switched, copied + copiedBefore], [true, rows])
        assertEquals([embedded(), yield* target], [rows + lost, New.name])
      }),
  )
}

for (const step of steps) {
  onFake(
    `the old collection serves if the run is interrupted in ${step}, and another run continues`,
    (fake) =>
      Effect.gen(function* () {
        const { New, Old, options, embedded, target } = yield* stage("books")
        const reached = yield* Deferred.make<void>()
        yield* fake.handle(step, () => Effect.andThen(Deferred.succeed(reached, undefined), Effect.never))
        const fiber = yield* Effect.forkChild(Schema.reembed(options))
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        yield* fake.reset()
        assertEquals(yield* target, Old.name)
        const { switched, copied, copiedBefore } = yield* Schema.reembed(options)
        assertEquals([switched, copied + copiedBefore], [true, rows])
        assertEquals([embedded(), yield* target], [step === "Upsert" ? rows + 10 : rows, New.name])
      }),
  )
}

onFake(
  "the old collection serves after an interruption in any batch, and another run continues",
  () =>
    Effect.gen(function* () {
      const { New, Old, options, embedded, target } = yield* stage("books")
      for (const [batch, copiedBefore] of [[1, 10], [2, 20], [3, 25]] as const) {
        let seen = 0
        const onBatch = () => Effect.suspend(() => ++seen === batch ? Effect.interrupt : Effect.void)
        const exit = yield* Effect.exit(Schema.reembed({ ...options, onBatch }))
        assert(Exit.isFailure(exit))
        assertEquals([yield* target, embedded()], [Old.name, copiedBefore])
      }
      assertEquals((yield* Schema.reembed(options)).copiedBefore, rows)
      assertEquals(yield* target, New.name)
    }),
)

onFake(
  "the error of the embedding function ends the run, and the old collection serves",
  () =>
    Effect.gen(function* () {
      const { Old, options, target } = yield* stage("books")
      const error = yield* Effect.flip(Schema.reembed({ ...options, embed: () => Effect.fail("no quota" as const) }))
      assertEquals([error, yield* target], ["no quota", Old.name])
      const few = yield* Effect.flip(Schema.reembed({ ...options, embed: () => Effect.succeed([[1, 2, 3]]) }))
      assertMatch(`${few}`, /parameter "embed": expected 10 vectors, one a row, got 1/)
      const short = yield* Effect.flip(Schema.reembed({
        ...options,
        embed: (rows) => Effect.succeed(rows.map(() => [1, 2])),
      }))
      assertEquals([short._tag, yield* target], ["CodecError", Old.name])
    }),
)

/** Runs that must not switch the alias. */
const compared = (change: (to: Collection.AnyDefinition) => Effect.Effect<unknown, unknown, Connection.Connection>) =>
  Effect.gen(function* () {
    const { New, Old, options, target } = yield* stage("books")
    yield* Collection.create(New)
    yield* change(New as unknown as Collection.AnyDefinition)
    const error = yield* Effect.flip(Schema.reembed(options))
    assert(error instanceof Schema.ReembedError, `${error}`)
    assertEquals([error.from, error.to, yield* target], [Old.name, New.name, Old.name])
    return error
  })

onFake("a new collection with another number of rows does not replace the old one", () =>
  Effect.gen(function* () {
    const { kind, expected, actual, keys, isRetryable } = yield* compared((to) =>
      Vectors.insert(to, [{ id: 99, title: "t99", vector: [0, 99, 1] }])
    )
    assertEquals([kind, expected, actual, keys, isRetryable], ["Count", rows, rows + 1, ["99"], false])
  }))

onFake("a new collection that finds too few rows does not replace the old one", () =>
  Effect.gen(function* () {
    const error = yield* compared((to) =>
      // The vectors of an earlier, bad run.
      Vectors.insert(
        to,
        Array.from({ length: rows }, (_, id) => ({ id, title: `t${id}`, note: `n${id}`, vector: [id % 2, 0, 0] })),
      )
    )
    assertEquals([error.kind, error.expected, error.isRetryable], ["Recall", 0.99, false])
    assert(error.actual < 0.99)
    assertMatch(error.message, /^the alias was not switched from "books_v1" to "books_v2": its recall is 0/)
  }))

onFake("recall is that of the rows which the queries name, if they name some", () =>
  Effect.gen(function* () {
    const { options } = yield* stage("books")
    const query = { from: before("t3"), to: after("t3") }
    const recall = { queries: [{ ...query, relevant: [3, 99n] }, { ...query, relevant: [3n] }], limit: 1, least: 0.7 }
    assertEquals((yield* Schema.reembed({ ...options, recall })).recall, 0.75)
  }))

onFake(
  "an alias of a third collection is not switched, in either direction; one that is missing is created",
  () =>
    Effect.gen(function* () {
      const { Old, New, options, target } = yield* stage("books")
      const Third = Collection.define("third", Old.fields)
      yield* Collection.create(Third)
      yield* CollectionAlias.alter("books", Third)
      const error = yield* Effect.flip(Schema.reembed(options))
      assertMatch(`${error}`, /parameter "alias": expected an alias of "books_v1", got one of "third"/)
      const back = yield* Effect.flip(Schema.rollBack({ alias: "books", from: Old, to: New }))
      assertMatch(back.message, /^parameter "alias": expected an alias of "books_v2", got one of "third"$/)
      assertEquals([yield* target, yield* Collection.has(New)], ["third", false])
      yield* CollectionAlias.drop("books")
      assertEquals((yield* Schema.reembed({ ...options, recall: false })).recall, undefined)
      assertEquals(yield* target, New.name)
    }),
)

onFake("an alias that is switched by another client meanwhile stays where it is", () =>
  Effect.gen(function* () {
    const { Old, options, target } = yield* stage("books")
    yield* Collection.create(Collection.define("third", Old.fields))
    const context = yield* Effect.context<Connection.Connection>()
    const switched = Effect.provideContext(Effect.orDie(CollectionAlias.alter("books", "third")), context)
    const error = yield* Effect.flip(Schema.reembed({ ...options, onBatch: () => switched }))
    assertMatch(`${error}`, /expected an alias of "books_v1", got one of "third"/)
    assertEquals(yield* target, "third")
  }))

onFake("options that are invalid are refused before anything is sent", (fake) =>
  Effect.gen(function* () {
    const { Old, New } = definitionsFor("books")
    const good = { alias: "books", from: Old, to: New, embed: () => Effect.succeed([]), recall: false }
    const auto = { ...New, fields: { ...New.fields, id: Field.int64({ primaryKey: true, autoId: true }) } }
    const two = { ...New, fields: { ...New.fields, other: Field.floatVector({ dimension: 2 }) } }
    const wrong: ReadonlyArray<readonly [options: object, parameter: string]> = [
      [{ alias: "" }, "alias"],
      [{ from: "books_v1" }, "from"],
      [{ to: Old }, "to"],
      [{ to: auto }, "to"],
      [{ to: two }, "field"],
      [{ to: two, field: "other" }, "field"],
      [{ field: "title" }, "field"],
      [{ embed: 1 }, "embed"],
      [{ batchSize: 0 }, "batchSize"],
      [{ recall: undefined }, "recall"],
      [{ recall: { queries: [], least: 1 } }, "recall.queries"],
      [{ recall: { queries, least: 2 } }, "recall.least"],
      [{ allowDelete: "yes" }, "allowDelete"],
      [{ recal: false }, "options.recal"],
    ]
    yield* fake.clearCalls
    for (const [options, parameter] of wrong) {
      // Cast: values that the compiler refuses.
      const error = yield* Effect.flip(Schema.reembed({ ...good, ...options } as typeof good & { recall: false }))
      assertEquals([error._tag, "parameter" in error && error.parameter], ["ParamError", parameter])
    }
    assertEquals(yield* fake.calls, [])
  }))

type Old = ReturnType<typeof definitionsFor>["Old"]

/** Runs with a change of the old collection after the first batch, of rows 0 to 9, and returns how it ended. */
const changedMeanwhile = (
  change: (old: Old) => Effect.Effect<unknown, unknown, Connection.Connection>,
  more: { readonly allowDelete?: boolean; readonly always?: boolean } = {},
) =>
  Effect.gen(function* () {
    const { New, Old, options, target } = yield* stage("books")
    const context = yield* Effect.context<Connection.Connection>()
    let batches = 0
    const onBatch = () =>
      Effect.suspend(() =>
        ++batches === 1 || more.always === true
          ? Effect.asVoid(Effect.orDie(Effect.provideContext(change(Old), context)))
          : Effect.void
      )
    const { allowDelete } = more
    const exit = yield* Effect.result(Schema.reembed({ ...options, recall: false, onBatch, allowDelete }))
    const { rows: found } = yield* Vectors.query(New, "id >= 0", { outputFields: ["*"], consistency: "Strong" })
    return { exit, found: found.toArray(), target: yield* target, New, Old }
  })

const rowOf = (id: number, title: string) => ({ id, title, year: 2000, vector: [...before(title)], note: "new" })

onFake(
  "rows that are inserted or changed meanwhile, before and after the place of the copy, are copied again",
  () =>
    Effect.gen(function* () {
      const { exit, found, target, New } = yield* changedMeanwhile((old) =>
        Vectors.upsert(old, [rowOf(-1, "t50"), rowOf(3, "t53"), rowOf(20, "t70"), rowOf(90, "t90")])
      )
      assert(Result.isSuccess(exit), `${exit}`)
      assertEquals([target, exit.success.switched], [New.name, true])
      const titles = new Map(found.map(({ id, title, vector }) => [id, [title, vector[1]]]))
      for (const [id, number] of [[3n, 53], [20n, 70], [90n, 90], [4n, 4]] as const) {
        assertEquals(titles.get(id), [`t${number}`, number])
      }
      assertEquals(yield* Vectors.count(New, "id == -1", { consistency: "Strong" }), 1)
    }),
)

onFake("a change that only a field has which is not copied is embedded again", () =>
  Effect.gen(function* () {
    const { options } = yield* stage("books")
    const context = yield* Effect.context<Connection.Connection>()
    const row = { id: 3, title: "t3", vector: [...before("t3")], note: "n3", year: 1 }
    const change = Effect.provideContext(Effect.orDie(Vectors.upsert(options.from, [row])), context)
    let batches = 0
    const years: Array<number> = []
    yield* Schema.reembed({
      ...options,
      onBatch: () => Effect.suspend(() => ++batches === 1 ? Effect.asVoid(change) : Effect.void),
      embed: (rows) => {
        years.push(...rows.filter(({ id }) => id === 3n).map(({ year }) => year))
        return options.embed(rows)
      },
    })
    assertEquals(years, [1903, 1])
  }))

onFake(
  "rows that are deleted meanwhile fail the comparison, which names their keys",
  () =>
    Effect.gen(function* () {
      const drop = (old: Old) => Vectors.delete(old, { ids: [2, 15] })
      const refused = yield* changedMeanwhile(drop)
      assert(Result.isFailure(refused.exit) && refused.exit.failure instanceof Schema.ReembedError)
      assertEquals([refused.exit.failure.keys, refused.target], [["2"], refused.Old.name])
      assertMatch(refused.exit.failure.message, /has 24 rows instead of 23; only it has 2, which `allowDelete` deletes/)
    }),
)

onFake("rows that are deleted meanwhile are deleted if that is allowed", () =>
  Effect.gen(function* () {
    const { exit, found, target, New } = yield* changedMeanwhile((old) => Vectors.delete(old, { ids: [2, 15] }), {
      allowDelete: true,
    })
    assert(Result.isSuccess(exit), `${exit}`)
    assertEquals([target, found.length, found.some(({ id }) => id === 2n)], [New.name, rows - 2, false])
  }))

onFake("rows that change again and again do not let the alias be switched", () =>
  Effect.gen(function* () {
    let count = 0
    const change = (old: Old) => Effect.suspend(() => Vectors.upsert(old, [rowOf(0, `t${++count}`)]))
    const { exit, target, Old } = yield* changedMeanwhile(change, { always: true })
    assert(Result.isFailure(exit) && exit.failure instanceof Schema.ReembedError)
    const { kind, actual, isRetryable } = exit.failure
    assertEquals([kind, actual, isRetryable, target], ["Changing", 1, true, Old.name])
    assertMatch(exit.failure.message, /at least 1 rows of "books_v1" were changed since they were copied/)
  }))

onFake(
  "rows that are changed between the last read and the switch are an error, not lost in silence",
  (fake) =>
    Effect.gen(function* () {
      const { New, Old, options, target } = yield* stage("books")
      const context = yield* Effect.context<Connection.Connection>()
      const late = Effect.gen(function* () {
        yield* fake.reset("AlterAlias")
        yield* Vectors.upsert(Old, [rowOf(5, "t55"), rowOf(77, "t77")])
        yield* CollectionAlias.alter("books", New)
        return {}
      })
      yield* fake.handle("AlterAlias", () => Effect.orDie(Effect.provideContext(late, context)))
      const error = yield* Effect.flip(Schema.reembed(options))
      assert(error instanceof Schema.ReembedError, `${error}`)
      assertEquals([error.kind, error.actual, error.isRetryable, yield* target], ["Late", 2, false, New.name])
      assertMatch(error.message, /^the alias was switched from "books_v1" to "books_v2": at least 2 rows of "books_v1"/)
      yield* Schema.rollBack({ alias: "books", from: Old, to: New })
      assertEquals((yield* Schema.reembed(options)).copied, 2)
    }),
)

onFake("a row that was changed between two runs is embedded again by the second", (fake) =>
  Effect.gen(function* () {
    const { Old, options, embedded } = yield* stage("books")
    yield* fake.fail("AlterAlias", { code: 65535, reason: "etcd is gone" }, { times: 1 })
    yield* Effect.flip(Schema.reembed({ ...options, recall: false }))
    yield* Vectors.upsert(Old, [rowOf(7, "t57")])
    assertEquals((yield* Schema.reembed({ ...options, recall: false })).copied, 1)
    assertEquals(embedded(), rows + 1)
  }))
