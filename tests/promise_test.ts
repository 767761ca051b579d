import { assert, assertEquals, assertMatch, assertStrictEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { type AliasError, type NotReady, ParamError } from "../mod.ts"
import { EmbeddedError } from "../src/Embedded.ts"
import { connect, connections } from "../src/promise.ts"
import { assertNothingOpen } from "./support/leaks.ts"
import { deafListener, freePort } from "./support/listeners.ts"
import { never, startServer } from "./support/server.ts"
import { eventually } from "./support/sockets.ts"
import { test } from "./support/test.ts"

/** What a promise rejects with. */
const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it did not reject")
}

test("connect opens a Milvus that await using closes", async () => {
  await using server = await startServer()
  {
    await using milvus = await connect(server.address)
    assertEquals(milvus.server.version, "v2.6.2")
    assertEquals(milvus.config.address, server.address)
    assertEquals(await milvus.state(), "Ready")
    assertEquals((await milvus.call("GetVersion", {})).version, "v2.6.2")
  }
  await assertNothingOpen(server)
})

test("close disconnects, and closing again does nothing", async () => {
  await using server = await startServer()
  const milvus = await connect({ host: "127.0.0.1", port: server.port })
  await Promise.all([milvus.close(), milvus.close()])
  await milvus.close()
  assertEquals(await milvus.state(), "Closed")
  await assertNothingOpen(server)
})

test("a rejection is the typed error itself", async () => {
  const error = await rejection(connect({ address: `127.0.0.1:${freePort()}`, retry: false })) as NotReady
  assertEquals([error._tag, error.kind], ["NotReady", "Unreachable"])
  assert(error instanceof Error)
  const tagOf = async (promise: Promise<unknown>) => (await rejection(promise) as { _tag: string })._tag
  assertEquals(await tagOf(connect({ handler: "HTTP" })), "NotImplemented")
  assertEquals(await tagOf(connect({ pool: "none" })), "ParamError")
  await using server = await startServer()
  const milvus = await connect(server.address)
  assertEquals(await tagOf(milvus.call("ListDatabases", {})), "RpcError")
  await milvus.close()
  assertEquals(await tagOf(milvus.call("GetVersion", {})), "ConnectionClosed")
})

test("an AbortSignal cancels connect with its reason, and leaves nothing", async () => {
  await using listener = await deafListener()
  const controller = new AbortController()
  const connecting = connect(listener.address, { signal: controller.signal })
  await eventually(() => listener.accepted > 0)
  const reason = new Error("enough")
  controller.abort(reason)
  assertStrictEquals(await rejection(connecting), reason)
  assertStrictEquals(await rejection(connect(listener.address, { signal: controller.signal })), reason)
  const timeout = await rejection(connect(listener.address, { signal: AbortSignal.timeout(50) })) as DOMException
  assertEquals(timeout.name, "TimeoutError")
  await assertNothingOpen(listener)
})

test("an AbortSignal cancels a call on the server", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await using milvus = await connect(server.address)
  const controller = new AbortController()
  const calling = milvus.call("GetVersion", {}, { signal: controller.signal })
  await eventually(() => server.count("GetVersion") === 1)
  controller.abort()
  assertEquals((await rejection(calling) as DOMException).name, "AbortError")
  await eventually(() => server.calls.some(({ cancelled }) => cancelled))
  const late = await rejection(milvus.call("GetVersion", {}, { timeout: 50 })) as { code: string }
  assertEquals(late.code, "DEADLINE_EXCEEDED")
})

test("changes iterates over the states until closed, or until its signal aborts", async () => {
  await using server = await startServer()
  const milvus = await connect(server.address)
  const seen: Array<string> = []
  const watching = (async () => {
    for await (const state of milvus.changes()) seen.push(state)
  })()
  await eventually(() => seen.length === 1)
  await server.crash()
  await eventually(() => seen.length === 2)
  const controller = new AbortController()
  const aborted = (async () => {
    for await (const _ of milvus.changes({ signal: controller.signal })) controller.abort(new Error("enough"))
  })()
  assertEquals((await rejection(aborted) as Error).message, "enough")
  await milvus.close()
  await watching
  assertEquals(seen, ["Ready", "Reconnecting", "Closed"])
})

