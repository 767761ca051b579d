/**
 * JSON with the npm package on Node and Bun, as on Deno: integers keep their digits, `__proto__` is a key like any
 * other, and the command line imports its own exports.
 *
 * Needs `node` and `npm`, and the npm registry for Bun. A test fails if they are missing.
 */
import * as Effect from "effect/Effect"
import { fileURLToPath } from "node:url"
import { assertEquals } from "@std/assert"
import { Collection, Connection, Field, Index } from "../mod.ts"
import { startFake } from "./cli/program.ts"
import { run } from "./support/effects.ts"
import { test } from "./support/test.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Runs a program and returns its output. Kills it after 90 s. */
async function succeed(command: string, args: ReadonlyArray<string>, cwd: string): Promise<string> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", XDG_CONFIG_HOME: cwd, npm_config_loglevel: "error" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const timer = setTimeout(() => child.kill("SIGKILL"), 90_000)
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer))
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string]
  assertEquals(code, 0, `${command} ${args.join(" ")}\n${out}${err}`)
  return out.trim()
}

/** Makes a folder with the npm package and Bun, once. No script runs at install. */
const project = () => installed ??= install()
let installed: ReturnType<typeof install> | undefined

async function install(): Promise<Readonly<Record<"path" | "node" | "bun", string>>> {
  const path = await Deno.makeTempDir({ prefix: "effect-milvus-json-" })
  await Deno.writeTextFile(`${path}/package.json`, JSON.stringify({ private: true, type: "module" }))
  await succeed(Deno.execPath(), ["run", "-A", "--no-lock", "tests/support/pack.ts", `${path}/package.tgz`], root)
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]
  await succeed("npm", ["install", ...flags, "./package.tgz", "bun@1.4.5"], path)
  // The package of this platform, from which the install script of Bun would take it.
  const [platform] = await Array.fromAsync(Deno.readDir(`${path}/node_modules/@oven`))
  const bun = `${path}/node_modules/@oven/${platform?.name}/bin/${Deno.build.os === "windows" ? "bun.exe" : "bun"}`
  return { path, node: "node", bun }
}

Deno.test.afterAll(async () => {
  const made = await installed
  if (made !== undefined) await Deno.remove(made.path, { recursive: true })
})

const Rows = Collection.define("rows", {
  id: Field.int64({ primaryKey: true }),
  j: Field.json(),
  v: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, indexes: { v: Index.flat({ metric: "L2" }) } })

/** A program in JavaScript that runs on Node 20. */
const script = (address: string) => `
  import { Collection, Field, filter, Json } from "@effect-milvus/client"
  import { connect } from "@effect-milvus/client/promise"
  const Rows = Collection.define("rows", {
    id: Field.int64({ primaryKey: true }), j: Field.json(), v: Field.floatVector({ dimension: 2 }),
  }, { dynamicFields: true })
  const milvus = await connect(${JSON.stringify(address)})
  const given = Json.parse('{"id":1,"j":{"n":9007199254740993,"__proto__":{"n":-9223372036854775808}},"v":[0,1],' +
    '"__proto__":{"isAdmin":true},"constructor":1,"\\\\"":[18446744073709551616]}')
  await milvus.vectors.insert(Rows, [given, { id: 2, j: [1n, new Float32Array([0.5])], v: [1, 1], ids: new BigInt64Array([5n]) }])
  await milvus.vectors.insert(Rows, { id: [3], j: [{}], v: [[0, 0]], $meta: [Json.parse('{"__proto__":{"isAdmin":true}}')] })
  const read = async () =>
    (await milvus.vectors.query(Rows, filter\`id > \${0}\`, { outputFields: ["*"], consistency: "Strong" })).rows
  const rows = await read()
  for (const row of rows) {
    if (Object.getPrototypeOf(row) !== Object.prototype || row.isAdmin !== undefined) console.log("not plain", row)
  }
  console.log(Json.stringify(rows))
  console.log(JSON.stringify(rows))
  await milvus.vectors.upsert(Rows, rows.toArray())
  console.log(Json.stringify(await read()) === Json.stringify(rows))
  for (const wrong of [new Set(), new Map(), NaN, undefined, () => 1, Symbol(), new Date(NaN), "\\ud800", [,1]]) {
    const error = await milvus.vectors.insert(Rows, [{ id: 4, j: { a: [wrong] }, v: [0, 0] }]).catch((error) => error)
    if (error._tag !== "CodecError" || error.field !== "j" || error.row !== 0) console.log("not refused", wrong, error)
  }
  let deep = 1n << 60n
  for (let depth = 0; depth < 100000; depth++) deep = [deep]
  try {
    Json.stringify(deep)
  } catch (error) {
    console.log(error._tag)
  }
  let depth = 0
  for (let value = Json.parse("[".repeat(100000) + "]".repeat(100000)); Array.isArray(value); value = value[0]) depth++
  console.log(depth)
  await milvus.close()`

const first = `{"id":1,"j":{"n":9007199254740993,"__proto__":{"n":-9223372036854775808}},"v":[0,1],` +
  `"__proto__":{"isAdmin":true},"constructor":1,"\\"":[18446744073709551616]}`
const second = `{"id":2,"j":[1,[0.5]],"v":[1,1],"ids":[5]}`
const third = `{"id":3,"j":{},"v":[0,0],"__proto__":{"isAdmin":true}}`
const rows = `[${[first, second, third].join(",")}]`
const printed = [rows, rows.replaceAll(/-?\d{16,}/g, '"$&"'), "true", "CodecError", "100000"].join("\n")

const withRows = async (use: (fake: Awaited<ReturnType<typeof startFake>>) => Promise<void>): Promise<void> => {
  await using milvus = await startFake()
  await run(Effect.provide(Collection.create(Rows), Connection.layer(milvus.address)))
  await use(milvus)
}

for (const runtime of ["node", "bun", "deno"] as const) {
  test(`rule 2: rows are read as they were written, whatever their keys, on ${runtime}`, () =>
    withRows(async ({ address }) => {
      if (runtime === "deno") {
        const file = await Deno.makeTempFile({ suffix: ".mjs" })
        await Deno.writeTextFile(file, script(address))
        assertEquals(await succeed(Deno.execPath(), ["run", "-A", "--config=deno.json", file], root), printed)
        return await Deno.remove(file)
      }
      const { path, [runtime]: command } = await project()
      await Deno.writeTextFile(`${path}/rows.mjs`, script(address))
      assertEquals(await succeed(command, ["rows.mjs"], path), printed)
    }))
}

for (const runtime of ["node", "bun"] as const) {
  test(`rule 2: the command line imports what it exported, digit by digit, on ${runtime}`, () =>
    withRows(async ({ port }) => {
      const { path, [runtime]: command } = await project()
      const cli = (...words: ReadonlyArray<string>) =>
        succeed(command, ["node_modules/@effect-milvus/client/bin/effect-milvus.js", ...words, "-p", port], path)
      const lines = [first, second, third].join("\n") + "\n"
      await Deno.writeTextFile(`${path}/rows.ndjson`, lines)
      await Deno.writeTextFile(`${path}/rows.json`, rows)
      await cli("import", "rows", "rows.ndjson")
      for (const format of ["ndjson", "json", "csv"]) {
        const text = await cli("query", "rows", "-o", format)
        await Deno.writeTextFile(`${path}/again.${format}`, text)
        await cli("delete", "rows", "--ids", "1,2,3", "--yes")
        await cli("import", "rows", `again.${format}`)
        assertEquals(`${await cli("export", "rows")}\n`, lines, format)
      }
    }))
}
