/**
 * Real Milvus servers as disposable processes: milvus-lite 3.2.2, and the standalone Milvus 2.3.5.
 *
 * A returned server is ready: it answers `CheckHealth` with `isHealthy`. Every port is a free one, so that any number
 * of servers can run side by side. Disposing kills the process group, waits for its end and removes its data. If the
 * test process dies in any other way, the system kills the server (Linux). A server that does not start is an error
 * with the end of its log.
 *
 * A test may only restart a server of its own: with a shared server, the sanitizers would report the new process as a
 * leak.
 */
import { Buffer } from "node:buffer"
import { request } from "node:http"
import * as grpc from "@grpc/grpc-js"
import { type Certificates, certificates } from "./certificates.ts"
import { freePort, isFree } from "./listeners.ts"
import { pythonWith } from "./python.ts"
import { eventually, listens } from "./sockets.ts"

export interface MilvusServer extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  readonly host: string
  readonly port: number
  /** PID of the current process, or of the last one. */
  readonly pid: number
  readonly dataDirectory: string
  /** Channel credentials for a connection by grpc-js. */
  readonly credentials: grpc.ChannelCredentials
  /** Metadata for a connection by grpc-js: `authorization`, if the server requires it. */
  readonly metadata: Readonly<Record<string, string>>
  /** Returns the output of the server, including that before restarts. */
  log(): string
  /** Stops it by its signal for an orderly end, and kills it after 10 s. */
  stop(): Promise<void>
  /** Kills it (SIGKILL). */
  kill(): Promise<void>
  /** Starts it again on the same port and data. Stops it first if it runs. */
  restart(): Promise<void>
  /** Freezes the process (SIGSTOP): its sockets stay open, and it answers nothing until `resume`. */
  pause(): Promise<void>
  resume(): void
}

interface LiteOptions {
  /** Kept on dispose. @default a temporary folder */
  readonly dataDirectory?: string
  readonly port?: number
}

export interface MilvusOptions extends LiteOptions {
  /** Whether every RPC requires credentials, such as `rootCredentials`. */
  readonly authorization?: boolean
  /** TLS with the identity `certificates().server`. "mutual" requires a client that `certificates().ca` signed. */
  readonly tls?: "one-way" | "mutual"
  /** Another identity of the server, such as `certificates().wrongHost`. */
  readonly identity?: Certificates["server"]
}

export const rootCredentials = { user: "root", password: "Milvus" } as const

/** Starts milvus-lite, which takes about 2 s. It has no TLS and no authorization. */
export async function startMilvusLite(options?: LiteOptions): Promise<MilvusServer> {
  const python = await pythonWith("milvus-lite")
  return await start(options, {
    python,
    exec: (dataDirectory, port) => {
      const serve = "import sys; from milvus_lite.cmdline import main; sys.exit(main())"
      const address = ["--host", host, "--port", `${port}`]
      return { argv: [python, "-c", serve, "server", "--data-dir", dataDirectory, ...address], env: {} }
    },
    stopSignal: "SIGINT",
    credentials: grpc.credentials.createInsecure(),
    metadata: {},
  })
}

/** Starts Milvus 2.3.5, which takes about 3 s. A restart takes about 5 s. */
export async function startMilvus(options?: MilvusOptions): Promise<MilvusServer> {
  const python = await pythonWith("milvus")
  const binaries = python.replace(/bin\/python$/, "milvus/bin")
  const { user, password } = rootCredentials
  return await start(options, {
    python,
    prepare: "from milvus import MilvusServerConfig as C; c = C(data_dir='.'); c.resolve_storage(); c.write_config()",
    exec: (dataDirectory, port) => ({
      argv: [`${binaries}/milvus`, "run", "standalone"],
      env: { LD_LIBRARY_PATH: binaries, ...settings(dataDirectory, port, options) },
    }),
    unblock: dropStaleSessions,
    stopSignal: "SIGTERM",
    credentials: credentialsFor(options?.tls),
    metadata: options?.authorization ? { authorization: btoa(`${user}:${password}`) } : {},
  })
}

/**
 * Returns a getter of a server for all tests of a file. It is started before the first test and disposed of after the
 * last one, when no sanitizer is active.
 *
 * @example
 * const milvus = shared(startMilvusLite)
 * test("...", () => connect(milvus().address))
 */
