/** Columns keep their reply in memory only if they are most of it. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { decodeSearchResults } from "../../src/codec/mod.ts"
import * as Message from "../../src/Message.ts"
import {} from "./support.ts"
import { test } from "../support/test.ts"

const hits = 100

/** Returns a reply at every alignment; a view of its numbers is possible at some of them. */
const replies = async (vectors: ReadonlyArray<number>): Promise<ReadonlyArray<Uint8Array>> => {
  const bytes = await Effect.runPromise(Message.encode("milvus.proto.milvus.SearchResults", {
    results: {
      num_queries: 1n,
      top_k: BigInt(hits),
      scores: Array.from({ length: hits }, (_, at) => 1 / (at + 1)),
      ids: { int_id: { data: Array.from({ length: hits }, (_, at) => 2n ** 58n + BigInt(at)) } },
      topks: [BigInt(hits)],
      fields_data: vectors.length === 0
        ? []
        : [{ type: "FloatVector", field_name: "v", vectors: { dim: 8n, float_vector: { data: [...vectors] } } }],
    },
  }))
  return [0, 1, 2, 3].map((offset) => {
    const moved = new Uint8Array(bytes.length + offset)
    moved.set(bytes, offset)
    return moved.subarray(offset)
  })
}

test("scores do not keep a reply in memory when they are the smaller part of it", async () => {
  for (const reply of await replies([])) {
    const { scores } = decodeSearchResults(reply)
    assertEquals(scores[3], 0.25)
    assert(scores.buffer !== reply.buffer)
  }
})

test("a column is a view of its reply when it is most of it", async () => {
  const vectors = Float32Array.from({ length: hits * 8 }, (_, at) => at / 7)
  const views = (await replies([...vectors])).filter((reply) => {
    const { fields: [column] } = decodeSearchResults(reply)
    assert(column?.type === "FloatVector")
    assertEquals(column.values, vectors)
    return column.values.buffer === reply.buffer
  })
  assertEquals(views.length, 1)
})
