/** Streaming calls: their order, bounds, errors and ends, against a server in this process. */
import * as grpc from "@grpc/grpc-js"
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Connection from "../../src/Connection.ts"
import type { ConnectParams } from "../../src/ConnectionConfig.ts"
import { CurrentDatabase } from "../../src/connection/currentDatabase.ts"
import { ParamError, type RpcError } from "../../src/errors.ts"
import { until } from "../support/sockets.ts"
import { type ServerCall, startStreams, type StreamServer, writeAll } from "../support/streams.ts"
import { test } from "../support/test.ts"

type Handlers = Parameters<typeof startStreams>[0]

/** Runs an Effect with a connection to a server with these handlers. */
const withServer = async (
  handlers: Handlers,
  use: (connection: Connection.Connection, server: StreamServer) => Effect.Effect<void, unknown, Scope.Scope>,
  params: ConnectParams = {},
): Promise<void> => {
  await using server = await startStreams(handlers)
  await Effect.runPromise(Effect.scoped(
    Effect.flatMap(
      Connection.connect({ address: server.address, ...params }),
      (connection) => use(connection, server),
    ),
  ))
}

/** Returns a reply of a dump with this number, and a payload of this size in bytes. */
const message = (number: number, size = 1) => ({
  message: { id: { id: `${number}` }, payload: new Uint8Array(size), properties: {} },
})
const numbers = (length: number) => Array.from({ length }, (_, number) => number)
const idOf = (reply: Connection.StreamingMethods["DumpMessages"]["response"]) => Number(reply.message?.id?.id)
const confirmed = (tick: number) => ({ replicate_confirmed_message_info: { confirmed_time_tick: tick } })
const tickOf = (reply: Connection.StreamingMethods["CreateReplicateStream"]["response"]) =>
  Number(reply.replicate_confirmed_message_info?.confirmed_time_tick)
const replicate = (number: number, size = 1) => ({
  replicate_message: { source_cluster_id: `${number}`, message: { payload: new Uint8Array(size) } },
})
/** Returns the error of a stream, which must be an `RpcError`. */
const rpc = (error: { readonly _tag: string }): RpcError => {
  assert(error._tag === "RpcError", String(error))
  // Cast: its tag was checked.
  return error as RpcError
}
/** Writes the last reply. */
const last = (call: ServerCall, reply: object) => {
  call.write(reply)
  call.end()
}
const dump = (call: ServerCall, count: number) => {
  void writeAll(call, numbers(count).map((number) => message(number))).then(() => call.end())
}

test("a stream of replies has all of them, in order, with credentials and database of the call", () =>
  withServer({ DumpMessages: (call) => dump(call, 500) }, (connection, server) =>
    Effect.gen(function* () {
      const replies = connection.stream("DumpMessages", { pchannel: "by-dev-rootcoord-dml_0" })
      assertEquals((yield* Stream.runCollect(replies)).map(idOf), numbers(500))
      yield* Stream.runDrain(Stream.provideService(replies, CurrentDatabase, "current"))
      yield* Stream.runDrain(connection.stream("DumpMessages", {}, { database: "own" }))
      const seen = server.streams.map(({ request, metadata }) => [
        Reflect.get(request ?? {}, "pchannel"),
        metadata.get("dbname"),
        metadata.get("authorization"),
        metadata.get("identifier"),
      ])
      const key = ["a2V5"]
      assertEquals(seen, [
        ["by-dev-rootcoord-dml_0", ["books"], key, ["1"]],
        ["by-dev-rootcoord-dml_0", ["current"], key, ["1"]],
        ["", ["own"], key, ["1"]],
      ])
    }), { database: "books", token: "key", tls: undefined }))

test("a stream of requests is answered one by one, and ends with its half-close", () => {
  let hasEnded = false
  const echo = (call: ServerCall) => {
    call.on(
      "data",
      (request: { replicate_message: { source_cluster_id: string } }) =>
        call.write(confirmed(Number(request.replicate_message.source_cluster_id))),
    )
    call.on("end", () => {
      hasEnded = true
      call.end()
    })
  }
  return withServer({ CreateReplicateStream: echo }, (connection) =>
    Effect.gen(function* () {
      // Each request is sent after the reply to the one before it, so neither side waits for more.
      let answered = 0
      const requests = Stream.fromIterable(numbers(50), { chunkSize: 1 }).pipe(
        Stream.tap((number) => until(() => answered === number, { interval: 0 })),
        Stream.map((number) => replicate(number)),
      )
      const ticks: Array<number> = []
      yield* Stream.runForEach(
        connection.stream("CreateReplicateStream", requests),
        (reply) => Effect.sync(() => void (answered = ticks.push(tickOf(reply)))),
      )
      assertEquals([ticks, hasEnded], [numbers(50), true])
      // No request at all.
      assertEquals(yield* Stream.runCollect(connection.stream("CreateReplicateStream", Stream.empty)), [])
    }))
})

