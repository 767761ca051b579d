/** Users, roles, privileges and row policies: the requests of pymilvus, replies, and what is refused before sending. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type Connection, Database, Message, Privilege, Role, RowPolicy, User, Vectors } from "../../mod.ts"
import { test } from "../support/test.ts"
import { onFake, simple } from "./support.ts"
import { wireTests } from "./wire.ts"

wireTests("User", [
  {
    name: "create",
    method: "CreateCredential",
    run: () => User.create("alice", Redacted.make("pässword")),
    pymilvus: `P.create_user_request("alice", "pässword")`,
  },
  {
    name: "create with a description",
    method: "CreateCredential",
    run: () => User.create("alice", "secret", { description: "a" }),
    pymilvus: `P.create_user_request("alice", "secret", description="a")`,
  },
  {
    name: "updatePassword",
    method: "UpdateCredential",
    run: () => User.updatePassword("alice", "old", Redacted.make("new")),
    pymilvus: `P.update_password_request("alice", "old", "new")`,
  },
  {
    name: "alter",
    method: "UpdateCredential",
    run: () => User.alter("alice", "d"),
    pymilvus: `P.update_password_request("alice", "", "", description="d")`,
  },
  {
    name: "drop",
    method: "DeleteCredential",
    run: () => User.drop("alice"),
    pymilvus: `P.delete_user_request("alice")`,
  },
  {
    name: "list",
    method: "ListCredUsers",
    run: () => User.list(),
    pymilvus: `P.list_usernames_request()`,
    reply: { usernames: ["root", "alice"] },
    result: ["root", "alice"],
  },
  {
    name: "describe",
    method: "SelectUser",
    run: () => User.describe("alice"),
    pymilvus: `P.select_user_request("alice", True)`,
    reply: { results: [{ user: { name: "alice" }, roles: [{ name: "reader" }], description: "d" }] },
    result: { name: "alice", description: "d", roles: ["reader"] },
  },
  {
    name: "describe of a user that does not exist",
    method: "SelectUser",
    run: () => Effect.map(User.describe("bob"), (found) => found ?? "none"),
    pymilvus: `P.select_user_request("bob", True)`,
    result: "none",
  },
  {
    name: "listDetails",
    method: "SelectUser",
    run: () => User.listDetails(),
    pymilvus: `P.select_user_request("", True)`,
    reply: { results: [{ user: { name: "root" }, roles: [] }] },
    result: [{ name: "root", description: "", roles: [] }],
  },
  {
    name: "addTags",
    method: "AddUserTags",
    run: () => User.addTags("alice", { team: "a" }),
    request: { user_name: "alice", tags: { team: "a" } },
  },
  {
    name: "deleteTags",
    method: "DeleteUserTags",
    run: () => User.deleteTags("alice", ["team"]),
    request: { user_name: "alice", tag_keys: ["team"] },
  },
  {
    name: "tags",
    method: "GetUserTags",
    run: () => User.tags("alice"),
    request: { user_name: "alice" },
    reply: { tags: { team: "a" } },
    result: { team: "a" },
  },
  {
    name: "listByTag",
    method: "ListUsersWithTag",
    run: () => User.listByTag("team", ""),
    request: { tag_key: "team" },
    reply: { user_names: ["alice"] },
    result: ["alice"],
  },
])

const entity = {
  role: { name: "reader" },
  object: { name: "Collection" },
  object_name: "books",
  db_name: "default",
  grantor: { user: { name: "root" }, privilege: { name: "Query" } },
}
const grant = {
  role: "reader",
  privilege: "Query",
  objectType: "Collection",
  object: "books",
  database: "default",
  grantor: "root",
}
const group = { group_name: "g", privileges: [{ name: "Query" }] }

wireTests("Role", [
  { name: "create", method: "CreateRole", run: () => Role.create("r"), pymilvus: `P.create_role_request("r")` },
  {
    name: "create with a description",
    method: "CreateRole",
    run: () => Role.create("r", { description: "d" }),
    pymilvus: `P.create_role_request("r", "d")`,
  },
  { name: "alter", method: "AlterRole", run: () => Role.alter("r", "d"), pymilvus: `P.alter_role_request("r", "d")` },
  {
    name: "drop",
    method: "DropRole",
    run: () => Role.drop("r", { force: true }),
    pymilvus: `P.drop_role_request("r", True)`,
  },
  {
    name: "list",
    method: "SelectRole",
    run: () => Role.list(),
    pymilvus: `P.select_role_request("", False)`,
    reply: { results: [{ role: { name: "admin" } }] },
    result: ["admin"],
  },
  {
    name: "describe",
    method: "SelectRole",
    run: () => Role.describe("r"),
    pymilvus: `P.select_role_request("r", True)`,
    reply: { results: [{ role: { name: "r", description: "d" }, users: [{ name: "alice" }] }] },
    result: { name: "r", description: "d", users: ["alice"] },
  },
  {
    name: "grantTo",
    method: "OperateUserRole",
    run: () => Role.grantTo("r", "alice"),
    pymilvus: `P.operate_user_role_request("alice", "r", m.OperateUserRoleType.AddUserToRole)`,
  },
  {
    name: "revokeFrom",
    method: "OperateUserRole",
    run: () => Role.revokeFrom("r", "alice"),
    pymilvus: `P.operate_user_role_request("alice", "r", m.OperateUserRoleType.RemoveUserFromRole)`,
  },
])

const meta = {
  users: [{ user: "alice", password: "$2a$hash", roles: [{ name: "reader" }] }],
  roles: [{ name: "reader" }],
  grants: [entity],
  privilege_groups: [group],
}

test("a backup of the access control is restored byte by byte, and shows no hash of a password", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle("BackupRBAC", () => Effect.succeed({ RBAC_meta: meta }))
      yield* fake.handle("RestoreRBAC", () => Effect.succeed({}))
      const backup = yield* Role.backup()
      assertEquals(backup.users, [{ name: "alice", roles: ["reader"] }])
      assertEquals([backup.roles, backup.grants], [["reader"], [grant]])
      assertEquals(backup.groups, [{ name: "g", privileges: ["Query"] }])
      assert(!JSON.stringify(backup).includes("hash") && !Deno.inspect(backup, { depth: 9 }).includes("hash"))
      yield* Role.restore(backup.bytes)
      const sent = (yield* fake.calls).find(({ method }) => method === "RestoreRBAC")
      const expected = yield* Message.encode("milvus.proto.milvus.RestoreRBACMetaRequest", { RBAC_meta: meta })
      const { RBAC_meta } = yield* Message.decode("milvus.proto.milvus.RestoreRBACMetaRequest", expected)
      const restored = sent?.request as Connection.Methods["RestoreRBAC"]["request"]
      assertEquals(restored.RBAC_meta?.grants, RBAC_meta?.grants)
      assertEquals(restored.RBAC_meta?.users?.length, 1)
      assertEquals((yield* Effect.flip(Role.restore(Uint8Array.of(255, 255))))._tag, "CodecError")
    })), { version: "v3.1.0" }))

wireTests("Privilege", [
  {
    name: "grant",
    method: "OperatePrivilegeV2",
    run: () => Privilege.grant("r", "CollectionReadOnly", { collection: "books", database: "d" }),
    pymilvus: `P.operate_privilege_v2_request("r", "CollectionReadOnly", m.OperatePrivilegeType.Grant, "d", "books")`,
  },
  {
    name: "revoke",
    method: "OperatePrivilegeV2",
    run: () => Privilege.revoke("r", "ClusterAdmin", { database: "*" }),
    pymilvus: `P.operate_privilege_v2_request("r", "ClusterAdmin", m.OperatePrivilegeType.Revoke, "*", "*")`,
  },
  {
    name: "grant in the database of the effect",
    method: "OperatePrivilegeV2",
    run: () => Database.withDatabase("d")(Privilege.grant("r", "Insert")),
    pymilvus: `P.operate_privilege_v2_request("r", "Insert", m.OperatePrivilegeType.Grant, "d", "*")`,
  },
  {
    name: "grantV1",
    method: "OperatePrivilege",
    run: () => Privilege.grantV1("r", "Insert", { type: "Collection", name: "books" }),
    pymilvus: `P.operate_privilege_request("r", "Collection", "books", "Insert", "", m.OperatePrivilegeType.Grant)`,
  },
  {
    name: "revokeV1",
    method: "OperatePrivilege",
    run: () => Privilege.revokeV1("r", "Insert", { type: "Global", name: "*", database: "d" }),
    pymilvus: `P.operate_privilege_request("r", "Global", "*", "Insert", "d", m.OperatePrivilegeType.Revoke)`,
  },
  {
    name: "list",
    method: "SelectGrant",
    run: () => Privilege.list("reader"),
    pymilvus: `P.select_grant_request("reader", "", "", "")`,
    reply: { entities: [entity] },
    result: [grant],
  },
  {
    name: "createGroup",
    method: "CreatePrivilegeGroup",
    run: () => Privilege.createGroup("g"),
    pymilvus: `P.create_privilege_group_req("g")`,
  },
  {
    name: "dropGroup",
    method: "DropPrivilegeGroup",
    run: () => Privilege.dropGroup("g"),
    pymilvus: `P.drop_privilege_group_req("g")`,
  },
  {
    name: "listGroups",
    method: "ListPrivilegeGroups",
    run: () => Privilege.listGroups(),
    pymilvus: `P.list_privilege_groups_req()`,
    reply: { privilege_groups: [group] },
    result: [{ name: "g", privileges: ["Query"] }],
  },
  {
    name: "addToGroup",
    method: "OperatePrivilegeGroup",
    run: () => Privilege.addToGroup("g", ["Query", "Search"]),
    pymilvus: `P.operate_privilege_group_req("g", ["Query", "Search"],
      m.OperatePrivilegeGroupType.AddPrivilegesToGroup)`,
  },
  {
    name: "removeFromGroup",
    method: "OperatePrivilegeGroup",
    run: () => Privilege.removeFromGroup("g", ["Query"]),
    pymilvus: `P.operate_privilege_group_req("g", ["Query"], m.OperatePrivilegeGroupType.RemovePrivilegesFromGroup)`,
  },
])

const policy = {
  collection_name: "books",
  policy_name: "own",
  actions: ["Query", "Upsert"],
  using_expr: "owner == 'a'",
  check_expr: "owner == 'b'",
  description: "d",
  policy_type: "RowPolicyTypeRestrictive",
}
const given: RowPolicy.Policy = {
  actions: ["Query", "Upsert"],
  using: "owner == 'a'",
  check: "owner == 'b'",
  type: "Restrictive",
  description: "d",
}

wireTests("RowPolicy", [
  {
    name: "create",
    method: "CreateRowPolicy",
    run: () => RowPolicy.create("books", "own", given),
    request: policy,
  },
  {
    name: "create for inserts",
    method: "CreateRowPolicy",
    run: () => RowPolicy.create("books", "new", { actions: ["Insert"], check: "owner == $current_principal" }),
    request: {
      collection_name: "books",
      policy_name: "new",
      actions: ["Insert"],
      check_expr: "owner == $current_principal",
      policy_type: "RowPolicyTypePermissive",
    },
  },
  {
    name: "update",
    method: "UpdateRowPolicy",
    run: () => RowPolicy.update("books", "own", given),
    request: policy,
  },
  {
    name: "drop",
    method: "DropRowPolicy",
    run: () => RowPolicy.drop("books", "own"),
    request: { collection_name: "books", policy_name: "own" },
  },
  {
    name: "list",
    method: "ListRowPolicies",
    run: () => RowPolicy.list("books"),
    request: { collection_name: "books" },
    reply: { policies: [{ ...policy, created_at: 5 }] },
    result: [{
      name: "own",
      actions: ["Query", "Upsert"],
      using: "owner == 'a'",
      check: "owner == 'b'",
      type: "Restrictive",
      description: "d",
      created: new Date(5),
    }],
  },
  {
    name: "setTags",
    method: "SetRLSPrincipalTags",
    run: () => RowPolicy.setTags("books", "alice", { team: ["a"], id: 2n ** 60n, level: 3 }),
    request: {
      collection_name: "books",
      principal_name: "alice",
      tags: `{"team":["a"],"id":1152921504606846976,"level":3}`,
    },
  },
  {
    name: "tags",
    method: "GetRLSPrincipalTags",
    run: () => RowPolicy.tags("books", "alice"),
    request: { collection_name: "books", principal_name: "alice" },
    reply: { tags: `{"team":["a"],"id":1152921504606846976}` },
    result: { team: ["a"], id: 2n ** 60n },
  },
  {
    name: "listPrincipals",
    method: "ListRLSPrincipals",
    run: () => RowPolicy.listPrincipals("books"),
    request: { collection_name: "books" },
    reply: { principal_names: ["alice"] },
    result: ["alice"],
  },
  {
    name: "deleteTags, all",
    method: "DeleteRLSPrincipalTags",
    run: () => RowPolicy.deleteTags("books", "alice"),
    request: { collection_name: "books", principal_name: "alice" },
  },
  {
    name: "deleteTags",
    method: "DeleteRLSPrincipalTags",
    run: () => RowPolicy.deleteTags("books", "alice", ["team"]),
    request: { collection_name: "books", principal_name: "alice", tag_keys: ["team"] },
  },
])

test("withPrincipal reads and writes rows for a principal, and only within its effect", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const C = simple("books")
      const status = { status: { error_code: "Success" as const } }
      for (const method of ["Search", "HybridSearch", "Query"] as const) {
        yield* fake.handle(method, () => Effect.succeed(status))
      }
      for (const method of ["Insert", "Upsert"] as const) {
        const written = { insert_cnt: 1n, upsert_cnt: 1n, IDs: { int_id: { data: [1n] } } }
        yield* fake.handle(method, () => Effect.succeed(written))
      }
      yield* fake.handle("Delete", () => Effect.succeed({ delete_cnt: 1n }))
      const all = Effect.gen(function* () {
        yield* Vectors.insert(C, [{ id: 1, v: [1, 2] }])
        yield* Vectors.upsert(C, [{ id: 1, v: [1, 2] }])
        yield* Vectors.delete(C, { ids: [1] })
        yield* Effect.exit(Vectors.query(C, "id > 0"))
        yield* Effect.exit(Vectors.search(C, [[1, 2]], { limit: 1 }))
        yield* Effect.exit(Vectors.hybridSearch(C, [{ field: "v", data: [[1, 2]], limit: 1 }], { limit: 1 }))
      })
      const seen = Effect.gen(function* () {
        const found: Array<unknown> = []
        for (const { method, request } of yield* fake.calls) {
          if (!/^(Insert|Upsert|Delete|Query|Search|HybridSearch)$/.test(method)) continue
          // Cast: these six requests have both fields.
          const { rls_principal, skip_rls } = request as Connection.Methods["Query"]["request"]
          found.push([method, rls_principal, skip_rls])
        }
        yield* fake.clearCalls
        return found
      })
      const methods = ["Insert", "Upsert", "Delete", "Query", "Search", "HybridSearch"]
      yield* RowPolicy.withPrincipal("alice")(all)
      assertEquals(yield* seen, methods.map((method) => [method, "alice", false]))
      yield* RowPolicy.withoutPolicies(all)
      assertEquals(yield* seen, methods.map((method) => [method, "", true]))
      yield* all
      assertEquals(yield* seen, methods.map((method) => [method, "", false]))
    })), { version: "v3.1.0" }))

test("a principal that the server would ignore is Unsupported, and nothing is sent", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      const query = Vectors.query(simple("books"), "id > 0")
      const error = yield* Effect.flip(RowPolicy.withPrincipal("alice")(query))
      assert(error._tag === "Unsupported", error.message)
      assertEquals([error.operation, error.option, error.needs], ["Vectors.query", "principal", "3.0.1"])
      assertEquals((yield* fake.calls).filter(({ method }) => method === "Query"), [])
    })), { version: "v2.6.2" }))

test("a grant of another client for a single collection can be revoked, and V1 knows groups of a collection", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.handle("OperatePrivilegeV2", () => Effect.succeed({}))
      yield* fake.handle("OperatePrivilege", () => Effect.succeed({}))
      yield* fake.clearCalls
      yield* Privilege.revoke("r", "DropCollection", { collection: "books" })
      yield* Privilege.grantV1("r", "CollectionReadOnly", { type: "Global", name: "books" })
      assertEquals((yield* fake.calls).map(({ method }) => method), ["OperatePrivilegeV2", "OperatePrivilege"])
    })), { version: "v3.1.0" }))

test("arguments of the access control that cannot have an effect are refused, without secrets", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.clearCalls
      // Casts: what an untyped program may write.
      const refused: ReadonlyArray<readonly [Effect.Effect<unknown, unknown, Connection.Connection>, string]> = [
        [User.create("", "secret"), "user"],
        [User.create("a", ""), "password"],
        [User.create("a", 12345 as never), "password"],
        [User.updatePassword("a", "secret", Redacted.make("")), "newPassword"],
        [User.alter("a", undefined as never), "description"],
        [User.addTags("a", {}), "tags"],
        [User.deleteTags("a", []), "keys"],
        [Role.create("a", { description: 7 as never }), "description"],
        [Role.drop("a", { force: "yes" as never }), "force"],
        [Role.restore("backup" as never), "bytes"],
        [Privilege.grant("r", "", {}), "privilege"],
        [Privilege.grant("r", "Query", { collection: "books", database: "*" }), "scope.collection"],
        [Privilege.grant("r", "Query", { database: "bü" }), "scope.database"],
        [Privilege.grant("r", "Query", { collections: "books" } as never), "scope.collections"],
        [Privilege.grant("r", "Query", "books" as never), "scope"],
        [Privilege.grant("r", "ClusterAdmin"), "scope.database"],
        [Privilege.grant("r", "ClusterAdmin", { database: "d" }), "scope.database"],
        [Privilege.revoke("r", "ClusterReadOnly", { collection: "books" }), "scope.collection"],
        [Privilege.grant("r", "DatabaseAdmin", { collection: "books" }), "scope.collection"],
        [Privilege.grant("r", "DropCollection", { collection: "books" }), "scope.collection"],
        [Privilege.grant("r", "CreateDatabase", { collection: "books" }), "scope.collection"],
        [Privilege.grantV1("r", "Query", undefined as never), "object"],
        [Privilege.grantV1("r", "DropCollection", { type: "Global", name: "books" }), "object.name"],
        [Privilege.list("r", { object: { type: "Collection", name: " " } }), "object.name"],
        [Privilege.grantV1("r", "Query", { type: "Table" as never, name: "x" }), "object.type"],
        [Privilege.addToGroup("g", []), "privileges"],
        [RowPolicy.create("c", "p", { actions: [] }), "policy.actions"],
        [RowPolicy.create("c", "p", { actions: ["Read" as never] }), "policy.actions"],
        [RowPolicy.create("c", "p", { actions: ["Query", "Query"], using: "a" }), "policy.actions"],
        [RowPolicy.create("c", "p", { actions: ["Query"], using: "a", type: "Hard" as never }), "policy.type"],
        [RowPolicy.create("c", "p", { actions: ["Query"], roles: ["r"] } as never), "policy.roles"],
        [RowPolicy.create("c", "p", { actions: ["Query"] }), "policy.using"],
        [RowPolicy.create("c", "p", { actions: ["Query"], using: "a", check: "a" }), "policy.check"],
        [RowPolicy.update("c", "p", { actions: ["Insert"], using: "a", check: "a" }), "policy.using"],
        [RowPolicy.update("c", "p", { actions: ["Upsert"], using: "a" }), "policy.check"],
        [RowPolicy.setTags("c", "p", [] as never), "tags"],
        [RowPolicy.setTags("c", "p", {}), "tags"],
        [RowPolicy.setTags("c", "p", { "it's": 1 }), "tags"],
        [RowPolicy.setTags("c", "p", { a: true as never }), "tags.a"],
        [RowPolicy.setTags("c", "p", { a: NaN }), "tags.a"],
        [RowPolicy.setTags("c", "p", { a: 2 ** 53 }), "tags.a"],
        [RowPolicy.setTags("c", "p", { a: 2n ** 63n }), "tags.a"],
        [RowPolicy.setTags("c", "p", { a: ["x", 1] as never }), "tags.a"],
        [RowPolicy.deleteTags("c", "p", ["it's"]), "keys[0]"],
        [RowPolicy.deleteTags("c", "p", []), "keys"],
        [RowPolicy.withPrincipal("")(Effect.void), "principal"],
      ]
      for (const [effect, parameter] of refused) {
        const error = yield* Effect.flip(effect)
        assert(error instanceof Error && "parameter" in error, `${parameter}: ${error}`)
        assertEquals(error.parameter, parameter)
        assert(!/secret|12345/.test(String(error)), String(error))
      }
      assertEquals(yield* fake.calls, [])
    })), { version: "v3.1.0" }))
