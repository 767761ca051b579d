/** Parameters of a connection: the address, credentials and the database. */
import { assert, assertEquals } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { equals, type make } from "../src/ConnectionConfig.ts"
import { assertRefused, decoded, inspect } from "./support/connectParams.ts"
import { test } from "./support/test.ts"

// ---- the address

test("make gives the documented defaults when nothing is given", () => {
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

test("make reads the address in each documented form", () => {
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

test("make rejects an address when it is malformed", () => {
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

test("make rejects parameters when more than one of address, uri and host with port is given", () => {
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

test("make reads several addresses, each as an address", () => {
  const several = decoded({ addresses: ["H1", "[::1]:80"] })
  assertEquals([several.address, several.host, several.port], ["h1:19530", "h1", 19530])
  assertEquals(several.addresses, ["h1:19530", "[::1]:80"])
  const uris = decoded({ addresses: ["https://u:p@h1/d", "https://u:p@h2:1/d"], tls: { serverName: "h" } })
  assertEquals([uris.addresses, uris.secure, uris.user, uris.database], [["h1:443", "h2:1"], true, "u", "d"])
  assertEquals(decoded({ addresses: ["unix:///s", "unix:/t"] }).addresses, ["unix:/s", "unix:/t"])
  assert(equals(decoded({ addresses: ["h:1"] }), decoded("h:1")))
  assert(equals(decoded({ addresses: ["h:1", "i:1"] }), decoded({ addresses: ["H:1", "i:1"] })))
})

test("make rejects addresses when there is none, one is wrong or given twice, or the rest of them differs", () => {
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

test("make reads globalCluster, and finds it by the host if it is not given", () => {
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

test("make points to Embedded.connect when an address is a file path", () => {
  const paths = ["./demo.db", "demo.db", "/var/demo", "my demo.db", "~/x", "C:\\demo.db", "..\\demo", "h:1/db"]
  assertRefused(paths.flatMap((path) => [
    [path, "address", /Embedded\.connect\(path\)/],
    [{ uri: path }, "uri", /Embedded\.connect\(path\)/],
  ]))
  assertEquals(decoded({ host: "demo.db" }).host, "demo.db")
  assertEquals(decoded("demo.db:19530").host, "demo.db")
})

// ---- credentials and the database

test("make reads credentials and the database when they are in the URI, are parameters, or are both", () => {
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

test("make keeps a secret unchanged when it is an Effect", () => {
  const token = Effect.fail("never asked here")
  const config = decoded({ token, user: "u", password: token })
  assertEquals(config.token && Redacted.value(config.token) === token, true)
  assertEquals(config.password && Redacted.value(config.password) === token, true)
})

test("make rejects credentials and databases when they are invalid", () => {
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
