/** Parameters of a connection: handler, pool, times, retries, TLS and the others. */
import { generateKeyPairSync } from "node:crypto"
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import { NotImplemented, ParamError } from "../src/errors.ts"
import { certificates } from "./support/certificates.ts"
import { assertRefused, decoded, inspect, refused } from "./support/connectParams.ts"
import { test } from "./support/test.ts"

// ---- the rest of the parameters

test("make fails with NotImplemented when the handler is not GRPC", () => {
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

test("make names the first failure when several parameters are wrong: handler, address, pool, the rest", () => {
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

test("make accepts pools when they are supported, and their sizes when they are in range", () => {
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

test("make accepts the maximum age of channels when the pool is a QueuePool", () => {
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

test("make rejects a parameter when it is unknown, at every depth", () => {
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

test("make rejects parameters when they are not a plain object", () => {
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

test("make reads each getter once, and keeps the error of a getter as the cause", () => {
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

test("make reads a duration when it is any form of Duration.Input", () => {
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

test("make rejects a duration when it is invalid, not positive, infinite, or longer than a timer can hold", () => {
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

test("make rejects keepAlive when it pings more often than every 5 s", () => {
  assertEquals(decoded({ keepAlive: { time: "5 seconds" } }).keepAlive.time, Duration.seconds(5))
  assertEquals(decoded({ keepAlive: { timeout: 1, whenIdle: false } }).keepAlive.whenIdle, false)
  assertRefused([
    [{ keepAlive: { time: 4_999 } }, "keepAlive.time", /between 5s and 24 days/],
    [{ keepAlive: { whenIdle: 1 } }, "keepAlive.whenIdle", /true or false/],
    [{ keepAlive: { whenIdle: null } }, "keepAlive.whenIdle", /true or false/],
  ])
})

test("make reads retry, readiness and maxMessageSize when they are valid", () => {
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

test("make reads tls when its PEM is text, bytes or Redacted", () => {
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

test("make rejects tls when its parts do not parse, do not match, or contradict the address", () => {
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

// ---- properties

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}
