/**
 * Finds the Python for an engine: one that has the package already, or, only if `install` is set, a private
 * environment.
 *
 * Tried in this order: the option `python` (then no other), `MILVUS_PYTHON`, `python3` and `python` on the PATH, the
 * active `VIRTUAL_ENV`, the private environment in the cache folder of the user. Each is run once, for about 50 ms.
 * Nothing is written unless `install` is set.
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

/** A Python that has the package of an engine. */
export interface Python {
  /** Path of the interpreter. */
  readonly executable: string
  /** Version of the package. */
  readonly version: string
}

interface Package {
  /** Folder name of the private environment. */
  readonly folder: string
  /** Requirements that pip installs. */
  readonly requirements: ReadonlyArray<string>
  /** Distributions that have to be installed. */
  readonly distributions: ReadonlyArray<string>
  /** Description of the supported versions. */
  readonly expected: string
  /** Whether a version of the package is supported. */
  readonly supports: (version: string) => boolean
  /** Lowest supported minor version of Python 3. */
  readonly minor: number
}

const packages: Record<Engine, Package> = {
  // milvus-lite uses the stubs of pymilvus, but does not list pymilvus as a requirement.
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

/** Finds a Python with the package of the engine, or creates an environment if `install` is set. */
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

/** Returns the cache folder: in `$XDG_CACHE_HOME`, or in the one of the platform. */
export const cacheFolder = (): string => {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, "effect-milvus")
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "effect-milvus")
  if (process.platform === "win32" && LOCALAPPDATA) return join(LOCALAPPDATA, "effect-milvus", "Cache")
  return join(homedir(), ".cache", "effect-milvus")
}

const pythonIn = (environment: string): string =>
  process.platform === "win32" ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python")

/** Returns the paths of the private environment: its folder, its Python, and the file that marks it as complete. */
const privateEnvironment = (engine: Engine) => {
  const folder = join(cacheFolder(), packages[engine].folder)
  return { folder, python: pythonIn(folder), complete: join(folder, ".complete") }
}

const candidates = (
  options: { readonly engine: Engine; readonly python: string | undefined },
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    if (options.python !== undefined) return [options.python]
    const { MILVUS_PYTHON, VIRTUAL_ENV } = process.env
    const own = privateEnvironment(options.engine)
    const isComplete = yield* Effect.isSuccess(Effect.tryPromise(() => access(own.complete)))
    return [
      ...MILVUS_PYTHON ? [MILVUS_PYTHON] : [],
      "python3",
      "python",
      ...VIRTUAL_ENV ? [pythonIn(VIRTUAL_ENV)] : [],
      ...isComplete ? [own.python] : [],
    ]
  })

/** Result of probing a Python. */
interface PythonCandidate {
  readonly executable: string
  /** Whether the package can be installed with this Python. */
  readonly supportsVersion: boolean
  /** Version of the package, if the engine can run with it. */
  readonly version?: string
  /** Description for error messages. */
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
      ? { executable, supportsVersion: true, version, summary: summary("is suitable") }
      : { executable, supportsVersion: true, summary: summary(`has ${distributions[0]} ${version}`) }
  })
}

/** Runs a command, and returns its output; empty if it fails, does not exist, or takes more than 10 s. */
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
        "with the package manager of the system, or set the option `python` or MILVUS_PYTHON",
      command: `${pipInstall(engine, "python3")} (with that Python)`,
    }),
  )

const packageNotFound = (engine: Engine, base: PythonCandidate, seen: ReadonlyArray<PythonCandidate>) =>
  Effect.fail(
    new EmbeddedError({
      engine,
      kind: "PackageNotFound",
      reason: `it needs a Python that has ${packages[engine].expected}; ${summarize(seen)}. ` +
        "The option `install: true` creates a private environment in the cache folder of the user",
      command: pipInstall(engine, base.executable),
    }),
  )

const summarize = (seen: ReadonlyArray<PythonCandidate>): string => seen.map(({ summary }) => summary).join(", ")

const install = (engine: Engine, base: PythonCandidate): Effect.Effect<Python, EmbeddedError, Scope.Scope> =>
  Effect.gen(function* () {
    const { requirements } = packages[engine]
    const { folder, python, complete } = privateEnvironment(engine)
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
