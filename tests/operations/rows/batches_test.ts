/** Batches of a search give exactly what comparing every row gives, for generated data, on every server. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, type Connection, Field, filter, Index, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { namer, onFake, servers, simple } from "../support.ts"

const next = namer("batches")

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

type Metric = "L2" | "IP" | "COSINE" | "HAMMING" | "JACCARD"

const bits = (byte: number): number => byte === 0 ? 0 : (byte & 1) + bits(byte >> 1)
const sum = (a: ReadonlyArray<number>, b: ReadonlyArray<number>, of: (a: number, b: number) => number) =>
  a.reduce((total, value, at) => total + of(value, b[at]!), 0)

const scoreOf: Readonly<Record<Metric, (a: ReadonlyArray<number>, b: ReadonlyArray<number>) => number>> = {
  L2: (a, b) => sum(a, b, (a, b) => (a - b) ** 2),
  IP: (a, b) => sum(a, b, (a, b) => a * b),
  COSINE: (a, b) => sum(a, b, (a, b) => a * b) / Math.sqrt(sum(a, a, (a, b) => a * b) * sum(b, b, (a, b) => a * b)),
  HAMMING: (a, b) => sum(a, b, (a, b) => bits(a ^ b)),
  JACCARD: (a, b) => 1 - sum(a, b, (a, b) => bits(a & b)) / sum(a, b, (a, b) => bits(a | b)),
}

const isSimilar = (metric: Metric) => metric === "IP" || metric === "COSINE"
const isBinary = (metric: Metric) => metric === "HAMMING" || metric === "JACCARD"

/** Small numbers, so that most scores come many times. */
const vectorOf = (metric: Metric, of: () => number) =>
  Array.from(
    { length: isBinary(metric) ? 2 : 3 },
    () => isBinary(metric) ? 1 + Math.floor(of() * 15) : 1 + Math.floor(of() * 5),
  )

const collectionOf = (metric: Metric): Collection.AnyDefinition =>
  // Cast: the type of the vectors is only known when it runs.
  Collection.define(next(), {
    id: Field.int64({ primaryKey: true }),
    v: isBinary(metric) ? Field.binaryVector({ dimension: 16 }) : Field.floatVector({ dimension: 3 }),
  }, {
    indexes: {
      v: isBinary(metric) ? Index.binFlat({ metric: metric as "HAMMING" }) : Index.flat({ metric: metric as "L2" }),
    },
    consistencyLevel: "Eventually",
  } as never) as unknown as Collection.AnyDefinition

interface Case {
  readonly query: ReadonlyArray<number>
  readonly batchSize: number
  readonly limit: number | undefined
  readonly least: number | undefined
  readonly radius: number | undefined
  readonly inner: number | undefined
}

/**
 * Bounds lie between two scores, where rounding makes no difference, and scores of the same value are not told apart.
 */
const caseOf = (metric: Metric, rows: ReadonlyArray<{ readonly v: ReadonlyArray<number> }>, of: () => number): Case => {
  const query = vectorOf(metric, of)
  const scores = [...new Set(rows.map(({ v }) => scoreOf[metric](query, v).toFixed(5)))].map(Number)
  const ordered = scores.toSorted((a, b) => isSimilar(metric) ? b - a : a - b)
  const between = (at: number) => ordered[at + 1] === undefined ? undefined : (ordered[at]! + ordered[at + 1]!) / 2
  const first = Math.floor(of() * ordered.length)
  const last = first + Math.floor(of() * (ordered.length - first))
  const bounded = of()
  return {
    query,
    batchSize: of() < 0.2 ? 1 : 2 + Math.floor(of() * 12),
    limit: of() < 0.4 ? 1 + Math.floor(of() * rows.length) : undefined,
    least: of() < 0.4 ? Math.floor(of() * rows.length) : undefined,
    radius: bounded < 0.6 ? between(last) : undefined,
    // Milvus takes the nearer bound only with one that is farther.
    inner: bounded < 0.4 && first < last && between(last) !== undefined ? between(first) : undefined,
  }
}

