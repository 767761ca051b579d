/** Conditions that are typed by a definition find the rows that they describe, on each server of the tests. */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Collection, type Connection, Field, type Filter, filter, Index, Vectors, where } from "../../mod.ts"
import { toExpression } from "../../src/filter/Filter.ts"
import { namer, servers } from "../operations/support.ts"
import { test } from "../support/test.ts"

const name = namer("conditions")
const all = servers()

const text = (condition: Filter) => Result.getOrThrow(toExpression(condition))

/** A condition, which rows fit, and the servers that do not have it: with the error of each. */
type Case<R> = readonly [
  condition: Filter,
  fits: (row: R) => boolean,
  without?: Readonly<Record<string, "Unsupported" | "ServerError">>,
]

/** Creates a collection with rows, and checks what each condition finds. */
const checkCases = <R extends { readonly id: number }>(
  server: string,
  collection: Collection.AnyDefinition,
  rows: ReadonlyArray<R>,
  cases: ReadonlyArray<Case<R>>,
): Effect.Effect<void, unknown, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Collection.create(collection)
    // Cast: the rows are those of the definition.
    yield* Vectors.insert(collection, rows as never)
    const wrong = yield* Effect.forEach(cases, ([condition, fits, without = {}]) =>
      Effect.map(
        Effect.match(Vectors.query(collection, condition, { outputFields: ["id"], limit: 1000 }), {
          onSuccess: ({ rows }) => `${[...rows].map(({ id }) => Number(id)).toSorted((a, b) => a - b)}`,
          onFailure: (error) => without[server] === error._tag ? error._tag : `${error}`,
        }),
        (got) => {
          const expected = without[server] ?? `${rows.filter(fits).map(({ id }) => id)}`
          return got === expected ? [] : [`${text(condition)}: expected ${expected}, got ${got}`]
        },
      ), { concurrency: 16 })
    assertEquals(wrong.flat(), [])
    yield* Collection.drop(collection)
  })

/** Texts with every character that means something to a pattern, to a text in quotes, or to a template. */
const titles = [
  ..."abcdefgh",
  "",
  "100%",
  "100%_off",
  "\u{10ffff}%",
  "100 percent",
  "a_b",
  "aXb",
  "back\\slash",
  "back\\",
  "\\%",
  'quo"te',
  "it's",
  "{v0}",
  "${v}",
  "line\nbreak",
  "cr\r\ttab",
  "ünï",
  "\ud7ff%",
]

const books = (collection: string) =>
  Collection.define(collection, {
    id: Field.int64({ primaryKey: true }),
    tiny: Field.int8(),
    small: Field.int16(),
    year: Field.int32(),
    weight: Field.float(),
    price: Field.double(),
    isLent: Field.bool(),
    title: Field.varChar({ maxLength: 100 }),
    tags: Field.array(Field.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
    pages: Field.array(Field.int64(), { maxCapacity: 8 }),
    marks: Field.array(Field.bool(), { maxCapacity: 8 }),
    scores: Field.array(Field.double(), { maxCapacity: 8 }),
    notes: Field.json(),
    vector: Field.floatVector({ dimension: 2 }),
  }, { dynamicFields: true, consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } })

const bookRows = titles.map((title, id) => ({
  id,
  tiny: id - 3,
  small: id * 100,
  year: 1900 + id,
  weight: id / 4,
  price: id / 2,
  isLent: id % 2 === 0,
  title,
  tags: id < 3 ? ["first", `n${id}`] : [`n${id}`, title.slice(0, 6)],
  pages: [2 ** 40 + id, id],
  marks: [id % 3 === 0],
  scores: [id + 0.5, 0.25],
  notes: { at: id, title, list: [id, "x", [1, 2]], half: id + 0.5, odd: id % 2 === 1, ...id < 5 ? { few: 1 } : {} },
  vector: [id, 0],
  shelf: id,
  "a label": title,
}))
type BookRow = typeof bookRows[number]

/** Milvus 2.3 knows only patterns that are prefixes. */
const old = { "Milvus 2.3.5": "Unsupported" } as const
/** What milvus-lite refuses, of what Milvus knows. */
const notLite = { "milvus-lite": "ServerError" } as const
const isPlain = (text: string) => !/[\\%_]/.test(text)

