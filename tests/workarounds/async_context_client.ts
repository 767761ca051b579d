/** Runs a fiber that waits 20,000 times (`async_context_client.ts guarded|bare`), and prints the growth of the heap. */
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
// Deno 2.9.6 sometimes crashes when it ends by itself after many Effects, with or without this library.
Deno.exit(0)
