/** Idle connections with one call a minute, to several real servers at the same time. */
import { assertEquals } from "@std/assert"
import { figure, scaled } from "../support/scale.ts"
import { engines } from "./engines.ts"
import type { Idled } from "./idle_client.ts"
import { test } from "../support/test.ts"

const minutes = scaled(30, 10)

test("rule 19: an idle connection loses no session, prints nothing, and answers each call", async () => {
  await using stack = new AsyncDisposableStack()
  const servers = await Promise.all(engines.map(async ({ start }) => stack.use(await start())))
  const report = await Deno.makeTempFile()
  stack.defer(() => Deno.remove(report))
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("./idle_client.ts", import.meta.url).pathname,
      report,
      `${minutes}`,
      ...servers.map(({ address }) => address),
    ],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  assertEquals({ code, stdout: text(stdout), stderr: text(stderr) }, { code: 0, stdout: "", stderr: "" })
  const idled: ReadonlyArray<Idled> = JSON.parse(await Deno.readTextFile(report))
  for (const [i, { states, calls }] of idled.entries()) {
    const { name } = engines[i]!
    assertEquals(states, ["Ready"], name)
    assertEquals(calls.filter((call) => typeof call === "string"), [], name)
    assertEquals(calls.length, minutes, name)
    figure(
      `idle for ${minutes} minutes, ${name}`,
      `no lost session; longest call ${Math.max(...calls.map(Number)).toFixed(1)} ms`,
    )
  }
  assertEquals(idled.length, engines.length)
})
