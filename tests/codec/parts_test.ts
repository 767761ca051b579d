/** The parts of the codec: varints, 16-bit floats, text, memory of the other byte order, and skipped fields. */
import { Buffer } from "node:buffer"
import * as Arbitrary from "effect/Arbitrary"
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import { countVarints, readInt64s } from "../../src/codec/protobuf/int64.ts"
import { copyNumbers, fillNumbers } from "../../src/codec/protobuf/endianness.ts"
import {
  bfloat16ToFloat32,
  BytesList,
  decodeMutationResult,
  decodeQueryResults,
  decodeSearchResults,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  vectorIndex,
} from "../../src/codec/mod.ts"
import { packedInt64 } from "../../src/codec/protobuf/packed.ts"
import { Reader } from "../../src/codec/protobuf/reader.ts"
import { utf8Length } from "../../src/codec/protobuf/utf8.ts"
import { encode, varint64Size, varintSize } from "../../src/codec/protobuf/writer.ts"
import { codecError, double, float, holds, int64, integer, list, oneOf, pick, text } from "./support.ts"
import { test } from "../support/test.ts"

/** Encodes one varint in the simplest way. */
const varintOf = (value: bigint): Array<number> => {
  const bytes: Array<number> = []
  for (let rest = BigInt.asUintN(64, value); bytes.length === 0 || rest > 0n || bytes.at(-1)! > 127; rest >>= 7n) {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
  }
  return bytes
}

test(
  "64-bit integers are encoded as varints and decoded from them",
  () =>
    holds(list(int64, 40), (values) => {
      const expected = values.flatMap(varintOf)
      const part = packedInt64(1, BigInt64Array.from(values))
      const bytes = encode("x", [part])
      assertEquals(Array.from(bytes.subarray(bytes.length - expected.length)), expected)
      const reader = new Reader("x", Uint8Array.from(expected))
      assertEquals(countVarints(reader.bytes, reader.view, 0, expected.length), values.length)
      const read = new BigInt64Array(values.length)
      readInt64s(reader, read, 0, values.length, expected.length)
      assertEquals(Array.from(read), values)
      assertEquals(reader.at, expected.length)
    }),
)

test(
  "varints are decoded when they are longer than necessary",
  () =>
    holds(list(Arbitrary.all([int64, integer(0, 9)])), (values) => {
      const expected = values.map(([value]) => value)
      const bytes = values.flatMap(([value, padding]) => {
        const varint = varintOf(value)
        while (varint.length < 10 && varint.length <= padding) {
          varint[varint.length - 1]! |= 128
          varint.push(0)
        }
        return varint
      })
      const reader = new Reader("x", Uint8Array.from(bytes))
      const read = new BigInt64Array(values.length)
      readInt64s(reader, read, 0, values.length, bytes.length)
      assertEquals(Array.from(read), expected)
      const single = new Reader("x", Uint8Array.from(bytes))
      assertEquals(expected.map(() => single.int64()), expected)
    }),
)

test("a varint of eleven bytes is refused at any position", () => {
  for (let before = 0; before < 12; before++) {
    const bytes = [...Array(before).fill(1), ...Array(10).fill(0x80), 1]
    for (const after of [0, 9]) {
      const packed = [...bytes, ...Array(after).fill(1)]
      // Integer ids of a mutation result.
      const inner = [10, packed.length + 2, 10, packed.length, ...packed]
      const error = codecError(() => decodeMutationResult(Uint8Array.of(18, inner.length, ...inner)))
      assert(error.message.includes("ten bytes"), error.message)
    }
  }
})

test("varintSize and varint64Size return the number of encoded bytes", () => {
  for (let bits = 0; bits < 64; bits++) {
    for (const value of [2n ** BigInt(bits), 2n ** BigInt(bits) - 1n, BigInt.asUintN(64, -(2n ** BigInt(bits)))]) {
      const { length } = varintOf(value)
      assertEquals(varint64Size(Number(value & 0xffffffffn), Number(value >> 32n)), length)
      if (value < 2n ** 53n) assertEquals(varintSize(Number(value)), length)
    }
  }
})

