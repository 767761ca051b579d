/**
 * Runs a program that never outlives this process.
 *
 * A supervisor, a few lines of Python in a process group of its own, starts the program and holds one end of a pipe.
 * When the other end closes, it stops the program: SIGTERM, SIGKILL after 5 s, SIGKILL to the rest of the group. Then
 * it removes the files of the program. This process closes its end when the scope closes; the system closes it when
 * this process dies, even by SIGKILL, on every platform. If the supervisor itself is killed, Linux kills the program;
 * on other systems the program keeps running.
 *
 * Ctrl-C in a terminal reaches only this process. Stopping never fails, and takes at most 8 s.
 */
import { type ChildProcess, spawn } from "node:child_process"
import process from "node:process"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { superviseScript } from "./scripts.ts"

/** Options for {@linkcode start}. */
export interface Program {
  /** Python that runs the supervisor. */
  readonly python: string
  /** Program and its arguments. */
  readonly argv: ReadonlyArray<string>
  /** Working directory of the program. */
  readonly directory: string
  /** File for the error output of the program, or a function that receives it. */
  readonly output: string | ((text: string) => void)
  /** Folders to remove after the program has ended, even if this process is dead by then. */
  readonly remove: ReadonlyArray<string>
}

/** A started program. */
export interface Process {
  /** Waits for the JSON value in the first line of the output; `None` if the program ends without one. */
  readonly answer: Effect.Effect<Option.Option<unknown>>
  /**
   * Waits for the end of the program, and returns its exit code, negative for a signal; `undefined` if the supervisor
   * did not start or did not report it.
   */
  readonly ended: Effect.Effect<number | undefined>
  /** Stops the program before the scope closes. */
  readonly stop: Effect.Effect<void>
}

/** Starts a program, and stops it when the scope closes. */
export const start = (program: Program): Effect.Effect<Process, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => launch(program)), (process) => process.stop)

const killGraceSeconds = 5

/** Longer than the supervisor needs to stop the program, so that it is killed only if it hangs. */
const stopTimeout = "7 seconds"

const launch = ({ python, argv, directory, output, remove }: Program): Process => {
  const answer = Deferred.makeUnsafe<Option.Option<unknown>>()
  const ended = Deferred.makeUnsafe<number | undefined>()
  const closed = Deferred.makeUnsafe<void>()
  const log = typeof output === "string" ? output : null
  const parameters = JSON.stringify({ argv, cwd: directory, log, killGraceSeconds, remove })
  const child = spawn(python, ["-c", superviseScript, parameters], {
    stdio: ["pipe", "pipe", log === null ? "pipe" : "ignore"],
    // On POSIX this creates a process group; on Windows it would open a console window.
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
  // Errors of the pipes to a dead process are ignored, because `close` reports its end.
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
    // The group does not exist any more: it has ended in the meantime.
  }
  child.kill("SIGKILL")
}