export function shared<Server extends AsyncDisposable>(start: () => Promise<Server>): () => Server {
  let server: Server | undefined
  Deno.test.beforeAll(async () => {
    server = await start()
  })
  Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]())
  return () => {
    if (server === undefined) throw new Error("a shared server is only available while tests run")
    return server
  }
}

/**
 * Makes one call by grpc-js over a new connection. Resolves with the bytes of the reply, or rejects with the error of
 * grpc-js.
 */
export function callMilvus(
  server: Pick<MilvusServer, "address" | "credentials" | "metadata">,
  method: string,
  request: Uint8Array = new Uint8Array(),
): Promise<Uint8Array> {
  const client = new grpc.Client(server.address, server.credentials, {
    // Deno refuses an IP address as the server name of TLS.
    "grpc.ssl_target_name_override": "localhost",
    "grpc.default_authority": server.address,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 10,
    "grpc.max_reconnect_backoff_ms": 10,
    "grpc.enable_http_proxy": 0,
  })
  const metadata = new grpc.Metadata()
  Object.entries(server.metadata).forEach(([name, value]) => metadata.set(name, value))
  return new Promise<Uint8Array>((resolve, reject) => {
    client.makeUnaryRequest<Uint8Array, Uint8Array>(
      `/milvus.proto.milvus.MilvusService/${method}`,
      Buffer.from,
      (bytes) => new Uint8Array(bytes),
      request,
      metadata,
      { deadline: Date.now() + 3_000 },
      (error, reply) => error ? reject(error) : resolve(reply ?? new Uint8Array()),
    )
  }).finally(() => client.close())
}

const host = "127.0.0.1"

interface Program {
  readonly python: string
  /** Python code to run first, in the data directory. */
  readonly prepare?: string
  readonly exec: (dataDirectory: string, port: number) => { argv: Array<string>; env: Record<string, string> }
  /** Work that the start needs from outside. It ends when the server is ready or has ended. */
  readonly unblock?: (env: Record<string, string>, process: ServerProcess) => Promise<void>
  readonly stopSignal: Deno.Signal
  readonly credentials: grpc.ChannelCredentials
  readonly metadata: Record<string, string>
}

/**
 * Replaces itself with the server, so that the started process is the server. It runs in a session of its own, writes
 * its output to a file, and is killed by the system (PR_SET_PDEATHSIG = 1) when the thread that started it ends.
 */
const launcher = `
import ctypes, json, os, signal, sys
directory, log, prepare, argv = json.loads(sys.argv[1])
out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.dup2(out, 1), os.dup2(out, 2)
os.setsid()
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
os.chdir(directory)
exec(prepare)
os.execv(argv[0], argv)
`

async function start(options: LiteOptions | undefined, program: Program): Promise<MilvusServer> {
  const temporary = await Deno.makeTempDir({ prefix: "effect-milvus-" })
  const dataDirectory = options?.dataDirectory ?? `${temporary}/data`
  const logFile = `${temporary}/log`
  await Deno.mkdir(dataDirectory, { recursive: true })
  await Deno.writeTextFile(logFile, "")
  const launch = async (port: number): Promise<ServerProcess> => {
    if (!isFree(port)) throw new Error(`address already in use: ${host}:${port}`)
    const { argv, env } = program.exec(dataDirectory, port)
    const process = spawn(program.python, JSON.stringify([dataDirectory, logFile, program.prepare ?? "", argv]), env)
    try {
      const unblocked = program.unblock?.(env, process)
      await untilReady(program, port, process)
      await unblocked
      return process
    } catch (cause) {
      await process.end("SIGKILL")
      const log = await Deno.readTextFile(logFile)
      throw new Error(`${argv.slice(0, 2).join(" ")} did not start:\n${excerpt(log)}`, { cause })
    }
  }

  let port = options?.port ?? freePort()
  let process = await launch(port).catch(async (error: Error) => {
    // Another process may have taken the port in the meantime.
    if (options?.port === undefined && /address already in use/i.test(error.message)) {
      return await launch(port = freePort())
    }
    await remove(temporary)
    throw error
  })

  return {
    address: `${host}:${port}`,
    host,
    port,
    get pid() {
      return process.pid
    },
    dataDirectory,
    credentials: program.credentials,
    metadata: program.metadata,
    log: () => Deno.readTextFileSync(logFile),
    stop: () => process.end(program.stopSignal),
    kill: () => process.end("SIGKILL"),
    async restart() {
      await process.end(program.stopSignal)
      process = await launch(port)
    },
    async pause() {
      process.signal("SIGSTOP")
      // Until the signal arrives, a thread may still answer.
      await eventually(() => isStopped(process.pid))
    },
    resume: () => process.signal("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await process.end("SIGKILL")
      await remove(temporary)
    },
  }
}

