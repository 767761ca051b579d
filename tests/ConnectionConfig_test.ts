import { generateKeyPairSync } from "node:crypto"
import { assert, assertEquals, assertLess, assertMatch, assertNotMatch, assertStringIncludes, fail } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { type ConnectionConfig, type ConnectParams, equals, make } from "../src/ConnectionConfig.ts"
import { NotImplemented, ParamError } from "../src/errors.ts"
import { certificates } from "./support/certificates.ts"

// Casts: the types forbid most of these parameters.
const exitOf = (params?: unknown) => Effect.runSyncExit(make(params as ConnectParams))
const decoded = (params?: unknown): ConnectionConfig => Effect.runSync(make(params as ConnectParams))
const refused = (params: unknown): NotImplemented | ParamError => Effect.runSync(Effect.flip(make(params as never)))

/** Asserts that each case fails with the name of a parameter, and with a matching expectation if one is given. */
const assertRefused = (cases: ReadonlyArray<readonly [params: unknown, parameter: string, expected?: RegExp]>) => {
  for (const [params, parameter, expected] of cases) {
    const exit = exitOf(params)
    if (Exit.isSuccess(exit)) fail(`${inspect(params)} gives ${inspect(exit.value)}`)
    const error = refused(params)
    assert(error instanceof ParamError, `${inspect(params)}: ${error.message}`)
    assertEquals(error.parameter, parameter, inspect(params))
    if (expected !== undefined) assertMatch(error.expected, expected)
  }
}

const inspect = (value: unknown): string => {
  try {
    return Deno.inspect(value, { depth: 20, showHidden: true, strAbbreviateSize: 1e5 })
  } catch {
    return "a value that cannot be inspected"
  }
}

// ---- the address

Deno.test("make gives the documented defaults when nothing is given", () => {
  for (const params of [undefined, {}, { address: undefined, tls: undefined, unknown: undefined }]) {
    const { connectTimeout, callTimeout, keepAlive, retry, poolMaxAge, ...plain } = decoded(params)
    assertEquals(plain, {
      address: "localhost:19530",
      addresses: ["localhost:19530"],
      globalCluster: false,
      host: "localhost",
      port: 19530,
      secure: false,
      tls: undefined,
      user: undefined,
      password: undefined,
      token: undefined,
      database: "default",
      pool: "SingletonThread",
      poolSize: 1,
      maxMessageSize: "unlimited",
      readiness: "healthy",
    })
    assertEquals([connectTimeout, callTimeout, keepAlive.time, keepAlive.timeout].map(Duration.toSeconds), [
      10,
      60,
      10,
      5,
    ])
    assertEquals(keepAlive.whenIdle, true)
    assert(retry !== false)
    assertEquals([retry.times, Duration.toMillis(retry.delay), Duration.toMillis(retry.maxDelay)], [Infinity, 50, 1000])
    assertEquals(retry.budget, 0.2)
    assertEquals(Duration.isFinite(poolMaxAge), false)
  }
})

Deno.test("make reads the address in each documented form", () => {
  const cases: ReadonlyArray<
    readonly [params: unknown, address: string, host: string, port: number, secure?: boolean]
  > = [
    ["localhost", "localhost:19530", "localhost", 19530],
    ["Milvus.Example.COM:1", "milvus.example.com:1", "milvus.example.com", 1],
    ["127.0.0.1:65535", "127.0.0.1:65535", "127.0.0.1", 65535],
    ["my_service.ns:443", "my_service.ns:443", "my_service.ns", 443],
    ["milvus.de.:19530", "milvus.de.:19530", "milvus.de.", 19530],
    ["milvüs.de", "xn--milvs-nva.de:19530", "xn--milvs-nva.de", 19530],
    ["[::1]", "[::1]:19530", "::1", 19530],
    ["[::1]:80", "[::1]:80", "::1", 80],
    ["[0:0:0:0:0:0:0:1]:80", "[::1]:80", "::1", 80],
    ["[2001:DB8::A]:80", "[2001:db8::a]:80", "2001:db8::a", 80],
    ["[FE80::1%Eth0]:80", "[fe80::1%Eth0]:80", "fe80::1%Eth0", 80],
    ["unix:/run/milvus.sock", "unix:/run/milvus.sock", "/run/milvus.sock", 0],
    ["UNIX:///run/Milvus.sock", "unix:/run/Milvus.sock", "/run/Milvus.sock", 0],
    ["http://h", "h:19530", "h", 19530],
    ["tcp://h", "h:19530", "h", 19530],
    ["TCP://H:80/", "h:80", "h", 80],
    ["http://h:443", "h:443", "h", 443],
    ["http://[::1]", "[::1]:19530", "::1", 19530],
    ["https://h", "h:443", "h", 443, true],
    ["https://h:19530/", "h:19530", "h", 19530, true],
    ["HTTPS://[::1]", "[::1]:443", "::1", 443, true],
    [{ address: "h:1" }, "h:1", "h", 1],
    [{ address: "https://h" }, "h:443", "h", 443, true],
    [{ uri: "http://h:1" }, "h:1", "h", 1],
    [{ uri: "h:1" }, "h:1", "h", 1],
    [{ uri: "unix:/s" }, "unix:/s", "/s", 0],
    [{ host: "H", port: 1 }, "h:1", "h", 1],
    [{ host: "h", port: "1" }, "h:1", "h", 1],
    [{ host: "h" }, "h:19530", "h", 19530],
    [{ port: "65535" }, "localhost:65535", "localhost", 65535],
    [{ host: "::1", port: 1 }, "[::1]:1", "::1", 1],
    [{ host: "[::1]", port: 1 }, "[::1]:1", "::1", 1],
    [{ host: "h", tls: true }, "h:19530", "h", 19530, true],
    [{ host: "h", tls: false }, "h:19530", "h", 19530],
    [{ uri: "http://h", tls: true }, "h:19530", "h", 19530, true],
    [{ uri: "https://h", tls: true }, "h:443", "h", 443, true],
    [{ uri: "https://h", tls: {} }, "h:443", "h", 443, true],
    [{ uri: "unix:/s", tls: true }, "unix:/s", "/s", 0, true],
  ]
  for (const [params, address, host, port, secure = false] of cases) {
    const config = decoded(params)
    const { tls } = config
    assertEquals(
      [config.address, config.host, config.port, config.secure, tls !== undefined],
      [address, host, port, secure, secure],
      inspect(params),
    )
  }
})

