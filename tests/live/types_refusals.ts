/** Types and values that the servers refuse from both clients, and that the other tests therefore leave out. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection, ServerError } from "../../mod.ts"
import * as Field from "../../src/schema/Field.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Index from "../../src/operations/Index.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import { isFull } from "../support/scale.ts"
import { eventually, listens } from "../support/sockets.ts"
import { lite } from "./engines.ts"
import type { Laboratory } from "./laboratory.ts"
import { exactRow } from "./types_exact.ts"
import { notFiniteVectors } from "./types_values.ts"
import { test } from "../support/test.ts"

/** A refused field or value, and the RPC that refuses it. */
interface Refusal {
  readonly what: string
  readonly field: Field.AnyField
  /** Whether the collection has no other vector. Otherwise it also has the field `vector`. */
  readonly alone?: boolean
  readonly index?: Index.Index
  readonly value?: unknown
  readonly by: "CreateCollection" | "CreateIndex" | "Insert"
  readonly reason: RegExp
  /** The same for pymilvus, if it differs. */
  readonly pymilvus?: RegExp
}

const dimension = 4
const vector = Field.floatVector({ dimension })
const flat = Index.flat({ metric: "L2" })
const structs = Field.structArray({ page: Field.int8() }, { maxCapacity: 2 })
const sparse = Field.sparseFloatVector()
const sparseOf = (...values: ReadonlyArray<number>) => ({
  indices: Uint32Array.from(values.keys()),
  values: Float32Array.from(values),
})
const unknownStruct = /unexpected field `field`/

const unknownType = { by: "CreateCollection", reason: /which MilvusLite does not support/ } as const
const weights = { field: sparse, by: "Insert" } as const
const noBytes = (type: string) => new RegExp(`Expected bytes, got a '${type}' object`)

const liteRefusals: ReadonlyArray<Refusal> = [
  { what: "Text", field: Field.text(), ...unknownType },
  { what: "BinaryVector", field: Field.binaryVector({ dimension: 8 }), ...unknownType },
  { what: "Float16Vector", field: Field.float16Vector({ dimension }), ...unknownType },
  { what: "BFloat16Vector", field: Field.bfloat16Vector({ dimension }), ...unknownType },
  { what: "Int8Vector", field: Field.int8Vector({ dimension }), ...unknownType },
  {
    what: "arrays of structs, which it leaves out of the schema",
    field: structs,
    value: [{ page: 1 }],
    by: "Insert",
    reason: /'field' has neither scalars nor vectors/,
    pymilvus: unknownStruct,
  },
  {
    what: "null as a sparse vector",
    field: Field.sparseFloatVector({ nullable: true }),
    value: null,
    by: "Insert",
    reason: /has 0 rows, expected 1/,
    pymilvus: /has neither scalars nor vectors/,
  },
  { what: "a sparse vector without places", value: sparseOf(), reason: /at least one nonzero/, ...weights },
  { what: "a sparse vector of zeros", value: sparseOf(0, -0), reason: /at least one nonzero/, ...weights },
  { what: "a sparse vector below zero", value: sparseOf(-1), reason: /must be finite, non-negative/, ...weights },
  { what: "an infinite sparse vector", value: sparseOf(Infinity), reason: /must be finite, non-negative/, ...weights },
  { what: "a number as JSON", field: Field.json(), value: 1.5, by: "Insert", reason: noBytes("float") },
  { what: "a boolean as JSON", field: Field.json(), value: true, by: "Insert", reason: noBytes("bool") },
]

const noIndex = { alone: true, index: flat, by: "CreateIndex", reason: /is not supported: invalid parameter/ } as const
const noObject = { field: Field.json(), by: "Insert", reason: /cannot unmarshal .* into Go value of type map/ } as const

const standaloneRefusals: ReadonlyArray<Refusal> = [
  {
    what: "a second vector",
    field: vector,
    by: "CreateCollection",
    reason: /multiple vector fields is not supported/,
  },
  { what: "BFloat16Vector", field: Field.bfloat16Vector({ dimension }), ...noIndex },
  { what: "Int8Vector", field: Field.int8Vector({ dimension }), ...noIndex },
  { what: "SparseFloatVector", field: sparse, ...noIndex },
  { what: "Geometry", field: Field.geometry(), value: "POINT (1 2)", by: "Insert", reason: /is not supported now/ },
  {
    what: "arrays of structs, which it leaves out of the schema",
    field: structs,
    value: [{ page: 1 }],
    by: "Insert",
    reason: /the number of fields is less than needed/,
    pymilvus: unknownStruct,
  },
  {
    what: "null",
    field: Field.int32({ nullable: true }),
    value: null,
    by: "Insert",
    reason: /the num_rows \(0\) of field \(field\) is not equal to passed num_rows/,
  },
  { what: "a list as JSON", value: [1], ...noObject },
  { what: "a number as JSON", value: 1.5, ...noObject },
  ...notFiniteVectors.map((value): Refusal => ({
    what: `a vector with ${value[0]}`,
    field: vector,
    alone: true,
    value,
    by: "Insert",
    reason: /is not a number or infinity/,
  })),
]

export const testRefusals = ({ engine, pymilvus, run }: Laboratory): void => {
  const isLite = engine === lite
  const refusals = isLite ? liteRefusals : standaloneRefusals
  refusals.forEach(({ what, field, alone, index, value, by, reason, pymilvus: expected = reason }, at) =>
    test(`${engine.name} refuses ${what}`, async () => {
      const name = `refused_${at}`
      const fields = { id: Field.int64({ primaryKey: true }), ...(alone === true ? {} : { vector }), field }
      const definition: Collection.AnyDefinition = {
        name,
        fields,
        options: index === undefined ? {} : { indexes: { field: index } },
      }
      const row = { id: 1n, ...(alone === true ? {} : { vector: new Float32Array(dimension) }), field: value }
      const program = Effect.gen(function* () {
        yield* Collection.create(definition, { load: false })
        yield* Vectors.insert(definition, [row])
      })
      const failed = await run(Effect.flip(program))
      const error = failed._tag === "PartialCreate" ? failed.cause : failed
      assert(error instanceof ServerError, failed.message)
      assertEquals(error.method, by, error.message)
      assertMatch(error.message, reason)
      if (by !== "Insert") return
      assertMatch(
        await pymilvus().refusal("write", { how: "insert", collection: name, rows: [exactRow(fields, row)] }),
        expected,
      )
    })
  )
  // Needs a server of its own, and 10 s.
  if (isLite || !isFull) return
  test(`${engine.name} accepts a schema and rows with Text and Timestamptz, and ends when they are loaded`, async () => {
    await using server = await engine.start()
    const definition = Collection.define("fatal", {
      id: Field.int64({ primaryKey: true }),
      vector,
      text: Field.text(),
      timestamptz: Field.timestamptz(),
    }, { indexes: { vector: flat } })
    const program = Effect.gen(function* () {
      yield* Collection.create(definition, { load: false })
      const row = { id: 1, vector: new Float32Array(dimension), text: "text", timestamptz: "2025-05-01T15:59:59Z" }
      assertEquals((yield* Vectors.insert(definition, [row])).count, 1)
      const error = yield* Effect.flip(Collection.load(definition, { retry: false }))
      assertEquals(error._tag, "RpcError")
    })
    await Effect.runPromise(Effect.provide(program, Connection.layer(server.address)))
    await eventually(() => assertEquals(listens(server.pid, server.port), false))
  })
}
