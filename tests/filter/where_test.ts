/** Conditions that are typed by a definition: their text, their types, and what they refuse. */
import { assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  Collection,
  type Connection,
  escapeLike,
  Field,
  type Filter,
  filter,
  Index,
  Vectors,
  where,
} from "../../mod.ts"
import { toExpression, toTemplate } from "../../src/filter/Filter.ts"
import { onFake } from "../operations/support.ts"
import { pymilvusMessages } from "../operations/wire.ts"
import * as Message from "../../src/Message.ts"
import { test } from "../support/test.ts"

const Books = Collection.define("typed_filters", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100, nullable: true, enableAnalyzer: true, enableMatch: true }),
  isbn: Field.varChar({ maxLength: 20 }),
  year: Field.int32(),
  price: Field.double(),
  isLent: Field.bool(),
  tags: Field.array(Field.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
  pages: Field.array(Field.int16(), { maxCapacity: 8 }),
  notes: Field.json(),
  place: Field.geometry(),
  printed: Field.timestamptz(),
  chapters: Field.structArray(
    { name: Field.varChar({ maxLength: 20 }), length: Field.int32(), vector: Field.floatVector({ dimension: 2 }) },
    { maxCapacity: 9 },
  ),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, consistencyLevel: "Strong", indexes: { vector: Index.flat({ metric: "L2" }) } })

const book = where(Books)
const text = (filter: Filter) => Result.getOrThrow(toExpression(filter))
const problem = (filter: Filter) => Result.getOrThrow(Result.flip(toTemplate(filter))).message