test("utf8Length returns the number of encoded bytes", async () => {
  await holds(text, (text) => assertEquals(utf8Length(text), new TextEncoder().encode(text).length))
  const units = list(pick("a", "é", "\ud83d", "\ude00", "\ud800", "\udfff"))
  await holds(Arbitrary.map(units, (units) => units.join("")), (text) => {
    assertEquals(utf8Length(text), text.isWellFormed() ? new TextEncoder().encode(text).length : -1)
  })
})

// ---- 16-bit floats

/** Every half-precision number and its bits, in which the nearest number can be looked up. */
const valueOf16 = (bits: number, fraction: number, bias: number): number => {
  const exponent = (bits & 0x7fff) >> fraction
  const rest = bits & (1 << fraction) - 1
  const sign = bits & 0x8000 ? -1 : 1
  if (exponent === bias * 2 + 1) return rest === 0 ? sign * Infinity : NaN
  return sign *
    (exponent === 0 ? rest * 2 ** (1 - bias - fraction) : (2 ** fraction + rest) * 2 ** (exponent - bias - fraction))
}

for (
  const [name, fraction, bias, narrow, widen] of [
    ["half-precision", 10, 15, float32ToFloat16, float16ToFloat32],
    ["bfloat16", 7, 127, float32ToBfloat16, bfloat16ToFloat32],
  ] as const
) {
  const infinity = (bias * 2 + 1) << fraction
  const finite = Array.from({ length: infinity }, (_, bits) => valueOf16(bits, fraction, bias))

  test(`every ${name} number is widened to its value and narrowed to its bits`, () => {
    const all = Uint16Array.from({ length: 65536 }, (_, bits) => bits)
    const wide = widen(all)
    for (const bits of all) {
      assert(Object.is(wide[bits], valueOf16(bits, fraction, bias)), `${bits}: ${wide[bits]}`)
    }
    const back = narrow(wide)
    for (const bits of all) {
      const isNaN = (bits & 0x7fff) > infinity
      // A signalling NaN may become a quiet one.
      const quiet = bits | 1 << fraction - 1
      assert(back[bits] === bits || isNaN && back[bits] === quiet, `${bits}: ${back[bits]}`)
    }
  })

  test(`numbers are rounded to the nearest ${name} number, ties to even`, async () => {
    const nearest = (value: number): number => {
      let low = 0
      let high = infinity
      // The greatest number that is not above the value.
      while (high - low > 1) {
        const middle = low + high >> 1
        if (finite[middle]! <= value) low = middle
        else high = middle
      }
      const above = low + 1 === infinity ? 2 ** (bias + 1) : finite[low + 1]!
      const [down, up] = [value - finite[low]!, above - value]
      return down < up || down === up && (low & 1) === 0 ? low : low + 1
    }
    const between = Arbitrary.map(
      Arbitrary.all([integer(0, infinity - 2), pick(0, 0.25, 0.5, 0.75, 0.5 + 2 ** -30, 0.5 - 2 ** -30)]),
      ([bits, share]) => finite[bits]! + (finite[bits + 1]! - finite[bits]!) * share,
    )
    await holds(oneOf(between, float, double), (value) => {
      if (Number.isNaN(value)) return
      const magnitude = Math.abs(value)
      const expected = magnitude === Infinity || magnitude >= 2 ** (bias + 1) ? infinity : nearest(magnitude)
      const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
      assertEquals(narrow([value])[0], sign | expected, `${value}`)
    }, 2_000)
  })
}

// ---- other parts

test("bytes are swapped when the byte order of the machine is the other one", () => {
  const values = Float32Array.of(1, -2.5, NaN)
  const out = new Uint8Array(13)
  copyNumbers(out, 1, values, false)
  assertEquals(Array.from(out.subarray(1, 5)), [0x3f, 0x80, 0, 0])
  const back = new Float32Array(4)
  fillNumbers(back, 1, out, 1, 13, false)
  assertEquals(Array.from(back), [0, 1, -2.5, NaN])
  const longs = BigInt64Array.of(1n)
  const bytes = new Uint8Array(8)
  copyNumbers(bytes, 0, longs, false)
  assertEquals(Array.from(bytes), [0, 0, 0, 0, 0, 0, 0, 1])
})

