/** Definitions encoded as messages and decoded again, by this library and by pymilvus. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Field from "../../src/schema/Field.ts"
import * as Message from "../../src/Message.ts"
import { fromDescription } from "../../src/schema/decodeSchema.ts"
import { type CollectionDefinition, define } from "../../src/schema/definition.ts"
import { createParts } from "../../src/schema/encodeSchema.ts"
import type { CollectionSchema, CreateCollectionParts, Described } from "../../src/schema/schemaMessages.ts"
import { run } from "../support/effects.ts"
import { pythonWith } from "../support/python.ts"
import { cases } from "./cases.ts"
import { test } from "../support/test.ts"

/** Checks at compile time that the hand-written messages match those of the contract, when written and when read. */
type Assignable<From extends To, To> = From
export type Written = [
  Assignable<CollectionSchema, Message.Messages["milvus.proto.schema.CollectionSchema"]["input"]>,
  Assignable<CreateCollectionParts, Message.Messages["milvus.proto.milvus.CreateCollectionRequest"]["input"]>,
  Assignable<Message.Messages["milvus.proto.milvus.DescribeCollectionResponse"]["output"], Described>,
]

const encode = (definition: CollectionDefinition) =>
  Effect.gen(function* () {
    const { schema, request } = yield* Effect.fromResult(createParts(definition))
    return {
      schema: yield* Message.encode("milvus.proto.schema.CollectionSchema", schema),
      request: yield* Message.encode("milvus.proto.milvus.CreateCollectionRequest", request),
    }
  })

/** Returns the description of a collection as a server would send it after creating it. */
const describe = (definition: CollectionDefinition) =>
  Effect.gen(function* () {
    const { schema, request } = yield* encode(definition)
    const created = yield* Message.decode("milvus.proto.milvus.CreateCollectionRequest", request)
    const bytes = yield* Message.encode("milvus.proto.milvus.DescribeCollectionResponse", {
      ...created,
      schema: yield* Message.decode("milvus.proto.schema.CollectionSchema", schema),
    })
    return yield* Message.decode("milvus.proto.milvus.DescribeCollectionResponse", bytes)
  })

for (const [name, definition] of Object.entries(cases)) {
  test(`createParts and fromDescription lose nothing of ${name}`, async () => {
    const read = Result.getOrThrow(fromDescription(await run(describe(definition))))
    // Indexes are created by other calls.
    const { indexes: _, ...options } = definition.options
    assertEquals<unknown>(read, { ...definition, options })
    assertEquals(Object.keys(read.fields), Object.keys(definition.fields))
    assertEquals(await run(encode(read)), await run(encode(definition)))
  })
}

test("createParts encodes the same schemas as pymilvus, for every type and option", async () => {
  const messages: Record<string, unknown> = {}
  for (const [name, definition] of Object.entries(cases)) {
    const { schema, request } = await run(encode(definition))
    messages[name] = { schema: schema.toBase64(), request: request.toBase64() }
  }
  const script = new URL("pymilvus_schemas.py", import.meta.url).pathname
  const child = new Deno.Command(await pythonWith("pymilvus"), {
    args: [script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const input = child.stdin.getWriter()
  await input.write(new TextEncoder().encode(JSON.stringify(messages)))
  await input.close()
  const { success, stdout, stderr } = await child.output()
  assert(success, new TextDecoder().decode(stderr))
  const differences: Record<string, string | null> = JSON.parse(new TextDecoder().decode(stdout))
  assertEquals(Object.keys(differences), Object.keys(cases))
  for (const [name, difference] of Object.entries(differences)) assertEquals(difference, null, `${name}: ${difference}`)
})

test(
  "fromDescription keeps types, parameters and properties that this version does not know",
  async () => {
    const definition = define("strange", {
      id: Field.int64({ primaryKey: true }),
      molecule: Field.other("Mol", { nullable: true, params: { "mol.kind": "x" } }),
      later: Field.other(999),
      vector: Field.floatVector({ dimension: 2, params: { "knowhere.hint": "y" } }),
      // Values that this version would not write.
      text: Field.varChar({ maxLength: 4, params: { analyzer_params: "english", enable_match: "yes", dim: "0" } }),
      __proto__x: Field.bool(),
    }, { properties: { "collection.ttl.seconds": "many" } })
    const read = Result.getOrThrow(fromDescription(await run(describe(definition))))
    assertEquals<unknown>(read, definition)
  },
)

test("fromDescription omits everything that the server adds", async () => {
  const definition = define("books", { id: Field.int64({ primaryKey: true }), v: Field.sparseFloatVector() }, {
    dynamicFields: true,
  })
  const described = await run(describe(definition))
  const meta = { name: "$meta", data_type: "JSON", is_dynamic: true } as const
  const { schema } = described
  assert(schema !== null)
  const fields = [...schema.fields.map((field, index) => ({ ...field, fieldID: BigInt(100 + index) })), meta]
  const read = fromDescription({ ...described, num_partitions: 1n, schema: { ...schema, fields } })
  assertEquals<unknown>(Result.getOrThrow(read), definition)
})

test("fromDescription fails if the reply has no schema", async () => {
  const described = await run(describe(define("a", { id: Field.int64({ primaryKey: true }) })))
  const error = Result.getOrThrow(Result.flip(fromDescription({ ...described, schema: null })))
  assertEquals(error._tag, "CodecError")
})
