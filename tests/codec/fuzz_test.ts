/**
 * Hostile replies: any bytes are decoded, or refused with a CodecError, quickly and in an amount of memory that is
 * bounded by their size.
 */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert"
import { emitText, encode, type Fragment, message, text, uint } from "../../src/codec/protobuf/writer.ts"
import { columnPart } from "../../src/codec/columns/encodeColumn.ts"
import {
  CodecError,
  type Column,
  type ColumnInput,
  decodeMutationResult,
  decodeQueryResults,
  decodeSearchResults,
  valuesOf,
} from "../../src/codec/mod.ts"
import { idsPart } from "../../src/codec/messages/ids.ts"
import { packedInt64, packedNumbers } from "../../src/codec/protobuf/packed.ts"
import { figure, scaled } from "../support/scale.ts"
import { codecError } from "./support.ts"
import { test } from "../support/test.ts"

/** A seeded generator of random numbers (mulberry32). */
const generator = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = state + 0x6d2b79f5 | 0
    let mixed = Math.imul(state ^ state >>> 15, 1 | state)
    mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
    return Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32 * below)
  }
}

const valid = Uint8Array.of(1, 0, 1)
const f = { fieldName: "f" }
const columns: ReadonlyArray<ColumnInput> = [
  { ...f, type: "Bool", values: [true, false, true] },
  { ...f, type: "Int8", values: [1, -1, 127] },
  { ...f, type: "Int64", values: [1, -1, 450000000000000000n], valid },
  { ...f, type: "Float", values: [1, 2, 3] },
  { ...f, type: "Double", values: [1, 2, 3], valid },
  { ...f, type: "VarChar", values: ["a", "é😀", "x".repeat(130)] },
  { ...f, type: "JSON", values: ["{}", "[1]", '"a"'], isDynamic: true },
  { ...f, type: "Geometry", values: ["a", "b", "c"] },
  { ...f, type: "Timestamptz", encoding: "number", values: [1, 2, 3] },
  { ...f, type: "Array", elementType: "Int64", rows: [[1, 2], [], [-1]], valid },
  { ...f, type: "Array", elementType: "VarChar", rows: [["a", "b"], [], ["é"]] },
  { ...f, type: "FloatVector", rows: [[1, 2], [3, 4], [5, 6]] },
  { ...f, type: "FloatVector", rows: [[1, 2], null, [5, 6]], nullable: true },
  { ...f, type: "BinaryVector", rows: [[1], [2], [3]] },
  { ...f, type: "Float16Vector", rows: [[1], [2], [3]] },
  { ...f, type: "Int8Vector", rows: [[1], [2], [3]] },
  { ...f, type: "SparseFloatVector", rows: [{ 1: 2 }, {}, { 3: 4, 5: 6 }] },
  { ...f, type: "ArrayOfVector", elementType: "FloatVector", dimension: 2, rows: [[[1, 2]], [], [[3, 4], [5, 6]]] },
  {
    ...f,
    type: "ArrayOfStruct",
    fields: [
      { fieldName: "a", type: "Array", elementType: "Bool", rows: [[true], [], [false]] },
      { fieldName: "b", type: "ArrayOfVector", elementType: "Int8Vector", dimension: 2, rows: [[[1, 2]], [], []] },
    ],
  },
]

const status = message(1, [uint(1, 49), text(2, "reason", "r"), uint(3, 8), message(6, [emitText(1, "k", "k")])])
const ids = BigInt64Array.of(1n, -1n, 450000000000000000n)
const searchOf = (column: ColumnInput): Uint8Array =>
  encode("seed", [
    status,
    message(2, [
      uint(1, 2),
      uint(2, 3),
      columnPart(3, column).part,
      packedNumbers(4, Float32Array.of(1, 2, 3)),
      idsPart(5, ids, "ids"),
      packedInt64(6, BigInt64Array.of(2n, 1n)),
      emitText(7, "f", "f"),
      columnPart(8, column).part,
      message(11, [emitText(1, "token", "t")]),
      message(14, [emitText(1, "f", "f"), ...[1, 2, 3].map(() => message(2, [emitText(1, "<em>", "f")]))]),
    ]),
    text(3, "collection", "c"),
    uint(4, 7),
  ])

interface Kind {
  readonly decode: (bytes: Uint8Array) => object
  readonly seeds: ReadonlyArray<Uint8Array>
}

const kinds: ReadonlyArray<Kind> = [
  { decode: decodeSearchResults, seeds: columns.map(searchOf) },
  {
    decode: decodeQueryResults,
    seeds: columns.map((column) => encode("seed", [status, columnPart(2, column).part, columnPart(2, column).part])),
  },
  {
    decode: decodeMutationResult,
    seeds: [
      encode("seed", [
        status,
        idsPart(2, ids, "ids"),
        packedInt64(3, ids.subarray(0, 1)),
        uint(6, 3),
        uint(9, 2 ** 50),
      ]),
      encode("seed", [status, idsPart(2, ["a", "é"], "ids")]),
    ],
  },
]

