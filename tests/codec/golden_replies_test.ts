/** Replies encoded by the protobuf library of pymilvus: packed, not packed, in pieces, and with unknown fields. */
import { assert, assertEquals } from "@std/assert"
import {
  type Column,
  decodeMutationResult,
  decodeQueryResults,
  decodeSearchResults,
  type SearchResults,
  valuesOf,
} from "../../src/codec/mod.ts"
import { assertSameBits, python } from "./support.ts"
import { test } from "../support/test.ts"

let replies: Promise<Record<string, ReadonlyArray<Uint8Array>>> | undefined

/** All forms of a reply, each at every alignment. */
const forms = async (name: string): Promise<ReadonlyArray<Uint8Array>> => {
  const all =
    await (replies ??= Deno.readTextFile(new URL("golden_replies.py", import.meta.url)).then(async (script) => {
      const output: Record<string, ReadonlyArray<string>> = JSON.parse(
        new TextDecoder().decode(await python(script, new Uint8Array(0))),
      )
      return Object.fromEntries(
        Object.entries(output).map(([name, texts]) => [name, texts.map((text) => Uint8Array.fromBase64(text))]),
      )
    }))
  // The forms are packed or not, and have unknown fields or not.
  if (name === "query") assertEquals(new Set(all[name]!.map((bytes) => bytes.length)).size, 3)
  return all[name]!.flatMap((bytes) =>
    [0, 1, 2, 3, 5].map((shift) => {
      const moved = new Uint8Array(bytes.length + shift).subarray(shift)
      moved.set(bytes)
      return moved
    })
  )
}

const ints = [0n, -1n, 127n, 128n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 450000000000000000n]
const texts = ["", "a", "é", "😀", "x".repeat(127), "y".repeat(128), "z".repeat(5000), "\0", "end"]
const rows = ints.length
const each = <A>(of: (row: number) => A): ReadonlyArray<A> => Array.from({ length: rows }, (_, row) => of(row))
const cycle = <A>(...values: ReadonlyArray<A>) => each((row) => values[row % values.length]!)
const nulls = <A>(of: (row: number) => A) => each((row) => row % 2 === 0 ? of(row) : null)
const repeat = <A>(value: A, times: number) => Array.from({ length: times }, () => value)
const inf = Infinity

const expected: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  bool: cycle(true, false),
  int8: cycle(-128, 127, 0),
  int32: cycle(-(2 ** 31), 2 ** 31 - 1, 300),
  int64: ints,
  float: cycle(0.5, NaN, inf, -0, 2 ** -149),
  double: cycle(0.1, NaN, -inf, 5e-324),
  varchar: texts,
  json: cycle<unknown>({ a: 1 }, []),
  $meta: cycle({ x: "é" }),
  geometry: cycle("POINT (1 2)"),
  wkb: cycle(Uint8Array.of(1, 2)),
  timestamptz: cycle("2026-01-02T03:04:05Z"),
  micros: ints,
  longs: each((row) => BigInt64Array.from(ints.slice(0, row))),
  texts: each((row) => texts.slice(0, row)),
  bools: each((row) => repeat(true, row)),
  vector: each((row) => Float32Array.of(row, row + 0.5)),
  binary: each((row) => Uint8Array.of(row * 2, row * 2 + 1)),
  float16: each((row) => Uint16Array.of(row * 2 | (row * 2 + 1) << 8)),
  bfloat16: each((row) => Uint16Array.of(row * 2 | (row * 2 + 1) << 8)),
  int8vector: each((row) => Int8Array.of(row * 2, row * 2 + 1)),
  sparse: each((row) => ({
    indices: Uint32Array.from({ length: row }, (_, at) => at * 3),
    values: Float32Array.from({ length: row }, (_, at) => at + 0.5),
  })),
  vectors: each((row) => repeat(Float32Array.of(row, row + 0.5), row % 4)),
  structs: each((row) => repeat({ a: BigInt(row), v: Float32Array.of(row, -row) }, row % 3)),
  null_full: nulls((row) => ints[row]),
  null_compact: nulls((row) => ints[row]),
  null_texts: nulls(() => "v"),
  null_vector_full: nulls((row) => Float32Array.of(row * 2, row * 2 + 1)),
  null_vector_compact: nulls((row) => Float32Array.of(row, row + 1)),
  null_sparse_compact: nulls(() => ({ indices: Uint32Array.of(1), values: Float32Array.of(0.5) })),
  null_sparse_full: nulls(() => ({ indices: Uint32Array.of(1), values: Float32Array.of(0.5) })),
  null_arrays: nulls(() => BigInt64Array.of(1n, 2n)),
  null_all: each(() => null),
}

