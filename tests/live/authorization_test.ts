/**
 * Credentials and databases against Milvus 2.3.5 with authorization: which are accepted, which errors the others cause,
 * how a connection reacts when they change, and that they are never used by another connection.
 */
import { Buffer } from "node:buffer"
import { assert, assertEquals, assertMatch } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { type CallError, Connection, type ConnectionConfig } from "../../mod.ts"
import { run } from "../support/effects.ts"
import { assertNothingOpen } from "../support/leaks.ts"
import { rootCredentials, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"
import { openSockets, until } from "../support/sockets.ts"
import { notReady } from "../support/notReady.ts"
import { assertServes, standalone } from "./engines.ts"
import { test } from "../support/test.ts"

const milvus = shared(() => startMilvus({ authorization: true }))
const open = shared(startMilvusLite)

const { user, password } = rootCredentials
const root = `${user}:${password}`

type Credentials = Pick<ConnectionConfig.ConnectParams, "user" | "password" | "token">

const connect = (credentials: Credentials) => Connection.connect({ address: milvus().address, ...credentials })

/** Creates a user, and deletes it when the scope closes. */
const withUser = (username: string, password: string): Effect.Effect<Connection.Connection, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const asRoot = yield* connect({ token: root })
    yield* Effect.acquireRelease(
      asRoot.call("CreateCredential", { username, password: base64(password) }),
      () => Effect.ignore(asRoot.call("DeleteCredential", { username })),
    )
    return asRoot
  })

/** Encodes a password as Milvus expects it in requests. */
const base64 = (text: string): string => Buffer.from(text).toString("base64")

const code = (error: CallError): string => error._tag === "RpcError" ? error.code : error.message

const rightOnes: Record<string, Credentials> = {
  "user and password": { user, password },
  "user and a Redacted password": { user, password: Redacted.make(password) },
  "user and an Effect of a password": { user, password: Effect.succeed(password) },
  "a token": { token: root },
  "a Redacted token": { token: Redacted.make(root) },
  "an Effect of a token": { token: Effect.succeed(root) },
  "an Effect of a Redacted token": { token: Effect.sync(() => Redacted.make(root)) },
  "a token, which wins over a wrong password": { user, password: "wrong", token: root },
}

for (const [name, credentials] of Object.entries(rightOnes)) {
  test(`connect succeeds with ${name}`, async () => {
    await run(Effect.gen(function* () {
      const connection = yield* connect(credentials)
      yield* assertServes(connection, standalone)
      assertEquals((yield* connection.call("ListCredUsers", {})).usernames, ["root"])
    }))
    await assertNothingOpen(milvus())
  })
}

test("connect succeeds with percent-encoded user and password in the URI", async () => {
  const { host, port } = milvus()
  const strange = "pässword: 100% @/?#"
  await run(Effect.gen(function* () {
    const plain = yield* Connection.connect(`http://${root}@${host}:${port}`)
    yield* assertServes(plain, standalone)
    assertEquals(plain.config.user, "root")
    yield* withUser("strange", strange)
    const encoded = yield* Connection.connect({ uri: `http://strange:${encodeURIComponent(strange)}@${host}:${port}` })
    assertEquals((yield* encoded.call("GetVersion", {})).version, standalone.server.version)
  }))
  await assertNothingOpen(milvus())
})

const wrongOnes: Record<string, readonly [Credentials, RegExp]> = {
  "no credentials": [{}, /missing authorization in header/],
  "empty credentials": [{ user: "", password: "", token: "" }, /missing authorization in header/],
  "a wrong password": [{ user, password: "Milvus2" }, /username and password are correct/],
  "an unknown user": [{ user: "nobody", password }, /username and password are correct/],
  "a user without a password": [{ user }, /missing authorization in header/],
  "a wrong token": [{ token: "root:Milvus2" }, /username and password are correct/],
  "an unknown API key": [{ token: "key" }, /api key is correct/],
  "an Effect of a wrong token": [{ token: Effect.succeed("root:no") }, /username and password are correct/],
  "an Effect that fails": [{ token: Effect.fail(new Error("sealed")) }, /the Effect that gives the credential failed/],
}

for (const [name, [credentials, reason]] of Object.entries(wrongOnes)) {
  test(`connect is NotReady Unauthenticated at once, after 1 attempt, with ${name}`, async () => {
    const error = await notReady({ address: milvus().address, ...credentials })
    assertEquals([error.kind, error.attempts, error.isRetryable], ["Unauthenticated", 1, false])
    assertMatch(error.message, reason)
    await assertNothingOpen(milvus())
  })
}

test("a user without privileges becomes ready, and calls fail that need a privilege", async () => {
  await run(Effect.gen(function* () {
    yield* withUser("guest", "guest-password")
    const guest = yield* connect({ user: "guest", password: "guest-password" })
    assertEquals(yield* guest.state, "Ready")
    assertEquals((yield* guest.call("GetVersion", {})).version, standalone.server.version)
    // Milvus 2.3.5 reports its health to every user.
    assertEquals((yield* guest.call("CheckHealth", {})).isHealthy, true)
    for (const method of ["ListCredUsers", "CreateCollection", "DropCollection"] as const) {
      const denied = yield* Effect.flip(guest.call(method, {}))
      assert(denied._tag === "RpcError")
      assertEquals([denied.code, denied.progress, denied.isRetryable], ["PERMISSION_DENIED", "Answered", false])
    }
    assertEquals(yield* guest.state, "Ready")
  }))
  await assertNothingOpen(milvus())
})

