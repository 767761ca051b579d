/** Users, roles and privileges. Milvus takes no credentials here, but needs those of the user who grants a privilege. */
import descriptor from "../../../src/contract/descriptor.json" with { type: "json" }
import { call, type Case, type Lane } from "./lane.ts"
import type { Request, Server } from "./server.ts"

const secret = btoa("secret")
const headers = { authorization: btoa("root:Milvus") }

const oddNames = ["", " ", "a b", "1a", "a-b", "ä", "a.b", "$a", "_a", "a$", " a ", "a'", "a/b", "a".repeat(33)]
const longNames = ["a".repeat(32), "a".repeat(255), "a".repeat(256)]
const builtIn = ["root", "admin", "public"]
const jsNames = ["constructor", "__proto__"]
const names = [...oddNames, ...longNames, ...builtIn, ...jsNames]
const brief = (name: string) => name.length > 20 ? `${name.slice(0, 3)}... of ${name.length}` : `"${name}"`

const passwords: Readonly<Record<string, string>> = {
  "none": "",
  "not base64": "!!!",
  "base64 without padding": "c2VjcmV0MQ",
  "base64 with another alphabet": "__-_c2Vj",
  "base64 with a line end": "c2Vj\ncmV0",
  "base64 with a space": "c2Vj cmV0",
  "1 byte": btoa("a"),
  "5 bytes": btoa("12345"),
  "6 bytes": btoa("123456"),
  "72 bytes": btoa("a".repeat(72)),
  "73 bytes": btoa("a".repeat(73)),
  "256 bytes": btoa("a".repeat(256)),
  "257 bytes": btoa("a".repeat(257)),
  "spaces": btoa("      "),
  "bytes that are not a text": btoa("\xff\xfe\xfd\xff\xff\xff"),
}

const users: Lane = {
  name: "users",
  prepare: (server) => server.call("CreateCredential", { username: "alice", password: secret }),
  cases: [
    ...names.flatMap((username) => [
      // First of all: Milvus forgets the password of a dropped user a moment later.
      call(`${brief(username)} that is none`, "UpdateCredential", {
        username,
        oldPassword: secret,
        newPassword: btoa("secret2"),
      }),
      call(`${brief(username)} that is none`, "DeleteCredential", { username }),
      call(brief(username), "SelectUser", { user: { name: username } }),
      call(
        `the name ${brief(username)}`,
        "CreateCredential",
        { username, password: secret },
        (server) => server.call("DeleteCredential", { username }),
      ),
    ]),
    ...Object.entries(passwords).flatMap(([name, password]) => [
      call(
        `the password: ${name}`,
        "CreateCredential",
        { username: "bob", password },
        (server) => server.call("DeleteCredential", { username: "bob" }),
      ),
      call(
        `to the password: ${name}`,
        "UpdateCredential",
        { username: "alice", oldPassword: secret, newPassword: password },
        (server) => server.call("UpdateCredential", { username: "alice", oldPassword: password, newPassword: secret }),
      ),
      call(`from the password: ${name}`, "UpdateCredential", {
        username: "alice",
        oldPassword: password,
        newPassword: btoa("secret2"),
      }),
    ]),
    call("again", "CreateCredential", { username: "alice", password: secret }),
    call("again, with a bad password", "CreateCredential", { username: "alice", password: btoa("a") }),
    call("a bad name and a bad password", "CreateCredential", { username: "1a", password: "!!!" }),
    call("two bad passwords", "UpdateCredential", { username: "alice", oldPassword: "!!!", newPassword: btoa("a") }),
    call("a wrong and a bad password", "UpdateCredential", {
      username: "alice",
      oldPassword: btoa("wrong1"),
      newPassword: btoa("a"),
    }),
    call("a wrong and a long password", "UpdateCredential", {
      username: "alice",
      oldPassword: btoa("wrong1"),
      newPassword: btoa("a".repeat(80)),
    }),
    call("to the same", "UpdateCredential", { username: "alice", oldPassword: secret, newPassword: secret }),
    call("nothing", "CreateCredential", {}),
    call("all", "ListCredUsers", {}),
    call("all", "SelectUser", {}),
    call("all, with roles", "SelectUser", { include_role_info: true }),
  ],
}

