/**
 * Measures the codec of large messages by itself, compared with copying the same memory and with other codecs for the
 * same bytes.
 *
 *     deno run -A tests/bench/codec.ts
 *
 * Compare the ratios, not the times. The lines of a table are measured in turns, in one process, and each is the median
 * of its turns. Not measured: the network, gRPC, making rows from columns, memory that is held, and a new process (all
 * code is warm).
 */
import { Buffer } from "node:buffer"
// deno-lint-ignore no-import-prefix -- proto-loader decodes with it, and only this benchmark needs it
import protobuf from "npm:protobufjs@^7.6.6"
import full from "../../src/contract/descriptor.json" with { type: "json" }
import { decodeSearchResults, encodeInsert } from "../../src/codec/mod.ts"
import { readHits } from "./minimal.ts"

const root = protobuf.Root.fromJSON(full as unknown as protobuf.INamespace)
const InsertRequest = root.lookupType("milvus.proto.milvus.InsertRequest")
const SearchResults = root.lookupType("milvus.proto.milvus.SearchResults")

const turns = Number(Deno.args[0] ?? 25)
const only = Deno.args[1]

/** Measures all in turns, and prints each with its ratio to the first. */
const compare = (title: string, per: number, unit: string, runs: Readonly<Record<string, () => unknown>>): void => {
  if (only !== undefined && !title.includes(only)) return
  const names = Object.keys(runs)
  const times = new Map(names.map((name) => [name, new Array<number>()]))
  for (const run of Object.values(runs)) for (const end = performance.now() + 300; performance.now() < end;) run()
  for (let turn = 0; turn < turns; turn++) {
    for (const name of names) {
      const run = runs[name]!
      const begin = performance.now()
      let count = 0
      do {
        run()
        count++
      } while (performance.now() - begin < 20)
      times.get(name)!.push((performance.now() - begin) / count)
    }
  }
  const median = (name: string): number => times.get(name)!.toSorted((a, b) => a - b)[turns >> 1]!
  const first = median(names[0]!)
  console.log(`\n${title}\n`)
  console.log(`| | ms | ${unit}/s | times the first |\n|---|---:|---:|---:|`)
  for (const name of names) {
    const time = median(name)
    const rate = per / time * 1e3
    const shown = rate > 1e6 ? `${(rate / 1e6).toFixed(2)} M` : `${(rate / 1e3).toFixed(1)} k`
    console.log(`| ${name} | ${time.toFixed(3)} | ${shown} | ${(time / first).toFixed(2)} |`)
  }
}

// ---- encode

const dimension = 768
const rows = 1_000
const vectors = Float32Array.from({ length: rows * dimension }, () => Math.random() - 0.5)
const memory = new Uint8Array(vectors.buffer)
const nested = Array.from(
  { length: rows },
  (_, row) => Array.from(vectors.subarray(row * dimension, (row + 1) * dimension)),
)
const nestedDoubles = nested.map((row) => row.map(() => Math.random() - 0.5))
const typedRows = nested.map((row) => Float32Array.from(row))
const ids = BigInt64Array.from({ length: rows }, (_, row) => 450000000000000000n + BigInt(row) * 7n)
const numbers = Array.from({ length: rows }, (_, row) => row)
const idColumn = { fieldName: "id", type: "Int64", values: ids } as const

const insert = (column: Parameters<typeof encodeInsert>[0]["columns"][number]) =>
  encodeInsert({ collectionName: "bench", columns: [idColumn, column] })

const viaProtobufjs = () =>
  InsertRequest.encode({
    collection_name: "bench",
    num_rows: rows,
    fields_data: [
      { type: 5, field_name: "id", scalars: { long_data: { data: numbers } } },
      { type: 101, field_name: "v", vectors: { dim: dimension, float_vector: { data: vectors } } },
    ],
  }).finish()

