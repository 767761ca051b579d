/** Fields of every type that a server of the tests has, with the extreme values of each type. */
import * as Field from "../../src/schema/Field.ts"
import type { SparseVector } from "../../src/schema/values.ts"
import type { Row } from "./types_exact.ts"

/** The values of each field in turn, by field. */
export type Values = Readonly<Record<string, ReadonlyArray<unknown>>>

const ints = (bits: number) => [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, 0, -1, 1]
const leastLong = -(2n ** 63n)
const greatestLong = 2n ** 63n - 1n
const longs = [leastLong, greatestLong, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 0n, -1n, 300n]
/** 64-bit integers; the last two are numbers. */
const int64s = [...longs, -(2 ** 53) + 1, 2 ** 40 + 1]
/**
 * Zeros of both signs, the least and the greatest normal and subnormal numbers, and numbers that a shorter float
 * rounds.
 */
const floats = [0, -0, 2 ** -149, -(2 ** -126) + 2 ** -149, 2 ** -126, (2 - 2 ** -23) * 2 ** 127, Math.fround(0.1)]
const doubles = [0, -0, 5e-324, 2 ** -1022 - 5e-324, -(2 ** -1022), Number.MAX_VALUE, 0.1]
const notFinite = [NaN, Infinity, -Infinity]
const texts = [
  "",
  "plain",
  "🦕 𝒳 \u{10ffff}",
  "e\u0301 é \ufeff \ufffd \u200d",
  "quotes \" ' ` and \\ and \r\n\t",
  "\0 and \x7f",
  "\ufeffbegins with a mark",
  "語".repeat(100),
]
const documents = [
  {},
  { a: [1, "b", null, true], "ü 🦕": { deep: { deeper: [[], {}] } } },
  [],
  [1, 2.5, -1e300, 5e-324],
  { "": "", number: 2 ** 53 - 1 },
]

/** An empty array, a full one, and arrays of one value each. */
const lists = (values: ReadonlyArray<unknown>) => [[], values, ...values.map((value) => [value])]
const list = { maxCapacity: 16 }
const text = { maxLength: 300 }

/** Fields that every server has, nullable or not. */
export const scalars = (options: { readonly nullable?: boolean } = {}) => ({
  bool: Field.bool(options),
  int8: Field.int8(options),
  int16: Field.int16(options),
  int32: Field.int32(options),
  int64: Field.int64(options),
  float: Field.float(options),
  double: Field.double(options),
  varChar: Field.varChar({ ...text, ...options }),
  json: Field.json(options),
  bools: Field.array(Field.bool(), { ...list, ...options }),
  int8s: Field.array(Field.int8(), { ...list, ...options }),
  int16s: Field.array(Field.int16(), { ...list, ...options }),
  int32s: Field.array(Field.int32(), { ...list, ...options }),
  int64s: Field.array(Field.int64(), { ...list, ...options }),
  floats: Field.array(Field.float(), { ...list, ...options }),
  doubles: Field.array(Field.double(), { ...list, ...options }),
  varChars: Field.array(Field.varChar(text), { ...list, ...options }),
})

export const scalarValues = {
  bool: [true, false],
  int8: ints(8),
  int16: ints(16),
  int32: ints(32),
  int64: int64s,
  float: [...floats, ...notFinite],
  double: [...doubles, ...notFinite],
  varChar: texts,
  json: documents,
  bools: lists([true, false]),
  int8s: lists(ints(8)),
  int16s: lists(ints(16)),
  int32s: lists(ints(32)),
  int64s: lists(int64s),
  floats: lists([...floats, ...notFinite]),
  doubles: lists([...doubles, ...notFinite]),
  varChars: lists(texts),
} satisfies Values

/** Fields that may be left out, with the values that they then have. */
export const defaults = {
  defaultBool: Field.bool({ default: false }),
  defaultInt8: Field.int8({ default: -128 }),
  defaultInt16: Field.int16({ default: 0 }),
  defaultInt32: Field.int32({ default: 2 ** 31 - 1 }),
  defaultInt64: Field.int64({ default: leastLong }),
  defaultFloat: Field.float({ default: Math.fround(0.1) }),
  defaultDouble: Field.double({ default: 5e-324 }),
  defaultText: Field.varChar({ maxLength: 100, default: "🦕 ''" }),
  defaultNoText: Field.varChar({ maxLength: 100, default: "" }),
}

