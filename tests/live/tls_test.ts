/**
 * TLS against Milvus 2.3.5, one-way and mutual: trusted certificates connect, by address and by name, and others are
 * refused with the exact kind of `NotReady`.
 */
import { Buffer } from "node:buffer"
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { Connection, type ConnectionConfig, type NotReadyKind } from "../../mod.ts"
import { connect, connections } from "../../src/promise.ts"
import { certificates } from "../support/certificates.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { type MilvusServer, rootCredentials, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { eventually, openSockets } from "../support/sockets.ts"
import { notReady } from "../support/notReady.ts"
import { assertServer, assertServes, standalone } from "./engines.ts"
import { test } from "../support/test.ts"

const oneWay = shared(() => startMilvus({ tls: "one-way" }))
const mutual = shared(() => startMilvus({ tls: "mutual", authorization: true }))
const plain = shared(startMilvusLite)

const { user, password } = rootCredentials

type Params = ConnectionConfig.ConnectParams
type TlsParams = ConnectionConfig.TlsParams

/** The ways to name the server of a test. The certificate is for localhost, 127.0.0.1 and ::1. */
const names: Record<string, (server: MilvusServer) => Params> = {
  "an IP address": ({ address }) => ({ address }),
  "a name": ({ port }) => ({ host: "localhost", port }),
  "a URI with an IP address": ({ port }) => ({ uri: `https://127.0.0.1:${port}` }),
  "a URI with a name": ({ port }) => ({ uri: `https://localhost:${port}` }),
}

for (const [name, params] of Object.entries(names)) {
  test(`TLS one-way connects by ${name}`, async () => {
    const { ca } = certificates()
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ ...params(oneWay()), tls: { ca } })
      yield* assertServes(connection, standalone)
      assertEquals(connection.config.secure, true)
      assertEquals(openSockets(oneWay().port), 1)
    }))
    await assertNothingOpen(oneWay())
  })

  test(`TLS mutual connects by ${name}, with credentials`, async () => {
    const { ca, client } = certificates()
    const tls = { ca, ...client }
    await run(Effect.gen(function* () {
      const connection = yield* Connection.connect({ ...params(mutual()), tls, user, password })
      yield* assertServes(connection, standalone)
    }))
    await assertNothingOpen(mutual())
  })
}

const accepted: Record<string, () => TlsParams> = {
  "PEM as bytes": () => ({ ca: Buffer.from(certificates().ca) }),
  "several authorities": () => ({ ca: certificates().otherCa + certificates().ca }),
  "the name in the certificate as serverName": () => ({ ca: certificates().ca, serverName: "localhost" }),
  "a client certificate that the server does not request": () => ({ ca: certificates().ca, ...certificates().client }),
  "verify false, and the wrong authority": () => ({ ca: certificates().otherCa, verify: false }),
  "verify false, and the wrong name": () => ({ serverName: "elsewhere.test", verify: false }),
}

for (const [name, tls] of Object.entries(accepted)) {
  test(`TLS one-way connects with ${name}`, async () => {
    for (const host of ["127.0.0.1", "localhost"]) {
      await run(Connection.connect({ host, port: oneWay().port, tls: tls() }))
    }
    await assertNothingOpen(oneWay())
  })
}

test("TLS one-way connects to an address that is not in the certificate, by a serverName that is", async () => {
  const { ca } = certificates()
  const { port } = oneWay()
  await run(Connection.connect({ host: "127.0.0.2", port, tls: { ca, serverName: "localhost" } }))
  await assertNothingOpen(oneWay())
  // `openSockets` only counts 127.0.0.1 and ::1. This is 127.0.0.2 as /proc writes it, in any state except TIME_WAIT.
  const socket = new RegExp(` 0200007F:${port.toString(16).toUpperCase().padStart(4, "0")} 0[1-5]`)
  await eventually(() => !socket.test(Deno.readTextFileSync("/proc/self/net/tcp")))
})

test("TLS connects with promises and by alias", async () => {
  const { ca, client } = certificates()
  {
    await using milvus = await connect({ address: oneWay().address, tls: { ca } })
    assertServer(milvus.server, standalone)
  }
  const milvus = await connections.connect({
    host: "localhost",
    port: mutual().port,
    tls: { ca, ...client },
    user,
    password,
  })
  assertServer(milvus.server, standalone)
  await connections.remove("default")
  await assertNothingOpen(oneWay())
  await assertNothingOpen(mutual())
})

interface Refusal {
  readonly server: () => MilvusServer
  readonly params: (server: MilvusServer) => Params
  readonly kind: NotReadyKind
  readonly reason: RegExp
}

