/** Import, export, query, search and delete of rows: exact numbers, and failures with line and field. */
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { Collection, Connection, Field, Index } from "../../mod.ts"
import { run } from "../support/effects.ts"
import { type Fake, type Home, makeHome, startFake } from "./program.ts"
import { test } from "../support/test.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100 }),
  year: Field.int32(),
  meta: Field.json({ nullable: true }),
  v: Field.floatVector({ dimension: 2 }),
}, { dynamicFields: true, indexes: { v: Index.hnsw({ metric: "L2" }) } })

/** A home, and a server with a collection of books. */
async function withBooks(use: (home: Home, port: string, milvus: Fake) => Promise<void>): Promise<void> {
  await using milvus = await startFake()
  await using home = await makeHome()
  await run(Effect.provide(Collection.create(Books), Connection.layer(milvus.address)))
  await use(home, milvus.port, milvus)
}

const large = "9007199254740993"

test("import reads JSON, NDJSON and CSV with exact 64-bit integers, and export writes them back", () =>
  withBooks(async (home, port) => {
    const ndjson = `{"id":${large},"title":"日本語, \\"x\\"","year":1,"meta":{"n":${large}},"v":[0.1,0.5]}\n`
    const csv = `id,title,year,meta,v\r\n${BigInt(large) + 2n},"a ""b"", c",2,"{""a"":[1]}","[1,2]"\r\n`
    const json = `[{"id": 7, "title": "Emma",\n "year": 3, "meta": null, "v": [3, 4], "isbn": ${large}}]`
    const files = Object.entries({ "a.ndjson": ndjson, "b.csv": csv, "c.json": json })
    for (const [name, text] of files) await home.write(name, text)
    const imports = files.map(([name]) => `import books ${name}`)
    const lines = [`connect -p ${port}`, ...imports, "export books out.ndjson", "export books"]
    const { code, out, err } = await home.run([], { stdin: lines.join("\n") })
    assertEquals([code, err], [0, ""])
    const [, ...printed] = out.trimEnd().split("\n")
    for (const line of printed.slice(0, 3)) assertMatch(line, /^inserted 1 rows into books in [\d.]+ s$/)
    assertEquals(printed[3], "exported 3 rows of books to out.ndjson")
    const rows = printed.slice(4)
    assertEquals(rows, [
      `{"id":7,"title":"Emma","year":3,"meta":null,"v":[3,4],"isbn":${large}}`,
      `{"id":${large},"title":"日本語, \\"x\\"","year":1,"meta":{"n":${large}},"v":[0.1,0.5]}`,
      `{"id":${BigInt(large) + 2n},"title":"a \\"b\\", c","year":2,"meta":{"a":[1]},"v":[1,2]}`,
    ])
    assertEquals(await home.read("out.ndjson"), `${rows.join("\n")}\n`)
  }))

test("the error of a wrong value names line and field, and the number of rows written before", () =>
  withBooks(async (home, port) => {
    const row = (id: number, year: unknown) => JSON.stringify({ id, title: "t", year, meta: {}, v: [1, 2] })
    const file = await home.write("rows.ndjson", `${row(1, 1)}\n${row(2, 2)}\n\n${row(3, "x")}\n${row(4, 4)}\n`)
    const failed = await home.run(["import", "books", file, "-p", port, "--batch", "2"])
    assertEquals([failed.code, failed.out], [1, ""])
    assertMatch(
      failed.err,
      /^error: \S+rows\.ndjson, line 4: field "year": expected .*; 2 rows were written before\. Write the rest with --skip 2\.\n$/,
    )
    await home.write("rows.ndjson", `${row(1, 1)}\n${row(2, 2)}\n\n${row(3, 3)}\n${row(4, 4)}\n`)
    assertStringIncludes((await home.run(["import", "books", file, "-p", port, "--skip", "2"])).out, "inserted 2 rows")
    const wrong = await home.write("wrong.csv", 'id,title,year,meta,v\n1,t,soon,{},"[1,2]"\n')
    assertMatch(
      (await home.run(["import", "books", wrong, "-p", port])).err,
      /line 2: field "year": expected an integer, got "soon"/,
    )
    const missing = await home.run(["import", "books", "none.csv", "-p", port])
    assertEquals(missing.code, 2)
    assertMatch(missing.err, /^error: none\.csv cannot be read: .*no such file/i)
  }))

