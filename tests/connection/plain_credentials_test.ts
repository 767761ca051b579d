/** Credentials that are sent in plain text over a network: a warning, once for each address, without the secret. */
import process from "node:process"
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { Connection, ConnectionConfig, Connections } from "../../mod.ts"
import { isLocal } from "../../src/config/address.ts"
import { connect } from "../../src/promise.ts"
import { startServer } from "../support/server.ts"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"

const secret = "s3cret-\u001b[31m"

/** Returns the lines that are logged while a program runs. The program may fail. */
const logged = async (program: Effect.Effect<unknown, unknown, Scope.Scope>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => void lines.push(`${logLevel} ${message}`))
  await Effect.runPromise(Effect.scoped(Effect.exit(program)).pipe(Effect.provide(Logger.layer([logger]))))
  return lines
}

/** Parameters whose host never resolves. */
const params = (name: string): ConnectionConfig.ConnectParams => ({
  host: `${name}.invalid`,
  connectTimeout: "1 second",
  retry: false,
})

const credentials: Readonly<Record<string, ConnectionConfig.ConnectParams>> = {
  token: { token: secret },
  redacted: { token: Redacted.make(secret) },
  effect: { token: Effect.succeed(secret) },
  password: { user: "root", password: secret },
}

test("rule 17: a warning is logged if credentials of any form go to another machine in plain text", async () => {
  for (const [name, given] of Object.entries(credentials)) {
    const lines = await logged(Connection.connect({ ...params(name), ...given }))
    assertEquals(lines.length, 1, name)
    assertMatch(lines[0]!, new RegExp(`^Warn .*${name}\\.invalid:19530 .*tls`))
    assert(!lines[0]!.includes("s3cret"))
  }
  const uri = `http://root:s3cret@by-uri.invalid:1/db`
  const [byUri, ...rest] = await logged(Connection.connect({ uri, connectTimeout: "1 second", retry: false }))
  assertMatch(byUri ?? "", /by-uri\.invalid:1 /)
  assert(!byUri!.includes("s3cret") && rest.length === 0)
})

test("rule 17: the warning is logged once for each address, for all connections together", async () => {
  const [once, other] = [{ ...params("once"), token: secret }, { ...params("other"), token: secret }]
  const byAlias = (alias: string) =>
    Effect.flatMap(Connections.make(), (registry) => Effect.exit(registry.connect({ alias, ...once })))
  const all = [
    Effect.exit(Connection.connect(once)),
    Effect.exit(Connection.connect({ ...once, token: "another" })),
    byAlias("a"),
    byAlias("b"),
    Effect.exit(Connection.connect(other)),
  ]
  const lines = await logged(Effect.all(all, { discard: true }))
  assertEquals(lines.map((line) => /(once|other)\.invalid/.exec(line)?.[1]), ["once", "other"])
})

test("rule 17: no warning is logged without credentials, with TLS, or on this machine", async () => {
  await using server = await startServer()
  const silent: ReadonlyArray<ConnectionConfig.ConnectParams> = [
    params("without"),
    { ...params("user-alone"), user: "root" },
    { ...params("tls"), token: secret, tls: true },
    { address: server.address, token: secret },
    { host: "localhost", port: server.port, token: secret },
    { address: "unix:/tmp/nothing-is-here", token: secret, connectTimeout: "1 second", retry: false },
  ]
  for (const given of silent) assertEquals(await logged(Connection.connect(given)), [])
})

test("rule 17: isLocal accepts localhost and loopback addresses, and not hosts that resemble them", () => {
  const local = (host: string) => isLocal(Effect.runSync(ConnectionConfig.make({ host })))
  for (
    const host of [
      ...["localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.255.1.2"],
      ...["::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"],
    ]
  ) assert(local(host), host)
  for (
    const host of [
      ...["localhost.example", "127.0.0.1.example", "127.example", "mylocalhost", "128.0.0.1", "10.0.0.1"],
      ...["::2", "::", "::ffff:10.0.0.1", "::7f00:1", "fe80::1", "0.0.0.0"],
    ]
  ) assert(!local(host), host)
})

test("rule 17: the promise form emits a warning of the process, and logs nothing", async () => {
  const warnings: Array<Error> = []
  const onWarning = (warning: Error) => void warnings.push(warning)
  process.on("warning", onWarning)
  try {
    await connect({ ...params("by-promise"), token: secret }).catch(() => {})
    await eventually(() => warnings.length > 0)
    assertEquals(warnings.map(({ name }) => name), ["MilvusWarning"])
    assertMatch(warnings[0]!.message, /by-promise\.invalid/)
    assert(!warnings[0]!.message.includes("s3cret"))
  } finally {
    process.off("warning", onWarning)
  }
})