/** Whether every thread of a process is stopped. */
function isStopped(pid: number): boolean {
  return Array.from(Deno.readDirSync(`/proc/${pid}/task`)).every(({ name }) => {
    const stat = Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`)
    // The state follows the name, which is in parentheses and may contain parentheses.
    return stat.slice(stat.lastIndexOf(")")).startsWith(") T")
  })
}

/** Returns the end of the log. After a panic, returns the part around it, because its list of goroutines is long. */
function excerpt(log: string): string {
  const panic = log.lastIndexOf("\npanic: ")
  return panic < 0 ? log.slice(-4_000) : log.slice(Math.max(0, panic - 3_000), panic + 1_000)
}

interface ServerProcess {
  readonly pid: number
  readonly running: boolean
  /** Sends a signal to the whole process group. */
  signal(signal: Deno.Signal): void
  /** Sends a signal and waits for the end. Sends SIGKILL after 10 s. */
  end(signal: Deno.Signal): Promise<void>
}

/** Starts a process without the environment of the tests, from which Milvus would take settings. */
function spawn(python: string, instructions: string, env: Record<string, string>): ServerProcess {
  const child = new Deno.Command(python, {
    args: ["-c", launcher, instructions],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "/", PYTHONUNBUFFERED: "1", ...env },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn()
  let running = true
  const ended = child.status.then(() => {
    running = false
  })
  const signal = (name: Deno.Signal) => {
    // The process has no group of its own until its launcher has run, and it may have ended already.
    for (const target of [-child.pid, child.pid]) {
      try {
        if (running) return Deno.kill(target, name)
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error
      }
    }
  }
  return {
    pid: child.pid,
    get running() {
      return running
    },
    signal,
    async end(name) {
      signal(name)
      if (name !== "SIGKILL") signal("SIGCONT")
      const timer = setTimeout(() => signal("SIGKILL"), 10_000)
      await ended.finally(() => clearTimeout(timer))
      // Milvus writes this file whatever its settings.
      await remove(`/tmp/milvus/server_id_${child.pid}`)
    },
  }
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error
  })
}

async function untilReady(program: Program, port: number, process: ServerProcess): Promise<void> {
  const end = performance.now() + 120_000
  let last: unknown
  while (process.running && performance.now() < end) {
    try {
      // If the port is in use, Milvus takes another one and milvus-lite shares it. So check that this process answers.
      if (!listens(process.pid, port)) throw new Error(`it does not listen on port ${port}`)
      if (isHealthy(await callMilvus({ ...program, address: `${host}:${port}` }, "CheckHealth"))) return
      last = new Error("CheckHealth reports that it is not healthy")
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(process.running ? "not ready within 120 s" : "the process ended", { cause: last })
}

/** Reads field 2 of CheckHealthResponse. Field 1, a message, comes first. */
function isHealthy(reply: Uint8Array): boolean {
  const [tag, length] = reply
  const rest = tag === 0x0a ? reply.subarray(2 + (length ?? 0)) : reply
  return rest[0] === 0x10 && rest[1] === 1
}

function credentialsFor(tls: MilvusOptions["tls"]): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure()
  const { ca, client } = certificates()
  const [key, certificate] = tls === "mutual"
    ? [Buffer.from(client.key), Buffer.from(client.certificate)]
    : [null, null]
  // The tests themselves check the certificate of the server.
  return grpc.credentials.createSsl(Buffer.from(ca), key, certificate, {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
}

/**
 * Returns the settings as variables. Milvus reads the setting `a.bC` from the variable `A_BC`, before its file. The
 * etcd endpoint in its file is not the one where etcd listens.
 */
function settings(dataDirectory: string, port: number, options: MilvusOptions | undefined): Record<string, string> {
  const roles = ["ROOTCOORD", "QUERYCOORD", "QUERYNODE", "INDEXNODE", "DATACOORD", "DATANODE"]
  const etcd = writeEtcdConfig(dataDirectory)
  return {
    DEPLOY_MODE: "STANDALONE",
    MILVUS_RUN_DIR: `${dataDirectory}/run`,
    METRICS_PORT: `${freePort()}`,
    ETCD_CONFIG_PATH: etcd.path,
    ETCD_ENDPOINTS: etcd.endpoint,
    PROXY_PORT: `${port}`,
    PROXY_INTERNALPORT: `${freePort()}`,
    PROXY_IP: host,
    ...Object.fromEntries(roles.flatMap((role) => [[`${role}_PORT`, `${freePort()}`], [`${role}_IP`, host]])),
    COMMON_SECURITY_AUTHORIZATIONENABLED: `${options?.authorization ?? false}`,
    ...options?.tls === undefined
      ? {}
      : writeTls(dataDirectory, options.tls, options.identity ?? certificates().server),
  }
}

function writeEtcdConfig(dataDirectory: string): { readonly path: string; readonly endpoint: string } {
  const path = `${dataDirectory}/etcd.json`
  const [clients, peers] = [`http://${host}:${freePort()}`, `http://${host}:${freePort()}`]
  const config = {
    "name": "default",
    "data-dir": `${dataDirectory}/data/etcd.data`,
    "listen-client-urls": clients,
    "advertise-client-urls": clients,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
    "log-level": "warn",
    "enable-grpc-gateway": true,
  }
  Deno.writeTextFileSync(path, JSON.stringify(config))
  return { path, endpoint: clients.replace("http://", "") }
}

/**
 * Removes the registrations of an earlier start from etcd. A stopped or killed Milvus stays registered until its leases
 * end, and the next one on the same data waits for that, 54 s in all. Shorter leases would end a server that a busy
 * machine delays for a few seconds.
 */
async function dropStaleSessions(env: Record<string, string>, process: ServerProcess): Promise<void> {
  const ask = (path: string, key: string, end?: string) =>
    post(`http://${env.ETCD_ENDPOINTS}/v3/kv/${path}`, { key, ...end === undefined ? {} : { range_end: end } })
  while (process.running) {
    try {
      const { kvs = [] } = await ask("range", btoa("by-dev/meta/session/"), btoa("by-dev/meta/session0"))
      const current = new Set(Object.values(env))
      const isStale = ({ value }: { readonly value?: string }) => {
        const port = /"Address":"[^"]*:(\d+)"/.exec(atob(value ?? ""))?.[1]
        return port !== undefined && !current.has(port)
      }
      for (const { key } of kvs.filter(isStale)) await ask("deleterange", key)
      return
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

interface EtcdReply {
  readonly kvs?: ReadonlyArray<{ readonly key: string; readonly value?: string }>
}

/** Posts JSON. Does not use fetch, which would use a proxy and keep the connection open. */
function post(url: string, body: unknown): Promise<EtcdReply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: "POST", agent: false, timeout: 5_000 }, (response) => {
      const chunks: Array<Uint8Array> = []
      response.on("data", (chunk) => chunks.push(chunk))
      response.on("error", reject)
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`${url}: ${response.statusCode}`))
        resolve(JSON.parse(Buffer.concat(chunks).toString()))
      })
    })
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url}: no answer`)))
    outgoing.on("error", reject)
    outgoing.end(JSON.stringify(body))
  })
}

function writeTls(dataDirectory: string, mode: "one-way" | "mutual", identity: Certificates["server"]) {
  const path = (name: string) => `${dataDirectory}/${name}`
  Deno.writeTextFileSync(path("server.pem"), identity.certificate)
  Deno.writeTextFileSync(path("server.key"), identity.key)
  Deno.writeTextFileSync(path("ca.pem"), certificates().ca)
  return {
    COMMON_SECURITY_TLSMODE: mode === "one-way" ? "1" : "2",
    TLS_SERVERPEMPATH: path("server.pem"),
    TLS_SERVERKEYPATH: path("server.key"),
    TLS_CAPEMPATH: path("ca.pem"),
  }
}
