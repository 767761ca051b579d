/** Properties of maximal marginal relevance, on random vectors. */
import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert"
import { Relevance } from "../../src/ai/mod.ts"
import { CodecError } from "../../mod.ts"
import { test } from "../support/test.ts"

const { maximalMarginalRelevance } = Relevance

/** Returns a generator of numbers from -1 to 1, which are the same in every run. */
const makeRandom = (seed: number) => (): number => {
  seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x9e3779b9 | 0
  return (seed >>> 0) / 2 ** 31 - 1
}

interface Case {
  readonly query: ReadonlyArray<number>
  readonly vectors: ReadonlyArray<ReadonlyArray<number>>
  readonly limit: number
  readonly lambda: number
}

/** 200 cases of 0 to 30 vectors with 1 to 8 numbers. A third of the vectors repeats another one, or is zero. */
const cases: ReadonlyArray<Case> = Array.from({ length: 200 }, (_, seed) => {
  const random = makeRandom(seed + 1)
  const upTo = (most: number) => Math.floor((random() + 1) / 2 * (most + 1) * 0.999999)
  const dimension = 1 + upTo(7)
  const make = () => Array.from({ length: dimension }, random)
  const vectors: Array<ReadonlyArray<number>> = []
  const count = upTo(30)
  while (vectors.length < count) {
    const kind = upTo(5)
    const earlier = vectors[upTo(vectors.length - 1)]
    vectors.push(kind === 0 && earlier !== undefined ? earlier : kind === 1 ? make().fill(0) : make())
  }
  return { query: make(), vectors, limit: upTo(35), lambda: [0, 0.3, 0.5, 0.9, 1][upTo(4)]! }
})

/** The similarity, written in another way than in the source. */
const similarity = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const dot = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0)
  const lengths = Math.sqrt(dot(a, a) * dot(b, b))
  return lengths === 0 ? 0 : dot(a, b) / lengths
}

const every = (holds: (one: Case, chosen: ReadonlyArray<number>) => void) => {
  for (const one of cases) holds(one, maximalMarginalRelevance(one.query, one.vectors, one))
}

test("it chooses as many as asked for, each once", () => {
  every(({ vectors, limit }, chosen) => {
    assertEquals(chosen.length, Math.min(limit, vectors.length))
    assertEquals(new Set(chosen).size, chosen.length)
    assert(chosen.every((at) => at >= 0 && at < vectors.length))
  })
})

test("each choice has the largest score of those that are left", () => {
  every(({ query, vectors, lambda }, chosen) => {
    chosen.forEach((at, step) => {
      const before = chosen.slice(0, step)
      const scoreOf = (vector: ReadonlyArray<number>) => {
        const toChosen = before.map((other) => similarity(vectors[other]!, vector))
        return lambda * similarity(query, vector) - (1 - lambda) * (step === 0 ? 0 : Math.max(...toChosen))
      }
      const best = Math.max(...vectors.filter((_, other) => !before.includes(other)).map(scoreOf))
      assert(scoreOf(vectors[at]!) >= best - 1e-9, `${scoreOf(vectors[at]!)} is less than ${best}`)
    })
  })
})

test("a smaller limit gives the beginning of a larger one", () => {
  every(({ query, vectors, limit, lambda }, chosen) => {
    const all = maximalMarginalRelevance(query, vectors, { limit: vectors.length, lambda })
    assertEquals(chosen, all.slice(0, limit))
  })
})

test("lambda 1 gives the nearest ones, in order", () => {
  for (const { query, vectors } of cases) {
    const chosen = maximalMarginalRelevance(query, vectors, { limit: vectors.length, lambda: 1 })
    const scores = chosen.map((at) => similarity(query, vectors[at]!))
    scores.forEach((score, at) => assert(at === 0 || score <= scores[at - 1]! + 1e-9))
  }
})

test("the lengths of vectors do not matter", () => {
  // Powers of two, so that the products are exact.
  every(({ query, vectors, limit, lambda }, chosen) => {
    const longer = vectors.map((vector, at) => vector.map((value) => value * 2 ** (at % 5 + 1)))
    const others = maximalMarginalRelevance(query.map((value) => value * 4), longer, { limit, lambda })
    assertEquals(others, chosen)
  })
})

test("a repeated vector is chosen after one that is new", () => {
  const vectors = [[1, 0], [1, 0], [0.6, 0.8]]
  assertEquals(maximalMarginalRelevance([1, 0], vectors, { limit: 3, lambda: 0.3 }), [0, 2, 1])
  assertEquals(maximalMarginalRelevance(new Float32Array([1, 0]), vectors, { limit: 2, lambda: 1 }), [0, 1])
})

test("what does not fit is refused", () => {
  const refused = (run: () => unknown): string => {
    const error = assertThrows(run)
    assertInstanceOf(error, CodecError)
    return error.message
  }
  const vectors = [[1, 0], [1]]
  assertEquals(
    [
      refused(() => maximalMarginalRelevance([1, 0], [], { limit: 1, lambda: 1.1 })),
      refused(() => maximalMarginalRelevance([1, 0], [], { limit: 1, lambda: NaN })),
      refused(() => maximalMarginalRelevance([1, 0], [], { limit: 0.5 })),
      refused(() => maximalMarginalRelevance([1, 0], vectors, { limit: 1 })),
    ],
    [
      'field "lambda": expected a number from 0 to 1, got 1.1',
      'field "lambda": expected a number from 0 to 1, got NaN',
      'field "limit": expected a whole number from 0, got 0.5',
      'field "vectors", row 1: expected 2 numbers, like the query, got 1',
    ],
  )
})
