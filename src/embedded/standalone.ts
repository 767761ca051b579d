/**
 * Launches the standalone Milvus as a local server: chooses its ports, writes its settings, and waits until it is
 * healthy.
 *
 * It listens on all addresses of the machine, because it has no setting for that.
 */
import { Buffer } from "node:buffer"
import { readFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { EmbeddedError } from "./errors.ts"
import type { Launch, ServerPaths } from "./launch.ts"
import type { ServerSettings, ServerTls } from "./options.ts"
import { freePorts, host } from "./ports.ts"
import { cacheFolder } from "./python.ts"
import { milvusScript } from "./scripts.ts"

const roles = ["ROOTCOORD", "QUERYCOORD", "QUERYNODE", "INDEXNODE", "DATACOORD", "DATANODE"]

/**
 * Launches the standalone server. Chooses a free port for each of its dozen ports, which are fixed by default. Milvus
 * reads the setting `a.bC` from the environment variable `A_BC`, which takes precedence over its file.
 */
export const milvus = (settings: ServerSettings, folders: ServerPaths): Effect.Effect<Launch, EmbeddedError> =>
  Effect.gen(function* () {
    const portsFile = join(folders.dataDirectory, ".ports")
    const wanted = [settings.port ?? 0, 0, 0, 0, 0, ...roles.map(() => 0)]
    const ports = yield* freePorts(settings.engine, wanted, yield* readPorts(portsFile))
    const [port = 0, internal, metrics = 0, etcd = 0, peers, ...rest] = ports
    const files = settings.tls === undefined ? {} : yield* writeTls(settings.tls, folders)
    const etcdFile = join(folders.temporary, "etcd.json")
    yield* writePrivateFile(etcdFile, JSON.stringify(etcdConfig(folders.dataDirectory, `${etcd}`, `${peers}`)))
    return {
      script: milvusScript,
      parameters: {
        directory: folders.dataDirectory,
        unpacked: join(cacheFolder(), "milvus-2.3.5-server"),
        port,
        ports: { file: portsFile, content: JSON.stringify(ports) },
        settings: {
          DEPLOY_MODE: "STANDALONE",
          MILVUS_RUN_DIR: join(folders.temporary, "run"),
          METRICS_PORT: `${metrics}`,
          ETCD_CONFIG_PATH: etcdFile,
          ETCD_ENDPOINTS: `${host}:${etcd}`,
          PROXY_PORT: `${port}`,
          PROXY_INTERNALPORT: `${internal}`,
          PROXY_IP: host,
          ...Object.fromEntries(roles.flatMap((role, at) => [[`${role}_PORT`, `${rest[at]}`], [`${role}_IP`, host]])),
          COMMON_SECURITY_AUTHORIZATIONENABLED: `${settings.authorization}`,
          ...files,
        },
      },
      ready: Effect.andThen(dropStaleSessions(etcd, ports), untilHealthy(metrics)),
    }
  })

/**
 * Reads the ports of the last start on this data, under which Milvus may still be registered. They are avoided: a
 * component that found another component on such a port would bring the server down.
 */
const readPorts = (file: string): Effect.Effect<ReadonlyArray<number>> =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.map((text) => Option.getOrElse(decodePorts(text), () => [])),
    Effect.orElseSucceed(() => []),
  )

const decodePorts = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Array(Schema.Number)))

const etcdConfig = (dataDirectory: string, port: string, peerPort: string) => {
  const clients = `http://${host}:${port}`
  const peers = `http://${host}:${peerPort}`
  return {
    "name": "default",
    "data-dir": join(dataDirectory, "data", "etcd.data"),
    "listen-client-urls": clients,
    "advertise-client-urls": clients,
    "listen-peer-urls": peers,
    "initial-advertise-peer-urls": peers,
    "initial-cluster": `default=${peers}`,
    "log-level": "warn",
    // HTTP in addition to gRPC.
    "enable-grpc-gateway": true,
  }
}