const bookCases = (book: ReturnType<typeof where<ReturnType<typeof books>>>): ReadonlyArray<Case<BookRow>> => {
  const cases: Array<Case<BookRow>> = [
    [book.id.in([1, 3n]), ({ id }) => id === 1 || id === 3],
    [book.id.notIn([1, 3n]), ({ id }) => id !== 1 && id !== 3],
    [book.tiny.lt(0), ({ tiny }) => tiny < 0],
    [book.tiny.ne(-1), ({ tiny }) => tiny !== -1],
    [book.small.ge(700), ({ small }) => small >= 700],
    [book.small.in([100, 300]), ({ small }) => small === 100 || small === 300],
    [book.year.between(1902, 1904), ({ year }) => year >= 1902 && year <= 1904],
    [book.year.eq(1903), ({ year }) => year === 1903],
    [book.weight.le(1.25), ({ weight }) => weight <= 1.25],
    [book.price.lt(1.5), ({ price }) => price < 1.5],
    [book.price.gt(3), ({ price }) => price > 3],
    [book.price.in([1.5, 2]), ({ price }) => price === 1.5 || price === 2],
    [book.isLent.eq(false), ({ isLent }) => !isLent],
    [book.isLent.ne(false), ({ isLent }) => isLent],
    [book.title.notIn(titles.slice(2)), ({ id }) => id < 2],
    [book.title.gt("it"), ({ title }) => title > "it"],
    [book.tags.contains("first"), ({ tags }) => tags.includes("first")],
    [book.tags.containsAll(["first", "n1"]), ({ id }) => id === 1],
    [book.tags.containsAny(["n4", "n1"]), ({ id }) => id === 1 || id === 4],
    [book.tags.length.eq(2), ({ tags }) => tags.length === 2],
    [book.tags.at(0).eq("first"), ({ tags }) => tags[0] === "first"],
    [book.tags.at(0).in(["n7", "first"]), ({ tags, id }) => tags[0] === "first" || id === 7, notLite],
    [book.pages.contains(2 ** 40 + 3), ({ id }) => id === 3],
    [book.pages.containsAll([4n, 2n ** 40n + 4n]), ({ id }) => id === 4],
    [book.pages.at(1).between(2, 4), ({ id }) => id >= 2 && id <= 4],
    [book.marks.contains(true), ({ marks }) => marks[0] === true],
    [book.marks.at(0).eq(false), ({ marks }) => !marks[0]],
    [book.scores.contains(2.5), ({ id }) => id === 2],
    [book.scores.at(0).lt(3), ({ scores }) => scores[0]! < 3],
    [book.notes.path("at").ge(7), ({ notes }) => notes.at >= 7],
    [book.notes.path("at").in([1, 2]), ({ id }) => id === 1 || id === 2, notLite],
    [book.notes.path("half").lt(2), ({ notes }) => notes.half < 2],
    [book.notes.path("odd").eq(true), ({ notes }) => notes.odd],
    [book.notes.path("few").exists(), ({ id }) => id < 5],
    [book.notes.path("list").contains(3), ({ id }) => id === 3],
    [book.notes.path("list").contains([1, 2]), () => true, notLite],
    [book.notes.path("list").containsAll([4, "x"]), ({ id }) => id === 4],
    [book.notes.path("list").containsAny([4, 5]), ({ id }) => id === 4 || id === 5],
    [book.notes.path("list", 0).eq(6), ({ id }) => id === 6],
    [book.$key("shelf").lt(2), ({ shelf }) => shelf < 2],
    [book.$key("a label").eq("100%"), ({ title }) => title === "100%"],
    [filter.any([book.id.eq(0), book.id.eq(9)]), ({ id }) => id === 0 || id === 9],
    [filter.all([book.id.gt(2), filter.not(book.id.gt(5))]), ({ id }) => id > 2 && id <= 5],
    [filter.not(filter.any([book.isLent.eq(true), book.year.gt(1905)])), ({ id }) => id % 2 === 1 && id <= 5],
    [filter`${book.year} % ${4} == ${0}`, ({ year }) => year % 4 === 0, notLite],
    [book.title.like("a%"), ({ title }) => title.startsWith("a")],
    [book.title.like("a_b"), ({ title }) => /^a.b$/.test(title), old],
    [book.title.like("a\\_b"), ({ title }) => title === "a_b", { "milvus-lite": "Unsupported", ...old }],
  ]
  for (const title of titles) {
    cases.push(
      [book.title.eq(title), (row) => row.title === title],
      [book.title.in([title, "none"]), (row) => row.title === title],
      [book.title.startsWith(title), (row) => row.title.startsWith(title)],
      [book.notes.path("title").eq(title), (row) => row.title === title],
      [book.notes.path("title").startsWith(title), (row) => row.title.startsWith(title)],
      [book.tags.contains(title.slice(0, 6)), ({ tags }) => tags.includes(title.slice(0, 6))],
      [book.tags.at(1).startsWith(title.slice(0, 6)), ({ tags }) => tags[1]?.startsWith(title.slice(0, 6)) === true],
    )
    const rest = [...title].slice(1).join("") || "d"
    const refused = isPlain(rest) ? old : { "milvus-lite": "Unsupported", ...old } as const
    cases.push(
      [book.title.endsWith(rest), (row) => row.title.endsWith(rest), refused],
      [book.title.includes(rest), (row) => row.title.includes(rest), refused],
      [book.notes.path("title").endsWith(rest), (row) => row.title.endsWith(rest), refused],
      [book.notes.path("title").includes(rest), (row) => row.title.includes(rest), refused],
    )
  }
  return cases
}