Deno.test("make rejects an address when it is malformed", () => {
  const port = /a port from 1 to 65535/
  const host = /a host name, an IPv4 or an IPv6 address/
  assertRefused([
    ["", "address"],
    [" ", "address", /whitespace/],
    [" h:1", "address", /whitespace/],
    ["h:1\n", "address", /whitespace/],
    ["h\0", "address", /whitespace/],
    ["h:", "address", port],
    [":1", "address", host],
    ["h:0", "address", port],
    ["h:65536", "address", port],
    ["h:-1", "address", port],
    ["h:+1", "address", port],
    ["h:1e3", "address", port],
    ["h:0x10", "address", port],
    ["h:http", "address", port],
    ["h:1:2", "address", /write IPv6 addresses in brackets/],
    ["::1", "address", /write IPv6 addresses in brackets/],
    ["2001:db8::a:80", "address", /write IPv6 addresses in brackets/],
    ["[::1", "address"],
    ["::1]:80", "address"],
    ["[]:80", "address", /a valid IPv6 address in brackets/],
    ["[h]:80", "address", /a valid IPv6 address in brackets/],
    ["[::1]80", "address"],
    ["-h", "address", host],
    ["h..de", "address", host],
    ["h!", "address", host],
    ["a".repeat(64), "address", host],
    ["a.".repeat(127) + "a", "address", host],
    ["\ud800.de", "address", host],
    ["h?x", "address", /query, fragment and user info are not supported/],
    ["h#x", "address", /query, fragment and user info are not supported/],
    ["u:p@h:1", "address", /user info are not supported/],
    ["unix:", "address"],
    ["unix:s", "address"],
    ["unix://s", "address"],
    ["unix:///", "address"],
    ["unix:////s", "address"],
    ["ftp://h", "address", /the scheme "http"/],
    ["://h", "address"],
    ["http://", "address", host],
    ["http://:1", "address", host],
    ["http://h:", "address", port],
    ["http://h:0", "address", port],
    ["https://h?x", "address", /without query or fragment/],
    ["https://h/d#x", "address", /without query or fragment/],
    ["https://h/a/b", "address", /at most one path segment \(the database\)/],
    ["https://u:%@h", "address", /percent-encoded/],
    ["https://u:%ff@h", "address", /percent-encoded/],
    ["https://%@h", "address", /percent-encoded/],
    ["https://h/%zz", "address", /percent-encoded/],
    // If a slash in a password is not percent-encoded, the rest of the password must not become the database.
    ["https://root:443/pass@h", "address", /percent-encoded/],
    ...[null, "", 0, 19530, true, [], ["h"], {}, Symbol("h")].flatMap((value) =>
      [
        [{ address: value }, "address", /^a string$/],
        [{ uri: value }, "uri", /^a string$/],
      ] as const
    ),
    ...[null, "", 5, {}, [], "h:1", "http://h", "h/x", "u@h", "[h]", "[::1", "h ", "%41"].map((value) =>
      [{ host: value, port: 1 }, "host"] as const
    ),
    ...[null, "", 0, -1, 65536, 1.5, NaN, Infinity, "0", "65536", " 1", "1.0", "0x1", "x", 1n, true, {}, []].flatMap((
      value,
    ) => [[{ host: "h", port: value }, "port", port], [{ port: value }, "port", port]] as const),
  ])
})

Deno.test("make rejects parameters when more than one of address, uri and host with port is given", () => {
  assertRefused([
    [{ address: "h", uri: "h" }, "uri", /only one of/],
    [{ address: "h", host: "h" }, "host", /only one of/],
    [{ address: "h", port: 1 }, "port", /only one of/],
    [{ uri: "http://h", port: 1 }, "port", /only one of/],
    [{ uri: "http://h", host: "h", port: 1 }, "host", /only one of/],
    [{ address: "h", uri: "" }, "uri", /only one of/],
    [{ address: "h", port: null }, "port", /only one of/],
    [{ address: "h", addresses: ["h"] }, "addresses", /only one of/],
    [{ addresses: ["h"], uri: "http://h" }, "uri", /only one of/],
    [{ addresses: ["h"], host: "h" }, "host", /only one of/],
    [{ addresses: [], port: 1 }, "port", /only one of/],
  ])
  assertEquals(decoded({ address: "h", uri: undefined, host: undefined, port: undefined }).host, "h")
})

Deno.test("make reads several addresses, each as an address", () => {
  const several = decoded({ addresses: ["H1", "[::1]:80"] })
  assertEquals([several.address, several.host, several.port], ["h1:19530", "h1", 19530])
  assertEquals(several.addresses, ["h1:19530", "[::1]:80"])
  const uris = decoded({ addresses: ["https://u:p@h1/d", "https://u:p@h2:1/d"], tls: { serverName: "h" } })
  assertEquals([uris.addresses, uris.secure, uris.user, uris.database], [["h1:443", "h2:1"], true, "u", "d"])
  assertEquals(decoded({ addresses: ["unix:///s", "unix:/t"] }).addresses, ["unix:/s", "unix:/t"])
  assert(equals(decoded({ addresses: ["h:1"] }), decoded("h:1")))
  assert(equals(decoded({ addresses: ["h:1", "i:1"] }), decoded({ addresses: ["H:1", "i:1"] })))
})

Deno.test("make rejects addresses when there is none, one is wrong or given twice, or the rest of them differs", () => {
  const rest = /the scheme, user, password and database of addresses\[0\]/
  assertRefused([
    [{ addresses: [] }, "addresses", /at least one address/],
    [{ addresses: "h:1,i:1" }, "addresses", /at least one address/],
    [{ addresses: null }, "addresses", /at least one address/],
    [{ addresses: { 0: "h" } }, "addresses", /at least one address/],
    [{ addresses: ["h", ""] }, "addresses[1]", /a string/],
    [{ addresses: ["h", undefined] }, "addresses[1]", /a string/],
    [{ addresses: ["h", "h:x"] }, "addresses[1]", /a port from 1 to 65535/],
    [{ addresses: ["h,i"] }, "addresses[0]", /a host name/],
    [{ addresses: ["./demo.db"] }, "addresses[0]", /Embedded\.connect\(path\)/],
    [{ addresses: ["h", "i", "H:19530"] }, "addresses[2]", /an address that is not in the list yet/],
    [{ addresses: ["https://h", "i"] }, "addresses[1]", rest],
    [{ addresses: ["https://h", "http://i"] }, "addresses[1]", rest],
    [{ addresses: ["http://u:p@h", "http://i"] }, "addresses[1]", rest],
    [{ addresses: ["http://u:p@h", "http://u:q@i"] }, "addresses[1]", rest],
    [{ addresses: ["http://h/a", "http://h/b"] }, "addresses[1]", rest],
  ])
})