const writeTls = (tls: ServerTls, { temporary }: ServerPaths) =>
  Effect.gen(function* () {
    const [certificate, key, ca] = ["server.pem", "server.key", "ca.pem"].map((name) => join(temporary, name))
    yield* writePrivateFile(`${certificate}`, tls.certificate)
    yield* writePrivateFile(`${key}`, Redacted.value(tls.key))
    if (tls.ca !== undefined) yield* writePrivateFile(`${ca}`, tls.ca)
    return {
      COMMON_SECURITY_TLSMODE: tls.ca === undefined ? "1" : "2",
      TLS_SERVERPEMPATH: `${certificate}`,
      TLS_SERVERKEYPATH: `${key}`,
      TLS_CAPEMPATH: `${ca}`,
    }
  })

const writePrivateFile = (path: string, text: string): Effect.Effect<void, EmbeddedError> =>
  Effect.tryPromise({
    try: () => writeFile(path, text, { mode: 0o600 }),
    catch: (cause) =>
      new EmbeddedError({ engine: "milvus", kind: "StartFailed", reason: `${path} cannot be written`, cause }),
  })

const Sessions = Schema.fromJsonString(Schema.Struct({
  kvs: Schema.optional(Schema.Array(Schema.Struct({ key: Schema.String, value: Schema.optional(Schema.String) }))),
}))
const decodeSessions = Schema.decodeUnknownOption(Sessions)

/**
 * Removes registrations of earlier servers. Milvus stays registered in its etcd until its leases expire, even if it was
 * stopped, and the next server on the same data would wait half a minute or more for that. Shorter leases would end a
 * server on a busy machine. Therefore registrations with other ports are deleted.
 */
const dropStaleSessions = (etcd: number, ports: ReadonlyArray<number>): Effect.Effect<void> => {
  const post = (path: string, body: object) => httpRequest(etcd, "POST", `/v3/kv/${path}`, JSON.stringify(body))
  const range = {
    key: base64("by-dev/meta/session/"),
    range_end: base64("by-dev/meta/session0"),
  }
  const isStale = ({ value = "" }) => {
    const port = /"Address":"[^"]*:(\d+)"/.exec(Buffer.from(value, "base64").toString())?.[1]
    return port !== undefined && !ports.includes(Number(port))
  }
  return post("range", range).pipe(
    Effect.map((reply) => Option.getOrUndefined(decodeSessions(reply))),
    Effect.repeat({ until: (sessions) => sessions !== undefined, schedule: pollSchedule }),
    Effect.flatMap((sessions) => {
      const stale = sessions?.kvs?.filter(isStale) ?? []
      return Effect.forEach(stale, ({ key }) => post("deleterange", { key }), { discard: true })
    }),
  )
}

/** Waits until all components are healthy. Works with TLS and authorization too, because this port has neither. */
const untilHealthy = (metricsPort: number): Effect.Effect<void> =>
  httpRequest(metricsPort, "GET", "/healthz").pipe(
    Effect.repeat({ until: (reply) => /\bOK\b/.test(reply), schedule: pollSchedule }),
    Effect.asVoid,
  )

const pollSchedule = Schedule.spaced("50 millis")

const base64 = (text: string): string => Buffer.from(text).toString("base64")

/**
 * Returns the body of a reply with status 200; empty otherwise, or after 5 s. Uses a bare socket, because an HTTP
 * client would use the proxies of the environment and keep the connection open.
 */
const httpRequest = (port: number, method: string, path: string, body: string = ""): Effect.Effect<string> =>
  Effect.callback<string>((resume) => {
    let reply = ""
    const head = `${method} ${path} HTTP/1.0\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n\r\n`
    const socket = connect(port, host, () => socket.write(`${head}${body}`))
    socket.setEncoding("utf8").on("data", (text) => reply += text)
    socket.on("error", () => {})
    socket.on("close", () => resume(Effect.succeed(/^HTTP\/1\.\d 200 [^]*?\r\n\r\n([^]*)$/.exec(reply)?.[1] ?? "")))
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutOption("5 seconds"), Effect.map(Option.getOrElse(() => "")))
