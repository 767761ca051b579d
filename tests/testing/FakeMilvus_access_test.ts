/**
 * Users, roles, privileges, resource groups and replicas by the operations of the library, and the credentials of calls: a
 * FakeMilvus and Milvus 2.3.5 answer alike. Then what only a FakeMilvus can do: several query nodes, and later versions.
 */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import { Collection, Connection, Database, Privilege, Replica, ResourceGroup, Role, User, Vectors } from "../../mod.ts"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { simple } from "../operations/support.ts"
import { run } from "../support/effects.ts"
import { rootCredentials, shared, startMilvus } from "../support/milvus.ts"
import { effectTest, test } from "../support/test.ts"
import { loadService, type Outcome, Server } from "./refusals/server.ts"

const milvus = shared(() => startMilvus({ authorization: true }))

/** The options of a FakeMilvus that is like the Milvus of this file. */
const alike: FakeMilvus.Options = { version: "v2.3.5", authorization: true }

/** What a program sees of a server, in order. */
type Seen = ReadonlyArray<unknown>

/** Runs a program as root on both servers, and asserts that it sees the same. Returns what it saw. */
const sameOnBoth = (program: (address: string) => Effect.Effect<Seen, unknown, Connection.Connection>) =>
  run(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make(alike)
    const see = (address: string) => Effect.provide(program(address), Connection.layer({ address, ...rootCredentials }))
    const real = yield* see(milvus().address)
    assertEquals(yield* see(fake.address), real)
    return real
  }))

/** The value, or the kind of the error with its code. */
const outcomeOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.match(effect, {
    onSuccess: (value): unknown => value ?? "done",
    onFailure: (error): unknown => "code" in error ? `${error._tag} ${error.code}` : error._tag,
  })

/** Whether a user can connect. */
const connecting = (address: string, user: string, password: string) =>
  Effect.scoped(Effect.match(Connection.connect({ address, user, password }), {
    onSuccess: () => "connected",
    onFailure: (error) => error._tag === "NotReady" ? error.kind : error._tag,
  }))

test("users, passwords and roles are those of Milvus 2.3.5, by the operations of the library", async () => {
  const seen = await sameOnBoth((address) =>
    Effect.gen(function* () {
      const log: Array<unknown> = []
      const look = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.map(outcomeOf(effect), (it) => void log.push(it))
      yield* look(User.list())
      yield* look(Role.list())
      yield* look(User.create("ann", Redacted.make("first pässword")))
      yield* look(User.create("ann", "another one"))
      yield* look(User.create("bob", "short"))
      yield* look(User.create("9lives", "long enough"))
      yield* look(User.describe("ann"))
      yield* look(User.describe("nobody"))
      yield* look(User.drop("root"))
      yield* look(User.drop("nobody"))
      yield* look(Role.create("reader"))
      yield* look(Role.create("reader"))
      yield* look(Role.drop("public"))
      yield* look(Role.grantTo("reader", "ann"))
      yield* look(Role.grantTo("admin", "ann"))
      yield* look(Role.grantTo("reader", "nobody"))
      yield* look(Role.grantTo("nothing", "ann"))
      yield* look(User.describe("ann"))
      yield* look(User.listDetails())
      yield* look(Role.describe("reader"))
      yield* look(Role.describe("nothing"))
      yield* look(Role.listDetails())
      yield* look(connecting(address, "ann", "first pässword"))
      yield* look(User.updatePassword("ann", "wrong one", "second one"))
      yield* look(User.updatePassword("ann", "first pässword", "second one"))
      yield* look(connecting(address, "ann", "first pässword"))
      yield* look(connecting(address, "ann", "second one"))
      yield* look(Role.drop("reader"))
      yield* look(User.describe("ann"))
      yield* look(User.drop("ann"))
      // Milvus informs its proxy a moment after the reply.
      yield* look(Effect.repeat(connecting(address, "ann", "second one"), {
        until: (it) => it !== "connected",
        schedule: Schedule.spaced("20 millis"),
      }))
      yield* look(User.create("ann", "third one"))
      yield* look(User.describe("ann"))
      yield* look(Role.describe("admin"))
      yield* look(connecting(address, "ann", "third one"))
      yield* look(User.drop("ann"))
      yield* look(User.list())
      return log
    })
  )
  for (const expected of ["Unauthenticated", "connected", "ServerError 1401", "ServerError 65535"]) {
    assert(seen.includes(expected), expected)
  }
})

