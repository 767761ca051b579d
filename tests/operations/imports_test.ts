/** Imports of real files, by an embedded Milvus 2.3.5, whose storage is its data directory, and by a FakeMilvus. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Collection, Connection, Field, Import, Index, Maintenance, Vectors } from "../../mod.ts"
import * as Embedded from "../../src/Embedded.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { run } from "../support/effects.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

const Books = Collection.define("imported", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
  title: Field.varChar({ maxLength: 20 }),
  tags: Field.array(Field.int64(), { maxCapacity: 3 }),
  more: Field.json(),
}, {
  indexes: { vector: Index.flat({ metric: "L2" }) },
  consistencyLevel: "Strong",
  dynamicFields: true,
})

const Numbered = Collection.define("numbered", {
  id: Field.int64({ primaryKey: true, autoId: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const row = (id: number, title: string) => ({ id, vector: [id, 1], title, tags: [id, 2], more: { id }, color: "red" })

const Plain = Collection.define("plain", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
  title: Field.varChar({ maxLength: 20 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

/** Returns the file of an array of NumPy. */
const array = (type: string, shape: string, { buffer }: ArrayBufferView): Uint8Array => {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`
  // The data begins at a multiple of 64 bytes.
  const padded = new TextEncoder().encode(`${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`)
  return new Uint8Array([
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    1,
    0,
    padded.length,
    0,
    ...padded,
    ...new Uint8Array(buffer),
  ])
}

const files: Readonly<Record<string, string | Uint8Array>> = {
  "uploads/id.npy": array("<i8", "2,", BigInt64Array.of(7n, 2n ** 60n)),
  "uploads/vector.npy": array("<f4", "2, 2", Float32Array.of(1, 2, 3, 4)),
  "uploads/title.npy": array("<U3", "2,", Uint32Array.from("aé\0xyz", (it) => it.codePointAt(0) ?? 0)),
  "uploads/books.json": JSON.stringify({ rows: [row(1, "one"), row(2, "two"), row(3, "three")] }),
  "uploads/numbered.json": JSON.stringify([{ vector: [1, 1] }, { vector: [2, 1] }]),
  "uploads/extra.json": JSON.stringify({ rows: [{ vector: [1, 1], color: "red" }] }),
}

const importBooks = Effect.gen(function* () {
  yield* Collection.create(Books, { load: false })
  yield* Collection.create(Numbered, { load: false })
  yield* Collection.create(Plain, { load: false })
  const job = yield* Import.start(Books, ["uploads/books.json"])
  const steps = yield* Stream.runCollect(job.progress)
  assertEquals(steps.at(-1)?.rows, 3)
  assertEquals(steps.at(-1)?.percent, 100)

  const [numbers, arrays, partial, extra, nowhere] = [
    yield* Import.start(Numbered, ["uploads/numbered.json"]),
    yield* Import.start(Plain, ["uploads/id.npy", "uploads/vector.npy", "uploads/title.npy"]),
    yield* Import.start(Plain, ["uploads/id.npy"]),
    yield* Import.start(Numbered, ["uploads/extra.json"]),
    yield* Import.start(Numbered, ["uploads/nowhere.json"]),
  ]
  const { tasks: [task] } = yield* numbers.await
  assertEquals([task?.state, task?.rows, task?.collection], ["Completed", 2, "numbered"])
  const [[from, to] = [0n, 0n]] = task?.ids ?? []
  assertEquals(to - from, 2n)
  assertEquals((yield* arrays.await).rows, 2)
  assertStringIncludes(String(yield* Effect.flip(partial.await)), "there is no file corresponding to field '")
  assertStringIncludes(String(yield* Effect.flip(extra.await)), "the field 'color' is not defined in collection schema")
  assertStringIncludes(String(yield* Effect.flip(nowhere.await)), "failed to get file size of 'uploads/nowhere.json'")
  assertEquals(
    (yield* Import.list({ collection: Numbered })).map(({ state, files }) => [state, ...files]),
    [
      ["Completed", "uploads/numbered.json"],
      ["Failed", "uploads/extra.json"],
      ["Failed", "uploads/nowhere.json"],
    ],
  )
  const created = (yield* Import.describe(job.id[0]!)).created?.getTime() ?? 0
  assert(Math.abs(created - Date.now()) < 600_000)
  assertEquals((yield* Maintenance.segments(Books)).map(({ rows, state }) => [rows, state]), [[3, "Flushed"]])

  for (const C of [Books, Numbered, Plain]) yield* Collection.load(C)
  const { rows } = yield* Vectors.query(Books, "id > 0")
  assertEquals(
    rows.toArray().map(({ id, title, tags, more, color }) => ({ id, title, tags, more, color })),
    [{ id: 1n, title: "one" }, { id: 2n, title: "two" }, { id: 3n, title: "three" }].map(({ id, title }) => (
      { id, title, tags: [id, 2n], more: { id: Number(id) }, color: "red" }
    )),
  )
  const plain = yield* Vectors.query(Plain, "id > 0")
  assertEquals(plain.rows.toArray(), [
    { id: 7n, vector: Float32Array.of(1, 2), title: "aé" },
    { id: 2n ** 60n, vector: Float32Array.of(3, 4), title: "xyz" },
  ])
  const keys = yield* Vectors.query(Numbered, "id > 0", { outputFields: ["id"] })
  assertEquals(keys.rows.toArray().map(({ id }) => id), [from, from + 1n])
})

test("Milvus 2.3.5, embedded: imports files of its data directory, whose rows are found afterwards", async () => {
  const python = await pythonWith("milvus")
  await run(Effect.gen(function* () {
    const server = yield* Embedded.start({ engine: "milvus", python })
    yield* Effect.promise(async () => {
      await Deno.mkdir(`${server.dataDirectory}/uploads`)
      for (const [path, content] of Object.entries(files)) {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
        await Deno.writeFile(`${server.dataDirectory}/${path}`, bytes)
      }
    })
    yield* Effect.provide(importBooks, Connection.layer(server.address))
  }))
})

for (const version of ["v2.3.5", "v2.6.2"]) {
  test(`FakeMilvus ${version}: imports files that it was given`, async () => {
    await run(Effect.provide(importBooks, FakeMilvus.layerConnected({ version, files })))
  })
}

test("FakeMilvus: an import fails if its collection is dropped, and adds no rows before its end", async () => {
  const program = Effect.gen(function* () {
    yield* Collection.create(Books)
    const [job, late] = [
      yield* Import.start(Books, ["uploads/books.json"]),
      yield* Import.start(Books, ["uploads/books.json"]),
    ]
    const count = Effect.map(Vectors.query(Books, undefined, { limit: 9 }), ({ rows }) => rows.length)
    const state = Effect.map(Import.describe(job.id[0]!), ({ state }) => state)
    assertEquals(yield* state, "Pending")
    yield* TestClock.adjust("50 millis")
    assertEquals(yield* state, "Started")
    assertEquals(yield* count, 0)
    yield* TestClock.adjust("50 millis")
    yield* job.await
    assertEquals(yield* count, 3)
    yield* late.await
    const dropped = yield* Import.start(Books, ["uploads/books.json"])
    yield* Collection.drop(Books)
    yield* TestClock.adjust("100 millis")
    assertStringIncludes(String(yield* Effect.flip(dropped.await)), "dropped: importing data failed")
    const refused = yield* Effect.flip(Import.start("imported", ["uploads/books.json"]))
    assertEquals(refused._tag === "ServerError" && refused.code, 100)
  })
  await run(program.pipe(Effect.provide(FakeMilvus.layerConnected({ files })), Effect.provide(TestClock.layer())))
})