test("a slow reader slows the server, and no other call", () => {
  let written = 0
  const size = 64 * 1024
  const count = 2000
  const big = (call: ServerCall) => {
    const replies = numbers(count).values().map((number) => message(number, size))
    void writeAll(call, replies, (total) => written = total).then(() => call.end())
  }
  return withServer({ DumpMessages: big }, (connection) =>
    Effect.gen(function* () {
      let read = 0
      const seen: Array<number> = []
      yield* Stream.runForEach(connection.stream("DumpMessages", {}), (reply) =>
        Effect.gen(function* () {
          seen.push(idOf(reply))
          if (read++ !== 3) return
          // The server stops after the 16 MiB of flow control and the buffers of both ends.
          let before = -1
          yield* until(() => before === (before = written), { interval: 300 })
          assertLess(written * size, 24 * 2 ** 20)
          assertGreater(written, 4)
          yield* connection.call("ListDatabases", {}, { timeout: "2 seconds" })
        }))
      assertEquals(seen, numbers(count))
    }))
})

test("a slow server slows the requests", () => {
  const size = 64 * 1024
  let resume = () => {}
  let received = 0
  const slow = (call: ServerCall) => {
    resume = () => {
      call.on("data", () => received++)
      call.on("end", () => call.end())
    }
  }
  return withServer({ CreateReplicateStream: slow }, (connection) =>
    Effect.gen(function* () {
      let taken = 0
      const requests = Stream.fromIterable(numbers(2000), { chunkSize: 1 }).pipe(
        Stream.map((number) => {
          taken++
          return replicate(number, size)
        }),
      )
      const fiber = yield* Effect.forkScoped(Stream.runDrain(connection.stream("CreateReplicateStream", requests)))
      let before = -1
      yield* until(() => taken > 0 && before === (before = taken), { interval: 300 })
      assertLess(taken * size, 40 * 2 ** 20)
      resume()
      yield* Fiber.join(fiber)
      assertEquals([taken, received], [2000, 2000])
    }))
})

test("a stream that is interrupted, or not read to its end, is cancelled on the server", () =>
  withServer({
    DumpMessages: (call) => void writeAll(call, numbers(10).map((number) => message(number))),
    CreateReplicateStream: () => {},
  }, (connection, server) =>
    Effect.gen(function* () {
      const dumped = connection.stream("DumpMessages", {})
      assertEquals((yield* Stream.runCollect(Stream.take(dumped, 3))).map(idOf), [0, 1, 2])
      const waiting = yield* Effect.forkScoped(Stream.runDrain(dumped))
      let isReleased = false
      const requests = Stream.ensuring(Stream.never, Effect.sync(() => void (isReleased = true)))
      const both = yield* Effect.forkScoped(Stream.runDrain(connection.stream("CreateReplicateStream", requests)))
      yield* until(() => server.streams.length === 3)
      assertEquals(server.streams.slice(1).map(({ isCancelled }) => isCancelled), [false, false])
      yield* Fiber.interruptAll([waiting, both])
      yield* until(() => server.streams.every(({ isCancelled }) => isCancelled))
      assertEquals(isReleased, true)
    })))

test("a stream has no deadline by default, and may have one", () =>
  withServer({
    DumpMessages: (call, request) => {
      if ("pchannel" in request && request.pchannel !== "silent") call.write(message(0))
      if ("pchannel" in request && request.pchannel === "late") setTimeout(() => call.end(), 300)
    },
  }, (connection, server) =>
    Effect.gen(function* () {
      for (const pchannel of ["silent", "one"]) {
        const seen: Array<number> = []
        const replies = connection.stream("DumpMessages", { pchannel }, { timeout: "150 millis" })
        const reading = Stream.runForEach(replies, (reply) => Effect.sync(() => void seen.push(idOf(reply))))
        const { code, progress } = rpc(yield* Effect.flip(reading))
        assertEquals([code, progress, seen], ["DEADLINE_EXCEEDED", "Lost", pchannel === "one" ? [0] : []])
      }
      yield* until(() => server.streams.every(({ isCancelled }) => isCancelled))
      assertEquals((yield* Stream.runCollect(connection.stream("DumpMessages", { pchannel: "late" }))).length, 1)
    }), { callTimeout: "100 millis" }))

