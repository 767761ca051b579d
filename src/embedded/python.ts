/**
 * The Python that an engine runs with: one that has the package already, or, only when asked, a private environment.
 *
 * Looked at in this order: the `python` that was asked for (then no other), `MILVUS_PYTHON`, `python3` and `python` on the PATH, the
 * active `VIRTUAL_ENV`, our own environment in the user's cache folder. Each is run once, for some 50 ms. Nothing is written unless
 * `install` is set.
 */
import { execFile } from "node:child_process"
import { access } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { oneLine } from "../text/printable.ts"
import { EmbeddedError, type Engine } from "./errors.ts"
import * as Process from "./process.ts"
import { installScript, probeScript } from "./scripts.ts"

/** A Python that has an engine's package. */
export interface Python {
  /** The path of the interpreter. */
  readonly executable: string
  /** The version of the package. */
  readonly version: string
}

interface Package {
  /** The name of our own environment. */
  readonly folder: string
  /** What pip is asked for. */
  readonly requirements: ReadonlyArray<string>
  /** The distributions that have to be there. */
  readonly distributions: ReadonlyArray<string>
  /** Which of its versions will do, in words and as a check. */
  readonly expected: string
  readonly supports: (version: string) => boolean
  /** The least minor version of Python 3. */
  readonly minor: number
}

const packages: Record<Engine, Package> = {
  // milvus-lite serves with the stubs of pymilvus, and does not require them.
  "milvus-lite": {
    folder: "milvus-lite-3.2.2",
    requirements: ["milvus-lite==3.2.2", "pymilvus==3.0.2"],
    distributions: ["milvus-lite", "pymilvus"],
    expected: "milvus-lite 3 with pymilvus",
    supports: (version) => /^3\./.test(version),
    minor: 10,
  },
  "milvus": {
    folder: "milvus-2.3.5",
    requirements: ["milvus==2.3.5"],
    distributions: ["milvus"],
    expected: "milvus 2.3.5",
    supports: (version) => version === "2.3.5",
    minor: 8,
  },
}

/** Finds a Python with the engine's package, or makes one if `install` is set. */
export const find = (
  options: { readonly engine: Engine; readonly python: string | undefined; readonly install: boolean },
): Effect.Effect<Python, EmbeddedError, Scope.Scope> =>
  Effect.gen(function* () {
    const { engine } = options
    const seen: Array<PythonCandidate> = []
    for (const command of yield* candidates(options)) {
      const found = yield* probe(engine, command)
      if (found.version !== undefined) return { executable: found.executable, version: found.version }
      seen.push(found)
    }
    const base = seen.find(({ supportsVersion }) => supportsVersion)
    if (base === undefined) return yield* pythonNotFound(engine, seen)
    if (!options.install) return yield* packageNotFound(engine, base, seen)
    return yield* install(engine, base)
  })

/** The folder for what can be made again: `$XDG_CACHE_HOME`, or the platform's own. */
export const cacheFolder = (): string => {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "effect-milvus")
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "effect-milvus")
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "effect-milvus", "Cache")
  return join(homedir(), ".cache", "effect-milvus")
}

const pythonIn = (environment: string): string =>
  process.platform === "win32" ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python")

/** Where our environment is, its Python, and the file that says that it is whole. */
const ownEnvironment = (engine: Engine) => {
  const folder = join(cacheFolder(), packages[engine].folder)
  return { folder, python: pythonIn(folder), complete: join(folder, ".complete") }
}

const candidates = (
  options: { readonly engine: Engine; readonly python: string | undefined },
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    if (options.python !== undefined) return [options.python]
    const { MILVUS_PYTHON, VIRTUAL_ENV } = process.env
    const own = ownEnvironment(options.engine)
    const isWhole = yield* Effect.isSuccess(Effect.tryPromise(() => access(own.complete)))
    return [
      ...MILVUS_PYTHON ? [MILVUS_PYTHON] : [],
      "python3",
      "python",
      ...VIRTUAL_ENV ? [pythonIn(VIRTUAL_ENV)] : [],
      ...isWhole ? [own.python] : [],
    ]
  })

/** What was learned about a candidate. `version` is there where it will do, and `supportsVersion` where the package could be installed. */
interface PythonCandidate {
  readonly executable: string
  readonly supportsVersion: boolean
  readonly version?: string
  readonly summary: string
}

