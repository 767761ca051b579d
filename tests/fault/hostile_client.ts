/**
 * The client of `hostile_test.ts`, in a separate process that a hostile server might bring down. Its argument is a list
 * of jobs. It prints one line of JSON when a job begins and one when it ends.
 */
import "../support/calls.ts"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type CallError, type CodecError, Connection } from "../../mod.ts"
import { callEncoded } from "../../src/Connection.ts"
import { decodeMutationResult, draftInsert } from "../../src/codec/mod.ts"
import type { Job, Outcome } from "./hostile_test.ts"

/** Time limit of a connect or a call, in milliseconds. */
const bound = 800

const insert = (collectionName: string) =>
  draftInsert({ collectionName, columns: [{ fieldName: "vector", type: "FloatVector", rows: [[1, 2], [3, 4]] }] })

const call = (
  connection: Connection.Connection,
  mode: Job["mode"],
  name: string,
  timeout: number,
): Effect.Effect<object, CallError | CodecError> =>
  mode === "exchange"
    ? callEncoded(connection, "Insert", insert(name), decodeMutationResult, { timeout })
    : connection.call("DescribeCollection", { collection_name: name }, { timeout })

const connect = (job: Job, port: number, user: string, connectTimeout: number, isTls: boolean) =>
  Connection.connect({
    address: `127.0.0.1:${port}`,
    user,
    password: "x",
    connectTimeout,
    ...isTls ? { tls: { verify: false } } : {},
    ...job.maxMessageSize === undefined ? {} : { maxMessageSize: job.maxMessageSize },
  })

/** Runs a job against the hostile server, and returns how it ended. */
const runHostile = (job: Job): Effect.Effect<Outcome["result"]> =>
  Effect.scoped(Effect.gen(function* () {
    if (job.mode === "connect") {
      const exit = yield* Effect.exit(connect(job, job.port, "hostile", bound, job.isTls))
      const well = Exit.map(exit, () => ({ tag: "ok", kind: "" }))
      return yield* Exit.isSuccess(well) ? Effect.succeed(well.value) : describe(well)
    }
    const connection = yield* Effect.orDie(connect(job, job.port, "gentle", 10_000, job.isTls))
    const exit = yield* Effect.exit(call(connection, job.mode, "hostile", bound))
    const result = yield* Exit.isSuccess(exit) ? Effect.succeed({ tag: "ok", kind: "" }) : describe(exit)
    // The server behaves again, and the same connection works.
    yield* Effect.orDie(call(connection, job.mode, "gentle", 10_000))
    return result
  }))

const describe = (exit: Exit.Failure<unknown, unknown>): Effect.Effect<Outcome["result"]> => {
  const reason = exit.cause.reasons[0]
  if (reason?._tag !== "Fail") return Effect.die(reason?._tag === "Die" ? reason.defect : "interrupted")
  // Cast: the error of a call or a connect, whose parts are checked one by one.
  const error = reason.error as { _tag?: string; kind?: string; code?: unknown; progress?: string }
  const kind = error.kind ?? [error.code, error.progress].filter((part) => part !== undefined).join(" ")
  return Effect.succeed({ tag: error._tag ?? String(error), kind, message: String(error) })
}

const jobs: ReadonlyArray<Job> = JSON.parse(Deno.args[0] ?? "[]")

let peak = 0
let stall = 0
let last = performance.now()
setInterval(() => {
  const now = performance.now()
  stall = Math.max(stall, now - last - 10)
  last = now
  peak = Math.max(peak, Deno.memoryUsage().rss)
}, 10)

const report = (line: object) => console.log(JSON.stringify(line))

const run = (job: Job): Effect.Effect<void> =>
  Effect.gen(function* () {
    report({ begin: job.id })
    const [elapsed, exit] = yield* Effect.timed(Effect.exit(runHostile(job)))
    // The client still reaches a healthy server.
    const next = yield* Effect.exit(
      Effect.scoped(Effect.flatMap(
        connect(job, job.healthy, "gentle", 10_000, false),
        (connection) => call(connection, "exchange", "gentle", 10_000),
      )),
    )
    report({
      end: job.id,
      result: Exit.isSuccess(exit) ? exit.value : { tag: "defect", kind: String(exit.cause) },
      elapsed: Duration.toMillis(elapsed),
      next: Exit.isSuccess(next) ? "ok" : String(next.cause),
    })
  })

// Modules that are loaded once do not count as growth.
const warm = jobs[0]
if (warm !== undefined) {
  await Effect.runPromise(Effect.ignore(runHostile({ ...warm, port: warm.healthy, isTls: false })))
}
for (const name of new Set(jobs.map(({ group }) => group))) {
  const group = jobs.filter((job) => job.group === name)
  Reflect.get(globalThis, "gc")?.()
  const before = peak = Deno.memoryUsage().rss
  stall = 0
  last = performance.now()
  await Effect.runPromise(Effect.forEach(group, run, { concurrency: group[0]?.isAlone ? 1 : 6, discard: true }))
  report({ group: name, growth: peak - before, stall })
}
Deno.exit(0)
