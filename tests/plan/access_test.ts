/** Plans of roles and users, on Milvus 2.3.5 with authorization and on a FakeMilvus; no password is in a plan. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { Connection, Privilege, Role, User } from "../../mod.ts"
import * as Schema from "../../src/plan/mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { rootCredentials, shared, startMilvus } from "../support/milvus.ts"
import { effectTest } from "../support/test.ts"

const milvus = shared(() => startMilvus({ authorization: true }))

const secret = "a-long-secret"
const definitions = Schema.define({
  roles: {
    reader: {
      grants: [
        { privilege: "Search", collection: "books", objectType: "Collection" },
        { privilege: "Query", collection: "*", database: "default", objectType: "Collection" },
        { privilege: "DescribeCollection", objectType: "Global" },
      ],
    },
    writer: {},
  },
  users: { alice: { password: Redacted.make(secret), roles: ["reader", "writer"] }, root: {} },
})

const program = Effect.gen(function* () {
  const plan = yield* Schema.plan(definitions)
  assertEquals(plan.steps.map(({ what }) => what), [
    'create role "reader"',
    'grant Search on collection "books" of database "default" to role "reader"',
    'grant Query on all collections of database "default" to role "reader"',
    'grant DescribeCollection on all collections of database "default" to role "reader"',
    'create role "writer"',
    'create user "alice"',
    'grant role "reader" to user "alice"',
    'grant role "writer" to user "alice"',
  ])
  for (const text of [Schema.format(plan), JSON.stringify(plan), inspect(plan, { depth: 9 })]) {
    assert(!text.includes(secret))
    assertStringIncludes(text, "alice")
  }
  yield* Schema.apply(plan)
  assertEquals((yield* Schema.plan(definitions)).steps, [])
  assertEquals((yield* User.describe("alice"))?.roles.toSorted(), ["reader", "writer"])

  // What others granted goes only if it is allowed.
  yield* Privilege.grantV1("reader", "Insert", { type: "Collection", name: "books" })
  yield* User.create("mallory", "another-secret")
  yield* Role.create("spy")
  yield* Privilege.grantV1("spy", "Query", { type: "Collection", name: "*" })
  yield* Role.grantTo("spy", "alice")
  const back = yield* Schema.plan(definitions)
  const words = [
    'revoke role "spy" from user "alice"',
    'drop user "mallory"',
    'revoke Insert on collection "books" of database "default" from role "reader"',
    'revoke Query on all collections of database "default" from role "spy"',
    'drop role "spy"',
  ]
  assertEquals(back.steps.map(({ what }) => what), words)
  assertEquals((yield* Schema.apply(back)).done, [])
  assert((yield* User.list()).includes("mallory"))
  assertEquals((yield* Schema.apply(back, { allowDrop: true })).done.map(({ what }) => what), words)
  assertEquals((yield* Schema.plan(definitions)).steps, [])
  assertEquals((yield* Role.list()).toSorted(), ["admin", "public", "reader", "writer"])
})

effectTest(
  "Milvus 2.3.5: a plan makes roles, users and grants, and revokes only what it may",
  Effect.suspend(() => Effect.provide(program, Connection.layer({ address: milvus().address, ...rootCredentials }))),
)

const onFake = (use: (fake: FakeMilvus.FakeMilvus) => Effect.Effect<unknown, unknown, Connection.Connection>) =>
  FakeMilvus.FakeMilvus.use(use).pipe(
    Effect.provide(FakeMilvus.layerConnected({ version: "v2.3.5", authorization: true }, rootCredentials)),
  )

effectTest("FakeMilvus: a plan makes roles, users and grants, and revokes only what it may", onFake(() => program))

effectTest(
  "FakeMilvus: a user who cannot be created, and a role that does not exist, are conflicts",
  onFake(() =>
    Effect.gen(function* () {
      const { conflicts } = yield* Schema.plan({
        users: { bob: { roles: [] }, root: { roles: ["nothing"] } },
      })
      assertEquals(conflicts.map(({ what, why }) => `${what}: ${why}`), [
        'user "bob": it is not on the server, and has no password to be created with',
        'user "root": no role is named "nothing"',
      ])
      // The plan drops a role that is not defined, so that no user can have it.
      yield* Role.create("left")
      const other = yield* Schema.plan({ roles: {}, users: { root: { roles: ["left", "admin"] } } })
      assertEquals(other.conflicts.map(({ what, why }) => `${what}: ${why}`), [
        'user "root": `roles` does not have "left"',
      ])
    })
  ),
)

effectTest(
  "a failure to create a user has the step, and not the password",
  onFake((fake) =>
    Effect.gen(function* () {
      const plan = yield* Schema.plan(definitions)
      yield* fake.fail("CreateCredential", { code: 65535, reason: "no more users" })
      const error = yield* Effect.flip(Schema.apply(plan))
      assert(error instanceof Schema.PartialApply)
      assertEquals(error.step, 'create user "alice"')
      assert(!inspect(error, { depth: 9 }).includes(secret))
    })
  ),
)

effectTest(
  "Milvus 2.4.18 and later: grants are read for all databases, and made by collection and database",
  Effect.gen(function* () {
    const entity = (privilege: string, object_name: string, db_name: string) => ({
      role: { name: "reader" },
      object: { name: "Collection" },
      object_name,
      db_name,
      grantor: { user: { name: "root" }, privilege: { name: privilege } },
    })
    const granted: Array<string> = []
    const asked: Array<string> = []
    const handlers: FakeMilvus.Options["handlers"] = {
      SelectRole: () => Effect.succeed({ results: [{ role: { name: "reader" }, users: [] }] }),
      SelectGrant: (_, call) => {
        asked.push(call.metadata["dbname"] ?? "")
        return Effect.succeed({ entities: [entity("Search", "books", "default"), entity("Insert", "*", "sales")] })
      },
      OperatePrivilegeV2: ({ type, grantor, collection_name, db_name }) => {
        granted.push([type, grantor?.privilege?.name, collection_name, db_name].join(" "))
        return Effect.succeed({})
      },
    }
    const run = Effect.gen(function* () {
      const plan = yield* Schema.plan({
        roles: {
          reader: {
            grants: [
              { privilege: "Search", collection: "books" },
              { privilege: "CollectionReadOnly", collection: "books", database: "sales" },
              { privilege: "ClusterReadOnly", database: "*" },
            ],
          },
        },
      })
      yield* Schema.apply(plan, { allowDrop: true })
    })
    yield* Effect.provide(run, FakeMilvus.layerConnected({ version: "v2.6.2", handlers }))
    assertEquals(granted, [
      "Grant CollectionReadOnly books sales",
      "Grant ClusterReadOnly * *",
      "Revoke Insert * sales",
    ])
    assertEquals([...new Set(asked)], ["*"])
  }),
)
