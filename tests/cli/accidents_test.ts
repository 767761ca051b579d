/** Mistakes on the command line must neither destroy data nor be taken for another command. */
import * as Completions from "effect/cli/Completions"
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { Collection, Connection, Field, Index, Vectors } from "../../mod.ts"
import { program } from "../../src/cli/program.ts"
import { execute } from "./execute.ts"
import { type Fake, startFake } from "./program.ts"
import { test } from "../support/test.ts"

const books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  v: Field.floatVector({ dimension: 2 }),
}, { indexes: { v: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const tags = Collection.define("tags", {
  name: Field.varChar({ primaryKey: true, maxLength: 50 }),
  v: Field.floatVector({ dimension: 2 }),
}, { indexes: { v: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })

const bookIds = [1n, 2n, 3n, 9007199254740993n, 2n ** 63n - 1n]
const tagNames = ["a", "b", "a,b", " a", "a ", "5", '"a"', "-x", "it's"]

interface Library {
  readonly run: <A, E>(effect: Effect.Effect<A, E, Connection.Connection>) => Promise<A>
  readonly keys: (name: string) => Promise<ReadonlyArray<unknown>>
  readonly port: string
  readonly server: Fake["server"]
}

/** A server with books and tags. */
async function withLibrary(use: (library: Library) => Promise<void>): Promise<void> {
  await using milvus = await startFake()
  const run = <A, E>(effect: Effect.Effect<A, E, Connection.Connection>) =>
    Effect.runPromise(Effect.provide(effect, Connection.layer(milvus.address)))
  await run(Effect.gen(function* () {
    yield* Collection.create(books)
    yield* Collection.create(tags)
    yield* Vectors.insert(books, bookIds.map((id) => ({ id, v: [0, 1] })))
    yield* Vectors.insert(tags, tagNames.map((name) => ({ name, v: [0, 1] })))
  }))
  const keys = (name: string) =>
    run(Effect.map(
      Vectors.query(name, undefined, { limit: 100, consistency: "Strong" }),
      ({ rows }) => rows.toArray().map((row) => Object.values(row).find((value) => typeof value !== "object")),
    ))
  await use({ run, keys, port: milvus.port, server: milvus.server })
}

test("rule 4: a delete without a selection of rows, or with blank text, exits with code 2 and deletes nothing", () =>
  withLibrary(async ({ keys, port, server }) => {
    await Effect.runPromise(server.clearCalls)
    const which: ReadonlyArray<ReadonlyArray<string>> = [
      [],
      ["--filter", ""],
      ["--filter", "  "],
      ["--filter="],
      ["--filter", "\t\n"],
      ["--ids", ""],
      ["--ids", " "],
      ["--ids="],
      ["--ids", "1", "--ids", ""],
      ["--filter", "id > 0", "--ids", "1"],
      ["--filter", "id > 0", "--all"],
      ["--ids", "1", "--all"],
      ["--all", "--partition", ""],
      ["--filter", "id > 0", "--partition", " "],
      ["--all", "--database", ""],
      ["--all", "--uri", ""],
    ]
    for (const flags of which) {
      for (const collection of ["books", "tags"]) {
        const { code, out, err } = await execute(["delete", collection, ...flags, "--yes", "-p", port])
        assertEquals([code, out], [2, ""], flags.join(" "))
        assertMatch(err, /^error: .+\n$/)
      }
    }
    assertEquals(await Effect.runPromise(server.calls), [])
    assertEquals((await keys("books")).length, bookIds.length)
    assertEquals((await keys("tags")).length, tagNames.length)
  }))

test("rule 4: --all deletes all rows, after a question that states this", () =>
  withLibrary(async ({ keys, port }) => {
    const refused = await execute(["delete", "books", "--all", "-p", port])
    assertEquals([refused.code, refused.out], [2, ""])
    const denied = await execute(["delete", "books", "--all", "-p", port], { answers: ["n"] })
    assertEquals(denied.code, 1)
    assertStringIncludes(denied.err, "Delete ALL rows from books? [y/N]")
    assertEquals((await keys("books")).length, bookIds.length)
    assertEquals((await execute(["delete", "books", "--all", "-p", port], { answers: ["y"] })).code, 0)
    assertEquals((await execute(["delete", "tags", "--all", "--yes", "-p", port])).code, 0)
    assertEquals([await keys("books"), await keys("tags")], [[], []])
  }))

test("rule 1: --ids takes text keys unchanged, commas, spaces and quotes included", () =>
  withLibrary(async ({ keys, port }) => {
    let left: ReadonlyArray<string> = tagNames
    for (const name of ["a,b", " a", "a ", '"a"', "5", "-x", "it's"]) {
      const { code } = await execute(["delete", "tags", `--ids=${name}`, "--yes", "-p", port])
      assertEquals(code, 0)
      left = left.filter((each) => each !== name)
      assertEquals((await keys("tags")).toSorted(), [...left].toSorted(), name)
    }
    await execute(["delete", "tags", "--ids", "a", "--ids", "b", "--yes", "-p", port])
    assertEquals(await keys("tags"), [])
  }))

test("rule 1: --ids takes integer keys exactly, and rejects other values", () =>
  withLibrary(async ({ keys, port }) => {
    for (const ids of ["x", "1.5", "1,,2", "1,", "1e3", "9223372036854775808", "0x1", "1;2"]) {
      const { code, err } = await execute(["delete", "books", "--ids", ids, "--yes", "-p", port])
      assertEquals(code, 2, ids)
      assertStringIncludes(err, "--ids: expected 64-bit integer keys")
    }
    assertEquals((await keys("books")).length, bookIds.length)
    const some = ["--ids", "1, 9007199254740993", "--ids", String(2n ** 63n - 1n)]
    const { code, err } = await execute(["delete", "books", ...some, "--yes", "-p", port])
    assertEquals([code, err], [0, ""])
    assertEquals((await keys("books")).toSorted(), [2n, 3n])
  }))

/** All commands, with their words. */
const commands = (() => {
  const leaves = (
    command: Completions.CommandDescriptor,
    path: ReadonlyArray<string>,
  ): ReadonlyArray<readonly [path: ReadonlyArray<string>, command: Completions.CommandDescriptor]> =>
    command.subcommands.length === 0
      ? [[path, command]]
      : command.subcommands.flatMap((each) => leaves(each, [...path, each.name]))
  return leaves(Completions.fromCommand(program), [])
})()

test("rule 4: every command rejects a blank argument, and a flag whose variable is not set", () =>
  withLibrary(async ({ port, server }) => {
    await Effect.runPromise(server.clearCalls)
    /** These may be empty: an alias, a description, and a password, which is then asked for. */
    const free = new Set(["alias", "description", "password"])
    for (const [path, { arguments: args, flags }] of commands) {
      const target = flags.some(({ name }) => name === "port") && !path.includes("embedded") ? ["-p", port] : []
      const given = args.map(({ type }) => type._tag === "Choice" ? type.values[0]! : "1")
      const agreed = flags.some(({ name }) => name === "yes") ? ["--yes"] : []
      for (const blank of ["", "  "]) {
        for (const [at, { name }] of args.entries()) {
          if (free.has(name)) continue
          const words = [...path, ...given.with(at, blank), ...agreed, ...target]
          const { code, out } = await execute(words)
          assertEquals([code, out], [2, ""], JSON.stringify(words))
        }
        for (const { name, type } of flags) {
          if (type._tag === "Boolean" || free.has(name)) continue
          const words = [...path, ...given, ...agreed, `--${name}=${blank}`, ...name === "port" ? [] : target]
          const { code, out } = await execute(words)
          assertEquals([code, out], [2, ""], JSON.stringify(words))
        }
      }
    }
    assertEquals(await Effect.runPromise(server.calls), [])
  }))

test("rule 7: every flag with a number rejects invalid numbers with code 2", () =>
  withLibrary(async ({ port, server }) => {
    await Effect.runPromise(server.clearCalls)
    const fromZero = new Set(["offset", "skip", "requests", "limits"])
    const positive = ["limit", "batch", "dimension", "shards", "replicas", "nodes", "count", "port", "target-size"]
    const numeric = new Set([...fromZero, ...positive])
    const seen = new Set<string>()
    for (const [path, { arguments: args, flags }] of commands) {
      for (const { name } of flags) {
        if (!numeric.has(name) && name !== "timeout") continue
        seen.add(name)
        const zero = fromZero.has(name) ? [] : ["0"]
        for (const value of [...zero, "-1", "1.5", "NaN", "1e9", "", " ", "Infinity", "0x10", "99999999999", "1_000"]) {
          const target = name === "port" || path[0] === "embedded" ? [] : ["-p", port]
          const given = args.flatMap(({ name }) =>
            name === "new-field" ? ["a Int64 nullable"] : name === "searches" ? ["v=[1]", "w=[1]"] : ["1"]
          )
          const words = [...path, ...given, `--${name}=${value}`, ...target]
          if (flags.some(({ name }) => name === "yes")) words.push("--yes")
          if (path[0] === "delete") words.push("--all")
          if (path[0] === "alter") {
            for (const flag of ["drop", "description", "old-password", "new-password", "transfer-to"]) {
              if (flags.some(({ name }) => name === flag)) words.push(`--${flag}`, "a")
            }
          }
          if (path.join(" ") === "create collection" && name !== "dimension") words.push("--dimension", "2")
          const { code, err } = await execute(words)
          assertEquals(code, 2, `${words.join(" ")}: ${err}`)
          assertStringIncludes(err, name)
        }
      }
    }
    assertEquals(seen, new Set([...numeric, "timeout"]))
    assertEquals(await Effect.runPromise(server.calls), [])
  }))

test("rule 9: options that contradict each other, or occur twice, are rejected", async () => {
  const lines: ReadonlyArray<readonly [words: ReadonlyArray<string>, expected: RegExp]> = [
    [
      ["create", "collection", "a", "--dimension", "2", "--field", "id Int64 primary"],
      /expected --field or --dimension/,
    ],
    [["create", "collection", "a", "--dimension", "2", "--index", "v"], /--index: not allowed with --dimension/],
    [["create", "collection", "a", "--field", "id Int64 primary", "--field", "id VarChar(5)"], /each field once.*"id"/],
    [["create", "collection", "a", "--field", "id Int64 primary", "--index", "v", "--index", "v FLAT"], /once.*"v"/],
    [["create", "collection", "a", "--field", "n Int64(5)"], /"Int64\(5\)" is not a type/],
    [["create", "index", "a", "b", "--param", "M=1", "--param", "M=2"], /each parameter once, got "M" twice/],
    [["query", "a", "--fields", "count(*)", "--limit", "5"], /--limit: not allowed with count/],
    [["query", "a", "--limit", "5", "--limit", "6"], /--limit: expected at most 1 value/],
  ]
  for (const [words, expected] of lines) {
    const { code, err } = await execute([...words, "-p", "1"])
    assertMatch(err, expected)
    assert(code === 2, words.join(" "))
  }
})