test("a connection that closes ends its streams; one that drains waits for them", () =>
  withServer({
    DumpMessages: (call, request) => {
      call.write(message(0))
      if ("pchannel" in request && request.pchannel === "ends") setTimeout(() => last(call, message(1)), 200)
    },
  }, (_, server) =>
    Effect.gen(function* () {
      const scope = Scope.makeUnsafe()
      const closing = yield* Scope.provide(Connection.connect(server.address), scope)
      const waiting = yield* Effect.forkScoped(Effect.flip(Stream.runDrain(closing.stream("DumpMessages", {}))))
      yield* until(() => server.streams.length === 1)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Fiber.join(waiting)
      assertEquals([error._tag, error.message.includes("DumpMessages")], ["ConnectionClosed", true])
      yield* until(() => server.streams[0]?.isCancelled === true)
      assertEquals((yield* Effect.flip(Stream.runDrain(closing.stream("DumpMessages", {}))))._tag, "ConnectionClosed")
      assertEquals(server.streams.length, 1)

      const draining = yield* Connection.connect(server.address)
      const reading = yield* Effect.forkScoped(
        Stream.runCollect(draining.stream("DumpMessages", { pchannel: "ends" })),
      )
      yield* until(() => server.streams.length === 2)
      yield* Connection.drain(draining)
      assertEquals((yield* Fiber.join(reading)).map(idOf), [0, 1])
    })))

test("a failure of the server comes after the replies before it", () =>
  withServer({
    DumpMessages: (call, request) => {
      for (const number of numbers(5)) call.write(message(number))
      if ("pchannel" in request && request.pchannel === "status") {
        last(call, { status: { error_code: "UnexpectedError", code: 65535, reason: "the WAL is gone" } })
      } else call.emit("error", { code: grpc.status.ABORTED, details: "told to fail" })
    },
  }, (connection, server) =>
    Effect.gen(function* () {
      for (const pchannel of ["status", "grpc"]) {
        const seen: Array<number> = []
        const replies = connection.stream("DumpMessages", { pchannel })
        // Slow, so that the failure arrives long before the last reply is read.
        const error = yield* Effect.flip(Stream.runForEach(replies, (reply) => {
          seen.push(idOf(reply))
          return Effect.sleep(20)
        }))
        assertEquals(seen, numbers(5))
        if (pchannel === "grpc") {
          const { code, details, progress } = rpc(error)
          assertEquals([code, details, progress], ["ABORTED", "told to fail", "Answered"])
        } else assert(error._tag === "ServerError" && error.code === 65535 && error.reason === "the WAL is gone")
      }
      // Neither is retried.
      assertEquals(server.streams.length, 2)
    })))

test("a server that ends the call early ends the requests", () =>
  withServer({
    CreateReplicateStream: (call) => {
      call.once("data", (request: { replicate_message: { source_cluster_id: string } }) => {
        call.write(confirmed(7))
        if (request.replicate_message.source_cluster_id === "0") call.end()
        else call.emit("error", { code: grpc.status.FAILED_PRECONDITION, details: "not the primary" })
      })
    },
  }, (connection) =>
    Effect.gen(function* () {
      for (const first of [0, 1]) {
        let isReleased = false
        const requests = Stream.fromIterable(numbers(1000), { chunkSize: 1 }).pipe(
          Stream.map((number) => replicate(first + number, 10_000)),
          Stream.concat(Stream.never),
          Stream.ensuring(Effect.sync(() => void (isReleased = true))),
        )
        const seen: Array<number> = []
        // Slow, so that the call ends while replies are unread.
        const exit = yield* Effect.exit(Stream.runForEach(
          connection.stream("CreateReplicateStream", requests),
          (reply) => Effect.andThen(Effect.sleep(50), Effect.sync(() => void seen.push(tickOf(reply)))),
        ))
        assertEquals([seen, isReleased], [[7], true])
        if (first === 0) assert(Exit.isSuccess(exit), String(exit))
        else {
          const error = yield* Effect.flip(exit)
          assertEquals([rpc(error).code, rpc(error).details], ["FAILED_PRECONDITION", "not the primary"])
        }
      }
    })))

test("a stream whose session is lost fails, and is not repeated; the next one has a new session", () =>
  withServer({
    DumpMessages: (call, request) => {
      if ("pchannel" in request && request.pchannel === "one") call.write(message(0))
      if ("pchannel" in request && request.pchannel === "ends") last(call, message(1))
    },
  }, (connection, server) =>
    Effect.gen(function* () {
      for (const pchannel of ["one", "none"]) {
        const before = server.streams.length
        const reading = yield* Effect.forkScoped(
          Effect.flip(Stream.runDrain(connection.stream("DumpMessages", { pchannel }, { retry: { times: 5 } }))),
        )
        yield* until(() => server.streams.length > before)
        server.cut()
        assertEquals(rpc(yield* Fiber.join(reading)).progress, "Lost")
        assertEquals(server.streams.length, before + 1)
        const next = connection.stream("DumpMessages", { pchannel: "ends" })
        assertEquals((yield* Stream.runCollect(next)).map(idOf), [1])
      }
    })))

