/**
 * Many tenants in one collection: a partition key, and one place in the program through which rows are read and
 * written, so that no call can forget the tenant.
 *
 * `deno run -A examples/tenants.ts [HOST:PORT]`; the address is `localhost:19530` by default.
 */
import { Collection, Connection, Field, Index, Vectors, where } from "@effect-milvus/client"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { line } from "./output.ts"

const Notes = Collection.define("tenant_notes", {
  id: Field.varChar({ primaryKey: true, maxLength: 100 }),
  tenant: Field.varChar({ maxLength: 50, partitionKey: true }),
  text: Field.varChar({ maxLength: 1000 }),
  vector: Field.floatVector({ dimension: 2 }),
}, { partitions: 16, indexes: { vector: Index.auto({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

interface Note {
  readonly id: string
  readonly text: string
  readonly vector: ReadonlyArray<number>
}

/** The tenant of the request that is served: middleware of the program provides it. */
export class Tenant extends Context.Service<Tenant, { readonly name: string }>()("Tenant") {}

const make = Effect.gen(function* () {
  const connected = Effect.provideService(Connection.Connection, yield* Connection.Connection)
  yield* Collection.create(Notes)
  const mine = Effect.map(Tenant, ({ name }) => where(Notes).tenant.eq(name))
  return {
    /** Adds notes, or replaces them. The key has the tenant in it: two tenants may use the same id. */
    put: (notes: ReadonlyArray<Note>) =>
      Effect.flatMap(
        Tenant,
        ({ name: tenant }) =>
          connected(Vectors.upsert(Notes, notes.map((note) => ({ ...note, id: `${tenant}/${note.id}`, tenant })))),
      ),
    /** Returns the texts of the nearest notes. */
    search: (vector: ReadonlyArray<number>, limit: number) =>
      Effect.flatMap(
        mine,
        (filter) =>
          connected(Vectors.search(Notes, [vector], { limit, filter, outputFields: ["text"] })).pipe(
            Effect.map((found) => Array.from(found.hits(), ({ row }) => row.text)),
          ),
      ),
    /** Counts the notes. */
    count: Effect.flatMap(mine, (filter) => connected(Vectors.count(Notes, filter))),
    /** Deletes all notes of the tenant. */
    forget: Effect.flatMap(mine, (filter) => connected(Vectors.delete(Notes, { filter }))),
  }
})

/** The notes of a tenant. */
export class TenantNotes extends Context.Service<TenantNotes, Effect.Success<typeof make>>()("TenantNotes") {
  static readonly layer = Layer.effect(TenantNotes, make)
}

/** Runs an effect for a tenant. */
export const as = (name: string) => Effect.provideService(Tenant, { name })

/** Two tenants with the same keys and vectors. */
export const program = Effect.gen(function* () {
  const notes = yield* TenantNotes
  yield* as("acme")(notes.put([{ id: "1", text: "a note of acme", vector: [1, 0] }]))
  yield* as("globex")(notes.put([{ id: "1", text: "a note of globex", vector: [1, 0] }]))
  for (const tenant of ["acme", "globex", "initech"]) {
    yield* line(tenant, (yield* as(tenant)(notes.search([1, 0], 10))).join(", ") || "nothing")
  }
  yield* as("acme")(notes.forget)
  for (const tenant of ["acme", "globex"]) yield* line(tenant, `${yield* as(tenant)(notes.count)} notes`)
  yield* Collection.drop(Notes)
})

if (import.meta.main) {
  const [address = "localhost:19530"] = Deno.args
  await Effect.runPromise(
    Effect.provide(program, TenantNotes.layer.pipe(Layer.provideMerge(Connection.layer(address)))),
  )
}