/**
 * Makes one or several changes. Most leave the message nearly valid, so that checks after the first are reached, too.
 */
const mutate = (seed: Uint8Array, random: (below: number) => number): Uint8Array => {
  let bytes: Uint8Array = seed.slice()
  for (let changes = 1 + random(2); changes > 0 && bytes.length > 0; changes--) {
    const at = random(bytes.length)
    switch (random(8)) {
      case 0:
        bytes[at] = bytes[at]! ^ 1 << random(8)
        break
      case 1:
        bytes[at] = random(256)
        break
      case 2:
        bytes = bytes.slice(0, at)
        break
      case 3: // replaces a byte with a huge length or number
        bytes = splice(bytes, at, 1, [0xff, 0xff, 0xff, 0xff, 0x07 + random(9)])
        break
      case 4: // inserts a varint without an end
        bytes = splice(bytes, at, 0, Array.from({ length: 1 + random(12) }, () => 0x80 | random(128)))
        break
      case 5: // increases or decreases a byte a little
        bytes[at] = bytes[at]! + 1 - random(3)
        break
      case 6: { // inserts a copy of a piece, or overwrites other bytes with it
        const from = random(bytes.length)
        const piece = bytes.subarray(from, from + random(30))
        bytes = splice(bytes, at, random(2) * piece.length, Array.from(piece))
        break
      }
      default:
        bytes = splice(bytes, at, random(6), [])
    }
  }
  return bytes
}

const splice = (bytes: Uint8Array, at: number, remove: number, insert: ReadonlyArray<number>): Uint8Array => {
  const result = Array.from(bytes)
  result.splice(at, remove, ...insert)
  return Uint8Array.from(result)
}

/** Reads every decoded value, and returns roughly how much memory the values hold, without views of the reply. */
const weigh = (value: unknown, reply: ArrayBufferLike): number => {
  if (ArrayBuffer.isView(value)) return value.buffer === reply ? 0 : value.buffer.byteLength
  if (typeof value === "string") return value.length * 2
  if (value instanceof Map) return weigh([...value.keys(), ...value.values()], reply)
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + 8 + weigh(item, reply), 0)
  if (typeof value !== "object" || value === null) return 8
  return Object.values(value).reduce((sum: number, item) => sum + weigh(item, reply), 0)
}

const isColumn = (value: unknown): value is Column =>
  typeof value === "object" && value !== null && "fieldName" in value

const readAll = (decoded: object): void => {
  const fields: unknown = "fields" in decoded ? decoded.fields : []
  assert(Array.isArray(fields))
  for (const field of fields) {
    assert(isColumn(field))
    const value = valuesOf(field)
    for (let row = 0; row < field.length; row++) {
      try {
        value(row)
      } catch (error) {
        if (!(error instanceof CodecError)) throw error
      }
    }
  }
}

test("mutated replies are decoded or refused with CodecError, quickly and in bounded memory", () => {
  const total = scaled(1_000_000, 30_000)
  const random = generator(20261123)
  let decoded = 0
  let slowest = 0
  const begin = performance.now()
  for (let run = 0; run < total; run++) {
    const { decode, seeds } = kinds[random(kinds.length)]!
    const bytes = mutate(seeds[random(seeds.length)]!, random)
    const from = performance.now()
    try {
      const result = decode(bytes)
      readAll(result)
      decoded++
      assertLess(weigh(result, bytes.buffer), 1_000 + bytes.length * 64)
    } catch (error) {
      if (!(error instanceof CodecError)) {
        throw new Error(`run ${run}: ${decode.name}(Uint8Array.fromBase64("${bytes.toBase64()}"))`, { cause: error })
      }
    }
    slowest = Math.max(slowest, performance.now() - from)
  }
  // Both must happen often; otherwise the mutations are not useful.
  assertGreater(decoded, total / 20)
  assertGreater(total - decoded, total / 5)
  assertLess(slowest, 2_000)
  figure(
    "codec: mutated replies",
    `${total}, ${decoded} decoded, in ${Math.round((performance.now() - begin) / 1e3)} s`,
  )
})

test("a reply is decoded or refused when it is cut off anywhere", () => {
  for (const { decode, seeds } of kinds) {
    for (const seed of seeds) {
      decode(seed)
      for (let end = 0; end < seed.length; end++) {
        try {
          decode(seed.subarray(0, end))
        } catch (error) {
          assert(error instanceof CodecError, `${decode.name} of ${seed.toBase64()} up to ${end}: ${error}`)
        }
      }
    }
  }
})

const varint = (value: number): Array<number> =>
  value < 128 ? [value] : [value % 128 | 128, ...varint(Math.floor(value / 128))]

/**
 * Returns nested messages: their tags alternate as in `inside`, and those of `around` enclose them, the last outermost.
 */
