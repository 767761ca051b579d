/** Secrets stay out of files, lists and messages, and are sent only to their server. */
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import { appendHistory, readHistory } from "../../src/cli/history.ts"
import { type FakeServer, startServer } from "../support/server.ts"
import { execute } from "./execute.ts"
import { test } from "../support/test.ts"

const secret = "s3cret-value"

/** Runs with a configuration folder. */
async function withHome(use: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir()
  try {
    await use(path)
  } finally {
    await Deno.remove(path, { recursive: true })
  }
}

test("rule 17: the history keeps no line with a secret, however it is quoted, and cleans an older file", () =>
  withHome(async (path) => {
    Deno.env.set("XDG_CONFIG_HOME", path)
    try {
      const kept = [
        "ping",
        "query books 'title == \"a@b\"'",
        "connect --token-command 'pass show milvus' -a prod",
        'insert c \'{"mail": "a@b.c"}\'',
        "describe user token",
      ]
      const dropped = [
        `connect --token ${secret}`,
        `connect --token=${secret}`,
        `connect --token "${secret} x"`,
        `connect --tok'en' ${secret}`,
        `connect "--token" ${secret}`,
        `connect --to\\ken ${secret}`,
        `connect '--token=${secret}'`,
        `connect --tokn ${secret}`,
        `connect -token ${secret}`,
        `connect --Token ${secret}`,
        `connect --password ${secret}`,
        `connect --pass"word" ${secret}`,
        `connect --passwrd ${secret}`,
        `create user ann --new-password ${secret}`,
        `create user ann "--new-password=${secret}`,
        `alter user ann --old-password ${secret}`,
        `connect --uri http://root:${secret}@h`,
        `connect --uri 'http://root:${secret}@h'`,
        `connect --uri http://root":${secret}"@h`,
        `connect --uri http://root:${secret}/x@h`,
        `connect --uri root:${secret}@h:19530`,
        `connect --uri=HTTPS://${secret}@h`,
        `connect -h root:${secret}@h`,
      ]
      // A file of an older version.
      await Deno.mkdir(`${path}/effect-milvus`)
      await Deno.writeTextFile(`${path}/effect-milvus/history`, `${dropped[0]}\nlist roles\n`, { mode: 0o644 })
      await Effect.runPromise(appendHistory([...kept, ...dropped]))
      const text = await Deno.readTextFile(`${path}/effect-milvus/history`)
      assert(!text.includes(secret), text)
      assertEquals(text.split("\n").filter((line) => line !== ""), ["list roles", ...kept])
      assertEquals(await Effect.runPromise(readHistory), ["list roles", ...kept].toReversed())
      assertEquals((await Deno.stat(`${path}/effect-milvus/history`)).mode! & 0o777, 0o600)
    } finally {
      Deno.env.delete("XDG_CONFIG_HOME")
    }
  }))

const authorizations = (
  { calls }: FakeServer,
): ReadonlyArray<string> => [...new Set(calls.flatMap(({ metadata }) => metadata.get("authorization")).map(String))]

const saving = async (path: string, connections: Readonly<Record<string, object>>): Promise<void> => {
  await Deno.mkdir(`${path}/effect-milvus`, { recursive: true })
  await Deno.writeTextFile(`${path}/effect-milvus/connections.json`, JSON.stringify({ version: 1, connections }))
}

