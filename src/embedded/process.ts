/**
 * A program that runs beside us and never outlives us.
 *
 * A supervisor, which is a few lines of Python in a process group of its own, starts the program and holds one end of a pipe. When the
 * other end closes, it ends the program: SIGTERM, SIGKILL after 5 s, SIGKILL to whatever else is in the group, and removes
 * what the program needed on disk. We close that end when the scope closes; the system closes it when this process dies, even of
 * SIGKILL, on every platform. Where the supervisor itself is killed, Linux kills the program; elsewhere the program stays.
 *
 * Ctrl-C in a terminal reaches this process alone. Stopping never fails and takes 8 s at most.
 */
import { type ChildProcess, spawn } from "node:child_process"
import process from "node:process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { superviseScript } from "./scripts.ts"

/** What to run. */
export interface Program {
  /** The Python of the supervisor. */
  readonly python: string
  /** The program and its arguments. */
  readonly argv: ReadonlyArray<string>
  /** Where it runs. */
  readonly directory: string
  /** The file for what it prints, or what to do with the text. */
  readonly output: string | ((text: string) => void)
  /** Folders to remove once it has ended, whatever becomes of us. */
  readonly remove: ReadonlyArray<string>
}

/** A program that was started. */
export interface Process {
  /** The JSON value that it answered with in its first line; `None` once it has ended without one. */
  readonly answer: Effect.Effect<Option.Option<unknown>>
  /** Its exit code, negative for a signal, once it has ended; `undefined` if the supervisor did not start or did not say. */
  readonly ended: Effect.Effect<number | undefined>
  /** Ends it now rather than when the scope closes. */
  readonly stop: Effect.Effect<void>
}

/** Starts a program that ends with the scope. */
export const start = (program: Program): Effect.Effect<Process, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => launch(program)), (process) => process.stop)

const killGraceSeconds = 5

/** A little more than the supervisor needs to do the same. */
const stopTimeout = "7 seconds"

const launch = ({ python, argv, directory, output, remove }: Program): Process => {
  const answer = Deferred.makeUnsafe<Option.Option<unknown>>()
  const ended = Deferred.makeUnsafe<number | undefined>()
  const closed = Deferred.makeUnsafe<void>()
  const log = typeof output === "string" ? output : null
  const parameters = JSON.stringify({ argv, cwd: directory, log, killGraceSeconds, remove })
  const child = spawn(python, ["-c", superviseScript, parameters], {
    stdio: ["pipe", "pipe", log === null ? "pipe" : "ignore"],
    // A process group on POSIX, but a console window on Windows.
    detached: process.platform !== "win32",
  })
  const end = (code: number | undefined) => {
    Deferred.doneUnsafe(answer, Effect.succeedNone)
    Deferred.doneUnsafe(ended, Effect.succeed(code))
  }
  const close = () => {
    end(undefined)
    Deferred.doneUnsafe(closed, Effect.void)
  }
  child.on("error", close)
  child.on("close", close)
  // Writing to, or reading from, a process that is gone is no news: `close` says it.
  child.stdio.forEach((stream) => stream?.on("error", () => {}))
  readLines(child, (line) => {
    const exit = decodeExit(line)
    if (Option.isSome(exit)) end(exit.value.exit)
    else Deferred.doneUnsafe(answer, Effect.succeedSome(line))
  })
  if (typeof output === "function") child.stderr?.setEncoding("utf8").on("data", output)
  return { answer: Deferred.await(answer), ended: Deferred.await(ended), stop: stop(child, Deferred.await(closed)) }
}

const decodeExit = Schema.decodeUnknownOption(Schema.Struct({ exit: Schema.Number }))
const decodeLine = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))

const readLines = (child: ChildProcess, onLine: (line: unknown) => void): void => {
  let rest = ""
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) Option.map(decodeLine(line), onLine)
  })
}

const stop = (child: ChildProcess, closed: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.gen(function* () {
    child.stdin?.destroy()
    const inTime = yield* Effect.timeoutOption(closed, stopTimeout)
    if (Option.isSome(inTime)) return
    killGroup(child)
    yield* Effect.timeoutOption(closed, "1 second")
    child.stdout?.destroy()
    child.stderr?.destroy()
  })

const killGroup = (child: ChildProcess): void => {
  try {
    if (child.pid !== undefined && process.platform !== "win32") process.kill(-child.pid, "SIGKILL")
  } catch {
    // No such group: it has ended in the meantime.
  }
  child.kill("SIGKILL")
}
