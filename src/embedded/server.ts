/**
 * Starts one local server: creates its folders, runs its process, and waits until it is ready.
 *
 * A failed start leaves nothing behind except the folder of the option `dataDirectory`. If a chosen port is taken
 * before the server starts, another port is chosen.
 */
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { EmbeddedError, type EmbeddedErrorKind } from "./errors.ts"
import type { Launch, ServerPaths } from "./launch.ts"
import type { ServerSettings } from "./options.ts"
import * as Process from "./process.ts"
import type { Python } from "./python.ts"
import { milvusLiteScript } from "./scripts.ts"
import { milvus } from "./standalone.ts"

/** A ready server. */
export interface Server {
  readonly port: number
  readonly pid: number
  readonly dataDirectory: string
  readonly log: string
}

/** Starts a server, and stops it when the scope closes. */
export const start = (settings: ServerSettings, python: Python): Effect.Effect<Server, EmbeddedError, Scope.Scope> =>
  Effect.retry(launch(settings, python), {
    times: settings.port === undefined ? 2 : 0,
    while: ({ kind }) => kind === "PortTaken",
  })

const makeFolders = (settings: ServerSettings): Effect.Effect<ServerPaths, EmbeddedError, Scope.Scope> =>
  Effect.gen(function* () {
    const failed = (folder: string) => (cause: unknown) =>
      makeError(settings, "DataDirectory", `${folder} cannot be created, or is not a directory`, { cause })
    const temporary = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => mkdtemp(join(tmpdir(), "effect-milvus-")), catch: failed(tmpdir()) }),
      (folder) => Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))),
    )
    const dataDirectory = settings.dataDirectory ?? join(temporary, "data")
    yield* Effect.tryPromise({
      try: () => mkdir(dataDirectory, { recursive: true }),
      catch: failed(dataDirectory),
    })
    return { temporary, dataDirectory, log: join(temporary, "server.log") }
  })

const launch = (settings: ServerSettings, python: Python): Effect.Effect<Server, EmbeddedError, Scope.Scope> =>
  Effect.gen(function* () {
    // Each attempt has its own folders, because the supervisor removes the temporary one.
    const folders = yield* makeFolders(settings)
    const { script, parameters, ready } = yield* settings.engine === "milvus"
      ? milvus(settings, folders)
      : milvusLite(settings, folders)
    const process = yield* Process.start({
      python: python.executable,
      argv: [python.executable, "-c", script, JSON.stringify(parameters)],
      directory: folders.dataDirectory,
      output: folders.log,
      remove: [folders.temporary],
    })
    const answered = Effect.gen(function* () {
      const answer = decodeAnswer(Option.getOrUndefined(yield* process.answer))
      if (Option.isNone(answer)) return yield* Effect.never
      if ("problem" in answer.value) return yield* makeError(settings, answer.value.problem, answer.value.reason)
      yield* ready
      return { ...answer.value, dataDirectory: folders.dataDirectory, log: folders.log }
    })
    const ended = Effect.flatMap(process.ended, (code) => startFailed(settings, folders, code))
    return yield* Effect.raceFirst(answered, ended).pipe(
      Effect.timeoutOrElse({ duration: settings.startTimeout, orElse: () => startTimedOut(settings, folders) }),
      // Now rather than when the scope closes, because another attempt may follow.
      Effect.onError(() => process.stop),
    )
  })

const Answer = Schema.Union([
  Schema.Struct({ pid: Schema.Number, port: Schema.Number }),
  Schema.Struct({ problem: Schema.Literals(["DataDirectory", "PortTaken"]), reason: Schema.String }),
])
const decodeAnswer = Schema.decodeUnknownOption(Answer)

/** Launches milvus-lite. It answers once it serves, so that no further check is needed. */
const milvusLite = ({ port }: ServerSettings, { dataDirectory }: ServerPaths): Effect.Effect<Launch> =>
  Effect.succeed({
    script: milvusLiteScript,
    parameters: { directory: dataDirectory, port: port ?? 0 },
    ready: Effect.void,
  })

const startFailed = (settings: ServerSettings, folders: ServerPaths, code: number | undefined) =>
  Effect.flatMap(readLog(folders), (log) => {
    const how = code === undefined ? "" : code < 0 ? ` by signal ${-code}` : ` with code ${code}`
    return /address already in use/i.test(log)
      ? makeError(settings, "PortTaken", "another process uses one of its ports", { log })
      : makeError(settings, "StartFailed", `it exited${how} before it was ready`, { log })
  })

const startTimedOut = (settings: ServerSettings, folders: ServerPaths) =>
  Effect.flatMap(readLog(folders), (log) => makeError(settings, "StartTimeout", "it was not ready in time", { log }))

const readLog = ({ log }: ServerPaths): Effect.Effect<string> =>
  Effect.tryPromise(() => readFile(log, "utf8")).pipe(
    // After a panic, Milvus prints pages of goroutine traces; only the panic itself is kept.
    Effect.map((text) => text.split("\n\ngoroutine ", 1).join().slice(-4_000)),
    Effect.orElseSucceed(() => ""),
  )

const makeError = (
  { engine }: ServerSettings,
  kind: EmbeddedErrorKind,
  reason: string,
  rest: { readonly log?: string; readonly cause?: unknown } = {},
): EmbeddedError => new EmbeddedError({ engine, kind, reason, ...rest })