/** Users of these names exist now and then: another lane creates them. */
const createdNames = [" a ", "a".repeat(32), "admin", "public", "constructor"]

const roles: Lane = {
  name: "roles",
  prepare: async (server) => {
    await server.call("CreateCredential", { username: "carol", password: secret })
    await server.call("CreateRole", { entity: { name: "writer" } })
  },
  cases: [
    ...names.flatMap((name) => [
      call(
        `the name ${brief(name)}`,
        "CreateRole",
        { entity: { name } },
        (server) => server.call("DropRole", { role_name: name }),
      ),
      call(brief(name), "SelectRole", { role: { name } }),
      call(`${brief(name)} that is none`, "DropRole", { role_name: name }),
      ...(["AddUserToRole", "RemoveUserFromRole"] as const).flatMap((type) => [
        call(`${type}: the role ${brief(name)}`, "OperateUserRole", { username: "carol", role_name: name, type }),
        ...(createdNames.includes(name) ? [] : [name]).flatMap((username) => [
          call(`${type}: the user ${brief(name)}`, "OperateUserRole", { username, role_name: "writer", type }),
          call(`${type}: the user and role ${brief(name)}`, "OperateUserRole", { username, role_name: name, type }),
        ]),
      ]),
    ]),
    call("again", "CreateRole", { entity: { name: "writer" } }),
    call("nothing", "CreateRole", {}),
    call("nothing", "DropRole", {}),
    call("nothing", "OperateUserRole", {}),
    call("all", "SelectRole", {}),
    call("all, with users", "SelectRole", { include_user_info: true }),
    call("unknown", "DropRole", { role_name: "nobody" }),
    // Cast: a number that no version knows.
    call("an unknown type", "OperateUserRole", { username: "carol", role_name: "writer", type: 7 as never }),
    ...(["AddUserToRole", "RemoveUserFromRole"] as const).flatMap((type) =>
      [1, 2].map((turn) =>
        call(`${type}: turn ${turn}`, "OperateUserRole", { username: "carol", role_name: "writer", type })
      )
    ),
    call("an unknown role", "OperateUserRole", { username: "carol", role_name: "nobody" }),
    call("an unknown user", "OperateUserRole", { username: "nobody", role_name: "writer" }),
    call("an unknown user leaves", "OperateUserRole", {
      username: "nobody",
      role_name: "writer",
      type: "RemoveUserFromRole",
    }),
    call("with a user", "OperateUserRole", { username: "carol", role_name: "writer" }),
    call("with a user", "DropRole", { role_name: "writer" }),
  ],
}

interface Given {
  readonly role?: string
  readonly type?: string
  readonly object?: string
  readonly privilege?: string
  readonly database?: string
  readonly operation?: "Grant" | "Revoke"
}

const grantOf = (
  { role = "reader", type = "Collection", object = "books", privilege = "Query", database = "", operation }: Given,
): Request<"OperatePrivilege"> => ({
  entity: {
    role: { name: role },
    object: { name: type },
    object_name: object,
    grantor: { privilege: { name: privilege } },
    db_name: database,
  },
  type: operation,
})

const withHeaders = (name: string, request: Request<"OperatePrivilege">, sent = headers): Case => ({
  name: `OperatePrivilege: ${name}`,
  run: (server) => server.reply("OperatePrivilege", request, sent),
})

const grant = (name: string, given: Given): Case => withHeaders(name, grantOf(given))

/** Grants a privilege, and revokes it if it was granted. */
const tryGrant = (name: string, given: Given): Case => ({
  ...grant(name, given),
  undo: (server: Server) => server.reply("OperatePrivilege", grantOf({ ...given, operation: "Revoke" }), headers),
})

const privileges = Object.keys(descriptor.nested.milvus.nested.proto.nested.common.nested.ObjectPrivilege.values)
  .map((name) => name.replace("Privilege", ""))

