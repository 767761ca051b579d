/** Filters on metadata find the rows that they describe, on each server of the tests, and refuse what is not a filter. */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, type Connection, Field, filter, Index, Vectors } from "../../mod.ts"
import { metadataPlaces } from "../../src/adapters/metadataFields.ts"
import { translateFilter } from "../../src/adapters/metadataFilter.ts"
import type { MetadataFilter } from "../../src/adapters/metadataTypes.ts"
import { namer, servers } from "../operations/support.ts"
import { test } from "../support/test.ts"
import { assertRefused } from "./support.ts"

const name = namer("metadata")

/** Values of every type, and none, for the same keys. */
const metadata: ReadonlyArray<Readonly<Record<string, unknown>>> = [
  { year: 1815, lang: "en", tags: ["a", "b"], ok: true, loc: { page: 1 } },
  { year: 1922, lang: "de", tags: ["b"], ok: false, loc: { page: 2 } },
  { year: 1922.5, lang: "100%_x", tags: ["c", "d"] },
  {},
  { year: "1922", lang: 5, tags: "b" },
  { year: null, lang: "en", ok: true, at: "2025-01-01T00:00:00.000Z" },
  { year: 2 ** 40, lang: 'quo"te', tags: [1, 2], at: "2026-01-01T00:00:00.000Z" },
]
/** On milvus-lite, neither a comparison nor its opposite holds for a value of another type: it has no such years. */
const metadataOn = (server: string): typeof metadata =>
  server === "milvus-lite" ? metadata.map((it) => typeof it["year"] === "string" ? { ...it, year: 0 } : it) : metadata
type Metadata = Readonly<Record<string, unknown>>
type Case = readonly [filter: MetadataFilter, fits: (it: Metadata) => boolean]

const number = (value: unknown, fits: (value: number) => boolean) => typeof value === "number" && fits(value)
const has = (value: unknown, element: unknown) => Array.isArray(value) && value.includes(element)

/** Each condition, with the rows that fit: those of its own type, and none without a value. */
const conditions: ReadonlyArray<Case> = [
  [{ year: 1922 }, ({ year }) => year === 1922],
  [{ year: 1922.5 }, ({ year }) => year === 1922.5],
  [{ year: 2n ** 40n }, ({ year }) => year === 2 ** 40],
  [{ year: "1922" }, ({ year }) => year === "1922"],
  [{ lang: { $eq: "en" } }, ({ lang }) => lang === "en"],
  [{ lang: 'quo"te' }, ({ lang }) => lang === 'quo"te'],
  [{ lang: '" or 1 == 1 or "' }, () => false],
  [{ ok: true }, ({ ok }) => ok === true],
  [{ ok: { $ne: true } }, ({ ok }) => ok !== true],
  [{ lang: { $ne: "en" } }, ({ lang }) => lang !== "en"],
  [{ year: { $gt: 1900 } }, ({ year }) => number(year, (it) => it > 1900)],
  [{ year: { $gte: 1922, $lt: 1923 } }, ({ year }) => number(year, (it) => it >= 1922 && it < 1923)],
  [{ year: { $lte: 1922.5 } }, ({ year }) => number(year, (it) => it <= 1922.5)],
  [{ at: { $gt: new Date("2025-06-01") } }, ({ at }) => typeof at === "string" && at > "2025-06"],
  [{ lang: { $in: ["en", "de", 5] } }, ({ lang }) => lang === "en" || lang === "de" || lang === 5],
  [{ lang: ["en", "de"] }, ({ lang }) => lang === "en" || lang === "de"],
  [{ tags: { $in: ["b", "c"] } }, ({ tags }) => tags === "b" || has(tags, "b") || has(tags, "c")],
  [{ tags: { $nin: ["b", 2] } }, ({ tags }) => !(tags === "b" || has(tags, "b") || has(tags, 2))],
  [{ lang: { $in: [] } }, () => false],
  [{ lang: { $nin: [] } }, () => true],
  [{ tags: { $all: ["a", "b"] } }, ({ tags }) => has(tags, "a") && has(tags, "b")],
  [{ tags: { $size: 2 } }, ({ tags }) => Array.isArray(tags) && tags.length === 2],
  [{ tags: { $contains: 2 } }, ({ tags }) => has(tags, 2)],
  [{ tags: { $contains: ["b"] } }, ({ tags }) => has(tags, "b")],
  [{ lang: { $like: "d%" } }, ({ lang }) => typeof lang === "string" && lang.startsWith("d")],
  [{ loc: { page: 2 } }, ({ loc }) => page(loc) === 2],
  [{ "loc.page": { $lt: 2 } }, ({ loc }) => number(page(loc), (it) => it < 2)],
  [{ loc: { page: { $not: { $gt: 1 } } } }, ({ loc }) => !number(page(loc), (it) => it > 1)],
  [{ lang: { $exists: true } }, ({ lang }) => lang !== undefined],
  [{ at: { $exists: false } }, ({ at }) => at === undefined],
  [{ at: null }, ({ at }) => at === undefined],
  [{ at: { $ne: null } }, ({ at }) => at !== undefined],
  [{ at: { $nin: [null, "x"] } }, ({ at }) => at !== undefined],
  [{ year: null }, ({ year }) => year === undefined || year === null],
  [{ year: { $ne: null } }, ({ year }) => year !== undefined && year !== null],
  [{ year: { $not: { $gte: 1900, $lte: 2000 } } }, ({ year }) => !number(year, (it) => it >= 1900 && it <= 2000)],
  [{}, () => true],
  [{ $or: [] }, () => false],
  [{ $nor: [] }, () => true],
  [{ $and: [] }, () => true],
]
const page = (loc: unknown) => (loc as { readonly page?: number } | undefined)?.page

