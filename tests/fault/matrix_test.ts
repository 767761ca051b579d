/**
 * Every fault of the proxy at every step of a connection, with and without interruption.
 *
 * Each combination has to give a result of the right kind within its deadline, leave nothing open, and let the next
 * call work once the fault is gone. The combinations are generated, and a table of the results is printed.
 */
import { assert, assertEquals, assertLess } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { type CallError, type ConnectError, Connection, type ConnectionConfig } from "../../mod.ts"
import { openConnections } from "../../src/connection/limit.ts"
import { FakeMilvus, FaultProxy } from "../../src/testing/mod.ts"
import { openTransports } from "../../src/grpc/transport.ts"
import { certificates } from "../support/certificates.ts"
import { figure } from "../support/scale.ts"
import { eventually, openSockets, until } from "../support/sockets.ts"
import { test } from "../support/test.ts"

/** Effect of a fault on its connections: it delays them, silences them, ends them, or ends them once. */
type Nature = "slow" | "silent" | "cutting" | "passing"

interface Fault {
  readonly nature: Nature
  /** Whether it waits for bytes of the client. A step that has no more bytes to send does not notice it. */
  readonly inRequests?: boolean
  readonly set: (proxy: FaultProxy.FaultProxy) => Effect.Effect<void>
}

const setting = (nature: Nature, fault: FaultProxy.Fault): Fault => ({ nature, set: (proxy) => proxy.set(fault) })

const faults: Readonly<Record<string, Fault>> = {
  "refuse": setting("cutting", FaultProxy.refuse()),
  "refuse, by RST": setting("cutting", FaultProxy.refuse({ connections: "reset" })),
  "deaf": setting("silent", FaultProxy.blackhole),
  "cut in the request": {
    ...setting("cutting", FaultProxy.cutAfter({ bytes: 10, direction: "toServer" })),
    inRequests: true,
  },
  "cut in the reply": setting("cutting", FaultProxy.cutAfter({ bytes: 10, direction: "toClient", by: "reset" })),
  "reset": setting("cutting", FaultProxy.reset()),
  "reset at first bytes": { ...setting("cutting", FaultProxy.reset({ at: "firstBytes" })), inRequests: true },
  "half-open": setting("silent", FaultProxy.halfOpen),
  "delay and jitter": setting("slow", FaultProxy.delay({ latency: 10, jitter: 10 })),
  "throttle": setting("slow", FaultProxy.throttle({ bytesPerSecond: 4_000_000 })),
  "stall in the request": {
    ...setting("silent", FaultProxy.stall({ direction: "toServer", afterBytes: 10 })),
    inRequests: true,
  },
  "stall in the reply": setting("silent", FaultProxy.stall({ direction: "toClient", afterBytes: 10 })),
  "restart": { nature: "passing", set: (proxy) => Effect.andThen(proxy.restart("50 millis"), proxy.heal) },
}

/** Timeouts, and the slack that a busy machine gets, in milliseconds. */
const [connectTimeout, callTimeout, slack] = [700, 600, 2500]

/** The servers of a combination. */
interface Stage {
  readonly fake: FakeMilvus.FakeMilvus
  readonly proxy: FaultProxy.FaultProxy
  readonly params: ConnectionConfig.ConnectParams
  /** Switches the fault on at its first use. */
  readonly strike: Effect.Effect<void>
}

type Failure = ConnectError | CallError

/** A step of a connection, and the moment in it at which the fault strikes. */
interface Step {
  readonly tls?: boolean
  /** Whether the client has sent all its bytes when the fault strikes. */
  readonly isSent?: boolean
  /** Runs the step. Fails as its call or connect does. */
  readonly run: (stage: Stage) => Effect.Effect<unknown, Failure, Scope.Scope>
  /** Whether the result is right for a fault of this nature. */
  readonly outcome: (nature: Nature, failure: Failure | undefined) => boolean
}

const connecting = (nature: Nature, failure: Failure | undefined): boolean => {
  if (nature === "slow" || nature === "passing") return failure === undefined
  if (failure?._tag !== "NotReady") return false
  return nature === "silent" ? failure.kind === "Timeout" : failure.kind === "Unreachable" || failure.kind === "Timeout"
}

/** A hang-up during a TLS handshake may be a refused certificate. */
const securing = (nature: Nature, failure: Failure | undefined): boolean =>
  connecting(nature, failure) || nature === "cutting" && failure?._tag === "NotReady" && failure.kind === "Tls"

const reading = (nature: Nature, failure: Failure | undefined): boolean => {
  if (nature === "slow" || nature === "passing") return failure === undefined
  if (failure?._tag === "NotReady") return nature === "cutting" && failure.kind === "Unreachable"
  if (failure?._tag !== "RpcError") return false
  return failure.code === "DEADLINE_EXCEEDED" || nature === "cutting" && failure.isRetryable
}

