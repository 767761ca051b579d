/** A delete means what it says: nothing is deleted by a blank text, an empty list, or what is not one of its forms. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Field, filter, Index, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { namer, onFake, servers, simple } from "../support.ts"

const next = namer("deleted")

const refused = <A, E extends { readonly _tag: string; readonly message: string }, R>(
  effect: Effect.Effect<A, E, R>,
) =>
  Effect.map(Effect.flip(effect), (error) => {
    assertEquals(error._tag, "CodecError", error.message)
    return error.message
  })

/** What an untyped program may write. */
const untyped = (which: unknown) => which as Vectors.Selection

for (const [server, run] of Object.entries(servers())) {
  test(`rule 4: ${server}: a blank filter deletes nothing, whatever it is blank by`, () =>
    run(({ mine }) =>
      mine(Effect.gen(function* () {
        const C = simple(next())
        yield* Collection.create(C)
        yield* Vectors.insert(C, { id: [1, 2, 3], v: new Float32Array(6) })
        const spaces = ["", " ", "\t", "\r\n", "\v\f", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u3000"]
        const invisible = ["\u0000", "\u001c", "\u200b", "\u2060", "\ufeff", "\ue000"]
        for (const blank of [...spaces, ...invisible, ` \n${spaces.join("")}${invisible.join("")}`]) {
          for (const collection of [C, C.name]) {
            assertStringIncludes(yield* refused(Vectors.delete(collection, { filter: blank })), "{ all: true }")
          }
        }
        yield* refused(Vectors.delete(C, { filter: filter`` }))
        yield* refused(Vectors.delete(C, { filter: filter` ` }))
        yield* refused(Vectors.delete(C, { filter: filter.all([]) }))
        assertEquals(yield* Vectors.count(C), 3)
        // For reads it is no condition.
        assertEquals(yield* Vectors.count(C, " "), 3)
      }))
    ))

  test(`rule 4: ${server}: all rows are deleted by { all: true }, of each kind of key`, () =>
    run(({ mine }) =>
      mine(Effect.gen(function* () {
        const C = simple(next())
        const least = -(2n ** 63n)
        const T = Collection.define(next(), {
          key: Field.varChar({ maxLength: 20, primaryKey: true }),
          v: Field.floatVector({ dimension: 2 }),
        }, { indexes: { v: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
        yield* Collection.create(C)
        yield* Collection.create(T)
        for (const collection of [C, C.name]) {
          yield* Vectors.upsert(C, [0n, -1n, least, -least - 1n].map((id) => ({ id, v: [1, 2] })))
          assertEquals(yield* Vectors.count(C), 4)
          yield* Vectors.delete(collection, { all: true })
          assertEquals(yield* Vectors.count(C), 0)
        }
        yield* Vectors.insert(T, ["", " ", "é", "\u{10ffff}"].map((key) => ({ key, v: [1, 2] })))
        yield* Vectors.delete(T, { all: true })
        assertEquals(yield* Vectors.count(T), 0)
      }))
    ))
}

test("rule 4: what is not one form of a selection is refused in words, and nothing is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      const cases: ReadonlyArray<readonly [which: unknown, message: string]> = [
        [{}, "got {}"],
        [undefined, "got undefined"],
        [null, "got null"],
        [[1, 2], "got an array"],
        ["id > 0", "got a filter"],
        [filter`id > ${0}`, "got a filter"],
        [{ ids: [1], filter: "id > 0" }, "got { ids, filter }"],
        [{ ids: [1], all: true }, "got { ids, all }"],
        [{ ids: undefined, filter: "id > 0" }, "got { ids, filter }"],
        [{ id: 1 }, "got { id }"],
        [{ expr: "id > 0" }, "got { expr }"],
        [{ ids: 1 }, "a list of primary keys, got 1"],
        [{ ids: undefined }, "a list of primary keys, got undefined"],
        [{ ids: ["1"] }, "got a string"],
        [{ ids: [2 ** 60] }, "safe integer"],
        [{ ids: [1.5] }, "safe integer"],
        [{ filter: undefined }, "got undefined"],
        [{ filter: null }, "got null"],
        [{ filter: {} }, "got an object"],
        [{ all: false }, "true, got false"],
        [{ all: "true" }, "true, got a string"],
      ]
      for (const [which, message] of cases) {
        assertStringIncludes(yield* refused(Vectors.delete(C, untyped(which))), message)
      }
      for (const partition of ["", " "]) {
        assertStringIncludes(yield* refused(Vectors.delete(C, { ids: [1] }, { partition })), `"partition"`)
      }
      for (const name of ["", " "]) {
        assertStringIncludes(yield* refused(Vectors.delete(name, { all: true })), `"collection"`)
      }
      // Cast: a misspelt option.
      const misspelt = { partitions: ["a"] } as Vectors.DeleteOptions
      assertStringIncludes(yield* refused(Vectors.delete(C, { ids: [1] }, misspelt)), `"partitions"`)
      assertEquals(yield* Vectors.delete(C, { ids: [] }), 0)
      assertEquals(yield* fake.calls, [])
      assert((yield* Vectors.delete(C, { ids: new BigInt64Array([1n]) as never })) === 1)
    }))
  ))

test("rule 4: a read of no partition is refused, and not one of all", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      yield* fake.clearCalls
      for (
        const partitions of [[], [""], [" "], ["a", ""], "a", [1]] as ReadonlyArray<unknown> as ReadonlyArray<string[]>
      ) {
        const options = { limit: 1, partitions }
        yield* refused(Vectors.query(C, "", options))
        yield* refused(Vectors.count(C, "", { partitions }))
        yield* refused(Vectors.get(C, [1], { partitions }))
        yield* refused(Vectors.search(C, [[1, 2]], options))
        yield* refused(Vectors.hybridSearch(C, [{ data: [[1, 2]], limit: 1 }], options))
      }
      assertEquals(yield* fake.calls, [])
    }))
  ))

/** Never run. Messages of the compiler are short enough to read, since each form stands for itself. */
export const types = Effect.gen(function* () {
  const Books = Collection.define("books", {
    id: Field.int64({ primaryKey: true }),
    v: Field.floatVector({ dimension: 2 }),
  })
  yield* Vectors.delete(Books, { all: true })
  // @ts-expect-error: not a list of keys
  yield* Vectors.delete(Books, [1])
  // @ts-expect-error: not a filter by itself
  yield* Vectors.delete(Books, filter`id > ${1}`)
  // @ts-expect-error: nothing is said
  yield* Vectors.delete(Books, {})
  // @ts-expect-error: one of them
  yield* Vectors.delete(Books, { ids: [1], filter: "id > 1" })
  // @ts-expect-error: said in so many words
  yield* Vectors.delete(Books, { all: false })
})