for (const [server, on] of Object.entries(all)) {
  test(`${server}: each condition finds the rows that it describes`, () =>
    on(({ mine }) => {
      const collection = books(name())
      return mine(checkCases(server, collection, bookRows, bookCases(where(collection))))
    }))
}

/** A generator of random numbers that is the same in each run. */
const random = (seed: number) => (limit: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor(seed / 2 ** 32 * limit)
}

/** Texts of few characters, so that many are a part of others, and all of them mean something to some server. */
const below = random(11)
const hostile = ["a", "%", "_", "\\", '"', "'", "{", "}", "$", "\n", "\r", "[", "]", "(", "é", "\u{1f600}"]
const hostileText = () => Array.from({ length: below(5) }, () => hostile[below(hostile.length)]).join("")
const hostileRows = Array.from({ length: 300 }, (_, id) => {
  const label = hostileText()
  return { id, label, labels: [label, hostileText()], json: { label }, vector: [id, 0], key: label }
})

for (const [server, on] of Object.entries(all)) {
  test(`${server}: hostile texts are found as they are, and never become syntax`, () =>
    on(({ mine }) => {
      const collection = Collection.define(name(), {
        id: Field.int64({ primaryKey: true }),
        label: Field.varChar({ maxLength: 100 }),
        labels: Field.array(Field.varChar({ maxLength: 100 }), { maxCapacity: 8 }),
        json: Field.json(),
        vector: Field.floatVector({ dimension: 2 }),
      }, { dynamicFields: true, consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } })
      const row = where(collection)
      const cases = Array.from({ length: 40 }, () => {
        const text = below(2) === 0 ? hostileText() : hostileRows[below(hostileRows.length)]!.label
        const refused = { ...old, ...isPlain(text) ? {} : { "milvus-lite": "Unsupported" } as const }
        type HostileCase = Case<typeof hostileRows[number]>
        const patterns: ReadonlyArray<HostileCase> = [
          [row.label.endsWith(text), ({ label }) => label.endsWith(text), refused],
          [row.label.includes(text), ({ label }) => label.includes(text), refused],
        ]
        const equal: ReadonlyArray<HostileCase> = [
          [row.label.eq(text), ({ label }) => label === text],
          [row.label.in([text, "b"]), ({ label }) => label === text],
          [row.label.startsWith(text), ({ label }) => label.startsWith(text)],
          [row.labels.contains(text), ({ labels }) => labels.includes(text)],
          [row.json.path("label").eq(text), ({ label }) => label === text],
          [row.json.path("label").startsWith(text), ({ label }) => label.startsWith(text)],
          [row.$key("key").ne(text), ({ label }) => label !== text],
        ]
        // A pattern without a character is a prefix.
        return text === "" ? equal : [...equal, ...patterns]
      })
      return mine(checkCases(server, collection, hostileRows, cases.flat()))
    }))
}