test("grants are those of Milvus 2.3.5, by the operations of the library", async () => {
  const seen = await sameOnBoth(() =>
    Effect.gen(function* () {
      const log: Array<unknown> = []
      const look = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.map(outcomeOf(effect), (it) => void log.push(it))
      const books = { type: "Collection", name: "books" } as const
      const all = { type: "Collection", name: "*" } as const
      yield* Database.create("sales")
      yield* Role.create("clerk")
      yield* Role.create("other")
      yield* look(Privilege.list("clerk"))
      yield* look(Privilege.list("public"))
      yield* look(Privilege.list("admin"))
      yield* look(Privilege.list("nobody"))
      for (const privilege of ["Query", "Insert", "*", "Nothing", "CreateCollection"]) {
        yield* look(Privilege.grantV1("clerk", privilege, books))
        yield* look(Privilege.grantV1("clerk", privilege, { type: "Global", name: "*" }))
      }
      yield* look(Privilege.grantV1("clerk", "Query", books))
      yield* look(Privilege.grantV1("clerk", "Search", all))
      yield* look(Privilege.grantV1("clerk", "SelectUser", { type: "User", name: "root" }))
      yield* look(Database.withDatabase("sales")(Privilege.grantV1("clerk", "Search", all)))
      yield* look(Privilege.grantV1("clerk", "Delete", { ...books, database: "sales" }))
      yield* look(Privilege.grantV1("clerk", "Flush", { ...books, database: "nowhere" }))
      yield* look(Privilege.grantV1("other", "Load", books))
      yield* look(Privilege.list("clerk"))
      yield* look(Privilege.list("clerk", { database: "sales" }))
      yield* look(Privilege.list("clerk", { database: "nowhere" }))
      yield* look(Privilege.list("clerk", { object: books }))
      yield* look(Privilege.list("clerk", { object: all }))
      yield* look(Privilege.list("clerk", { object: { type: "Global", name: "*" } }))
      yield* look(Privilege.list("other"))
      yield* look(Role.drop("clerk"))
      yield* look(Privilege.revokeV1("clerk", "Release", books))
      for (const database of ["default", "sales", "nowhere"]) {
        for (const { privilege, objectType, object } of yield* Privilege.list("clerk", { database })) {
          // Cast: the types of objects that were granted.
          const type = objectType as "Collection"
          yield* look(Privilege.revokeV1("clerk", privilege, { type, name: object, database }))
        }
        yield* look(Privilege.list("clerk", { database }))
      }
      yield* look(Role.drop("clerk"))
      yield* look(Privilege.list("other"))
      yield* Privilege.revokeV1("other", "Load", books)
      yield* Role.drop("other")
      yield* Database.drop("sales")
      return log
    })
  )
  assert(JSON.stringify(seen).includes(`"grantor":"root"`))
})

/** The description of replicas without what differs from server to server. */
const replicasOf = (collection: string) =>
  Effect.gen(function* () {
    const { id } = yield* Collection.describe(collection)
    // Milvus may not know the channels yet when it reports that the collection is loaded.
    const found = yield* Effect.retry(Replica.describe(collection), {
      while: (error) => error._tag === "ServerError" && error.reason.startsWith("failed to get channels"),
      schedule: Schedule.spaced("20 millis"),
    })
    return found.map(({ collectionId, id: own, shards, ...replica }) => ({
      ...replica,
      isOwn: collectionId === id && own > 0n,
      shards: shards.map(({ leader, nodes }) => ({ leader, nodes })),
    }))
  })

const initial = "__default_resource_group"

