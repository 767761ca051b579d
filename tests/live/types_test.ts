/**
 * Every type that a server accepts, with its extreme values, written by this library and read by pymilvus, and the
 * reverse. Values are read as they were written, bit for bit.
 */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { filter, toExpression } from "../../src/filter/Filter.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import { lite, standalone } from "./engines.ts"
import type { ExactRow } from "./pymilvus_peer.ts"
import { laboratory } from "./laboratory.ts"
import { columnsOf } from "./types_columns.ts"
import { liteSamples, standaloneSamples } from "./types_collections.ts"
import { testChanges } from "./types_changes.ts"
import { testEdges } from "./types_edges.ts"
import { exact, exactRow, type Row } from "./types_exact.ts"
import { testRefusals } from "./types_refusals.ts"
import { keys, rowsOf } from "./types_values.ts"
import { test } from "../support/test.ts"

const servers = [
  { engine: lite, samples: liteSamples },
  { engine: standalone, samples: standaloneSamples },
]

for (const { engine, samples } of servers) {
  const each = laboratory(engine, samples.map(({ definition }) => definition))
  const { pymilvus, run } = each

  for (const { definition, values, query } of samples) {
    const { name, fields } = definition
    const key = Object.keys(fields)[0]!
    const title = `${engine.name}, ${name}`

    /** Makes rows with keys that no other test uses. */
    const rows = (set: number): ReadonlyArray<Row> => {
      const rows = rowsOf(values)
      return keys(fields[key]!.type, set, rows.length).map((id, at) => ({ [key]: id, ...rows[at] }))
    }
    const exactly = (rows: Iterable<Row>) => sorted(Array.from(rows, (row) => exactRow(fields, row)))
    const sorted = (rows: ReadonlyArray<ExactRow>) =>
      rows.toSorted((a, b) => JSON.stringify(a[key]) < JSON.stringify(b[key]) ? -1 : 1)
    // Cast: all keys have one type.
    const idsOf = (rows: ReadonlyArray<Row>) => rows.map((row) => row[key]) as ReadonlyArray<bigint>
    const where = (rows: ReadonlyArray<Row>) =>
      Result.getOrThrow(toExpression(filter`${filter.field(key)} in ${idsOf(rows)}`))

    /** Waits until rows can be read, too: Milvus 2.3.5 panics if halves are written twice in a tick. */
    const assertRead = async (rows: ReadonlyArray<Row>) => {
      const read = await pymilvus().call("read", { collection: name, filter: where(rows), outputs: ["*"] })
      assertEquals(sorted(read), exactly(rows))
      assertEquals(exactly((await run(Vectors.get(definition, idsOf(rows)))).rows), exactly(rows))
    }
    const writeByPymilvus = async (how: "insert" | "upsert", rows: ReadonlyArray<Row>) => {
      const exact = rows.map((row) => exactRow(fields, row))
      assertEquals(await pymilvus().call("write", { how, collection: name, rows: exact }), rows.length)
      await assertRead(rows)
    }
    /** Returns rows with the same keys and the values of other rows. */
    const turned = (rows: ReadonlyArray<Row>) => rows.map((row, at) => ({ ...rows.at(at - 1)!, [key]: row[key] }))

    test(`${title}: Vectors.insert writes rows that pymilvus reads to the bit`, async () => {
      const written = rows(0)
      assertEquals<ReadonlyArray<unknown>>([...(await run(Vectors.insert(definition, written))).ids], idsOf(written))
      await assertRead(written)
    })

    test(`${title}: Vectors.insert writes columns that pymilvus reads to the bit`, async () => {
      const written = rows(1)
      await run(Vectors.insert(definition, columnsOf(definition, written)))
      await assertRead(written)
    })

    test(`${title}: Vectors.upsert by a plain name replaces what pymilvus wrote`, async () => {
      const written = rows(2)
      await writeByPymilvus("insert", turned(written))
      await run(Vectors.upsert(name, written))
      await assertRead(written)
    })

    test(`${title}: pymilvus upserts rows that were inserted here, and each way to read returns them to the bit`, async () => {
      const written = rows(3)
      const expected = exactly(written)
      await run(Vectors.insert(name, columnsOf(definition, turned(written))))
      await assertRead(turned(written))
      await writeByPymilvus("upsert", written)
      await run(Effect.gen(function* () {
        for (const collection of [definition, name]) {
          assertEquals(exactly((yield* Vectors.query(collection, where(written))).rows), expected)
          const pages = yield* Stream.runCollect(Vectors.queryBatches(collection, where(written), { batchSize: 5 }))
          assertEquals(exactly([...pages].flatMap(({ rows }) => rows.toArray())), expected)
        }
      }))
    })

    if (query !== undefined) {
      test(`${title}: Vectors.search returns the rows of its hits to the bit, as pymilvus does`, async () => {
        const written = rows(4)
        const { field, vector } = query
        const options = { field, limit: 100, filter: where(written), outputFields: ["*"] }
        await run(Vectors.insert(definition, written))
        for (const collection of [definition, name]) {
          // Cast: sparse vectors are vectors, too.
          const found = await run(Vectors.search(collection, [vector] as Vectors.SearchData, options))
          assertEquals(exactly(Array.from(found.hits(), ({ id, row }) => ({ ...row, [key]: id }))), exactly(written))
        }
        const [hits] = await pymilvus().call("search", {
          collection: name,
          field,
          vectors: [exact(fields[field]!, vector)],
          limit: 100,
          filter: where(written),
          outputs: ["*"],
        })
        assertEquals(sorted(hits!.map(({ id, row }) => ({ ...row, [key]: id }))), exactly(written))
      })
    }
  }
  testEdges(each, samples[0]!)
  testRefusals(each)
  if (engine === lite) testChanges(each)
}