test("the error of a server in the middle of an import names the number of acknowledged rows", () =>
  withBooks(async (home, port, { server }) => {
    const rows = Array.from({ length: 6 }, (_, id) => JSON.stringify({ id, title: "t", year: 1, meta: {}, v: [1, 2] }))
    const file = await home.write("rows.ndjson", rows.join("\n"))
    let inserts = 0
    await Effect.runPromise(
      server.handle(
        "Insert",
        ({ num_rows }) =>
          ++inserts <= 2
            ? Effect.succeed({ insert_cnt: BigInt(num_rows), IDs: { int_id: { data: [0n, 1n] } } })
            : Effect.fail({ code: 1100, reason: "the disk is full" }),
      ),
    )
    const { code, err } = await home.run(["import", "books", file, "-p", port, "--batch", "2"])
    assertEquals(code, 1)
    assertMatch(
      err,
      /^error: .*the disk is full.*; the rows from line 5 on were not written; 4 rows were written before\. Write the rest with --skip 4\.\n$/,
    )
  }))

test("a progress bar is shown during an import on a terminal, and nowhere else", () =>
  withBooks(async (home, port, { server }) => {
    const row = (id: number) => JSON.stringify({ id, title: "t", year: 1, meta: {}, v: [1, 2] })
    const file = await home.write("rows.ndjson", Array.from({ length: 4000 }, (_, id) => row(id)).join("\n"))
    await Effect.runPromise(server.delay("Insert", "200 millis"))
    await using terminal = await home.open(["import", "books", file, "-p", port, "--batch", "500"])
    await terminal.shows(/inserting into books +█+░+ +\d+ % +[\d,]+ rows, [\d,]+\/s/)
    const text = await terminal.shows("inserted 4,000 rows into books")
    assertEquals(await terminal.exit(), 0)
    assert(!(await terminal.screen()).some((line) => line.includes("░")), text)
    await Effect.runPromise(server.reset("Insert"))
    const piped = await home.run(["import", "books", file, "-p", port, "--upsert"])
    assertEquals([piped.code, piped.err], [0, ""])
  }))

test("Ctrl-C stops an import, and removes the progress bar", () =>
  withBooks(async (home, port, { server }) => {
    const row = (id: number) => JSON.stringify({ id, title: "t", year: 1, meta: {}, v: [1, 2] })
    const file = await home.write("rows.ndjson", Array.from({ length: 4000 }, (_, id) => row(id)).join("\n"))
    await Effect.runPromise(server.delay("Insert", "200 millis"))
    await using terminal = await home.open(["import", "books", file, "-p", port, "--batch", "100"])
    await terminal.shows("inserting into books")
    await terminal.type("\x03")
    assertEquals(await terminal.exit(), 130)
    await terminal.shows(/\d+ rows were written; the rows of lines \d+ to \d+ may have been written or not/)
    const raw = await terminal.raw()
    assert(raw.endsWith("\x1b[?25h"), JSON.stringify(raw.slice(-80)))
  }))

test("insert takes rows from the command line or from a pipe", () =>
  withBooks(async (home, port) => {
    const row = (id: string) => `{"id": ${id}, "title": "Emma", "year": 1815, "meta": {}, "v": [1, 2]}`
    const piped = await home.run(["insert", "books", "-p", port], { stdin: `${row("2")}\n${row("3")}\n` })
    assertMatch(piped.out, /^inserted 2 rows into books/)
    const { out, err } = await home.run([], {
      stdin: [
        `connect -p ${port}`,
        `insert books '${row(large)}'`,
        "query books 'id > 3' --fields id,title -o ndjson",
        "insert books '{'",
      ].join("\n"),
    })
    assertEquals(out.split("\n")[2], `{"id":${large},"title":"Emma"}`)
    assertEquals(err, "error: rows, line 1: unexpected end of the file\n")
  }))

