/** Waiting for loads and indexes: what bounds it, what ends it, and what it goes on through. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/testing/TestClock"
import { Collection, Connection, Field, Index, type RpcError, ServerError } from "../../../mod.ts"
import { startDeadline, watch } from "../../../src/operations/shared/waiting.ts"
import { connect } from "../../../src/promise.ts"
import { FakeMilvus } from "../../../src/testing/mod.ts"
import { effectTest } from "../../support/test.ts"

type Fake = FakeMilvus.FakeMilvus

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  vector: Field.floatVector({ dimension: 2 }),
}, { indexes: { vector: Index.flat({ metric: "L2" }) } })

/** A test over a FakeMilvus, which ends: a wait without an end is a failure, and not a test that hangs. */
const onFake = <E>(
  name: string,
  run: (fake: Fake) => Effect.Effect<unknown, E, Connection.Connection>,
  params?: FakeMilvus.ConnectionOptions,
) =>
  effectTest(
    name,
    FakeMilvus.FakeMilvus.use(run).pipe(
      Effect.timeout("20 seconds"),
      Effect.provide(FakeMilvus.layerConnected({}, params)),
    ),
  )

/** Creates the collection, and then lets loads and indexes be as far as is said. */
const created = (fake: Fake, progress: number, state: "InProgress" | "Unissued" = "InProgress") =>
  Effect.gen(function* () {
    yield* Collection.create(Books, { load: false })
    yield* fake.handle("GetLoadingProgress", () => Effect.succeed({ progress }))
    yield* indexesAre(fake, { state, indexed_rows: 3, total_rows: 7 })
    yield* fake.clearCalls
  })

type State = Omit<Partial<ReturnType<typeof one>>, "state"> & { readonly state: string }
const one = () => ({
  index_name: "vector",
  field_name: "vector",
  state: "Finished",
  indexed_rows: 0,
  total_rows: 0,
  index_state_fail_reason: "",
})
const indexesAre = (fake: Fake, ...states: ReadonlyArray<State>) =>
  fake.handle("DescribeIndex", () =>
    // Cast: the names of the states are those of the contract.
    Effect.succeed({ index_descriptions: states.map((state) => ({ ...one(), ...state }) as never) }))

const pollsOf = (fake: Fake, method: string) =>
  Effect.map(fake.calls, (calls) => calls.filter((call) => call.method === method).length)

/** Every operation that waits, with the RPC that it asks for its progress. */
const waits = {
  load: { run: (options) => Collection.load(Books, options), method: "GetLoadingProgress", far: "loaded to 50%" },
  loading: {
    run: (options) => Stream.runDrain(Collection.loading(Books, options)),
    method: "GetLoadingProgress",
    far: "loaded to 50%",
  },
  create: { run: (options) => Collection.create(Books, options), method: "GetLoadingProgress", far: "loaded to 50%" },
  "Index.wait": {
    run: (options) => Index.wait(Books, "vector", options),
    method: "DescribeIndex",
    far: "vector is InProgress with 3 of 7 rows",
  },
  "Index.building": {
    run: (options) => Stream.runDrain(Index.building(Books, undefined, options)),
    method: "DescribeIndex",
    far: "vector is InProgress with 3 of 7 rows",
  },
} satisfies Record<string, {
  readonly run: (options?: Collection.WaitOptions) => Effect.Effect<void, unknown, Connection.Connection>
  readonly method: FakeMilvus.Method
  readonly far: string
}>

/** The error of a wait, out of that of `create` too. */
const waitError = (error: unknown): RpcError | ServerError => {
  const inner = error instanceof Error && "step" in error ? error.cause : error
  assert(inner instanceof Error && "_tag" in inner, `${inner}`)
  // Cast: the assertions of the tests are about the properties.
  return inner as RpcError | ServerError
}

