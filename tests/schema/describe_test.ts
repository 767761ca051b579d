/** Definitions that real servers created, compared with their descriptions. */
import { assertEquals } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import * as Field from "../../src/schema/Field.ts"
import * as Message from "../../src/Message.ts"
import { fromDescription } from "../../src/schema/decodeSchema.ts"
import { type CollectionDefinition, define } from "../../src/schema/definition.ts"
import { createParts } from "../../src/schema/encodeSchema.ts"
import * as Functions from "../../src/schema/Functions.ts"
import { run } from "../support/effects.ts"
import { type MilvusServer, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

/** Creates a collection, and returns the definition that the server describes. */
const created = (server: MilvusServer, definition: CollectionDefinition) =>
  run(Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    const { schema, request } = yield* Effect.fromResult(createParts(definition))
    const bytes = yield* Message.encode("milvus.proto.schema.CollectionSchema", schema)
    yield* connection.call("CreateCollection", { ...request, schema: bytes })
    const described = yield* connection.call("DescribeCollection", { collection_name: definition.name })
    return yield* Effect.fromResult(fromDescription(described))
  }))

const scalars = {
  bool: Field.bool(),
  int8: Field.int8(),
  int16: Field.int16(),
  int32: Field.int32(),
  float: Field.float(),
  double: Field.double(),
  json: Field.json(),
  tags: Field.array(Field.varChar({ maxLength: 40 }), { maxCapacity: 20 }),
  ids: Field.array(Field.int64(), { maxCapacity: 5 }),
  vector: Field.floatVector({ dimension: 4 }),
}

const standalone = shared(() => startMilvus())
const lite = shared(startMilvusLite)

test("Milvus 2.3.5 describes a collection as it was defined", async () => {
  const definition = define("books", {
    id: Field.int64({ primaryKey: true, autoId: true, description: "the key" }),
    shelf: Field.varChar({ maxLength: 30, partitionKey: true }),
    ...scalars,
  }, {
    description: "ünïcode",
    dynamicFields: true,
    consistencyLevel: "Session",
    shards: 2,
    partitions: 8,
    ttl: Duration.hours(1),
    properties: { "collection.autocompaction.enabled": "true" },
  })
  assertEquals<unknown>(await created(standalone(), definition), definition)
})

test("milvus-lite describes a collection as it was defined", async () => {
  const definition = define("books", {
    key: Field.varChar({ maxLength: 30, primaryKey: true }),
    title: Field.varChar({ maxLength: 30, enableAnalyzer: true, analyzerParams: { tokenizer: "standard" } }),
    year: Field.int16({ nullable: true }),
    rating: Field.float({ default: 2.5 }),
    terms: Field.sparseFloatVector(),
    ...scalars,
  }, { dynamicFields: true, functions: { terms: Functions.bm25({ input: "title", output: "terms" }) } })
  const read = await created(lite(), definition)
  // milvus-lite does not keep the length of strings in an array or the consistency level, and always has one shard.
  assertEquals<unknown>({ ...read, fields: { ...read.fields, tags: scalars.tags } }, {
    ...definition,
    options: { ...definition.options, consistencyLevel: "Strong", shards: 1 },
  })
})
