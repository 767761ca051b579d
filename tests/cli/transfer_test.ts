/** Rows through files: what `export` writes, `import` reads as the same rows, on every server and in every format. */
import { assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import type { Engine } from "../live/engines.ts"
import { lite, standalone, test } from "../live/engines.ts"
import { liteSamples, type Sample, standaloneSamples } from "../live/types_collections.ts"
import { exactRow, type Row } from "../live/types_exact.ts"
import { keys, rowsOf } from "../live/types_values.ts"
import { type MilvusServer, shared } from "../support/milvus.ts"
import { execute } from "./execute.ts"
import { startFake } from "./program.ts"

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

/** To the bit; integers beyond 2^53 by their digits. */
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
