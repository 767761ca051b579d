/** Views of a connection by promises: other databases, principals, and row policies left aside. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert"
import * as Effect from "effect/Effect"
import { ParamError } from "../../mod.ts"
import { connect, type Milvus } from "../../src/promise.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { run } from "../support/effects.ts"
import { simple } from "../operations/support.ts"
import { test } from "../support/test.ts"

/** Runs a test on a FakeMilvus, by promises. */
const onFake = (body: (milvus: Milvus, fake: FakeMilvus.FakeMilvus) => Promise<void>) =>
  run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ version: "v3.1.0" })
    yield* Effect.promise(async () => {
      await using milvus = await connect(fake.address)
      await body(milvus, fake)
    })
  }))

const assertParamError = (make: () => unknown, parameter: string) => {
  const error = assertThrows(make)
  assert(error instanceof ParamError)
  assertEquals(error.parameter, parameter)
}

test("withDatabase makes calls and operations in a database, and only those of the view", () =>
  onFake(async (milvus) => {
    await milvus.database.create("library")
    const library = milvus.withDatabase("library")
    await library.collection.create(simple("novels"))
    await milvus.collection.create(simple("maps"))
    const { collection_names } = await library.call("ShowCollections", {})
    assertEquals(collection_names, ["novels"])
    assertEquals(await library.collection.list(), ["novels"])
    assertEquals(await milvus.collection.list(), ["maps"])
    assertEquals(await library.collection.list({ database: "default" }), ["maps"])
    assertEquals(await library.withDatabase("default").collection.list(), ["maps"])
    assertStrictEquals(library.vectors, library.vectors)
    assertParamError(() => milvus.withDatabase("bücher"), "database")
  }))

test("withPrincipal and withoutPolicies hold for the reads and writes of the view, and keep its database", () =>
  onFake(async (milvus, fake) => {
    const seen: Array<unknown> = []
    await run(fake.handle("Query", ({ rls_principal, skip_rls }, { metadata }) => {
      seen.push([metadata["dbname"], rls_principal, skip_rls])
      return Effect.succeed({ status: {} })
    }))
    await milvus.database.create("library")
    const views = [
      milvus,
      milvus.withPrincipal("alice"),
      milvus.withDatabase("library").withPrincipal("bob"),
      milvus.withPrincipal("alice").withoutPolicies(),
    ]
    for (const view of views) {
      await view.vectors.query(simple("books"), "id > 0")
    }
    assertEquals(seen, [[undefined, "", false], [undefined, "alice", false], ["library", "bob", false], [
      undefined,
      "",
      true,
    ]])
    assertParamError(() => milvus.withPrincipal(" "), "principal")
  }))
