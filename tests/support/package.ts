/** For the tests of the package: programs that use it as its users do, folders for them, and a server. */
import { fileURLToPath } from "node:url"
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import config from "../../deno.json" with { type: "json" }
import { FakeMilvus } from "../../src/testing/mod.ts"
import { startServer, success } from "./server.ts"

/** The root of the project, with a slash at the end. */
export const root = fileURLToPath(new URL("../..", import.meta.url))

/** Outcome of a program. */
export interface Outcome {
  readonly code: number
  /** Output of both streams, standard error last. */
  readonly text: string
}

/** Runs a program, and kills it after 90 s. */
export async function execute(
  command: string,
  args: ReadonlyArray<string>,
  options: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<Outcome> {
  const child = new Deno.Command(command, {
    ...options,
    args: [...args],
    env: { NO_COLOR: "1", DENO_NO_PROMPT: "1", DENO_NO_UPDATE_CHECK: "1", ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const timer = setTimeout(() => child.kill("SIGKILL"), 90_000)
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer))
  return { code, text: (new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)).trim() }
}

/** Runs a program and returns its output. Fails if the program does. */
export async function succeed(...args: Parameters<typeof execute>): Promise<string> {
  const { code, text } = await execute(...args)
  assertEquals(code, 0, `${args[0]} ${args[1].join(" ")}\n${text}`)
  return text
}

/** Makes a temporary folder, which disposing removes. */
export async function makeFolder(
  files: Readonly<Record<string, string>> = {},
): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "effect-milvus-" })
  await writeFiles(path, files)
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) }
}

export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text)
}

/** Starts a server for the programs below. */
export const serve = () =>
  startServer({ handlers: { DescribeCollection: () => ({ status: success, collectionID: "9007199254740993" }) } })

/** Programs that connect, call and close, with Effect and with promises. They are JavaScript that runs on Node 20. */
export const clients = (address: string): Readonly<Record<string, string>> => ({
  "effect.mjs": `
    import * as Effect from "effect/Effect"
    import { Connection } from "@effect-milvus/client"
    const program = Effect.gen(function* () {
      const connection = yield* Connection.connect({ address: ${JSON.stringify(address)}, retry: false })
      const { collectionID } = yield* connection.call("DescribeCollection", { collection_name: "books" })
      return [connection.server.version, collectionID].join(" ")
    })
    console.log(await Effect.runPromise(Effect.scoped(program)))`,
  "promise.mjs": `
    import { connect } from "@effect-milvus/client/promise"
    const milvus = await connect({ address: ${JSON.stringify(address)}, retry: false })
    const { collectionID } = await milvus.call("DescribeCollection", { collection_name: "books" })
    await milvus.close()
    console.log([milvus.server.version, collectionID].join(" "))`,
})
/** Output of each of {@linkcode clients}. */
export const clientsOutput = "v2.6.2 9007199254740993"

