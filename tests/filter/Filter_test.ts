/** Filters: their encodings, the values and texts that they reject, and that real servers read the same values. */
import { assert, assertEquals, assertStringIncludes, fail } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Connection } from "../../mod.ts"
import { encodeInsert } from "../../src/codec/messages/insert.ts"
import { encodeQuery } from "../../src/codec/messages/queryRequest.ts"
import * as Field from "../../src/schema/Field.ts"
import {
  type Filter,
  filter,
  type FilterTag,
  type FilterValue,
  isFilter,
  toExpression,
  toTemplate,
} from "../../src/filter/Filter.ts"
import * as Message from "../../src/Message.ts"
import { define } from "../../src/schema/definition.ts"
import { createParts } from "../../src/schema/encodeSchema.ts"
import * as Index from "../../src/schema/indexes.ts"
import { run } from "../support/effects.ts"
import { type MilvusServer, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"

const expressionOf = (filter: Filter) => Result.getOrThrow(toExpression(filter))
const templateOf = (filter: Filter) => Result.getOrThrow(toTemplate(filter))

/** Returns the message of the error, which is the same for both encodings. */
const errorOf = (filter: Filter): string => {
  const error = Result.getOrThrow(Result.flip(toExpression(filter)))
  const other = Result.getOrThrow(Result.flip(toTemplate(filter)))
  assertEquals(error._tag, "CodecError")
  assertEquals(error.message, other.message)
  return error.message
}

/** Makes a filter of values without checking their types, as JavaScript can. */
const loose = (...values: ReadonlyArray<unknown>): Filter =>
  // Cast: the types reject these values.
  filter`a == ${values[0] as FilterValue} and b in ${(values.length > 1 ? values[1] : 1) as FilterValue}`

test("filter writes values as literals, or next to the text", () => {
  const [max, tags] = [19.5, ["new", "used"]]
  const found = filter`price < ${max} and tag in ${tags} and sold == ${false} and id != ${2n ** 62n}`
  assertEquals(
    expressionOf(found),
    `price < 19.5 and tag in ["new", "used"] and sold == false and id != 4611686018427387904`,
  )
  assertEquals(templateOf(found), {
    expression: "price < {v0} and tag in {v1} and sold == {v2} and id != {v3}",
    values: { v0: 19.5, v1: ["new", "used"], v2: false, v3: 2n ** 62n },
  })
})

test("filter inserts filters in parentheses, with separate names of values", () => {
  const a = filter`a == ${1} or a == ${2}`
  const both = filter`${a} and not ${filter`b == ${"x"}`}`
  assertEquals(expressionOf(both), `(a == 1 or a == 2) and not (b == "x")`)
  assertEquals(templateOf(both), {
    expression: "(a == {v0} or a == {v1}) and not (b == {v2})",
    values: { v0: 1, v1: 2, v2: "x" },
  })
  assertEquals(expressionOf(filter.all([a, filter`c > ${0}`])), `(a == 1 or a == 2) and (c > 0)`)
  assertEquals(expressionOf(filter.any([a, a, a])), Array(3).fill("(a == 1 or a == 2)").join(" or "))
  assertEquals(expressionOf(filter.all([filter`c > 0`])), "(c > 0)")
  assertStringIncludes(errorOf(filter.all([])), "an expression")
  assert(isFilter(both) && !isFilter({ _tag: "Filter" }) && !isFilter("a == 1") && !isFilter(null))
})

test("filter writes numbers that servers read as the same numbers", () => {
  const literals: ReadonlyArray<readonly [number | bigint, string]> = [
    [0, "0"],
    [-0, "0"],
    [-5, "-5"],
    [1.5, "1.5"],
    [2 ** 53 - 1, "9007199254740991"],
    [2 ** 53, "9007199254740992.0"],
    [-1e20, "-100000000000000000000.0"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
    [2n ** 63n - 1n, "9223372036854775807"],
    [-(2n ** 63n), "(-9223372036854775807 - 1)"],
  ]
  for (const [value, text] of literals) assertEquals(expressionOf(filter`a == ${value}`), `a == ${text}`)
  assertEquals(expressionOf(filter`a in ${[-(2n ** 63n)]}`), "a in [-9223372036854775808]")
  assertEquals(expressionOf(filter`a in [${-(2n ** 63n)}]`), "a in [-9223372036854775808]")
  assertEquals(expressionOf(filter`a in ${[1, 2.5, 3n]}`), "a in [1, 2.5, 3]")
  assertEquals(expressionOf(filter`a in ${new BigInt64Array([1n, -1n])}`), "a in [1, -1]")
  assertEquals(templateOf(filter`a in ${new Float64Array([1, 0.5])}`).values, { v0: [1, 0.5] })
})

test("filter separates values from the text around them", () => {
  assertEquals(expressionOf(filter`a in${[1]}and b${filter.literal(1)}`), "a in [1] and b 1")
  assertEquals(expressionOf(filter`a -${-1} == -${-2}`), "a - -1 == - -2")
  assertEquals(expressionOf(filter`not${filter`a == 1`}or b == 1`), "not (a == 1) or b == 1")
  assertEquals(expressionOf(filter`  a == ${"x"}  `), `a == "x"`)
})

test("filter keeps values in the text if the language requires constants", () => {
  assertEquals(templateOf(filter`a in [${1}, ${"x"}] and b == ${2}`), {
    expression: `a in [1, "x"] and b == {v0}`,
    values: { v0: 2 },
  })
  assertEquals(templateOf(filter`a in ${[]} or text_match(b, ${filter.literal("x")})`), {
    expression: `a in [] or text_match(b, "x")`,
    values: {},
  })
})

test("filter.mixed writes lists of values of several types", () => {
  const found = filter`json_contains_any(a, ${filter.mixed([1, "x", [true, 2n], []])})`
  assertEquals(expressionOf(found), `json_contains_any(a, [1, "x", [true, 2], []])`)
  assertEquals(templateOf(found).values, { v0: [1, "x", [true, 2n], []] })
  assertStringIncludes(
    errorOf(filter`a == ${filter.mixed([1, [NaN]])}`),
    `"filter value 1[1]": expected a finite number`,
  )
  // deno-lint-ignore no-explicit-any -- a list that contains itself has no type
  const cyclic: Array<any> = []
  cyclic.push(cyclic)
  assertStringIncludes(errorOf(filter`a == ${filter.mixed(cyclic)}`), "at most 32 nested lists")
})

test("filter.field writes names that are known only at run time", () => {
  const fields: ReadonlyArray<readonly [Parameters<FilterTag["field"]>, string]> = [
    [["price"], "price"],
    [["_a1"], "_a1"],
    [["meta", "a b", 0, "c"], `meta["a b"][0]["c"]`],
    [["größe"], `$meta["größe"]`],
    [["two words"], `$meta["two words"]`],
    [["1st"], `$meta["1st"]`],
    [["in"], `$meta["in"]`],
    [["TRUE"], `$meta["TRUE"]`],
    [["text_match"], `$meta["text_match"]`],
    [["a == 1 or b"], `$meta["a == 1 or b"]`],
    [["constructor"], "constructor"],
  ]
  for (const [path, text] of fields) {
    const found = filter`${filter.field(...path)} == ${1}`
    assertEquals(expressionOf(found), `${text} == 1`)
    assertEquals(templateOf(found).expression, `${text} == {v0}`)
  }
  for (const name of ["", `a"`, "a'", "a\\", "a]", "a[0]", "a\n", "a\0", "\ud800"]) {
    assertStringIncludes(errorOf(filter`${filter.field(name)} == 1`), `"filter value 1"`)
    assertStringIncludes(errorOf(filter`${filter.field("a", name)} == 1`), `"filter value 1"`)
  }
  for (const place of [-1, 0.5, NaN]) {
    assertStringIncludes(errorOf(filter`${filter.field("a", place)} == 1`), "non-negative indices")
  }
})

test("filter rejects values that it cannot carry, and names their position", () => {
  const notScalars: ReadonlyArray<unknown> = [
    null,
    undefined,
    {},
    { _tag: "Filter" },
    new Date(0),
    Symbol("a"),
    () => 1,
  ]
  for (const value of notScalars) {
    assertStringIncludes(errorOf(loose(value)), `"filter value 1": expected a boolean`)
    assertStringIncludes(errorOf(loose(1, [1, value])), `"filter value 2[1]": expected a boolean`)
  }
  assertStringIncludes(errorOf(loose(1, [[1]])), "got a list in a list")
  assertStringIncludes(errorOf(loose(1, Array(2))), `"filter value 2[0]"`)
  for (const value of [NaN, Infinity, -Infinity]) {
    assertStringIncludes(errorOf(filter`a == ${value}`), `"filter value 1": expected a finite number`)
  }
  for (const value of [2n ** 63n, -(2n ** 63n) - 1n]) {
    assertStringIncludes(errorOf(filter`a in ${[0n, value]}`), `"filter value 1[1]": expected a 64-bit integer`)
  }
  assertStringIncludes(errorOf(loose(1, [1, "x"])), "values of one type")
  assertStringIncludes(
    errorOf(loose(1, [0.5, 2n ** 53n + 1n])),
    `"filter value 2[1]": expected an integer within +-2^53`,
  )
  assertStringIncludes(errorOf(filter`a == ${"\ud800"}`), "well-formed Unicode text")
  assertStringIncludes(errorOf(filter`a == 1 and ${filter`b == ${NaN}`}`), `"filter value 1 value 1"`)
})

test("filter never shows its values", () => {
  const secret = filter`token == ${"s3cret"} and a == ${NaN}`
  assert(!Deno.inspect(secret, { depth: 9, showHidden: true }).includes("s3cret"))
  assert(!JSON.stringify(secret).includes("s3cret"))
  assert(!errorOf(secret).includes("s3cret"))
})

test("filter rejects texts in which a value could become syntax", () => {
  assertStringIncludes(errorOf(filter`name == "${"x"}"`), "no quotes around ${value}")
  assertStringIncludes(errorOf(filter`name == '${"x"}'`), "no quotes around ${value}")
  assertStringIncludes(errorOf(filter`name like "a\\"${"x"}"`), "no quotes around ${value}")
  assertStringIncludes(errorOf(filter`meta[${"key"}] == 1`), "filter.field")
  assertStringIncludes(errorOf(filter`meta["a"][ ${0}] == 1`), "filter.field")
  assertStringIncludes(errorOf(filter`a == {v0} and b == ${1}`), "braces")
  assertStringIncludes(errorOf(filter`a == } and b == ${1}`), "braces")
  assertStringIncludes(errorOf(filter`a == 1) or (b == ${1}`), "no unmatched )")
  assertStringIncludes(errorOf(filter`(a == ${1}`), "closing )")
  assertStringIncludes(errorOf(filter`a in [${1})`), "no unmatched )")
  assertStringIncludes(errorOf(filter`a == ${1} and b == "x`), "closing quote")
  assertStringIncludes(errorOf(filter`a == "\n"`), "no line break inside quotes")
  assertStringIncludes(errorOf(filter`a == \\ ${1}`), "backslash")
  assertStringIncludes(errorOf(filter`a == \u{ffffffff}`), "a valid template literal")
  assertStringIncludes(errorOf(filter``), "not blank")
  assertStringIncludes(errorOf(filter` `), "not blank")
  assertEquals(
    expressionOf(filter`a == "{v0}" and b == '(' and c == "\\"["`),
    `a == "{v0}" and b == '(' and c == "\\"["`,
  )
})

test("filter accepts only template literals as its text", () => {
  const raw = "a == 1 or 1 == 1"
  // Casts: the types reject these texts.
  for (const texts of [[raw], Object.assign([raw], { raw: [raw] }), raw]) {
    assertStringIncludes(errorOf(filter(texts as unknown as TemplateStringsArray)), "a valid template literal")
  }
  assertStringIncludes(Result.getOrThrow(Result.flip(toExpression({ _tag: "Filter" }))).message, "made by the tag")
})

// ---- properties

const pick = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: values.length - 1 }))),
    (index) => values[index]!,
  )

