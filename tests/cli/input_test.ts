/** Row parsers: the result does not depend on where the pieces of the text end, and errors name the line. */
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import { csvParser } from "../../src/cli/input/csv.ts"
import { jsonArrayParser } from "../../src/cli/input/jsonArray.ts"
import { ndjsonParser } from "../../src/cli/input/ndjson.ts"
import { FormatProblem, type ParsedRow, type Parser } from "../../src/cli/input/parser.ts"
import { toRow } from "../../src/cli/input/values.ts"
import { csvWriter, ndjsonWriter, type RowWriter } from "../../src/cli/output/writer.ts"
import { cellKinds } from "../../src/cli/printableRows.ts"
import type { Column } from "../../src/codec/mod.ts"
import { double, float, holds, int64, list, nullable, oneOf, pick, text } from "../codec/support.ts"
import { test } from "../support/test.ts"

const read = (parser: Parser, text: string, size: number): ReadonlyArray<ParsedRow> => {
  const rows: Array<ParsedRow> = []
  for (let at = 0; at < text.length; at += size) rows.push(...parser.push(text.slice(at, at + size)))
  return [...rows, ...parser.end()]
}

/** Parses a text, and asserts that pieces of every length give the same rows. */
const rowsIn = (make: () => Parser, text: string): ReadonlyArray<ParsedRow> => {
  const whole = read(make(), text, Infinity)
  for (let size = 1; size <= text.length; size++) assertEquals(read(make(), text, size), whole)
  return whole
}

const problemOf = (parse: () => unknown): string => {
  const error = assertThrows(parse)
  assertInstanceOf(error, FormatProblem)
  return error.message
}

const problemIn = (make: () => Parser, text: string): string => problemOf(() => read(make(), text, Infinity))

test("ndjsonParser parses line by line", () => {
  assertEquals(rowsIn(ndjsonParser, '{"a":1}\n\n{"a":9007199254740993}\r\n{"a":"x"}'), [
    { line: 1, values: { a: 1 } },
    { line: 3, values: { a: 9007199254740993n } },
    { line: 4, values: { a: "x" } },
  ])
  assertEquals(
    problemIn(ndjsonParser, '{"a":1}\n{"a":}\n'),
    "line 2: invalid JSON: at position 5: expected a value",
  )
  assertEquals(problemIn(ndjsonParser, "[1]"), "line 1: expected an object whose keys are fields")
})

test("jsonArrayParser parses object by object", () => {
  const text = String.raw`[ {"a": {"b": [1, "]}\"{"]}},
  {"a": 2},{"c":"x\\"}
]`
  assertEquals(rowsIn(jsonArrayParser, `${text}\n`), [
    { line: 1, values: { a: { b: [1, ']}"{'] } } },
    { line: 2, values: { a: 2 } },
    { line: 2, values: { c: "x\\" } },
  ])
  assertEquals(rowsIn(jsonArrayParser, "[]"), [])
  assertEquals(rowsIn(jsonArrayParser, '{"a":1}'), [{ line: 1, values: { a: 1 } }])
})

test("jsonArrayParser rejects an invalid array, with the line", () => {
  assertEquals(problemIn(jsonArrayParser, '[{"a":1}\n{"a":2}]'), 'line 2: expected "," or "]"')
  assertEquals(problemIn(jsonArrayParser, '[{"a":1},\n]'), "line 2: expected an object")
  assertEquals(
    problemIn(jsonArrayParser, '[\n{"a":1x}]'),
    "line 2: invalid JSON: at position 5: expected a value",
  )
  assertEquals(problemIn(jsonArrayParser, '[{"a":1}'), "line 1: unexpected end of the file")
  assertEquals(problemIn(jsonArrayParser, "[1]"), "line 1: expected an object")
  assertEquals(problemIn(jsonArrayParser, "7"), "line 1: expected a JSON array of objects")
  assertEquals(problemIn(jsonArrayParser, "[{}] {}"), "line 1: unexpected text after the end of the array")
})

test("csvParser parses a header, quotes, and line ends within quotes", () => {
  assertEquals(rowsIn(csvParser, '\uFEFFid,title\r\n1,"a ""b"", c"\r\n2,"two\nlines"\n\n3,\n'), [
    { line: 2, values: { id: "1", title: 'a "b", c' } },
    { line: 3, values: { id: "2", title: "two\nlines" } },
    { line: 6, values: { id: "3", title: "" } },
  ])
  assertEquals(rowsIn(csvParser, "a\n1"), [{ line: 2, values: { a: "1" } }])
})

test("csvParser rejects invalid CSV, with the line", () => {
  assertEquals(problemIn(csvParser, "a,b\n1,2\n1\n"), "line 3: expected 2 values, as in the first line, got 1")
  assertEquals(problemIn(csvParser, 'a\n"1\n'), "line 2: a quote is not closed")
  assertEquals(problemIn(csvParser, 'a\n"1"x\n'), "line 2: unexpected text after a closing quote")
  assertEquals(problemIn(csvParser, "a,a\n"), 'line 1: expected different names, got "a" twice')
})

const definition = {
  name: "books",
  fields: {
    id: { type: "Int64", options: { primaryKey: true } },
    title: { type: "VarChar", options: { maxLength: 10 } },
    note: { type: "VarChar", options: { maxLength: 10, nullable: true } },
    price: { type: "Double", options: {} },
    sold: { type: "Bool", options: {} },
    meta: { type: "JSON", options: {} },
    vector: { type: "FloatVector", options: { dimension: 2 } },
  },
  options: { dynamicFields: true },
} as const