const refused: Record<string, Refusal> = {
  "the authority is one that the system does not know": {
    server: oneWay,
    params: ({ address }) => ({ address, tls: true }),
    kind: "Tls",
    reason: /unable to verify the first certificate|self.signed certificate|unable to get local issuer/,
  },
  "the authority is another, by address": {
    server: oneWay,
    params: ({ address }) => ({ address, tls: { ca: certificates().otherCa } }),
    kind: "Tls",
    reason: /unable to verify the first certificate/,
  },
  "the authority is another, by name": {
    server: oneWay,
    params: ({ port }) => ({ host: "localhost", port, tls: { ca: certificates().otherCa } }),
    kind: "Tls",
    reason: /unable to verify the first certificate/,
  },
  "the certificate is for other addresses": {
    server: oneWay,
    params: ({ port }) => ({ host: "127.0.0.2", port, tls: { ca: certificates().ca } }),
    kind: "Tls",
    reason: /IP: 127\.0\.0\.2 is not in the cert's list/,
  },
  "the certificate is for other names": {
    server: oneWay,
    params: ({ address }) => ({ address, tls: { ca: certificates().ca, serverName: "elsewhere.test" } }),
    kind: "Tls",
    reason: /elsewhere\.test\. is not in the cert's altnames/,
  },
  "the port is a plain one, by address": {
    server: plain,
    params: ({ address }) => ({ address, tls: { ca: certificates().ca } }),
    kind: "Tls",
    reason: /InvalidContentType|wrong version number/,
  },
  "the port is a plain one, by name": {
    server: plain,
    params: ({ port }) => ({ uri: `https://localhost:${port}`, tls: { verify: false } }),
    kind: "Tls",
    reason: /InvalidContentType|wrong version number/,
  },
  "TLS is right and the credentials are not": {
    server: mutual,
    params: ({ address }) => ({
      address,
      tls: { ca: certificates().ca, ...certificates().client },
      user,
      password: "wrong",
    }),
    kind: "Unauthenticated",
    reason: /username and password/,
  },
}

for (const [when, { server, params, kind, reason }] of Object.entries(refused)) {
  test(`TLS is NotReady ${kind} at once, after 1 attempt, when ${when}`, async () => {
    const error = await notReady(params(server()))
    assertEquals([error.kind, error.attempts, error.isRetryable], [kind, 1, false])
    assertMatch(error.message, reason)
    assertLess(Duration.toMillis(error.elapsed), 2_000)
    await assertNothingOpen(server())
  })
}

for (const [name, identity] of [["none", undefined], ["that of a stranger", "stranger"]] as const) {
  test(`TLS mutual is NotReady Tls when the client's certificate is ${name}`, async () => {
    const { ca, [identity ?? "client"]: own } = certificates()
    const tls = identity === undefined ? { ca } : { ca, ...own }
    for (const host of ["127.0.0.1", "localhost"]) {
      const error = await notReady({ host, port: mutual().port, tls, user, password })
      assertEquals(error.kind, "Tls")
      // On a busy machine the alert may lose the race of the next test each time. Then only the hang-up is seen.
      assertMatch(error.message, /alert: (BadCertificate|CertificateRequired|UnknownCa)|EPIPE|ECONNRESET/i)
    }
    await assertNothingOpen(mutual())
  })

  // In TLS 1.3 the client is done before the server refuses its certificate. So the alert races the bytes of the
  // client.
  test(`TLS mutual is NotReady Tls at the first attempt when the client's certificate is ${name}`, async () => {
    const { ca, [identity ?? "client"]: own } = certificates()
    const tls = identity === undefined ? { ca } : { ca, ...own }
    const kinds: Array<NotReadyKind> = []
    for (let i = 0; i < 10; i++) {
      kinds.push((await notReady({ address: mutual().address, tls, user, password, retry: false })).kind)
    }
    assertEquals(kinds, Array(10).fill("Tls"))
    await assertNothingOpen(mutual())
  })
}

test("plain to a TLS port is NotReady Unreachable, because the server hangs up without an alert", async () => {
  for (const server of [oneWay(), mutual()]) {
    const error = await notReady({ address: server.address, connectTimeout: "500 millis" })
    assertEquals(error.kind, "Unreachable")
    assert(error.attempts > 1)
    await assertNothingOpen(server)
  }
})

test("connections with other TLS parameters neither share nor affect a channel", async () => {
  const { ca, otherCa } = certificates()
  const { address } = oneWay()
  await run(Effect.gen(function* () {
    const kept = yield* Connection.connect({ address, tls: { ca } })
    yield* Connection.connect({ address, tls: { ca, ...certificates().client } })
    assertEquals(openSockets(oneWay().port), 2)
    yield* Effect.promise(() => notReady({ address, tls: { ca: otherCa } }))
    yield* Effect.promise(() => notReady({ address, retry: false }))
    yield* Connection.connect({ address, tls: { ca } })
    assertEquals(openSockets(oneWay().port), 2)
    yield* assertServes(kept, standalone)
  }))
  await assertNothingOpen(oneWay())
})