// deno-fmt-ignore
const hostile = ["", "a", '"', "'", "\\", "\\\\", '\\"', "\\'", "\n", "\r", "\r\n", "\t", "\0", "\x7f", "{", "}", "{v0}", "${1}", "[", "]", "(", ")",
  '" or "" == "', "' or '' == '", '") or (1 == 1', "--", "/*", "*/", "//", "#", ";", "%", "_", "\\u0022", "\\x22", "\\42", "\\n", "\\u4e2d", "u8", "r",
  "é", "中", "\u{20000}", "😀", "\u2028", "\u0085", "\ufeff", "\u202e", "$meta", "null", "true", "x".repeat(300)]

/** Text made of hostile parts, or any well-formed text. */
const hostileText = Arbitrary.flatMap(
  pick(0, 1),
  (which): Arbitrary.Arbitrary<string> =>
    which === 0
      ? Arbitrary.map(Arbitrary.array(pick(...hostile)), (parts) => parts.join(""))
      : Arbitrary.filter(Arbitrary.schema(Schema.String), (text) => text.isWellFormed()),
)

/** Decodes a string literal as a server does, if the text is exactly one literal. */
const readLiteral = (text: string): string | undefined => {
  const inner = /^"((?:[^"\\\r\n]|\\["\\nr])*)"$/su.exec(text)?.[1]
  return inner?.replace(/\\(.)/gs, (_, char) => char === "n" ? "\n" : char === "r" ? "\r" : char)
}

