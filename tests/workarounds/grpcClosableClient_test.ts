import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { FaultProxy } from "../../src/testing/mod.ts"
import { openClient } from "../../src/workarounds/grpcClosableClient.ts"
import { closingListener, deafListener, freePort } from "../support/listeners.ts"
import { startServer } from "../support/server.ts"
import { eventually, openSockets } from "../support/sockets.ts"
import { test } from "../support/test.ts"

// The sanitizers fail a test that leaves a timer or a socket.

const options = { "grpc.use_local_subchannel_pool": 1, "grpc.initial_reconnect_backoff_ms": 2000 }
const open = (address: string) => {
  const { client, close } = openClient(address, grpc.credentials.createInsecure(), options)
  return { client, close: () => new Promise<void>((resolve) => close(resolve)) }
}

const startConnecting = (client: grpc.Client) => client.getChannel().getConnectivityState(true)

const enters = (client: grpc.Client, state: grpc.connectivityState) =>
  eventually(() => client.getChannel().getConnectivityState(false) === state)

test("closing a client that waits between two attempts leaves no timer", async () => {
  const { client, close } = open(`127.0.0.1:${freePort()}`)
  startConnecting(client)
  await enters(client, grpc.connectivityState.TRANSIENT_FAILURE)
  close()
})

test("closing a client whose peer sends nothing leaves no socket and no timer", async () => {
  await using listener = await deafListener()
  const { client, close } = open(listener.address)
  startConnecting(client)
  await eventually(() => listener.open === 1)
  close()
  await eventually(() => listener.open === 0 && openSockets(listener.port) === 0)
})

test("closing a client in the event loop turn in which it starts leaves nothing open", async () => {
  await using listener = await deafListener()
  for (const address of [listener.address, `localhost:${listener.port}`]) {
    for (let turns = 0; turns < 20; turns++) {
      const { client, close } = open(address)
      startConnecting(client)
      for (let turn = 0; turn < turns; turn++) await (turn % 2 === 0 ? Promise.resolve() : new Promise(setImmediate))
      close()
    }
  }
  await eventually(() => listener.open === 0 && openSockets(listener.port) === 0)
})

test("closing a client that waits for its credentials starts no connection", async () => {
  await using listener = await deafListener()
  const insecure = grpc.credentials.createInsecure()
  let isAsked = false
  let give = () => {}
  const given = new Promise<void>((resolve) => give = resolve)
  // As credentials do that are loaded asynchronously.
  const make = (...args: ReadonlyArray<unknown>) => {
    const connector = Reflect.apply(Reflect.get(insecure, "_createSecureConnector"), insecure, args)
    return Object.assign(connector, { waitForReady: () => (isAsked = true, given) })
  }
  const slow: grpc.ChannelCredentials = Object.create(insecure, { _createSecureConnector: { value: make } })
  const { client, close } = openClient(listener.address, slow, options)
  startConnecting(client)
  await eventually(() => isAsked)
  await new Promise<void>((resolve) => close(resolve))
  give()
  // No event: a connection would start in the next turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 100))
  assertEquals([listener.accepted, openSockets(listener.port)], [0, 0])
})

test("close invokes its callback when no socket is left", async () => {
  await using server = await startServer()
  const { client, close } = open(server.address)
  startConnecting(client)
  await enters(client, grpc.connectivityState.READY)
  assertEquals(openSockets(server.port), 1)
  await close()
  assertEquals(openSockets(server.port), 0)
})

test("closing a client that is ready, and whose peer is silent, leaves no socket", async () => {
  await using server = await startServer()
  await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const proxy = yield* FaultProxy.make({ target: server.address })
    const { client, close } = open(proxy.address)
    startConnecting(client)
    yield* Effect.promise(() => enters(client, grpc.connectivityState.READY))
    yield* proxy.set(FaultProxy.halfOpen)
    const isClosed = yield* Effect.timeoutOption(Effect.promise(close), "2 seconds")
    assertEquals([isClosed._tag, openSockets(proxy.port)], ["Some", 0])
  })))
})

test("closing a client while its peer closes the connection leaves nothing open", async () => {
  await using listener = await closingListener()
  for (let i = 0; i < 20; i++) {
    const { client, close } = open(listener.address)
    startConnecting(client)
    // Moments before, during and after the peer closes.
    await new Promise((resolve) => setTimeout(resolve, i % 5))
    close()
  }
})

test("a connection that is not accepted yet ends with its client", async () => {
  // If a listener accepts nothing, the system completes only as many handshakes as its backlog holds.
  const listener = await new Deno.Command(Deno.execPath(), {
    args: ["eval", script],
    stdout: "piped",
    stdin: "piped",
  }).spawn()
  const reader = listener.stdout.getReader()
  const port = Number(new TextDecoder().decode((await reader.read()).value))
  const clients = Array.from({ length: 8 }, () => open(`127.0.0.1:${port}`))
  for (const { client } of clients) startConnecting(client)
  await eventually(() => openSockets(port) === 8)
  assert(openSockets(port, { established: true }) < 8, "all were accepted: the backlog is not full")
  for (const { close } of clients) close()
  await eventually(() => openSockets(port) === 0)
  assertEquals(openSockets(port), 0)
  listener.kill("SIGKILL")
  await Promise.all([reader.cancel(), listener.stdin.close(), listener.status])
})

/** Listens with a backlog of one and then stops itself, so that nothing is accepted. */
const script = `
import net from "node:net"
const server = net.createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  console.log(server.address().port)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`