for (const [name, { run, method, far }] of Object.entries(waits)) {
  onFake(
    `rule 7: timeout bounds ${name} as a whole, and the error tells how far it was`,
    (fake) =>
      Effect.gen(function* () {
        yield* created(fake, 50)
        const error = waitError(yield* Effect.flip(run({ timeout: "300 millis" })))
        assertEquals([error._tag, error.code], ["RpcError", "DEADLINE_EXCEEDED"])
        assertStringIncludes(error.message, far)
        assertMatch(error.message, /after \d+ms; the server continues/)
        assert((yield* pollsOf(fake, method)) > 2)
      }),
  )

  onFake(`rule 7: timeout bounds ${name} when no poll is answered`, (fake) =>
    Effect.gen(function* () {
      yield* created(fake, 50)
      if (name === "create") yield* fake.reset("DescribeIndex")
      yield* fake.handle(method, () => Effect.never)
      const error = waitError(yield* Effect.flip(run({ timeout: "300 millis" })))
      assertEquals([error._tag, error.code], ["RpcError", "DEADLINE_EXCEEDED"])
    }))

  onFake(
    `rule 7: ${name} goes on through polls that fail for a reason that passes, if it may retry`,
    (fake) =>
      Effect.gen(function* () {
        yield* created(fake, 50)
        yield* indexesAre(fake, { state: "Finished" })
        yield* fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: 100 }))
        for (
          const failure of [
            { code: "UNAVAILABLE" },
            { code: 8, reason: "rate limit exceeded", retriable: true },
            { code: 1, reason: "service not ready", retriable: true },
          ] as const
        ) {
          yield* fake.reset("DescribeCollection")
          yield* fake.fail(method, failure, { times: 2 })
          yield* run({ retry: { times: 0 } })
          yield* fake.fail(method, failure, { times: 1 })
          const error = waitError(yield* Effect.flip(run({ retry: false })))
          assertEquals(error.code, failure.code)
        }
      }),
  )

  onFake(
    `rule 7: ${name} ends with the server's reason when a poll is refused for good`,
    (fake) =>
      Effect.gen(function* () {
        yield* created(fake, 50)
        if (name === "create") yield* fake.reset("DescribeIndex")
        yield* fake.fail(method, { code: 3, reason: "memory limit exceeded[predict=9][limit=4]" })
        const error = waitError(yield* Effect.flip(run({ timeout: "infinite" })))
        assertEquals([error._tag, error.code], ["ServerError", 3])
        assertStringIncludes(error.message, "memory limit exceeded[predict=9][limit=4]")
      }),
  )
}

onFake(
  "rule 7: timeout bounds the call that starts a load, and that of each step of create",
  (fake) =>
    Effect.gen(function* () {
      yield* Collection.create(Books, { load: false })
      yield* fake.handle("LoadCollection", () => Effect.never)
      yield* fake.handle("LoadPartitions", () => Effect.never)
      for (const partitions of [undefined, ["_default"]]) {
        const error = yield* Effect.flip(Collection.load(Books, { timeout: "200 millis", partitions }))
        assertEquals(waitError(error).code, "DEADLINE_EXCEEDED")
      }
      yield* fake.reset()
      for (const method of ["DescribeCollection", "CreateCollection", "CreateIndex", "LoadCollection"] as const) {
        yield* Collection.drop(Books)
        yield* fake.handle(method, () => Effect.never)
        const error = yield* Effect.flip(Collection.create(Books, { timeout: "200 millis" }))
        assertEquals([method, waitError(error).code], [method, "DEADLINE_EXCEEDED"])
        yield* fake.reset()
      }
    }),
)

onFake(
  "rule 7: a poll without an answer is given up after callTimeout, and the wait goes on",
  (fake) =>
    Effect.gen(function* () {
      yield* created(fake, 50)
      let polls = 0
      yield* fake.handle("GetLoadingProgress", () => ++polls < 3 ? Effect.never : Effect.succeed({ progress: 100 }))
      yield* Collection.load(Books)
      assertEquals(polls, 3)
    }),
  { callTimeout: "150 millis" },
)

onFake("rule 7: a load goes on when the server was gone for a while", (fake) =>
  Effect.gen(function* () {
    yield* created(fake, 50)
    const polled = yield* Deferred.make<void>()
    yield* fake.handle("GetLoadingProgress", () => Effect.as(Deferred.succeed(polled, undefined), { progress: 10 }))
    const fiber = yield* Effect.forkChild(Collection.load(Books))
    yield* Deferred.await(polled)
    yield* fake.crash
    yield* fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: 100 }))
    yield* fake.restart
    yield* Fiber.join(fiber)
  }))

