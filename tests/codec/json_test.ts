/**
 * JSON text is parsed and written exactly: like `JSON.parse` and `JSON.stringify` if these are exact. Other values are
 * refused.
 */
import * as Arbitrary from "effect/Arbitrary"
import { assert, assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert"
import { CodecError, Json, Message } from "../../mod.ts"
import { encodeQuery, type TemplateValue } from "../../src/codec/mod.ts"
import { run } from "../support/effects.ts"
import { JsonSyntaxError, parseJson } from "../../src/codec/parseJson.ts"
import { stringifyJson } from "../../src/codec/stringifyJson.ts"
import { double, holds, int64, list, oneOf, pick, text } from "./support.ts"
import { test } from "../support/test.ts"

const assertRefused = (run: () => unknown, why: string): void => {
  const error = assertThrows(run)
  assertInstanceOf(error, CodecError)
  assertStringIncludes(error.message, why)
}

// ---- Generated values

const keys = oneOf(
  pick("a", "__proto__", "constructor", "toString", "toJSON", "length", "0", "-1", "1e3", "", '"', "\\", "ключ", "🎉"),
  text,
)

/** Numbers at the limits of the exact range. */
const numbers = oneOf(
  pick(0, -0, 1, 0.1, 1e20, 1e21, -1e21, 2 ** 53 - 1, 2 ** 53, -(2 ** 53) - 2, -(2 ** 63), 5e-324, 1.7e308),
  Arbitrary.map(double, (value) => Number.isFinite(value) ? value : 7),
)

/** Integers beyond the exact range of a number; smaller ones are parsed as numbers. */
const longIntegers = Arbitrary.map(
  oneOf(pick(2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 64n, 10n ** 40n), int64),
  (value) => Number.isSafeInteger(Number(value)) ? value + 2n ** 60n : value,
)

const scalars: Arbitrary.Arbitrary<unknown> = oneOf<unknown>(
  pick<unknown>(
    null,
    true,
    false,
    "",
    "9007199254740993",
    '"',
    "\\",
    '\\"',
    "[1234567890123456789]",
    ",-1234567890123456789,",
  ),
  text,
  numbers,
)

const objects = (values: Arbitrary.Arbitrary<unknown>): Arbitrary.Arbitrary<unknown> =>
  // Own keys, whatever their names.
  Arbitrary.map(list(Arbitrary.all([keys, values]), 4), (entries) => Object.fromEntries(entries))

const nested = (values: Arbitrary.Arbitrary<unknown>, depth: number): Arbitrary.Arbitrary<unknown> => {
  if (depth === 0) return values
  const inner = nested(values, depth - 1)
  return oneOf(values, list(inner, 4), objects(inner))
}

const usual = nested(scalars, 4)
const any = nested(oneOf<unknown>(scalars, longIntegers), 4)

/** Returns a form in which different values differ, including types, -0, own keys and prototypes. */
const exact = (value: unknown, isUnsigned = false): unknown => {
  if (typeof value !== "object" || value === null) {
    return [typeof value, Object.is(value, -0) && !isUnsigned ? "-0" : String(value)]
  }
  if (Array.isArray(value)) return ["list", ...value.map((each) => exact(each, isUnsigned))]
  const isPlain = Object.getPrototypeOf(value) === Object.prototype
  return [isPlain ? "object" : "another", ...Object.entries(value).map(([key, each]) => [key, exact(each, isUnsigned)])]
}

test("rule 2: a value that is written as JSON and parsed is the same, as is a text that is parsed and written", () =>
  holds(any, (value) => {
    const written = stringifyJson(value)
    assertEquals(exact(parseJson(written)), exact(value))
    assertEquals(stringifyJson(parseJson(written)), written)
    // If `JSON.parse` does not parse a text exactly, the other values are still the same.
    assertEquals(exact(parseJson(`[${written},9007199254740993]`)), exact([value, 9007199254740993n]))
    assertEquals(exact(parseJson(` {\n"\\u0061" :\t${written}\r} `)), exact({ a: value }))
  }, 1000))

test("rule 2: JSON without long integers is parsed like JSON.parse does, and written like JSON.stringify does", () =>
  holds(usual, (value) => {
    const compact = JSON.stringify(value)
    // A `number` beyond 2^53 is written so that it is parsed as a `number`.
    if (/\d{16}/.test(compact.replace(/"(?:[^"\\]|\\.)*"/g, ""))) return
    if (!/-0[^.\d]|-0$/.test(stringifyJson(value).replaceAll("-0.0", "-0 "))) {
      assertEquals(stringifyJson(value), compact)
    }
    for (const text of [compact, JSON.stringify(value, null, 1)]) {
      // JSON.stringify writes -0 as 0. JSON.parse does not parse escaped keys correctly on every runtime.
      const read = exact(value, true)
      assertEquals(exact(parseJson(text)), read)
      assertEquals(exact(parseJson(`[9007199254740993,${text}]`)), ["list", ["bigint", "9007199254740993"], read])
      if (!/\\/.test(text)) assertEquals(exact(JSON.parse(text)), read)
    }
  }, 1000))

test("rule 2: an escaped key is parsed correctly, whatever keys earlier objects had", () => {
  const names = ["\\", '"', "\n", "\t", "a\\", 'a"', "a\nb", "\u0001", "\\\\", '\\"', '"\\']
  for (let times = 0; times < 3; times++) {
    for (const name of names) {
      for (const first of ["a", "🎉"]) {
        const value = parseJson(`{"${first}": 0, ${JSON.stringify(name)} : 0}`)
        assert(typeof value === "object" && value !== null)
        assertEquals(Object.keys(value), [first, name])
      }
    }
  }
})

test("rule 2: integers keep their digits, and other numbers are the doubles that JSON.parse returns", () => {
  const numerals: ReadonlyArray<readonly [string, unknown]> = [
    ["9007199254740991", 9007199254740991],
    ["-9007199254740991", -9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
    ["18446744073709551616", 18446744073709551616n],
    ["1" + "0".repeat(400), 10n ** 400n],
    ["9007199254740993.0", 9007199254740992],
    ["9007199254740993e0", 9007199254740992],
    ["12345678901234567.5", 12345678901234567.5],
    ["0.12345678901234567", 0.12345678901234567],
    ["1e-9007199254740993", 0],
    ["1e20", 1e20],
    ["-0", -0],
    ["-0.0", -0],
    ["1E+2", 100],
    ["1e400", Infinity],
  ]
  for (const [numeral, value] of numerals) {
    for (
      const [before, after] of [["", ""], ["[", "]"], ['{"a": ', "}"], ["[1,", " ,1]"], ['{"9007199254740993":[', "]}"]]
    ) {
      const read = parseJson(`${before}${numeral}${after}`)
      const found = JSON.stringify(read, (_, it) => typeof it === "bigint" ? `${it}n` : Object.is(it, -0) ? "-0" : it)
      const shown = typeof value === "bigint" ? `"${value}n"` : Object.is(value, -0) ? '"-0"' : JSON.stringify(value)
      assert(found.replaceAll(/[[{]1,|,1\]/g, "").includes(shown), `${before}${numeral}${after}: ${found}`)
    }
    assertEquals(exact(parseJson(numeral)), exact(value))
  }
})

test("rule 2: a long integer is found at any position, and digits in strings are not changed", () => {
  for (let spaces = 0; spaces < 40; spaces++) {
    const space = " ".repeat(spaces)
    assertEquals(parseJson(`${space}9007199254740993`), 9007199254740993n)
    assertEquals(parseJson(`[${"1,".repeat(spaces)}-12345678901234567890]`), [
      ...Array(spaces).fill(1),
      -12345678901234567890n,
    ])
    const digits = "1234567890123456789"
    assertEquals(parseJson(`["${space}${digits}", 0.${digits}, "${digits}.", ${digits}.5]`), [
      `${space}${digits}`,
      0.1234567890123456789,
      `${digits}.`,
      1234567890123456789.5,
    ])
  }
})

test("rule 2: text that is not JSON is refused with the position of the error", () => {
  const wrong: ReadonlyArray<readonly [string, number]> = [
    ["", 0],
    ["  ", 2],
    ["nul", 0],
    ["[1,]", 3],
    ["[1 2]", 3],
    ['{"a" 1}', 5],
    ['{"a":1,}', 7],
    ["{a:1}", 1],
    ['["a]', 1],
    ['["\\x"]', 1],
    ['["\n"]', 1],
    ["01", 0],
    ["1.", 0],
    ["+1", 0],
    ["-", 0],
    [".5", 0],
    ["NaN", 0],
    ["[Infinity]", 1],
    ["1 2", 2],
    ["[1]]", 3],
    ["[", 1],
    ['{"a":', 5],
    ["\u00a01", 0],
    ["'a'", 0],
    ["[9007199254740993,]", 18],
    ["[9007199254740993", 17],
    ["09007199254740993", 0],
    ["[1}", 2],
  ]
  for (const [text, position] of wrong) {
    assertThrows(() => JSON.parse(text))
    const error = assertThrows(() => parseJson(text))
    assertInstanceOf(error, JsonSyntaxError)
    assertEquals(error.position, position, text)
    const typed = assertThrows(() => Json.parse(text))
    assertInstanceOf(typed, CodecError)
    assert(typed.message.includes(`at position ${position}`), typed.message)
  }
})

test("rule 2: JSON with one change is refused when JSON.parse refuses it, and accepted when it accepts it", () =>
  holds(
    Arbitrary.all([any, Arbitrary.map(double, Math.abs), pick(...'[]{},:"\\ \n\u00a0-+.eE019ntfaN')]),
    ([value, place, character]) => {
      const text = stringifyJson(value)
      const at = Math.floor(place % (text.length + 1)) || 0
      const changed = text.slice(0, at) + character + text.slice(at + (place % 2 < 1 ? 1 : 0))
      let isJson = true
      try {
        JSON.parse(changed)
      } catch {
        isJson = false
      }
      try {
        parseJson(changed)
        assert(isJson, `took ${changed}`)
      } catch (error) {
        assertInstanceOf(error, JsonSyntaxError)
        assert(!isJson, `refused ${changed}`)
      }
    },
    1000,
  ))

test("rule 1: __proto__ is a key like any other when JSON is parsed and written", () => {
  for (const long of ["1", "9007199254740993"]) {
    const value = parseJson(`{"__proto__": {"isAdmin": true}, "b": ${long}, "c": {"__proto__": 1, "__proto__": 2}}`)
    assert(typeof value === "object" && value !== null)
    assertEquals(Object.keys(value), ["__proto__", "b", "c"])
    assertEquals(Object.getPrototypeOf(value), Object.prototype)
    assert(!("isAdmin" in value))
    assertEquals(stringifyJson(value), `{"__proto__":{"isAdmin":true},"b":${long},"c":{"__proto__":2}}`)
  }
})

test("rule 2: JSON of any depth is parsed, and values that are nested too deep are refused", () => {
  const deep = (depth: number, inner: string) => "[".repeat(depth) + inner + "]".repeat(depth)
  for (const inner of ["1", "9007199254740993"]) {
    let value = parseJson(deep(200_000, inner))
    for (let depth = 0; depth < 200_000; depth++) {
      assert(Array.isArray(value))
      value = value[0]
    }
    assertEquals(String(value), inner)
    assertEquals(stringifyJson(parseJson(deep(1000, inner))), deep(1000, inner))
    assertRefused(() => Json.stringify(parseJson(deep(1001, inner))), "more than 1000 deep")
  }
  const cycle: Record<string, unknown> = { list: [] }
  cycle["list"] = [cycle, cycle]
  assertRefused(() => Json.stringify(cycle), "within themselves")
})

test("rule 1: typed arrays are written as lists of their numbers", () => {
  const arrays: ReadonlyArray<readonly [ArrayBufferView, string]> = [
    [new Float32Array([1, 2.5, -0, 0.1]), `[1,2.5,-0.0,${Math.fround(0.1)}]`],
    [new Float64Array([0.1, 2 ** 53]), "[0.1,9007199254740992.0]"],
    [new Int8Array([-1, 2]), "[-1,2]"],
    [new Uint8Array([0, 255]), "[0,255]"],
    [new Uint8ClampedArray([7]), "[7]"],
    [new Int16Array([-3]), "[-3]"],
    [new Uint16Array([3]), "[3]"],
    [new Int32Array([-4]), "[-4]"],
    [new Uint32Array([2 ** 32 - 1]), "[4294967295]"],
    [new BigInt64Array([-(2n ** 63n), 1n]), "[-9223372036854775808,1]"],
    [new BigUint64Array([2n ** 64n - 1n]), "[18446744073709551615]"],
    [new Float32Array(0), "[]"],
    [new Float32Array([9, 1, 2, 9]).subarray(1, 3), "[1,2]"],
  ]
  for (const [array, expected] of arrays) {
    assertEquals(stringifyJson(array), expected)
    assertEquals(stringifyJson({ a: [array] }), `{"a":[${expected}]}`)
  }
})

test("rule 1: values that JSON.stringify writes without loss are written in the same way", () => {
  const raw = (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON
  const values: ReadonlyArray<readonly [unknown, string]> = [
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [[{ toJSON: (key: string) => ({ key }) }], '[{"key":"0"}]'],
    [{ a: { toJSON: () => undefined } }, "{}"],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [new URL("http://localhost/"), '"http://localhost/"'],
    ['\u2028\u0000\n"\\é🎉', JSON.stringify('\u2028\u0000\n"\\é🎉')],
    [raw("9007199254740993"), "9007199254740993"],
    [{ a: raw('"x"'), b: [raw("1.0")] }, '{"a":"x","b":[1.0]}'],
    [1e21, "1e+21"],
    [{ [Symbol("s")]: 1, a: 1 }, '{"a":1}'],
  ]
  for (const [value, expected] of values) assertEquals(stringifyJson(value), expected)
})

test("rule 1: values that JSON cannot represent are refused with their path, and never changed", () => {
  class Point {
    x = 1
  }
  const sparse: Array<number> = []
  sparse[2] = 1
  const wrong: ReadonlyArray<readonly [unknown, string]> = [
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
    [undefined, "undefined"],
    [() => 1, "a function"],
    [Symbol("s"), "a symbol"],
    [new Set(["a"]), "an instance of Set"],
    [new Map([["a", 1]]), "an instance of Map"],
    [new WeakMap(), "an instance of WeakMap"],
    [/a/, "an instance of RegExp"],
    [new Error("e"), "an instance of Error"],
    [new Point(), "an instance of Point"],
    [Object.create({ inherited: 1 }), "an instance of"],
    [Object("boxed"), "an instance of String"],
    [Object(1), "an instance of Number"],
    [Object(1n), "an instance of BigInt"],
    [new ArrayBuffer(1), "an instance of ArrayBuffer"],
    [new DataView(new ArrayBuffer(1)), "an instance of DataView"],
    [Promise.resolve(), "an instance of Promise"],
    [new Date(NaN), "an invalid Date"],
    ["\ud800", "a lone surrogate"],
    [{ "\udc00": 1 }, "a lone surrogate"],
    [sparse, "undefined"],
    [[undefined], "undefined"],
    [new Float32Array([1, NaN]), "NaN"],
    [new Float64Array([Infinity]), "Infinity"],
    [{ toJSON: () => NaN }, "NaN"],
    [{ toJSON: () => undefined }, "undefined"],
    [{
      get a() {
        throw new Error("no")
      },
    }, "an object that throws"],
  ]
  for (const [value, got] of wrong) {
    const places: ReadonlyArray<readonly [unknown, string]> = [
      [value, "value"],
      [{ tags: [0, value] }, 'value["tags"][1]'],
      // Next to a value that JSON.stringify does not write.
      [[1n, { 'a"b': [value] }], 'value[1]["a\\"b"][0]'],
    ]
    for (const [whole, place] of places) {
      const error = assertThrows(() => Json.stringify(whole))
      assertInstanceOf(error, CodecError)
      assert(error.message.includes(got), error.message)
      if (!got.includes("throws")) assert(error.message.includes(place) && error.field === "value", error.message)
    }
  }
})

test("rule 2: Json.plain returns a value that JSON.stringify writes unchanged", () =>
  holds(any, (value) => {
    const plain = Json.plain(value)
    const text = (_: string, it: unknown) => typeof it === "bigint" ? String(it) : it
    assertEquals(JSON.stringify(plain), JSON.stringify(value, text))
    assertEquals(exact(plain), exact(Json.plain(plain)))
  }))

test("rule 2: Json.plain returns numbers for exact values, and text for others", () => {
  const row = {
    id: 9007199254740993n,
    safe: -5n,
    least: -(2n ** 53n) + 1n,
    vector: new Float32Array([0.5, NaN]),
    ids: new BigInt64Array([1n, 2n ** 60n]),
    sparse: { indices: new Uint32Array([3]), values: new Float32Array([1.5]) },
    score: -Infinity,
    at: new Date(0),
    none: undefined,
  }
  assertEquals(Json.plain([row]), [{
    id: "9007199254740993",
    safe: -5,
    least: -(2 ** 53) + 1,
    vector: [0.5, "NaN"],
    ids: [1, "1152921504606846976"],
    sparse: { indices: [3], values: [1.5] },
    score: "-Infinity",
    at: "1970-01-01T00:00:00.000Z",
  }])
  assertRefused(() => Json.plain({ tags: new Set() }), 'got an instance of Set at value["tags"]')
})

test("rule 2: filter values keep their digits, also in lists of several types", async () => {
  const big = 2n ** 53n + 1n
  const filterValues: Readonly<Record<string, TemplateValue>> = {
    one: big,
    whole: [big, 1],
    halves: [2n ** 53n, 0.5],
    odd: [big, 0.5],
    mixed: [big, "x", [big, 1.5], -0, 2 ** 53],
  }
  const request = encodeQuery({ collectionName: "c", filter: "a", filterValues, outputFields: [] })
  const { expr_template_values: values } = await run(Message.decode("milvus.proto.milvus.QueryRequest", request))
  assertEquals(values["one"]?.int64_val, big)
  assertEquals(values["whole"]?.array_val?.long_data?.data, [big, 1n])
  assertEquals(values["halves"]?.array_val?.double_data?.data, [2 ** 53, 0.5])
  const texts = (name: string) =>
    values[name]?.array_val?.json_data?.data.map((bytes) => new TextDecoder().decode(bytes))
  assertEquals(texts("odd"), ["9007199254740993", "0.5"])
  assertEquals(texts("mixed"), ["9007199254740993", '"x"', "[9007199254740993,1.5]", "-0.0", "9007199254740992.0"])
})
