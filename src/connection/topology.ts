/**
 * The topology of a global cluster: which of its clusters is the primary, the one that takes writes.
 *
 * It is requested from the endpoint of the cluster by `GET /global-cluster/topology`, with the credential of the
 * connection. Each request has its own socket, which is closed with it. TLS is used for the primary if it is for the
 * endpoint, whatever the scheme of its address.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http"
import { request as requestHttps } from "node:https"
import { isIP } from "node:net"
import { checkServerIdentity } from "node:tls"
import { AddressProblem, parseAddress } from "../config/address.ts"
import { readTls } from "../config/tls.ts"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { authorizationOf } from "./credentials.ts"
import { classifyFailure, type HandshakeFailure } from "./notReady.ts"

/** The primary as of one request. */
export interface Primary {
  /** The config with its address. */
  readonly config: ConnectionConfig
  /** The version of the topology, which grows with each change. */
  readonly version: number
}

/** The config with the address of one of the servers. */
export const withAddress = (config: ConnectionConfig, address: string): ConnectionConfig => {
  // Cast: the address was made by the same function.
  const { host, port } = parseAddress(address) as { readonly host: string; readonly port: number }
  return { ...config, address, host, port }
}

/** Requests the topology, and returns the first cluster that takes writes. */
export const requestPrimary = (
  endpoint: ConnectionConfig,
  timeout: Duration.Duration,
): Effect.Effect<Primary, HandshakeFailure> =>
  Effect.gen(function* () {
    const credential = authorizationOf(endpoint, "topology")
    const authorization = Effect.isEffect(credential)
      ? yield* Effect.mapError(credential, (error) => classifyFailure(endpoint, error))
      : credential
    const body = yield* get(endpoint, authorization)
    return yield* Effect.fromResult(primaryOf(endpoint, body))
  }).pipe(Effect.timeoutOrElse({
    duration: Duration.min(timeout, requestTimeout),
    orElse: () => failWith("Timeout", "the topology was not there in time"),
  }))

/** Maximum time of one request. */
const requestTimeout = Duration.seconds(10)

/** Maximum size of a reply, in characters. */
const maxReply = 2 ** 20

const failWith = (kind: HandshakeFailure["kind"], reason: string, cause?: unknown) =>
  Effect.fail<HandshakeFailure>({ kind, reasons: [`topology: ${reason}`], cause })

/** Makes the request, and returns the text of a reply with status 200. Interrupting it closes its socket. */
const get = (endpoint: ConnectionConfig, authorization: string | undefined): Effect.Effect<string, HandshakeFailure> =>
  Effect.callback((resume) => {
    const { host, port, secure, tls } = endpoint
    let isConnected = false
    let request: ClientRequest | undefined
    const fail = (cause: Error) => resume(failWith(secure && isConnected ? "Tls" : "Unreachable", cause.message, cause))
    const receive = (reply: IncomingMessage) => {
      let text = ""
      reply.setEncoding("utf8")
      reply.on("data", (part: string) => {
        text += part
        if (text.length <= maxReply) return
        resume(failWith("Incompatible", "the reply is too long"))
        request?.destroy()
      })
      reply.on("error", fail)
      reply.on("end", () => {
        const status = reply.statusCode ?? 0
        resume(status === 200 ? Effect.succeed(text) : failWith(kindOfStatus(status), `HTTP status ${status}`))
      })
    }
    try {
      const options = {
        host,
        port,
        path: "/global-cluster/topology",
        // A new socket, which is closed after the reply.
        agent: false,
        headers: authorization === undefined ? {} : { authorization: `Bearer ${authorization}` },
      }
      request = secure
        ? requestHttps({
          ...options,
          ca: tls?.ca,
          cert: tls?.certificate,
          key: tls?.key && Redacted.value(tls.key),
          servername: tls?.serverName ?? (isIP(host) === 0 ? host : "ip-address.invalid"),
          // As for the sessions of gRPC: an IP address is not allowed as a server name.
          checkServerIdentity: (_, certificate) => checkServerIdentity(tls?.serverName ?? host, certificate),
          rejectUnauthorized: tls?.verify !== false,
        }, receive)
        : requestHttp(options, receive)
      request.on("socket", (socket) => {
        socket.once("connect", () => isConnected = true)
        socket.once("secureConnect", () => isConnected = false)
      })
      request.on("error", fail)
      request.end()
    } catch (cause) {
      // A credential that does not fit a header, whose text is not in the message.
      resume(failWith("Rejected", String(cause), cause))
    }
    return Effect.sync(() => request?.destroy())
  })

const kindOfStatus = (status: number): HandshakeFailure["kind"] => {
  if (status === 401 || status === 403) return "Unauthenticated"
  // A gateway answers with 404 and 429 while it starts or is busy.
  return status >= 500 || status === 429 ? "Unhealthy" : status === 404 ? "Incompatible" : "Rejected"
}

const primaryOf = (endpoint: ConnectionConfig, text: string): Result.Result<Primary, HandshakeFailure> => {
  const fail = (kind: HandshakeFailure["kind"], reason: string) =>
    Result.fail<HandshakeFailure>({ kind, reasons: [`topology: ${reason}`] })
  const reply: unknown = Result.getOrUndefined(Result.try(() => JSON.parse(text)))
  if (!Predicate.isObject(reply)) return fail("Incompatible", "the reply is not a JSON object")
  const { code = 0, message, data } = reply as Record<string, unknown>
  if (code !== 0) return fail("Rejected", typeof message === "string" && message !== "" ? message : `code ${code}`)
  const { version: given, clusters } = (Predicate.isObject(data) ? data : {}) as Record<string, unknown>
  const version = typeof given === "string" && given !== "" ? Number(given) : given
  if (typeof version !== "number" || !Number.isSafeInteger(version) || !Array.isArray(clusters)) {
    return fail("Incompatible", "the reply has no version or no clusters")
  }
  for (const cluster of clusters) {
    const { capability, endpoint: address } = (Predicate.isObject(cluster) ? cluster : {}) as Record<string, unknown>
    if (typeof capability !== "number" || typeof address !== "string") {
      return fail("Incompatible", "a cluster has no endpoint or no capability")
    }
    if ((capability & writable) === 0) continue
    const config = primaryConfig(endpoint, address)
    return config === undefined
      ? fail("Incompatible", `the primary has the endpoint ${JSON.stringify(address)}`)
      : Result.succeed({ config, version })
  }
  // Such as during a change of the primary.
  return fail("Unhealthy", "no cluster takes writes")
}

/** The bit of a cluster that takes writes. Bit 0 is that of one that takes reads. */
const writable = 0b10

const primaryConfig = (endpoint: ConnectionConfig, address: string): ConnectionConfig | undefined => {
  const parsed = parseAddress(address)
  if (parsed instanceof AddressProblem || parsed.user !== undefined || parsed.database !== undefined) return undefined
  const { target, host, port } = parsed
  const secure = endpoint.secure || parsed.secure === true
  const tls = secure ? endpoint.tls ?? Result.getOrUndefined(readTls(true, undefined)) : undefined
  return { ...endpoint, address: target, host, port, secure, tls }
}
