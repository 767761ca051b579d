/** Streaming calls as async iterables. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert"
import type { ServerError } from "../../src/errors.ts"
import { connect } from "../../src/promise.ts"
import { eventually } from "../support/sockets.ts"
import { type ServerCall, startStreams } from "../support/streams.ts"
import { test } from "../support/test.ts"

const message = (number: number) => ({ message: { id: { id: `${number}` } } })
const request = (number: number) => ({ replicate_message: { source_cluster_id: `${number}` } })
const echo = (call: ServerCall) => {
  call.on(
    "data",
    ({ replicate_message }: ReturnType<typeof request>) =>
      call.write({
        replicate_confirmed_message_info: {
          confirmed_time_tick: replicate_message.source_cluster_id,
        },
      }),
  )
  call.on("end", () => call.end())
}

test("stream yields the replies, and rejects with the typed error itself", async () => {
  await using server = await startStreams({
    DumpMessages: (call) => {
      for (const number of [0, 1, 2]) call.write(message(number))
      call.write({ status: { code: 5, error_code: "UnexpectedError", reason: "no channel" } })
      call.end()
    },
  })
  await using milvus = await connect(server.address)
  const seen: Array<string | undefined> = []
  const error = await (async () => {
    for await (const reply of milvus.stream("DumpMessages", { pchannel: "a" }, { database: "books" })) {
      seen.push(reply.message?.id?.id)
    }
  })().catch((error: ServerError) => error)
  assert(error?._tag === "ServerError")
  assertEquals([seen, error.code, server.streams[0]?.metadata.get("dbname")], [["0", "1", "2"], 5, ["books"]])
})

test("stream takes iterables of requests, one request at a time", async () => {
  await using server = await startStreams({ CreateReplicateStream: echo })
  await using milvus = await connect(server.address)
  const ticks = async (requests: Parameters<typeof milvus.stream<"CreateReplicateStream">>[1], most = Infinity) => {
    const all: Array<number> = []
    for await (const reply of milvus.stream("CreateReplicateStream", requests)) {
      all.push(Number(reply.replicate_confirmed_message_info?.confirmed_time_tick))
      if (all.length === most) break
    }
    return all
  }
  assertEquals(await ticks([request(1), request(2)]), [1, 2])
  let isReturned = false
  const endless = async function* () {
    try {
      for (let number = 0;; number++) yield request(number)
    } finally {
      isReturned = true
    }
  }
  assertEquals(await ticks(endless(), 3), [0, 1, 2])
  await eventually(() => isReturned && server.streams[1]?.isCancelled === true)
  const boom = new Error("boom")
  const failing = function* () {
    yield request(1)
    throw boom
  }
  for (
    const requests of [
      failing(),
      (async function* () {
        yield* failing()
      })(),
    ]
  ) {
    assertStrictEquals(await ticks(requests).catch((error) => error), boom)
  }
})

test("aborting a stream cancels it on the server, and rejects with the reason", async () => {
  await using server = await startStreams({ DumpMessages: (call) => call.write(message(0)) })
  await using milvus = await connect(server.address)
  const controller = new AbortController()
  const reason = new Error("enough")
  const failure = await (async () => {
    for await (const _ of milvus.stream("DumpMessages", {}, { signal: controller.signal })) controller.abort(reason)
  })().catch((error) => error)
  assertStrictEquals(failure, reason)
  await eventually(() => server.streams[0]?.isCancelled === true)
  assert(server.streams.length === 1)
})
