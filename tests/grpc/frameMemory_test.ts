/** Memory of large requests is used again only when nothing reads it any more. */
import { Buffer } from "node:buffer"
import http2 from "node:http2"
import { assert, assertEquals, assertNotStrictEquals, assertStrictEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Vectors } from "../../mod.ts"
import { reuseMemory, takeMemory } from "../../src/grpc/frameMemory.ts"
import * as H from "../fault/hostile_server.ts"
import { run } from "../support/effects.ts"
import { startServer, success } from "../support/server.ts"
import { test } from "../support/test.ts"

const dimension = 1024
const Items = Collection.define("items", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension }),
})

/** Rows whose vectors consist of their id. */
const rows = (first: number, count: number) => ({
  id: BigInt64Array.from({ length: count }, (_, at) => BigInt(first + at)),
  vector: Float32Array.from({ length: count * dimension }, (_, at) => first + Math.floor(at / dimension)),
})

/** A field of a request, as `startServer` decodes it. */
interface Data {
  readonly scalars: { readonly long_data: { readonly data: ReadonlyArray<bigint> } }
  readonly vectors: { readonly float_vector: { readonly data: ReadonlyArray<number> } }
}

/** Returns the buffers that are kept for reuse while `body` runs. */
const kept = async (body: () => Promise<void>): Promise<ReadonlyArray<ArrayBufferLike>> => {
  const { WeakRef } = globalThis
  const buffers: Array<ArrayBufferLike> = []
  globalThis.WeakRef = class<T extends WeakKey> extends WeakRef<T> {
    constructor(target: T) {
      super(target)
      if (target instanceof ArrayBuffer) buffers.push(target)
    }
  }
  try {
    await body()
  } finally {
    globalThis.WeakRef = WeakRef
  }
  return buffers
}

test("memory is taken for a frame of at most its size, and at least half of it", () => {
  const first = takeMemory(300_000)
  reuseMemory(first)
  assertNotStrictEquals(takeMemory(300_001).buffer, first.buffer)
  assertNotStrictEquals(takeMemory(149_999).buffer, first.buffer)
  const second = takeMemory(150_000)
  assertStrictEquals(second.buffer, first.buffer)
  assertEquals([second.length, second.byteOffset], [150_000, 0])
  assertNotStrictEquals(takeMemory(150_000).buffer, first.buffer)
  reuseMemory(second)
  assertStrictEquals(takeMemory(300_000).buffer, first.buffer)
})

test("large requests that follow one another and go at the same time arrive as they were given", async () => {
  let received = 0
  await using server = await startServer({
    handlers: {
      Insert: ({ fields_data = [], num_rows = 0 }) => {
        // Cast: the fields of the definition.
        const [id, vector] = fields_data as unknown as ReadonlyArray<Data>
        const ids = id!.scalars.long_data.data.map(Number)
        const { data } = vector!.vectors.float_vector
        assertEquals(data.length, num_rows * dimension)
        assert(data.every((value, at) => value === ids[Math.floor(at / dimension)]))
        received += num_rows
        return { status: success, IDs: { int_id: { data: ids } }, insert_cnt: num_rows }
      },
    },
  })
  const buffers = await kept(() =>
    run(Effect.gen(function* () {
      const connection = yield* Connection.connect(server.address)
      const insert = (first: number) => Vectors.insert(Items, rows(first, 20 + first * 37 % 180))
      const lanes = Array.from({ length: 4 }, (_, lane) =>
        Effect.forEach([1, 2, 3, 4, 5, 6], (turn) => insert(lane * 6 + turn)))
      const written = yield* Effect.provideService(
        Effect.all(lanes, { concurrency: "unbounded" }),
        Connection.Connection,
        connection,
      )
      assertEquals(
        written.flat().reduce((sum, { ids }) =>
          sum + ids.length, 0),
        received,
      )
    }))
  )
  assertEquals(buffers.length, 24)
  assert(new Set(buffers).size < 20, "no memory was used again")
})

/** Replies, by their RPCs. */
const replies: Readonly<Record<string, Buffer>> = {
  Connect: Buffer.concat([H.field(2, H.field(1, H.bytes("v2.6.2"))), Buffer.of(24, 1)]),
  CheckHealth: Buffer.of(16, 1),
  Insert: Buffer.concat([H.field(2, H.field(1, H.field(1, Buffer.alloc(200, 1)))), Buffer.of(48, 200, 1)]),
}

test("the memory of a request that the server answers before it has read it is not used again", async () => {
  const server = http2.createServer()
  server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
    const reply = replies[headers[":path"]?.split("/").at(-1) ?? ""] ?? Buffer.alloc(0)
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" })).on("error", () => {})
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true })
    // The request is not read: the client can send 64 KiB of it.
    stream.end(H.message(reply))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const at = server.address()
  try {
    const buffers = await kept(() =>
      run(Effect.gen(function* () {
        const address = `127.0.0.1:${typeof at === "object" ? at?.port : ""}`
        const connection = yield* Connection.connect(address)
        const insert = Vectors.insert(Items, rows(1, 200))
        const { ids } = yield* Effect.provideService(insert, Connection.Connection, connection)
        assertEquals(ids.length, 200)
      }))
    )
    assertEquals(buffers, [])
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})