test("filter writes any text as one literal that reads back equal and does not change the text around it", async () => {
  const result = await Effect.runPromise(Arbitrary.checkEffect(hostileText, (text) => {
    const expression = expressionOf(filter`a == ${text} and b == 1`)
    const template = templateOf(filter`a == ${text} and b == 1`)
    return Effect.succeed(
      expression.startsWith("a == ") && expression.endsWith(" and b == 1") &&
        readLiteral(expression.slice(5, -11)) === text &&
        template.expression === "a == {v0} and b == 1" && template.values["v0"] === text,
    )
  }, { runs: 2_000 }))
  if (result._tag !== "Passed") fail(Deno.inspect(result, { depth: 6 }))
})

test("toTemplate encodes the same values to the same bytes as pymilvus", async () => {
  const values = [true, 0, -7, 2 ** 53 - 1, 1.5, -1e300, "", 'a"b', [true, false], [1, -2], [1.5, 0.5], ["x", "é"]]
  const [first, ...rest] = values.map((value) => filter`a == ${value}`)
  assert(first !== undefined)
  const template = templateOf(filter.all([first, ...rest]))
  const query = encodeQuery({ collectionName: "c", filter: template.expression, filterValues: template.values })
  const script = `
import base64, json, sys
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import milvus_pb2
values, query = json.load(sys.stdin)
ours = milvus_pb2.QueryRequest.FromString(base64.b64decode(query)).expr_template_values
theirs = Prepare.prepare_expression_template(values)
print(json.dumps([name for name in theirs | dict(ours) if name not in theirs or ours[name] != theirs[name]]))
`
  const named = Object.fromEntries(values.map((value, index) => [`v${index}`, value]))
  const child = new Deno.Command(await pythonWith("pymilvus"), {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const input = child.stdin.getWriter()
  await input.write(new TextEncoder().encode(JSON.stringify([named, query.toBase64()])))
  await input.close()
  const { success, stdout, stderr } = await child.output()
  assert(success, new TextDecoder().decode(stderr))
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), [])
})

