import { assert, assertEquals, assertGreater, assertLess } from "@std/assert"
import * as Effect from "effect/Effect"
import { AsyncLocalStorage } from "node:async_hooks"
import { EventEmitter } from "node:events"
import { install } from "../../src/workarounds/denoAsyncResource.ts"
import { test } from "../support/test.ts"

install()

const growth = async (mode: "guarded" | "bare"): Promise<number> => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--v8-flags=--expose-gc",
      new URL("./async_context_client.ts", import.meta.url).pathname,
      mode,
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  assertEquals(code, 0, new TextDecoder().decode(stderr))
  return Number(new TextDecoder().decode(stdout))
}

test("a fiber that waits many times keeps no chain of resources with the patch", async () => {
  assertLess(await growth("guarded"), 1_000_000)
})

test("a fiber that waits many times keeps a chain of resources without the patch", async () => {
  assertGreater(await growth("bare"), 4_000_000, "Deno does not need the patch any more: remove it")
})

test("a value of AsyncLocalStorage is kept when a fiber is resumed from another context", async () => {
  const storage = new AsyncLocalStorage<string>()
  const emitter = new EventEmitter()
  const waiting = storage.run("mine", () =>
    Effect.runPromise(Effect.gen(function* () {
      const values = [storage.getStore()]
      for (let times = 0; times < 2; times++) {
        yield* Effect.callback<void>((resume) => void emitter.once("wake", () => resume(Effect.void)))
        values.push(storage.getStore())
      }
      return values
    })))
  for (let times = 0; times < 2; times++) {
    // The fiber waits for the emitter again in a later turn.
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert(storage.run("other", () => emitter.emit("wake")))
  }
  assertEquals(await waiting, ["mine", "mine", "mine"])
})