test("connections connects, lists and disconnects aliases", async () => {
  await using server = await startServer()
  const { port } = server
  const books = await connections.connect({ alias: "books", host: "127.0.0.1", port: String(port) })
  assertEquals(books.alias, "books")
  assertEquals((await (await connections.get("books")).call("GetVersion", {})).version, "v2.6.2")
  await connections.connect(server.address)
  assertEquals(await connections.list(), [
    { alias: "books", address: server.address, isConnected: true },
    { alias: "default", address: server.address, isConnected: true },
  ])
  await connections.disconnect("default")
  assertEquals([await connections.has("books"), await connections.has()], [true, false])
  assertEquals((await rejection(connections.get()) as AliasError).kind, "NotFound")
  // Closing the connection of an alias disconnects the alias.
  await books.close()
  assertEquals(await connections.has("books"), false)
  await connections.remove("books")
  await connections.add("books", { address: server.address, database: "b" })
  assertEquals((await connections.address("books"))?.database, "b")
  assertEquals(await connections.address("nobody"), undefined)
  await connections.remove("books")
  await connections.remove("default")
  assertEquals(await connections.list(), [])
  await assertNothingOpen(server)
})

test("a token may be an Effect here too", async () => {
  await using server = await startServer()
  await using _milvus = await connect({ address: server.address, token: Effect.succeed("tok") })
  assertEquals(server.calls[0]!.metadata.get("authorization"), [btoa("tok")])
})

/** No Python, so that no server starts. */
const none = { python: "/no/such/python" }

test("rule 12: what the error of a path advises, connect takes", async () => {
  const error = await rejection(connect("./nothing.db", { ...none, install: true }))
  assert(error instanceof EmbeddedError)
  assertEquals(error.kind, "PythonNotFound")
  for (const [, option = ""] of error.message.matchAll(/option `(\w+)/g)) {
    const wrong = await rejection(connect("./nothing.db", { ...none, [option]: {} }))
    assert(wrong instanceof ParamError)
    assertEquals(wrong.parameter, option)
  }
  assertMatch(error.message, /option `python`/)
})

test("rule 9: options of a path are refused with an address", async () => {
  for (const options of [{ install: true }, { python: "python3" }, { startTimeout: 1 }, { database: "d" }]) {
    for (const params of ["localhost", { host: "localhost" }, undefined]) {
      const error = await rejection(connect(params, options))
      assert(error instanceof ParamError)
      assertEquals(error.parameter, Object.keys(options)[0])
      assertMatch(error.message, /expected the path of a local database/)
    }
  }
})

test("rule 12: a path in place of an address is answered by what opens it in each form", async () => {
  for (const connecting of [() => connect({ address: "./demo.db" }), () => connections.connect("./demo.db")]) {
    assertMatch(String(await rejection(connecting())), /Embedded\.connect\(path\) for a file, or connect\(path\) of/)
  }
})

test("rule 7: an option of a call that does not decode is the ParamError that names it, and nothing is sent", async () => {
  await using server = await startServer()
  await using milvus = await connect(server.address)
  const sent = server.calls.length
  const timeouts = [NaN, -1, 0, -Infinity, 2 ** 31, "soon", "0 millis", {}, null, "2 parsecs"]
  const wrong: ReadonlyArray<readonly [options: object, parameter: string]> = [
    ...timeouts.map((timeout) => [{ timeout }, "timeout"] as const),
    ...[NaN, -1, 1.5, "3"].map((times) => [{ retry: { times } }, "retry.times"] as const),
    ...[NaN, -1, 0].map((delay) => [{ retry: { delay } }, "retry.delay"] as const),
    [{ retry: { maxDelay: -1 } }, "retry.maxDelay"],
    ...[NaN, -1].map((budget) => [{ retry: { budget } }, "retry.budget"] as const),
    [{ retry: { time: 1 } }, "retry.time"],
    [{ retry: 3 }, "retry"],
  ]
  for (const [options, parameter] of wrong) {
    const error = await rejection(milvus.call("CheckHealth", {}, options))
    assert(error instanceof ParamError, `${JSON.stringify(options)}: ${error}`)
    assertEquals(error.parameter, parameter)
  }
  assertEquals(server.calls.length, sent)
  for (const timeout of [1.5e3, "infinite", Infinity, "2 seconds"] as const) {
    await milvus.call("CheckHealth", {}, { timeout, retry: { times: 0 } })
  }
})
