/** Formatting of tables, JSON and CSV. */
import { assertEquals, assertStringIncludes } from "@std/assert"
import { toCell } from "../../src/cli/output/cells.ts"
import { toJson } from "../../src/cli/output/json.ts"
import { pairs, tableWriter } from "../../src/cli/output/table.ts"
import { cut, fit, widthOf, wrap } from "../../src/cli/output/width.ts"
import { csvWriter, jsonWriter, ndjsonWriter, type Row } from "../../src/cli/output/writer.ts"
import { test } from "../support/test.ts"

const output = (columns: number) => ({ columns, hasColor: false })
const table = (names: ReadonlyArray<string>, rows: ReadonlyArray<Row>, columns = 80) => {
  const writer = tableWriter(names, output(columns), "rows")
  return writer.rows(rows) + writer.end()
}

test("widthOf counts two columns for East Asian characters and emoji", () => {
  assertEquals(["abc", "日本", "한글", "🎉", "e\u0301", ""].map(widthOf), [3, 4, 4, 2, 1, 0])
})

test("cut ends text that is too wide with an ellipsis, and does not split characters", () => {
  assertEquals(["abcdef", "abcdef", "日本語", "日本語", "ab🎉"].map((text, at) => cut(text, [6, 4, 6, 4, 3][at]!)), [
    "abcdef",
    "abc…",
    "日本語",
    "日…",
    "ab…",
  ])
  assertEquals(fit("日本語", 4, "right"), " 日…")
})

test("wrap breaks lines at spaces", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"])
})

test("a table fits its width, cuts with ellipses, and aligns wide characters", () => {
  const text = table(["id", "title", "about"], [
    { id: 1n, title: "日本語", about: "x".repeat(100) },
    { id: 22n, title: "🎉 fête", about: "short" },
  ], 40)
  assertEquals(
    text,
    [
      "id  title    about",
      "──  ───────  ───────────────────────────",
      " 1  日本語   xxxxxxxxxxxxxxxxxxxxxxxxxx…",
      "22  🎉 fête  short",
      "",
    ].join("\n"),
  )
})

test("a table with too many columns becomes blocks of lines", () => {
  const names = Array.from({ length: 12 }, (_, at) => `column ${at}`)
  const text = table(names, [Object.fromEntries(names.map((name) => [name, "a value"]))], 60)
  assertStringIncludes(text, "── 1 ──\ncolumn 0   a value\n")
})

test("an empty table prints a message", () => {
  assertEquals(table(["a"], []), "no rows\n")
})

test("control characters from a database do not reach the terminal", () => {
  assertEquals(toCell("a\x1b[31mb\nc\u202ed"), "a\\u001b[31mb\\nc\\u202ed")
  assertEquals(pairs([["a\x07", "b\x1b"]], output(40)), "a\\u0007  b\\u001b\n")
  assertStringIncludes(table(["a\x07"], [{ "a\x07": 1 }]), "a\\u0007\n")
})

test("vectors are short in a table, and complete in JSON", () => {
  const vector = new Float32Array([0.1, 0.2, 1 / 3, 4])
  assertEquals(toCell(vector), "[0.1, 0.2, … 4]")
  assertEquals(toJson(vector), "[0.1,0.2,0.33333334,4]")
  const sparse = { indices: new Uint32Array([1, 7]), values: new Float32Array([0.5, 0.1]) }
  assertEquals([toCell(sparse), toJson(sparse)], ["{1: 0.5, 7: 0.1}", '{"1":0.5,"7":0.1}'])
})

test("toJson writes 64-bit integers with all digits", () => {
  const row = { id: 9007199254740993n, ids: new BigInt64Array([-1n, 9223372036854775807n]), none: null, nan: NaN }
  assertEquals(toJson(row), '{"id":9007199254740993,"ids":[-1,9223372036854775807],"none":null,"nan":"NaN"}')
})

test("toJson writes every 32-bit number so that it reads back the same", () => {
  const numbers = new Float32Array(new Uint32Array(2000).map((_, at) => Math.imul(at, 2654435761)).buffer).filter(
    Number.isFinite,
  )
  assertEquals(new Float32Array(JSON.parse(toJson(numbers))), numbers)
})

test("jsonWriter writes one array, however the rows arrive", () => {
  const writer = jsonWriter()
  assertEquals(
    writer.rows([{ a: 1 }]) + writer.rows([]) + writer.rows([{ a: 2n }, {}]) + writer.end(),
    '[\n{"a":1},\n{"a":2},\n{}\n]\n',
  )
  assertEquals(jsonWriter().end(), "[]\n")
  assertEquals(ndjsonWriter().rows([{ a: "x\n" }, { a: undefined }]), '{"a":"x\\n"}\n{}\n')
})

test("csvWriter quotes cells if needed, and writes the header even without rows", () => {
  const writer = csvWriter(["a", "b,c"])
  assertEquals(writer.rows([{ a: 'x"y', "b,c": [1, 2] }]) + writer.end(), 'a,"b,c"\r\n"x""y","[1,2]"\r\n')
  assertEquals(csvWriter(["a"]).end(), "a\r\n")
})
