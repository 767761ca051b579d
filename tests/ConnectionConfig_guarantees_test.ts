/** Parameters of a connection: guarantees, and properties of generated parameters. */
import { assert, assertEquals, assertLess, assertNotMatch, assertStringIncludes, fail } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { equals } from "../src/ConnectionConfig.ts"
import { NotImplemented, ParamError } from "../src/errors.ts"
import { certificates } from "./support/certificates.ts"
import { decoded, exitOf, inspect, refused } from "./support/connectParams.ts"
import { test } from "./support/test.ts"

// ---- guarantees

test("make keeps secrets out of the config when it is printed in any way", () => {
  const { certificate, key } = certificates().client
  const rotated = Effect.succeed(`${secret}-4`)
  const configs = [
    decoded({ user: "u", password: `${secret}-1`, token: Redacted.make(`${secret}-2`), tls: { certificate, key } }),
    decoded(`https://u:${secret}-3@h`),
    decoded({ user: "u", password: rotated, token: rotated }),
  ]
  configs.forEach((config) => assertSilent([config, config.password, config.token, config.tls?.key]))
})

test("make keeps secrets out of its errors when any parameter is wrong", () => {
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

test("make opens nothing and needs no permission", () => {
  assertEquals(decoded("https://u:p@h/d").address, "h:443")
}, { permissions: "none" })

test("make returns quickly when a parameter is very long", () => {
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

test("equals returns false when any part of two configs differs", () => {
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

test("make gives a config, NotImplemented or ParamError when any parameter throws or imitates another type", () => {
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

test("make gives a config, NotImplemented or ParamError for any input", async () => {
  await holds(oneOf<unknown>(anything, anyParams), assertAnswers, 2_000)
})

test("make gives a config that decodes to itself when it is written back as parameters", async () => {
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

test("make is deterministic, and equals is an equivalence", async () => {
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

test("make decodes the percent-encoded parts of a URI", async () => {
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
