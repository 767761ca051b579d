/** Round trip through files: `import` reads the same rows that `export` wrote, on every server and in every format. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection, Field, Index } from "../../mod.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import type { Engine } from "../live/engines.ts"
import { lite, standalone } from "../live/engines.ts"
import { liteSamples, type Sample, standaloneSamples } from "../live/types_collections.ts"
import { exactRow, type Row } from "../live/types_exact.ts"
import { keys, rowsOf } from "../live/types_values.ts"
import { type MilvusServer, shared } from "../support/milvus.ts"
import { execute } from "./execute.ts"
import { type Fake, startFake } from "./program.ts"
import { test } from "../support/test.ts"

/** Keys and values that look like something else; the later rows have keys that the first do not. */
const dynamicRows: ReadonlyArray<Row> = [
  {},
  { text: "5", value: 5 },
  { text: "true", value: true },
  { text: "null", value: null },
  { text: "[1]", value: [1] },
  { text: "", value: 1.5 },
  { text: '"quoted"', value: " 7 " },
  { text: "007", value: "1e3" },
  { text: 'a\r\nb,"c"', value: "\ufeff" },
  { "a,b": 1, 'q"': 2, constructor: 3, toString: "4", "": 5 },
  Object.fromEntries([["__proto__", "6"]]),
  { long: 9007199254740993n, longs: [-9223372036854775808n], late: "語" },
]

const samplesOf = (engine: Engine): ReadonlyArray<Sample> => engine.name === lite.name ? liteSamples : standaloneSamples

const written = ({ definition, values }: Sample): ReadonlyArray<Row> => {
  const rows = rowsOf(values)
  const [key, field] = Object.entries(definition.fields).find(([, { options }]) => options.primaryKey === true)!
  const length = Math.max(rows.length, dynamicRows.length)
  const ids = keys(field.type, 0, length)
  return Array.from({ length }, (_, at) =>
    Object.fromEntries([
      [key, ids[at]],
      ...Object.entries(rows[at % rows.length]!),
      ...definition.options.dynamicFields === true ? Object.entries(dynamicRows[at] ?? {}) : [],
    ]))
}

const held = (address: string, { definition }: Sample) =>
  Effect.runPromise(Effect.provide(
    Effect.gen(function* () {
      const { rows } = yield* Vectors.query(definition, undefined, { limit: 1000, consistency: "Strong" })
      const [key] = Object.entries(definition.fields).find(([, { options }]) => options.primaryKey === true)!
      const exact = rows.toArray().map((row) => [String((row as Row)[key]), json(definition, row as Row)] as const)
      return new Map(exact.toSorted(([a], [b]) => a < b ? -1 : 1))
    }),
    Connection.layer(address),
  ))

/** Compares rows bit by bit, and integers beyond 2^53 by their digits. */
const json = ({ fields }: Collection.AnyDefinition, row: Row): string =>
  JSON.stringify(
    Object.entries(exactRow(fields, row)).toSorted(([a], [b]) => a < b ? -1 : 1),
    (_, value) => typeof value === "bigint" ? `${value}n` : value,
  )

const checkTransfer = async (address: string, sample: Sample, folder: string) => {
  const { definition } = sample
  const target = ["--uri", `http://${address}`]
  const run = <A, E>(program: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provide(program, Connection.layer(address)))
  await run(Collection.create(definition))
  await run(Vectors.insert(definition, written(sample)))
  const before = await held(address, sample)
  assertEquals(before.size, written(sample).length)
  for (const format of ["csv", "ndjson", "json"]) {
    const file = `${folder}/${definition.name}.${format}`
    const exported = await execute(["export", definition.name, file, ...target, "--batch", "7"])
    assertEquals([exported.code, exported.err], [0, ""])
    assertStringIncludes(exported.out, `exported ${before.size} rows`)
    await run(Collection.drop(definition))
    await run(Collection.create(definition))
    const imported = await execute(["import", definition.name, file, ...target])
    assertEquals([imported.code, imported.err], [0, ""], format)
    const after = await held(address, sample)
    for (const [key, row] of before) assertEquals(after.get(key), row, `${format}, key ${JSON.stringify(key)}`)
    assertEquals(after.size, before.size)
  }
  await run(Collection.drop(definition))
}

for (const engine of [lite, standalone]) {
  const server: () => MilvusServer = shared(engine.start)
  for (const sample of samplesOf(engine)) {
    test(`rule 1: ${engine.name}: rows of "${sample.definition.name}" are the same after export and import`, async () => {
      const folder = await Deno.makeTempDir()
      try {
        await checkTransfer(server().address, sample, folder)
      } finally {
        await Deno.remove(folder, { recursive: true })
      }
    })
  }
}

test("rule 1: query prints CSV that import reads as the same rows", async () => {
  await using milvus = await startFake()
  const sample = standaloneSamples[0]!
  const { definition } = sample
  const run = <A, E>(program: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provide(program, Connection.layer(milvus.address)))
  await run(Effect.andThen(Collection.create(definition), Vectors.insert(definition, written(sample))))
  const before = await held(milvus.address, sample)
  const target = ["-p", milvus.port]
  const { code, out } = await execute(["query", definition.name, "--limit", "1000", "-o", "csv", ...target])
  assertEquals(code, 0)
  const file = await Deno.makeTempFile({ suffix: ".csv" })
  try {
    await Deno.writeTextFile(file, out)
    await run(Effect.andThen(Collection.drop(definition), Collection.create(definition)))
    const imported = await execute(["import", definition.name, file, ...target])
    assertEquals([imported.code, imported.err], [0, ""])
    for (const [key, row] of before) assertEquals((await held(milvus.address, sample)).get(key), row)
  } finally {
    await Deno.remove(file)
  }
})