test("query and search print tables that fit 80 columns", () =>
  withBooks(async (home, port) => {
    const rows = [
      { id: 1, title: "吾輩は猫である", year: 1905, meta: { a: "x".repeat(80) }, v: [0, 1] },
      {
        id: 2,
        title: "A title that is too long for a column, and is cut in the middle of its words 🎉",
        year: 1,
        meta: null,
        v: [1, 1],
      },
    ]
    await home.run(["insert", "books", JSON.stringify(rows), "-p", port])
    await using terminal = await home.open(["query", "books", "-p", port])
    assertEquals(await terminal.exit(), 0)
    const screen = (await terminal.screen()).filter((line) => line !== "")
    assertEquals(screen.length, 4, screen.join("\n"))
    assertMatch(screen[2]!, /^ 1 {2}吾輩は猫である +1905 {2}\{"a":"x+… {2}\[0, 1\]$/)
    assertMatch(screen[3]!, /^ 2 {2}A title that is.*… +1 +null +\[1, 1\]$/)
    const { out } = await home.run([], {
      stdin: [
        `connect -p ${port}`,
        "search books '[0, 1]' --limit 1 --fields title -o ndjson",
        "query books --fields 'count(*)' -o ndjson",
      ].join("\n"),
    })
    assertEquals(out.split("\n").slice(1), ['{"id":1,"score":0,"title":"吾輩は猫である"}', '{"count(*)":2}', ""])
  }))

test("delete deletes by keys or by a filter, and asks for confirmation", () =>
  withBooks(async (home, port) => {
    const rows = [1, 2, 3, 4].map((id) => ({ id, title: "t", year: id, meta: {}, v: [1, 2] }))
    const { code, out, err } = await home.run([], {
      stdin: [
        `connect -p ${port}`,
        `insert books '${JSON.stringify(rows)}'`,
        "delete books --ids 1,2 --yes",
        "delete books --filter 'id == 3' --yes",
        "query books --fields id -o ndjson",
        "delete books --ids 4",
      ].join("\n"),
    })
    assertEquals(code, 2)
    assertEquals(out.split("\n").slice(2), ["deleted 2 rows from books", "deleted 1 rows from books", '{"id":4}', ""])
    assertEquals(err, "error: cannot ask for confirmation without a terminal. Add --yes.\n")
  }))

test("an interrupted export leaves no file, and a closed pipe ends an export silently", () =>
  withBooks(async (home, port, { server }) => {
    const row = (id: number) => JSON.stringify({ id, title: "t".repeat(90), year: 1, meta: {}, v: [1, 2] })
    await home.write("rows.ndjson", Array.from({ length: 3000 }, (_, id) => row(id)).join("\n"))
    await home.run(["import", "books", "rows.ndjson", "-p", port])
    const { out, err } = await home.sh(
      `set -o pipefail; effect-milvus export books -p ${port} | head -1; echo "\${PIPESTATUS[0]}"`,
    )
    assertEquals([err, out.trimEnd().split("\n").at(-1)], ["", "0"])
    await Effect.runPromise(server.delay("Query", "300 millis"))
    await using terminal = await home.open(["export", "books", "out.ndjson", "--batch", "100", "-p", port])
    await terminal.shows(/exporting books +█*░+ +\d+ % +[1-9]00 rows/)
    assertEquals(
      (await home.list(".")).filter((name) => name.startsWith("out")).length,
      1,
      "it is written to a temporary file",
    )
    await terminal.type("\x03")
    assertEquals(await terminal.exit(), 130)
    assertEquals((await home.list(".")).filter((name) => name.startsWith("out")), [])
  }))
