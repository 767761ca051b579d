/** Unary calls directly on an HTTP/2 session: the rules of gRPC, and the way through grpc-js when they are not possible. */
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert"
import * as grpc from "@grpc/grpc-js"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import { Channel } from "../../src/grpc/channel.ts"
import { openClient } from "../../src/workarounds/grpcClosableClient.ts"
import { ReplyFault } from "../../src/workarounds/grpcReply.ts"
import { sessions } from "../../src/workarounds/grpcSession.ts"
import { subchannelsOf } from "../../src/workarounds/grpcClosableClient.ts"
import * as H from "../fault/hostile_server.ts"
import { run } from "../support/effects.ts"
import { startServer } from "../support/server.ts"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"

/** Counts the calls through grpc-js of all channels while `body` runs. */
const throughGrpc = async (body: () => Promise<void>): Promise<number> => {
  const { createCall } = Channel.prototype
  let count = 0
  Channel.prototype.createCall = function (path, deadline) {
    count++
    return createCall.call(this, path, deadline)
  }
  try {
    await body()
  } finally {
    Channel.prototype.createCall = createCall
  }
  return count
}

/** Runs a body with sessions, or without, whatever the environment asks for. */
const withSessions = async (areUsed: boolean, body: () => Promise<void>): Promise<void> => {
  const before = sessions.areUsed
  sessions.areUsed = areUsed
  try {
    await body()
  } finally {
    sessions.areUsed = before
  }
}

const sessionTest = (name: string, body: () => Promise<void>) => test(name, () => withSessions(true, body))

/** Makes a call whose reply a server of raw frames writes. */
const answered = (way: H.Way) =>
  run(Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => H.hostileServer(way)),
      (server) => Effect.promise(() => server[Symbol.asyncDispose]()),
    )
    const connection = yield* Connection.connect({ address: `127.0.0.1:${server.port}`, retry: false })
    return yield* Effect.result(connection.call("Insert", { collection_name: "hostile", num_rows: 1 }))
  }))

const failureOf = async (way: H.Way) => {
  const result = await answered(way)
  assert(result._tag === "Failure" && result.failure._tag === "RpcError", JSON.stringify(result))
  return result.failure
}

sessionTest("once a session is up, unary calls do not go through grpc-js", async () => {
  await using server = await startServer()
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const count = yield* Effect.promise(() =>
      throughGrpc(async () => {
        await Effect.runPromise(Effect.all(
          Array.from({ length: 20 }, () => connection.call("GetVersion", {})),
          { concurrency: "unbounded" },
        ))
      })
    )
    assertEquals(count, 0)
  }))
})

test("with sessions left aside, all calls go through grpc-js", () =>
  withSessions(false, async () => {
    await using server = await startServer()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect(server.address)
      const count = yield* Effect.promise(() =>
        throughGrpc(async () => void await Effect.runPromise(connection.call("GetVersion", {})))
      )
      assertEquals(count, 1)
    }))
  }))

for (
  const [what, spoil] of [
    ["userAgent", (transport: object) => Reflect.set(transport, "userAgent", 5)],
    ["addActiveCall", (transport: object) => Reflect.set(transport, "addActiveCall", undefined)],
    ["session", (transport: object) => Reflect.set(transport, "session", {})],
  ] as const
) {
  sessionTest(`a session without the expected ${what} is not used, which is reported once`, async () => {
    await using server = await startServer()
    const client = openClient(`dns:${server.address}`, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
    })
    let reports = 0
    const channel = new Channel(client, {
      maxMessageSize: 1000,
      onUnanswered() {},
      onNoSession: () => void reports++,
    })
    try {
      channel.connect()
      let transport: object = {}
      await eventually(() =>
        subchannelsOf(client.client).some((it) => transport = Reflect.get(it, "transport") as object)
      )
      // The calls of grpc-js need what is spoiled here: it is put back after the channel looked.
      const before = { ...transport }
      spoil(transport)
      const call = {
        path: "/milvus.proto.milvus.MilvusService/GetVersion",
        headers: { authorization: undefined, database: "default", identifier: undefined, trace: undefined },
        message: new Uint8Array(),
        deadline: Date.now() + 10_000,
        maxReply: Infinity,
      }
      for (let round = 0; round < 2; round++) {
        let ended: Promise<number> | undefined
        const count = await throughGrpc(() => {
          ended = new Promise((resolve) => channel.call(call, ({ status }) => resolve(status.code)))
          if (round === 0) restore(transport, before)
          return Promise.resolve()
        })
        assertEquals([count, await ended], [1, grpc.status.OK])
      }
      assertEquals(reports, 1)
    } finally {
      await new Promise<void>((resolve) => channel.close(resolve))
    }
  })
}

const restore = (transport: object, before: object) => {
  for (const name of ["userAgent", "session"]) Reflect.set(transport, name, Reflect.get(before, name))
  Reflect.deleteProperty(transport, "addActiveCall")
}

test("a server gets the same metadata either way", async () => {
  const seen: Array<unknown> = []
  await using server = await startServer({
    handlers: {
      GetVersion: (_, { metadata }) => {
        const { identifier, ...others } = metadata.getMap()
        seen.push([typeof identifier, others])
        return { version: "v2.6.2" }
      },
    },
  })
  for (const areUsed of [true, false]) {
    await withSessions(areUsed, () =>
      run(Effect.gen(function* () {
        const connection = yield* Connection.connect({
          address: server.address,
          token: "root:Milvus",
          database: "library",
        })
        yield* connection.call("GetVersion", {}, { timeout: "1 minute" })
      })))
  }
  assertEquals(seen.length, 2)
  assertEquals(seen[0], seen[1])
})