test("BytesList returns views, and parses JSON on demand", () => {
  const list = new BytesList(new TextEncoder().encode('xx{"a":1}y'), Uint32Array.of(2, 9, 9, 9, 0, 1))
  assertEquals(list.length, 3)
  assertEquals(list.json(0), { a: 1 })
  assertEquals(list.json(1), undefined)
  codecError(() => list.json(2))
  assertEquals(list.text(3), "")
  assert(list.get(0).buffer === list.memory.buffer)
})

test("bytes that are decoded from a Node Buffer are not a Buffer", () => {
  const reply = Buffer.from([18, 17, 8, 23, 18, 1, 102, 26, 10, 74, 8, 10, 2, 123, 125, 10, 2, 123, 125])
  const [field] = decodeQueryResults(reply).fields
  assert(field?.type === "JSON")
  assertEquals([field.values.get(1).constructor, field.values.get(1).buffer], [Uint8Array, reply.buffer])
  assertEquals(field.values.json(1), {})
})

test("vectorIndex returns the position of the vector of each row", () => {
  assertEquals(Array.from(vectorIndex(Uint8Array.of(1, 0, 0, 1, 1))), [0, -1, -1, 1, 2])
})

test("an empty reply decodes to a success without results", () => {
  const empty = new Uint8Array(0)
  assertEquals(decodeSearchResults(empty).ids, new BigInt64Array(0))
  assertEquals(decodeQueryResults(empty).fields, [])
  assertEquals(decodeMutationResult(empty).status.code, 0)
})

test("text that is not UTF-8 is refused, even if two pieces together form a character", () => {
  const strings = (...all: ReadonlyArray<ReadonlyArray<number>>) => {
    const list = all.flatMap((bytes) => [10, bytes.length, ...bytes])
    return Uint8Array.of(18, list.length + 2, 18, list.length, ...list)
  }
  assertEquals(decodeMutationResult(strings([0xc3, 0xa9], [0x61])).ids, ["é", "a"])
  for (const bytes of [strings([0xff]), strings([0xc3], [0xa9]), strings([0x61], [0xed, 0xa0, 0x80])]) {
    const error = codecError(() => decodeMutationResult(bytes))
    assertEquals([error.kind, error.expected], ["Message", "a well-formed message"])
    assert(error.actual?.includes("not UTF-8"), error.message)
  }
})

test("replies are refused when their parts have different row counts", () => {
  const problem = (run: () => unknown) => {
    const { actual, kind } = codecError(run)
    assertEquals(kind, "Message")
    return actual ?? ""
  }
  const search = (...bytes: ReadonlyArray<number>) =>
    problem(() => decodeSearchResults(Uint8Array.of(18, bytes.length, ...bytes)))
  const ids = [42, 6, 10, 4, 10, 2, 1, 2]
  const scores = [34, 8, 0, 0, 0, 0, 0, 0, 0, 0]
  assertStringIncludes(search(...ids, 50, 1, 2), "2 ids but 0 scores")
  assertStringIncludes(search(...ids, ...scores, 50, 1, 3), "2 hits, but the counts of the queries add up to 3")
  assertStringIncludes(
    search(...ids, ...scores, 50, 1, 2, 26, 7, 8, 5, 18, 1, 102, 26, 0),
    '"f" has 0 values for 2 hits',
  )
  assertStringIncludes(search(50, 10, ...varintOf(-1n)), "negative")
  const column = (...values: ReadonlyArray<number>) => {
    const array = [10, values.length, ...values]
    return [18, array.length + 6, 8, 5, 26, array.length + 2, 26, array.length, ...array]
  }
  assertEquals(decodeQueryResults(Uint8Array.of(...column(1, 2), ...column(3, 4))).length, 2)
  assertStringIncludes(problem(() => decodeQueryResults(Uint8Array.of(...column(1), ...column(1, 2)))), "has 2 rows")
})