onFake(
  "rule 7: a wait ends after ten minutes by default, and never if it is infinite",
  (fake) =>
    Effect.gen(function* () {
      yield* created(fake, 50)
      /** Moves the clock once a poll is over, so that the next pause is what is waited for. */
      const pass = (minutes: number) =>
        Effect.gen(function* () {
          const before = yield* pollsOf(fake, "GetLoadingProgress")
          yield* TestClock.adjust(`${minutes} minutes`)
          while ((yield* pollsOf(fake, "GetLoadingProgress")) === before) {
            // The fake server answers in real time.
            yield* TestClock.withLive(Effect.sleep("5 millis"))
            yield* TestClock.adjust("500 millis")
          }
        })
      yield* Effect.gen(function* () {
        const bounded = yield* Effect.forkChild(Effect.flip(Collection.load(Books)))
        yield* pass(9)
        assertEquals(bounded.pollUnsafe(), undefined)
        yield* TestClock.adjust("2 minutes")
        assertMatch((yield* Fiber.join(bounded)).message, /DEADLINE_EXCEEDED.* after 1[01]m/)
        const endless = yield* Effect.forkChild(Collection.load(Books, { timeout: "infinite" }))
        yield* pass(60 * 24)
        yield* pass(60 * 24)
        assertEquals(endless.pollUnsafe(), undefined)
        yield* Fiber.interrupt(endless)
        const polls = yield* pollsOf(fake, "GetLoadingProgress")
        yield* TestClock.adjust("1 hour")
        assertEquals(yield* pollsOf(fake, "GetLoadingProgress"), polls, "an interrupted wait asks no more")
      }).pipe(Effect.provide(TestClock.layer()))
    }),
)

onFake(
  "rule 7: polls come soon at first, then every half second, and one deadline is over all of them",
  () =>
    Effect.gen(function* () {
      const times: Array<number> = []
      const job = {
        method: "GetLoadingProgress",
        poll: () => Effect.tap(Clock.currentTimeMillis, (now) => Effect.sync(() => times.push(now))),
        isDone: () => false,
        show: (last: number | undefined) => `at ${last}`,
      } as const
      const connection = yield* Connection.Connection
      const error = yield* Effect.gen(function* () {
        const deadline = yield* startDeadline(connection, { timeout: "1 minute" })
        const fiber = yield* Effect.forkChild(Effect.flip(Stream.runDrain(watch(job, deadline))))
        for (let seconds = 0; seconds < 61; seconds++) yield* TestClock.adjust("1 second")
        return yield* Fiber.join(fiber)
      }).pipe(Effect.provide(TestClock.layer()))
      const pauses = times.slice(1).map((time, at) => time - times[at]!)
      assertEquals([times[0], pauses[0]], [0, 20])
      assert(times.filter((time) => time < 1000).length >= 7, `${times}`)
      assert(pauses.every((pause, at) => pause <= 500 && pause >= (pauses[at - 1] ?? 0)), `${pauses}`)
      assert(times.length < 140 && times.at(-1)! < 60_000)
      assertMatch(error.message, /DEADLINE_EXCEEDED: at \d+ after 1m;/)
    }),
)

onFake(
  "rule 7: progress is emitted at each change, by effects and by promises, and ends with the last",
  (fake) =>
    Effect.gen(function* () {
      yield* created(fake, 50)
      let polls = 0
      yield* fake.handle("GetLoadingProgress", () => {
        const progress = [5, 5, 30, 30, 30, 99, 100][polls++ % 7]
        return Effect.succeed({ progress: progress ?? 100 })
      })
      assertEquals(yield* Stream.runCollect(Collection.loading(Books)), [5, 30, 99, 100])
      const states = ["Unissued", "Retry", "IndexStateNone", "InProgress", "InProgress", "Finished"] as const
      let asked = 0
      yield* fake.handle(
        "DescribeIndex",
        () => Effect.succeed({ index_descriptions: [{ ...one(), state: states[asked++ % 6] ?? "Finished" }] }),
      )
      const distinct: ReadonlyArray<Index.IndexProgress["state"]> = states.filter((state, at) =>
        state !== states[at - 1]
      )
      const seen = yield* Stream.runCollect(Index.building(Books, "vector"))
      assertEquals(seen.map((all) => all.map(({ state }) => state)), distinct.map((state) => [state]))
      yield* Effect.promise(async () => {
        await using milvus = await connect(fake.address)
        const progress: Array<number> = []
        for await (const percent of milvus.collection.loading(Books)) progress.push(percent)
        assertEquals(progress, [5, 30, 99, 100])
        const states: Array<unknown> = []
        for await (const all of milvus.index.building(Books)) states.push(...all.map(({ state }) => state))
        assertEquals(states, [...distinct])
      })
    }),
)

