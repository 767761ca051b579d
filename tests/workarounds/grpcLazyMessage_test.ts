/** Requests that are encoded into the frame that grpc-js allocates for them. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as ConnectionConfig from "../../src/ConnectionConfig.ts"
import { decodeMutationResult, draftInsert, type SizedMessage } from "../../src/codec/mod.ts"
import { CodecError } from "../../src/errors.ts"
import * as Call from "../../src/grpc/call.ts"
import * as Descriptor from "../../src/grpc/methods.ts"
import { LazyMessage } from "../../src/workarounds/grpcLazyMessage.ts"
import * as Transport from "../../src/grpc/transport.ts"
import { startServer, success } from "../support/server.ts"
import { test } from "../support/test.ts"

const rows = [[1, 2], [3, 4]]
const insert = draftInsert({
  collectionName: "books",
  columns: [{ fieldName: "vector", type: "FloatVector", rows }],
})

/** Sends drafts as inserts, one after the other. Returns their results, and what the server received. */
const send = async (...drafts: ReadonlyArray<SizedMessage>) => {
  const got: Array<unknown> = []
  await using server = await startServer({
    handlers: {
      Insert: (request) => {
        got.push(request.fields_data)
        return { status: success }
      },
    },
  })
  const method = Descriptor.encoded("Insert", decodeMutationResult)
  const program = Effect.gen(function* () {
    const config = yield* ConnectionConfig.make(server.address)
    const transport = yield* Transport.acquire(config, 0)
    const attempt: Call.Attempt = {
      name: "Insert",
      method,
      address: server.address,
      transport,
      headers: { authorization: undefined, database: "default", identifier: undefined, trace: undefined },
      deadline: Infinity,
      inFlight: { add() {}, remove() {} },
    }
    const exits = yield* Effect.forEach(drafts, (draft) => Effect.result(Call.attempt(attempt, draft)))
    assertEquals(transport.channel.inFlight, 0)
    return exits
  })
  return { results: await Effect.runPromise(Effect.scoped(program)), got }
}

const vectors = (got: ReadonlyArray<unknown>): unknown =>
  // Cast: the server decoded it.
  (got as ReadonlyArray<ReadonlyArray<{ readonly vectors: { readonly float_vector: { readonly data: unknown } } }>>)
    .map(([column]) => column?.vectors.float_vector.data)

test("a draft is encoded once, after the header of its frame", async () => {
  const written: Array<readonly [length: number, at: number]> = []
  const draft: SizedMessage = {
    size: insert.size,
    write: (to, at) => {
      written.push([to.length, at])
      insert.write(to, at)
    },
  }
  const { results, got } = await send(draft)
  assertEquals(results[0]?._tag, "Success")
  assertEquals(vectors(got), [[1, 2, 3, 4]])
  assertEquals(written, [[insert.size + 5, 5]])
})

test("a draft that cannot be encoded fails as not sent, with its error as the cause", async () => {
  const bad = draftInsert({
    collectionName: "books",
    columns: [{ fieldName: "vector", type: "FloatVector", rows: [[1, 2], [3, 1e39]] }],
  })
  const { results: [first, second], got } = await send(bad, insert)
  assert(first?._tag === "Failure" && first.failure._tag === "RpcError")
  assertEquals(first.failure.progress, "NotSent")
  assertEquals(first.failure.isRetryable, false)
  assert(first.failure.cause instanceof CodecError && first.failure.cause.row === 1)
  assertEquals(second?._tag, "Success")
  assertEquals(vectors(got), [[1, 2, 3, 4]])
})

test("drafts are sent as bytes if grpc-js reads them in another way", async () => {
  const { copy } = LazyMessage.prototype
  let asked = 0
  try {
    LazyMessage.prototype.copy = () => {
      asked++
      throw new TypeError("the message is not a Buffer")
    }
    const { results, got } = await send(insert, insert)
    assertEquals(results.map(({ _tag }) => _tag), ["Success", "Success"])
    assertEquals(vectors(got), [[1, 2, 3, 4], [1, 2, 3, 4]])
    assertEquals(asked, 1)
  } finally {
    LazyMessage.prototype.copy = copy
  }
})
