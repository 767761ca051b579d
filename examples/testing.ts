/**
 * Testing a program with FakeMilvus: a Milvus in the process of the test, with failures to order. No container, no port
 * to choose, no clean-up.
 *
 * `deno test -A examples/testing.ts`
 */
import { Collection, type Connection, Field, Index, Vectors } from "@effect-milvus/client"
import { FakeMilvus } from "@effect-milvus/client/testing"
import * as Effect from "effect/Effect"

// The program: it falls back to the newest articles if a search fails.

const Articles = Collection.define("articles", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 200 }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

/** Returns the titles of similar articles, and those of `newest` if Milvus cannot say within half a second. */
export const similar = (vector: ReadonlyArray<number>, newest: ReadonlyArray<string>) =>
  Vectors.search(Articles, [vector], { limit: 2, outputFields: ["title"], timeout: "500 millis", retry: false }).pipe(
    Effect.map((found) => Array.from(found.hits(), ({ row }) => row.title)),
    Effect.catchTags({ RpcError: () => Effect.succeed(newest), ServerError: () => Effect.succeed(newest) }),
  )

// The tests.

const withArticles = (test: Effect.Effect<void, unknown, Connection.Connection | FakeMilvus.FakeMilvus>) => () =>
  Effect.gen(function* () {
    yield* Collection.create(Articles)
    yield* Vectors.insert(Articles, { id: [1, 2, 3], title: ["a", "b", "c"], vector: [[1, 0], [0, 1], [0.9, 0.1]] })
    yield* test
  }).pipe(Effect.provide(FakeMilvus.layerConnected()), Effect.runPromise)

const equal = (actual: ReadonlyArray<string>, expected: ReadonlyArray<string>) => {
  if (`${actual}` !== `${expected}`) throw new Error(`${actual} is not ${expected}`)
}

Deno.test(
  "the nearest articles",
  withArticles(Effect.gen(function* () {
    equal(yield* similar([1, 0], ["x"]), ["a", "c"])
  })),
)

Deno.test(
  "the newest ones while Milvus is down",
  withArticles(Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* fake.fail("Search", { code: "UNAVAILABLE" }, { times: 1 })
    equal(yield* similar([1, 0], ["x"]), ["x"])
    equal(yield* similar([1, 0], ["x"]), ["a", "c"])
  })),
)

Deno.test(
  "a search asks for titles only",
  withArticles(Effect.gen(function* () {
    yield* similar([1, 0], [])
    const fake = yield* FakeMilvus.FakeMilvus
    const asked = (yield* fake.calls).flatMap(({ request }) => "output_fields" in request ? request.output_fields : [])
    equal(asked, ["title"])
  })),
)
