/** Users, roles and grants on Milvus 2.3.5 with authorization, which pymilvus sees alike. */
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import {
  type CallError,
  type CodecError,
  Collection,
  Connection,
  Database,
  type ParamError,
  Privilege,
  Role,
  RowPolicy,
  User,
  Vectors,
} from "../../mod.ts"
import { rootCredentials, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { pythonWith } from "../support/python.ts"
import { effectTest } from "../support/test.ts"
import { simple } from "./support.ts"
import { recorder } from "../telemetry/recorder.ts"

const milvus = shared(() => startMilvus({ authorization: true }))
const lite = shared(startMilvusLite)

/** Runs an effect as a user; as root, if none is given. */
const as = <A, E>(effect: Effect.Effect<A, E, Connection.Connection>, user?: string, password?: string) =>
  Effect.suspend(() => {
    const credentials = user === undefined ? rootCredentials : { user, password }
    return Effect.provide(effect, Connection.layer({ address: milvus().address, ...credentials }))
  })

/** Evaluates a Python expression with the client `c` of pymilvus, as root. */
const pymilvus = (expression: string): Effect.Effect<unknown> =>
  Effect.promise(async () => {
    const { user, password } = rootCredentials
    const script = `
import json
from pymilvus import MilvusClient
c = MilvusClient("http://${milvus().address}", user="${user}", password="${password}")
print(json.dumps(${expression}, default=list))
`
    const command = new Deno.Command(await pythonWith("pymilvus"), { args: ["-c", script] })
    const { success, stdout, stderr } = await command.output()
    if (!success) throw new Error(new TextDecoder().decode(stderr))
    return JSON.parse(new TextDecoder().decode(stdout))
  })

const tagOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

effectTest(
  "Milvus 2.3.5: a user is created, described, gets another password, and is dropped",
  as(Effect.gen(function* () {
    yield* User.create("alice", Redacted.make("first pässword"))
    assertEquals(yield* tagOf(User.create("alice", "another one")), "ServerError")
    assertEquals((yield* User.list()).toSorted(), ["alice", "root"])
    assertEquals(yield* pymilvus("sorted(c.list_users())"), ["alice", "root"])
    assertEquals(yield* User.describe("alice"), { name: "alice", description: "", roles: [] })
    assertEquals(yield* User.describe("nobody"), undefined)
    assertEquals((yield* User.listDetails()).map(({ name }) => name).toSorted(), ["alice", "root"])
    yield* as(Connection.Connection, "alice", "first pässword")
    assertEquals(yield* tagOf(User.updatePassword("alice", "wrong", "second one")), "ServerError")
    yield* User.updatePassword("alice", "first pässword", Redacted.make("second one"))
    assertEquals(yield* tagOf(as(Connection.Connection, "alice", "first pässword")), "NotReady")
    yield* as(Connection.Connection, "alice", "second one")
    yield* User.drop("alice")
    assertEquals(yield* User.list(), ["root"])
  })),
)

effectTest(
  "Milvus 2.3.5: a role gives its privilege to its users, in one database, and pymilvus sees the same grants",
  as(Effect.gen(function* () {
    yield* Role.create("reader")
    assertEquals(yield* tagOf(Role.create("reader")), "ServerError")
    assertEquals((yield* Role.list()).toSorted(), ["admin", "public", "reader"])
    assertEquals(yield* Role.describe("nobody"), undefined)
    yield* User.create("bob", "bob's password")
    yield* Role.grantTo("reader", "bob")
    assertEquals(yield* tagOf(Role.grantTo("reader", "nobody")), "ServerError")
    assertEquals(yield* Role.describe("reader"), { name: "reader", description: "", users: ["bob"] })
    assertEquals((yield* Role.listDetails()).find(({ name }) => name === "reader")?.users, ["bob"])
    assertEquals(yield* pymilvus("c.describe_user('bob')['roles']"), ["reader"])

    const books = simple("books")
    yield* Collection.create(books)
    const count = as(Vectors.count("books"), "bob", "bob's password")
    const denied = yield* Effect.flip(count)
    assert(denied._tag === "RpcError" && denied.code === "PERMISSION_DENIED", denied.message)
    for (const privilege of ["Query", "GetLoadState", "Load"]) {
      yield* Privilege.grantV1("reader", privilege, { type: "Collection", name: "books" })
    }
    yield* Privilege.grantV1("reader", "DescribeCollection", { type: "Global", name: "*" })
    assertEquals(yield* count, 0)

    yield* Database.create("sales")
    const all: Privilege.PrivilegeObject = { type: "Collection", name: "*" }
    yield* Database.withDatabase("sales")(Privilege.grantV1("reader", "Search", all))
    yield* Privilege.grantV1("reader", "Insert", { ...all, database: "sales" })
    const inSales = yield* Privilege.list("reader", { database: "sales" })
    const names = inSales.map(({ privilege, object, database }) => [privilege, object, database])
    assertEquals(names.toSorted(), [["Insert", "*", "sales"], ["Search", "*", "sales"]])
    const grants = yield* Privilege.list("reader")
    assertEquals(
      grants.map((it) => ({
        object_type: it.objectType,
        object_name: it.object,
        db_name: it.database,
        role_name: it.role,
        privilege: it.privilege,
        grantor_name: it.grantor,
      })),
      // Cast: of this shape.
      (yield* pymilvus("c.describe_role('reader')['privileges']")) as Array<never>,
    )
    const onBooks = yield* Privilege.list("reader", { object: { type: "Collection", name: "books" } })
    assertEquals(onBooks.map(({ privilege }) => privilege).toSorted(), ["GetLoadState", "Load", "Query"])

    assertMatch((yield* Effect.flip(Role.drop("reader"))).message, /has privileges/)
    for (const database of ["default", "sales"]) {
      for (const { privilege, objectType, object } of yield* Privilege.list("reader", { database })) {
        // Cast: the types of objects that were granted.
        const type = objectType as "Collection" | "Global"
        yield* Privilege.revokeV1("reader", privilege, { type, name: object, database })
      }
    }
    yield* Role.revokeFrom("reader", "bob")
    assertEquals((yield* User.describe("bob"))?.roles, [])
    yield* Role.drop("reader")
    assert(!(yield* Role.list()).includes("reader"))
    yield* User.drop("bob")
    yield* Collection.drop(books)
  })),
)

effectTest(
  "Milvus 2.3.5: a privilege that does not exist, or a role that does not, is the server's error",
  as(Effect.gen(function* () {
    const object = { type: "Collection", name: "books" } as const
    assertEquals(yield* tagOf(Privilege.grantV1("nobody", "Query", object)), "ServerError")
    assertEquals(yield* tagOf(Privilege.grantV1("public", "Nothing", object)), "ServerError")
    assertEquals(yield* tagOf(Privilege.list("nobody")), "ServerError")
  })),
)

effectTest(
  "Milvus 2.3.5: what came later is Unsupported, with the version that has it",
  as(Effect.gen(function* () {
    const later: ReadonlyArray<
      readonly [Effect.Effect<unknown, CallError | ParamError | CodecError, Connection.Connection>, string]
    > = [
      [User.create("a", "password", { description: "d" }), "User.create description 2.6.19"],
      [User.alter("root", "d"), "User.alter 2.6.19"],
      [User.tags("root"), "User.tags 2.6.0"],
      [Role.create("a", { description: "d" }), "Role.create description 2.6.19"],
      [Role.drop("public", { force: true }), "Role.drop force 2.4.10"],
      [Role.backup(), "Role.backup 2.4.10"],
      [Privilege.grant("public", "Query"), "Privilege.grant 2.4.18"],
      [Privilege.list("public", { database: "*" }), "Privilege.list database 2.4.18"],
      [Privilege.createGroup("g"), "Privilege.createGroup 2.4.16"],
      [RowPolicy.list("books"), "RowPolicy.list 2.6.0"],
      [RowPolicy.tags("books", "alice"), "RowPolicy.tags 3.0.1"],
      [
        RowPolicy.withPrincipal("alice")(Vectors.delete("books", { filter: "id > 0" })),
        "Vectors.delete principal 3.0.1",
      ],
    ]
    for (const [effect, expected] of later) {
      const error = yield* Effect.flip(effect)
      assert(error._tag === "Unsupported", `${expected}: ${error}`)
      const { operation, option, needs } = error
      assertEquals([operation, option, needs].filter((it) => it !== undefined).join(" "), expected)
    }
    assertEquals((yield* User.list()).length, 1)
  })),
)

effectTest(
  "milvus-lite: users, roles and privileges are Unsupported",
  Effect.suspend(() =>
    Effect.provide(
      Effect.gen(function* () {
        assertEquals(yield* tagOf(User.list()), "Unsupported")
        assertEquals(yield* tagOf(Role.list()), "Unsupported")
        assertEquals(yield* tagOf(Privilege.listGroups()), "Unsupported")
        assertEquals(yield* tagOf(RowPolicy.list("books")), "Unsupported")
      }),
      Connection.layer(lite().address),
    )
  ),
)

effectTest(
  "Milvus 2.3.5: no error, span or log has a password",
  Effect.suspend(() => {
    const { tracer, spans } = recorder()
    const logged: Array<unknown> = []
    const logger = Logger.make((entry) => void logged.push(entry.message, entry.cause))
    return as(Effect.gen(function* () {
      yield* User.create("carol", "hunter2 first")
      const errors = [
        yield* Effect.flip(User.create("carol", Redacted.make("hunter2 second"))),
        yield* Effect.flip(User.updatePassword("carol", "hunter2 wrong", "hunter2 third")),
        yield* Effect.flip(User.updatePassword("nobody", "hunter2 wrong", "hunter2 third")),
      ]
      for (const error of errors) yield* Effect.logError(error, Cause.fail(error))
      yield* User.drop("carol")
      const shown = Deno.inspect([errors, errors.map(String), spans, logged], { depth: 30, strAbbreviateSize: 1e6 })
      assert(shown.includes("UpdateCredential") && spans.length > 4 && logged.length > 4, shown)
      assert(!/hunter2|aHVudGVyMi/.test(shown), shown)
    })).pipe(
      Effect.withTracer(tracer),
      Effect.provideService(References.MinimumLogLevel, "All"),
      Effect.provide(Logger.layer([logger])),
    )
  }),
)