compare(`InsertRequest of ${rows} rows: an Int64, and a vector of ${dimension} dimensions`, rows, "rows", {
  "the memory of the vectors copied": () => {
    const copy = new Uint8Array(memory.length)
    copy.set(memory)
    return copy
  },
  "codec, one Float32Array": () => insert({ fieldName: "v", type: "FloatVector", dimension, values: vectors }),
  "codec, a Float32Array a row": () => insert({ fieldName: "v", type: "FloatVector", rows: typedRows }),
  "codec, number[][]": () => insert({ fieldName: "v", type: "FloatVector", rows: nestedDoubles }),
  "number[][] through Float32Array.set and copied": () => {
    const flat = new Float32Array(rows * dimension)
    for (let row = 0; row < rows; row++) flat.set(nestedDoubles[row]!, row * dimension)
    const copy = new Uint8Array(flat.byteLength)
    copy.set(new Uint8Array(flat.buffer))
    return copy
  },
  "codec, number[][] as Float16Vector": () => insert({ fieldName: "v", type: "Float16Vector", rows: nestedDoubles }),
  "protobufjs, Float32Array": viaProtobufjs,
})

const titles = Array.from({ length: 20_000 }, (_, row) => `title of row ${row}`)
const manyIds = BigInt64Array.from(titles, (_, row) => 450000000000000000n + BigInt(row))
const encoder = new TextEncoder()
compare("InsertRequest of 20000 rows: an Int64, and a VarChar of about 18 bytes", titles.length, "rows", {
  "TextEncoder, all strings joined": () => encoder.encode(titles.join("")),
  "codec": () =>
    encodeInsert({
      collectionName: "bench",
      columns: [{ fieldName: "id", type: "Int64", values: manyIds }, {
        fieldName: "t",
        type: "VarChar",
        values: titles,
      }],
    }),
  "protobufjs": () =>
    InsertRequest.encode({
      num_rows: titles.length,
      fields_data: [{ type: 21, field_name: "t", scalars: { string_data: { data: titles } } }],
    }).finish(),
})

// ---- decode

const queries = 100
const limit = 1_000
const hits = queries * limit
const hitIds = Array.from({ length: hits }, (_, hit) => 450000000000000000n + BigInt(hit) * 7n)
// Cast: the type of Long in protobufjs has no constructors.
const Long = protobuf.util.Long as unknown as { readonly fromBits: (low: number, high: number) => object }
const reply = (withTitles: boolean): Buffer =>
  Buffer.from(
    SearchResults.encode(SearchResults.fromObject({
      status: {},
      results: {
        num_queries: queries,
        top_k: limit,
        scores: hitIds.map((_, hit) => 1 / (hit % limit + 1)),
        ids: { int_id: { data: hitIds.map((id) => Long.fromBits(Number(id & 0xffffffffn) | 0, Number(id >> 32n))) } },
        topks: Array.from({ length: queries }, () => limit),
        ...(withTitles
          ? {
            fields_data: [{
              type: 21,
              field_name: "title",
              scalars: { string_data: { data: hitIds.map((_, hit) => `title of row ${hit}`) } },
            }],
          }
          : {}),
      },
    })).finish(),
  )

const plain = reply(false)
compare(`SearchResults of ${hits} hits: ids, scores and topks`, hits, "hits", {
  "a minimal reader by hand": () => readHits(plain),
  "codec": () => decodeSearchResults(plain),
  "protobufjs": () => SearchResults.decode(plain),
})

const titled = reply(true)
compare(`SearchResults of ${hits} hits: the same with a VarChar of about 18 bytes`, hits, "hits", {
  "a minimal reader by hand, one text cut up": () => readHits(titled, "all"),
  "a minimal reader by hand, TextDecoder a string": () => readHits(titled, "each"),
  "codec": () => decodeSearchResults(titled),
  "protobufjs": () => SearchResults.decode(titled),
})

const small = Buffer.from(
  SearchResults.encode(SearchResults.fromObject({
    status: {},
    results: {
      num_queries: 1,
      top_k: 10,
      scores: Array(10).fill(0.5),
      ids: { int_id: { data: Array(10).fill(7) } },
      topks: [10],
    },
  })).finish(),
)
compare("SearchResults of 10 hits", 1, "replies", {
  "a minimal reader by hand": () => readHits(small),
  "codec": () => decodeSearchResults(small),
  "protobufjs": () => SearchResults.decode(small),
})
