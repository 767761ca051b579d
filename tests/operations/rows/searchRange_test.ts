/** Ranges behind ranges find each hit once, whatever the scores are. */
import { assert, assertEquals } from "@std/assert"
import { isDistance, keysOf, nextRange, type Range, rangeLimits } from "../../../src/operations/rows/searchRange.ts"
import { test } from "../../support/test.ts"

interface Hit {
  readonly id: bigint
  readonly score: number
}

/** As Milvus serves a range: nearest first, `limit` of them, the inner bound within and the outer one without. */
const search = (
  hits: ReadonlyArray<Hit>,
  nearer: -1 | 1,
  limit: number,
  without: ReadonlySet<unknown>,
  bounds: { readonly radius?: number; readonly range_filter?: number },
): ReadonlyArray<Hit> => {
  const { radius, range_filter: inner } = bounds
  return hits
    .filter(({ id, score }) =>
      !without.has(id) &&
      (inner === undefined || (nearer < 0 ? score >= Math.fround(inner) : score <= Math.fround(inner))) &&
      (radius === undefined || (nearer < 0 ? score < Math.fround(radius) : score > Math.fround(radius)))
    )
    .toSorted((a, b) => nearer < 0 ? a.score - b.score : b.score - a.score)
    .slice(0, limit)
}

/** The ids in the order in which pages give them, and how many searches it took. */
const walk = (hits: ReadonlyArray<Hit>, nearer: -1 | 1, limit: number, radius?: number) => {
  const found: Array<bigint> = []
  let range: Range | undefined
  let searches = 0
  while (true) {
    assert(++searches < 10 * hits.length + 20, "it does not end")
    const without = new Set<unknown>(range === undefined ? [] : [...keysOf(range)])
    const bounds = range === undefined
      ? { ...(radius === undefined ? {} : { radius }) }
      : rangeLimits(range, nearer, radius)
    const page = search(hits, nearer, limit, without, bounds)
    found.push(...page.map(({ id }) => id))
    const scores = Float32Array.from(page, ({ score }) => score)
    range = nextRange(range, { ids: BigInt64Array.from(page, ({ id }) => id), scores }, nearer, limit)
    if (range === undefined) return { found, searches }
  }
}

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

/** Kinds of scores: spread out, in few values, far apart, tiny, negative, all the same. */
const kinds: Readonly<Record<string, (next: () => number) => number>> = {
  "spread out": (next) => next() * 10,
  "in few values": (next) => Math.floor(next() * 5),
  "far apart": (next) => 10 ** Math.floor(next() * 40 - 3),
  "tiny": (next) => next() * 1e-40,
  "of both signs": (next) => next() * 2 - 1,
  "below zero": (next) => -1000 - next(),
  "one and the same": () => 0.5,
  "zeros": () => 0,
}

for (const [kind, score] of Object.entries(kinds)) {
  for (const nearer of [-1, 1] as const) {
    test(`ranges give each hit once, from the nearest outwards (${nearer}), when scores are ${kind}`, () => {
      for (let seed = 1; seed <= 60; seed++) {
        const next = random(seed)
        const count = Math.floor(next() * 60)
        const limit = 1 + Math.floor(next() * 20)
        const hits = Array.from({ length: count }, (_, id) => ({
          id: BigInt(id),
          score: Math.fround(Math.min(score(next), 3e38)),
        }))
        const { found, searches } = walk(hits, nearer, limit)
        assertEquals(found.toSorted(), hits.map(({ id }) => id).toSorted(), `seed ${seed}`)
        const scores = found.map((id) => hits[Number(id)]!.score)
        const ordered = scores.toSorted((a, b) => nearer < 0 ? a - b : b - a)
        assertEquals(scores, ordered, `seed ${seed}`)
        // Each page but the empty ones at the end costs a search.
        assert(searches <= 3 * Math.ceil(count / limit) + 30, `seed ${seed}: ${searches} searches for ${count}`)
      }
    })
  }
}

test("ranges end at the radius that was asked for", () => {
  const hits = Array.from({ length: 50 }, (_, id) => ({ id: BigInt(id), score: id }))
  assertEquals(walk(hits, -1, 7, 20).found, hits.slice(0, 20).map(({ id }) => id))
  assertEquals(walk(hits, 1, 7, 20).found, hits.slice(21).map(({ id }) => id).toReversed())
})

test("isDistance tells metrics in which less is nearer", () => {
  assertEquals(["L2", "l2", "JACCARD", "HAMMING"].map(isDistance), [true, true, true, true])
  assertEquals(["IP", "COSINE", "BM25", "MHJACCARD"].map(isDistance), [false, false, false, false])
})