const csvRow = (values: Record<string, string>) => toRow(definition, { line: 7, values }, true, new Set(["left"]))

test("toRow converts CSV cells to the types of their fields", () => {
  const row = csvRow({
    id: "9007199254740993",
    title: "",
    note: "",
    price: "1.5",
    sold: "true",
    meta: '{"a":1}',
    vector: "[1, 2]",
    more: "text",
    left: "out",
  })
  assertEquals(row, {
    id: 9007199254740993n,
    title: "",
    price: 1.5,
    sold: true,
    meta: { a: 1 },
    vector: [1, 2],
    more: "text",
  })
})

test("toRow rejects a cell that does not fit its field, with line and field", () => {
  const problem = (values: Record<string, string>) => problemOf(() => csvRow(values))
  assertEquals(problem({ id: "1.5" }), 'line 7: field "id": expected an integer, got "1.5"')
  assertEquals(problem({ price: "cheap" }), 'line 7: field "price": expected a number, got "cheap"')
  assertEquals(problem({ sold: "maybe" }), 'line 7: field "sold": expected true or false, got "maybe"')
  assertEquals(
    problem({ vector: "1 2" }),
    'line 7: field "vector": expected a vector as JSON, such as [0.1, 0.2], got "1 2"',
  )
})

// ---- Round trip: printed rows are read back

const numbers = oneOf<unknown>(
  double,
  pick<unknown>(0, -0, 1e21, 2 ** 53, -(2 ** 60), 2n ** 53n + 1n, -(2n ** 63n), NaN, Infinity, -Infinity),
)
const texts = oneOf(
  pick("", " ", "1", "null", '"', '"a"', "true", " 1", "[1]", "{}", "a,b", "x\ny", "NaN", "\uFEFFa"),
  text,
)
const isFinite = (value: unknown) => typeof value !== "number" || Number.isFinite(value)
const json = oneOf<unknown>(
  Arbitrary.map(oneOf<unknown>(numbers, texts, pick(true, false)), (value) => isFinite(value) ? value : null),
  list(oneOf<unknown>(texts, pick<unknown>(1n << 60n, null, -0)), 3),
  Arbitrary.map(
    Arbitrary.all([texts, texts]),
    ([key, value]) => Object.fromEntries([[key, value], ["__proto__", value]]),
  ),
)

const printed = {
  name: "printed",
  fields: {
    id: { type: "Int64", options: { primaryKey: true } },
    title: { type: "VarChar", options: { maxLength: 100 } },
    float: { type: "Float", options: {} },
    double: { type: "Double", options: { nullable: true } },
    doubles: { type: "Array", options: { maxCapacity: 9 }, element: { type: "Double", options: {} } },
    meta: { type: "JSON", options: { nullable: true } },
    vector: { type: "FloatVector", options: { dimension: 2 } },
  },
  options: { dynamicFields: true },
} as const

const rows = Arbitrary.map(
  Arbitrary.all([
    Arbitrary.all([int64, texts, float, nullable(double), list(double, 3), json]),
    list(float, 3),
    list(Arbitrary.all([pick("a", "constructor", "__proto__", "toString", "1", "\uFEFFx"), json]), 3),
  ]),
  ([[id, title, single, some, many, meta], vector, extras]) => {
    const finite = vector.filter(Number.isFinite)
    const row = { id, title, float: single, double: some, doubles: many, meta, vector: new Float32Array(finite) }
    return Object.fromEntries([...Object.entries(row), ...extras])
  },
)

/** Returns a row as a request contains it: 32-bit numbers rounded, and integers by their digits. */
const sent = (row: Readonly<Record<string, unknown>>): unknown => {
  const plain = (value: unknown): unknown => {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float32Array, plain)
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).map(([key, each]) => [key, plain(each)]).toSorted()
    }
    return Object.is(value, -0) ? "-0" : `${typeof value} ${value}`
  }
  const id = typeof row["id"] === "number" ? BigInt(row["id"]) : row["id"]
  const vector = Float32Array.from(row["vector"] as Iterable<number>)
  // A null in a field means that the value is missing.
  const fields = Object.keys(printed.fields)
  return plain(Object.fromEntries(
    Object.entries({ ...row, id, float: Math.fround(Number(row["float"])), vector })
      .filter(([name, value]) => value !== null || !fields.includes(name)),
  ))
}

const columns = [
  ...Object.entries(printed.fields).map(([fieldName, { type }]) => ({ fieldName, type, isDynamic: false })),
  { fieldName: "$meta", type: "JSON", isDynamic: true },
  // Cast: only these properties are used.
] as unknown as ReadonlyArray<Column>

for (const format of ["CSV", "NDJSON"] as const) {
  test(`rule 1: rows that are printed as ${format} are read back unchanged, dynamic keys included`, () =>
    holds(rows, (row) => {
      const names = Object.keys(row)
      const [writer, parser]: [RowWriter, Parser] = format === "CSV"
        ? [csvWriter(names, cellKinds(columns)), csvParser()]
        : [ndjsonWriter(), ndjsonParser()]
      const [found] = read(parser, writer.rows([row]) + writer.end(), Infinity)
      const back = toRow(printed, found!, format === "CSV", new Set())
      assertEquals(Object.getPrototypeOf(back), Object.prototype)
      assertEquals(sent(back), sent(row))
    }, 1000))
}
