/** Options of definitions: each one changes the request to the server, or is rejected. */
import { assert, assertEquals, assertNotEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Field from "../../src/schema/Field.ts"
import * as Message from "../../src/Message.ts"
import type { CollectionDefinition, CollectionOptions } from "../../src/schema/definition.ts"
import { createParts } from "../../src/schema/encodeSchema.ts"
import type { AnyField, FieldOptions, FieldType } from "../../src/schema/fieldTypes.ts"
import { run } from "../support/effects.ts"
import { test } from "../support/test.ts"

/** Returns the request of a definition as text, or the reason why it is rejected. */
const requested = (definition: CollectionDefinition): Promise<string> =>
  run(Effect.gen(function* () {
    const parts = createParts(definition)
    if (Result.isFailure(parts)) return `refused: ${parts.failure.message}`
    const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", parts.success.schema)
    const request = yield* Message.encode("milvus.proto.milvus.CreateCollectionRequest", {
      ...parts.success.request,
      schema,
    })
    return Array.from(request).join()
  }))

/** Two values of each option, both different from its default. */
const fieldValues: { readonly [Name in keyof FieldOptions]-?: readonly [unknown, unknown] } = {
  description: ["one", "two"],
  primaryKey: [true, true],
  autoId: [true, true],
  nullable: [true, true],
  default: [1, 2],
  partitionKey: [true, true],
  clusteringKey: [true, true],
  dimension: [16, 24],
  maxLength: [9, 10],
  maxCapacity: [5, 6],
  enableAnalyzer: [true, true],
  enableMatch: [true, true],
  analyzerParams: [{ type: "english" }, { type: "chinese" }],
  multiAnalyzerParams: [{ by_field: "a" }, { by_field: "b" }],
  mmap: [true, false],
  warmup: ["sync", "async"],
  externalField: ["one", "two"],
  params: [{ a: "1" }, { a: "2" }],
}

const collectionValues: { readonly [Name in keyof CollectionOptions]-?: readonly [unknown, unknown] } = {
  description: ["one", "two"],
  dynamicFields: [true, true],
  functions: [
    { one: { type: "Other", input: ["text"], output: ["other"] } },
    { one: { type: "Other", input: ["text"], output: ["other"], params: { a: 1 } } },
  ],
  // Created by separate calls.
  indexes: [{ nothing: { type: "FLAT", params: {} } }, { other2: { type: "FLAT", params: {} } }],
  consistencyLevel: ["Strong", "Session"],
  shards: [2, 3],
  partitions: [4, 5],
  ttl: ["10 seconds", "1 day"],
  mmap: [true, false],
  partitionKeyIsolation: [true, false],
  allowInsertAutoId: [true, false],
  properties: [{ a: "1" }, { a: 2 }],
  externalSource: ["one", "two"],
  externalSpec: ["{}", "[]"],
  fileResourceIds: [[1], [2n]],
  namespaces: [true, true],
}

// Cast: an untyped program can pass any options.
// deno-lint-ignore no-explicit-any -- options of any type are the subject of these tests
const untyped = (value: unknown): any => value

/** A field of each type with only the required options. */
const least: { readonly [Type in FieldType]: (options: object) => AnyField } = {
  Bool: (o) => Field.bool(untyped(o)),
  Int8: (o) => Field.int8(untyped(o)),
  Int16: (o) => Field.int16(untyped(o)),
  Int32: (o) => Field.int32(untyped(o)),
  Int64: (o) => Field.int64(untyped(o)),
  Float: (o) => Field.float(untyped(o)),
  Double: (o) => Field.double(untyped(o)),
  VarChar: (o) => Field.varChar(untyped({ maxLength: 8, ...o })),
  Text: (o) => Field.text(untyped(o)),
  JSON: (o) => Field.json(untyped(o)),
  Geometry: (o) => Field.geometry(untyped(o)),
  Timestamptz: (o) => Field.timestamptz(untyped(o)),
  FloatVector: (o) => Field.floatVector(untyped({ dimension: 8, ...o })),
  BinaryVector: (o) => Field.binaryVector(untyped({ dimension: 8, ...o })),
  Float16Vector: (o) => Field.float16Vector(untyped({ dimension: 8, ...o })),
  BFloat16Vector: (o) => Field.bfloat16Vector(untyped({ dimension: 8, ...o })),
  Int8Vector: (o) => Field.int8Vector(untyped({ dimension: 8, ...o })),
  SparseFloatVector: (o) => Field.sparseFloatVector(untyped(o)),
  Array: (o) => Field.array(Field.varChar({ maxLength: 8 }), untyped({ maxCapacity: 4, ...o })),
  ArrayOfStruct: (o) => Field.structArray({ a: Field.int8() }, untyped({ maxCapacity: 4, ...o })),
  Other: (o) => Field.other("Mol", untyped(o)),
}

const places: Readonly<Record<string, (options: object) => AnyField>> = {
  ...least,
  ...Object.fromEntries(["Bool", "Int64", "Double", "VarChar"].map((type) => [
    `an element ${type}`,
    (o: object) => Field.array(untyped(least[untyped(type) as FieldType](o)), { maxCapacity: 4 }),
  ])),
  ...Object.fromEntries(["Bool", "Int64", "VarChar", "FloatVector", "BinaryVector"].map((type) => [
    `a member ${type}`,
    (o: object) => Field.structArray({ a: untyped(least[untyped(type) as FieldType](o)) }, { maxCapacity: 4 }),
  ])),
}

const around = (field: AnyField): CollectionDefinition => ({
  name: "options",
  fields: { id: Field.int64({ primaryKey: true }), field },
  options: {},
})

/** Returns a definition with the field as its only field, which is the key. */
const alone = (field: AnyField): CollectionDefinition => ({ name: "options", fields: { field }, options: {} })

for (const [place, make] of Object.entries(places)) {
  test(`rule 9: each option of ${place} changes the request, or is rejected`, async () => {
    for (const [name, values] of Object.entries(fieldValues)) {
      const isKey = name === "primaryKey" || name === "autoId"
      const wrap = isKey ? alone : around
      const key = name === "autoId" ? { primaryKey: true } : {}
      const without = await requested(wrap(make(key)))
      const [first, second] = await Promise.all(
        values.map((value) => requested(wrap(make({ ...key, [name]: value })))),
      )
      if (first!.startsWith("refused") || second!.startsWith("refused")) continue
      assertNotEquals(first, without, `${place}.${name}`)
      if (values[0] !== values[1]) assertNotEquals(first, second, `${place}.${name}`)
    }
  })

  test(`rule 9: an option of ${place} that is unknown, or not of its type, is rejected by its name`, async () => {
    const wrong: Readonly<Record<string, ReadonlyArray<unknown>>> = {
      nulable: [true],
      constructor: [true],
      description: [5, null, "\ud800"],
      primaryKey: ["true", 1, null],
      autoId: ["true", 1, null],
      nullable: ["true", 1, 0, null],
      partitionKey: [1],
      clusteringKey: [1],
      dimension: ["8", 0, -8, 1.5, NaN, Infinity, null, 8n],
      maxCapacity: ["8", 0, -8, 1.5, NaN, Infinity, null, 8n],
      maxLength: ["8", 0, -8, 1.5, NaN, Infinity, null, 8n],
      enableAnalyzer: ["true", 1],
      enableMatch: ["true", 1],
      analyzerParams: ["english", 5, { a: NaN }, { a: () => 1 }, { a: new Map() }, [1]],
      multiAnalyzerParams: ["english", 5, { a: NaN }],
      mmap: ["true", 1],
      warmup: ["soon", true],
      externalField: [5],
      params: ["a", { a: 1 }, { a: "\ud800" }],
    }
    for (const [name, values] of Object.entries(wrong)) {
      for (const value of values) {
        const options = Object.fromEntries([[name, value]])
        const answer = await requested(around(make(options)))
        assert(answer.startsWith("refused"), `${place}.${name}: ${Deno.inspect(value)}`)
      }
    }
  })
}

const full: CollectionDefinition = {
  name: "options",
  fields: {
    id: Field.int64({ primaryKey: true, autoId: true }),
    tenant: Field.int64({ partitionKey: true }),
    text: Field.varChar({ maxLength: 8 }),
    other: Field.floatVector({ dimension: 4 }),
  },
  options: {},
}

const withOptions = (options: object): CollectionDefinition => ({ ...full, options })

test("rule 9: each option of a collection changes the request, or is rejected", async () => {
  const without = await requested(full)
  for (const [name, values] of Object.entries(collectionValues)) {
    const [first, second] = await Promise.all(values.map((value) => requested(withOptions({ [name]: value }))))
    if (name === "indexes") {
      assert(first!.startsWith("refused"))
      continue
    }
    assert(!first!.startsWith("refused"), `${name}: ${first}`)
    assertNotEquals(first, without, name)
    if (values[0] !== values[1]) assertNotEquals(first, second, name)
  }
})

test("rule 9: an option of a collection that is unknown, or not of its type, is rejected by its name", async () => {
  const wrong: Readonly<Record<string, ReadonlyArray<unknown>>> = {
    dynamicField: [true],
    toString: [true],
    description: [5, "\udc00"],
    dynamicFields: ["true", 1, null],
    functions: [[], "bm25"],
    indexes: [[], "flat"],
    consistencyLevel: ["strong", 0, "Sometimes"],
    shards: [0, -1, 1.5, NaN, "2"],
    partitions: [0, -1, 1.5, NaN, "2"],
    ttl: [-1, "a while", NaN, 1.5, Infinity],
    mmap: ["true"],
    partitionKeyIsolation: ["true"],
    allowInsertAutoId: ["true"],
    properties: [[], { a: NaN }, { a: null }, { a: {} }, { a: "\ud800" }],
    externalSource: [5],
    externalSpec: [{}],
    fileResourceIds: [1, [1.5], ["1"], [2n ** 64n]],
    namespaces: ["true"],
  }
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const answer = await requested(withOptions(Object.fromEntries([[name, value]])))
      assert(answer.startsWith("refused"), `${name}: ${Deno.inspect(value)}`)
      assert(answer.includes(name), answer)
    }
  }
})

