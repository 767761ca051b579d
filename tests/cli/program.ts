/** Runs the command line as a process with its own configuration folder, and starts servers for it. */
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { openTerminal, type Terminal } from "./terminal.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
/** Use only the lock file and the cache, because the environment of the process does not allow downloads. */
const flags = ["-A", "--quiet", "--cached-only", "--frozen", `--config=${root}deno.json`]
const program = ["run", ...flags, `${root}src/cli/main.ts`]

/** Exit code and output of a command line. */
export interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Options of a run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

/** Environment of a command line: a configuration folder, and none of the variables of this machine. */
export interface Home extends AsyncDisposable {
  /** Folder for files. */
  readonly path: string
  /** Path of the saved connections. */
  readonly saved: string
  /** Runs a command line without a terminal. */
  run(words: ReadonlyArray<string>, options?: RunOptions): Promise<Outcome>
  /** Runs a script in the shell of the system, with the command line as `effect-milvus`. */
  sh(script: string, env?: RunOptions["env"]): Promise<Outcome>
  /** Runs a command line under a terminal; without words, the shell. */
  open(words?: ReadonlyArray<string>, env?: RunOptions["env"]): Promise<Terminal>
  /** Starts a command line, and returns its process. */
  start(words: ReadonlyArray<string>, env?: RunOptions["env"]): Deno.ChildProcess
  /** Writes a file. */
  write(name: string, text: string): Promise<string>
  /** Reads a file. */
  read(name: string): Promise<string>
  /** Returns the names in a folder. */
  list(name: string): Promise<ReadonlyArray<string>>
}

/** Makes a home. */
export async function makeHome(): Promise<Home> {
  const path = await Deno.makeTempDir({ prefix: "effect-milvus-cli-" })
  const base: Record<string, string> = {
    PATH: Deno.env.get("PATH") ?? "",
    // Runtimes keep their downloads here.
    HOME: Deno.env.get("HOME") ?? "",
    ...(Deno.env.has("DENO_DIR") ? { DENO_DIR: Deno.env.get("DENO_DIR")! } : {}),
    XDG_CONFIG_HOME: `${path}/config`,
    DENO_NO_UPDATE_CHECK: "1",
    LANG: "C.UTF-8",
  }
  const deno = Deno.execPath()
  const spawn = (command: string, args: ReadonlyArray<string>, env: RunOptions["env"] = {}) =>
    new Deno.Command(command, {
      args: [...args],
      env: { ...base, ...env },
      clearEnv: true,
      cwd: path,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn()
  const outcome = async (child: Deno.ChildProcess, stdin = ""): Promise<Outcome> => {
    const writer = child.stdin.getWriter()
    // The program may end without reading.
    await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {})
    const killTimer = setTimeout(() => child.kill("SIGKILL"), 60_000)
    const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(killTimer))
    return { code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) }
  }
  return {
    path,
    saved: `${path}/config/effect-milvus/connections.json`,
    run: (words, options) => outcome(spawn(deno, [...program, ...words], options?.env), options?.stdin),
    sh: (script, env) => {
      const defined = `effect-milvus() { "${deno}" ${program.map((word) => `"${word}"`).join(" ")} "$@"; }\n`
      return outcome(spawn("bash", ["-c", defined + script], env))
    },
    open: (words = [], env) => openTerminal([deno, ...program, ...words], { ...base, ...env }, path),
    start: (words, env) => spawn(deno, [...program, ...words], env),
    write: async (name, text) => {
      await Deno.writeTextFile(`${path}/${name}`, text)
      return `${path}/${name}`
    },
    read: (name) => Deno.readTextFile(`${path}/${name}`),
    list: async (name) => (await Array.fromAsync(Deno.readDir(`${path}/${name}`))).map(({ name }) => name).toSorted(),
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  }
}

/** A FakeMilvus in this process. */
export interface Fake extends AsyncDisposable {
  readonly address: string
  /** Port as text, for flags. */
  readonly port: string
  readonly server: FakeMilvus.FakeMilvus
}

/** Starts a FakeMilvus. */
export async function startFake(options?: FakeMilvus.Options): Promise<Fake> {
  const scope = Scope.makeUnsafe()
  const server = await Effect.runPromise(Scope.provide(FakeMilvus.make(options), scope))
  return {
    address: server.address,
    port: String(server.port),
    server,
    [Symbol.asyncDispose]: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
