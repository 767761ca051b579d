/** Rows have what was asked for, and no more, whatever a server sends. */
import { assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, type Connection, Field, Index, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { namer, servers } from "../support.ts"

const next = namer("outputs")

/** A dynamic key that some servers cannot be asked for by its name, and one that looks like something else. */
const odd = { 'a"b': 1, 'meta["x"]': 2, '$meta["x"]': 3, "größe": 4, "with space": 5, "constructor": 6, "1st": 7 }

const row = { id: 1, title: "one", v: [0, 0], color: "red", secret: "x", ...odd }

type Rows = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The rows of each read that gives some, for the same fields. */
const readsOf = (
  collection: Collection.AnyDefinition | string,
  outputFields: ReadonlyArray<string> | undefined,
): Effect.Effect<Readonly<Record<string, Rows>>, unknown, Connection.Connection> =>
  Effect.gen(function* () {
    const fields = outputFields === undefined ? {} : { outputFields }
    const batches = yield* Stream.runCollect(Vectors.queryBatches(collection, undefined, fields))
    const found = yield* Stream.runCollect(Vectors.searchBatches(collection, [0, 0], fields))
    const search = yield* Vectors.search(collection, [[0, 0]], { limit: 1, ...fields })
    return {
      query: (yield* Vectors.query(collection, "id in [1]", fields)).rows.toArray(),
      get: (yield* Vectors.get(collection, [1], fields)).rows.toArray(),
      queryBatches: [...batches].flatMap(({ rows }) => rows.toArray()),
      search: search.hits().toArray().map(({ row }) => row),
      searchBatches: [...found].flatMap((batch) => batch.hits().toArray()).map(({ row }) => row),
    }
  })

for (const [server, run] of Object.entries(servers())) {
  test(`rule 6: ${server}: rows have the fields and dynamic keys that were asked for, and the key`, () =>
    run(({ mine }) =>
      mine(Effect.gen(function* () {
        const C = Collection.define(next(), {
          id: Field.int64({ primaryKey: true }),
          title: Field.varChar({ maxLength: 20 }),
          v: Field.floatVector({ dimension: 2 }),
        }, {
          indexes: { v: Index.flat({ metric: "L2" }) },
          consistencyLevel: "Eventually",
          dynamicFields: true,
        }) as unknown as Collection.AnyDefinition
        yield* Collection.create(C)
        yield* Vectors.insert(C, [row])
        // From here on it is there, and need not be waited for.
        assertEquals(yield* Vectors.count(C, "", { consistency: "Strong" }), 1)
        const read = { ...row, id: 1n, v: new Float32Array(2) }
        const asked: ReadonlyArray<ReadonlyArray<string>> = [
          [],
          ["id"],
          ["title"],
          ["color"],
          ["color", "title"],
          ["v", "nothing"],
          ["color", "color"],
          ...Object.keys(odd).map((name) => [name]),
          Object.keys(odd),
        ]
        for (const collection of [C, C.name]) {
          for (const names of asked) {
            const wanted = Object.fromEntries(
              ["id", ...names].filter((name) => Object.hasOwn(read, name)).map((
                name,
              ) => [name, Reflect.get(read, name)]),
            )
            for (const [operation, rows] of Object.entries(yield* readsOf(collection, names))) {
              assertEquals(rows.map((row) => ({ ...row })), [wanted], `${operation} of ${names}`)
            }
          }
          for (const names of [["*"], ["*", "color"], ["id", "title", "v", "$meta"]]) {
            for (const [operation, rows] of Object.entries(yield* readsOf(collection, names))) {
              assertEquals(rows.map((row) => ({ ...row })), [read], `${operation} of ${names}`)
            }
          }
          const byDefault = yield* readsOf(collection, undefined)
          assertEquals(byDefault["query"], [read])
          assertEquals(byDefault["search"], [{ id: 1n }])
          const { columns } = yield* Vectors.search(collection, [[0, 0]], { limit: 1, outputFields: ["title"] })
          assertEquals(columns.map(({ fieldName }) => fieldName), ["title"])
        }
      }))
    ))

  test(`rule 6: ${server}: a field that the collection does not have is an error`, () =>
    run(({ mine }) =>
      mine(Effect.gen(function* () {
        const C = Collection.define(next(), {
          id: Field.int64({ primaryKey: true }),
          v: Field.floatVector({ dimension: 2 }),
        }, {
          indexes: { v: Index.flat({ metric: "L2" }) },
          consistencyLevel: "Strong",
        }) as unknown as Collection.AnyDefinition
        yield* Collection.create(C)
        yield* Vectors.insert(C, [{ id: 1, v: [0, 0] }])
        for (const name of ["nothing", 'a"b']) {
          for (const outputFields of [[name], ["id", name]]) {
            const query = yield* Effect.flip(Vectors.query(C, "id in [1]", { outputFields }))
            const search = yield* Effect.flip(Vectors.search(C, [[0, 0]], { limit: 1, outputFields }))
            for (const error of [query, search]) {
              assertStringIncludes(error.message, name === "nothing" || error._tag === "CodecError" ? name : "$meta")
            }
          }
        }
      }))
    ))
}