Deno.test("make reads globalCluster, and finds it by the host if it is not given", () => {
  const cluster = (params: Parameters<typeof make>[0]) => {
    const { globalCluster } = decoded(params)
    return globalCluster &&
      [globalCluster.address, globalCluster.secure, Duration.toSeconds(globalCluster.refreshInterval)]
  }
  assertEquals(cluster("https://x.Global-Cluster.example.com"), ["x.global-cluster.example.com:443", true, 300])
  assertEquals(cluster({ host: "global-cluster", port: 1 }), ["global-cluster:1", false, 300])
  assertEquals(cluster({ address: "global-cluster.h", globalCluster: false }), false)
  assertEquals(cluster({ addresses: ["global-cluster.a", "global-cluster.b"] }), false)
  assertEquals(cluster("unix:/global-cluster"), false)
  assertEquals(cluster({ address: "h:1", globalCluster: true }), ["h:1", false, 300])
  assertEquals(cluster({ host: "h", tls: true, globalCluster: { refreshInterval: "1 second" } }), ["h:19530", true, 1])
  assertRefused([
    [{ globalCluster: "yes" }, "globalCluster", /true, false, or \{ refreshInterval \}/],
    [{ globalCluster: { interval: 1 } }, "globalCluster.interval", /a known parameter/],
    [{ globalCluster: { refreshInterval: 999 } }, "globalCluster.refreshInterval", /between 1s and 24 days/],
    [{ globalCluster: { refreshInterval: "infinite" } }, "globalCluster.refreshInterval", /between 1s and 24 days/],
    [{ addresses: ["h", "i"], globalCluster: true }, "globalCluster", /one address, of a host and a port/],
    [{ address: "unix:/s", globalCluster: {} }, "globalCluster", /one address, of a host and a port/],
  ])
})

Deno.test("make points to Embedded.connect when an address is a file path", () => {
  const paths = ["./demo.db", "demo.db", "/var/demo", "my demo.db", "~/x", "C:\\demo.db", "..\\demo", "h:1/db"]
  assertRefused(paths.flatMap((path) => [
    [path, "address", /Embedded\.connect\(path\)/],
    [{ uri: path }, "uri", /Embedded\.connect\(path\)/],
  ]))
  assertEquals(decoded({ host: "demo.db" }).host, "demo.db")
  assertEquals(decoded("demo.db:19530").host, "demo.db")
})

// ---- credentials and the database

Deno.test("make reads credentials and the database when they are in the URI, are parameters, or are both", () => {
  const secret = (value: Redacted.Redacted<unknown> | undefined) => value && Redacted.value(value)
  const uri = "https://us%2Fer:p%40ss%3Aw%25@h/d%2Eb"
  const none = undefined
  for (
    const [params, user, password, token, database] of [
      [uri, "us/er", "p@ss:w%", none, "d.b"],
      [{ address: uri }, "us/er", "p@ss:w%", none, "d.b"],
      [{ uri: "http://u:p:q@h//db/" }, "u", "p:q", none, "db"],
      [{ uri: "http://u:p@q@h" }, "u", "p@q", none, "default"],
      [{ uri: "http://u@h" }, "u", none, none, "default"],
      [{ uri: "http://u:@h" }, "u", none, none, "default"],
      [{ uri: "http://@h/" }, none, none, none, "default"],
      [{ uri, user: "x" }, "x", "p@ss:w%", none, "d.b"],
      [{ uri, password: "x" }, "us/er", "x", none, "d.b"],
      [{ uri, database: "x" }, "us/er", "p@ss:w%", none, "x"],
      [{ uri, user: "", password: null, token: "", database: null }, "us/er", "p@ss:w%", none, "d.b"],
      [{ uri: "http://a%3Ab:p@h/a%20b", user: "u", database: "d" }, "u", "p", none, "d"],
      [{ uri: "http://:p@h", user: "u" }, "u", "p", none, "default"],
      // All are kept; the token takes precedence when they are sent.
      [{ uri, token: "t" }, "us/er", "p@ss:w%", "t", "d.b"],
      [{ password: "p", token: "t" }, none, "p", "t", "default"],
      [{ user: "u", password: "p", token: null, database: "" }, "u", "p", none, "default"],
      [{ user: null, password: "", token: "a:b" }, none, none, "a:b", "default"],
      [{ token: Redacted.make("t") }, none, none, "t", "default"],
      [{ user: "u", password: Redacted.make(""), token: Redacted.make("") }, "u", none, none, "default"],
    ] as const
  ) {
    const config = decoded(params)
    assertEquals(
      [config.user, secret(config.password), secret(config.token), config.database],
      [user, password, token, database],
      inspect(params),
    )
  }
})

Deno.test("make keeps a secret unchanged when it is an Effect", () => {
  const token = Effect.fail("never asked here")
  const config = decoded({ token, user: "u", password: token })
  assertEquals(config.token && Redacted.value(config.token) === token, true)
  assertEquals(config.password && Redacted.value(config.password) === token, true)
})

Deno.test("make rejects credentials and databases when they are invalid", () => {
  assertRefused([
    [{ user: "a:b", password: "p" }, "user", /without a colon/],
    ["http://a%3Ab:p@h", "user", /without a colon/],
    [{ user: 1 }, "user"],
    [{ user: Redacted.make("u") }, "user"],
    [{ password: "p" }, "user", /`user` to be set when `password` is set/],
    ["http://:p@h", "user", /`user` to be set when `password` is set/],
    ...[1, true, {}, [], () => "t", Promise.resolve("t"), Option.some("t"), Redacted.make(1)].flatMap((value) =>
      [
        [{ user: "u", password: value }, "password"],
        [{ token: value }, "token"],
      ] as const
    ),
    [{ database: " " }, "database"],
    [{ database: "d\n" }, "database"],
    [{ database: "dé" }, "database"],
    [{ database: 1 }, "database"],
    ["http://h/a%20b", "database"],
  ])
})

// ---- the rest of the parameters

Deno.test("make fails with NotImplemented when the handler is not GRPC", () => {
  assertEquals(decoded({ handler: "GRPC" }).address, "localhost:19530")
  assertEquals(decoded({ handler: undefined }).address, "localhost:19530")
  const handlers = ["grpc", "HTTP", "", " GRPC", "Grpc", null, 0, false, NaN, 1n, {}, [], ["GRPC"], () => "GRPC"]
  const boxed = [Symbol("GRPC"), new String("GRPC"), revoked(), { toString: () => "GRPC" }]
  for (const handler of [...handlers, ...boxed]) {
    const error = refused({ handler })
    assert(error instanceof NotImplemented, inspect(handler))
    assertMatch(error.message, /^handler .+ is not implemented/)
  }
})