/** Values of these fields other than the defaults. */
export const defaultValues = {
  defaultBool: [true],
  defaultInt8: [127],
  defaultInt16: [1, 2],
  defaultInt32: [0, 3],
  defaultInt64: [0n],
  defaultFloat: [-0],
  defaultDouble: [Infinity],
  defaultText: ["given", ""],
  defaultNoText: ["given"],
} satisfies Values

/** Types that only milvus-lite keeps: geometries, and timestamps in its format. */
export const newScalars = (options: { readonly nullable?: boolean } = {}) => ({
  geometry: Field.geometry(options),
  timestamptz: Field.timestamptz(options),
})

export const newScalarValues = {
  geometry: ["POINT (1 2)", "POLYGON ((0 0, 0 1e10, -0.5 1, 0 0))", "POINT (-0.1 1e-300)"],
  timestamptz: [
    "2025-05-01T15:59:59Z",
    "1970-01-01T00:00:00.000001Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
  ],
} satisfies Values

/** Vectors of finite floats, with each extreme value at each position. */
export const floatVectors: ReadonlyArray<Float32Array> = floats.map((_, at) =>
  Float32Array.from({ length: 4 }, (_, place) => floats[(at + place) % floats.length]!)
)

/** Halves: zeros of both signs, the least and the greatest of both kinds, and numbers that a shorter half rounds. */
export const float16Vectors: ReadonlyArray<Float32Array> = [
  Float32Array.of(0, -0, 2 ** -24, -65504),
  Float32Array.of(65504, 2 ** -14 - 2 ** -24, -(2 ** -14), 1365 / 4096),
]

/** Bits: none, all, and the first and last ones. */
export const binaryVectors: ReadonlyArray<Uint8Array> = [
  Uint8Array.of(0, 0),
  Uint8Array.of(255, 255),
  Uint8Array.of(1, 128),
]

/** Vectors that some servers refuse. */
export const notFiniteVectors: ReadonlyArray<Float32Array> = notFinite.map((value) => Float32Array.of(value, 1, 2, 3))

/** Sparse vectors with one index, the greatest index, and many. All have index 7, for searches. */
export const sparseVectors: ReadonlyArray<SparseVector> = [
  { indices: Uint32Array.of(7), values: Float32Array.of(1) },
  { indices: Uint32Array.of(0, 7, 2 ** 32 - 2), values: Float32Array.of(2 ** -149, 1, 2 ** 127) },
  { indices: Uint32Array.from({ length: 100 }, (_, at) => at), values: new Float32Array(100).fill(Math.fround(0.1)) },
]

/** Dynamic keys. */
export const dynamicValues = {
  extra: [1, "text", true, ["a", { b: null }], 0.1],
  "schlüssel 🦕": [{}, { nested: { "": -1e300 } }, "🦕"],
} satisfies Values

/** Adds a null before and after the values of each field, or one in the middle. */
export const withNulls = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, all], at) => [
      name,
      at % 2 === 0 ? [null, ...all, null] : [...all.slice(0, 1), null, ...all.slice(1)],
    ]),
  )

/** The least and the greatest key of 64 bits, which Milvus 2.3.5 does not treat like others. */
export const outerKeys: readonly [least: bigint, greatest: bigint] = [leastLong, greatestLong]
const longKeys = longs.filter((key) => !outerKeys.includes(key))

/** Returns keys: the extreme ones first, and then others that are in no other `set`. */
export const keys = (type: string, set: number, length: number): ReadonlyArray<bigint | string> =>
  Array.from({ length }, (_, at) => {
    if (type === "Int64") return set === 0 && longKeys[at] !== undefined ? longKeys[at] : BigInt(set * 1000 + 400 + at)
    return set === 0 && texts[at] !== undefined ? texts[at] : `${set} ${at} ${texts[at % texts.length]!.slice(0, 90)}`
  })

/** Makes as many rows as the longest list has values. Shorter lists start again. */
export const rowsOf = (values: Values): ReadonlyArray<Row> => {
  const length = Math.max(...Object.values(values).map(({ length }) => length))
  return Array.from(
    { length },
    (_, row) => Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all[row % all.length]])),
  )
}
