/** Helpers for the tests of the codec: properties that shrink, edge values, and access to other codecs. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { assert, assertEquals, fail } from "@std/assert"
import { columnPart } from "../../src/codec/columns/encodeColumn.ts"
import { CodecError, type Column, type ColumnInput, decodeQueryResults } from "../../src/codec/mod.ts"
import { encode } from "../../src/codec/protobuf/writer.ts"
import * as Descriptor from "../../src/grpc/methods.ts"
import type { Messages } from "../../src/contract/messages.gen.ts"
import { pythonWith } from "../support/python.ts"

// ---- properties

/** Fails with the smallest input that was found. The property throws if it does not hold. */
export const holds = async <A>(arbitrary: Arbitrary.Arbitrary<A>, property: (value: A) => void, runs = 300) => {
  const checked = (value: A) => Effect.as(Effect.try({ try: () => property(value), catch: (error) => error }), true)
  const result = await Effect.runPromise(Arbitrary.checkEffect(arbitrary, checked, { runs, maxShrinks: 2_000 }))
  if (result._tag === "Passed") return
  if (result._tag !== "Falsified") return fail(Deno.inspect(result))
  const why = result.failure._tag === "PropertyError" ? result.failure.error : "it does not hold"
  fail(`fails for ${Deno.inspect(result.shrunkInput, { depth: 8 })}: ${why}\n${result.replay}`)
}

/** Picks one of the values; shrinks to the first ones. */
export const pick = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(integer(0, values.length - 1), (index) => values[index]!)

export const oneOf = <A>(...options: ReadonlyArray<Arbitrary.Arbitrary<A>>): Arbitrary.Arbitrary<A> =>
  Arbitrary.flatMap(pick(...options), (option) => option)

export const integer = (minimum: number, maximum: number): Arbitrary.Arbitrary<number> =>
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum, maximum })))

export const int8 = oneOf(pick(0, -128, 127, -1), integer(-128, 127))
export const int16 = oneOf(pick(0, -32768, 32767, -1), integer(-32768, 32767))
export const int32 = oneOf(
  pick(0, -(2 ** 31), 2 ** 31 - 1, -1, 127, 128, 16383, 16384),
  integer(-(2 ** 31), 2 ** 31 - 1),
)
const uint32 = integer(0, 2 ** 32 - 1)

/** Integers of every varint length, and the extremes. */
export const int64: Arbitrary.Arbitrary<bigint> = oneOf(
  pick(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, 450000000000000000n),
  Arbitrary.map(
    Arbitrary.all([uint32, uint32, integer(0, 63)]),
    ([a, b, shift]) => BigInt.asIntN(64, (BigInt(a) << 32n | BigInt(b)) >> BigInt(shift)),
  ),
)

/** The bits of floats, including NaN with payloads, infinities, -0 and subnormal numbers. */
export const floatBits = oneOf(
  pick(
    0,
    0x80000000,
    0x3f800000,
    0x7f800000,
    0xff800000,
    0x7fc00000,
    0x7f800001,
    0xffc12345,
    1,
    0x807fffff,
    0x7f7fffff,
  ),
  uint32,
)
/** The low and the high word of doubles. */
export const doubleBits = Arbitrary.all([
  uint32,
  oneOf(pick(0, 0x80000000, 0x7ff00000, 0xfff00001, 0x3ff00000), uint32),
])
/** Numbers that a 32-bit float holds exactly. */
export const float = Arbitrary.map(floatBits, (bits) => new Float32Array(Uint32Array.of(bits).buffer)[0]!)
export const double = Arbitrary.map(doubleBits, ([low, high]) => new Float64Array(Uint32Array.of(low, high).buffer)[0]!)

export const floatsOf = (bits: ReadonlyArray<number>): Float32Array => new Float32Array(Uint32Array.from(bits).buffer)
export const doublesOf = (bits: ReadonlyArray<readonly [number, number]>): Float64Array =>
  new Float64Array(Uint32Array.from(bits.flat()).buffer)