Deno.test("make names the first failure when several parameters are wrong: handler, address, pool, the rest", () => {
  const wrong = { handler: "HTTP", host: "", port: 0, pool: "x", unknown: 1, poolSize: -1, token: 1, tls: 1, retry: 1 }
  assertEquals(refused(wrong)._tag, "NotImplemented")
  assertRefused([
    [{ ...wrong, handler: "GRPC" }, "host"],
    [{ ...wrong, handler: undefined, host: "h" }, "port"],
    [{ ...wrong, handler: undefined, host: undefined, port: undefined, uri: "ftp://h" }, "uri"],
    [{ ...wrong, handler: undefined, address: "h" }, "host"],
    [{ ...wrong, handler: undefined, host: "h", port: 1 }, "pool"],
  ])
  for (const pool of [undefined, "Singleton", "QueuePool"]) {
    const error = refused({ ...wrong, handler: undefined, host: "h", port: 1, pool })
    assert(error instanceof ParamError && !["host", "port", "pool"].includes(error.parameter))
  }
  assertEquals(refused({ ...wrong, host: revoked() })._tag, "NotImplemented")
})

Deno.test("make accepts pools when they are supported, and their sizes when they are in range", () => {
  for (
    const [params, pool, poolSize] of [
      [{ pool: "SingletonThread" }, "SingletonThread", 1],
      [{ pool: "Singleton", poolSize: 1 }, "Singleton", 1],
      [{ pool: "QueuePool" }, "QueuePool", 5],
      [{ pool: "QueuePool", poolSize: 1 }, "QueuePool", 1],
      [{ pool: "QueuePool", poolSize: 1024 }, "QueuePool", 1024],
    ] as const
  ) {
    const config = decoded(params)
    assertEquals([config.pool, config.poolSize], [pool, poolSize])
  }
  assertRefused([
    ...["", "queuepool", "StaticPool", "NullPool", null, 1, {}, ["QueuePool"]].map((pool) =>
      [{ pool }, "pool", /a supported pool/] as const
    ),
    ...[0, -1, 1025, 1.5, NaN, Infinity, "5", null, 5n].map((poolSize) =>
      [{ pool: "QueuePool", poolSize }, "poolSize", /1 to 1024/] as const
    ),
    [{ poolSize: 2 }, "poolSize", /`pool: "QueuePool"` to be set as well/],
    [{ pool: "Singleton", poolSize: 2 }, "poolSize", /`pool: "QueuePool"` to be set as well/],
    [{ poolSize: null }, "poolSize"],
  ])
})

Deno.test("make accepts the maximum age of channels when the pool is a QueuePool", () => {
  const ageOf = (params: object) => Duration.toSeconds(decoded(params).poolMaxAge)
  assertEquals(ageOf({ pool: "QueuePool" }), 1800)
  assertEquals(ageOf({ pool: "QueuePool", poolMaxAge: "5 minutes" }), 300)
  assertEquals(ageOf({ pool: "QueuePool", poolMaxAge: "infinite" }), Infinity)
  assertEquals(ageOf({ pool: "Singleton", poolMaxAge: "infinite" }), Infinity)
  assertRefused([
    ...[0, -1, 999, NaN, null, "soon", "30 days"].map((poolMaxAge) =>
      [{ pool: "QueuePool", poolMaxAge }, "poolMaxAge", /between 1s and 24 days/] as const
    ),
    [{ poolMaxAge: "5 minutes" }, "poolMaxAge", /`pool: "QueuePool"` to be set as well/],
  ])
})

Deno.test("make rejects a parameter when it is unknown, at every depth", () => {
  const known = /a known parameter/
  assertRefused([
    [{ hots: "h" }, "hots", known],
    [{ Host: "h" }, "Host", known],
    [{ secure: true }, "secure", known],
    [{ db_name: null }, "db_name", known],
    [{ "": 1 }, "", known],
    [JSON.parse('{"__proto__": {}}'), "__proto__", known],
    [{ constructor: 1 }, "constructor", known],
    [{ tls: { cert: "" } }, "tls.cert", known],
    [{ keepAlive: { interval: 1 } }, "keepAlive.interval", known],
    [{ retry: { attempts: 1 } }, "retry.attempts", known],
    [{ "a\nb": 1 }, "a\\nb", known],
  ])
  assertEquals(decoded({ hots: undefined, tls: { cert: undefined }, retry: { attempts: undefined } }).secure, true)
})

Deno.test("make rejects parameters when they are not a plain object", () => {
  class Params {
    host = "h"
  }
  const others = [null, 0, 1n, true, Symbol("x"), () => ({}), [], ["h"], new Params(), new Map(), new Date(), revoked()]
  assertRefused([
    ...others.map((params) => [params, "params"] as const),
    ...[null, 0, "true", [], new Params(), revoked()].map((tls) => [{ tls }, "tls"] as const),
    ...[null, 0, true, "1 second", [], revoked()].map((keepAlive) => [{ keepAlive }, "keepAlive"] as const),
    ...[null, 0, "no", [], revoked()].map((retry) => [{ retry }, "retry"] as const),
  ])
  assertEquals(decoded(Object.assign(Object.create(null), { host: "h" })).host, "h")
})

Deno.test("make reads each getter once, and keeps the error of a getter as the cause", () => {
  let read = 0
  assertEquals(
    decoded({
      get host() {
        return `h${++read}`
      },
    }).host,
    "h1",
  ) // deno-fmt-ignore
  const thrown = new Error("no")
  const error = refused({
    get host() {
      throw thrown
    },
  }) // deno-fmt-ignore
  assert(error instanceof ParamError)
  assertEquals([error.parameter, error.cause], ["params", thrown])
})

Deno.test("make reads a duration when it is any form of Duration.Input", () => {
  const ten: ReadonlyArray<unknown> = [
    10_000,
    10_000_000_000n,
    "10 seconds",
    "10000 millis",
    [10, 0],
    [9, 1_000_000_000],
    { seconds: 10 },
    { seconds: 9, milliseconds: 1000 },
    Duration.seconds(10),
  ]
  for (const input of ten) {
    const config = decoded({
      connectTimeout: input,
      callTimeout: input,
      keepAlive: { time: input, timeout: input },
      retry: { delay: input, maxDelay: input },
    })
    assert(config.retry !== false)
    const { keepAlive, retry } = config
    const all = [
      config.connectTimeout,
      config.callTimeout,
      keepAlive.time,
      keepAlive.timeout,
      retry.delay,
      retry.maxDelay,
    ]
    assertEquals(all.map(Duration.toMillis), all.map(() => 10_000), inspect(input))
  }
  for (
    const callTimeout of ["infinite", Infinity, "Infinity", Duration.infinity, [Infinity, 0], { seconds: Infinity }]
  ) {
    assertEquals(decoded({ callTimeout }).callTimeout, Duration.infinity, inspect(callTimeout))
  }
  assertEquals(decoded({ connectTimeout: 2 ** 31 - 1 }).connectTimeout, Duration.millis(2 ** 31 - 1))
})

