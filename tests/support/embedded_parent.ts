/**
 * A program that starts a local server, says where it is in one line of JSON, and then waits to be killed. It has another
 * child, which outlives it, and must not keep anything of the server's open.
 */
import { spawn } from "node:child_process"
import * as Effect from "effect/Effect"
import * as Embedded from "../../src/Embedded.ts"

const [python = "python3"] = Deno.args

const program = Effect.gen(function* () {
  const { pid, port, log } = yield* Embedded.start({ python })
  const bystander = spawn("sleep", ["60"], { stdio: "ignore", detached: true })
  console.log(JSON.stringify({ pid, port, log, bystander: bystander.pid }))
  return yield* Effect.never
})

// No runMain: a plain script that knows nothing of signals.
await Effect.runPromise(Effect.scoped(program))
