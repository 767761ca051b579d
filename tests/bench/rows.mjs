/**
 * Compares parsing CSV with parsing NDJSON with the same rows, in turns: `deno run -A tests/bench/rows.mjs [ROUNDS]`.
 *
 * On Node, with the npm package: `node tests/bench/rows.mjs ROUNDS FOLDER`. FOLDER has the installed package.
 *
 * A ratio of 1 is as fast as NDJSON. Not measured: reading the file, and writing to a server.
 */
import process from "node:process"
import { pathToFileURL } from "node:url"

const [rounds = "9", folder] = process.argv.slice(2)
const base = folder === undefined ? new URL("../../", import.meta.url) : pathToFileURL(`${folder}/`)
const module = (path) => import(new URL(`src/cli/${path}.${folder === undefined ? "ts" : "js"}`, base).href)
const { csvParser } = await module("input/csv")
const { ndjsonParser } = await module("input/ndjson")
const { toRow } = await module("input/values")
const { csvWriter, ndjsonWriter } = await module("output/writer")

const length = 10_000
const definition = {
  name: "books",
  fields: {
    id: { type: "Int64", options: { primaryKey: true } },
    title: { type: "VarChar", options: { maxLength: 100 } },
    price: { type: "Double", options: {} },
    vector: { type: "FloatVector", options: { dimension: 64 } },
  },
  options: {},
}
const rows = Array.from({ length }, (_, id) => ({
  id,
  title: id % 10 === 0 ? `"Volume ${id}", and more` : `Volume ${id}`,
  price: id / 8,
  vector: Float32Array.from({ length: 64 }, (_, at) => Math.sin(id * 64 + at)),
}))

const texts = new Map(
  [["CSV", csvWriter(Object.keys(rows[0]))], ["NDJSON", ndjsonWriter()]].map((
    [name, writer],
  ) => [name, writer.rows(rows) + writer.end()]),
)
const parsers = new Map([["CSV", csvParser], ["NDJSON", ndjsonParser]])
const times = new Map([["CSV", []], ["NDJSON", []]])
const pieceSize = 2 ** 16
const none = new Set()

const read = (name) => {
  const text = texts.get(name)
  const parser = parsers.get(name)()
  let count = 0
  const take = (parsed) => {
    for (const row of parsed) if (toRow(definition, row, name === "CSV", none).vector.length === 64) count++
  }
  const start = performance.now()
  for (let at = 0; at < text.length; at += pieceSize) take(parser.push(text.slice(at, at + pieceSize)))
  take(parser.end())
  if (count !== length) throw new Error(`${name}: expected ${length} rows, got ${count}`)
  return performance.now() - start
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]
for (const name of texts.keys()) read(name)
for (let round = 0; round < Number(rounds); round++) {
  for (const [name, all] of times) all.push(read(name))
}
for (const [name, all] of times) {
  const time = median(all)
  const ratio = time / median(times.get("NDJSON"))
  console.log(
    `${name.padEnd(7)} ${Math.round(length / time * 1000).toLocaleString("en").padStart(9)} rows/s   x${
      ratio.toFixed(2)
    } of the time of NDJSON`,
  )
}
