/** Retries: which calls are retried, when, and within which budget, against a server with scripted answers. */
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertGreaterOrEqual, assertLess, assertRejects } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import http2 from "node:http2"
import { type CallError, Connection, ParamError } from "../../mod.ts"
import { RetryBudget } from "../../src/retry/budget.ts"
import { run } from "../support/effects.ts"
import { failure, never, startServer, success } from "../support/server.ts"
import { until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

const quick = { delay: 5, maxDelay: 10 }

/** Makes a call to a server that gives these answers, and then success. Returns the outcome and the attempts. */
const answered = async (
  method: "Query" | "Insert",
  answers: ReadonlyArray<object>,
  options: Connection.CallOptions = {},
): Promise<{ readonly asked: number; readonly error: CallError | undefined; readonly elapsed: number }> => {
  await using server = await startServer()
  const left = [...answers]
  const handler = () => left.shift() ?? { status: success }
  server.handlers[method] = handler
  return await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: quick })
    const call = connection.call(method, {}, { timeout: 3000, ...options })
    const [elapsed, error] = yield* Effect.timed(Effect.match(call, {
      onSuccess: () => undefined,
      onFailure: (error) => error,
    }))
    return { asked: server.count(method), error, elapsed: Duration.toMillis(elapsed) }
  }))
}

/** Answers every call with an empty message, except for streams that it refuses before it reads their calls. */
const refusingServer = async (isRefused: (path: string) => boolean) => {
  let asked = 0
  const sessions = new Set<http2.ServerHttp2Session>()
  const server = http2.createServer()
  server.on("session", (session) => {
    sessions.add(session)
    session.on("close", () => sessions.delete(session))
  })
  server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
    const path = String(headers[":path"])
    if (path.endsWith("/Insert")) asked++
    stream.on("error", () => {})
    stream.resume()
    if (isRefused(path)) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true })
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }))
    stream.end(new Uint8Array(5))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    address: `127.0.0.1:${port}`,
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const session of sessions) session.destroy()
      await closed
    },
  }
}

const status = (code: number, error_code: string, retriable: boolean) => ({
  status: { code, error_code, retriable, reason: "told to fail" },
})

/** Answers, and whether a read and a write are retried after them. */
const answers: Readonly<Record<string, readonly [answer: object, read: boolean, write: boolean]>> = {
  "UNAVAILABLE": [failure(grpc.status.UNAVAILABLE), true, false],
  "retriable: true": [status(503, "UnexpectedError", true), true, false],
  "retriable: false": [status(503, "UnexpectedError", false), false, false],
  "service not ready": [status(1, "UnexpectedError", true), true, true],
  "an unexpected error of an older server": [status(0, "UnexpectedError", false), false, false],
  "a rate limit": [status(8, "RateLimit", false), true, true],
  "a rate limit of an older server": [status(0, "RateLimit", false), true, true],
  "too many requests": [status(4, "UnexpectedError", true), true, true],
  "an illegal index type of an older server, which has the number of a rate limit": [
    status(0, "IllegalIndexType", false),
    false,
    false,
  ],
  "force-deny": [status(9, "ForceDeny", true), false, false],
  "force-deny of an older server": [status(0, "ForceDeny", true), false, false],
  ...Object.fromEntries(
    ([
      "DEADLINE_EXCEEDED",
      "PERMISSION_DENIED",
      "UNAUTHENTICATED",
      "INVALID_ARGUMENT",
      "ALREADY_EXISTS",
      "RESOURCE_EXHAUSTED",
      "UNIMPLEMENTED",
      "INTERNAL",
      "UNKNOWN",
      "DATA_LOSS",
    ] as const).map((code) => [code, [failure(grpc.status[code]), false, false]]),
  ),
}

for (const [name, [answer, read, write]] of Object.entries(answers)) {
  for (const [method, isRetried] of [["Query", read], ["Insert", write]] as const) {
    test(`${method} is ${isRetried ? "" : "not "}retried after ${name}`, async () => {
      const { asked, error } = await answered(method, [answer, answer])
      assertEquals(asked, isRetried ? 3 : 1)
      assertEquals(error === undefined, isRetried)
    })
  }
}

test("a call that the server does not implement fails with the Milvus version that it needs", async () => {
  const details = (version: string, method: "HybridSearch" | "Query") =>
    run(Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() =>
          startServer({
            handlers: {
              Connect: () => ({ status: success, server_info: { build_tags: version } }),
              [method]: () => failure(grpc.status.UNIMPLEMENTED, "unknown method"),
            },
          })
        ),
        (server) => Effect.promise(async () => await server[Symbol.asyncDispose]()),
      )
      const connection = yield* Connection.connect({ address: server.address })
      const error = yield* Effect.flip(connection.call(method, {}))
      assert(error._tag === "RpcError")
      return error.details
    }))
  assertEquals(
    await details("v2.3.5", "HybridSearch"),
    "unknown method; needs Milvus 2.4.0 or later; the server is v2.3.5",
  )
  assertEquals(await details("v2.6.2", "HybridSearch"), "unknown method")
  assertEquals(await details("v2.3.5", "Query"), "unknown method")
})

