/** Neither the library nor grpc-js writes to the output of a program, unless the program asks for it. */
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Duration from "effect/Duration"
import { Connection, ConnectionConfig } from "../../mod.ts"
import { pingRelay } from "../support/pings.ts"
import { startServer } from "../support/server.ts"
import { until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

/** Runs quiet_client.ts. */
const client = async (args: ReadonlyArray<string> = [], env: Record<string, string> = {}) => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", new URL("./quiet_client.ts", import.meta.url).pathname, ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
  }).output()
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
  return { code, stdout: text(stdout), stderr: text(stderr) }
}

test(
  "rule 19: nothing is printed by connects, refusals, pings, GOAWAY, restarts, TLS, wrong headers or a proxy",
  async () => assertEquals(await client(), { code: 0, stdout: "", stderr: "" }),
)

test("rule 19: grpc-js prints what the environment of an application asks for", async () => {
  const { code, stderr } = await client(["idle"], { GRPC_VERBOSITY: "ERROR" })
  assertEquals(code, 0)
  assertMatch(stderr, /^E Connection to .* rejected by server because of excess pings/m)
})

test("rule 19: a logger that an application set for grpc-js is kept", async () => {
  const { code, stdout, stderr } = await client(["idle", "logger"])
  assertEquals([code, stderr], [0, ""])
  assertGreater(Number(stdout), 0)
})

test("rule 19: messages of grpc-js go to the loggers of the program that connected", async () => {
  const lines: Array<string> = []
  const logger = Logger.make(({ message, logLevel }) => void lines.push(`${logLevel} ${message}`))
  await using server = await startServer()
  await using relay = await pingRelay(server.port, { strict: true })
  const program = Effect.gen(function* () {
    const config = yield* ConnectionConfig.make(relay.address)
    yield* Connection.fromConfig({ ...config, keepAlive: { ...config.keepAlive, time: Duration.millis(20) } })
    yield* until(() => relay.sessions[0]!.isRefused)
    yield* until(() => lines.length > 0)
  })
  await Effect.runPromise(
    Effect.scoped(program).pipe(
      Effect.provide(Logger.layer([logger])),
      Effect.provideService(References.MinimumLogLevel, "Debug"),
    ),
  )
  assert(lines.some((line) => /^Debug .*excess pings/.test(line)), lines.join("\n"))
})