test("a condition is the text of the same filter by the tag", () => {
  const cases: ReadonlyArray<readonly [Filter, string]> = [
    [book.id.eq(2n ** 60n), "id == 1152921504606846976"],
    [book.id.ne(1), "id != 1"],
    [book.year.between(1900, 1910), "year >= 1900 and year <= 1910"],
    [book.price.le(1), "price <= 1"],
    [book.title.in(['a "b"', "c"]), String.raw`title in ["a \"b\"", "c"]`],
    [book.title.notIn(["a"]), `title not in ["a"]`],
    [book.isLent.eq(true), "isLent == true"],
    [book.title.startsWith("a"), `title like "a%"`],
    [book.title.startsWith("100%"), `title >= "100%" and title < "100&"`],
    [book.title.endsWith("100%"), String.raw`title like "%100\\%"`],
    [book.title.includes("a_\\"), String.raw`title like "%a\\_\\\\%"`],
    [book.title.like("a_%"), `title like "a_%"`],
    [book.tags.contains("a"), `array_contains(tags, "a")`],
    [book.tags.containsAll(["a"]), `array_contains_all(tags, ["a"])`],
    [book.tags.containsAny(["a"]), `array_contains_any(tags, ["a"])`],
    [book.tags.length.gt(2), "array_length(tags) > 2"],
    [book.tags.at(0).eq("a"), `tags[0] == "a"`],
    [book.pages.at(3).between(1, 2), `pages[3] >= 1 and pages[3] <= 2`],
    [book.notes.path("a", 0).eq(1.5), `notes["a"][0] == 1.5`],
    [book.notes.path("a").path("b").exists(), `exists notes["a"]["b"]`],
    [book.notes.path("a").isNull(), `notes["a"] is null`],
    [book.notes.contains([1, "a"]), `json_contains(notes, [1, "a"])`],
    [book.notes.path("l").containsAll([1, "a"]), `json_contains_all(notes["l"], [1, "a"])`],
    [book.notes.path("l").containsAny([[1], true]), `json_contains_any(notes["l"], [[1], true])`],
    [book.$key("shelf").ge(3), `shelf >= 3`],
    [book.$key("a shelf").startsWith("x"), `$meta["a shelf"] like "x%"`],
    [book.title.isNull(), "title is null"],
    [book.title.isNotNull(), "title is not null"],
    [book.title.matches('a "b"'), String.raw`text_match(title, "a \"b\"")`],
    [book.title.matchesPhrase("a b"), `phrase_match(title, "a b", 0)`],
    [book.title.matchesPhrase("a b", 1), `phrase_match(title, "a b", 1)`],
    [book.place.equals("POINT (1 2)"), `st_equals(place, "POINT (1 2)")`],
    [book.place.touches("POINT (1 2)"), `st_touches(place, "POINT (1 2)")`],
    [book.place.overlaps("POINT (1 2)"), `st_overlaps(place, "POINT (1 2)")`],
    [book.place.crosses("POINT (1 2)"), `st_crosses(place, "POINT (1 2)")`],
    [book.place.contains("POINT (1 2)"), `st_contains(place, "POINT (1 2)")`],
    [book.place.intersects("POINT (1 2)"), `st_intersects(place, "POINT (1 2)")`],
    [book.place.within("POINT (1 2)"), `st_within(place, "POINT (1 2)")`],
    [book.place.dwithin("POINT (1 2)", 0.5), `st_dwithin(place, "POINT (1 2)", 0.5)`],
    [book.place.isValid(), `st_isvalid(place)`],
    [book.printed.lt("2025-01-01T00:00:00Z"), `printed < ISO "2025-01-01T00:00:00Z"`],
    [book.printed.eq(new Date(0)), `printed == ISO "1970-01-01T00:00:00.000Z"`],
    [
      book.chapters.elementFilter((chapter) => chapter.name.startsWith("Red")),
      `element_filter(chapters, $[name] like "Red%")`,
    ],
    [
      book.chapters.matchAny((chapter) => filter.all([chapter.length.gt(3), chapter.name.in(["a"])])),
      `match_any(chapters, ($[length] > 3) and ($[name] in ["a"]))`,
    ],
    [book.chapters.matchAll(({ length }) => length.lt(9)), `match_all(chapters, $[length] < 9)`],
    [book.chapters.matchLeast(2, ({ length }) => length.lt(9)), `match_least(chapters, $[length] < 9, threshold=2)`],
    [book.chapters.matchMost(2, ({ length }) => length.lt(9)), `match_most(chapters, $[length] < 9, threshold=2)`],
    [book.chapters.matchExact(2, ({ length }) => length.lt(9)), `match_exact(chapters, $[length] < 9, threshold=2)`],
    [filter.not(book.year.eq(1)), "not (year == 1)"],
    [filter.any([book.year.eq(1), filter.not(book.isLent.eq(true))]), "(year == 1) or (not (isLent == true))"],
    [filter`${book.year} % ${4} == ${0}`, "year % 4 == 0"],
    [
      filter`${book.pages.at(0)} < ${book.pages.length} + ${book.notes.path("n")}`,
      `pages[0] < array_length(pages) + notes["n"]`,
    ],
  ]
  for (const [condition, expected] of cases) assertEquals(text(condition), expected)
  assertEquals(escapeLike("50%_\\"), "50\\%\\_\\\\")
})

test("values are sent next to the text, but for those that must be constants, and sets", () => {
  const templateOf = (filter: Filter) => Result.getOrThrow(toTemplate(filter))
  assertEquals(templateOf(book.title.in(["{v0}", "a"])), { expression: "title in {v0}", values: { v0: ["{v0}", "a"] } })
  assertEquals(templateOf(book.year.between(1, 2)), {
    expression: "year >= {v0} and year <= {v1}",
    values: { v0: 1, v1: 2 },
  })
  assertEquals(templateOf(book.title.includes("a")), { expression: `title like "%a%"`, values: {} })
  assertEquals(
    templateOf(book.chapters.matchAny(({ length }) => length.eq(1))),
    { expression: "match_any(chapters, $[length] == 1)", values: {} },
  )
  const shapeOf = (filter: Filter) => templateOf(filter).expression
  assertEquals(shapeOf(book.id.in(filter.roaring([1, 2n]))), "membership_match(id, {v0}, type=roaring)")
  assertEquals(shapeOf(book.id.in(filter.bloom([1]))), "membership_match(id, {v0}, type=bloom)")
  assertEquals(shapeOf(book.isbn.notIn(filter.bloom(["a"]))), "not (membership_match(isbn, {v0}, type=bloom))")
  assertEquals(shapeOf(book.notes.path("a").in(filter.bloom(["a"]))), `membership_match(notes["a"], {v0}, type=bloom)`)
})

