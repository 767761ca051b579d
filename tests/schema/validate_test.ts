/** Mistakes in definitions that the compiler did not check. */
import { assert, assertEquals } from "@std/assert"
import * as Result from "effect/Result"
import * as Field from "../../src/schema/Field.ts"
import type { CollectionDefinition, CollectionOptions } from "../../src/schema/definition.ts"
import { createParts } from "../../src/schema/encodeSchema.ts"
import type { AnyField } from "../../src/schema/fieldTypes.ts"
import * as Functions from "../../src/schema/Functions.ts"
import * as Index from "../../src/schema/indexes.ts"
import { validate } from "../../src/schema/validate.ts"
import { cases } from "./cases.ts"
import { test } from "../support/test.ts"

const id: AnyField = Field.int64({ primaryKey: true })
const vector: AnyField = Field.floatVector({ dimension: 2 })
const title: AnyField = Field.varChar({ maxLength: 10, enableAnalyzer: true })
const terms: AnyField = Field.sparseFloatVector()

/** Makes a field without checking its options, as JavaScript can. */
const field = (type: Field.ScalarType | Field.VectorType, options: Field.FieldOptions): AnyField => ({ type, options })

const bm25 = Functions.bm25({ input: "title", output: "terms" })
const searched = { id, title, terms }

const mistakes: ReadonlyArray<
  readonly [path: string, fields: Record<string, AnyField>, options?: CollectionOptions, name?: string]