test("nodes and replicas are transferred as by Milvus 2.3.5, by the operations of the library", async () => {
  const seen = await sameOnBoth(() =>
    Effect.gen(function* () {
      const log: Array<unknown> = []
      const look = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
        Effect.map(outcomeOf(effect), (it) => void log.push(it))
      const groups = Effect.forEach([initial, "left", "right"], (name) => outcomeOf(ResourceGroup.describe(name)))
      const moveNode = (from: string, to: string) => ResourceGroup.transferNodes({ from, to, nodes: 1 })
      const moveReplica = (from: string, to: string) => Replica.transfer("placed", { from, to, replicas: 1 })
      const definition = simple("placed")
      yield* Collection.create(definition, { load: false })
      yield* look(Effect.map(ResourceGroup.list(), (names) => names.toSorted()))
      yield* look(ResourceGroup.drop(initial))
      yield* look(ResourceGroup.create("left"))
      yield* look(ResourceGroup.create("left"))
      yield* look(ResourceGroup.create("right"))
      yield* look(Effect.map(ResourceGroup.list(), (names) => names.toSorted()))
      yield* look(groups)
      yield* look(Replica.describe("placed"))
      yield* look(Replica.describe("nowhere"))
      yield* look(Collection.load("placed", { resourceGroups: ["left"] }))
      yield* look(Collection.load("placed", { replicas: 2 }))
      yield* look(Collection.load("placed"))
      yield* look(groups)
      yield* look(replicasOf("placed"))
      yield* look(ResourceGroup.drop(initial))
      yield* look(moveNode(initial, initial))
      yield* look(moveReplica(initial, "left"))
      yield* look(moveNode(initial, "left"))
      yield* look(groups)
      yield* look(replicasOf("placed"))
      yield* look(ResourceGroup.drop("left"))
      yield* look(moveNode(initial, "left"))
      yield* look(moveReplica(initial, "left"))
      yield* look(groups)
      yield* look(replicasOf("placed"))
      yield* look(moveReplica("left", initial))
      yield* look(moveNode("left", "right"))
      yield* look(groups)
      yield* look(replicasOf("placed"))
      yield* look(moveReplica("left", "right"))
      yield* look(groups)
      yield* look(ResourceGroup.drop("right"))
      yield* look(Collection.release("placed"))
      yield* look(replicasOf("placed"))
      yield* look(ResourceGroup.drop("right"))
      yield* look(Collection.load("placed"))
      yield* look(Collection.load("placed", { resourceGroups: ["right"] }))
      yield* look(replicasOf("placed"))
      // Milvus releases a dropped collection a moment after the reply.
      yield* look(Collection.release("placed"))
      yield* look(Collection.drop("placed"))
      yield* look(moveNode("right", initial))
      yield* look(ResourceGroup.drop("right"))
      yield* look(ResourceGroup.drop("left"))
      yield* look(groups)
      return log
    })
  )
  assert(
    JSON.stringify(seen, (_, value) => typeof value === "bigint" ? `${value}` : value).includes(
      `"outgoingNodes":{"placed":1}`,
    ),
  )
})

test("credentials are checked as by Milvus 2.3.5, with its words, before anything else", async () => {
  const tokens = ["root:Milvus", "root:wrong", "nobody:Milvus", "root:Milvus:x", ":", "root", ""].map((it) => btoa(it))
  const sent = [...tokens, "!!!", `Basic ${btoa("root:Milvus")}`, "cm9vdDpNaWx2dXM"]
  const service = await loadService()
  const outcomes = async (address: string) => {
    using server = new Server(address, service)
    const all: Array<readonly [string, Outcome["code"], string]> = []
    await server.reply("CreateCredential", { username: "eve", password: btoa("a:b:c:d") }, {
      authorization: btoa("root:Milvus"),
    })
    for (const authorization of [undefined, ...sent, btoa("eve:a:b:c:d"), btoa("eve:a:b")]) {
      for (const method of ["Connect", "GetVersion", "DescribeCollection"] as const) {
        const { code, reason, kind } = await server.reply(
          method,
          { collection_name: "nowhere" },
          authorization === undefined ? {} : { authorization },
        )
        all.push([`${method} ${authorization} ${kind}`, code, kind === "rpc" ? reason : ""])
      }
    }
    return all
  }
  const real = await outcomes(milvus().address)
  assertEquals(new Set(real.map(([, code]) => code)), new Set([16, 0, 100]))
  await run(Effect.gen(function* () {
    const { address } = yield* FakeMilvus.make(alike)
    assertEquals(yield* Effect.promise(() => outcomes(address)), real)
  }))
})

// ---- What only a FakeMilvus does

effectTest(
  "a connection is no longer served when its password changes, whatever handler the RPC has",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.FakeMilvus
    yield* fake.handle("ShowCollections", () => Effect.succeed({ collection_names: ["books"] }))
    yield* User.create("ann", "first one")
    const ann = yield* Connection.connect({ address: fake.address, user: "ann", password: "first one" })
    const names = Effect.map(ann.call("ShowCollections", {}), ({ collection_names }) => collection_names)
    assertEquals(yield* names, ["books"])
    yield* User.updatePassword("ann", "first one", "second one")
    assertEquals(yield* outcomeOf(names), "RpcError UNAUTHENTICATED")
    yield* User.drop("ann")
    assertEquals(yield* connecting(fake.address, "ann", "second one"), "Unauthenticated")
    assertEquals(yield* Collection.list(), ["books"])
  }).pipe(Effect.provide(FakeMilvus.layerConnected({ authorization: true }, rootCredentials))),
)

