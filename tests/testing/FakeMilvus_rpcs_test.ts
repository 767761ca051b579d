/** A FakeMilvus knows every RPC that a real server of the tests knows: those of docs/operations.md. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { loadService, type Method, Server } from "./refusals/server.ts"
import { test } from "../support/test.ts"

test("a FakeMilvus knows every RPC that Milvus 2.3.5 or milvus-lite 3.2.2 knows", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url))
  const rows = Array.from(
    page.matchAll(/^\| `(\w+)`.*\|([^|]*)\|$/gm),
    ([, name = "", servers = ""]) => ({ name, servers }),
  )
  const known = rows.filter(({ servers }) => /Milvus 2\.3\.5|milvus-lite/.test(servers)).map(({ name }) => name)
  assert(known.length > 80, `${known.length} RPCs`)
  const unknown = await run(Effect.gen(function* () {
    const { address } = yield* FakeMilvus.make()
    return yield* Effect.promise(async () => {
      using server = new Server(address, await loadService())
      const outcomes = await Promise.all(known.map(async (name) => {
        // Cast: the page names RPCs of the contract.
        const { reason = "" } = await server.reply(name as Method, {})
        return { name, isUnknown: /FakeMilvus does not support \w+: give it a handler/.test(reason) }
      }))
      return outcomes.filter(({ isUnknown }) => isUnknown).map(({ name }) => name)
    })
  }))
  assertEquals(unknown, [])
})