/** A write that was sent is lost, and not made again. */
const writing = (nature: Nature, failure: Failure | undefined): boolean => {
  if (nature === "slow") return failure === undefined
  return failure?._tag === "RpcError" && failure.progress === "Lost"
}

const call = (connection: Connection.Connection, method: "ListDatabases" | "Flush" | "Insert" = "ListDatabases") =>
  connection.call(method, {}, { timeout: callTimeout })

const strikeIn = ({ fake, strike }: Stage, method: "Connect" | "CheckHealth" | "Flush" | "Insert") =>
  fake.handle(method, () => Effect.as(strike, method === "CheckHealth" ? { isHealthy: true } : {}))

const steps: Readonly<Record<string, Step>> = {
  "TCP": {
    run: ({ params, strike }) => Effect.andThen(strike, Connection.connect(params)),
    outcome: connecting,
  },
  "TLS": {
    tls: true,
    run: ({ params, proxy, strike }) =>
      Effect.gen(function* () {
        // Slow enough for the fault to strike between the two hellos.
        yield* proxy.set(FaultProxy.delay({ latency: 25 }))
        const inTheMiddle = Effect.gen(function* () {
          while ((yield* proxy.accepted) === 0) yield* Effect.sleep(1)
          // Less than two times the latency: after the first hello, and before the second.
          yield* Effect.sleep(40)
          yield* strike
        })
        yield* Effect.forkChild(inTheMiddle)
        return yield* Connection.connect(params)
      }),
    outcome: securing,
  },
  "handshake": {
    isSent: true,
    run: (stage) => Effect.andThen(strikeIn(stage, "Connect"), Connection.connect(stage.params)),
    outcome: connecting,
  },
  "health": {
    isSent: true,
    run: (stage) => Effect.andThen(strikeIn(stage, "CheckHealth"), Connection.connect(stage.params)),
    outcome: connecting,
  },
  "idle": {
    run: ({ params, strike }) =>
      Effect.gen(function* () {
        const connection = yield* Connection.connect(params)
        yield* strike
        // The connection stays idle under the fault.
        yield* Effect.sleep(20)
        yield* call(connection)
      }),
    outcome: reading,
  },
  "call sent": {
    isSent: true,
    run: (stage) =>
      Effect.gen(function* () {
        const connection = yield* Connection.connect(stage.params)
        yield* strikeIn(stage, "Flush")
        yield* call(connection, "Flush")
      }),
    outcome: reading,
  },
  "insert sent": {
    isSent: true,
    run: (stage) =>
      Effect.gen(function* () {
        const connection = yield* Connection.connect(stage.params)
        yield* strikeIn(stage, "Insert")
        yield* Effect.ensuring(
          call(connection, "Insert"),
          Effect.map(stage.fake.calls, (calls) => {
            assertLess(calls.filter(({ method }) => method === "Insert").length, 2)
          }),
        )
      }),
    outcome: writing,
  },
  "reply half read": {
    isSent: true,
    run: ({ params, fake, proxy, strike }) =>
      Effect.gen(function* () {
        const connection = yield* Connection.connect(params)
        const db_names = Array.from({ length: 4000 }, (_, i) => `database ${i} ${"x".repeat(60)}`)
        yield* fake.handle("ListDatabases", () => Effect.succeed({ db_names }))
        const { toClient } = yield* proxy.bytes
        yield* proxy.set(FaultProxy.stall({ direction: "toClient", afterBytes: 100_000 }))
        const inTheMiddle = Effect.gen(function* () {
          while ((yield* proxy.bytes).toClient < toClient + 100_000) yield* Effect.sleep(1)
          yield* strike
        })
        yield* Effect.forkChild(inTheMiddle)
        yield* call(connection)
      }),
    outcome: reading,
  },
  "disconnecting": {
    run: ({ params, fake, strike }) =>
      Effect.gen(function* () {
        const scope = yield* Effect.flatMap(Effect.scope, Scope.fork)
        const connection = yield* Scope.provide(Connection.connect(params), scope)
        yield* fake.handle("ListDatabases", () => Effect.never)
        const calling = yield* Effect.forkChild(call(connection))
        // The call is sent, or not yet: both may happen.
        yield* Effect.sleep(10)
        yield* strike
        yield* Effect.uninterruptible(Scope.close(scope, Exit.void))
        yield* Fiber.await(calling)
      }),
    outcome: (_, failure) => failure === undefined,
  },
}

const describe = (failure: Failure | undefined): string => {
  if (failure === undefined) return "ok"
  if (failure._tag === "NotReady") return failure.kind
  return failure._tag === "RpcError" ? `${failure.code} ${failure.progress}` : failure._tag
}