Deno.test("make rejects a duration when it is invalid, not positive, infinite, or longer than a timer can hold", () => {
  const notPositive = [0, -0, -1, 0n, -5n, "0 seconds", "-1 seconds", [0, 0], { seconds: -1 }, {}, Duration.zero]
  const infinite = [Infinity, "Infinity", Duration.infinity, "infinite"]
  const never = [-Infinity, "-Infinity", NaN, 2 ** 31, "25 days", "Infinity seconds"]
  const none = ["", "5", "5s", "five seconds", "1 second ", null, true, [], [1], [1, 2, 3], [NaN, 0], ["1", 0], {
    seconds: "x",
  }]
  const hostile = [
    { "~effect/Duration": 1 },
    { "~effect/Duration": 1, value: { _tag: "Millis", millis: "x" } },
    revoked(),
    Symbol("1"),
    new Date(),
    () => 1,
  ]
  for (const input of [...notPositive, ...never, ...none, ...hostile]) {
    assertRefused([[{ callTimeout: input }, "callTimeout"]])
  }
  for (const input of [...notPositive, ...infinite, ...never, ...none, ...hostile]) {
    assertRefused([
      [{ connectTimeout: input }, "connectTimeout", /a positive duration/],
      [{ keepAlive: { time: input } }, "keepAlive.time", /between 5s and 24 days/],
      [{ keepAlive: { timeout: input } }, "keepAlive.timeout", /a positive duration/],
      [{ retry: { delay: input } }, "retry.delay", /a positive duration/],
      [{ retry: { maxDelay: input } }, "retry.maxDelay", /between 50ms and 24 days/],
    ])
  }
})

Deno.test("make rejects keepAlive when it pings more often than every 5 s", () => {
  assertEquals(decoded({ keepAlive: { time: "5 seconds" } }).keepAlive.time, Duration.seconds(5))
  assertEquals(decoded({ keepAlive: { timeout: 1, whenIdle: false } }).keepAlive.whenIdle, false)
  assertRefused([
    [{ keepAlive: { time: 4_999 } }, "keepAlive.time", /between 5s and 24 days/],
    [{ keepAlive: { whenIdle: 1 } }, "keepAlive.whenIdle", /true or false/],
    [{ keepAlive: { whenIdle: null } }, "keepAlive.whenIdle", /true or false/],
  ])
})

Deno.test("make reads retry, readiness and maxMessageSize when they are valid", () => {
  const retryOf = (retry: unknown) => {
    const read = decoded({ retry }).retry
    return read && [read.times, Duration.toMillis(read.delay), Duration.toMillis(read.maxDelay)]
  }
  assertEquals(retryOf(false), false)
  for (const retry of [true, {}, { times: Infinity }]) assertEquals(retryOf(retry), [Infinity, 50, 1_000])
  assertEquals(retryOf({ times: 0 }), [0, 50, 1_000])
  assertEquals(retryOf({ delay: "5 seconds" }), [Infinity, 5_000, 5_000])
  assertEquals(retryOf({ times: 3, delay: 5, maxDelay: 5 }), [3, 5, 5])
  for (const readiness of ["healthy", "connected"]) assertEquals(decoded({ readiness }).readiness, readiness)
  for (const maxMessageSize of [1, 2 ** 31 - 1, "unlimited"]) {
    assertEquals(decoded({ maxMessageSize }).maxMessageSize, maxMessageSize)
  }
  assertRefused([
    ...[-1, 1.5, NaN, -Infinity, 2 ** 53, "1", null].map((times) => [{ retry: { times } }, "retry.times"] as const),
    [{ retry: { delay: 2, maxDelay: 1 } }, "retry.maxDelay", /between 2ms and 24 days/],
    ...[-0.1, NaN, -Infinity, "1", null].map((budget) => [{ retry: { budget } }, "retry.budget"] as const),
    ...["", "ready", null, true].map((readiness) => [{ readiness }, "readiness"] as const),
    ...[0, -1, 1.5, NaN, Infinity, 2 ** 31, "1", "", null, 1n].map((maxMessageSize) =>
      [{ maxMessageSize }, "maxMessageSize"] as const
    ),
  ])
})

// ---- TLS

const ellipticKey = () =>
  generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey

Deno.test("make reads tls when its PEM is text, bytes or Redacted", () => {
  const { ca, otherCa, client: { certificate, key } } = certificates()
  const bytes = (text: string) => new TextEncoder().encode(text)
  const chain = certificate + ca
  for (
    const tls of [{ ca, certificate, key }, { ca: bytes(ca), certificate: bytes(certificate), key: Redacted.make(key) }]
  ) {
    const config = decoded({ tls: { ...tls, serverName: "Milvus.Test", verify: false } })
    assert(config.tls?.key !== undefined)
    assertEquals(
      [config.secure, config.tls.ca, config.tls.certificate, Redacted.value(config.tls.key), config.tls.serverName],
      [true, ca, certificate, key, "milvus.test"],
    )
    assertEquals(config.tls.verify, false)
  }
  assertEquals(
    decoded({ tls: { ca: ca + "\n# another\n" + otherCa, certificate: chain, key } }).tls?.certificate,
    chain,
  )
  for (const params of [{ tls: true }, { tls: {} }, "https://h"]) {
    const none = undefined
    assertEquals(decoded(params).tls, { ca: none, certificate: none, key: none, serverName: none, verify: true })
  }
})

Deno.test("make rejects tls when its parts do not parse, do not match, or contradict the address", () => {
  const { ca, server, client: { certificate, key } } = certificates()
  const garbage = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"
  const noPem = ["", "garbage", "./ca.pem", null, 1, {}, [], garbage, key, new Uint8Array(3), revoked()]
  const fakeBytes = Object.create(Uint8Array.prototype)
  assertRefused([
    [{ uri: "https://h", tls: false }, "tls", /"https:\/\/" address/],
    ...[...noPem, fakeBytes, Redacted.make(1), ca + garbage].flatMap((pem) =>
      [
        [{ tls: { ca: pem } }, "tls.ca", /as PEM text, not a path/],
        [{ tls: { certificate: pem, key } }, "tls.certificate", /as PEM text, not a path/],
      ] as const
    ),
    ...["", "garbage", "./key.pem", null, 1, {}, certificate, new Uint8Array(3), fakeBytes, revoked()].map((pem) =>
      [{ tls: { certificate, key: pem } }, "tls.key", /an unencrypted private key as PEM text/] as const
    ),
    [{ tls: { certificate } }, "tls.key", /`tls.key` to be set together with `tls.certificate`/],
    [{ tls: { key } }, "tls.certificate", /`tls.certificate` to be set together with `tls.key`/],
    [{ tls: { certificate, key: server.key } }, "tls.key", /the private key that matches `tls.certificate`/],
    [{ tls: { certificate, key: ellipticKey() } }, "tls.key", /the private key that matches `tls.certificate`/],
    [{ tls: { certificate: ca + certificate, key } }, "tls.key", /the private key that matches `tls.certificate`/],
    ...["", "h:1", "http://h", " ", null, 1].map((serverName) => [{ tls: { serverName } }, "tls.serverName"] as const),
    ...[0, "false", null].map((verify) => [{ tls: { verify } }, "tls.verify", /true or false/] as const),
  ])
})