/** A server with a collection of one number a row. */
const withNumbers = async (use: (port: string, folder: string, server: Fake["server"]) => Promise<void>) => {
  await using milvus = await startFake()
  const definition = Collection.define("numbers", {
    id: Field.int64({ primaryKey: true }),
    n: Field.int32(),
    v: Field.floatVector({ dimension: 2 }),
  }, { indexes: { v: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
  await Effect.runPromise(Effect.provide(Collection.create(definition), Connection.layer(milvus.address)))
  const folder = await Deno.makeTempDir()
  try {
    await use(milvus.port, folder, milvus.server)
  } finally {
    await Deno.remove(folder, { recursive: true })
  }
}

test("rule 20: export to a path that cannot be written reports the reason, and leaves nothing", () =>
  withNumbers(async (port, folder) => {
    await Deno.writeTextFile(`${folder}/file`, "kept")
    const places: ReadonlyArray<readonly [path: string, code: number, expected: RegExp]> = [
      [
        `${folder}/none/x.csv`,
        1,
        /cannot be written: ENOENT: no such file or directory\. Create the folder first: .*none\.\n$/,
      ],
      [`${folder}/file/x.csv`, 1, /cannot be written: ENOTDIR: not a directory\n$/],
      [folder, 2, /expected a file, got a folder\n$/],
    ]
    for (const [path, code, expected] of places) {
      const outcome = await execute(["export", "numbers", path, "-p", port])
      assertEquals([outcome.code, outcome.out], [code, ""])
      assertMatch(outcome.err, expected)
    }
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["file"])
    assertEquals(await Deno.readTextFile(`${folder}/file`), "kept")
  }))

test("rule 20: an export that fails in the middle leaves the previous file, and no other", () =>
  withNumbers(async (port, folder, server) => {
    const rows = Array.from({ length: 10 }, (_, id) => ({ id, n: id, v: [0, 1] }))
    await execute(["insert", "numbers", JSON.stringify(rows), "-p", port])
    await Deno.writeTextFile(`${folder}/x.csv`, "kept")
    let queries = 0
    await Effect.runPromise(server.delay("Query", "1 millis"))
    await Effect.runPromise(
      server.handle(
        "Query",
        (request) =>
          ++queries > 1 || request.expr.includes("nothing")
            ? Effect.fail({ code: 1100, reason: "the disk is full" })
            : Effect.succeed({
              fields_data: [
                { type: "Int64", field_name: "id", field_id: 100n, scalars: { long_data: { data: [0n, 1n] } } },
              ],
            }),
      ),
    )
    const { code, err } = await execute(["export", "numbers", `${folder}/x.csv`, "--batch", "2", "-p", port])
    assertEquals(code, 1)
    assertStringIncludes(err, "the disk is full")
    assertEquals((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), ["x.csv"])
    assertEquals(await Deno.readTextFile(`${folder}/x.csv`), "kept")
  }))

test("rule 20: a failed import reports the number of written rows, and --skip continues from there", () =>
  withNumbers(async (port, folder, server) => {
    const line = (id: number, n: unknown = id) => JSON.stringify({ id, n, v: [0, 1] })
    const good = Array.from({ length: 7 }, (_, id) => line(id))
    const count = async () => {
      const { out } = await execute(["query", "numbers", "--fields", "count(*)", "-o", "ndjson", "-p", port])
      return JSON.parse(out)["count(*)"]
    }
    const run = (text: string, ...flags: ReadonlyArray<string>) =>
      Deno.writeTextFile(`${folder}/x.ndjson`, text).then(() =>
        execute(["import", "numbers", `${folder}/x.ndjson`, "--batch", "2", "-p", port, ...flags])
      )
    // A piece of the file that is not JSON is rejected as a whole.
    const broken: ReadonlyArray<readonly [at: number, line: string, expected: RegExp]> = [
      [0, line(0, "x"), /line 1: field "n": .*; no rows were written\n$/],
      [0, "{", /line 1: invalid JSON.*; no rows were written\n$/],
      [5, line(5, 2 ** 40), /line 6: field "n": .*; 4 rows were written before\. Write the rest with --skip 4\.\n$/],
      [5, "{", /line 6: invalid JSON.*; no rows were written\n$/],
      [6, "[]", /line 7: expected an object.*; 6 rows were written before\. Write the rest with --skip 6\.\n$/],
    ]
    for (const [at, wrong, expected] of broken) {
      await execute(["delete", "numbers", "--filter", "id >= 0", "--yes", "-p", port])
      const failed = await run(good.with(at, wrong).join("\n"))
      assertEquals([failed.code, failed.out], [1, ""])
      assertMatch(failed.err, expected)
      const written = Number(/(\d+) rows were written/.exec(failed.err)?.[1] ?? 0)
      assertEquals(await count(), written)
      assertEquals((await run(good.join("\n"), "--skip", `${written}`)).code, 0)
      assertEquals(await count(), good.length)
    }
    await execute(["delete", "numbers", "--filter", "id >= 0", "--yes", "-p", port])
    await Effect.runPromise(server.fail("Insert", { code: 1100, reason: "the disk is full" }))
    const { code, err } = await run(good.join("\n"))
    assertEquals(code, 1)
    assertMatch(err, /the disk is full.*; the rows from line 1 on were not written; no rows were written\n$/)
  }))