/** An untyped program. */
// Cast: it has any field and any condition.
const loose = book as unknown as Record<string, Record<string, (...values: ReadonlyArray<unknown>) => Filter>>

test("names and values that do not fit the definition are errors at compile time, and failures at run time", () => {
  const wrong: ReadonlyArray<readonly [Filter, string]> = [
    // @ts-expect-error: no such field
    [book.author.eq("a"), 'field "author": expected a field of "typed_filters": id, title,'],
    // @ts-expect-error: a text is not a number
    [book.year.gt("1900"), 'field "year": expected an integer, or a bigint beyond 2^53, got a string'],
    // @ts-expect-error: a bigint is not a 32-bit integer
    [book.year.gt(2n ** 40n), ""],
    // @ts-expect-error: a number is not a text
    [book.isbn.eq(7), 'field "isbn": expected text, got 7'],
    // @ts-expect-error: an array of texts has no number
    [book.tags.contains(7), 'field "tags": expected text, got 7'],
    // @ts-expect-error: an array of numbers has no text
    [book.pages.containsAny(["a"]), 'field "pages[0]": expected an integer'],
    // @ts-expect-error: an element is a text
    [book.tags.at(0).eq(1), 'field "tags": expected text, got 1'],
    [
      // @ts-expect-error: a boolean has no order
      book.isLent.gt(true),
      'field "isLent": expected a condition that a field of type Bool that is not nullable has: eq, ne',
    ],
    // @ts-expect-error: a vector is not compared
    [book.vector.eq([1, 2]), "FloatVector that is not nullable has: none"],
    // @ts-expect-error: a field that is not nullable
    [book.isbn.isNull(), 'field "isbn": expected a condition'],
    // @ts-expect-error: a field without `enableMatch`
    [book.isbn.matches("a"), 'field "isbn": expected a condition'],
    // @ts-expect-error: a number has no patterns
    [book.year.startsWith("19"), 'field "year": expected a condition'],
    // @ts-expect-error: a geometry is a text
    [book.place.within(1), 'field "place": expected text, got 1'],
    // @ts-expect-error: a time is a Date or a text
    [book.printed.gt(5), 'field "printed": expected a valid Date, or ISO 8601 text, got 5'],
    // @ts-expect-error: a member of the structs that does not exist
    [book.chapters.matchAny(({ pages }) => pages?.eq(1)), "expected a filter made by the tag"],
    // @ts-expect-error: a member is a number
    [book.chapters.matchAny(({ length }) => length.eq("a")), 'field "chapters[length]": expected an integer'],
    // @ts-expect-error: a set of texts
    [book.id.in(filter.bloom(["a"])), 'field "id": expected a list of values, or a set of type integer by'],
    // @ts-expect-error: a set of integers
    [book.isbn.in(filter.bloom([1])), 'field "isbn": expected a list of values, or a set of type text by filter.bloom'],
    // @ts-expect-error: a bitmap is for fields of integers
    [book.notes.path("a").in(filter.roaring([1])), 'field "notes": expected a list'],
    // @ts-expect-error: floats have no sets
    [book.price.in(filter.bloom([1])), 'field "price": expected a list of values, not a set'],
    // @ts-expect-error: elements have no sets
    [book.pages.at(0).in(filter.roaring([1])), 'field "pages": expected a list of values, not a set'],
    [book.id.in([]), 'field "id": expected a list of at least one value, got an array'],
    [book.id.in([1.5]), 'field "id[0]": expected an integer'],
    [book.id.eq(2n ** 63n), "expected a 64-bit integer"],
    [book.price.eq(NaN), "expected a finite number"],
    [book.title.eq("\ud800"), "expected well-formed Unicode text"],
    [book.tags.length.gt(-1), 'field "tags": expected a non-negative integer, got -1'],
    [book.tags.at(-1).eq("a"), "non-negative indices"],
    [book.title.matchesPhrase("a", 0.5), 'field "title": expected a non-negative integer, got 0.5'],
    [book.place.dwithin("POINT (1 2)", -1), 'field "place": expected a non-negative number, got -1'],
    [book.printed.lt(new Date(NaN)), 'field "printed": expected a valid Date'],
    [book.printed.lt("yesterday"), 'field "printed": expected a valid Date'],
    [book.notes.containsAny([]), 'field "notes": expected a list of at least one value'],
    [book.$key('a"b').eq(1), "names without quotes"],
    [loose["tags"]!["startsWith"]!("a"), 'field "tags": expected a condition'],
    [loose["title"]!["startsWith"]!(null), 'field "title": expected text, got null'],
    [loose["id"]!["in"]!("abc"), "a list of at least one value, got a string"],
    [loose["id"]!["at"]!(0), ""],
    [where(Plain).id.eq(1), ""],
    // @ts-expect-error: a definition without dynamic fields has no keys
    [where(Plain).$key("a").eq(1), 'field "a": expected "plain" to have dynamic fields'],
    [filter.not(undefined as never), "expected a filter made by the tag"],
  ]
  for (const [condition, expected] of wrong) {
    if (expected !== "") assertStringIncludes(problem(condition), expected)
  }
})