// ---- real servers

const Texts = define("texts", {
  id: Field.int64({ primaryKey: true }),
  batch: Field.int64(),
  text: Field.varChar({ maxLength: 65_535 }),
  ratio: Field.double(),
  flag: Field.bool(),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, shards: 1, indexes: { vector: Index.flat({ metric: "L2" }) } })

interface TextRow {
  readonly id: bigint
  readonly batch: bigint
  readonly text: string
  readonly ratio: number
  readonly flag: boolean
  readonly meta: Readonly<Record<string, unknown>>
}

const create = (connection: Connection.Connection) =>
  Effect.gen(function* () {
    const { schema, request } = yield* Effect.fromResult(createParts(Texts))
    const bytes = yield* Message.encode("milvus.proto.schema.CollectionSchema", schema)
    yield* connection.call("CreateCollection", { ...request, schema: bytes })
    yield* connection.call("CreateIndex", {
      collection_name: Texts.name,
      field_name: "vector",
      extra_params: Index.extraParams(Texts.options.indexes.vector),
    })
    yield* connection.call("LoadCollection", { collection_name: Texts.name, replica_number: 1 })
    yield* Effect.repeat(connection.call("GetLoadState", { collection_name: Texts.name }), {
      until: ({ state }) => state === "LoadStateLoaded",
    })
  })

