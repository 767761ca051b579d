/** The database of a call is in its request, too: servers do not read the metadata of a call for every RPC. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { CollectionAlias, Connection, Database, Namespace } from "../../mod.ts"
import { rpcs } from "../../src/contract/rpcs.ts"
import descriptor from "../../src/contract/descriptor.json" with { type: "json" }
import { FakeMilvus } from "../../src/testing/mod.ts"
import { effectTest } from "../support/test.ts"

const milvus = descriptor.nested.milvus.nested.proto.nested.milvus.nested
// Cast: an index of the JSON by the names of its messages.
const messages = milvus as unknown as Readonly<Record<string, { readonly fields?: Readonly<Record<string, unknown>> }>>
const methods: Readonly<Record<string, { readonly requestType: string; readonly responseStream?: boolean }>> =
  milvus.MilvusService.methods

/** Returns the field of a request for the database. */
const fieldOf = (method: string): "db_name" | "dbName" | undefined => {
  const fields = messages[methods[method]!.requestType.split(".").at(-1)!]?.fields ?? {}
  return "db_name" in fields ? "db_name" : "dbName" in fields ? "dbName" : undefined
}

/** RPCs that are about databases, or about all of them. */
const withoutCurrent = [
  "AlterDatabase",
  "CreateDatabase",
  "DescribeDatabase",
  "DropDatabase",
  "FlushAll",
  "GetFlushAllState",
]

/** Calls an RPC, and returns the database in the request that the server got. */
const sent = (fake: FakeMilvus.FakeMilvus, method: string, request: object, options?: Connection.CallOptions) =>
  Effect.gen(function* () {
    const { call } = yield* Connection.Connection
    yield* fake.clearCalls
    // Casts: the loop is over all methods, and replies are empty.
    yield* fake.handle(method as FakeMilvus.Method, () => Effect.succeed({} as never))
    yield* Effect.exit(call(method as FakeMilvus.Method, request as never, options))
    const [seen] = (yield* fake.calls).filter((call) => call.method === method)
    assert(seen !== undefined, method)
    return (seen.request as Readonly<Record<string, unknown>>)[fieldOf(method) ?? "db_name"]
  })

effectTest(
  "a call in a database names it in its request, whichever RPC has a field for it",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ version: "v3.1.0" })
    yield* Effect.gen(function* () {
      const all = Object.keys(rpcs).filter((method) => methods[method]!.responseStream !== true)
      const named: Array<string> = []
      for (const method of all) {
        const field = fieldOf(method)
        const database = yield* sent(fake, method, {}, { database: "library" })
        if (database === "library") named.push(method)
        else assertEquals(database, field === undefined ? undefined : "", method)
      }
      assertEquals(all.filter((method) => fieldOf(method) !== undefined && !named.includes(method)), withoutCurrent)
      assert(named.length > 80 && named.includes("GetPersistentSegmentInfo"))
    }).pipe(Effect.provide(Connection.layer(fake.address)))
  }),
)

effectTest(
  "a request keeps the database that it names, and names none in the default database",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ version: "v3.1.0" })
    yield* Effect.gen(function* () {
      const options = { database: "library" }
      assertEquals(yield* sent(fake, "ListAliases", { db_name: "other" }, options), "other")
      assertEquals(yield* sent(fake, "ListAliases", { db_name: "" }, options), "library")
      assertEquals(yield* sent(fake, "ListAliases", {}), "")
      assertEquals(yield* sent(fake, "ListAliases", {}, { database: "default" }), "")
    }).pipe(Effect.provide(Connection.layer(fake.address)))
  }),
)

effectTest(
  "the database of a connection, and that of an effect, are in the requests of operations",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make({ version: "v3.1.0" })
    yield* Effect.provide(Database.create("library"), Connection.layer(fake.address))
    yield* fake.handle("CreateNamespace", () => Effect.succeed({}))
    yield* fake.handle("ListAliases", () => Effect.succeed({}))
    yield* Effect.gen(function* () {
      yield* fake.clearCalls
      yield* Namespace.create("books", "alice")
      yield* Database.withDatabase("archive")(CollectionAlias.list())
      // Cast: both requests have it.
      const databases = (yield* fake.calls).map(({ request }) => (request as { readonly db_name: string }).db_name)
      assertEquals(databases, ["library", "archive"])
    }).pipe(Effect.provide(Connection.layer({ uri: `http://${fake.address}`, database: "library" })))
  }),
)