/** A generator of random numbers that is the same in each run. */
const random = (seed: number) => (limit: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor(seed / 2 ** 32 * limit)
}

/** Filters of filters. What they match follows from their parts. */
const combined = (count: number): ReadonlyArray<Case> => {
  const below = random(7)
  const make = (depth: number): Case => {
    const kind = depth === 0 ? 5 : below(6)
    if (kind > 3) return conditions[below(conditions.length)]!
    const parts = Array.from({ length: 1 + below(3) }, () => make(depth - 1))
    const filters = parts.map(([filter]) => filter)
    const fit = parts.map(([, fits]) => fits)
    const [first] = parts
    switch (kind) {
      case 0:
        return [{ $and: filters }, (it) => fit.every((fits) => fits(it))]
      case 1:
        return [{ $or: filters }, (it) => fit.some((fits) => fits(it))]
      case 2:
        return [{ $nor: filters }, (it) => !fit.some((fits) => fits(it))]
      default:
        return Object.keys(first![0]).length === 0 ? first! : [{ $not: first![0] }, (it) => !first![1](it)]
    }
  }
  return Array.from({ length: count }, () => make(3))
}

const check = (
  server: string,
  definition: Collection.AnyDefinition,
  field: string | undefined,
  cases: ReadonlyArray<Case>,
): Effect.Effect<void, unknown, Connection.Connection> =>
  Effect.gen(function* () {
    const lacks = server === "Milvus 2.3.5" ? "null" : server === "milvus-lite" ? "$size" : "nothing"
    const wrong = yield* Effect.forEach(cases, ([given, fits]) => {
      const text = shown(given)
      const expected = `${metadataOn(server).flatMap((it, id) => fits(it) ? [id] : [])}`
      const translated = translateFilter(given, metadataPlaces(definition, field))
      const found = typeof translated === "boolean"
        ? Effect.succeed(translated ? [...metadata.keys()] : [])
        : Effect.map(
          Vectors.query(definition, translated, { outputFields: ["id"], limit: 100 }),
          ({ rows }) => [...rows].map(({ id }) => Number(id)).toSorted((a, b) => a - b),
        )
      return Effect.map(
        Effect.match(found, {
          onSuccess: (ids) => `${ids}`,
          // A server that does not have an operator is refused.
          onFailure: (error) => text.includes(lacks) && error._tag === "Unsupported" ? expected : `${error}`,
        }),
        (got) => got === expected ? [] : [`${server} ${text}: expected ${expected}, got ${got}`],
      )
    }, { concurrency: 16 })
    assertEquals(wrong.flat(), [])
  })

const shown = (given: unknown) => JSON.stringify(given, (_, value) => typeof value === "bigint" ? `${value}n` : value)

const options = { consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } } as const
const cases = [...conditions, ...combined(60)]

const inJson = (server: string) => {
  const Json = Collection.define(name(), {
    id: Field.int64({ primaryKey: true }),
    metadata: Field.json(),
    vector: Field.floatVector({ dimension: 2 }),
  }, options)
  return Effect.gen(function* () {
    yield* Collection.create(Json)
    yield* Vectors.insert(Json, metadataOn(server).map((metadata, id) => ({ id, metadata, vector: [id, 0] })))
    yield* check(server, Json, "metadata", cases)
  })
}

const inDynamicKeys = (server: string) => {
  const Dynamic = Collection.define(name(), {
    id: Field.int64({ primaryKey: true }),
    vector: Field.floatVector({ dimension: 2 }),
  }, { ...options, dynamicFields: true })
  return Effect.gen(function* () {
    yield* Collection.create(Dynamic)
    yield* Vectors.insert(Dynamic, metadataOn(server).map((metadata, id) => ({ ...metadata, id, vector: [id, 0] })))
    yield* check(server, Dynamic, undefined, cases)
  })
}