export const bool = pick(false, true)
/** Texts with characters of every width in UTF-8, with lengths at the limits that matter to the codec. */
export const text: Arbitrary.Arbitrary<string> = oneOf(
  pick(
    "",
    "a",
    "é",
    "€",
    "😀",
    "\0",
    "\ufeff",
    "\uffff",
    "a".repeat(47),
    "a".repeat(49),
    "é".repeat(64),
    "x".repeat(127),
  ),
  pick("x".repeat(128), "€".repeat(50), "😀".repeat(40), "y".repeat(5000), "ab😀".repeat(30)),
  Arbitrary.map(Arbitrary.schema(Schema.String), (text) => text.toWellFormed()),
)
export const bytes = Arbitrary.map(
  Arbitrary.array(integer(0, 255), { maxLength: 20 }),
  (bytes) => Uint8Array.from(bytes),
)

export const list = <A>(item: Arbitrary.Arbitrary<A>, maxLength = 12): Arbitrary.Arbitrary<Array<A>> =>
  Arbitrary.array(item, { maxLength })

/** Adds nulls to the generated values. */
export const nullable = <A>(item: Arbitrary.Arbitrary<A>): Arbitrary.Arbitrary<A | null> =>
  oneOf<A | null>(item, item, pick(null))

// ---- columns

export const columnBytes = (column: ColumnInput): Uint8Array => encode("QueryResults", [columnPart(2, column).part])

/** Encodes and decodes a column, then encodes the result, which must give the same bytes. */
export const roundTrip = (column: ColumnInput): Column => {
  const bytes = columnBytes(column)
  const [read, ...others] = decodeQueryResults(bytes).fields
  assert(read !== undefined && others.length === 0)
  assert(read.type !== "Unknown")
  assertEquals(columnBytes(read), bytes, "what was read writes other bytes")
  // A different alignment must not change the result.
  const moved = new Uint8Array(bytes.length + 3).subarray(3)
  moved.set(bytes)
  const again = decodeQueryResults(moved).fields[0]!
  assert(again.type !== "Unknown")
  assertEquals(columnBytes(again), bytes, "the alignment matters")
  return read
}

/** Asserts that all bits are equal. `assertEquals` does not distinguish NaN payloads, nor -0 from 0. */
export const assertSameBits = (actual: ArrayBufferView, expected: ArrayBufferView): void => {
  assertEquals(actual.constructor.name, expected.constructor.name)
  const memory = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  assertEquals(memory(actual), memory(expected))
}

export const codecError = (run: () => unknown): CodecError => {
  try {
    run()
  } catch (error) {
    if (error instanceof CodecError) return error
    throw error
  }
  return fail("no error")
}

// ---- other codecs

/** Returns the generic codec of a message. */
export const generic = async <Name extends keyof Messages>(name: Name): Promise<{
  readonly write: (value: Messages[Name]["input"]) => Uint8Array
  readonly read: (bytes: Uint8Array) => Messages[Name]["output"]
}> => {
  const codec = await Effect.runPromise(Descriptor.codec(name))
  assert(codec !== undefined)
  return {
    write: (value) => codec.serialize(value),
    read: (bytes) => codec.deserialize(bytes) as Messages[Name]["output"],
  }
}

/** Runs a Python script with pymilvus. `input` is its standard input; returns its standard output. */
export const python = async (script: string, input: Uint8Array): Promise<Uint8Array> => {
  const executable = await pythonWith("milvus-lite")
  const file = await Deno.makeTempFile({ suffix: ".py" })
  try {
    await Deno.writeTextFile(file, script)
    const child = new Deno.Command(executable, { args: [file], stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn()
    const writer = child.stdin.getWriter()
    const written = writer.write(input).then(() => writer.close())
    const { success, stdout, stderr } = await child.output()
    await written
    assert(success, new TextDecoder().decode(stderr))
    return stdout
  } finally {
    await Deno.remove(file)
  }
}