test("a write is retried if it is marked as idempotent, and a read is not if it is marked as not idempotent", async () => {
  const answer = failure(grpc.status.UNAVAILABLE)
  assertEquals((await answered("Insert", [answer, answer], { idempotent: true })).asked, 3)
  assertEquals((await answered("Query", [answer, answer], { idempotent: false })).asked, 1)
})

test("retry can be set for one call", async () => {
  const answer = failure(grpc.status.UNAVAILABLE)
  assertEquals((await answered("Query", [answer], { retry: false })).asked, 1)
  assertEquals((await answered("Query", [answer, answer, answer], { retry: { times: 2, delay: 1 } })).asked, 3)
  assertEquals(
    (await answered("Query", [answer, answer, answer], { retry: { times: 2, delay: 1 } })).error?._tag,
    "RpcError",
  )
  assertEquals((await answered("Query", [answer], { retry: true })).asked, 2)
  const error = await assertRejects(() => answered("Query", [], { retry: { times: -1 } }))
  assert(error instanceof ParamError)
  assertEquals(error.parameter, "retry.times")
})

test("one deadline covers all attempts, and a delay that would exceed it is not started", async () => {
  const answer = failure(grpc.status.UNAVAILABLE)
  const { asked, error, elapsed } = await answered("Query", Array(1000).fill(answer), { timeout: 300 })
  // The error of the last attempt, which the deadline may have ended.
  assert(error?._tag === "RpcError" && /^(UNAVAILABLE|DEADLINE_EXCEEDED)$/.test(error.code), error?.message)
  assertGreaterOrEqual(asked, 2)
  assertLess(elapsed, 1000)
  const late = await answered("Query", [answer], { timeout: "10 seconds", retry: { delay: "20 seconds" } })
  assertEquals([late.asked, late.error?._tag], [1, "RpcError"])
  assertLess(late.elapsed, 5000)
})

test("the delay after a rate limit is longer than after another failure", async () => {
  const retry = { delay: 40, maxDelay: 40 }
  const limited = await answered("Insert", Array(4).fill(status(8, "RateLimit", true)), { retry })
  // Four delays of four times the usual, less the jitter.
  assertGreaterOrEqual(limited.elapsed, 4 * 4 * 40 * 0.8)
  assertEquals(limited.error, undefined)
})

test("a retry waits for the pushback of the server, and a negative pushback prevents it", async () => {
  const asking = (pushback: string) => {
    const metadata = new grpc.Metadata()
    metadata.set("grpc-retry-pushback-ms", pushback)
    return { ...failure(grpc.status.UNAVAILABLE), metadata }
  }
  const patient = await answered("Query", [asking("300")])
  assertEquals([patient.asked, patient.error], [2, undefined])
  assertGreaterOrEqual(patient.elapsed, 300)
  const alone = await answered("Query", [asking("-1")])
  assertEquals([alone.asked, alone.error?._tag], [1, "RpcError"])
  assert(alone.error?._tag === "RpcError" && alone.error.retryAfter !== undefined)
  assertEquals(Duration.isFinite(alone.error.retryAfter), false)
})

test("a budget limits retries while a server fails every call", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAVAILABLE) } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: { delay: 1, maxDelay: 1 } })
    const calls = 5000
    const errors = yield* Effect.forEach(
      Array.from({ length: calls }),
      () => Effect.flip(connection.call("GetVersion", {})),
      { concurrency: 64 },
    )
    assert(errors.every((error) => error._tag === "RpcError" && error.code === "UNAVAILABLE"))
    const retries = server.count("GetVersion") - calls
    // A fifth of the calls, the reserve, and 10 a second while this runs.
    assertGreaterOrEqual(retries, 1000)
    assertLess(retries, 2000 + 10 * 60)
    const asked = server.count("GetVersion")
    yield* Effect.flip(
      connection.call("GetVersion", {}, { retry: { times: 50, delay: 1, maxDelay: 1, budget: Infinity } }),
    )
    assertEquals(server.count("GetVersion") - asked, 51)
    // Calls that succeed refill the budget.
    server.handlers.GetVersion = () => ({ status: success, version: "well" })
    yield* Effect.forEach(Array.from({ length: 100 }), () => connection.call("GetVersion", {}), { concurrency: 16 })
    const before = server.count("GetVersion")
    let left = 3
    server.handlers.GetVersion = () => left-- > 0 ? failure(grpc.status.UNAVAILABLE) : { status: success }
    yield* connection.call("GetVersion", {})
    assertEquals(server.count("GetVersion") - before, 4)
  }))
})

