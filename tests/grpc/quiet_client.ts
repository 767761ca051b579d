/**
 * Runs connections through failures in a process of its own, so that quiet_test.ts sees all of its output: the scenario
 * that is named, or all of them. It prints nothing itself. With the argument `logger`, it prints at its end how many
 * messages reached a logger that the application set for grpc-js.
 */
import { createServer, type ServerHttp2Stream } from "node:http2"
import * as grpc from "@grpc/grpc-js"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Connection, ConnectionConfig } from "../../mod.ts"
import { connect } from "../../src/promise.ts"
import { certificates } from "../support/certificates.ts"
import { freePort } from "../support/listeners.ts"
import { pingRelay } from "../support/pings.ts"
import { startServer } from "../support/server.ts"
import { until } from "../support/sockets.ts"

const hasLogger = Deno.args.includes("logger")
const chosen = Deno.args.find((arg) => arg !== "logger")
let messages = 0
if (hasLogger) {
  const count = () => void messages++
  grpc.setLogger({ error: count, info: count, debug: count })
}

const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Effect.scoped(effect))
const refused = (params: ConnectionConfig.ConnectParams) =>
  run(Effect.flip(Connection.connect({ connectTimeout: "2 seconds", retry: false, ...params })))

/** Connects and closes, by Effects and by promises. */
const connected = async () => {
  await using server = await startServer()
  await run(Effect.flatMap(Connection.connect(server.address), (it) => it.call("CheckHealth", {})))
  await using milvus = await connect(server.address)
  await milvus.call("CheckHealth", {})
}

/** Is idle on servers that end sessions because of pings, with default pings and with those of the parameters. */
const idle = async () => {
  await using server = await startServer()
  Object.assign(ConnectionConfig.defaultKeepAlive, { time: Duration.millis(20) })
  for (const time of [20, 21].map(Duration.millis)) {
    await using relay = await pingRelay(server.port, { strict: true })
    const config = await run(ConnectionConfig.make(relay.address))
    const fast = { ...config, keepAlive: { ...config.keepAlive, time } }
    await run(Effect.gen(function* () {
      const connection = yield* Connection.fromConfig(fast)
      yield* until(() => relay.sessions[0]!.isRefused)
      yield* until(async () => await Effect.runPromise(connection.state) === "Ready")
      yield* connection.call("CheckHealth", {})
    }))
  }
}

/** Loses sessions to a graceful stop and to a crash, and reconnects. */
const restarted = async () => {
  for (const stop of ["shutdown", "crash"] as const) {
    await using server = await startServer()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: server.address, connectTimeout: "5 seconds" })
      yield* Effect.promise(() => server[stop]())
      yield* Effect.result(connection.call("CheckHealth", {}, { timeout: "500 millis" }))
      yield* Effect.promise(() => server.restart())
      yield* connection.call("CheckHealth", {})
    }))
  }
}

/** Connects with TLS to a plain port, without TLS to a TLS port, and with untrusted certificates or those of another host. */
const badTls = async () => {
  const { server: identity, wrongHost, ca, client } = certificates()
  await using plain = await startServer()
  await refused({ address: plain.address, tls: true })
  for (const it of [identity, wrongHost]) {
    await using server = await startServer({ tls: { certificate: it.certificate, key: it.key } })
    await refused({ address: server.address })
    await refused({ address: server.address, tls: true })
    await refused({ address: server.address, tls: { certificate: client.certificate, key: client.key } })
    if (it === wrongHost) await refused({ address: server.address, tls: { ca } })
  }
}

/** Receives headers that grpc-js does not accept, with an escape sequence in them. */
const badHeaders = async () => {
  const server = createServer()
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.respond({
      ":status": 200,
      "content-type": "application/grpc",
      "x-odd": "caf\u00e9 \u009b31m",
      "grpc-status": "3",
      "grpc-message": "no\u009b31m",
    }, { endStream: true })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  await refused({ host: "127.0.0.1", port })
  server.close()
}

/** Has a proxy in its environment that is not a URL. grpc-js reads it for other hosts than the loopback. */
const badProxy = async () => {
  Deno.env.set("http_proxy", "nonsense://\u001b[31m")
  await refused({ host: "milvus.invalid" })
  Deno.env.delete("http_proxy")
}

const scenarios: Readonly<Record<string, () => Promise<unknown>>> = {
  connected,
  refused: () => refused({ host: "127.0.0.1", port: freePort() }),
  unknown: () => refused({ host: "milvus.invalid" }),
  idle,
  restarted,
  badTls,
  badHeaders,
  badProxy,
}
for (const [name, scenario] of Object.entries(scenarios)) {
  if (chosen === undefined || chosen === name) await scenario()
}
if (hasLogger) console.log(messages)
Deno.exit(0)
