/** The promise form that is derived from a module: of a module with each kind of operation, and of all real ones. */
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import { Connection, ParamError } from "../../mod.ts"
import { rpcs } from "../../src/contract/rpcs.ts"
import { type Forms, type Promised, promised } from "../../src/promise/promised.ts"
import { type AbortOptions, connect } from "../../src/promise.ts"
import { startServer } from "../support/server.ts"
import { eventually } from "../support/sockets.ts"
import { effectTest, test } from "../support/test.ts"

interface Options extends Connection.CallOptions {
  readonly size?: number | undefined
}

/** What the operations of the module were called with, and which were interrupted. */
const calls: Array<ReadonlyArray<unknown>> = []
const interrupted: Array<string> = []

const address = Effect.map(Connection.Connection, ({ config }) => config.address)
const forever = (name: string) => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted.push(name)))

/** A module with each kind of operation, and with exports that are not operations. */
const toy = {
  define: (name: string) => ({ name }),
  curried: (name: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.withSpan(effect, name),
  kinds: ["a", "b"],
  echo: (name: string, options?: Options) => Effect.sync(() => [calls.push([name, options]), name]),
  find: (name: string, field?: string, options?: Options) => Effect.sync(() => void calls.push([name, field, options])),
  plain: (name: string) => Effect.sync(() => void calls.push([name])),
  alter: (properties: Readonly<Record<string, string>>) => Effect.sync(() => void calls.push([properties])),
  required: (options: Options & { readonly limit: number }) => Effect.sync(() => options.limit),
  fail: (_options?: Options) =>
    Effect.flatMap(address, (actual) => Effect.fail(new ParamError({ parameter: "p", expected: "another", actual }))),
  wait: (name: string, options?: Options) =>
    Effect.andThen(Effect.sync(() => calls.push([name, options])), forever(name)),
  count: (to: number, options?: Options) =>
    Stream.concat(Stream.range(1, to), Stream.fromEffect(forever(`${options?.size}`))).pipe(
      Stream.take(to + (options?.size ?? 0)),
    ),
  start: (id: bigint, options?: Options) => Effect.succeed(job(id, options)),
  maybe: (id: bigint): Effect.Effect<ReturnType<typeof job> | undefined> =>
    Effect.succeed(id === 0n ? undefined : job(id)),
  address,
  states: Stream.fromEffect(address),
  generic: <A>(value: A, _options?: Options) => Effect.succeed(value),
  scoped: (name: string) => Effect.acquireRelease(Effect.succeed(name), () => Effect.void),
}

const job = (id: bigint, options?: Options) => ({
  id,
  progress: Stream.concat(Stream.make(10, 100), options?.size === 0 ? Stream.never : Stream.empty),
  await: options?.size === 0 ? forever(`job ${id}`) : Effect.succeed("done"),
})

const forms: Forms<typeof toy> = {
  echo: "promise",
  find: "promise",
  plain: "promise",
  alter: "promise",
  required: "promise",
  fail: "promise",
  wait: "promise",
  count: "iterable",
  start: "promise",
  maybe: "promise",
  address: "promise",
  states: "iterable",
  generic: "none",
  scoped: "none",
}
const derived = [
  "address",
  "alter",
  "count",
  "echo",
  "fail",
  "find",
  "maybe",
  "plain",
  "required",
  "start",
  "states",
  "wait",
]

/** Runs a test with the promise form of the module, and the number of times that it was loaded. */
const toyTest = (
  name: string,
  use: (operations: Promised<typeof toy>, connection: Connection.Connection) => Promise<void>,
): void =>
  effectTest(
    name,
    Effect.gen(function* () {
      const server = yield* Effect.acquireRelease(
        Effect.promise(() => startServer()),
        (server) => Effect.promise(() => server[Symbol.asyncDispose]()),
      )
      const connection = yield* Connection.connect(server.address)
      calls.length = interrupted.length = 0
      yield* Effect.promise(() =>
        use(promised(() => Promise.resolve(toy), forms)(Context.make(Connection.Connection, connection)), connection)
      )
    }),
  )

const collect = async <A>(iterable: AsyncIterable<A>): Promise<Array<A>> => {
  const all: Array<A> = []
  for await (const each of iterable) all.push(each)
  return all
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then((value) => Promise.reject(new Error(`it resolved with ${value}`)), (error) => error)

toyTest("an operation that returns an effect returns a promise, also without arguments", async (toy, connection) => {
  assertEquals(await toy.echo("a"), [1, "a"])
  assertEquals(await toy.address(), connection.config.address)
  assertEquals(await toy.required({ limit: 3 }), 3)
})

toyTest(
  "an operation that returns a stream returns an async iterable, also without arguments",
  async (toy, connection) => {
    assertEquals(await collect(toy.count(3)), [1, 2, 3])
    assertEquals(await collect(toy.states()), [connection.config.address])
    const twice = toy.count(2)
    assertEquals([await collect(twice), await collect(twice)], [[1, 2], [1, 2]])
  },
)

toyTest(
  "options come last, with or without the optional arguments before them, and without the signal",
  async (toy) => {
    const { signal } = new AbortController()
    await toy.find("a", undefined, { signal, size: 1 })
    await toy.find("a", "f", { signal })
    await toy.find("a", "f", undefined)
    await toy.find("a")
    await toy.plain("a", { signal })
    await toy.echo("a", { size: 2, signal })
    assertEquals(calls, [
      ["a", undefined, { size: 1 }],
      ["a", "f", {}],
      ["a", "f", undefined],
      ["a", undefined, undefined],
      ["a"],
      ["a", { size: 2 }],
    ])
  },
)

toyTest("an argument is passed on as it is", async (toy) => {
  const properties = { ttl: "1" }
  await toy.alter(properties)
  await toy.alter(properties, { signal: new AbortController().signal })
  for (const [given] of calls) assertStrictEquals(given, properties)
})

toyTest("an operation rejects with the typed error itself", async (toy, { config }) => {
  const error = await rejection(toy.fail())
  assert(error instanceof ParamError)
  assertEquals(error.actual, config.address)
})

toyTest("a signal interrupts an operation and an iteration, and rejects with its reason", async (toy) => {
  const reason = new Error("enough")
  const aborting = new AbortController()
  const waiting = rejection(toy.wait("w", { signal: aborting.signal }))
  const iterating = rejection(collect(toy.count(1, { size: 1, signal: aborting.signal })))
  await eventually(() => calls.length === 1)
  aborting.abort(reason)
  assertStrictEquals(await waiting, reason)
  assertStrictEquals(await iterating, reason)
  assertEquals(interrupted.toSorted(), ["1", "w"])
})

toyTest("with a signal that has aborted nothing is started, and what is not a signal is refused", async (toy) => {
  const reason = new Error("enough")
  const signal = AbortSignal.abort(reason)
  assertStrictEquals(await rejection(toy.echo("a", { signal })), reason)
  assertStrictEquals(await rejection(toy.address({ signal })), reason)
  assertStrictEquals(await rejection(collect(toy.count(1, { signal }))), reason)
  // Cast: a mistake that only JavaScript can make.
  const error = await rejection(toy.echo("a", { signal: "soon" as unknown as AbortSignal }))
  assert(error instanceof TypeError)
  assertEquals(calls, [])
})

toyTest("options that an operation cannot have are refused", async (toy) => {
  // Casts: mistakes that only JavaScript can make.
  const options = { timeout: 5 } as AbortOptions
  for (const promise of [toy.address(options), collect(toy.states(options))]) {
    const error = await rejection(promise)
    assert(error instanceof ParamError)
    assertEquals([error.parameter, error.expected], ["timeout", "a known parameter (signal)"])
  }
})

toyTest("a job becomes one of promises, and its waits end with a signal of their own", async (toy) => {
  const started = await toy.start(7n)
  assertEquals(started.id, 7n)
  assertEquals(await collect(started.progress()), [10, 100])
  assertEquals(await started.await(), "done")
  assertEquals(await toy.maybe(0n), undefined)
  assertEquals(await (await toy.maybe(1n))?.await(), "done")

  const endless = await toy.start(8n, { size: 0, signal: AbortSignal.timeout(60_000) })
  const reason = new Error("enough")
  const aborting = new AbortController()
  const waiting = rejection(endless.await({ signal: aborting.signal }))
  const seen: Array<number> = []
  for await (const state of endless.progress()) {
    seen.push(state)
    if (state === 100) break
  }
  aborting.abort(reason)
  assertStrictEquals(await waiting, reason)
  assertEquals([seen, interrupted], [[10, 100], ["job 8"]])
})

toyTest("the operations are a plain object with their names and no others", async (toy) => {
  assertEquals(Object.keys(toy).toSorted(), derived)
  assertEquals(["echo" in toy, "define" in toy, "generic" in toy, "then" in toy], [true, false, false, false])
  assertStrictEquals(await toy, toy)
  assertEquals(JSON.stringify(toy), "{}")
  assert(inspect(toy).includes("echo: [Function: echo]"))
  assertEquals(Deno.inspect(toy).includes("count: [Function: count]"), true)
  const { echo } = toy
  assertEquals(await echo("a"), [1, "a"])
  // Cast: a name that does not exist is a mistake of JavaScript.
  const unknown = toy as unknown as Record<string, () => void>
  assertEquals(unknown["create"], undefined)
  assertThrows(() => unknown["create"]!(), "not a function")
})

toyTest("a module is loaded once, by the first operation, and again only after a failure", async (_, connection) => {
  let loads = 0
  const fault = new Error("no network")
  const on = promised(() => ++loads === 1 ? Promise.reject(fault) : Promise.resolve(toy), forms)
  const services = Context.make(Connection.Connection, connection)
  const operations = on(services)
  assertStrictEquals(on(services), operations)
  const iterable = operations.count(1)
  inspect(operations)
  assertEquals(loads, 0)
  assertStrictEquals(await rejection(operations.echo("a")), fault)
  await Promise.all([operations.echo("a"), operations.echo("b"), collect(iterable), operations.address()])
  assertEquals([await operations.echo("c"), loads], [[3, "c"], 2])
})

test("importing the promise form imports no module of operations", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("../../src/promise.ts", import.meta.url).href],
  }).output()
  assertEquals(code, 0)
  interface Module {
    readonly specifier: string
    readonly dependencies?: ReadonlyArray<{ code?: { specifier: string }; isDynamic?: boolean }>
  }
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: ReadonlyArray<Module> }
  const reached = (dynamic: boolean) => {
    const seen = new Set(
      modules.filter(({ specifier }) => specifier.endsWith("/src/promise.ts")).map((it) => it.specifier),
    )
    // A set that grows while it is iterated over yields what is added.
    for (const specifier of seen) {
      for (const { code, isDynamic } of modules.find((it) => it.specifier === specifier)?.dependencies ?? []) {
        if (code !== undefined && (dynamic || isDynamic !== true)) seen.add(code.specifier)
      }
    }
    return [...seen].filter((specifier) => /\/src\/operations\/\w+\.ts$/.test(specifier)).length
  }
  assertEquals(reached(false), 0)
  assertEquals(reached(true), publicModules().length)
})

/** The public modules of operations. */
const publicModules = (): ReadonlyArray<string> =>
  [...Deno.readDirSync(new URL("../../src/operations", import.meta.url))]
    .flatMap(({ name }) => /^[A-Z]\w*(?=\.ts$)/.exec(name)?.[0] ?? [])

test("every module of operations has a promise form, with every operation that a row of an RPC names", async () => {
  await using server = await startServer()
  await using milvus = await connect(server.address)
  const members = new Map<string, unknown>(Object.entries(milvus))
  const forms = publicModules().map((name) =>
    [name, members.get(name.replace(/^./, (it) => it.toLowerCase()))] as const
  )
  assertEquals(forms.filter(([, form]) => typeof form !== "object").map(([name]) => name), [])
  for (const [name, form] of members) assertStrictEquals(Reflect.get(milvus, name), form)
  for (const { operation } of Object.values(rpcs)) {
    const [name = "", member = ""] = operation?.split(".") ?? []
    const form = new Map(forms).get(name)
    // Its messages are a stream of Effect; `milvus.stream` takes iterables.
    if (operation === "Replication.replicate") continue
    if (form !== undefined) assertEquals(typeof Reflect.get(Object(form), member), "function", operation)
  }
})