const insert = (connection: Connection.Connection, rows: ReadonlyArray<TextRow>) =>
  Effect.gen(function* () {
    const bytes = encodeInsert({
      collectionName: Texts.name,
      columns: [
        { fieldName: "id", type: "Int64", values: rows.map(({ id }) => id) },
        { fieldName: "batch", type: "Int64", values: rows.map(({ batch }) => batch) },
        { fieldName: "text", type: "VarChar", values: rows.map(({ text }) => text) },
        { fieldName: "ratio", type: "Double", values: rows.map(({ ratio }) => ratio) },
        { fieldName: "flag", type: "Bool", values: rows.map(({ flag }) => flag) },
        { fieldName: "vector", type: "FloatVector", dimension: 2, values: new Float32Array(2 * rows.length) },
        { fieldName: "$meta", isDynamic: true, type: "JSON", values: rows.map(({ meta }) => JSON.stringify(meta)) },
      ],
    })
    yield* connection.call("Insert", yield* Message.decode("milvus.proto.milvus.InsertRequest", bytes))
  })

/** Returns the ids of the rows that a filter matches, in ascending order. */
const find = (connection: Connection.Connection, filter: Filter) =>
  Effect.gen(function* () {
    const expr = yield* Effect.fromResult(toExpression(filter))
    const { fields_data } = yield* connection.call("Query", {
      collection_name: Texts.name,
      expr,
      output_fields: ["id"],
      consistency_level: "Strong",
    })
    const ids = fields_data.find(({ field_name }) => field_name === "id")?.scalars?.long_data?.data ?? []
    return ids.toSorted((a, b) => a < b ? -1 : 1)
  })

const row = (id: number, batch: number, rest: Partial<TextRow>): TextRow => ({
  id: BigInt(id),
  batch: BigInt(batch),
  text: "",
  ratio: 0,
  flag: false,
  meta: {},
  ...rest,
})

