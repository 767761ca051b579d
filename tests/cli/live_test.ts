/** The command line against real servers: milvus-lite, and Milvus 2.3.5 with authorization and TLS. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { certificates } from "../support/certificates.ts"
import { freePort, isFree } from "../support/listeners.ts"
import { shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { pythonWith } from "../support/python.ts"
import { type Home, makeHome } from "./program.ts"
import { test } from "../support/test.ts"

const lite = shared(startMilvusLite)
const milvus = shared(() => startMilvus({ authorization: true, tls: "one-way" }))

/** Runs lines as a script in one shell, which is the fastest way to run many commands. */
async function script(
  home: Home,
  lines: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { code, out, err } = await home.run([], { stdin: lines.join("\n"), env })
  assertEquals([code, err], [0, ""])
  return out
}

test("milvus-lite: the life of a collection, typed into the shell", async () => {
  await using home = await makeHome()
  await using terminal = await home.open()
  await terminal.shows(/^\(default\)>$/)
  const type = async (line: string, shown: string | RegExp) => {
    await terminal.type(`${line}\r`)
    await terminal.shows(shown)
  }
  await type(`connect -h 127.0.0.1 -p ${lite().port}`, /default: connected, .* Milvus milvus_lite-3\.2\.2/)
  await type(
    "create collection books --field 'id Int64 primary' --field 'title VarChar(90)' --field 'v FloatVector(2)' --index 'v'",
    "created collection books",
  )
  await type(
    `insert books '[{"id":9007199254740993,"title":"吾輩は猫である","v":[1,0]},{"id":2,"title":"Emma","v":[0,1]}]'`,
    "inserted 2 rows",
  )
  await type("query books 'id > 2'", /^9007199254740993 {2}吾輩は猫である {2}\[1, 0\]$/)
  await type("search books '[0, 1]' --limit 1", /^ 2 +1 {2}Emma$/)
  await type("describe collection books", /^v +FloatVector\(2\)$/)
  await type("list collections", /^books +yes/)
  await type("delete books --ids 2 --yes", "deleted 1 rows from books")
  await type("export books", /^\{"id":9007199254740993,/)
  await type("drop collection books", "with 1 rows? [y/N]")
  await type("y", "dropped collection books")
  await terminal.type("\x04")
  assertEquals(await terminal.exit(), 0)
})

test("Milvus 2.3.5 with TLS and authorization: connect reports each missing option in turn", async () => {
  await using home = await makeHome()
  const ca = await home.write("ca.pem", certificates().ca)
  const other = await home.write("other.pem", certificates().otherCa)
  const { port } = milvus()
  const connect = async (...flags: ReadonlyArray<string>) => {
    const { code, out, err } = await home.run(["connect", "-h", "localhost", "-p", `${port}`, ...flags])
    return `${code} ${out}${err.replace(/^warning: other users of this machine .*\n/, "")}`
  }
  const root = ["--user", "root", "--password"]
  assertEquals(
    await connect(),
    `1 error: localhost:${port} closed the connection immediately. It may require TLS: --tls, or --ca FILE.\n`,
  )
  assertMatch(
    await connect("--ca", other),
    /^1 error: the TLS handshake with localhost:\d+ failed: .*\. Check --tls and --ca/,
  )
  assertMatch(
    await connect("--ca", ca),
    /^1 error: localhost:\d+ rejected the credentials: .*Check --user and --password, or the token\.\n$/,
  )
  assertMatch(await connect("--ca", ca, ...root, "wrong"), /^1 error: localhost:\d+ rejected the credentials/)
  assertMatch(
    await connect("--ca", ca, ...root, "Milvus", "--database", "none"),
    /^1 error: localhost:\d+ rejected .*none.*Check --database\.\n$/,
  )
  assertMatch(await connect("--ca", ca, ...root, "Milvus"), /^0 default: connected, localhost:\d+, Milvus v2\.3\.5/)
  assertMatch(await connect("--ca", ca, "--token", "root:Milvus"), /^0 /)
})

test("Milvus 2.3.5 with TLS and authorization: a typed password connects, and list and describe work for every object", async () => {
  await using home = await makeHome()
  const ca = await home.write("ca.pem", certificates().ca)
  {
    await using terminal = await home.open([
      "connect",
      "-p",
      `${milvus().port}`,
      "--ca",
      ca,
      "--user",
      "root",
      "-a",
      "prod",
      "--save",
    ])
    await terminal.shows("Password of user root:")
    await terminal.type("Milvus\r")
    await terminal.shows("prod: connected and saved")
    assertEquals(await terminal.exit(), 0)
  }
  assert(!(await Deno.readTextFile(home.saved)).includes("Milvus"))
  await home.write("rows.csv", 'id,v\n1,"[1,0]"\n9007199254740993,"[0.1,0.2]"\n')
  const out = await script(home, [
    "use prod",
    "create database sales",
    "describe database sales",
    "connect -a sales -p $PORT --ca $CA --user root --database sales".replace("$PORT", `${milvus().port}`).replace(
      "$CA",
      ca,
    ),
    "create collection books --field 'id Int64 primary' --field 'v FloatVector(2)' --index 'v HNSW L2 M=8 efConstruction=32'",
    "create partition books old",
    "create alias tomes books",
    "import books rows.csv --partition old",
    "list partitions books -o ndjson",
    "describe partition books old -o ndjson",
    "list aliases -o ndjson",
    "describe alias tomes -o ndjson",
    "list indexes books -o ndjson",
    "describe index books v -o ndjson",
    "query books 'id > 0' -o ndjson",
    "release partition books old",
    "release collection books",
    "load partition books old",
    "load collection books",
    "drop alias tomes -y",
    "rename collection books tomes",
    "drop collection tomes --yes",
    "create role reader",
    "create user ann --new-password secret12 --role reader",
    "list users -o ndjson",
    "describe user ann -o ndjson",
    "alter user ann --old-password secret12 --new-password secret34",
    "grant privilege reader Query --object-type Collection --object books",
    "list grants reader -o ndjson",
    "revoke privilege reader Query --object-type Collection --object books",
    "create role writer",
    "grant role writer ann",
    "revoke role writer ann",
    "drop role writer -y",
    "list roles -o ndjson",
    "describe role reader -o ndjson",
    "drop user ann -y",
    "drop role reader -y",
    "use prod",
    "list databases -o ndjson",
    "drop database sales -y",
  ], { MILVUS_PASSWORD: "Milvus" })
  for (
    const line of [
      "created database sales",
      "inserted 2 rows into books",
      '{"name":"old","collection":"books","rows":',
      '{"alias":"tomes","collection":"books"}',
      '{"alias":"tomes","collection":"books","database":"sales"}',
      '"type":"HNSW","metric":"L2"',
      '{"id":9007199254740993,"v":[0.1,0.2]}',
      "released partition old of books",
      "loaded partition old of books",
      "renamed collection books to tomes",
      '{"name":"ann","roles":"reader"}',
      '{"name":"ann","roles":[{"role":"reader"}]}',
      "altered user ann",
      '{"privilege":"Query","object":"Collection","name":"books","database":"sales"}',
      "revoked Query from reader",
      "revoked role writer from ann",
      '{"name":"reader","users":"ann"}',
      '{"name":"sales",',
      "dropped database sales",
    ]
  ) assertStringIncludes(out, line)
})

test("embedded start runs a local Milvus until Ctrl-C", async () => {
  await using home = await makeHome()
  const python = await pythonWith("milvus-lite")
  const port = freePort()
  await using terminal = await home.open([
    "embedded",
    "start",
    "-p",
    `${port}`,
    "--data",
    `${home.path}/data`,
    "--python",
    python,
  ])
  await terminal.shows(new RegExp(`milvus-lite 3\\.2\\.2 is ready at 127\\.0\\.0\\.1:${port}`))
  assertEquals((await home.run(["ping", "-p", `${port}`])).code, 0)
  await terminal.type("\x03")
  assertEquals(await terminal.exit(), 130)
  assert(isFree(port), "nothing is left")
})

test("embedded start without a suitable Python reports a hint", async () => {
  await using home = await makeHome()
  const { code, err } = await home.run(["embedded", "start", "--python", "python-that-is-not-there"])
  assertEquals(code, 1)
  assertMatch(err, /error: cannot start a local Milvus: .*python-that-is-not-there.*\n$/)
})
