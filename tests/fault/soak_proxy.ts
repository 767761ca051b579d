/**
 * A proxy that misbehaves at random: `soak_proxy.ts TARGET SEED`. It is a separate process, so that the client is
 * measured without it. It prints its port, and ends when its standard input ends.
 */
import * as Effect from "effect/Effect"
import { FaultProxy } from "../../src/testing/mod.ts"

const [target, seed] = Deno.args as [string, string]

const faults = [
  FaultProxy.refuse(),
  FaultProxy.refuse({ connections: "reset" }),
  FaultProxy.reset(),
  FaultProxy.reset({ at: "firstBytes" }),
  FaultProxy.blackhole,
  FaultProxy.halfOpen,
  FaultProxy.cutAfter({ bytes: 20_000, direction: "toServer" }),
  FaultProxy.cutAfter({ bytes: 5_000, direction: "toClient", by: "reset" }),
  FaultProxy.stall({ afterBytes: 3_000, direction: "toClient" }),
  FaultProxy.stall({ afterBytes: 3_000, direction: "toServer" }),
  FaultProxy.delay({ latency: "5 millis", jitter: "20 millis" }),
  FaultProxy.throttle({ bytesPerSecond: 200_000 }),
] as const

const program = Effect.gen(function* () {
  const proxy = yield* FaultProxy.make({ target })
  console.log(proxy.port)
  yield* FaultProxy.misbehave(proxy, { faults, every: "300 millis", seed })
})
Effect.runFork(Effect.scoped(program))

for await (const _ of Deno.stdin.readable);
Deno.exit()
