/** The servers of the tests of stores of frameworks, and their refusals. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

const servers = { "milvus-lite": shared(startMilvusLite), "Milvus 2.3.5": shared(startMilvus) }

/** Runs with a FakeMilvus. */
export const withFake = (run: (fake: FakeMilvus.FakeMilvus) => Promise<void>): Promise<void> =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(FakeMilvus.make(), (fake) => Effect.promise(() => run(fake)))))

/** Registers a test on a FakeMilvus, and on each real server. */
export const onEach = (name: string, run: (address: string, server: string) => Promise<void>): void => {
  test(`FakeMilvus: ${name}`, () => withFake(({ address }) => run(address, "FakeMilvus")))
  for (const [server, address] of Object.entries(servers)) {
    test(`${server}: ${name}`, () => run(address().address, server))
  }
}

/** Registers a test on milvus-lite. */
export const onLite = (name: string, run: (address: string) => Promise<void>): void =>
  test(`milvus-lite: ${name}`, () => run(servers["milvus-lite"]().address))

/** Registers a test on a FakeMilvus and on milvus-lite, which create a collection at once. */
export const onQuick = (name: string, run: (address: string) => Promise<void>): void => {
  test(`FakeMilvus: ${name}`, () => withFake(({ address }) => run(address)))
  onLite(name, run)
}

/** Checks that something fails with an error of the library with a tag, and with a text in its message. */
export async function assertRefused(run: () => unknown, tag: string, message = ""): Promise<void> {
  let error: unknown
  try {
    await run()
  } catch (thrown) {
    error = thrown
  }
  assert(error !== undefined, `it did not fail with ${tag} ${message}`)
  assert(error instanceof Error && Predicate.hasProperty(error, "_tag"), String(error))
  assertEquals(error._tag, tag, error.message)
  assertStringIncludes(error.message, message)
}