test("a failure of the requests fails the replies, and cancels the call", () =>
  withServer(
    { CreateReplicateStream: (call) => void call.on("data", () => {}) },
    (connection, server) =>
      Effect.gen(function* () {
        const one = Stream.make(replicate(1))
        const boom = new Error("boom")
        const fail = connection.stream("CreateReplicateStream", Stream.concat(one, Stream.fail("no more" as const)))
        assertEquals(yield* Effect.flip(Stream.runDrain(fail)), "no more")
        const die = connection.stream("CreateReplicateStream", Stream.concat(one, Stream.die(boom)))
        const exit = yield* Effect.exit(Stream.runDrain(die))
        assert(
          Exit.isFailure(exit) && exit.cause.reasons.some((reason) => reason._tag === "Die" && reason.defect === boom),
        )
        // A request that does not match the contract.
        const wrong = Stream.make({ replicate_message: 7 as never })
        const invalid = rpc(yield* Effect.flip(Stream.runDrain(connection.stream("CreateReplicateStream", wrong))))
        assertEquals([invalid.code, invalid.progress], ["INTERNAL", "NotSent"])
        yield* until(() => server.streams.length === 3 && server.streams.every(({ isCancelled }) => isCancelled))
      }),
  ))

test("arguments that a stream does not accept are defects, and nothing is sent", () =>
  withServer(
    { DumpMessages: (call) => call.end(), CreateReplicateStream: (call) => call.end() },
    (connection, server) =>
      Effect.gen(function* () {
        // Casts: the types refuse these arguments.
        const never = undefined as never
        const wrong: ReadonlyArray<readonly [string, Stream.Stream<unknown, unknown>]> = [
          ["idempotent", connection.stream("DumpMessages", {}, { idempotent: true } as object)],
          ["timeout", connection.stream("DumpMessages", {}, { timeout: -1 })],
          ["database", connection.stream("DumpMessages", {}, { database: " " })],
          ["requests", connection.stream("DumpMessages", Stream.make({}) as object)],
          ["requests", connection.stream("CreateReplicateStream", {} as typeof never)],
          ["requests", connection.stream("CreateReplicateStream", never)],
        ]
        for (const [parameter, stream] of wrong) {
          const exit = yield* Effect.exit(Stream.runDrain(stream))
          const defects = Exit.isFailure(exit)
            ? exit.cause.reasons.map((reason) => reason._tag === "Die" && reason.defect)
            : []
          assert(defects.some((defect) => defect instanceof ParamError && defect.parameter === parameter), parameter)
        }
        const unknown = rpc(yield* Effect.flip(Stream.runDrain(connection.stream("Search" as "DumpMessages", {}))))
        assertEquals([unknown.code, unknown.progress, server.streams.length], ["UNIMPLEMENTED", "NotSent", 0])
      }),
  ))

test("the duration of a stream is measured from its start to its end", () =>
  withServer({
    DumpMessages: (call, request) =>
      "pchannel" in request && request.pchannel === "ok"
        ? setTimeout(() => last(call, message(0)), 50)
        : call.emit("error", { code: grpc.status.NOT_FOUND }),
  }, (connection) =>
    Effect.gen(function* () {
      const counts = () =>
        Effect.map(Metric.snapshot, (all) =>
          Object.fromEntries(all.flatMap(({ attributes, state }) =>
            attributes?.["server.port"] === String(connection.config.port) && "count" in state &&
              attributes["db.operation.name"] === "DumpMessages"
              ? [[`${attributes["error.type"]} ${attributes["db.response.status_code"]}`, state.count]]
              : []
          )))
      const before = yield* counts()
      yield* Stream.runDrain(connection.stream("DumpMessages", { pchannel: "ok" }))
      yield* Stream.runDrain(Stream.take(connection.stream("DumpMessages", { pchannel: "ok" }), 1))
      yield* Effect.flip(Stream.runDrain(connection.stream("DumpMessages", {})))
      const after = yield* counts()
      const added = Object.entries(after).map(([code, count]) => [code, Number(count) - Number(before[code] ?? 0)])
      assertEquals(Object.fromEntries(added.filter(([, count]) => count !== 0)), {
        "undefined undefined": 1,
        "Interrupted undefined": 1,
        "RpcError NOT_FOUND": 1,
      })
    })))
