/** A server that records requests, and the commands to run on it. */
import * as Effect from "effect/Effect"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import { execute, type ExecuteOptions } from "./execute.ts"
import { type Outcome, startFake } from "./program.ts"

/** Server that records requests. */
export interface Recording extends AsyncDisposable {
  /** Port as text, for flags. */
  readonly port: string
  /** The requests so far; may be emptied. */
  readonly requests: Array<readonly [method: string, request: Readonly<Record<string, unknown>>]>
  /** Runs a command line on the server, which prints NDJSON. */
  run(line: string, options?: ExecuteOptions): Promise<Outcome>
}

/** Starts a server that records the requests of some RPCs. The last of several replies is repeated. */
export async function startRecording(
  replies: Partial<Record<FakeMilvus.Method, object | ReadonlyArray<object>>>,
  version = "v2.6.19",
): Promise<Recording> {
  const fake = await startFake({ version })
  const requests: Array<readonly [method: string, request: Readonly<Record<string, unknown>>]> = []
  for (const [method, given] of Object.entries(replies)) {
    const [first, ...more] = Array.isArray(given) ? given : [given]
    let reply = first
    // Casts: the keys are methods, and each reply is one of its method.
    await Effect.runPromise(fake.server.handle(method as FakeMilvus.Method, (request) => {
      requests.push([method, request as Readonly<Record<string, unknown>>])
      const sent = reply
      reply = more.shift() ?? reply
      return Effect.succeed(sent as never)
    }))
  }
  return {
    port: fake.port,
    requests,
    run: (line: string, options?: ExecuteOptions) =>
      execute([...line.split(" "), "-p", fake.port, "-o", "ndjson"], options),
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  }
}
