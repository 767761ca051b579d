import { assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert"
import * as Effect from "effect/Effect"
import { Message } from "../../../mod.ts"
import type { Cell } from "../../../src/testing/fake/state/storedColumns.ts"
import { type Key, parseFilter } from "../../../src/testing/fake/query/filterParser.ts"
import { layoutOf } from "../../../src/testing/fake/state/layout.ts"
import { Refused } from "../../../src/testing/fake/fakeStatus.ts"
import { test } from "../../support/test.ts"

type Templates = Parameters<typeof parseFilter>[2]

const schemaOf = (data_type: "Int64" | "VarChar") =>
  Effect.runPromise(
    Message.encode("milvus.proto.schema.CollectionSchema", {
      fields: [
        { name: "id", data_type, is_primary_key: true, type_params: [{ key: "max_length", value: "99" }] },
        { name: "maybe", data_type: "Int32", nullable: true },
      ],
    }).pipe(Effect.flatMap((bytes) => Message.decode("milvus.proto.schema.CollectionSchema", bytes))),
  )
const layouts = {
  bigint: layoutOf("books", await schemaOf("Int64"), false),
  string: layoutOf("books", await schemaOf("VarChar"), false),
}
const layoutFor = (key: Key | undefined) => typeof key === "bigint" ? layouts.bigint : layouts.string

const matching = (text: string, keys: ReadonlyArray<Key>, templates: Templates = {}) => {
  const filter = parseFilter(text, layoutFor(keys[0]), templates)
  return keys.filter((key) => filter.matches(new Map<string, Cell>([["id", key]])))
}

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
  ["id == 012", [10n]],
  ["id == 0xA", [10n]],
  ["id == id", integers],
  ["id + 1 == 2", [1n]],
  ["id like 'a%'", ["a", "ab"]],
  [String.raw`id in ["\u0061b", "\x61", "\142", '\U000000fc', "\u0061b0123"]`, ["a", "b", "ab", "ü"]],
]

test("filters by primary key find what they say, in words of any case", () => {
  for (const [text, expected] of accepted) {
    const all = typeof expected[0] === "string" || text === "  " ? texts : integers
    assertEquals(matching(text, all), expected, text)
  }
})

const refused = [
  "id",
  "id ==",
  "id == 1.5",
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

test("a filter that is not understood is refused, and never guessed", () => {
  for (const text of refused) {
    const error = assertThrows(() => parseFilter(text, layouts.bigint, templates), text)
    assertInstanceOf(error, Refused)
    assertEquals(error.failure.code, 65535)
    assertMatch(error.message, /cannot parse expression|not a boolean expression/)
  }
})

test("filters take values from templates", () => {
  assertEquals(matching("id == {number}", integers, templates), [1n])
  assertEquals(matching("id in {numbers} or id < {number}", integers, templates), [-5n, 0n, 1n, 3n])
  assertEquals(matching("id == {text}", texts, templates), ["a"])
  assertEquals(matching("id not in {texts}", ["a", "b"], templates), ["b"])
})

test("a filter that is a list of keys gives them", () => {
  const keys = (text: string) => parseFilter(text, layouts.bigint, templates).keys
  assertEquals(keys("id in [3, 1]"), [3n, 1n])
  assertEquals(keys("id == 3"), [3n])
  assertEquals(keys("id in {numbers}"), [1n, 3n])
  for (const text of ["maybe in [3]", "id not in [3]", "id > 1", "id == 1 or id == 2", ""]) {
    assertEquals(keys(text), undefined)
  }
})

test("a null matches no comparison, and not its opposite either", () => {
  const find = (text: string) => {
    const filter = parseFilter(text, layouts.bigint, {})
    return [null, 1, 2].filter((value) => filter.matches(new Map<string, Cell>([["id", 1n], ["maybe", value]])))
  }
  assertEquals(find("maybe == 1"), [1])
  assertEquals(find("maybe != 1"), [2])
  assertEquals(find("not (maybe == 1)"), [2])
  assertEquals(find("maybe in [1]"), [1])
  assertEquals(find("maybe not in [1]"), [2])
  assertEquals(find("maybe + 1 == 2"), [1])
  assertEquals(find("maybe == 1 or id == 1"), [null, 1, 2])
})

test("rule 18: a placeholder or a field called as something that every object has is not found", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    for (const text of [`id == {${name}}`, `${name} == 1`]) {
      assertInstanceOf(assertThrows(() => parseFilter(text, layouts.bigint, templates), text), Refused)
    }
  }
})