/** Runs one combination, and returns its result as text. */
const cell = (fault: string, name: string, isInterrupted: boolean): Effect.Effect<string, unknown> =>
  Effect.scoped(Effect.gen(function* () {
    const { nature, inRequests = false, set } = faults[fault]!
    const { tls = false, isSent = false, run, outcome } = steps[name]!
    const what = `${fault} x ${name}${isInterrupted ? ", interrupted" : ""}`
    const { server, ca } = certificates()
    const fake = yield* FakeMilvus.make(tls ? { tls: { certificate: server.certificate, key: server.key } } : {})
    const proxy = yield* FaultProxy.make({ target: fake.address })
    let isStruck = false
    const strike = Effect.suspend(() => {
      if (isStruck) return Effect.void
      isStruck = true
      return set(proxy)
    })
    const params = { address: proxy.address, connectTimeout, ...(tls ? { tls: { ca } } : {}) }
    const stage: Stage = { fake, proxy, params, strike }

    const inScope = yield* Effect.flatMap(Effect.scope, Scope.fork)
    const start = performance.now()
    const fiber = yield* Effect.forkChild(Scope.provide(run(stage), inScope))
    if (isInterrupted) {
      yield* until(() => isStruck)
      // A random moment after the fault.
      yield* Effect.sleep(Math.random() * 40)
      yield* Fiber.interrupt(fiber)
    }
    const exit = yield* Fiber.await(fiber)
    const elapsed = performance.now() - start
    assertLess(elapsed, Math.max(connectTimeout, callTimeout) + slack, `${what}: late`)
    let result = "ok"
    if (Exit.isFailure(exit)) {
      const reason = exit.cause.reasons[0]
      if (reason?._tag === "Die") throw new Error(`${what}: ${reason.defect}`, { cause: reason.defect })
      const failure = reason?._tag === "Fail" ? reason.error : undefined
      if (!isInterrupted) assert(outcome(nature, failure), `${what}: ${failure?.message}`)
      result = failure === undefined ? "interrupted" : describe(failure)
    } else assert(isInterrupted || inRequests && isSent || outcome(nature, undefined), `${what}: ended well`)
    const closing = performance.now()
    yield* Scope.close(inScope, Exit.void)
    assertLess(performance.now() - closing, slack, `${what}: closed late`)
    assertEquals(openConnections(proxy.address), 0, `${what}: open connections`)
    yield* until(() => assertEquals(openSockets(proxy.port), 0, `${what}: open sockets`), { timeout: 3000 })

    // The fault is gone, so everything works again.
    yield* proxy.heal
    yield* fake.reset()
    const connection = yield* Connection.connect({ ...params, connectTimeout: "10 seconds" })
    assertEquals((yield* connection.call("ListDatabases", {}, { timeout: "10 seconds" })).db_names, ["default"])
    return result
  }))

const table = new Map<string, Map<string, string>>()

for (const step of Object.keys(steps)) {
  test(
    `each fault at the step "${step}" has a typed result in time, leaves nothing open, and the next call works`,
    async () => {
      const names = Object.keys(faults)
      const cells = names.flatMap((fault) => [[fault, false], [fault, true]] as const)
      const results = await Effect.runPromise(Effect.forEach(
        cells,
        ([fault, isInterrupted]) =>
          Effect.map(cell(fault, step, isInterrupted), (result) => [fault, isInterrupted, result] as const),
        { concurrency: 6 },
      ))
      await eventually(() => assertEquals(Effect.runSync(openTransports), 0, "open transports"))
      for (const [fault, isInterrupted, result] of results) {
        if (!isInterrupted) table.set(fault, (table.get(fault) ?? new Map()).set(step, result))
      }
      figure(`fault matrix, ${step}`, `${results.length} cells, none failed`)
    },
  )
}

/** A connection that was open before the fault works again after it. */
for (const [fault, { set }] of Object.entries(faults)) {
  test(`a connection survives "${fault}" and works again by itself afterwards`, async () => {
    await Effect.runPromise(Effect.scoped(Effect.gen(function* () {
      const fake = yield* FakeMilvus.make()
      const proxy = yield* FaultProxy.make({ target: fake.address })
      const connection = yield* Connection.connect({ address: proxy.address, connectTimeout })
      yield* set(proxy)
      yield* Effect.exit(call(connection))
      yield* proxy.heal
      const start = performance.now()
      const { db_names } = yield* connection.call("ListDatabases", {}, { timeout: "30 seconds" })
      assertEquals(db_names, ["default"])
      figure(`first answer after "${fault}" is gone`, `${Math.round(performance.now() - start)} ms`)
    })))
  })
}

Deno.test.afterAll(() => {
  const columns = Object.keys(steps)
  console.log(`| fault | ${columns.join(" | ")} |\n|${" --- |".repeat(columns.length + 1)}`)
  for (const [fault, row] of table) {
    console.log(`| ${fault} | ${columns.map((step) => row.get(step) ?? "").join(" | ")} |`)
  }
})
