/** Conditions that are typed by a definition: their text, what they find on real servers, and what they refuse. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { Collection, Connection, Field, type Filter, filter, Index, Vectors, where } from "../../mod.ts"
import { toExpression } from "../../src/filter/Filter.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { effectTest, test } from "../support/test.ts"

const Books = Collection.define("typed_filters", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100 }),
  year: Field.int32(),
  price: Field.double(),
  isLent: Field.bool(),
  tags: Field.array(Field.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
  notes: Field.json(),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } })

const book = where(Books)
const text = (filter: Filter) => Result.getOrThrow(toExpression(filter))

test("a condition is the text of the same filter by the tag", () => {
  const cases: ReadonlyArray<readonly [Filter, string]> = [
    [book.id.eq(2n ** 60n), "id == 1152921504606846976"],
    [book.year.between(1900, 1910), "year >= 1900 and year <= 1910"],
    [book.title.in(['a "b"', "c"]), String.raw`title in ["a \"b\"", "c"]`],
    [book.title.notIn(["a"]), `title not in ["a"]`],
    [book.isLent.eq(true), "isLent == true"],
    [book.tags.containsAny(["a"]), `array_contains_any(tags, ["a"])`],
    [book.tags.length.gt(2), "array_length(tags) > 2"],
    [book.tags.at(0).eq("a"), `tags[0] == "a"`],
    [book.notes.path("a", 0).eq(1.5), `notes["a"][0] == 1.5`],
    [book.notes.contains([1, "a"]), `json_contains(notes, [1, "a"])`],
    [book.$key("shelf").ge(3), `$meta["shelf"] >= 3`.replace(`$meta["shelf"]`, "shelf")],
    [book.title.isNull(), "title is null"],
    [book.vector.isNotNull(), "vector is not null"],
    [book.title.matchesPhrase("a b", 1), `phrase_match(title, "a b", 1)`],
  ]
  for (const [condition, expected] of cases) assertEquals(text(condition), expected)
})

test("names and values that do not fit the definition are errors at compile time", () => {
  // @ts-expect-error: no such field
  assertEquals(book.author, undefined)
  // @ts-expect-error: a text is not a number
  assert(Result.isFailure(toExpression(book.year.gt("1900"))))
  // @ts-expect-error: a number is not a text
  assert(Result.isFailure(toExpression(book.title.eq(7))))
  // @ts-expect-error: an array of texts has no number
  assert(Result.isFailure(toExpression(book.tags.contains(7))))
  // @ts-expect-error: a boolean has no order
  assertEquals(book.isLent.gt, undefined)
  // @ts-expect-error: a vector is not compared
  assertEquals(book.vector.eq, undefined)
  // @ts-expect-error: a definition without dynamic fields has no keys
  assert(where(Collection.define("a", { id: Field.int64({ primaryKey: true }) })).$key === undefined)
})

/** Texts with every character that means something to a pattern, to a text in quotes, or to a template. */
const titles = [
  "100%",
  "100%_off",
  "\u{10ffff}%",
  "100 percent",
  "a_b",
  "aXb",
  "back\\slash",
  'quo"te',
  "it's",
  "{v0}",
  "line\nbreak",
  "ünï",
]
const rows = titles.map((title, id) => ({
  id,
  title,
  year: 1900 + id,
  price: id / 2,
  isLent: id % 2 === 0,
  tags: id < 3 ? ["first", `n${id}`] : [`n${id}`],
  notes: { at: id, list: [id, "x"] },
  vector: [id, 0],
  shelf: id,
}))

const servers: Readonly<
  Record<string, <A, E>(use: Effect.Effect<A, E, Connection.Connection>) => Effect.Effect<A, unknown>>
> = {
  FakeMilvus: (use) => Effect.provide(use, FakeMilvus.layerConnected()),
  "milvus-lite": (use) => Effect.suspend(() => Effect.provide(use, Connection.layer(lite().address))),
  "Milvus 2.3.5": (use) => Effect.suspend(() => Effect.provide(use, Connection.layer(full().address))),
}
const lite = shared(startMilvusLite)
const full = shared(startMilvus)

for (const [name, on] of Object.entries(servers)) {
  effectTest(
    `${name}: typed conditions find the rows that they describe`,
    on(Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, rows)
      const idsOf = (condition: Filter) =>
        Effect.map(
          Vectors.query(Books, condition, { outputFields: ["id"], limit: 100 }),
          ({ rows }) => [...rows].map(({ id }) => Number(id)).toSorted((a, b) => a - b),
        )
      const where_ = (is: (row: typeof rows[number]) => boolean) => rows.filter(is).map(({ id }) => id)
      const cases: Array<readonly [Filter, (row: typeof rows[number]) => boolean]> = [
        [book.id.in([1, 3n]), ({ id }) => id === 1 || id === 3],
        [book.year.between(1902, 1904), ({ year }) => year >= 1902 && year <= 1904],
        [book.price.lt(1.5), ({ price }) => price < 1.5],
        [book.isLent.eq(false), ({ isLent }) => !isLent],
        [book.tags.contains("first"), ({ tags }) => tags.includes("first")],
        [book.tags.length.eq(2), ({ tags }) => tags.length === 2],
        [book.notes.path("at").ge(7), ({ notes }) => notes.at >= 7],
        [book.$key("shelf").lt(2), ({ shelf }) => shelf < 2],
        [filter.any([book.id.eq(0), book.id.eq(9)]), ({ id }) => id === 0 || id === 9],
      ]
      for (const title of titles) {
        cases.push([book.title.eq(title), (row) => row.title === title])
        cases.push([book.title.startsWith(title), (row) => row.title.startsWith(title)])
        // Milvus 2.3 knows only prefixes, as the fake server does.
        if (name === "milvus-lite" && !title.includes("\\")) {
          const rest = [...title].slice(1).join("")
          cases.push([book.title.endsWith(rest), (row) => row.title.endsWith(rest)])
          cases.push([book.title.includes(rest), (row) => row.title.includes(rest)])
        }
      }
      for (const [condition, is] of cases) assertEquals(yield* idsOf(condition), where_(is), text(condition))
      yield* Collection.drop(Books)
    })),
  )
}

test("a value of another type is refused by the name of its field, before anything is sent", () =>
  Effect.runPromise(
    FakeMilvus.FakeMilvus.use((fake) =>
      Effect.gen(function* () {
        yield* fake.clearCalls
        // Casts: what an untyped program may write.
        const wrong: ReadonlyArray<readonly [Filter, string]> = [
          [book.year.eq("1900" as never), "year"],
          [book.id.in([] as never), "id"],
          [book.id.in([1.5]), "id"],
          [book.title.startsWith(null as never), "title"],
          [book.tags.contains(1 as never), "tags"],
          [book.tags.length.gt(-1), "tags"],
          [book.notes.containsAny([]), "notes"],
          [book.$key('a"b').eq(1), "filter"],
        ]
        for (const [condition, name] of wrong) {
          const error = yield* Effect.flip(Vectors.query(Books, condition, { limit: 1 }))
          assertEquals(error._tag, "CodecError")
          assertStringIncludes(error.message, name)
        }
        assertEquals((yield* fake.calls).filter(({ method }) => method === "Query"), [])
      })
    ).pipe(Effect.provide(FakeMilvus.layerConnected()), Effect.asVoid),
  ))