test("rule 17: credentials of the environment are sent only to the address of MILVUS_URI", () =>
  withHome(async (XDG_CONFIG_HOME) => {
    await using home = await startServer()
    await using other = await startServer()
    await saving(XDG_CONFIG_HOME, {
      asks: { port: `${other.port}`, needs: "token" },
      open: { port: `${other.port}` },
    })
    const ways = [
      ["-p", `${other.port}`],
      ["-h", "localhost", "-p", `${other.port}`],
      ["--uri", `http://127.0.0.1:${other.port}`],
      ["--uri", `http://127.0.0.1:${other.port}/default`, "-a", "new"],
      ["-a", "open"],
      ["-a", "new", "-p", `${other.port}`],
      ["-a", "asks"],
      ["-p", `${other.port}`, "--user", "ann"],
    ]
    const secrets = [{ MILVUS_TOKEN: secret }, { MILVUS_USER: "root", MILVUS_PASSWORD: secret }]
    for (const some of secrets) {
      const env = { XDG_CONFIG_HOME, MILVUS_URI: `http://${home.address}`, ...some }
      for (const flags of ways) {
        for (const command of ["ping", "connect", "list collections"]) {
          const { out, err } = await execute([...command.split(" "), ...flags], { env })
          assertEquals(authorizations(other), [], flags.join(" "))
          assert(!(out + err).includes(secret))
        }
      }
      // They are sent to their own server, whatever its name.
      for (const flags of [[], ["-p", `${home.port}`], ["-h", "localhost", "-p", `${home.port}`], ["-a", "default"]]) {
        home.calls.length = 0
        assertEquals((await execute(["ping", ...flags], { env })).code, 0)
        assertEquals(authorizations(home).length, 1, flags.join(" "))
      }
    }
    const { err } = await execute(["ping", "-p", `${other.port}`], {
      env: { XDG_CONFIG_HOME, MILVUS_URI: `http://${home.address}`, MILVUS_TOKEN: secret },
    })
    assertMatch(
      err,
      new RegExp(`^warning: credentials for 127.0.0.1:${home.port} are not sent to 127.0.0.1:${other.port}\n`),
    )
  }))

test("rule 17: credentials of a saved connection are sent only to its address", () =>
  withHome(async (XDG_CONFIG_HOME) => {
    await using home = await startServer()
    await using other = await startServer()
    const marker = `${XDG_CONFIG_HOME}/ran`
    await saving(XDG_CONFIG_HOME, {
      command: { port: `${home.port}`, tokenCommand: `touch '${marker}'; echo ${secret}` },
      uri: { uri: `http://${home.address}`, tokenCommand: `touch '${marker}'; echo ${secret}` },
      needs: { port: `${home.port}`, needs: "token" },
      user: { port: `${home.port}`, user: "root", needs: "password" },
    })
    for (const alias of ["command", "uri", "needs", "user"]) {
      for (const where of [["-p", `${other.port}`], ["--uri", `http://${other.address}`]]) {
        const { code, err } = await execute(["ping", "-a", alias, ...where], { env: { XDG_CONFIG_HOME } })
        assertEquals([code, authorizations(other)], [0, []], err)
        assertStringIncludes(err, `credentials for 127.0.0.1:${home.port} are not sent`)
      }
    }
    assertEquals(await Deno.stat(marker).catch(() => "did not run"), "did not run")
    for (const flags of [[], ["-p", `${home.port}`], ["-h", "localhost", "-p", `${home.port}`]]) {
      home.calls.length = 0
      const { code, err } = await execute(["ping", "-a", "command", ...flags], { env: { XDG_CONFIG_HOME } })
      assertEquals([code, err, authorizations(home)], [0, "", [btoa(secret)]])
    }
  }))

test("rule 17: a secret on the command line causes one warning, and one in the environment none", async () => {
  await using server = await startServer()
  const target = ["-p", `${server.port}`]
  const cases: ReadonlyArray<readonly [words: ReadonlyArray<string>, flag: string]> = [
    [["ping", ...target, "--token", secret], "--token"],
    [["ping", ...target, `--token=${secret}`], "--token"],
    [["ping", ...target, "--user", "root", "--password", secret], "--password"],
    [["create", "user", "ann", ...target, "--new-password", secret], "--new-password"],
    [["create", "user", "ann", ...target, `--new-password=${secret}`], "--new-password"],
    [["alter", "user", "ann", ...target, "--old-password", secret], "--old-password"],
    [["ping", "--uri", `http://root:${secret}@${server.address}`], "--uri"],
    [["ping", `--uri=http://root:${secret}@${server.address}`], "--uri"],
  ]
  for (const [words, flag] of cases) {
    const { out, err } = await execute(words)
    const warnings = err.split("\n").filter((line) => line.startsWith("warning: other users of this machine can see"))
    assertEquals(warnings.length, 1, err)
    assertStringIncludes(warnings[0]!, flag)
    assert(!(out + err).includes(secret))
  }
  const quiet: ReadonlyArray<readonly [words: ReadonlyArray<string>, env: Record<string, string>]> = [
    [["ping", ...target], { MILVUS_TOKEN: secret }],
    [["ping", ...target, "--token-command", "echo x"], {}],
    [["ping", ...target, "--user", "root", "--password"], { MILVUS_PASSWORD: secret }],
    [["create", "user", "ann", ...target], { MILVUS_NEW_PASSWORD: secret }],
    [["alter", "user", "ann", ...target], { MILVUS_OLD_PASSWORD: secret, MILVUS_NEW_PASSWORD: secret }],
  ]
  for (const [words, env] of quiet) {
    const { err } = await execute(words, { env })
    assert(!err.includes("warning:"), err)
  }
})