test("rule 9: a property or parameter that an option sets cannot be set again under its wire name", async () => {
  const twice = [
    withOptions({ mmap: true, properties: { "mmap.enabled": "false" } }),
    withOptions({ ttl: "1 day", properties: { "collection.ttl.seconds": 5 } }),
    around(Field.floatVector({ dimension: 8, params: { dim: "4" } })),
    around(Field.varChar({ maxLength: 8, params: { max_length: "4" } })),
    around(Field.structArray({ a: Field.varChar({ maxLength: 8, params: { max_length: "4" } }) }, { maxCapacity: 2 })),
  ]
  for (const definition of twice) assert((await requested(definition)).startsWith("refused"))
  assert(!(await requested(withOptions({ properties: { "mmap.enabled": "false" } }))).startsWith("refused"))
})

test("rule 1: a default that its field cannot store is rejected", async () => {
  const wrong = [
    Field.int8({ default: 128 }),
    Field.int64({ default: 2 ** 53 }),
    Field.float({ default: 1e39 }),
    Field.double({ default: NaN }),
    Field.varChar({ maxLength: 3, default: "éé" }),
    Field.varChar({ maxLength: 3, default: "\ud800" }),
    Field.bool(untyped({ default: 1 })),
    Field.json(untyped({ default: {} })),
    Field.array(Field.int8(), untyped({ maxCapacity: 2, default: [1] })),
  ]
  for (const field of wrong) assert((await requested(around(field))).startsWith("refused"), Deno.inspect(field))
})