/** Starts a server that keeps rows, for {@linkcode searchers}. */
export async function serveFake(): Promise<AsyncDisposable & { readonly address: string }> {
  const scope = Scope.makeUnsafe()
  const { address } = await Effect.runPromise(Scope.provide(FakeMilvus.make(), scope))
  return { address, [Symbol.asyncDispose]: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
}

/** Output of each of {@linkcode searchers}. */
export const searchersOutput = "2 4 book 2"

/**
 * Programs that create a collection, insert and search, with Effect and with promises, and that insert much. A bundler
 * may wrap them.
 */
export const searchers = (address: string): Readonly<Record<string, string>> => ({
  "effect.mjs": `
    import * as Effect from "effect/Effect"
    import { Collection, Connection, Field, filter, Index, Vectors } from "@effect-milvus/client"
    const Books = Collection.define("books", {
      id: Field.int64({ primaryKey: true }),
      title: Field.varChar({ maxLength: 20 }),
      vector: Field.floatVector({ dimension: 2 }),
    }, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
    const program = Effect.gen(function* () {
      yield* Collection.create(Books)
      yield* Vectors.insert(Books, [1, 2, 3].map((id) => ({ id, title: "book " + id, vector: [id, 0] })))
      const query = filter\`id > \${1}\`
      const found = yield* Vectors.search(Books, [[0, 0]], { limit: 1, filter: query, outputFields: ["title"] })
      for (const { id, score, row } of found.hits()) console.log(String(id), score, row.title)
    })
    Effect.runPromise(Effect.provide(program, Connection.layer(${JSON.stringify(address)})))`,
  "promise.mjs": `
    import { Collection, Field, Index } from "@effect-milvus/client"
    import { connect } from "@effect-milvus/client/promise"
    const Books = Collection.define("promised", {
      id: Field.int64({ primaryKey: true }),
      title: Field.varChar({ maxLength: 20 }),
      vector: Field.floatVector({ dimension: 2 }),
    }, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
    const program = async () => {
      const milvus = await connect(${JSON.stringify(address)})
      await milvus.collection.create(Books)
      await milvus.vectors.insert(Books, [1, 2, 3].map((id) => ({ id, title: "book " + id, vector: [id, 0] })))
      const options = { limit: 1, filter: "id > 1", outputFields: ["title"] }
      const found = await milvus.vectors.search(Books, [[0, 0]], options)
      for (const { id, score, row } of found.hits()) console.log(String(id), score, row.title)
      await milvus.close()
    }
    program()`,
  "large.mjs": `
    import { Collection, Field, Index } from "@effect-milvus/client"
    import { connect } from "@effect-milvus/client/promise"
    const Large = Collection.define("large", {
      id: Field.int64({ primaryKey: true }),
      vector: Field.floatVector({ dimension: 256 }),
    }, { indexes: { vector: Index.flat({ metric: "L2" }) }, consistencyLevel: "Strong" })
    const program = async () => {
      const milvus = await connect(${JSON.stringify(address)})
      await milvus.collection.create(Large)
      const rowsFrom = (first) => Array.from({ length: 100 }, (_, at) => first + at)
        .map((id) => ({ id, vector: new Float32Array(256).fill(id) }))
      // Requests of more than 64 KiB, one after the other and at the same time, use the memory of others again.
      for (const first of [0, 100, 200]) await milvus.vectors.insert(Large, rowsFrom(first))
      await Promise.all([300, 400].map((first) => milvus.vectors.insert(Large, rowsFrom(first))))
      const { rows } = await milvus.vectors.query(Large, "id >= 0", { outputFields: ["id", "vector"] })
      const right = rows.toArray().filter(({ id, vector }) => vector.length === 256 && vector.every((x) => x === Number(id)))
      console.log(new Set(right.map(({ id }) => id)).size === 500 ? ${JSON.stringify(searchersOutput)} : right.length)
      await milvus.close()
    }
    program()`,
})

/** A program with a proxy that refuses, is silent, passes on, cuts in the middle of a reply, and passes on again. */
export const proxied = (address: string): Readonly<Record<string, string>> => ({
  "proxied.mjs": `
    import * as Effect from "effect/Effect"
    import { Connection } from "@effect-milvus/client"
    import { FaultProxy } from "@effect-milvus/client/testing"
    const program = Effect.gen(function* () {
      const proxy = yield* FaultProxy.make({ target: ${JSON.stringify(address)} })
      const attempt = Connection.connect({ address: proxy.address, retry: false, connectTimeout: "1 second" }).pipe(
        Effect.map(({ server }) => server.version),
        Effect.catchTag("NotReady", ({ kind }) => Effect.succeed(kind)),
        Effect.scoped,
      )
      const faults = [FaultProxy.refuse(), FaultProxy.blackhole, FaultProxy.none]
      const seen = yield* Effect.forEach(faults, (fault) => Effect.andThen(proxy.set(fault), attempt))
      const connection = yield* Connection.connect(proxy.address)
      for (const by of ["close", "reset"]) {
        yield* proxy.set(FaultProxy.cutAfter({ bytes: 20, direction: "toClient", by }))
        const call = connection.call("DescribeCollection", {}, { timeout: "1 second" })
        seen.push(yield* Effect.match(call, { onFailure: () => "cut", onSuccess: () => "not cut" }))
        yield* proxy.heal
        seen.push((yield* connection.call("DescribeCollection", {})).collectionID)
      }
      return seen.join(" ")
    })
    console.log(await Effect.runPromise(Effect.scoped(program)))`,
})
/** Output of {@linkcode proxied}. */
export const proxiedOutput = "Unreachable Timeout v2.6.2 cut 9007199254740993 cut 9007199254740993"

/**
 * A program that counts what Node binds to resources while it calls, and compares a function that it binds itself with
 * one that Node binds.
 */
export const binders = (address: string): Readonly<Record<string, string>> => ({
  "binders.mjs": `
    import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"
    import { connect } from "@effect-milvus/client/promise"
    const { bind } = AsyncResource.prototype
    let count = 0
    AsyncResource.prototype.bind = function (...args) {
      count++
      return bind.apply(this, args)
    }
    const shapeOf = (bound) => Object.keys(Object.getOwnPropertyDescriptors(bound)).sort().join()
    const program = async () => {
      const milvus = await connect(${JSON.stringify(address)})
      await milvus.call("GetVersion", {})
      const before = count
      const storage = new AsyncLocalStorage()
      const seen = await storage.run("mine", async () => {
        for (let times = 0; times < 10; times++) await milvus.call("GetVersion", {})
        return storage.getStore()
      })
      const during = count - before
      const resource = new AsyncResource("mine")
      const [own, native] = [resource.bind(() => storage.getStore()), bind.call(resource, () => storage.getStore())]
      console.log(seen, during, shapeOf(own) === shapeOf(native), "asyncResource" in native)
      await milvus.close()
    }
    program()`,
})

/** Programs that only listen to states until the session is lost. Their call shows that they listen. */
export const listeners = (address: string): Readonly<Record<string, string>> => ({
  "listens.effect.mjs": `
    import * as Effect from "effect/Effect"
    import * as Stream from "effect/Stream"
    import { Connection } from "@effect-milvus/client"
    const program = Effect.gen(function* () {
      const connection = yield* Connection.connect(${JSON.stringify(address)})
      const seen = []
      const states = Stream.takeUntil(connection.changes, (state) => state === "Reconnecting")
      yield* Stream.runForEach(states, (state) => {
        seen.push(state)
        return state === "Ready" ? connection.call("DescribeCollection", {}) : Effect.void
      })
      return seen.join(" ")
    })
    console.log(await Effect.runPromise(Effect.scoped(program)))`,
  "listens.promise.mjs": `
    import { connect } from "@effect-milvus/client/promise"
    const milvus = await connect(${JSON.stringify(address)})
    const seen = []
    for await (const state of milvus.changes()) {
      seen.push(state)
      if (state === "Ready") await milvus.call("DescribeCollection", {})
      if (state === "Reconnecting") break
    }
    console.log(seen.join(" "))
    await milvus.close()`,
})

/** Types on which users rely. Each `@ts-expect-error` fails the check if there is no error. */
export const types = `
import * as Effect from "effect/Effect"
import { type CallError, type ConnectError, Connection } from "@effect-milvus/client"
import { connect, type Milvus } from "@effect-milvus/client/promise"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <_T extends true>(): void => {}

export const program = Effect.gen(function* () {
  const connection = yield* Connection.connect({ host: "localhost", port: 19530 })
  const reply = yield* connection.call("DescribeCollection", { collection_name: "books" })
  holds<Equal<typeof reply.collectionID, bigint>>()
  holds<Equal<typeof reply.collection_name, string>>()
  const names = reply.schema?.fields.map((field) => field.name) ?? []
  holds<Equal<typeof names, Array<string>>>()
  // @ts-expect-error: no such RPC
  yield* connection.call("DescribeColection", {})
  // @ts-expect-error: no such field
  yield* connection.call("DescribeCollection", { collectionName: "books" })
  // @ts-expect-error: no such parameter
  yield* Connection.connect({ hots: "localhost" })
  return connection.server
})
holds<Equal<Effect.Error<typeof program>, ConnectError | CallError>>()
holds<Equal<Effect.Success<typeof program>, Connection.ServerInfo>>()

export const layered = Effect.provide(Connection.Connection, Connection.layer("localhost"))
holds<Equal<Effect.Error<typeof layered>, ConnectError>>()
holds<Equal<Effect.Services<typeof layered>, never>>()

export const main = async (): Promise<ReadonlyArray<string>> => {
  await using milvus: Milvus = await connect("localhost:19530")
  const { collection_names } = await milvus.call("ShowCollections", {})
  return collection_names
}
`

/** By entry point that is an adapter, its framework. */
export const frameworks: Readonly<Record<string, string>> = {
  "./langchain": "@langchain/core",
  "./mastra": "@mastra/core",
}

/** Programs that only import, one for each entry point that needs no framework. */
export const importers = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.keys(config.exports).filter((name) => !Object.hasOwn(frameworks, name))
      .map((name, i) => [`import${i}.mjs`, `import "${config.name}${name.slice(1)}"`]),
  )
