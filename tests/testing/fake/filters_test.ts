import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert"
import { type Key, parseFilter } from "../../../src/testing/fake/query/filterParser.ts"
import { Refused } from "../../../src/testing/fake/fakeStatus.ts"

const sanitized = { sanitizeOps: true, sanitizeResources: true }

type Primary = Parameters<typeof parseFilter>[1]
type Templates = Parameters<typeof parseFilter>[2]

const primary = (type: "Int64" | "VarChar") => ({ name: "id", type }) as Primary

const matching = (text: string, keys: ReadonlyArray<Key>, templates: Templates = {}) =>
  keys.filter(parseFilter(text, primary(typeof keys[0] === "bigint" ? "Int64" : "VarChar"), templates).matches)

const integers = [-5n, 0n, 1n, 2n, 3n, 10n, 2n ** 62n]
const texts = ["", "a", "b", "ab", "it's", 'say "a"', "id", "ü"]

const accepted: ReadonlyArray<readonly [text: string, keys: ReadonlyArray<Key>]> = [
  ["", integers],
  ["  ", texts],
  ["id == 1", [1n]],
  ["1==id", [1n]],
  ["id != 1", [-5n, 0n, 2n, 3n, 10n, 2n ** 62n]],
  ["id>2", [3n, 10n, 2n ** 62n]],
  ["id >= -5 and id <= 1", [-5n, 0n, 1n]],
  ["id < -4", [-5n]],
  ["3 > id && 0 < id", [1n, 2n]],
  ["0 < id <= 3", [1n, 2n, 3n]],
  ["3 >= id > 0", [1n, 2n, 3n]],
  ["id == 4611686018427387904", [2n ** 62n]],
  ["id in [3,1,77]", [1n, 3n]],
  ["id IN [ 3 ]", [3n]],
  ["id in []", []],
  ["id not in [1, 2, 3]", [-5n, 0n, 10n, 2n ** 62n]],
  ["id NOT IN [1]", [-5n, 0n, 2n, 3n, 10n, 2n ** 62n]],
  ["not (id in [1, 2])", [-5n, 0n, 3n, 10n, 2n ** 62n]],
  ["!(id > 0)", [-5n, 0n]],
  ["NOT (NOT (id > 9))", [10n, 2n ** 62n]],
  // `and` binds more tightly than `or`.
  ["id == 1 or id == 2 and id == 3", [1n]],
  ["(id == 1 or id == 2) and id == 2", [2n]],
  ["id == 1 OR id == 2 || id == 3", [1n, 2n, 3n]],
  ["((id == 10))", [10n]],
  ['id == "a"', ["a"]],
  ["id == 'it\\'s'", ["it's"]],
  ['id == "it\'s"', ["it's"]],
  ['id in ["say \\"a\\"", "b"]', ["b", 'say "a"']],
  ["id > 'a'", ["b", "ab", "it's", 'say "a"', "id", "ü"]],
  ["'a' <= id < 'b'", ["a", "ab"]],
  ["id == 'ü'", ["ü"]],
  ["id == 'id'", ["id"]],
]

Deno.test("filters by primary key find what they say", sanitized, () => {
  for (const [text, expected] of accepted) {
    const all = typeof expected[0] === "string" || text === "  " ? texts : integers
    assertEquals(matching(text, all), expected, text)
  }
})

const refused = [
  "id",
  "id ==",
  "id == 1.5",
  "id == 010",
  "id == 0x10",
  "id == 'a'",
  "id == 1 2",
  "id = 1",
  "(id == 1",
  "id == 1)",
  "id in 1",
  "id in [1, 'a']",
  "id in [1 2]",
  "id in [1,",
  "id not == 1",
  "not id == 1",
  "1 < id > 2",
  "1 == id == 1",
  "1 < 2",
  "id == id",
  "id + 1 == 2",
  "year > 1900",
  "id == 1 and year > 1900",
  "id like 'a%'",
  "json_contains(id, 1)",
  "id == {missing}",
  "id == {text}",
  "id in {number}",
  "id in {texts}",
  "id == 1; drop",
  "true",
]

const templates: Templates = {
  number: { int64_val: 1n },
  text: { string_val: "a" },
  texts: { array_val: { string_data: { data: ["a"] } } },
  numbers: { array_val: { long_data: { data: [1n, 3n] } } },
}

Deno.test("a filter that is not understood is refused, and never guessed", sanitized, () => {
  for (const text of refused) {
    const error = assertThrows(() => parseFilter(text, primary("Int64"), templates), text)
    assertInstanceOf(error, Refused)
    assertMatch(error.message, /only filters by the primary key "id"/)
  }
})

Deno.test("filters take values from templates", sanitized, () => {
  assertEquals(matching("id == {number}", integers, templates), [1n])
  assertEquals(matching("id in {numbers} or id < {number}", integers, templates), [-5n, 0n, 1n, 3n])
  assertEquals(matching("id == {text}", texts, templates), ["a"])
  assertEquals(matching("id not in {texts}", ["a", "b"], templates), ["b"])
})

Deno.test("a filter that is a list of keys gives them", sanitized, () => {
  const keys = (text: string) => parseFilter(text, primary("Int64"), templates).keys
  assertEquals(keys("id in [3, 1]"), [3n, 1n])
  assertEquals(keys("id == 3"), [3n])
  assertEquals(keys("id in {numbers}"), [1n, 3n])
  for (const text of ["id not in [3]", "id > 1", "id == 1 or id == 2", ""]) assertEquals(keys(text), undefined)
})