const assertFields = (fields: ReadonlyArray<Column>) => {
  const known = fields.filter((field) => field.type !== "Unknown")
  assertEquals(known.map((field) => field.fieldName), Object.keys(expected))
  for (const field of known) {
    const value = valuesOf(field)
    assertEquals(each(value), expected[field.fieldName], field.fieldName)
    assertEquals(field.isDynamic, field.fieldName === "$meta")
    if (["bool", "micros"].includes(field.fieldName)) assertEquals(field.fieldId, 100)
  }
  const later = fields.at(-1)
  assert(later?.type === "Unknown")
  assertEquals([later.fieldName, later.dataType], ["later", 99])
}

const status = {
  errorCode: 49,
  reason: "é",
  code: 8,
  retriable: true,
  detail: "d",
  extraInfo: new Map([["report_value", "3"], ["", "x"]]),
}

const scores = Float32Array.from(cycle(0.5, -inf, NaN))

const assertSearch = (results: SearchResults) => {
  const { fields, groupBy, status: got, ...others } = results
  assertEquals(got, status)
  assertFields(fields)
  assertEquals(groupBy.map((column) => column.type === "Int64" && Array.from(column.values)), [ints])
  assertSameBits(others.scores, scores)
  assertEquals({ ...others, ids: 0 }, {
    ids: 0,
    numQueries: 3,
    topK: 5,
    topks: Uint32Array.of(4, 0, 5),
    scores,
    distances: Float32Array.of(1.5),
    outputFields: ["a", "é"],
    primaryFieldName: "id",
    collectionName: "c",
    sessionTs: 2n ** 64n - 1n,
    allSearchCount: 2 ** 40,
    recalls: Float32Array.of(0.5, 0.25, 1),
    iterator: { token: "t", lastBound: 0.5 },
    highlights: [{
      fieldName: "h",
      hits: ints.map(() => ({ fragments: ["<em>a</em>", "b"], scores: Float32Array.of(0.5, 1) })),
    }],
    elementIndices: BigInt64Array.of(1n, 2n),
    buckets: [{
      key: { genre: "novel", 101: -(2n ** 63n), sold: false, none: null },
      count: 3,
      metrics: { avg: 1.5, sum: 2n ** 53n + 1n, min: "a", any: true, empty: null },
      hits: [{
        id: 7n,
        score: 0.5,
        fields: { price: 9.5, ratio: 0.25, json: new TextEncoder().encode("{}"), none: null },
      }],
      buckets: [{
        key: {},
        count: 2,
        metrics: {},
        hits: [{ id: "k", score: -1, fields: {} }],
        buckets: [],
      }],
    }],
    bucketCounts: Uint32Array.of(1),
  })
}

test("search results of pymilvus's protobuf library are decoded in every form", async () => {
  const all = await forms("search by integers")
  assertEquals(all.length, 4 * 5)
  for (const bytes of all) {
    const results = decodeSearchResults(bytes)
    assertEquals(results.ids, BigInt64Array.from(ints))
    assertSearch(results)
  }
  for (const bytes of await forms("search by strings")) {
    const results = decodeSearchResults(bytes)
    assertEquals(results.ids, texts)
    assertSearch(results)
  }
})

test("search results without hits are empty, and have the status of the reply", async () => {
  for (const bytes of await forms("search without hits")) {
    const { topks, ids, scores, fields, status } = decodeSearchResults(bytes)
    assertEquals({ topks, ids, scores, fields, code: status.code }, {
      topks: Uint32Array.of(0),
      ids: new BigInt64Array(0),
      scores: new Float32Array(0),
      fields: [],
      code: 0,
    })
  }
  for (const bytes of await forms("search that failed")) assertEquals(decodeSearchResults(bytes).status, status)
})

test("query results of pymilvus's protobuf library are decoded in every form", async () => {
  for (const bytes of await forms("query")) {
    const { fields, ...others } = decodeQueryResults(bytes)
    assertFields(fields)
    assertEquals({ ...others, status: 0 }, {
      status: 0,
      length: rows,
      collectionName: "c",
      outputFields: ["a"],
      sessionTs: 7n,
      primaryFieldName: "id",
      elementIndices: [BigInt64Array.of(1n, 2n), new BigInt64Array(0)],
    })
  }
  for (const bytes of await forms("query without rows")) {
    const { fields, length } = decodeQueryResults(bytes)
    assertEquals([length, ...fields.map((field) => [field.type, field.length])], [0, ["Int64", 0], ["FloatVector", 0]])
  }
})

test("mutation results of pymilvus's protobuf library are decoded in every form", async () => {
  for (const bytes of await forms("mutation")) {
    assertEquals(decodeMutationResult(bytes), {
      status,
      ids: BigInt64Array.from(ints),
      succeeded: Uint32Array.of(0, 2 ** 32 - 1),
      failed: Uint32Array.of(1),
      acknowledged: true,
      insertCount: 9,
      deleteCount: 1,
      upsertCount: 2,
      timestamp: 2n ** 63n + 1n,
    })
  }
  for (const bytes of await forms("mutation of strings")) assertEquals(decodeMutationResult(bytes).ids, texts)
})