> = [
  ["name", { id }, {}, ""],
  ["fields", {}],
  ["fields", { vector }],
  ["fields", { id, other: id }],
  ["fields", { id, "": vector }],
  ["fields", { id, a: Field.int64({ partitionKey: true }), b: Field.int64({ partitionKey: true }) }],
  ["fields", { id, a: Field.int8({ clusteringKey: true }), b: Field.int8({ clusteringKey: true }) }],
  ["fields.a", { a: field("FloatVector", { dimension: 2, primaryKey: true }) }],
  ["fields.a", { a: field("Double", { primaryKey: true }) }],
  ["fields.a", { a: field("Int64", { primaryKey: true, nullable: true }) }],
  ["fields.a", { a: field("Int64", { primaryKey: true, default: 1 }) }],
  ["fields.a", { a: field("Int64", { primaryKey: true, partitionKey: true }) }],
  ["fields.a", { id, a: field("Int64", { partitionKey: true, nullable: true }) }],
  ["fields.a", { id, a: field("Bool", { partitionKey: true }) }],
  ["fields.a", { id, a: field("JSON", { clusteringKey: true }) }],
  ["fields.a.autoId", { id, a: field("Int64", { autoId: true }) }],
  ["fields.a.dimension", { id, a: field("FloatVector", {}) }],
  ["fields.a.dimension", { id, a: field("FloatVector", { dimension: 0 }) }],
  ["fields.a.dimension", { id, a: field("Int8Vector", { dimension: 1.5 }) }],
  ["fields.a.dimension", { id, a: field("BinaryVector", { dimension: 12 }) }],
  ["fields.a.maxLength", { id, a: field("VarChar", {}) }],
  ["fields.a.maxLength", { id, a: field("VarChar", { maxLength: -1 }) }],
  ["fields.a.maxCapacity", { id, a: { type: "Array", element: Field.int8(), options: {} } }],
  ["fields.a.element", { id, a: { type: "Array", element: vector, options: { maxCapacity: 1 } } }],
  ["fields.a.element", {
    id,
    a: { type: "Array", element: Field.bool({ nullable: true }), options: { maxCapacity: 1 } },
  }],
  ["fields.a.element.maxLength", {
    id,
    a: { type: "Array", element: field("VarChar", {}), options: { maxCapacity: 1 } },
  }],
  ["fields.a.members", { id, a: { type: "ArrayOfStruct", members: {}, options: { maxCapacity: 1 } } }],
  ["fields.a.members.b", { id, a: { type: "ArrayOfStruct", members: { b: terms }, options: { maxCapacity: 1 } } }],
  ["fields.a.members.b", { id, a: { type: "ArrayOfStruct", members: { b: id }, options: { maxCapacity: 1 } } }],
  ["fields.a.default", { id, a: field("Int8", { default: 128 }) }],
  ["fields.a.default", { id, a: field("Int16", { default: 0.5 }) }],
  ["fields.a.default", { id, a: field("Int32", { default: 2 ** 31 }) }],
  ["fields.a.default", { id, a: field("Int64", { default: 2 ** 53 }) }],
  ["fields.a.default", { id, a: field("Int64", { default: 2n ** 63n }) }],
  ["fields.a.default", { id, a: field("Float", { default: NaN }) }],
  ["fields.a.default", { id, a: field("Bool", { default: 1 }) }],
  ["fields.a.default", { id, a: field("VarChar", { maxLength: 1, default: null }) }],
  ["fields.a.default", { id, a: field("JSON", { default: {} }) }],
  ["fields.a.default", { id, a: field("FloatVector", { dimension: 1, default: [1] }) }],
  ["options.shards", { id, vector }, { shards: 0 }],
  ["options.partitions", { id, vector }, { partitions: 1.5 }],
  ["options.partitions", { id, vector }, { partitions: 4 }],
  ["options.ttl", { id, vector }, { ttl: "1500 millis" }],
  ["options.ttl", { id, vector }, { ttl: Infinity }],
  ["options.indexes.b", { id, vector }, { indexes: { b: Index.auto() } }],
  ["options.indexes.constructor", { id, vector }, { indexes: { constructor: Index.auto() } }],
  ["options.functions.f", searched, { functions: { f: { ...bm25, input: ["titel"] } } }],
  ["options.functions.f", searched, { functions: { f: { ...bm25, output: ["toString"] } } }],
  ["options.functions.f", searched, { functions: { f: { ...bm25, output: [] } } }],
  ["options.functions.f.input", searched, { functions: { f: { ...bm25, input: ["title", "title"] } } }],
  ["options.functions.f.input", searched, { functions: { f: { ...bm25, input: ["id"] } } }],
  ["options.functions.f.output", { ...searched, vector }, { functions: { f: { ...bm25, output: ["vector"] } } }],
  ["options.functions.f.output", searched, { functions: { f: { ...bm25, output: ["id"] } } }],
  ["options.functions.f.output", searched, { functions: { f: { ...bm25, type: "New", output: ["title"] } } }],
  ["options.functions.g.output", searched, { functions: { f: bm25, g: bm25 } }],
  ["fields.title.enableAnalyzer", { ...searched, title: Field.varChar({ maxLength: 1 }) }, { functions: { f: bm25 } }],
]

for (const [path, fields, options = {}, name = "books"] of mistakes) {
  const text = JSON.stringify([fields, options], (_, value) => typeof value === "bigint" ? `${value}` : value)
  test(`validate reports ${path} in ${text}`, () => {
    const definition: CollectionDefinition = { name, fields, options }
    const error = Result.getOrThrow(Result.flip(validate(definition)))
    assertEquals([error._tag, error.parameter], ["ParamError", `${name}.${path}`])
    assertEquals(Result.getOrThrow(Result.flip(createParts(definition))).message, error.message)
  })
}

test("validate accepts valid definitions", () => {
  for (const definition of Object.values(cases)) assert(Result.isSuccess(validate(definition)), definition.name)
  const dynamic: CollectionDefinition = {
    name: "dynamic",
    fields: { id, vector, s: Field.structArray({ v: Field.floatVector({ dimension: 2 }) }, { maxCapacity: 2 }) },
    options: { dynamicFields: true, ttl: 0, indexes: { "s[v]": Index.auto(), anything: Index.auto() } },
  }
  assert(Result.isSuccess(validate(dynamic)))
})