test("milvus-lite: conditions on nullable fields, terms, geometries and times find the rows that they describe", () =>
  all["milvus-lite"](({ mine }) => {
    const collection = Collection.define(name(), {
      id: Field.int64({ primaryKey: true }),
      text: Field.varChar({ maxLength: 100, nullable: true, enableAnalyzer: true, enableMatch: true }),
      count: Field.int32({ nullable: true }),
      place: Field.geometry(),
      time: Field.timestamptz(),
      notes: Field.json({ nullable: true }),
      vector: Field.floatVector({ dimension: 2 }),
    }, { consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } })
    const row = where(collection)
    const days = ["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2025-01-03T12:00:00+02:00", "2025-06-01T00:00:00Z"]
    const rows = days.map((time, id) => ({
      id,
      text: id === 3 ? null : ["the red fox", "a blue fox", "red and blue"][id] ?? "",
      count: id === 0 ? null : id,
      place: `POINT (${id} ${id})`,
      time,
      notes: id === 1 ? null : { a: id === 2 ? { b: 1 } : 1 },
      vector: [id, 0],
    }))
    const at = (time: string) => Date.parse(time)
    return mine(checkCases("milvus-lite", collection, rows, [
      [row.text.isNull(), ({ text }) => text === null],
      [row.text.isNotNull(), ({ text }) => text !== null],
      [row.count.isNull(), ({ count }) => count === null],
      [row.count.gt(1), ({ count }) => count !== null && count > 1],
      [row.text.matches("fox"), ({ id }) => id < 2],
      [row.text.matches("red fox"), ({ id }) => id < 3],
      [row.notes.isNull(), ({ notes }) => notes === null],
      [row.notes.path("a", "b").exists(), ({ id }) => id === 2],
      [row.place.within("POLYGON ((-1 -1, 1.5 -1, 1.5 1.5, -1 1.5, -1 -1))"), ({ id }) => id < 2],
      [row.place.intersects("POINT (2 2)"), ({ id }) => id === 2],
      [row.place.contains("POINT (2 2)"), ({ id }) => id === 2],
      [row.place.isValid(), () => true],
      [row.time.lt("2025-01-02T00:00:00Z"), ({ id }) => id === 0],
      [row.time.ge(new Date("2025-01-03T10:00:00Z")), ({ time }) => at(time) >= at("2025-01-03T10:00:00Z")],
      [row.time.eq("2025-01-03T10:00:00Z"), ({ id }) => id === 2],
      [
        row.time.between(new Date("2025-01-02T00:00:00Z"), new Date("2025-02-01T00:00:00Z")),
        ({ id }) => id === 1 || id === 2,
      ],
    ]))
  }))

test("FakeMilvus: conditions on nullable fields find the rows that they describe", () =>
  all["FakeMilvus"](({ mine }) => {
    const collection = Collection.define(name(), {
      id: Field.int64({ primaryKey: true }),
      text: Field.varChar({ maxLength: 100, nullable: true }),
      count: Field.int32({ nullable: true }),
      marks: Field.array(Field.bool(), { maxCapacity: 8, nullable: true }),
      notes: Field.json({ nullable: true }),
      vector: Field.floatVector({ dimension: 2 }),
    }, { dynamicFields: true, consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } })
    const row = where(collection)
    const rows = Array.from({ length: 8 }, (_, id) => ({
      id,
      text: id % 3 === 0 ? null : `t${id}`,
      count: id % 2 === 0 ? null : id,
      marks: id === 5 ? null : [true],
      notes: id === 1 ? null : { a: id === 2 ? { b: 1 } : id === 3 ? null : 1 },
      vector: [id, 0],
      shelf: id < 4 ? id : null,
    }))
    return mine(checkCases("FakeMilvus", collection, rows, [
      [row.text.isNull(), ({ text }) => text === null],
      [row.text.isNotNull(), ({ text }) => text !== null],
      [row.count.isNull(), ({ count }) => count === null],
      [row.count.gt(1), ({ count }) => count !== null && count > 1],
      [filter.not(row.count.gt(1)), ({ count }) => count !== null && count <= 1],
      [filter.any([row.count.isNull(), row.count.gt(3)]), ({ count }) => count === null || count > 3],
      [filter.not(row.text.isNull()), ({ text }) => text !== null],
      [filter.all([row.text.isNotNull(), row.count.isNotNull()]), ({ text, count }) => text !== null && count !== null],
      [row.text.like("%2"), ({ id }) => id === 2],
      [row.marks.isNull(), ({ marks }) => marks === null],
      [row.notes.isNull(), ({ notes }) => notes === null],
      [row.notes.path("a").isNull(), ({ id }) => id === 1 || id === 3],
      [row.notes.path("a", "b").isNotNull(), ({ id }) => id === 2],
      [row.$key("shelf").isNull(), ({ id }) => id >= 4],
      [filter`id IS NULL`, () => false],
      [filter`vector is null`, () => false, { "FakeMilvus": "ServerError" }],
      [filter`marks[0] is null`, () => false, { "FakeMilvus": "ServerError" }],
    ]))
  }))
