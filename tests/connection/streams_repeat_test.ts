/** Retries of streaming calls: only if the call was not sent, and none of its requests was read. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../../src/Connection.ts"
import { Database } from "../../mod.ts"
import { currentConnection } from "../../src/operations/shared/currentConnection.ts"
import { startStreams } from "../support/streams.ts"
import * as H from "../fault/hostile_server.ts"
import { run } from "../support/effects.ts"
import { test } from "../support/test.ts"

const refuse: H.Way = (peer, stream) => peer.write(H.frame(H.RST_STREAM, 0, stream, H.uint32(7)))
const reset: H.Way = (peer, stream) => peer.write(H.frame(H.RST_STREAM, 0, stream, H.uint32(2)))
const retry = { delay: 5 }

/** Opens a stream on a server that does this to the first call. Returns the number of calls, and the end of the stream. */
const outcome = async (
  way: H.Way,
  open: (connection: Connection.Connection) => Stream.Stream<unknown, { readonly _tag: string }>,
) => {
  let isFirst = true
  await using server = await H.hostileServer((peer, stream) => {
    if (!isFirst) return peer.reply(stream, new Uint8Array())
    isFirst = false
    return way(peer, stream)
  })
  return await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: `127.0.0.1:${server.port}`, retry })
    const ended = yield* Effect.match(Stream.runCollect(open(connection)), {
      onSuccess: (replies) => `${replies.length} reply`,
      onFailure: (error) => "progress" in error ? error.progress : error._tag,
    })
    return [server.asked, ended]
  }))
}

const dump: Parameters<typeof outcome>[1] = (connection) => connection.stream("DumpMessages", { pchannel: "hostile" })

test("a stream that the server refuses starts again, unless retries are off", async () => {
  assertEquals(await outcome(refuse, dump), [2, "1 reply"])
  const once: typeof dump = (connection) => connection.stream("DumpMessages", { pchannel: "hostile" }, { retry: false })
  assertEquals(await outcome(refuse, once), [1, "NotSent"])
})

test("a stream that the server may have accepted does not start again", async () => {
  assertEquals(await outcome(reset, dump), [1, "Lost"])
})

test("a stream that the server answers with an error does not start again", async () => {
  const busy = { status: { error_code: "RateLimit", code: 8, reason: "too many", retriable: true } }
  await using server = await startStreams({
    DumpMessages: (call) => {
      call.write(busy)
      call.end()
    },
  })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry })
    const replies = connection.stream("DumpMessages", {}, { retry: { delay: 5, times: 2 } })
    const error = yield* Effect.flip(Stream.runDrain(replies))
    assertEquals([error._tag === "ServerError" && error.refusal, server.streams.length], ["RateLimit", 1])
  }))
})

test("a stream whose requests were read does not start again", async () => {
  let begun = 0
  const requests = Stream.suspend(() => {
    begun++
    return Stream.make({ replicate_message: { source_cluster_id: "hostile" } })
  })
  const replicate: typeof dump = (connection) => connection.stream("CreateReplicateStream", requests)
  assertEquals(await outcome(refuse, replicate), [1, "NotSent"])
  assertEquals(begun, 1)
})

test("a stream of an operation fails with what an older server lacks, and sends nothing", async () => {
  await using server = await startStreams({ DumpMessages: (call) => call.end() }, "v2.6.2")
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const open = Effect.provideService(currentConnection(), Connection.Connection, connection)
    const operations = yield* Database.withDatabase("books")(open)
    const error = yield* Effect.flip(Stream.runDrain(operations.stream("DumpMessages", {})))
    assert(error._tag === "Unsupported" && error.needs === "2.6.14" && error.version === "v2.6.2")
    assertEquals(server.streams.length, 0)
    // Also if only the answer of the server reveals it.
    const answered = yield* Effect.flip(Stream.runDrain(operations.stream("CreateReplicateStream", Stream.empty)))
    assert(answered._tag === "Unsupported" && answered.needs === undefined)
  }))
})

test("a wrapped connection opens the streams of the connection", async () => {
  await using server = await startStreams({ DumpMessages: (call) => call.end() })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const wrapped = Connection.wrap(connection, connection.call)
    const open = Effect.provideService(currentConnection(), Connection.Connection, wrapped)
    const operations = yield* Database.withDatabase("books")(open)
    yield* Stream.runDrain(operations.stream("DumpMessages", {}))
    assertEquals(server.streams.map(({ metadata }) => metadata.get("dbname")), [["books"]])
  }))
})
