/**
 * Compares the JSON codec with `JSON.parse` and `JSON.stringify`. Without integers beyond 2^53, it may take at most
 * twice as long:
 * `deno task bench json`, or `deno run -A tests/bench/json.ts [TURNS]`.
 *
 * Compare the ratios. The peers take turns in one process, and a ratio is the median of all turns. Each written text is
 * read once, as by a request, so that the engine cannot defer its making. Documents with longer integers are at the
 * end: no other parser of the runtime reads them.
 */
import { parseJson } from "../../src/codec/parseJson.ts"
import { stringifyJson } from "../../src/codec/stringifyJson.ts"

const turns = Number(Deno.args[0] ?? 15)

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Milliseconds of each peer, by turn. */
const measure = (runs: ReadonlyArray<() => void>): ReadonlyArray<ReadonlyArray<number>> => {
  const times = runs.map(() => new Array<number>())
  for (let turn = -2; turn < turns; turn++) {
    runs.forEach((run, at) => {
      const start = performance.now()
      let count = 0
      do {
        run()
        count++
      } while (performance.now() - start < 20)
      if (turn >= 0) times[at]!.push((performance.now() - start) / count)
    })
  }
  return times
}

const row = (at: number) => ({
  title: `title of row ${at}`,
  year: 1900 + at % 120,
  price: Math.sin(at) * 100,
  tags: ["new", "used"],
  sold: at % 2 === 0,
  note: null,
  at: 1_732_550_000_000 + at,
})
const rows = (count: number) => Array.from({ length: count }, (_, at) => row(at))
const prose = "It is a truth universally acknowledged, that a single man in possession of a good fortune, "
const ids = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `${450000000000000000n + BigInt(at)}`, at: "2025-01-01T00:00:00Z" }))

const documents: Readonly<Record<string, ReadonlyArray<unknown>>> = {
  "1,000 small rows": rows(1000),
  "1 document of 5,000 rows": [rows(5000)],
  "100,000 fractions": [Array.from({ length: 100_000 }, (_, at) => Math.sin(at))],
  "100,000 integers of 13 digits": [Array.from({ length: 100_000 }, (_, at) => 1_732_550_000_000 + at * 7)],
  "1 MB of text": [{ text: prose.repeat(11_000) }],
  "1 MB of text with escapes": [{ text: `"${prose}"\n`.repeat(10_000) }],
  "1 MB of text that is not ASCII": [{ text: "吾輩は猫である。名前はまだ無い。".repeat(30_000) }],
  "10,000 long integers as text": [ids(10_000)],
  "1,000 rows with long integers": rows(1000).map((row, at) => ({ id: 450000000000000000n + BigInt(at), ...row })),
}

console.log(`${turns} turns; times of JSON.parse and of JSON.stringify, and what the codec takes of them\n`)
console.log("| | JSON.parse, ms | codec | JSON.stringify, ms | codec |\n|---|---:|---:|---:|---:|")
for (const [name, values] of Object.entries(documents)) {
  const texts = values.map(stringifyJson)
  // Without the codec, digits are lost.
  const plain = texts.map((text) => JSON.parse(text))
  let sum = 0
  const look = (text: string) => sum += text.charCodeAt(text.length - 1)
  const [parse, ownParse, stringify, ownStringify] = measure([
    () => texts.forEach((text) => JSON.parse(text)),
    () => texts.forEach(parseJson),
    () => plain.forEach((value) => look(JSON.stringify(value))),
    () => values.forEach((value) => look(stringifyJson(value))),
  ]) as [Array<number>, Array<number>, Array<number>, Array<number>]
  const ratio = (own: Array<number>, native: Array<number>) =>
    `x${median(own.map((time, turn) => time / native[turn]!)).toFixed(2)}`
  const columns = [
    median(parse).toFixed(3),
    ratio(ownParse, parse),
    median(stringify).toFixed(3),
    ratio(ownStringify, stringify),
  ]
  console.log(`| ${name} | ${columns.join(" | ")} |`)
}
