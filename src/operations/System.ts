/**
 * The server itself: its version, health, metrics, components and clock.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`).
 *
 * @example
 * ```ts ignore
 * const { isHealthy, denied } = yield* System.health()
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { failParam, readName } from "../config/params.ts"
import { type CallError, CodecError, type ParamError } from "../errors.ts"
import { parse, stringify } from "../Json.ts"
import { timestampToDate } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { toRecord } from "./shared/properties.ts"

const nothing = () => Result.succeed({})

/**
 * Returns the version of the server, such as `"v2.6.2"`.
 *
 * Calls `GetVersion`. Milvus 2.2.1 and later, and milvus-lite. `connection.server` has it from the handshake.
 */
export const version = (
  options?: Connection.CallOptions,
): Effect.Effect<string, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("GetVersion", options, nothing), ({ version }) => version)

/** State of a quota, which forbids or limits calls; a number if this version does not know it. */
export type QuotaState = Connection.Methods["CheckHealth"]["response"]["quota_states"][number]

/** Health of a server. */
export interface Health {
  /** Whether all components can serve. */
  readonly isHealthy: boolean
  /** Why it is not healthy, as the server writes it. */
  readonly reasons: ReadonlyArray<string>
  /** States of its quotas, which forbid or limit calls. */
  readonly quotas: ReadonlyArray<QuotaState>
  /** Whether all reads, writes, or changes of schemas are denied by a quota. */
  readonly denied: { readonly reads: boolean; readonly writes: boolean; readonly schemaChanges: boolean }
}

/**
 * Returns whether the server is healthy, and what its quotas deny: for probes of readiness.
 *
 * Calls `CheckHealth`. Milvus 2.2.1 and later, and milvus-lite.
 */
export const health = (
  options?: Connection.CallOptions,
): Effect.Effect<Health, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("CheckHealth", options, nothing), ({ isHealthy, reasons, quota_states: quotas }) => ({
    isHealthy,
    reasons,
    quotas,
    denied: {
      reads: quotas.includes("DenyToRead"),
      writes: quotas.includes("DenyToWrite"),
      schemaChanges: quotas.includes("DenyToDDL"),
    },
  }))

/** Metrics of a server. */
export interface Metrics {
  /** The component that answered. */
  readonly component: string
  /** The metrics; integers beyond 2^53 are `bigint`. Their shape is that of the server's version. */
  readonly values: unknown
  /** The metrics as the server writes them. */
  readonly raw: string
}

/**
 * Returns metrics of the server.
 *
 * Calls `GetMetrics`. Milvus 2.0 and later. Fails with `CodecError` if the reply is not JSON.
 *
 * @param request The kind of metrics: `"system_info"` (the default), or an object that the server understands.
 */
export const metrics = (
  request: string | Readonly<Record<string, unknown>> = "system_info",
  options?: Connection.CallOptions,
): Effect.Effect<Metrics, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.flatMap(
    operate("GetMetrics", options, () =>
      Result.gen(function* () {
        if (typeof request === "string") {
          return { request: stringify({ metric_type: yield* readName("request", request) }) }
        }
        const text = typeof request === "object" && request !== null
          ? Result.try(() => stringify(request))
          : Result.fail(undefined)
        if (Result.isFailure(text)) return yield* failParam("request", "text, or an object of JSON values", request)
        return { request: text.success }
      })),
    ({ component_name, response }) =>
      Effect.fromResult(Result.map(
        Result.mapError(
          Result.try(() => parse(response)),
          (cause) => new CodecError({ kind: "Message", field: "response", expected: "JSON in the reply", cause }),
        ),
        (values) => ({ component: component_name, values, raw: response }),
      )),
  )

type Info = NonNullable<Connection.Methods["GetComponentStates"]["response"]["state"]>

/** State of a component of the server. */
export interface Component {
  /** The id of its node. */
  readonly node: bigint
  /** Role, such as `"proxy"`. */
  readonly role: string
  /** The state; a number if this version does not know it. */
  readonly state: Info["state_code"]
  /** Everything else that the server reports, unchanged. */
  readonly raw: Readonly<Record<string, string>>
}

const componentOf = ({ nodeID, role, state_code, extra_info }: Info): Component => ({
  node: nodeID,
  role,
  state: state_code,
  raw: toRecord(extra_info),
})

/**
 * Returns the state of the component that answers, and then those of its parts.
 *
 * Calls `GetComponentStates`. Milvus 2.2.1 and later.
 */
export const components = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<Component>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetComponentStates", options, nothing),
    ({ state, subcomponent_states }) => [...state === null ? [] : [state], ...subcomponent_states].map(componentOf),
  )

/** A moment by the clock of the server. */
export interface Timestamp {
  /** The Milvus timestamp, which a read can pass as `guaranteeTimestamp`. */
  readonly timestamp: bigint
  /** The same as a date; `undefined` for 0. */
  readonly time: Date | undefined
}

/**
 * Allocates a timestamp, which is later than all writes that were acknowledged before.
 *
 * Calls `AllocTimestamp`. Milvus 2.2.13 and later.
 */
export const timestamp = (
  options?: Connection.CallOptions,
): Effect.Effect<Timestamp, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("AllocTimestamp", options, nothing),
    ({ timestamp }) => ({ timestamp, time: timestampToDate(timestamp) }),
  )

/**
 * Returns the address that the server tells old clients to connect to; `undefined` if it has none.
 *
 * Calls `RegisterLink`. Milvus 2.0 and later. Of no use to this library, which connects to the address that it is
 * given.
 */
export const registerLink = (
  options?: Connection.CallOptions,
): Effect.Effect<string | undefined, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("RegisterLink", options, nothing),
    ({ address }) => address === null || address.ip === "" ? undefined : `${address.ip}:${address.port}`,
  )

/**
 * Sends a text to the server, which answers with a text: for tests of the way to the server. Milvus answers
 * `{"status": "fail"}`, except to a query as JSON, which it runs without returning rows.
 *
 * Calls `Dummy`. Milvus 2.0 and later.
 */
export const dummy = (
  request: string,
  options?: Connection.CallOptions,
): Effect.Effect<string, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("Dummy", options, () => Result.map(readName("request", request), (request_type) => ({ request_type }))),
    ({ response }) => response,
  )