test("rule 17: unencrypted credentials to another machine cause a warning", async () => {
  // Addresses reserved for documentation, at which no host answers.
  const there = ["192.0.2.1", "[2001:db8::1]"]
  for (const host of there) {
    for (const env of [{ MILVUS_TOKEN: secret }, { MILVUS_USER: "root", MILVUS_PASSWORD: secret }]) {
      const plain = await execute(["ping", "--uri", `http://${host}:1`, "--timeout", "1ms"], { env })
      assertMatch(plain.err, /^warning: the credentials are sent to .* unencrypted/, host)
      const secure = await execute(["ping", "--uri", `https://${host}:1`, "--timeout", "1ms"], { env })
      assert(!secure.err.includes("unencrypted"), secure.err)
    }
    const none = await execute(["ping", "--uri", `http://${host}:1`, "--timeout", "1ms"])
    assert(!none.err.includes("unencrypted"), none.err)
  }
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"]) {
    const { err } = await execute(["ping", "--uri", `http://${host}:1`, "--timeout", "1ms"], {
      env: { MILVUS_TOKEN: secret },
    })
    assert(!err.includes("unencrypted"), err)
  }
})

test("rule 17: messages contain no secrets, neither of an invalid URI nor of a flag, even with DEBUG", async () => {
  const lines = [
    ["ping", "--uri", `http://root:${secret}@h:99999`],
    ["ping", "--uri", `ftp://root:${secret}@h`],
    ["ping", "--uri", `root:${secret}@h/db`],
    ["ping", "--uri", `root:${secret}@h`],
    ["ping", "--uri", `http://root:${secret}/x@h`],
    ["ping", "--uri", `http://root:${secret}@h`, "--host", "x"],
    ["ping", "--uri", `http://root:${secret}@127.0.0.1:1`],
    ["ping", "--uri", `http://root:${secret}@127.0.0.1:1`, "--tls"],
    ["ping", "-p", "1", "--token", secret],
    ["ping", "-p", "1", "--user", "root", "--password", secret],
    ["ping", "-p", "x", "--token", secret],
    ["connect", "--save", "-p", "1", "--token", secret],
  ]
  for (const words of lines) {
    for (const env of [{}, { DEBUG: "1" }]) {
      const { code, out, err } = await execute(words, { env })
      assert(code > 0)
      assert(!(out + err).includes(secret), `${words.join(" ")}: ${err}`)
    }
  }
})

test("rule 17: the file of saved connections contains no secret, however it was given", () =>
  withHome(async (XDG_CONFIG_HOME) => {
    await using server = await startServer()
    const ways = [
      ["-p", `${server.port}`, "--token", secret],
      ["-p", `${server.port}`, "--user", "root", "--password", secret],
      ["--uri", `http://root:${secret}@${server.address}`],
      ["--uri", `HTTP://root:a%40${secret}@${server.address}/default`],
    ]
    for (const [at, flags] of ways.entries()) {
      const { code, err } = await execute(["connect", ...flags, "-a", `a${at}`, "--save"], { env: { XDG_CONFIG_HOME } })
      assertEquals(code, 0, err)
    }
    const text = await Deno.readTextFile(`${XDG_CONFIG_HOME}/effect-milvus/connections.json`)
    assert(!text.includes(secret) && !text.includes(btoa(secret)), text)
    const { out, err } = await execute(["list", "connections", "-o", "json"], { env: { XDG_CONFIG_HOME } })
    assertEquals(JSON.parse(out).length, ways.length)
    assert(!(out + err).includes(secret))
  }))
