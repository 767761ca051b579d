/**
 * Encodes sets of integers or texts as Bloom filters, for `membership_match`: the split block Bloom filter of Parquet
 * (https://github.com/apache/parquet-format/blob/master/BloomFilter.md) after a header of Milvus.
 *
 * A member is hashed by {@linkcode xxh64}: an integer as its 8 bytes, little-endian, and a text as its bytes in UTF-8.
 */
import * as Result from "effect/Result"
import { describeValue } from "../codec/errors.ts"
import type { LiteralProblem } from "./literal.ts"
import { listOf, type Members, readIntegers } from "./members.ts"
import { type Hash, xxh64 } from "./xxh64.ts"

/** Encodes a set as a Bloom filter. */
export const bloomFilter = (members: Iterable<unknown>, options: unknown): Members => {
  const read = Result.flatMap(listOf(members), readMembers)
  return {
    of: Result.isFailure(read) || read.success.count === 0 ? undefined : read.success.of,
    bytes: Result.flatMap(read, (members) => Result.map(readRate(options), (rate) => encode(members, rate))),
  }
}

/** Members that are read, and how to hash each of them. */
interface ReadMembers {
  readonly of: "integer" | "text"
  readonly count: number
  readonly hashAt: (index: number) => Hash
}

const readMembers = (members: ArrayLike<unknown>): Result.Result<ReadMembers, LiteralProblem> => {
  if (typeof members[0] !== "string") return Result.map(readIntegers(members), hashIntegers)
  const texts: Array<string> = []
  for (let index = 0; index < members.length; index++) {
    const member = members[index]
    if (typeof member !== "string" || !member.isWellFormed()) {
      return Result.fail({
        index,
        expected: "well-formed Unicode text, as the other members are text",
        actual: describeValue(member),
      })
    }
    texts.push(member)
  }
  const encoder = new TextEncoder()
  return Result.succeed({ of: "text", count: texts.length, hashAt: (index) => xxh64(encoder.encode(texts[index])) })
}

const hashIntegers = (integers: BigInt64Array): ReadMembers => {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  const hashAt = (index: number) => {
    view.setBigInt64(0, integers[index] ?? 0n, true)
    return xxh64(bytes)
  }
  return { of: "integer", count: integers.length, hashAt }
}

const readRate = (options: unknown): Result.Result<number, LiteralProblem> => {
  const expected = "{ falsePositiveRate }, from 0.0001 to 0.05"
  if (options === undefined) return Result.succeed(defaultRate)
  if (typeof options !== "object" || options === null) {
    return Result.fail({ expected, actual: describeValue(options) })
  }
  const { falsePositiveRate: rate = defaultRate, ...others } = options as { readonly falsePositiveRate?: unknown }
  const [other] = Object.keys(others)
  if (other !== undefined) return Result.fail({ expected, actual: `an option ${other}` })
  return typeof rate === "number" && rate >= 0.0001 && rate <= 0.05
    ? Result.succeed(rate)
    : Result.fail({ expected, actual: describeValue(rate) })
}

const defaultRate = 0.005
const [headerSize, blockSize] = [32, 32]
/** Limits of Milvus for the size without the header, in bytes. */
const [minSize, maxSize] = [blockSize, 2 ** 27]
/** By word of a block, the factor that decides which of its bits a member sets. */
const salts = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31]

/** Returns the size without the header, in bytes: a power of 2. */
const sizeOf = (count: number, rate: number): number => {
  const bits = Math.trunc(-8 * count / Math.log(1 - rate ** (1 / 8)))
  let size = minSize
  while (size * 8 < bits && size < maxSize) size *= 2
  return size
}

const encode = ({ of, count, hashAt }: ReadMembers, rate: number): Uint8Array => {
  const size = sizeOf(count, rate)
  const blocks = size / blockSize
  const bytes = new Uint8Array(headerSize + size)
  const view = new DataView(bytes.buffer)
  bytes.set([..."MBF1"].map((char) => char.charCodeAt(0)))
  view.setUint16(4, 1, true)
  view.setUint16(6, 1, true)
  view.setBigUint64(8, BigInt(count), true)
  view.setFloat64(16, rate, true)
  view.setUint32(24, blocks, true)
  view.setUint8(28, count === 0 ? 0 : of === "integer" ? 1 : 2)
  for (let index = 0; index < count; index++) {
    const { high, low } = hashAt(index)
    // Exact: the number of blocks is a power of 2.
    const block = headerSize + blockSize * Math.floor(high / 2 ** 32 * blocks)
    for (let word = 0; word < 8; word++) {
      const at = block + 4 * word
      view.setUint32(at, view.getUint32(at, true) | 1 << (Math.imul(low, salts[word] ?? 0) >>> 27), true)
    }
  }
  return bytes
}