// ---- guarantees

Deno.test("make keeps secrets out of the config when it is printed in any way", () => {
  const { certificate, key } = certificates().client
  const rotated = Effect.succeed(`${secret}-4`)
  const configs = [
    decoded({ user: "u", password: `${secret}-1`, token: Redacted.make(`${secret}-2`), tls: { certificate, key } }),
    decoded(`https://u:${secret}-3@h`),
    decoded({ user: "u", password: rotated, token: rotated }),
  ]
  configs.forEach((config) => assertSilent([config, config.password, config.token, config.tls?.key]))
})

Deno.test("make keeps secrets out of its errors when any parameter is wrong", () => {
  const { client: { certificate, key }, server } = certificates()
  const cases: ReadonlyArray<unknown> = [
    ...[
      "u:PW@h:1",
      "http://u:PW@h:0",
      "https://u:PW@h/a/b",
      "https://u:PW@h?x",
      "ftp://u:PW@h",
      "https://u:PW%@h",
      "h/PW@",
    ]
      .flatMap((
        uri,
      ) => [uri.replace("PW", secret), { uri: uri.replace("PW", secret) }, { host: uri.replace("PW", secret) }]),
    `http://u:1/${secret}@h`,
    `http://u:${secret}/x@h`,
    `http://:${secret}@h`,
    `http://a%3A${secret}:b@h`,
    `http://u:${secret}@h/a%20b`,
    { user: `root:${secret}` },
    { password: secret },
    { password: Redacted.make(secret) },
    { password: [secret], user: "u" },
    { token: { secret } },
    { token: Redacted.make({ secret }) },
    { token: Option.some(secret) },
    { token: () => secret },
    { token: secret, port: 0 },
    { tls: { certificate, key: server.key } },
    { tls: { key } },
    { tls: { ca: key } },
    { tls: { certificate: key, key } },
    { tls: { certificate, key: key.slice(0, -200) } },
    { tls: `-----BEGIN PRIVATE KEY-----\n${secret}` },
    { tls: key },
    { tls: { certificate, key: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` } },
    { token: secret, handler: { secret } },
    { handler: { secret } },
    { pool: { secret } },
    { retry: { times: { secret } } },
    [secret],
    Redacted.make(secret),
  ]
  for (const params of cases) {
    const exit = exitOf(params)
    if (Exit.isSuccess(exit)) fail(`${inspect(params)} is not refused`)
    assertSilent([refused(params), Cause.pretty(exit.cause), exit])
  }
})

const secret = "s3cr3t"

/** Asserts that no text of the values contains the secret or a line from the middle of a key. */
const assertSilent = (values: ReadonlyArray<unknown>) => {
  const { client, server } = certificates()
  for (const value of values) {
    const stack = value instanceof Error ? `${value.message}\n${value.stack}` : ""
    const text = [inspect(value), JSON.stringify(value) ?? "", String(value), stack].join("\n")
    const lines = [client.key, server.key].map((key) => key.split(/\r?\n/)[5]!)
    for (const forbidden of [secret, ...lines]) assert(!text.includes(forbidden), text)
  }
}

Deno.test("make opens nothing and needs no permission", { permissions: "none" }, () => {
  assertEquals(decoded("https://u:p@h/d").address, "h:443")
})

Deno.test("make returns quickly when a parameter is very long", () => {
  const long = ["a", ":", "é", "ａ.", "[", "1", "0 ", "%41", "http://", "@", "/", "x.db", "-----BEGIN CERTIFICATE-----"]
    .map((text) => text.repeat(5e4))
  const begin = performance.now()
  for (const text of long) {
    const forms = [text, `http://${text}`, `http://u:${text}@h`, `unix:/${text}`, { host: text }, { port: text }]
    const others = [{ connectTimeout: `1${text}` }, { tls: { ca: text } }, { tls: { serverName: text } }, { [text]: 1 }]
    for (const params of [...forms, ...others]) {
      const exit = exitOf(params)
      if (Exit.isFailure(exit)) assertLess(refused(params).message.length, 500)
    }
  }
  assertLess(performance.now() - begin, 5_000)
})

Deno.test("equals returns false when any part of two configs differs", () => {
  const token = Effect.succeed("t")
  const { ca, client } = certificates()
  const different = [
    {},
    { host: "h" },
    { port: 1 },
    { user: "u" },
    { user: "u", password: "p" },
    { user: "u", password: "q" },
    { token: "t" },
    { token },
    { token: Effect.succeed("t") },
    { database: "d" },
    { pool: "Singleton" },
    { pool: "QueuePool" },
    { pool: "QueuePool", poolSize: 6 },
    { pool: "QueuePool", poolMaxAge: "5 minutes" },
    { addresses: ["localhost:19530", "i:1"] },
    { globalCluster: true },
    { globalCluster: { refreshInterval: "9 seconds" } },
    { addresses: ["localhost:19530", "i:1", "j:1"] },
    { addresses: ["localhost:19530", "j:1", "i:1"] },
    { tls: true },
    { tls: { verify: false } },
    { tls: { serverName: "h" } },
    { tls: { ca } },
    { tls: client },
    { connectTimeout: "9 seconds" },
    { callTimeout: "9 seconds" },
    { callTimeout: "infinite" },
    { keepAlive: { time: "9 seconds" } },
    { keepAlive: { timeout: "9 seconds" } },
    { keepAlive: { whenIdle: false } },
    { maxMessageSize: 1 },
    { retry: false },
    { retry: { times: 1 } },
    { retry: { delay: 1 } },
    { retry: { budget: 1 } },
    { retry: { maxDelay: "9 seconds" } },
    { readiness: "connected" },
  ]
  const [once, again] = [different.map(decoded), different.map(decoded)]
  for (const [i, a] of once.entries()) {
    for (const [j, b] of again.entries()) assertEquals(equals(a, b), i === j, `${i}, ${j}`)
  }
  for (
    const [a, b] of [
      ["localhost", undefined],
      ["LOCALHOST:19530", { host: "localhost", port: "19530" }],
      ["http://h", "tcp://h"],
      ["https://h", { host: "h", port: 443, tls: true }],
      ["[::1]", { host: "0:0:0:0:0:0:0:1" }],
      ["http://u:p@h/d", { host: "h", user: "u", password: Redacted.make("p"), database: "d" }],
      [{ database: "default" }, { database: "" }],
      [{ connectTimeout: "10 seconds", keepAlive: {}, retry: true, tls: false }, {}],
      [{ callTimeout: Infinity }, { callTimeout: "infinite" }],
    ]
  ) assert(equals(decoded(a), decoded(b)), `${inspect(a)}, ${inspect(b)}`)
})

// ---- properties

const oneOf = <A>(...options: ReadonlyArray<Arbitrary.Arbitrary<A>>): Arbitrary.Arbitrary<A> =>
  Arbitrary.flatMap(pick(...options), (option) => option)

/** Picks one of some values. Shrinks to the first ones. */
const pick = <A>(...values: ReadonlyArray<A>): Arbitrary.Arbitrary<A> =>
  Arbitrary.map(
    Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: values.length - 1 }))),
    (index) => values[index]!,
  )