const Answer = Schema.fromJsonString(Schema.Struct({
  executable: Schema.String,
  python: Schema.Tuple([Schema.Number, Schema.Number]),
  versions: Schema.Record(Schema.String, Schema.NullOr(Schema.String)),
}))
const decodeAnswer = Schema.decodeUnknownOption(Answer)

const probe = (engine: Engine, command: string): Effect.Effect<PythonCandidate> => {
  const { distributions, supports, minor } = packages[engine]
  return Effect.map(execute(command, ["-c", probeScript, JSON.stringify(distributions)]), (output) => {
    const answer = Option.getOrUndefined(decodeAnswer(output))
    if (answer === undefined) return { executable: command, supportsVersion: false, summary: `${command} does not run` }
    const { executable, python: [major, actual], versions } = answer
    const missing = distributions.filter((name) => typeof versions[name] !== "string")
    const version = versions[distributions[0] ?? ""]
    const summary = (what: string) => `${command} (${executable}, ${major}.${actual}) ${what}`
    if (major !== 3 || actual < minor) return { executable, supportsVersion: false, summary: summary("is too old") }
    if (missing.length > 0) {
      return { executable, supportsVersion: true, summary: summary(`lacks ${missing.join(" and ")}`) }
    }
    return typeof version === "string" && supports(version)
      ? { executable, supportsVersion: true, version, summary: summary("will do") }
      : { executable, supportsVersion: true, summary: summary(`has ${distributions[0]} ${version}`) }
  })
}

/** What a command prints; nothing if it fails, is missing, or takes more than 10 s. */
const execute = (command: string, args: ReadonlyArray<string>): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const options = { timeout: 10_000, killSignal: "SIGKILL", windowsHide: true } as const
    const child = execFile(command, [...args], options, (_error, stdout) => resume(Effect.succeed(String(stdout))))
    return Effect.callback<void>((done) => {
      child.on("close", () => done(Effect.void))
      child.kill("SIGKILL")
    }).pipe(Effect.timeoutOption("1 second"))
  })

const pipInstall = (engine: Engine, python: string): string =>
  `${quote(python)} -m pip install ${packages[engine].requirements.map((name) => `"${name}"`).join(" ")}`

const quote = (path: string): string => /^[\w./:\\-]+$/.test(path) ? path : `"${path}"`

const pythonNotFound = (engine: Engine, seen: ReadonlyArray<PythonCandidate>) =>
  Effect.fail(
    new EmbeddedError({
      engine,
      kind: "PythonNotFound",
      reason:
        `it needs Python 3.${packages[engine].minor} or later; ${summarize(seen)}. Install one from python.org or ` +
        "with the system's package manager, or name one with the option `python` or with MILVUS_PYTHON",
      command: `${pipInstall(engine, "python3")} (with that Python)`,
    }),
  )

const packageNotFound = (engine: Engine, base: PythonCandidate, seen: ReadonlyArray<PythonCandidate>) =>
  Effect.fail(
    new EmbeddedError({
      engine,
      kind: "PackageNotFound",
      reason: `it needs a Python that has ${packages[engine].expected}; ${summarize(seen)}. ` +
        "The option `install: true` makes a private environment in the user's cache folder",
      command: pipInstall(engine, base.executable),
    }),
  )

const summarize = (seen: ReadonlyArray<PythonCandidate>): string => seen.map(({ summary }) => summary).join(", ")

const install = (engine: Engine, base: PythonCandidate): Effect.Effect<Python, EmbeddedError, Scope.Scope> =>
  Effect.gen(function* () {
    const { requirements } = packages[engine]
    const { folder, python, complete } = ownEnvironment(engine)
    let log = ""
    const context = yield* Effect.context<never>()
    yield* Effect.logInfo(`installing ${requirements.join(" and ")} into ${folder}`)
    const installer = yield* Process.start({
      python: base.executable,
      argv: [base.executable, "-c", installScript, JSON.stringify({ folder, python, complete, requirements })],
      directory: tmpdir(),
      output: (text) => {
        log = `${log}${text}`.slice(-4_000)
        Effect.runForkWith(context)(Effect.logDebug(oneLine(text)))
      },
      remove: [],
    })
    const code = yield* installer.ended
    yield* installer.stop
    const { version } = yield* probe(engine, python)
    if (code === 0 && version !== undefined) return { executable: python, version }
    return yield* new EmbeddedError({
      engine,
      kind: "InstallFailed",
      reason: `${requirements.join(" and ")} cannot be installed into ${folder}`,
      command: pipInstall(engine, base.executable),
      log,
    })
  })