const check = (
  metric: Metric,
  collection: Collection.AnyDefinition,
  rows: ReadonlyArray<{ readonly id: number; readonly v: ReadonlyArray<number> }>,
  one: Case,
  what: string,
): Effect.Effect<void, unknown, Connection.Connection> =>
  Effect.gen(function* () {
    const { query, batchSize, limit, least, radius, inner } = one
    const sign = isSimilar(metric) ? -1 : 1
    const wanted = rows.map(({ id, v }) => ({ id, score: scoreOf[metric](query, v) })).filter(({ id, score }) =>
      (least === undefined || id >= least) && (radius === undefined || sign * score < sign * radius) &&
      (inner === undefined || sign * score >= sign * inner)
    ).toSorted((a, b) => sign * (a.score - b.score))
    const batches = [
      ...(yield* Stream.runCollect(
        Vectors.searchBatches(collection, isBinary(metric) ? Uint8Array.from(query) : query, {
          batchSize,
          limit,
          filter: least === undefined ? undefined : filter`id >= ${least}`,
          params: {
            ...(radius === undefined ? {} : { radius }),
            ...(inner === undefined ? {} : { range_filter: inner }),
          },
          outputFields: ["id"],
        }),
      )),
    ]
    assert(batches.every(({ ids }) => ids.length >= 1 && ids.length <= batchSize), what)
    const hits = batches.flatMap((batch) => batch.hits().toArray().map(({ id, score }) => ({ id: Number(id), score })))
    assertEquals(new Set(hits.map(({ id }) => id)).size, hits.length, `${what}: a hit comes twice`)
    assertEquals(hits.length, Math.min(wanted.length, limit ?? Infinity), what)
    const known = new Map(wanted.map(({ id, score }) => [id, score]))
    for (const [at, { id, score }] of hits.entries()) {
      assert(Math.abs(score - known.get(id)!) < 1e-5, `${what}: hit ${id} has the score ${score}`)
      assert(Math.abs(score - wanted[at]!.score) < 1e-5, `${what}: hit ${at} has the score ${score}`)
    }
  })

const metricsOf: Readonly<Record<string, ReadonlyArray<Metric>>> = {
  "FakeMilvus": ["L2", "IP", "COSINE", "HAMMING", "JACCARD"],
  // It has no binary vectors.
  "milvus-lite": ["L2", "IP", "COSINE"],
  "Milvus 2.3.5": ["L2", "IP", "COSINE", "HAMMING", "JACCARD"],
  "FakeMilvus without iterators": ["L2", "IP", "COSINE", "HAMMING", "JACCARD"],
}

const all = {
  ...servers(),
  "FakeMilvus without iterators": <A, E>(use: Parameters<typeof onFake<A, E>>[0]) => onFake(use, { version: "v2.3.5" }),
}

for (const [server, run] of Object.entries(all)) {
  for (const metric of metricsOf[server]!) {
    test(`rule 8: ${server}: a search in batches by ${metric} gives each hit once, within its bounds`, () =>
      run(({ mine }) =>
        mine(Effect.gen(function* () {
          const seed = Date.now() % 100_000
          const of = random(seed)
          const rows = Array.from({ length: 90 }, (_, id) => ({ id, v: vectorOf(metric, of) }))
          const C = collectionOf(metric)
          yield* Collection.create(C)
          yield* Vectors.insert(C, rows)
          assertEquals(yield* Vectors.count(C, "", { consistency: "Strong" }), rows.length)
          for (let turn = 0; turn < 25; turn++) {
            const one = caseOf(metric, rows, of)
            yield* check(metric, C, rows, one, `seed ${seed}, turn ${turn}, ${JSON.stringify(one)}`)
          }
        }))
      ))
  }
}

test("rule 8: a count that a reply does not have is an error, and not 0", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      const replies = [
        {},
        { fields_data: [{ type: "Int64" as const, field_name: "count(*)", scalars: { long_data: { data: [] } } }] },
        {
          fields_data: [{
            type: "VarChar" as const,
            field_name: "count(*)",
            scalars: { string_data: { data: ["1"] } },
          }],
        },
      ]
      for (const reply of replies) {
        yield* fake.handle("Query", () => Effect.succeed(reply))
        const error = yield* Effect.flip(Vectors.count(C))
        assert(error._tag === "CodecError" && error.field === "count(*)", error.message)
      }
    }))
  ))

test("rule 8: a metric that the server does not report is an error, and not a guess", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple(next())
      yield* Collection.create(C)
      // All scores are the same, so that only the metric shows which way to go on.
      yield* Vectors.insert(C, [1, 2, 3].map((id) => ({ id, v: [1, 1] })))
      yield* fake.handle("DescribeIndex", () => Effect.succeed({}))
      const error = yield* Effect.flip(Stream.runDrain(Vectors.searchBatches(C, [0, 0], { batchSize: 1 })))
      assert(error._tag === "CodecError" && /metric/.test(error.message), error.message)
      const found = yield* Stream.runCollect(Vectors.searchBatches(C, [0, 0], { batchSize: 1, metric: "L2" }))
      assertEquals([...found].length, 3)
    }))
  ))