const nested = (inside: ReadonlyArray<number>, around: ReadonlyArray<number>, depth: number): Uint8Array => {
  const reversed: Array<number> = []
  for (let level = 0; level < depth + around.length; level++) {
    const tag = level < depth ? inside[level % inside.length]! : around[level - depth]!
    const head = [tag, ...varint(reversed.length)]
    reversed.push(...head.reverse())
  }
  return Uint8Array.from(reversed.reverse())
}

test("replies are refused when they are nested very deeply", () => {
  const kinds: ReadonlyArray<readonly [inside: ReadonlyArray<number>, around: ReadonlyArray<number>, problem: string]> =
    [
      [[0x42, 0x0a], [18], "nested structs are not supported"],
      [[0x42, 0x0a], [0x1a, 18], "nested arrays are not supported"],
      [[0x42, 0x12], [0x22, 18], "nested arrays of vectors are not supported"],
    ]
  for (const [inside, around, problem] of kinds) {
    for (const depth of [10, 11, 100_000, 100_001]) {
      // At an even depth, the outermost tag is not the one of such a message, and is skipped.
      const bytes = nested(inside, around, depth)
      if (depth % 2 === 1) assert(codecError(() => decodeQueryResults(bytes)).message.includes(problem), problem)
      else decodeQueryResults(bytes)
    }
  }
  // Groups are skipped, but only up to a limited depth.
  codecError(() => decodeQueryResults(new Uint8Array(100_000).fill(0x7b)))
  codecError(() => decodeQueryResults(Uint8Array.of(0x7b, 0x84, 0x01)))
  assertEquals(decodeQueryResults(Uint8Array.of(0x7b, 0x83, 0x01, 0x84, 0x01, 0x7c, 0x28, 5)).sessionTs, 5n)
})

test("a packed field is refused when its last varint is cut off", () => {
  // The ids of a mutation result, then columns of 32-bit integers, of booleans, and of flags.
  codecError(() => decodeMutationResult(Uint8Array.of(18, 5, 10, 3, 10, 1, 0x80)))
  codecError(() => decodeMutationResult(Uint8Array.of(18, 6, 10, 4, 10, 2, 1, 0xff, 40, 1)))
  // The bytes that follow would complete the varint, and be consumed.
  codecError(() => decodeMutationResult(Uint8Array.of(18, 7, 10, 5, 10, 1, 0x80, 8, 1)))
  codecError(() => decodeMutationResult(Uint8Array.of(26, 2, 1, 0x80)))
  codecError(() => decodeQueryResults(Uint8Array.of(18, 9, 8, 1, 26, 5, 10, 3, 10, 1, 0x80)))
  codecError(() => decodeQueryResults(Uint8Array.of(18, 5, 8, 1, 58, 1, 0x80)))
})

test("a field in very many pieces is decoded in linear time", () => {
  const pieces = 200_000
  // A packed piece that can be viewed, followed by one number at a time.
  for (const shift of [0, 1, 2, 3]) {
    const bytes = new Uint8Array(shift + 14 + pieces * 5)
    const inner = 6 + pieces * 5
    const head = [18, ...varint(inner + 4), 34, 4, 0, 0, 0x80, 0x3f]
    bytes.set(head, shift)
    for (let piece = 0; piece < pieces; piece++) bytes.set([0x25, 0, 0, 0, 0x40], shift + head.length + piece * 5)
    const length = head.length + pieces * 5
    const exact = [18, ...varint(6 + pieces * 5)]
    bytes.set(exact, shift)
    const begin = performance.now()
    const error = codecError(() => decodeSearchResults(bytes.subarray(shift, shift + length)))
    assert(error.message.includes(`${pieces + 1} scores`), error.message)
    assertLess(performance.now() - begin, 2_000)
  }
})

test("wrong dimensions and lengths do not allocate memory", () => {
  const lies: ReadonlyArray<Uint8Array> = [
    // A dimension of 2^53 - 1, and of 2^63.
    encode("q", [message(2, [uint(1, 101), message(4, [uint(1, 2 ** 53 - 1)]), packedFlags(1_000)])]),
    Uint8Array.of(18, 14, 8, 101, 34, 10, 8, 255, 255, 255, 255, 255, 255, 255, 255, 127),
    // A packed field of 2^31 bytes, which are missing.
    Uint8Array.of(18, 12, 8, 5, 26, 8, 26, 6, 10, 0xff, 0xff, 0xff, 0xff, 7),
    // Lengths that overflow 32 bits.
    Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
    Uint8Array.of(10, 0xfe, 0xff, 0xff, 0xff, 0x0f),
  ]
  for (const bytes of lies) {
    try {
      const [field] = decodeQueryResults(bytes).fields
      assert(field !== undefined && field.length <= 1_000)
      assertLess(weigh(field, bytes.buffer), 10_000)
    } catch (error) {
      assert(error instanceof CodecError)
    }
  }
})

function packedFlags(count: number): Fragment {
  return { size: count + 3, write: (to) => to.set(Uint8Array.of(0x3a, ...varint(count), ...new Uint8Array(count))) }
}