test("rule 18: fields, functions, members, params and properties may have any name", async () => {
  const seen = new Set<string>()
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty", "0", 'a "b"', "größe 尺寸", " "]) {
    const at = <A>(value: A) => Object.fromEntries([[name, value]])
    const definition: CollectionDefinition = {
      name,
      fields: Object.fromEntries<AnyField>([
        ["id", Field.int64({ primaryKey: true })],
        [name, Field.varChar({ maxLength: 9, enableAnalyzer: true, params: at("1") })],
        ["parts", Field.structArray(at(Field.int8()), { maxCapacity: 2 })],
        ["terms", Field.sparseFloatVector()],
      ]),
      options: {
        functions: at({ type: "BM25", input: [name], output: ["terms"], params: at("1") }),
        properties: at("1"),
        indexes: { terms: { type: "FLAT", params: {} } },
      },
    }
    const parts = Result.getOrThrow(createParts(definition))
    assertEquals(parts.schema.fields.map(({ name }) => name).toSorted(), ["id", name, "terms"].toSorted())
    assertEquals(parts.schema.struct_array_fields?.[0]?.fields[0]?.name, name)
    assertEquals(parts.schema.functions?.[0]?.name, name)
    assertEquals(parts.schema.functions?.[0]?.params?.[0]?.key, name)
    assertEquals(parts.request.properties[0]?.key, name)
    assertEquals(parts.schema.fields.find((field) => field.name === name)?.type_params?.at(-1)?.key, name)
    seen.add(await requested(definition))
  }
  assertEquals(seen.size, 8)
  const missing = {
    ...full,
    options: { functions: { f: { type: "BM25", input: ["constructor"], output: ["toString"] } } },
  }
  assert((await requested(missing)).startsWith("refused"))
  const index = { ...full, options: { indexes: { constructor: { type: "FLAT", params: {} } } } }
  assert((await requested(untyped(index))).startsWith("refused"))
})
