/** Values that milvus-lite accepts and returns as other values, to pymilvus as well as to this library. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { CodecError } from "../../mod.ts"
import * as Field from "../../src/schema/Field.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Index from "../../src/operations/Index.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import type { Laboratory } from "./laboratory.ts"
import { exactRow, type Row } from "./types_exact.ts"
import { test } from "../support/test.ts"

const id = Field.int64({ primaryKey: true })
const vector = Field.floatVector({ dimension: 2 })
const options = { indexes: { vector: Index.flat({ metric: "L2" }) } }

export const testChanges = ({ engine, pymilvus, run }: Laboratory): void => {
  const changes: ReadonlyArray<{ what: string; fields: Field.Fields; given: Row; read: Row }> = [
    {
      what: "null_vector",
      fields: { id, vector: Field.floatVector({ dimension: 2, nullable: true }) },
      given: { id: 1n, vector: null },
      read: { id: 1n, vector: Float32Array.of(0, 0) },
    },
    {
      what: "time_zone",
      fields: { id, vector, field: Field.timestamptz() },
      given: { id: 1n, vector: Float32Array.of(0, 0), field: "2025-05-01T23:59:59.5+08:00" },
      read: { id: 1n, vector: Float32Array.of(0, 0), field: "2025-05-01T15:59:59.500000Z" },
    },
  ]
  for (const { what: name, fields, given, read } of changes) {
    test(`${engine.name} changes a ${name.replace("_", " ")}`, async () => {
      const definition: Collection.AnyDefinition = { name, fields, options }
      await run(Effect.gen(function* () {
        yield* Collection.create(definition)
        yield* Vectors.insert(definition, [given])
        const { rows } = yield* Vectors.get(definition, [1])
        assertEquals(Array.from(rows, (row) => exactRow(fields, row)), [exactRow(fields, read)])
      }))
      const exact = await pymilvus().call("read", { collection: name, filter: "id > 0", outputs: ["*"] })
      assertEquals(exact, [exactRow(fields, read)])
    })
  }

  test(`${engine.name} returns JSON text without its quotes, which is an error, and readable as text`, async () => {
    const definition = Collection.define("json_text", { id, vector, json: Field.json() }, options)
    await run(Effect.gen(function* () {
      yield* Collection.create(definition)
      yield* Vectors.insert(definition, [{ id: 1, vector: [0, 0], json: "some text" }])
      const { rows, column } = yield* Vectors.get(definition, [1])
      const json = column("json")
      assert(json?.type === "JSON")
      assertEquals(json.values.text(0), "some text")
      const error = yield* Effect.flip(Effect.try({ try: () => rows.at(0), catch: (error) => error }))
      assert(error instanceof CodecError)
    }))
  })
}
