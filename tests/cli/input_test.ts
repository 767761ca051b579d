/** Rows out of text: what is read does not depend on where the pieces of the text end, and says where it is wrong. */
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert"
import { csvParser } from "../../src/cli/input/csv.ts"
import { parseJson } from "../../src/cli/input/json.ts"
import { jsonArrayParser } from "../../src/cli/input/jsonArray.ts"
import { ndjsonParser } from "../../src/cli/input/ndjson.ts"
import { FormatProblem, type Parsed, type Parser } from "../../src/cli/input/parser.ts"
import { toRow } from "../../src/cli/input/values.ts"

const test = (name: string, fn: () => void) => Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn })

const read = (parser: Parser, text: string, size: number): ReadonlyArray<Parsed> => {
  const rows: Array<Parsed> = []
  for (let at = 0; at < text.length; at += size) rows.push(...parser.push(text.slice(at, at + size)))
  return [...rows, ...parser.end()]
}

/** The rows, the same for pieces of every length. */
const rowsIn = (make: () => Parser, text: string): ReadonlyArray<Parsed> => {
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

test("parseJson keeps the digits of integers beyond 2^53, and leaves texts and fractions", () => {
  assertEquals(parseJson('{"a": 9007199254740993, "b": -9223372036854775808, "c": [12345678901234567890, 7]}'), {
    a: 9007199254740993n,
    b: -9223372036854775808n,
    c: [12345678901234567890n, 7],
  })
  assertEquals(parseJson('{"a": "9007199254740993", "b": "int64:9007199254740993"}'), {
    a: "9007199254740993",
    b: "int64:9007199254740993",
  })
  assertEquals(parseJson("[0.12345678901234567, 1e300, 12345678901234567.5, 1234567890123456]"), [
    0.12345678901234567,
    1e300,
    12345678901234567.5,
    1234567890123456,
  ])
  assertEquals(parseJson(String.raw`["a \" 9007199254740993", 9007199254740993]`), [
    'a " 9007199254740993',
    9007199254740993n,
  ])
})

test("NDJSON is read line by line", () => {
  assertEquals(rowsIn(ndjsonParser, '{"a":1}\n\n{"a":9007199254740993}\r\n{"a":"x"}'), [
    { line: 1, values: { a: 1 } },
    { line: 3, values: { a: 9007199254740993n } },
    { line: 4, values: { a: "x" } },
  ])
  assertEquals(problemIn(ndjsonParser, '{"a":1}\n{"a":}\n'), "line 2: this is no JSON")
  assertEquals(problemIn(ndjsonParser, "[1]"), "line 1: expected an object, whose keys are fields")
})

test("a JSON array is read object by object", () => {
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

test("a JSON array that is none is refused by its line", () => {
  assertEquals(problemIn(jsonArrayParser, '[{"a":1}\n{"a":2}]'), 'line 2: expected "," or "]"')
  assertEquals(problemIn(jsonArrayParser, '[{"a":1},\n]'), "line 2: expected an object")
  assertEquals(problemIn(jsonArrayParser, '[\n{"a":1x}]'), "line 2: this is no JSON")
  assertEquals(problemIn(jsonArrayParser, '[{"a":1}'), "line 1: the file ends in the middle")
  assertEquals(problemIn(jsonArrayParser, "[1]"), "line 1: expected an object")
  assertEquals(problemIn(jsonArrayParser, "7"), "line 1: expected a JSON array of objects")
  assertEquals(problemIn(jsonArrayParser, "[{}] {}"), "line 1: something follows the end of the array")
})

test("CSV is read with quotes, line ends within them, and a line of names", () => {
  assertEquals(rowsIn(csvParser, '\uFEFFid,title\r\n1,"a ""b"", c"\r\n2,"two\nlines"\n\n3,\n'), [
    { line: 2, values: { id: "1", title: 'a "b", c' } },
    { line: 3, values: { id: "2", title: "two\nlines" } },
    { line: 6, values: { id: "3", title: "" } },
  ])
  assertEquals(rowsIn(csvParser, "a\n1"), [{ line: 2, values: { a: "1" } }])
})

test("CSV that is none is refused by its line", () => {
  assertEquals(problemIn(csvParser, "a,b\n1,2\n1\n"), "line 3: expected 2 values, as in the first line, got 1")
  assertEquals(problemIn(csvParser, 'a\n"1\n'), "line 2: a quote is not closed")
  assertEquals(problemIn(csvParser, 'a\n"1"x\n'), "line 2: something follows a closing quote")
  assertEquals(problemIn(csvParser, "a,a\n"), 'line 1: the field "a" is named twice')
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

test("cells of CSV become what their fields take", () => {
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

test("a cell that does not fit its field is refused by line and field", () => {
  const problem = (values: Record<string, string>) => problemOf(() => csvRow(values))
  assertEquals(problem({ id: "1.5" }), 'line 7: field "id": expected an integer, got "1.5"')
  assertEquals(problem({ price: "cheap" }), 'line 7: field "price": expected a number, got "cheap"')
  assertEquals(problem({ sold: "maybe" }), 'line 7: field "sold": expected true or false, got "maybe"')
  assertEquals(
    problem({ vector: "1 2" }),
    'line 7: field "vector": expected a vector as JSON, such as [0.1, 0.2], got "1 2"',
  )
})