const Plain = Collection.define("plain", { id: Field.int64({ primaryKey: true }) })

test("a definition of unknown fields has all conditions, and refuses those that a field does not have", () => {
  // Cast: the definition of a program that reads it at run time.
  const any = where(Books as unknown as Collection.AnyDefinition)
  assertEquals(text(any["year"]!.lt(3)), "year < 3")
  assertEquals(text(any["tags"]!.at(0).startsWith("a")), `tags[0] like "a%"`)
  assertEquals(text(any["place"]!.within("POINT (1 2)")), `st_within(place, "POINT (1 2)")`)
  assertStringIncludes(problem(any["year"]!.matches("a")), "a condition that a field of type Int32")
  assertStringIncludes(problem(any["nothing"]!.at(0).eq(1)), "a field of")
  assertStringIncludes(problem(any["nothing"]!.length.eq(1)), "a field of")
  assertStringIncludes(problem(any["nothing"]!.path("a").eq(1)), "a field of")
})

test("a condition that the server is known not to have is refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [Filter, string, string]> = [
        [book.title.endsWith("a"), "like", "2.4.0"],
        [book.title.includes("%"), "an escape of like", "2.4.0"],
        [book.title.like("a_"), "like", "2.4.0"],
        [book.title.isNull(), "is null", "2.5.0"],
        [book.title.matches("a"), "text_match", "2.5.0"],
        [book.title.matchesPhrase("a"), "phrase_match", "2.5.17"],
        [book.place.isValid(), "ST_", "2.6.4"],
        [book.printed.gt(new Date()), "ISO", "2.6.6"],
        [book.chapters.matchAny(({ length }) => length.eq(1)), "match_any", "3.0.0"],
        [book.id.in(filter.bloom([1])), "membership_match", "3.0.2"],
        [filter.all([book.id.eq(1), filter.not(book.id.in(filter.roaring([1])))]), "membership_match", "3.0.2"],
      ]
      yield* fake.clearCalls
      for (const [condition, name, needs] of cases) {
        const operations = {
          "Vectors.query": Vectors.query(Books, condition, { limit: 1 }),
          "Vectors.search": Vectors.search(Books, [[1, 2]], { limit: 1, filter: condition }),
          "Vectors.hybridSearch": Vectors.hybridSearch(Books, [
            { data: [1, 2], field: "vector", limit: 1, filter: condition },
            { data: [1, 2], field: "vector", limit: 1 },
          ] as never, { limit: 1, rerank: { strategy: "rrf" } } as never),
          "Vectors.delete": Vectors.delete(Books, { filter: condition }),
        }
        for (const [operation, run] of Object.entries(operations)) {
          const error = yield* Effect.flip<unknown, Error, Connection.Connection>(run)
          assertStringIncludes(error.message, `option "filter: ${name}" of ${operation} needs Milvus ${needs} or later`)
        }
      }
      assertEquals((yield* fake.calls).filter(({ method }) => /Query|Search|Delete/.test(method)), [])
    })), { version: "v2.3.5" }))