test("calls do not retry more often than their budget allows", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => failure(grpc.status.UNAVAILABLE) } })
  await run(Effect.gen(function* () {
    const retry = { times: 50, delay: 1, maxDelay: 1, budget: 0 }
    const connection = yield* Connection.connect({ address: server.address, retry })
    const calls = 40
    const [elapsed] = yield* Effect.timed(Effect.forEach(
      Array.from({ length: calls }),
      () => Effect.flip(connection.call("GetVersion", {})),
      { concurrency: "unbounded" },
    ))
    const retries = server.count("GetVersion") - calls
    assertGreaterOrEqual(retries, 1000)
    assertLess(retries, 1000 + 10 * (Duration.toSeconds(elapsed) + 1), "of 2000 that they would have made")
  }))
})

test("RetryBudget allows its reserve, then what calls deposit, up to its capacity", () => {
  const budget = new RetryBudget()
  const taken = () => {
    let retries = 0
    while (budget.withdraw()) retries++
    return retries
  }
  assertGreaterOrEqual(taken(), 1000)
  for (let calls = 0; calls < 100; calls++) budget.deposit(0.2)
  const of100 = taken()
  assert(of100 >= 19 && of100 <= 25, `${of100}`)
  for (let calls = 0; calls < 100_000; calls++) budget.deposit(1)
  const full = taken()
  assert(full >= 1000 && full < 1050, `${full}`)
})

test("RetryBudget gains 10 retries a second", async () => {
  const budget = new RetryBudget()
  while (budget.withdraw());
  const start = performance.now()
  // The budget is a function of time.
  await new Promise((resolve) => setTimeout(resolve, 550))
  let retries = 0
  while (budget.withdraw()) retries++
  assertGreaterOrEqual(retries, 5)
  assertLess(retries, (performance.now() - start) / 100 + 2)
})

test("a call whose stream the server refuses is retried without using the budget, also a write", async () => {
  let refusals = 0
  await using server = await refusingServer((path) => path.endsWith("/Insert") && refusals-- > 0)
  await run(Effect.gen(function* () {
    const retry = { delay: 1, maxDelay: 1, budget: 0 }
    const connection = yield* Connection.connect({ address: server.address, retry, readiness: "connected" })
    // Twice the reserve of the budget.
    refusals = 2000
    const calls = Effect.forEach(Array.from({ length: 40 }), () => connection.call("Insert", {}), {
      concurrency: "unbounded",
    })
    assertEquals((yield* calls).length, 40)
    assertEquals(server.asked(), 2040)
  }))
})

test("calls that wait for a session do not use the budget", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: { budget: 0 } })
    yield* Effect.promise(server.crash)
    const waiting = yield* Effect.forkChild(
      Effect.forEach(Array.from({ length: 2000 }), () => connection.call("GetVersion", {}), { concurrency: 2000 }),
    )
    // No event: the calls only wait, and would spend the budget meanwhile.
    yield* Effect.sleep(200)
    yield* Effect.promise(server.restart)
    assertEquals((yield* Fiber.join(waiting)).length, 2000)
  }))
})

test("calls that wait for a session are sent as soon as it is ready", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const retry = { delay: "100 millis", maxDelay: "20 seconds" } as const
    const connection = yield* Connection.connect({ address: server.address, retry, connectTimeout: "40 seconds" })
    yield* Effect.promise(server.crash)
    const waiting = yield* Effect.forkChild(connection.call("GetVersion", {}))
    // By then, its delays are longer than the bound below.
    yield* Effect.sleep(2500)
    yield* Effect.promise(server.restart)
    const [elapsed] = yield* Effect.timed(Fiber.join(waiting))
    assertLess(Duration.toMillis(elapsed), 3000)
  }))
})

test("an interrupted call is not retried", async () => {
  await using server = await startServer({ handlers: { GetVersion: () => never } })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: quick })
    const calling = yield* Effect.forkChild(connection.call("GetVersion", {}))
    yield* until(() => server.count("GetVersion") === 1)
    yield* Fiber.interrupt(calling)
    // No event: a retry would be sent within 10 ms.
    yield* Effect.sleep(100)
    assertEquals(server.calls.filter(({ method }) => method === "GetVersion").map(({ cancelled }) => cancelled), [true])
  }))
})