const Typed: Collection.AnyDefinition = Collection.define("typed", {
  id: Field.int64({ primaryKey: true }),
  year: Field.int32(),
  tags: Field.array(Field.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
  notes: Field.json(),
  vector: Field.floatVector({ dimension: 2 }),
})

test("a filter with something that is not a condition is refused, with its place", async () => {
  const circular: Record<string, unknown> = {}
  circular["$and"] = [circular]
  const deep = Array.from({ length: 200 }).reduce<object>((inner) => ({ $not: inner }), { year: 1 })
  const refused: ReadonlyArray<readonly [given: unknown, message: string]> = [
    ["year > 1", 'field "filter": expected an object with conditions by key, or a filter, got a string'],
    [{ year: undefined }, 'field "filter.year.$eq": expected text, a number, a boolean or a valid Date, got undefined'],
    [{ year: {} }, 'field "filter.year": expected at least one condition, got {}'],
    [{ $not: {} }, 'field "filter.$not": expected at least one condition, got {}'],
    [{ year: { $gt: 1, month: 2 } }, 'field "filter.year": expected either operators or keys, got both'],
    [{ year: { $regex: "^1" } }, 'field "filter.year.$regex": expected an operator that Milvus has: $eq, $ne,'],
    [{ year: { $elemMatch: { $gt: 1 } } }, 'field "filter.year.$elemMatch": expected an operator that Milvus has'],
    [{ year: /^1/ }, 'field "filter.year.$eq": expected text, a number, a boolean or a valid Date, got an object'],
    [{ year: Number.NaN }, 'field "filter.year.$eq": expected a finite number, got NaN'],
    [{ year: new Date(Number.NaN) }, "a valid Date"],
    [{ year: { $gt: null } }, 'field "filter.year.$gt"'],
    [{ year: { $gt: true } }, 'field "filter.year.$gt": expected a number, text or a Date, got true'],
    [{ year: { $in: "a" } }, 'field "filter.year.$in": expected a list of values, got a string'],
    [{ year: { $exists: 1 } }, 'field "filter.year.$exists": expected true or false, got 1'],
    [{ tags: { $size: -1 } }, 'field "filter.tags.$size": expected a non-negative integer, got -1'],
    [{ $or: { year: 1 } }, 'field "filter.$or": expected a list of filters, got an object'],
    [{ $and: [1] }, 'field "filter.$and.0": expected an object with conditions by key, or a filter, got 1'],
    [{ $where: "1" }, 'field "filter.$where": expected one of $and, $or, $nor and $not, or a key'],
    [{ "a..b": 1 }, 'field "filter.a..b": expected a key, with a dot between the keys of objects'],
    [{ author: 1 }, 'field "filter.author": expected a field of "typed", which has no dynamic fields'],
    [{ vector: 1 }, 'field "filter.vector": expected a field of "typed" with values, or a key in a JSON field'],
    [{ tags: "a" }, 'field "filter.tags.$eq": expected an operator of lists'],
    [{ year: { $all: [1] } }, 'field "filter.year.$all": expected an operator of values; the field is not a list'],
    [circular, "at most 100 deep"],
    [deep, "at most 100 deep"],
  ]
  for (const [given, message] of refused) {
    // Cast: programs that are not typed may give any value.
    const translate = () => translateFilter(given as MetadataFilter, metadataPlaces(Typed, undefined))
    await assertRefused(translate, "CodecError", message)
  }
})

/** Filters on fields of other types, and the ids of the rows that fit. */
const typedCases: ReadonlyArray<readonly [given: MetadataFilter, ids: ReadonlyArray<number>]> = [
  [{ year: { $gt: 1900 } }, [1, 2]],
  [{ year: { $nin: [1815, 1999] } }, [1]],
  [{ year: null }, []],
  [{ year: { $exists: true } }, [0, 1, 2]],
  [{ tags: { $contains: "n1" } }, [1]],
  [{ tags: { $in: ["n0", "n1"] } }, [0, 1]],
  [{ tags: { $all: ["a", "n0"] } }, [0]],
  [{ tags: { $size: 2 }, "notes.page": { $ne: 0 } }, [1]],
  [{ $not: { tags: { $size: 2 } } }, [2]],
  [{ $and: [{ year: { $lt: 1999 } }, filter`notes["page"] == ${1}`] }, [1]],
]

const inFields = () => {
  const definition = { ...Typed, name: name(), options }
  const rows = [1815, 1922, 1999].map((year, id) => ({
    id,
    year,
    tags: id === 2 ? [] : ["a", `n${id}`],
    notes: { page: id },
    vector: [id, 0],
  }))
  return Effect.gen(function* () {
    yield* Collection.create(definition)
    yield* Vectors.insert(definition, rows)
    for (const [given, ids] of typedCases) {
      const translated = translateFilter(given, metadataPlaces(definition, undefined))
      if (typeof translated === "boolean") {
        assertEquals(translated, ids.length > 0)
        continue
      }
      const found = yield* Vectors.query(definition, translated, { outputFields: ["id"] })
      assertEquals([...found.rows].map(({ id }) => Number(id)).toSorted(), ids, shown(given))
    }
  })
}

for (const [server, on] of Object.entries(servers())) {
  test(`${server}: a filter on metadata in a JSON field, in dynamic keys and in fields finds the rows that it describes`, () =>
    on(({ mine }) => {
      const all = [inJson(server), inDynamicKeys(server), inFields()]
      return mine(Effect.all(all, { concurrency: all.length, discard: true }))
    }))
}
