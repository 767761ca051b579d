/**
 * A program that starts a local server, prints where it is as one line of JSON, and then waits to be killed. It has
 * another child, which outlives it and must not inherit anything that keeps the server alive.
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

// Not runMain: a plain script does not handle signals.
await Effect.runPromise(Effect.scoped(program))