test("a rotating token Effect keeps a connection working after a change of the password", async () => {
  const username = "rotating"
  const [before, after] = ["first-password", "second-password"]
  await run(Effect.gen(function* () {
    const asRoot = yield* withUser(username, before)
    let current = before
    const rotating = yield* connect({ token: Effect.sync(() => Redacted.make(`${username}:${current}`)) })
    const fixed = yield* connect({ user: username, password: before })
    yield* rotating.call("GetVersion", {})

    const change = { username, oldPassword: base64(before), newPassword: base64(after) }
    yield* asRoot.call("UpdateCredential", change)
    assertEquals(code(yield* Effect.flip(rotating.call("GetVersion", {}))), "UNAUTHENTICATED")
    current = after
    assertEquals((yield* rotating.call("GetVersion", {})).version, standalone.server.version)
    assertEquals(code(yield* Effect.flip(fixed.call("GetVersion", {}))), "UNAUTHENTICATED")

    // Refused credentials are an answer: the session that all three share stays the same.
    for (const connection of [asRoot, rotating, fixed]) assertEquals(yield* connection.state, "Ready")
    assertEquals(openSockets(milvus().port), 1)
    yield* connect({ user: username, password: after })
  }))
  await assertNothingOpen(milvus())
})

test("the credentials of one connection never affect another connection over the same transport", async () => {
  const { address } = milvus()
  await run(Effect.gen(function* () {
    const asRoot = yield* connect({ token: root })
    const refusals = yield* Effect.promise(() =>
      Promise.all([{}, { token: "root:no" }, { token: "key" }].map((wrong) => notReady({ address, ...wrong })))
    )
    assertEquals(refusals.map(({ kind, attempts }) => [kind, attempts]), Array(3).fill(["Unauthenticated", 1]))
    yield* assertServes(asRoot, standalone)

    // Two users call over one channel at the same time, and each has only its own privileges.
    yield* withUser("second", "second-password")
    const second = yield* connect({ user: "second", password: "second-password" })
    const outcomes = yield* Effect.forEach(
      Array.from({ length: 40 }, (_, i) => i % 2 === 0 ? asRoot : second),
      (connection) =>
        Effect.match(connection.call("ListCredUsers", {}), {
          onSuccess: ({ usernames }) => usernames.toSorted().join(),
          onFailure: code,
        }),
      { concurrency: "unbounded" },
    )
    assertEquals(outcomes, Array.from({ length: 40 }, (_, i) => i % 2 === 0 ? "root,second" : "PERMISSION_DENIED"))
    assertEquals(openSockets(milvus().port), 1)
  }))
  await assertNothingOpen(milvus())
})

test("a deleted user is refused from then on, and other users are not", async () => {
  await run(Effect.gen(function* () {
    const asRoot = yield* withUser("leaving", "leaving-password")
    const leaving = yield* connect({ token: "leaving:leaving-password" })
    yield* asRoot.call("DeleteCredential", { username: "leaving" })
    // Milvus informs its proxy a moment after the reply.
    yield* until(async () =>
      assertEquals(code(await Effect.runPromise(Effect.flip(leaving.call("GetVersion", {})))), "UNAUTHENTICATED")
    )
    yield* assertServes(asRoot, standalone)
  }))
  assertEquals(
    (await notReady({ address: milvus().address, token: "leaving:leaving-password" })).kind,
    "Unauthenticated",
  )
  await assertNothingOpen(milvus())
})

test("an unknown database is NotReady Rejected at once by Milvus 2.3.5, and a known one connects", async () => {
  const { address, host, port } = milvus()
  for (
    const params of [{ address, token: root, database: "nowhere" }, { uri: `http://${root}@${host}:${port}/nowhere` }]
  ) {
    const error = await notReady(params)
    assertEquals([error.kind, error.attempts, error.isRetryable], ["Rejected", 1, false])
    assertMatch(error.message, /database not found/)
  }
  await run(Effect.gen(function* () {
    const asRoot = yield* connect({ token: root })
    yield* Effect.acquireRelease(
      asRoot.call("CreateDatabase", { db_name: "books" }),
      () => Effect.ignore(asRoot.call("DropDatabase", { db_name: "books" })),
    )
    const inBooks = yield* Connection.connect({ address, token: root, database: "books" })
    assertEquals(inBooks.config.database, "books")
    assertEquals((yield* inBooks.call("ShowCollections", {})).collection_names, [])
  }))
  await assertNothingOpen(milvus())
})

test("an unknown database connects to milvus-lite, which refuses each call that needs it", async () => {
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: open().address, database: "nowhere" })
    assertEquals(yield* connection.state, "Ready")
    const error = yield* Effect.flip(connection.call("ShowCollections", {}))
    assert(error._tag === "ServerError")
    assertMatch(error.reason, /database 'nowhere' does not exist/)
  }))
  await assertNothingOpen(open())
})

test("credentials do no harm if the server requires none", async () => {
  await run(Connection.connect({ address: open().address, token: root }))
  await assertNothingOpen(open())
})