onFake(
  "rule 7: a load ends with an error when the collection is released or dropped meanwhile",
  (fake) =>
    Effect.gen(function* () {
      for (
        const [end, code, says] of [
          // As milvus-lite answers.
          [fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: 0 })), 101, "was released"],
          // As Milvus answers.
          [fake.reset("GetLoadingProgress"), 101, "not loaded"],
          [Effect.andThen(Collection.drop(Books), fake.reset("GetLoadingProgress")), 100, "not found"],
          [
            Collection.drop(Books).pipe(
              Effect.andThen(fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: 0 }))),
            ),
            100,
            "was dropped",
          ],
        ] as const
      ) {
        yield* fake.reset()
        yield* created(fake, 40)
        const polled = yield* Deferred.make<void>()
        yield* fake.handle("GetLoadingProgress", () => Effect.as(Deferred.succeed(polled, undefined), { progress: 40 }))
        const fiber = yield* Effect.forkChild(Effect.flip(Collection.load(Books, { timeout: "infinite" })))
        yield* Deferred.await(polled)
        yield* Collection.release(Books)
        yield* end
        const error = yield* Fiber.join(fiber)
        assertEquals([error._tag, "code" in error && error.code], ["ServerError", code], error.message)
        assertStringIncludes(error.message, says)
      }
    }),
)

onFake(
  "rule 7: a load that starts at nothing goes on while the server says that it is loading",
  (fake) =>
    Effect.gen(function* () {
      yield* created(fake, 0)
      let polls = 0
      yield* fake.handle("GetLoadingProgress", () => Effect.succeed({ progress: ++polls < 5 ? 0 : 100 }))
      yield* fake.handle("GetLoadState", () => Effect.succeed({ state: "LoadStateLoading" }))
      yield* Collection.load(Books)
      assertEquals(polls, 5)
    }),
)

onFake(
  "rule 7: waiting for an index fails with the reason of the index, and if there is none",
  (fake) =>
    Effect.gen(function* () {
      yield* Collection.create(Books, { load: false })
      yield* indexesAre(fake, { state: "Failed", index_state_fail_reason: "no space left on device" })
      const failed = yield* Effect.flip(Index.wait(Books, "vector"))
      assert(failed instanceof ServerError)
      assertStringIncludes(failed.message, "the index vector failed: no space left on device")
      // As Milvus 2.3 answers: with the indexes of other fields.
      yield* indexesAre(fake, { state: "Finished", field_name: "other" })
      const none = [
        Index.wait(Books, "vector"),
        Effect.andThen(fake.handle("DescribeIndex", () => Effect.succeed({})), Index.wait(Books)),
        Effect.andThen(fake.reset("DescribeIndex"), Index.wait(Books, "id")),
      ]
      for (const wait of none) {
        const error = yield* Effect.flip(wait)
        assertEquals([error._tag, "code" in error && error.code], ["ServerError", 700], error.message)
      }
      const missing = yield* Effect.flip(Index.wait("nowhere"))
      assertEquals("code" in missing && missing.code, 100)
    }),
)

onFake(
  "rule 7: waiting for an index waits for the rows that were written after it, and not for still later ones",
  (fake) =>
    Effect.gen(function* () {
      yield* Collection.create(Books, { load: false })
      // As Milvus 2.3.5 answers: the state is about the rows before the index alone.
      const counts = [[0, 5, 5], [2, 5, 3], [4, 9, 5], [5, 9, 4], [9, 9, 0]] as const
      let polls = 0
      yield* fake.handle("DescribeIndex", () => {
        const [indexed_rows, total_rows, pending_index_rows] = counts[Math.min(polls++, 4)]!
        return Effect.succeed({
          index_descriptions: [{ ...one(), state: "Finished", indexed_rows, total_rows, pending_index_rows }],
        })
      })
      const seen = yield* Stream.runCollect(Index.building(Books, "vector"))
      assertEquals(seen.map(([index]) => [index?.indexed, index?.rows]), [[0, 5], [2, 5], [4, 9], [5, 9]])
      assertEquals(polls, 4)
      polls = 0
      const late = yield* Effect.flip(Index.wait(Books, "vector", { timeout: 10 }))
      assertStringIncludes(late.message, "vector is Finished with 0 of 5 rows")
    }),
)