const liveTests = (name: string, start: () => Promise<MilvusServer>) => {
  const server = shared(start)
  let created = false
  const connected = <A, E>(use: (connection: Connection.Connection) => Effect.Effect<A, E>) =>
    run(Effect.gen(function* () {
      const connection = yield* Connection.connect(server().address)
      if (!created) yield* create(connection)
      created = true
      return yield* use(connection)
    }))
  let batch = 0

  test(`${name} finds each hostile text by equality, and no other`, () =>
    connected(Effect.fnUntraced(function* (connection) {
      const at = ++batch
      const texts = [
        ...new Set([...hostile, ...hostile.map((text) => `a${text}b`), ...hostile.map((text) => text + "\\")]),
      ]
      yield* insert(connection, texts.map((text, index) => row(index, at, { text })))
      const missed = yield* Effect.filter(texts.entries(), ([index, text]) =>
        Effect.map(
          Effect.result(find(connection, filter`batch == ${at} and text == ${text}`)),
          (found) => !(Result.isSuccess(found) && found.success.length === 1 && found.success[0] === BigInt(index)),
        ), { concurrency: 16 })
      assertEquals(missed, [])
      const all = yield* find(connection, filter`batch == ${at} and text in ${texts}`)
      assertEquals(all, texts.map((_, index) => BigInt(index)))
      assertEquals(yield* find(connection, filter`batch == ${at} and text == ${'" or batch >= 0 or text == "'}`), [])
    })))

  test(`${name} finds any text by equality, and no other`, () =>
    connected(Effect.fnUntraced(function* (connection) {
      const result = yield* Arbitrary.checkEffect(Arbitrary.array(hostileText), (some) =>
        Effect.gen(function* () {
          const at = ++batch
          const texts = [...new Set(some)].slice(0, 20)
          if (texts.length === 0) return true
          yield* insert(connection, texts.map((text, index) => row(at * 1_000 + index, at, { text })))
          const found = yield* Effect.forEach(
            texts,
            (text) => find(connection, filter`batch == ${at} and text == ${text}`),
            { concurrency: 16 },
          )
          return found.every((ids, index) => ids.length === 1 && ids[0] === BigInt(at * 1_000 + index))
        }), { runs: 25, maxShrinks: 60 })
      if (result._tag !== "Passed") fail(Deno.inspect(result, { depth: 8 }))
    })))

  test(`${name} reads numbers and booleans unchanged`, () =>
    connected(Effect.fnUntraced(function* (connection) {
      const at = ++batch
      const numbers = [0, -1, 1.5, -2.25, 2 ** 53, -1e20, 1e21, 5e-324, 1e300]
      yield* insert(
        connection,
        numbers.map((ratio, index) => row(at * 1_000 + index, at, { ratio, flag: index % 2 === 0 })),
      )
      for (const [index, ratio] of numbers.entries()) {
        const id = [BigInt(at * 1_000 + index)]
        assertEquals(yield* find(connection, filter`batch == ${at} and ratio == ${ratio}`), id, `${ratio}`)
        assertEquals(
          yield* find(connection, filter`batch in ${[at]} and ratio == ${ratio} and flag == ${index % 2 === 0}`),
          id,
        )
      }
      const integers = [2n ** 63n - 1n, -(2n ** 63n) + 1n, -(2n ** 63n), 2n ** 53n + 1n]
      yield* insert(connection, integers.map((batch, index) => row(at * 1_000 + 500 + index, 0, { batch })))
      for (const [index, integer] of integers.entries()) {
        const id = [BigInt(at * 1_000 + 500 + index)]
        assertEquals(yield* find(connection, filter`batch == ${integer}`), id, `${integer}`)
        // Milvus 2.3.5 rejects the smallest one in a list, instead of reading another value.
        const listed = yield* Effect.result(find(connection, filter`batch in ${[integer]}`))
        if (Result.isSuccess(listed)) assertEquals(listed.success, id, `in ${integer}`)
        else assertEquals([name, integer], ["Milvus 2.3.5", -(2n ** 63n)])
      }
    })))

  test(`${name} reads the names of dynamic keys unchanged`, () =>
    connected(Effect.fnUntraced(function* (connection) {
      const at = ++batch
      const names = [
        "color",
        "two words",
        "größe",
        "中文",
        "in",
        "a == 1 or b",
        "1st",
        "semi;colon",
        "{v0}",
        "a.b",
        "#",
      ]
      yield* insert(connection, names.map((name, index) => row(at * 1_000 + index, at, { meta: { [name]: "red" } })))
      const missed: Array<unknown> = []
      for (const [index, name] of names.entries()) {
        const found = yield* Effect.result(
          find(connection, filter`batch == ${at} and ${filter.field(name)} == ${"red"}`),
        )
        const isRight = Result.isSuccess(found) && found.success.length === 1 &&
          found.success[0] === BigInt(at * 1_000 + index)
        if (!isRight) missed.push([name, found])
      }
      assertEquals(missed, [])
    })))
}

liveTests("milvus-lite", startMilvusLite)
liveTests("Milvus 2.3.5", () => startMilvus())
