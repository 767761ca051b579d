import { assert, assertEquals, assertGreater, assertLess } from "@std/assert"
import { figure } from "../support/scale.ts"
import { test } from "../support/test.ts"
import { soak } from "./soak.ts"

test("a short soak through a misbehaving proxy: calls end in time and typed, and nothing is left open", async () => {
  const { calls, seconds, outcomes, longest, unhandled, left } = await soak({ calls: 3000, seconds: 10 })
  figure("short soak", `${calls} calls in ${seconds.toFixed(1)} s: ${JSON.stringify(outcomes)}`)
  assertEquals(left, { sockets: 0, connections: 0, transports: 0 })
  assertEquals(unhandled, 0)
  assertEquals(Object.keys(outcomes).filter((outcome) => outcome.startsWith("not typed")), [])
  assertLess(longest, 1000 + 4000)
  assertGreater(outcomes["ok"] ?? 0, calls / 4)
  assert(Object.keys(outcomes).length > 1, "the proxy did not misbehave")
})