effectTest(
  "without authorization, calls need no credentials, and wrong ones are not noticed",
  Effect.gen(function* () {
    const { address } = yield* FakeMilvus.make()
    assertEquals(yield* connecting(address, "root", "wrong"), "connected")
    assertEquals(yield* Effect.provide(User.list(), Connection.layer(address)), ["root"])
  }),
)

effectTest(
  "replicas share the query nodes of their group, and keep the last one until they are transferred",
  Effect.gen(function* () {
    const nodes = Effect.map(
      Replica.describe("books"),
      (replicas) => replicas.map((it) => [it.resourceGroup, it.nodes, it.outboundNodes]),
    )
    const definition = simple("books")
    yield* Collection.create(definition, { load: false })
    assertEquals(yield* outcomeOf(Collection.load("books", { replicas: 5 })), "ServerError 65535")
    yield* Collection.load("books", { replicas: 2 })
    assertEquals(yield* nodes, [[initial, [1n, 3n], {}], [initial, [2n, 4n], {}]])
    yield* ResourceGroup.create("batch")
    yield* ResourceGroup.transferNodes({ from: initial, to: "batch", nodes: 2 })
    assertEquals(yield* nodes, [[initial, [3n], {}], [initial, [4n], {}]])
    yield* Replica.transfer("books", { from: initial, to: "batch", replicas: 1 })
    assertEquals(yield* nodes, [["batch", [1n, 2n], {}], [initial, [3n, 4n], {}]])
    yield* ResourceGroup.create("spare")
    yield* ResourceGroup.transferNodes({ from: "batch", to: "spare", nodes: 2 })
    assertEquals(yield* nodes, [["batch", [1n, 2n], { spare: 2 }], [initial, [3n, 4n], {}]])
    yield* Collection.release("books")
    yield* Collection.load("books", { replicas: 2, resourceGroups: ["spare"] })
    assertEquals(yield* nodes, [["spare", [1n], {}], ["spare", [2n], {}]])
    const [first] = yield* Replica.describe("books")
    assertEquals(first?.shards.map((shard) => shard.nodes), [[]])
    yield* Vectors.insert(definition, [{ id: 1n, v: [1, 2] }])
    const [filled] = yield* Replica.describe("books")
    assertEquals(filled?.shards.map((shard) => shard.nodes), [[1n]])
  }).pipe(Effect.provide(FakeMilvus.layerConnected({ queryNodes: 4 }))),
)

effectTest(
  "a later version drops a role by force, with its grants; what it knows only in part is refused",
  Effect.gen(function* () {
    yield* Role.create("reader")
    yield* Privilege.grantV1("reader", "Query", { type: "Collection", name: "books" })
    assertEquals(yield* outcomeOf(Role.drop("reader")), "ServerError 65535")
    yield* Role.drop("reader", { force: true })
    yield* Role.create("reader")
    assertEquals(yield* Privilege.list("reader"), [])
    assertEquals(yield* outcomeOf(Role.create("writer", { description: "writes" })), "ServerError 1100")
    assertEquals(yield* outcomeOf(User.create("ann", "long enough", { description: "Ann" })), "ServerError 1100")
    assertEquals(yield* outcomeOf(ResourceGroup.create("batch", { requests: 1, limits: 1 })), "ServerError 1100")
    assertEquals(yield* Role.list(), ["admin", "public", "reader"])
    assertEquals(yield* ResourceGroup.list(), [initial])
  }).pipe(Effect.provide(FakeMilvus.layerConnected({ version: "v2.6.20" }, rootCredentials))),
)

effectTest(
  "there are at most 1024 resource groups, as in Milvus 2.3.5",
  Effect.gen(function* () {
    const names = Array.from({ length: 1023 }, (_, at) => `g${at}`)
    yield* Effect.forEach(names, (name) => ResourceGroup.create(name), { concurrency: 100, discard: true })
    assertEquals(yield* outcomeOf(ResourceGroup.create("more")), "ServerError 65535")
    assertEquals((yield* ResourceGroup.list()).length, 1024)
  }).pipe(Effect.provide(FakeMilvus.layerConnected())),
)