const grants: Lane = {
  name: "grants",
  prepare: (server) => server.call("CreateRole", { entity: { name: "reader" } }),
  cases: [
    ...names.flatMap((name) => [
      tryGrant(`the object ${brief(name)}`, { object: name }),
      grant(`the role ${brief(name)}, revoked`, { role: name, operation: "Revoke" }),
      tryGrant(`the database ${brief(name)}`, { database: name }),
      call(`the role ${brief(name)}`, "SelectGrant", { entity: { role: { name } } }),
      call(`the object ${brief(name)}`, "SelectGrant", {
        entity: { role: { name: "reader" }, object: { name: "Collection" }, object_name: name },
      }),
    ]),
    ...["Collection", "Global", "User"].flatMap((type) => [
      ...[...privileges, "*", "", " ", "query", "PrivilegeQuery", "Nothing"].map((privilege) =>
        tryGrant(`${type} ${privilege}`, { type, privilege, object: "*" })
      ),
      ...["", "*", "some"].map((object) => tryGrant(`${type} "${object}" *`, { type, object, privilege: "*" })),
    ]),
    ...["", " ", "Nothing", "collection", " Collection ", "constructor"].flatMap((type) => [
      grant(`the type "${type}"`, { type }),
      call(`the type "${type}"`, "SelectGrant", {
        entity: { role: { name: "reader" }, object: { name: type }, object_name: "books" },
      }),
    ]),
    withHeaders("nothing", {}),
    withHeaders("an empty entity", { entity: {} }),
    withHeaders("no grantor", { entity: { role: { name: "reader" }, object: { name: "Collection" } } }),
    withHeaders("no privilege", { entity: { role: { name: "reader" }, grantor: {} } }),
    withHeaders("an empty privilege", { entity: { role: { name: "reader" }, grantor: { privilege: {} } } }),
    // Cast: a number that no version knows.
    grant("an unknown operation", { operation: 7 as never }),
    grant("an unknown operation and type", { operation: 7 as never, type: "Nothing" }),
    grant("an unknown role and privilege", { role: "nobody", privilege: "Nothing" }),
    grant("granted", {}),
    grant("granted again", {}),
    grant("revoked from the wrong database", { database: "nowhere", operation: "Revoke" }),
    call("with privileges", "DropRole", { role_name: "reader" }),
    call("with privileges, by force", "DropRole", { role_name: "reader", force_drop: true }),
    ...Object.entries({
      "nobody": btoa("nobody:secret"),
      "another password": btoa("root:wrong"),
      "no password": btoa("root"),
      "empty names": btoa(":"),
      "empty": "",
      "not base64": "!!!",
    }).map(([name, authorization]) => withHeaders(`granted by: ${name}`, grantOf({ object: name }), { authorization })),
    call("granted by: no user", "OperatePrivilege", grantOf({})),
    call("nothing", "SelectGrant", {}),
    call("an empty entity", "SelectGrant", { entity: {} }),
    call("a type without an object", "SelectGrant", {
      entity: { role: { name: "reader" }, object: { name: "Collection" } },
    }),
    call("an object without a type", "SelectGrant", { entity: { role: { name: "reader" }, object_name: "books" } }),
    call("an unknown role and type", "SelectGrant", {
      entity: { role: { name: "nobody" }, object: { name: "Nothing" }, object_name: "books" },
    }),
    call("an unknown database", "SelectGrant", { entity: { role: { name: "reader" }, db_name: "nowhere" } }),
    grant("revoked", { operation: "Revoke" }),
    grant("revoked again", { operation: "Revoke" }),
    call("without privileges", "DropRole", { role_name: "reader" }),
  ],
}

/** One after the other, since the grants need roles whose names the cases for roles create now and then. */
const rolesAndGrants: Lane = {
  name: "roles and grants",
  prepare: async (server) => {
    await roles.prepare?.(server)
    await grants.prepare?.(server)
  },
  cases: [...roles.cases, ...grants.cases],
}

export const access: ReadonlyArray<Lane> = [users, rolesAndGrants]