sessionTest("the text of a status is decoded", async () => {
  for (
    const [text, details] of [["caf%C3%A9 100%25 %2F", "café 100% /"], ["100% of %ZZ", "100% of %ZZ"], [
      "",
      "",
    ]] as const
  ) {
    const error = await failureOf((peer, stream) => {
      peer.headers(stream)
      peer.trailers(stream, [["grpc-status", "9"], ["grpc-message", text]])
    })
    assertEquals([error.code, error.details, error.progress], ["FAILED_PRECONDITION", details, "Answered"])
  }
})

sessionTest("a status without headers before it is the end of the call", async () => {
  const error = await failureOf((peer, stream) =>
    peer.headers(stream, [["grpc-status", "5"], ["grpc-message", "no such thing"]], H.END_HEADERS | H.END_STREAM)
  )
  assertEquals([error.code, error.details, error.progress], ["NOT_FOUND", "no such thing", "Answered"])
})

sessionTest("informational headers are skipped", async () => {
  const result = await answered((peer, stream) => {
    peer.headers(stream, [], H.END_HEADERS, [[":status", "103"], ["link", "</style>"]])
    peer.reply(stream, new Uint8Array())
  })
  assertEquals(result._tag, "Success")
})

sessionTest("a reply that is not of gRPC is refused", async () => {
  const error = await failureOf((peer, stream) => {
    peer.headers(stream, [], H.END_HEADERS, [[":status", "200"], ["content-type", "text/plain"]])
    peer.data(stream, H.message(new Uint8Array()))
    peer.trailers(stream)
  })
  assertEquals([error.code, error.progress], ["INTERNAL", "Answered"])
  assertInstanceOf(error.cause, ReplyFault)
  assertStringIncludes(error.details, "text/plain")
})

for (
  const [status, code] of [
    [401, "UNAUTHENTICATED"],
    [403, "PERMISSION_DENIED"],
    [404, "UNIMPLEMENTED"],
    [429, "UNAVAILABLE"],
    [500, "UNKNOWN"],
    [503, "UNAVAILABLE"],
  ] as const
) {
  sessionTest(`a page with the HTTP status ${status} is ${code}`, async () => {
    const error = await failureOf((peer, stream) => {
      peer.headers(stream, [], H.END_HEADERS, [[":status", `${status}`], ["content-type", "text/html"]])
      peer.data(stream, H.bytes("<html>no</html>"), H.END_STREAM)
    })
    assertEquals(error.code, code)
    assertStringIncludes(error.details, `${status}`)
  })
}

sessionTest("requests and replies of many megabytes arrive whole, one next to the other", async () => {
  const length = 9_000_000
  const received: Array<number> = []
  await using server = await startServer({
    handlers: {
      Insert: ({ collection_name = "", hash_keys = [] }) => {
        received.push(hash_keys.length)
        return { status: { error_code: "Success", reason: collection_name.repeat(length / 4) } }
      },
    },
  })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const hash_keys = Array.from({ length: 2_000_000 }, () => 4_000_000_000)
    const replies = yield* Effect.all(
      ["aaaa", "bbbb", "cccc"].map((collection_name) => connection.call("Insert", { collection_name, hash_keys })),
      { concurrency: "unbounded" },
    )
    assertEquals(replies.map(({ status }) => status?.reason.length), [length, length, length])
    assertEquals(replies.map(({ status }) => status?.reason[length - 1]), ["a", "b", "c"])
  }))
  assertEquals(received, [2_000_000, 2_000_000, 2_000_000])
})

sessionTest("many deadlines end each at its time, and leave no timer", async () => {
  // A server that does not end calls at their deadlines itself.
  await using server = await H.hostileServer(() => {})
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: `127.0.0.1:${server.port}`, retry: false })
    // Loads the contract: calls that wait for it are bounded in another way, too.
    yield* connection.call("Insert", { collection_name: "gentle", num_rows: 1 })
    const timeouts = [600, 300, 900, 300, 1200]
    const ended: Array<number> = []
    const call = (timeout: number) =>
      Effect.timed(Effect.flip(
        connection.call("Insert", { collection_name: "hostile", num_rows: 1 }, { timeout }),
      )).pipe(Effect.map(([duration, error]) => {
        assertEquals(error._tag === "RpcError" && error.code, "DEADLINE_EXCEEDED")
        assert(Duration.toMillis(duration) >= timeout - 2, `${Duration.toMillis(duration)} of ${timeout}`)
        ended.push(timeout)
      }))
    yield* Effect.forEach(timeouts, call, { concurrency: "unbounded" })
    assertEquals(ended, timeouts.toSorted((a, b) => a - b))
  }))
})

sessionTest("calls beyond the number of streams that a server permits wait for their turn", async () => {
  const permitted = 2
  let most = 0
  let open = 0
  await using server = await H.hostileServer(async (peer, stream) => {
    most = Math.max(most, ++open)
    // Time in which other calls would begin, if they were sent.
    await new Promise((resolve) => setTimeout(resolve, 20))
    open--
    peer.reply(stream, new Uint8Array())
  }, (socket) => {
    socket.write(H.frame(H.SETTINGS, 0, 0, H.setting(3, permitted)))
    return false
  })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: `127.0.0.1:${server.port}`, retry: false })
    yield* Effect.all(
      Array.from({ length: 9 }, () => connection.call("Insert", { collection_name: "hostile", num_rows: 1 })),
      { concurrency: "unbounded" },
    )
  }))
  assertEquals(most, permitted)
})
