/** Sets for `membership_match`: their bytes are those of pymilvus, and what they refuse. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Result from "effect/Result"
import { bloomFilter } from "../../src/filter/bloomFilter.ts"
import { type Filter, filter, toExpression, toTemplate } from "../../src/filter/Filter.ts"
import { roaringBitmap } from "../../src/filter/roaringBitmap.ts"
import { xxh64 } from "../../src/filter/xxh64.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

/** A generator of random numbers that is the same in each run. */
const random = (seed: number) => (): number => {
  seed = seed + 0x6d2b79f5 | 0
  let mixed = Math.imul(seed ^ seed >>> 15, 1 | seed)
  mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed
  return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32
}

const next = random(7)
const below = (limit: number) => Math.floor(next() * limit)
const many = <A>(count: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, i) => make(i))
const anyInt64 = () => BigInt.asIntN(64, BigInt(below(2 ** 32)) << 32n | BigInt(below(2 ** 32)))

/** Sets of each form of container, on each side of the limits between them. */
const integerSets: ReadonlyArray<ReadonlyArray<number | bigint>> = [
  [],
  [0],
  [-1, 0, 1],
  [2n ** 63n - 1n, -(2n ** 63n)],
  [5, 5, 5, 3],
  many(10, anyInt64),
  many(3000, anyInt64),
  many(100, (index) => index),
  many(70_000, (index) => index - 20),
  many(4096, (index) => index * 2),
  many(4097, (index) => index * 2),
  many(2055, (index) => index * 4).flatMap((value) => [value, value + 1, value + 2]),
  many(2056, (index) => index * 4).flatMap((value) => [value, value + 1, value + 2]),
  many(20_000, () => below(2 ** 18)),
  many(3, (index) => index * 65_536).flatMap((value) => many(10, (index) => value + index)),
  many(4, (index) => index * 65_536).flatMap((value) => many(10, (index) => value + index)),
  many(9, (index) => index * 65_536).flatMap((value) => [value, value + 2]).concat(many(9, (index) => index)),
  [65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 40],
]

const textSets: ReadonlyArray<ReadonlyArray<string>> = [
  // Each length up to more than two stripes of the hash function, and characters of one to four bytes.
  many(100, (length) => "abcdefghij".repeat(10).slice(0, length)),
  ["", "é", "漢字", "\u{1f600}", 'quo"te\\', "line\nbreak", "{v0}"],
  many(2000, () => `${anyInt64()}${"x".repeat(below(80))}`),
]

const rates = [0.005, 0.0001, 0.05]

const script = `
import base64, hashlib, json, sys
from pymilvus import build_bloom_filter, build_roaring_bitmap
integers, texts, rates = json.load(sys.stdin)
integers = [[int(one) for one in members] for members in integers]
digest = lambda blob: hashlib.sha256(blob).hexdigest()
print(json.dumps({
    "roaring": [digest(build_roaring_bitmap(members)) for members in integers],
    "bloom": [[digest(build_bloom_filter(members, rate)) for rate in rates] for members in integers + texts],
}))
`

const bytesOf = ({ bytes }: ReturnType<typeof roaringBitmap>): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Result.getOrThrow(Result.mapError(bytes, ({ expected }) => new Error(expected))))

const digest = async (set: ReturnType<typeof roaringBitmap>): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(set)))]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("")

