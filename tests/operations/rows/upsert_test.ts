/** Upserts replace whole rows, on a real server. */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection } from "../../../mod.ts"
import * as Field from "../../../src/schema/Field.ts"
import * as Collection from "../../../src/operations/Collection.ts"
import * as Index from "../../../src/operations/Index.ts"
import * as Vectors from "../../../src/operations/Vectors.ts"
import {} from "../../codec/support.ts"
import { shared, startMilvus, startMilvusLite } from "../../support/milvus.ts"
import { test } from "../../support/test.ts"

const lite = shared(startMilvusLite)
const standalone = shared(startMilvus)

const Things = Collection.define("upserted", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
  bool: Field.bool({ nullable: true }),
  int: Field.int32({ nullable: true }),
  long: Field.int64({ nullable: true }),
  double: Field.double({ nullable: true }),
  text: Field.varChar({ maxLength: 20, nullable: true }),
  json: Field.json({ nullable: true }),
  tags: Field.array(Field.varChar({ maxLength: 9 }), { maxCapacity: 3, nullable: true }),
  stars: Field.int32({ default: 3 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const vector = [1, 2]
const full = {
  vector,
  bool: true,
  int: 1,
  long: 2n ** 60n,
  double: 0.5,
  text: "a",
  json: { a: 1 },
  tags: ["x"],
  stars: 5,
}
const empty = { bool: null, int: null, long: null, double: null, text: null, json: null, tags: null, stars: 3 }

interface Way {
  readonly rows: Parameters<typeof Vectors.upsert<typeof Things>>[1]
  readonly batchBytes?: number
}

/** The ways to say that everything which may be left out is left out of row 1, with another row or without. */
const ways: Readonly<Record<string, Way>> = {
  "a row alone": { rows: [{ id: 1, vector }] },
  "beside a row that has all": { rows: [{ id: 1, vector }, { id: 2, ...full }] },
  "in a batch before that of a row that has all": { rows: [{ id: 1, vector }, { id: 2, ...full }], batchBytes: 1 },
  "columns": { rows: { id: [1], vector: [vector] } },
  "packed columns": { rows: { id: BigInt64Array.of(1n), vector: Float32Array.from(vector) } },
}

test(
  "rule 5: an upsert replaces the row: what is left out is null, its default, or gone",
  () =>
    Effect.runPromise(
      Effect.gen(function* () {
        yield* Collection.create(Things)
        for (const [way, { rows, batchBytes }] of Object.entries(ways)) {
          yield* Vectors.upsert(Things, [{ id: 1, ...full }])
          const [before] = (yield* Vectors.get(Things, [1])).rows.toArray()
          assertEquals(before, { id: 1n, ...full, vector: Float32Array.from(vector) }, way)
          yield* Vectors.upsert(Things, rows, { batchBytes })
          const [after] = (yield* Vectors.get(Things, [1])).rows.toArray()
          assertEquals(after, { id: 1n, ...empty, vector: Float32Array.from(vector) }, way)
          // What was read is written back as it is.
          yield* Vectors.upsert(Things, [after!])
          assertEquals((yield* Vectors.get(Things, [1])).rows.at(0), after, way)
        }
      }).pipe(Effect.provide(Connection.layer(lite().address))),
    ),
)

const Dynamic = Collection.define("upserted_dynamic", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

// Not on milvus-lite 3.2.2, which merges the dynamic keys of each upsert into those that it has.
test(
  "rule 5: dynamic keys that an upsert leaves out are gone, in rows and in columns",
  () =>
    Effect.runPromise(
      Effect.gen(function* () {
        yield* Collection.create(Dynamic)
        const others = [
          [{ id: 1, vector }],
          [{ id: 1, vector }, { id: 2, vector, extra: 2 }],
          { id: [1], vector: [vector] },
          { id: [1, 2], vector: [vector, vector], $meta: [{}, { extra: 2 }] },
        ]
        for (const rows of others) {
          yield* Vectors.upsert(Dynamic, [{ id: 1, vector, extra: 1 }])
          assertEquals((yield* Vectors.get(Dynamic, [1])).rows.at(0)?.["extra"], 1)
          yield* Vectors.upsert(Dynamic, rows)
          const row = (yield* Vectors.get(Dynamic, [1])).rows.at(0)
          assertEquals(row, { id: 1n, vector: Float32Array.from(vector) })
        }
      }).pipe(Effect.provide(Connection.layer(standalone().address))),
    ),
)

// When this fails, the test above holds for milvus-lite as well, and the guide of Mastra can do without its warning.
test(
  "milvus-lite 3.2.2 keeps dynamic keys that an upsert leaves out",
  () =>
    Effect.runPromise(
      Effect.gen(function* () {
        yield* Collection.create(Dynamic)
        yield* Vectors.upsert(Dynamic, [{ id: 1, vector, extra: 1 }])
        yield* Vectors.upsert(Dynamic, [{ id: 1, vector }])
        assertEquals((yield* Vectors.get(Dynamic, [1])).rows.at(0)?.["extra"], 1)
      }).pipe(Effect.provide(Connection.layer(lite().address))),
    ),
)
