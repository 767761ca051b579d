/** A fiber that waits 20,000 times: `async_context_client.ts guarded|bare`. Prints by how many bytes the heap grew. */
import * as Effect from "effect/Effect"

if (Deno.args[0] === "guarded") (await import("../../src/workarounds/denoAsyncResource.ts")).install()

const heap = () => {
  ;(globalThis as { gc?: () => void }).gc?.()
  return Deno.memoryUsage().heapUsed
}
const program = Effect.gen(function* () {
  for (let i = 0; i < 2000; i++) yield* Effect.sleep(0)
  const before = heap()
  for (let i = 0; i < 20_000; i++) yield* Effect.yieldNow
  console.log(heap() - before)
})
await Effect.runPromise(program)
// At once: Deno 2.9.6 crashes now and then while it ends by itself after many Effects, with this library or without.
Deno.exit(0)
