/** Commands for users, roles, privileges and their groups, in this process. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { test } from "../support/test.ts"
import { startRecording } from "./recording.ts"

const base64 = (text: string) => btoa(text)

const user = { user: { name: "ann" }, roles: [{ name: "reader" }], description: "Reads" }
const grantOf = (privilege: string, database: string) => ({
  role: { name: "reader" },
  object: { name: "Collection" },
  object_name: "books",
  db_name: database,
  grantor: { user: { name: "root" }, privilege: { name: privilege } },
})

test("users are listed, described, created with roles, and dropped only if they exist", async () => {
  await using milvus = await startRecording({
    SelectUser: { results: [user] },
    CreateCredential: {},
    OperateUserRole: {},
    DeleteCredential: {},
  })
  assertEquals((await milvus.run("list users")).out, '{"name":"ann","roles":"reader","description":"Reads"}\n')
  assertEquals(
    (await milvus.run("describe user ann")).out,
    '{"name":"ann","description":"Reads","roles":[{"role":"reader"}]}\n',
  )
  milvus.requests.length = 0
  const created = await milvus.run("create user ann --role reader --role writer --description x", {
    env: { MILVUS_NEW_PASSWORD: "secret12" },
  })
  assertEquals(created, { code: 0, out: '{"created":"ann","roles":["reader","writer"]}\n', err: "" })
  const [[, credential], ...roles] = milvus.requests as [typeof milvus.requests[0], ...typeof milvus.requests]
  assertEquals([credential.username, credential.password, credential.description], ["ann", base64("secret12"), "x"])
  assertEquals(roles.map(([, { username, role_name, type }]) => [username, role_name, type]), [
    ["ann", "reader", "AddUserToRole"],
    ["ann", "writer", "AddUserToRole"],
  ])
  assertEquals((await milvus.run("drop user ann --yes")).out, '{"dropped":"ann"}\n')

  await using empty = await startRecording({ SelectUser: { results: [] }, DeleteCredential: {} })
  const gone = await empty.run("drop user ann --yes")
  assertEquals([gone.code, gone.err], [1, 'error: user "ann" does not exist. See which exist: list users.\n'])
  assertEquals(empty.requests.map(([method]) => method), ["SelectUser"])
})

test("alter user changes the password with the old one, which are asked for, or only the description", async () => {
  await using milvus = await startRecording({ UpdateCredential: {} })
  const asked = await milvus.run("alter user ann", { answers: ["old one", "new one", "new one"] })
  assertEquals([asked.code, asked.out], [0, '{"altered":"ann"}\n'])
  assertEquals(asked.err, "Old password of ann: New password of ann: Repeat: ")
  const env = { MILVUS_OLD_PASSWORD: "old one", MILVUS_NEW_PASSWORD: "new one" }
  assertEquals((await milvus.run("alter user ann", { env })).code, 0)
  assertEquals((await milvus.run("alter user ann --description x", { env })).code, 0)
  const seen = milvus.requests.map(([, { username, oldPassword, newPassword, description }]) =>
    [username, oldPassword, newPassword, description].join(" ").trim()
  )
  const changed = `ann ${base64("old one")} ${base64("new one")}`
  assertEquals(seen, [changed, changed, "ann   x"])

  const differs = await milvus.run("alter user ann", { answers: ["old one", "new one", "newone"] })
  assertEquals([differs.code, differs.out], [2, ""])
  assertStringIncludes(differs.err, "error: the two passwords differ")
  const missing = await milvus.run("alter user ann")
  assertEquals(missing.err, "error: the password of ann is missing. Set MILVUS_OLD_PASSWORD.\n")
  assertEquals(milvus.requests.length, 3)
})

test("roles are described with the privileges of all databases, and granted to users", async () => {
  await using milvus = await startRecording({
    SelectRole: { results: [{ role: { name: "reader", description: "" }, users: [{ name: "ann" }] }] },
    SelectGrant: { entities: [grantOf("Query", "default"), grantOf("Search", "sales")] },
    OperateUserRole: {},
    AlterRole: {},
    DropRole: {},
  })
  const privileges = [
    { privilege: "Query", object: "Collection", name: "books", database: "default" },
    { privilege: "Search", object: "Collection", name: "books", database: "sales" },
  ]
  assertEquals((await milvus.run("list roles")).out, '{"name":"reader","users":"ann"}\n')
  assertEquals(JSON.parse((await milvus.run("describe role reader")).out), { name: "reader", users: "ann", privileges })
  const { out } = await milvus.run("list grants reader")
  assertEquals(out.trim().split("\n").map((line) => JSON.parse(line)), privileges)
  assertEquals((await milvus.run("grant role reader ann")).out, '{"granted":"reader","user":"ann"}\n')
  assertEquals((await milvus.run("revoke role reader ann")).out, '{"revoked":"reader","user":"ann"}\n')
  assertEquals((await milvus.run("alter role reader --description x")).out, '{"altered":"reader"}\n')
  assertEquals((await milvus.run("drop role reader --force --yes")).out, '{"dropped":"reader"}\n')
  const changes = milvus.requests.filter(([method]) => /^(OperateUserRole|AlterRole|DropRole)$/.test(method))
  assertEquals(changes.map(([, { type, description, force_drop }]) => type ?? description ?? force_drop), [
    "AddUserToRole",
    "RemoveUserFromRole",
    "x",
    true,
  ])
  const nothing = await milvus.run("alter role reader")
  assertEquals([nothing.code, nothing.err], [2, "error: nothing to change. Give the role a --description.\n"])
})

test("privileges are granted for a collection, a database, all databases, or an object of an older server", async () => {
  await using milvus = await startRecording({ OperatePrivilegeV2: {}, OperatePrivilege: {} })
  const lines = [
    "grant privilege r CollectionReadOnly --collection books",
    "grant privilege r DatabaseAdmin --database default",
    "revoke privilege r ClusterAdmin --all-databases",
    "grant privilege r Insert --object-type Collection --object books",
    "revoke privilege r DropCollection --object-type Global --object *",
  ]
  for (const line of lines) assertEquals((await milvus.run(line)).code, 0, line)
  assertEquals(
    milvus.requests.slice(0, 3).map(([, { type, db_name, collection_name }]) => [type, db_name, collection_name]),
    [["Grant", "", "books"], ["Grant", "", "*"], ["Revoke", "*", "*"]],
  )
  assertEquals(
    milvus.requests.slice(3).map(([, { type, entity }]) => {
      // Cast: the entity of a grant.
      const { object, object_name } = entity as { readonly object: unknown; readonly object_name: unknown }
      return [type, object, object_name]
    }),
    [["Grant", { name: "Collection" }, "books"], ["Revoke", { name: "Global" }, "*"]],
  )
  for (
    const [line, expected] of [
      ["grant privilege r Query --object books", "error: --object-type and --object belong together"],
      [
        "grant privilege r Query --object-type Collection --object books --collection books",
        "error: --collection and --object exclude each other",
      ],
      [
        "grant privilege r Query --all-databases --collection books",
        "error: --collection and --all-databases exclude each other",
      ],
      [
        "grant privilege r DropCollection --collection books",
        "error: DropCollection is not for a single collection. Omit --collection.",
      ],
      ["grant privilege r ClusterAdmin", "error: ClusterAdmin is not for a single database. Add --all-databases."],
    ] as const
  ) {
    const { code, err } = await milvus.run(line)
    assertEquals(code, 2, err)
    assertStringIncludes(err, expected)
  }
  assertEquals(milvus.requests.length, 5)
})

test("a server before 2.4.18 takes privileges for an object, and lists those of one database", async () => {
  await using milvus = await startRecording(
    { OperatePrivilegeV2: {}, SelectGrant: { entities: [grantOf("Query", "default")] } },
    "v2.3.5",
  )
  const { code, err } = await milvus.run("grant privilege r Query --collection books")
  assertEquals(code, 1)
  assertMatch(
    err,
    /need Milvus 2\.4\.18, and the server has v2\.3\.5\. Give the privilege for --object-type and --object/,
  )
  assertEquals(
    (await milvus.run("list grants reader")).out,
    '{"privilege":"Query","object":"Collection","name":"books","database":"default"}\n',
  )
  assertEquals(milvus.requests.map(([method]) => method), ["SelectGrant"])
})

test("groups of privileges are created, listed, described, altered and dropped", async () => {
  const group = { group_name: "searching", privileges: [{ name: "Query" }, { name: "Search" }] }
  await using milvus = await startRecording({
    CreatePrivilegeGroup: {},
    OperatePrivilegeGroup: {},
    ListPrivilegeGroups: { privilege_groups: [group] },
    DropPrivilegeGroup: {},
  })
  for (
    const [line, expected] of [
      ["create privilege-group searching --privilege Query --privilege Search", {
        created: "searching",
        privileges: ["Query", "Search"],
      }],
      ["list privilege-groups", { name: "searching", privileges: "Query, Search" }],
      ["describe privilege-group searching", {
        name: "searching",
        privileges: [{ privilege: "Query" }, { privilege: "Search" }],
      }],
      ["alter privilege-group searching --add Load", { altered: "searching" }],
      ["alter privilege-group searching --drop Query --drop Search", { altered: "searching" }],
      ["drop privilege-group searching --yes", { dropped: "searching" }],
    ] as const
  ) assertEquals(JSON.parse((await milvus.run(line)).out), expected, line)
  const operated = milvus.requests.filter(([method]) => method === "OperatePrivilegeGroup")
  assertEquals(operated.map(([, { type, privileges }]) => [type, privileges]), [
    ["AddPrivilegesToGroup", [{ name: "Query" }, { name: "Search" }]],
    ["AddPrivilegesToGroup", [{ name: "Load" }]],
    ["RemovePrivilegesFromGroup", [{ name: "Query" }, { name: "Search" }]],
  ])
  for (const line of ["alter privilege-group g", "alter privilege-group g --add Load --drop Query"]) {
    assertEquals((await milvus.run(line)).code, 2, line)
  }
  const gone = await milvus.run("drop privilege-group other --yes")
  assertEquals(gone.code, 1)
  assertStringIncludes(gone.err, 'group of privileges "other" does not exist. See which exist: list privilege-groups')
})