test("a set is sent by queries, searches and deletes; a Bloom filter is refused in deletes", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const received: Array<{ readonly method: string; readonly expr: string; readonly values: unknown }> = []
      const record = (method: string) => (request: object) => {
        // Cast: the three requests have a filter by one of two names.
        const { dsl, expr = dsl, expr_template_values } = request as Record<string, string | undefined>
        received.push({ method, expr: expr ?? "", values: expr_template_values })
        return Effect.succeed({ status: { error_code: "UnexpectedError", code: 5, reason: "seen" } } as never)
      }
      yield* fake.handle("Query", record("Query"))
      yield* fake.handle("Search", record("Search"))
      yield* fake.handle("Delete", record("Delete"))
      const condition = filter.all([book.year.eq(7), book.id.in(filter.roaring([3, 1, 2 ** 40]))])
      yield* Effect.flip(Vectors.query(Books, condition, { limit: 1 }))
      yield* Effect.flip(Vectors.search(Books, [[1, 2]], { limit: 1, filter: condition }))
      yield* Effect.flip(Vectors.delete(Books, { filter: condition }))
      const request =
        `m.DeleteRequest(collection_name="c", expr="e", expr_template_values={"v0": s.TemplateValue(bytes_val=py.build_roaring_bitmap([3, 1, 2 ** 40]))})`
      const [bytes] = yield* Effect.promise(() => pymilvusMessages([request]))
      const theirs = yield* Message.decode("milvus.proto.milvus.DeleteRequest", bytes!)
      const set = plain(theirs.expr_template_values["v0"]?.bytes_val)
      const [query, search, deletion] = received
      for (const one of [query, search]) {
        assertEquals(one?.expr, "(year == {v0}) and (membership_match(id, {v1}, type=roaring))")
        assertEquals(plain((one?.values as Values)["v1"]?.bytes_val), set)
      }
      assertEquals(deletion?.expr, "(year == 7) and (membership_match(id, {v0}, type=roaring))")
      assertEquals(plain((deletion?.values as Values)["v0"]?.bytes_val), set)

      const refused = yield* Effect.flip(Vectors.delete(Books, { filter: book.id.in(filter.bloom([1])) }))
      assertStringIncludes(refused.message, "no Bloom filter, as it would delete rows that are not in it")
      assertEquals(received.length, 3)
    })), { version: "v3.0.2" }))

type Values = Readonly<Record<string, { readonly bytes_val?: Uint8Array }>>
const plain = (bytes: Uint8Array | undefined) => Array.from(bytes ?? [])

test("a value of another type is refused before anything is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      const error = yield* Effect.flip(Vectors.query(Books, loose["year"]!["eq"]!("1900"), { limit: 1 }))
      assertEquals([error._tag, error.message], [
        "CodecError",
        'field "year": expected an integer, or a bigint beyond 2^53, got a string',
      ])
      assertEquals((yield* fake.calls).filter(({ method }) => method === "Query"), [])
    }))
  ))
