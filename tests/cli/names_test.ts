/** Names that users choose may be names of inherited JavaScript properties, such as `constructor`. */
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import { Collection, Connection, Field, Index, Vectors } from "../../mod.ts"
import { csvParser } from "../../src/cli/input/csv.ts"
import { csvWriter, jsonWriter, ndjsonWriter } from "../../src/cli/output/writer.ts"
import { tableWriter } from "../../src/cli/output/table.ts"
import { startServer } from "../support/server.ts"
import { execute } from "./execute.ts"
import { startFake } from "./program.ts"
import { test } from "../support/test.ts"

/** Names that every object inherits. */
const inherited = [...Object.getOwnPropertyNames(Object.prototype)]

test("rule 18: an alias with an inherited name counts as saved only after it is saved", async () => {
  await using server = await startServer()
  const path = await Deno.makeTempDir()
  const env = { XDG_CONFIG_HOME: path }
  try {
    for (const alias of inherited) {
      for (const command of ["ping", "connect", "list collections", "watch"]) {
        const { code, out, err } = await execute([...command.split(" "), "-a", alias], { env })
        assertEquals([code, out], [1, ""], alias)
        assertStringIncludes(err, `error: no connection is saved as "${alias}"`)
      }
      const dropped = await execute(["drop", "connection", alias], { env })
      assertEquals(dropped.out, `${alias}: was not saved\n`)
    }
    assertEquals(server.calls, [])
    for (const alias of inherited) {
      const { code } = await execute(["connect", "-p", `${server.port}`, "-a", alias, "--save"], { env })
      assertEquals(code, 0)
    }
    for (const [at, alias] of inherited.entries()) {
      assertEquals((await execute(["ping", "-a", alias], { env })).code, 0, alias)
      const { out } = await execute(["list", "connections", "-o", "json"], { env })
      assertEquals(JSON.parse(out).map((row: { alias: string }) => row.alias), inherited.slice(at), alias)
      assertEquals((await execute(["drop", "connection", alias], { env })).out, `${alias}: no longer saved\n`)
    }
  } finally {
    await Deno.remove(path, { recursive: true })
  }
})

test("rule 18: columns with inherited names show the values of the row, and nothing else", () => {
  const rows = inherited.map((name, at) => Object.fromEntries([["id", at], [name, `value ${at}`]]))
  const columns = ["id", ...inherited]
  const read = (text: string) => {
    const parser = csvParser()
    return [...parser.push(text), ...parser.end()]
  }
  const csv = csvWriter(columns)
  for (const [at, { values }] of read(csv.rows(rows) + csv.end()).entries()) {
    assertEquals(Object.entries(values).filter(([, value]) => value !== ""), [
      ["id", `${at}`],
      [inherited[at]!, `value ${at}`],
    ])
  }
  const table = tableWriter(columns, { columns: 10_000, hasColor: false }, "rows")
  const [, , ...lines] = (table.rows(rows) + table.end()).trimEnd().split("\n")
  assertEquals(lines.map((line) => line.trim().split(/ {2,}/).slice(1)), rows.map((_, at) => [`value ${at}`]))
  const json = jsonWriter()
  assertEquals(Object.keys(JSON.parse(json.rows(rows) + json.end())[0]), ["id", inherited[0]!])
  assertEquals(ndjsonWriter().rows(rows).split("\n").length, rows.length + 1)
})

test("rule 18: fields, keys, indexes and parameters may have inherited names", async () => {
  await using milvus = await startFake()
  const target = ["-p", milvus.port]
  for (const name of inherited.filter((name) => name !== "__proto__")) {
    const fields = ["--field", "id Int64 primary", "--field", `${name} VarChar(50)`, "--field", "v FloatVector(2)"]
    const created = await execute(["create", "collection", "c", ...fields, "--index", "v FLAT L2", ...target])
    assertEquals([created.code, created.err], [0, ""], name)
    const row = JSON.stringify({ id: 1, [name]: "text", v: [0, 1] })
    assertEquals((await execute(["insert", "c", row, ...target])).err, "")
    const { out } = await execute(["query", "c", "-o", "ndjson", ...target])
    assertEquals(JSON.parse(out)[name], "text")
    await execute(["drop", "collection", "c", "--yes", ...target])
  }
  for (const index of inherited) {
    const { code, err } = await execute([
      ...["create", "collection", "c", "--field", "id Int64 primary", "--field", "v FloatVector(2)"],
      ...["--index", `${index} FLAT L2`, ...target],
    ])
    assert(code !== 0 && err.includes(index), `${index}: ${err}`)
  }
})

test("rule 18: dynamic keys with inherited names survive export and import", async () => {
  await using milvus = await startFake()
  const definition = Collection.define("c", {
    id: Field.int64({ primaryKey: true }),
    v: Field.floatVector({ dimension: 2 }),
  }, { dynamicFields: true, indexes: { v: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
  const run = <A, E>(effect: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provide(effect, Connection.layer(milvus.address)))
  const rows = inherited.map((name, at) => Object.fromEntries([["id", at], ["v", [0, 1]], [name, name]]))
  const path = await Deno.makeTempDir()
  try {
    for (const format of ["csv", "ndjson", "json"]) {
      await run(Effect.andThen(Collection.create(definition), Vectors.insert("c", rows)))
      await execute(["export", "c", `${path}/c.${format}`, "-p", milvus.port])
      await run(Effect.andThen(Collection.drop("c"), Collection.create(definition)))
      assertEquals((await execute(["import", "c", `${path}/c.${format}`, "-p", milvus.port])).err, "")
      const found = await run(Vectors.query("c", undefined, { limit: 100 }))
      for (const row of found.rows) {
        const { id, v: _, ...others } = row as Readonly<Record<string, unknown>>
        const name = inherited[Number(id)]!
        assertEquals(Object.entries(others), [[name, name]])
        assertEquals(Object.getPrototypeOf(row), Object.prototype)
      }
      assertEquals(found.length, inherited.length)
      await run(Collection.drop("c"))
    }
  } finally {
    await Deno.remove(path, { recursive: true })
  }
})