const text = Arbitrary.schema(Schema.String)
const json: Arbitrary.Arbitrary<unknown> = Arbitrary.schema(Schema.Json)

/** Strings that resemble addresses. */
const nearAddress = Arbitrary.map(
  // deno-fmt-ignore
  Arbitrary.array(pick("", "http://", "https://", "tcp://", "unix:", "ftp://", "localhost", "::1", "fe80::1%eth0", "1.2.3.4", "é", "[", "]",
    ":", "/", "//", "@", "?", "#", "%", "%41", "%00", "\\", ".", "..", "-", "_", " ", "\n", "\0", "19530", "443", "0", "65536", ".db", "\ud800")),
  (parts) => parts.join(""),
)

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

const thrower = (): never => {
  throw new Error("thrown by a trap")
}
const cyclic: Record<string, unknown> = { host: "h" }
cyclic["tls"] = cyclic

/** Values that JSON cannot represent. */
const hostileValues: ReadonlyArray<unknown> = [
  undefined,
  NaN,
  -0,
  Infinity,
  10n ** 400n,
  Symbol("a\nb"),
  () => "f",
  thrower,
  class Hostile {},
  new Date(NaN),
  new Map(),
  new String("GRPC"),
  Object.create(null),
  Object.create(Uint8Array.prototype),
  new Uint8Array([255]),
  cyclic,
  revoked(),
  Proxy.revocable([], {}).proxy,
  new Proxy({}, new Proxy({}, { get: () => thrower })),
  new Proxy({}, { ownKeys: () => ["host", "tls"], getOwnPropertyDescriptor: thrower }),
  new Proxy({ host: "h" }, {}),
  {
    get host() {
      return thrower()
    },
  }, // deno-fmt-ignore
  { get seconds() { return thrower() } }, // deno-fmt-ignore
  { get token() { throw revoked() } }, // deno-fmt-ignore
  { toString: thrower, valueOf: thrower, toJSON: thrower, [Symbol.toPrimitive]: thrower },
  { "~effect/Duration": "~effect/Duration" },
  { "~effect/Duration": "~effect/Duration", value: { _tag: "Millis", millis: "x" } },
  { "~effect/Redacted": "~effect/Redacted" },
  Redacted.make(Symbol("x")),
  Effect.die("never run"),
  Option.none(),
  Promise.resolve("x"),
  JSON.parse('{"__proto__": {"host": "h"}}'),
]
const hostile = pick(...hostileValues)

const durations = pick<unknown>(
  "10 seconds",
  6_000,
  7_000_000_000n,
  [8, 1],
  { seconds: 9 },
  Duration.seconds(11),
  1,
  "infinite",
)

/** An object with some of the fields. */
const record = (
  fields: Readonly<Record<string, Arbitrary.Arbitrary<unknown>>>,
): Arbitrary.Arbitrary<Record<string, unknown>> =>
  Arbitrary.map(
    Arbitrary.array(
      Arbitrary.flatMap(
        pick(...Object.entries(fields)),
        ([name, value]) => Arbitrary.map(value, (value): [string, unknown] => [name, value]),
      ),
      { maxLength: 6 },
    ),
    (entries) => Object.fromEntries(entries),
  )

const rotated = Effect.succeed("t")
const { ca: authority, client } = certificates()
const plausibleTls = {
  ca: pick(authority, client.certificate),
  serverName: pick("h", "::1", ""),
  verify: pick(true, false),
}
const plausibleKeepAlive = { time: durations, timeout: durations, whenIdle: pick(true, false) }
const plausibleRetry = {
  times: pick(0, 3, Infinity, -1),
  delay: durations,
  maxDelay: durations,
  budget: pick(0, 0.2, Infinity, -1),
}
const plausible = {
  handler: pick("GRPC"),
  pool: pick("SingletonThread", "Singleton", "QueuePool"),
  poolSize: pick(1, 2),
  poolMaxAge: oneOf<unknown>(pick("infinite"), durations),
  user: pick("u", "", "é"),
  password: pick<unknown>("p", "", Redacted.make("p"), rotated),
  token: pick<unknown>("t", "", Redacted.make("t"), rotated),
  database: pick("d", "", "a-b"),
  tls: oneOf<unknown>(pick(true, false), record(plausibleTls), pick(client)),
  connectTimeout: durations,
  callTimeout: durations,
  keepAlive: record(plausibleKeepAlive),
  maxMessageSize: pick<unknown>("unlimited", 1, 0),
  retry: oneOf<unknown>(pick(true, false), record(plausibleRetry)),
  readiness: pick("healthy", "connected"),
}
const server: Arbitrary.Arbitrary<Record<string, unknown>> = oneOf<Record<string, unknown>>(
  pick({}),
  Arbitrary.map(nearAddress, (address) => ({ address })),
  Arbitrary.map(nearAddress, (host) => ({ host })),
  Arbitrary.map(
    Arbitrary.all({
      scheme: pick("", "http://", "https://", "tcp://"),
      user: pick("", "u@", "u:p@", "%C3%A9:%25@"),
      host: pick("h", "H.de", "[::1]", "[0::A]", "[fe80::1%A]", "1.2.3.4", "é.de", "a_b."),
      port: pick("", ":1", ":443", ":65535", ":007", ":0", ":65536"),
      path: pick("", "/", "/d", "/%41"),
    }),
    ({ scheme, user, host, port, path }) => ({ uri: scheme === "" ? host + port : scheme + user + host + port + path }),
  ),
  pick({ address: "unix:/s" }, { uri: "unix://s" }, { uri: "unix:///" }, { uri: "UNIX:///s/é" }, {
    host: "::FFFF:1.2.3.4",
    port: "1",
  }, { port: 65535 }),
)
const likely = Arbitrary.map(
  Arbitrary.all([server, record(plausible)]),
  ([server, rest]): Record<string, unknown> => ({ ...server, ...rest }),
)