test("Bloom filters and Roaring bitmaps have the bytes that pymilvus makes", async () => {
  const process = new Deno.Command(await pythonWith("pymilvus"), {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const writer = process.stdin.getWriter()
  const input = [integerSets.map((set) => set.map(String)), textSets, rates]
  await writer.write(new TextEncoder().encode(JSON.stringify(input)))
  await writer.close()
  const { success, stdout, stderr } = await process.output()
  assert(success, new TextDecoder().decode(stderr))
  const theirs = JSON.parse(new TextDecoder().decode(stdout))
  for (const [index, set] of integerSets.entries()) {
    assertEquals(await digest(roaringBitmap(set)), theirs.roaring[index], `roaring ${index}`)
  }
  for (const [index, set] of [...integerSets, ...textSets].entries()) {
    for (const [at, falsePositiveRate] of rates.entries()) {
      assertEquals(
        await digest(bloomFilter(set, { falsePositiveRate })),
        theirs.bloom[index][at],
        `bloom ${index} ${at}`,
      )
    }
  }
  assertEquals(
    await digest(bloomFilter([1, 2], undefined)),
    await digest(bloomFilter([1, 2], { falsePositiveRate: 0.005 })),
  )
})

test("xxh64 is the published hash of known texts", () => {
  const hex = (text: string) => {
    const { high, low } = xxh64(new TextEncoder().encode(text))
    return [high, low].map((half) => half.toString(16).padStart(8, "0")).join("")
  }
  assertEquals(hex(""), "ef46db3751d8e999")
  assertEquals(hex("a"), "d24ec4f1a98c6e5b")
  assertEquals(hex("abc"), "44bc2cf5ad770999")
  assertEquals(hex("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1")
})

test("a set is made of any iterable and any typed array, once", () => {
  const list = [3, 1, 2]
  const expected = bytesOf(roaringBitmap(list))
  assertEquals(bytesOf(roaringBitmap(new Set(list))), expected)
  assertEquals(bytesOf(roaringBitmap(new Int32Array(list))), expected)
  assertEquals(bytesOf(roaringBitmap(new BigInt64Array(list.map(BigInt)))), expected)
  const set = filter.roaring(list)
  list.push(4)
  const used = filter`membership_match(id, ${set})`
  assertEquals(Result.getOrThrow(toTemplate(used)), {
    expression: "membership_match(id, {v0})",
    values: { v0: expected },
  })
})

test("an invalid set is refused when it is used", () => {
  const messageOf = (made: Filter) => Result.getOrThrow(Result.flip(toTemplate(made))).message
  // Casts: what an untyped program may write.
  const cases: ReadonlyArray<readonly [Filter, string]> = [
    [
      filter`m(a, ${filter.roaring([1, 1.5])})`,
      'field "filter value 1[1]": expected a 64-bit bigint or a safe integer, got 1.5',
    ],
    [filter`m(a, ${filter.roaring([2n ** 63n])})`, "filter value 1[0]"],
    [filter`m(a, ${filter.roaring([2 ** 53])})`, "safe integer"],
    [filter`m(a, ${filter.roaring(["1"] as never)})`, "got a string"],
    [filter`m(a, ${filter.roaring("12" as never)})`, "expected a list of values, got a string"],
    [filter`m(a, ${filter.roaring(null as never)})`, "got null"],
    [filter`m(a, ${filter.bloom([1, "a"] as never)})`, "filter value 1[1]"],
    [filter`m(a, ${filter.bloom(["a", 1] as never)})`, "well-formed Unicode text"],
    [filter`m(a, ${filter.bloom(["\ud800"])})`, "well-formed Unicode text"],
    [filter`m(a, ${filter.bloom([true] as never)})`, "got true"],
    [filter`m(a, ${filter.bloom([1], { falsePositiveRate: 0.06 })})`, "from 0.0001 to 0.05, got 0.06"],
    [filter`m(a, ${filter.bloom([1], { falsePositiveRate: NaN })})`, "got NaN"],
    [filter`m(a, ${filter.bloom([1], { rate: 0.01 } as never)})`, "got an option rate"],
    [filter`m(a, ${filter.bloom([1], null as never)})`, "got null"],
    [filter`m(a, ${filter.roaring(many(300_000, (index) => BigInt(index) << 32n))})`, "a set that Milvus accepts"],
    [filter`a in [${filter.roaring([1])}]`, "a value that has a text"],
  ]
  for (const [made, expected] of cases) assertStringIncludes(messageOf(made), expected)
  const asText = Result.getOrThrow(Result.flip(toExpression(filter`m(a, ${filter.bloom([1])})`)))
  assertStringIncludes(asText.message, "a value that has a text")
})