const anything = oneOf<unknown>(json, hostile, nearAddress, text)
const orAnything = (fields: Readonly<Record<string, Arbitrary.Arbitrary<unknown>>>) =>
  record(Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, oneOf(value, anything)])))
const anyParams = orAnything({
  ...plausible,
  tls: oneOf<unknown>(
    plausible.tls,
    orAnything({ ...plausibleTls, certificate: anything, key: anything, other: anything }),
  ),
  keepAlive: oneOf<unknown>(plausible.keepAlive, orAnything({ ...plausibleKeepAlive, other: anything })),
  retry: oneOf<unknown>(plausible.retry, orAnything({ ...plausibleRetry, other: anything })),
  address: nearAddress,
  uri: nearAddress,
  host: nearAddress,
  port: pick<unknown>(1, "1", 0),
  __proto: anything,
  "a\nb": anything,
})

/** Fails with the smallest input found. The property throws if it does not hold. */
const holds = async <A>(arbitrary: Arbitrary.Arbitrary<A>, property: (value: A) => void, runs = 500) => {
  const checked = (value: A) => Effect.as(Effect.try({ try: () => property(value), catch: (error) => error }), true)
  const result = await Effect.runPromise(Arbitrary.checkEffect(arbitrary, checked, { runs, maxShrinks: 2_000 }))
  if (result._tag === "Passed") return
  if (result._tag !== "Falsified") return fail(inspect(result))
  const why = result.failure._tag === "PropertyError" ? result.failure.error : "it does not hold"
  fail(
    `fails for ${inspect(result.shrunkInput)}: ${why}\nfirst seen for ${
      inspect(result.initialInput)
    }\n${result.replay}`,
  )
}

/** Asserts that the result is a config, or a typed error with a one-line message. */
const assertAnswers = (params: unknown) => {
  const exit = exitOf(params)
  if (Exit.isSuccess(exit)) return
  const error = exit.cause.reasons.map((reason) => reason._tag === "Fail" ? reason.error : fail(inspect(reason)))[0]
  assert(error instanceof ParamError || error instanceof NotImplemented)
  assertNotMatch(error.message, /[\n\r\u0085\u2028\u2029]/)
  assertLess(error.message.length, 500)
  assertStringIncludes(String(error.stack), error._tag)
}

Deno.test("make gives a config, NotImplemented or ParamError when any parameter throws or imitates another type", () => {
  const nested = { tls: plausibleTls, keepAlive: plausibleKeepAlive, retry: plausibleRetry }
  for (const value of hostileValues) {
    assertAnswers(value)
    for (const name of ["address", "addresses", "uri", "host", "port", ...Object.keys(plausible)]) {
      assertAnswers({ [name]: value })
    }
    assertAnswers({ addresses: ["h", value] })
    for (const [outer, fields] of Object.entries(nested)) {
      for (const name of Object.keys(fields)) assertAnswers({ [outer]: { [name]: value } })
    }
    assertAnswers({ tls: { ...client, certificate: value } })
    assertAnswers({ tls: { ...client, key: value } })
  }
})

Deno.test("make gives a config, NotImplemented or ParamError for any input", async () => {
  await holds(oneOf<unknown>(anything, anyParams), assertAnswers, 2_000)
})

Deno.test("make gives a config that decodes to itself when it is written back as parameters", async () => {
  let configs = 0
  await holds(likely, (params) => {
    const exit = exitOf(params)
    if (Exit.isFailure(exit)) return
    configs++
    const { address, addresses, host, port, secure, tls, ...rest } = exit.value
    const [password, token] = [rest.password, rest.token].map((secret) => secret && Redacted.value(secret))
    const same = { ...rest, password, token, tls: tls ?? false }
    assertEquals(secure, tls !== undefined)
    if (port !== 0 && !host.includes("%")) assertEquals(host, host.toLowerCase())
    assertEquals(tls?.key === undefined, tls?.certificate === undefined)
    assert(
      port === 0
        ? address === `unix:${host}` && /^\/[^/]/.test(host)
        : Number.isInteger(port) && port > 0 && port < 65536,
    )
    assert(rest.pool === "QueuePool" || rest.poolSize === 1 && !Duration.isFinite(rest.poolMaxAge))
    assert(equals(decoded({ ...same, addresses }), exit.value), `by addresses: ${inspect(exit.value)}`)
    if (addresses.length > 1) return
    assert(equals(decoded({ ...same, address }), exit.value), `by address: ${inspect(exit.value)}`)
    if (port === 0) return
    assert(equals(decoded({ ...same, host, port }), exit.value), `by host and port: ${inspect(exit.value)}`)
    assert(equals(decoded({ ...same, host, port: `${port}` }), exit.value), "with the port as a string")
  })
  assert(configs > 100, `only ${configs} decoded`)
})

Deno.test("make is deterministic, and equals is an equivalence", async () => {
  // Few and small values, so that equal pairs occur.
  const some = record({
    host: pick("h", "H", "::1"),
    token: plausible.token,
    tls: plausible.tls,
    retry: plausible.retry,
  })
  let same = 0
  await holds(Arbitrary.all([oneOf(some, likely), some]), ([a, b]) => {
    const [x, again, y] = [exitOf(a), exitOf(a), exitOf(b)]
    assertEquals(x._tag, again._tag)
    if (Exit.isFailure(x)) return assertEquals(refused(a).message, refused(a).message)
    assert(Exit.isSuccess(again) && equals(x.value, x.value) && equals(x.value, again.value))
    if (Exit.isFailure(y)) return
    if (equals(x.value, y.value)) same++
    assertEquals(equals(x.value, y.value), equals(y.value, x.value))
  })
  assert(same > 10, `only ${same} equal pairs`)
})

Deno.test("make decodes the percent-encoded parts of a URI", async () => {
  const given = Arbitrary.map(text, (text) => text.toWellFormed() || "x")
  const character = Arbitrary.map(Arbitrary.schema(Schema.Int), (int) => String.fromCharCode(0x21 + Math.abs(int) % 94))
  const printable = Arbitrary.map(Arbitrary.array(character, { minLength: 1 }), (characters) => characters.join(""))
  await holds(
    Arbitrary.all({
      user: Arbitrary.map(given, (user) => user.replaceAll(":", "/")),
      password: given,
      database: printable,
      scheme: pick("http", "https", "tcp"),
    }),
    ({ user, password, database, scheme }) => {
      const [u, p, d] = [user, password, database].map(encodeURIComponent)
      const config = decoded(`${scheme}://${u}:${p}@h:1/${d}`)
      assertEquals([config.user, config.database, config.address], [user, database, "h:1"])
      assert(config.password !== undefined && Redacted.value(config.password) === password)
      assert(equals(config, decoded({ host: "h", port: 1, user, password, database, tls: scheme === "https" })))
    },
  )
})
