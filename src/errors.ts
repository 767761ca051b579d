/**
 * The errors of this library: one class for each decision that a caller can take, with details in a literal `kind` or
 * `code`.
 *
 * Each error has `isRetryable`, a one-line `message` that names what failed, where and why, and the original error as
 * `cause` if another error is behind it. No error carries a payload or a secret.
 *
 * A `message`, and the text of a `cause`, are safe to print on a terminal or in a log: control characters and
 * bidirectional controls in the text of other programs are escaped, for example as `\u001b`. Other properties, such as
 * `details` and `reason`, keep the text unchanged.
 */
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "./text/printable.ts"

/**
 * The constructor that the classes below extend. The type is explicit because JSR refuses exported classes whose
 * superclass has an inferred type.
 */
type TaggedErrorClass<Tag extends string, Props extends object> = new (
  props: Props,
) => Cause.YieldableError & Props & { readonly _tag: Tag }

const OptionalCause = Schema.optional(Schema.Defect())
const OptionalDuration = Schema.optional(Schema.Duration)
const OptionalString = Schema.optional(Schema.String)

/** Properties of {@linkcode NotImplemented}. */
export interface NotImplementedProps {
  /** The requested handler, as text. */
  readonly handler: string
}

const NotImplementedBase: TaggedErrorClass<"NotImplemented", NotImplementedProps> = Schema.TaggedError<
  NotImplemented
>()("NotImplemented", { handler: Schema.String })

/** The `handler` is not exactly `"GRPC"`, the only handler that Milvus has. */
export class NotImplemented extends NotImplementedBase {
  /** Always false: the same parameter fails again. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    return `handler ${quote(this.handler)} is not implemented: the only handler is "GRPC"`
  }
}

/** Properties of {@linkcode ParamError}. */
export interface ParamErrorProps {
  /** The parameter that does not decode, such as `"port"` or `"tls.ca"`. */
  readonly parameter: string
  /** A description of the values that are accepted. */
  readonly expected: string
  /** The given value, as short text; absent if it may contain a secret. */
  readonly actual?: string | undefined
  /** The error of the library that failed to decode the parameter, if it was not this one. */
  readonly cause?: unknown
}

const ParamErrorBase: TaggedErrorClass<"ParamError", ParamErrorProps> = Schema.TaggedError<ParamError>()(
  "ParamError",
  {
    parameter: Schema.String,
    expected: Schema.String,
    actual: Schema.optional(Schema.String),
    cause: OptionalCause,
  },
)

/** A parameter does not decode, is unknown, contradicts another parameter, or names an unsupported pool. */
export class ParamError extends ParamErrorBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: ParamErrorProps) {
    super(withPrintableCause(props))
  }
  /** Always false: the same parameter fails again. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const got = this.actual === undefined ? "" : `, got ${this.actual}`
    return printable(`parameter "${this.parameter}": expected ${wanted(this.expected)}${got}`)
  }
}

/**
 * Why a server is not ready.
 *
 * - `Unreachable`: nothing answers at the address: connection refused, no route, or the host name does not resolve.
 * - `Timeout`: the peer accepts the connection but does not answer in time.
 * - `Tls`: the TLS handshake fails: an untrusted or wrong certificate, or a port without TLS.
 * - `Unauthenticated`: the credentials are missing or refused.
 * - `Unhealthy`: Milvus answers, but reports that it cannot serve yet.
 * - `Rejected`: Milvus refuses the connection itself, for example because the database is unknown.
 * - `Incompatible`: the peer is not a Milvus server.
 */
export type NotReadyKind =
  | "Unreachable"
  | "Timeout"
  | "Tls"
  | "Unauthenticated"
  | "Unhealthy"
  | "Rejected"
  | "Incompatible"

const notReadyKinds = Schema.Literals([
  "Unreachable",
  "Timeout",
  "Tls",
  "Unauthenticated",
  "Unhealthy",
  "Rejected",
  "Incompatible",
])

/** Properties of {@linkcode NotReady}. */
export interface NotReadyProps {
  /** The address that was tried; of several servers all addresses, with a comma and a space between them. */
  readonly address: string
  /** Why the server is not ready. */
  readonly kind: NotReadyKind
  /** Messages of the server or the socket, unchanged; of several servers, the message of the failure of each. */
  readonly reasons: ReadonlyArray<string>
  /** The number of attempts. */
  readonly attempts: number
  /** The time that all attempts took together. */
  readonly elapsed: Duration.Duration
  /** The error of the attempt that determined `kind`. */
  readonly cause?: unknown
}

const NotReadyBase: TaggedErrorClass<"NotReady", NotReadyProps> = Schema.TaggedError<NotReady>()("NotReady", {
  address: Schema.String,
  kind: notReadyKinds,
  reasons: Schema.Array(Schema.String),
  attempts: Schema.Number,
  elapsed: Schema.Duration,
  cause: OptionalCause,
})

const notReadyPhrase: Record<NotReadyKind, string> = {
  Unreachable: "cannot be reached",
  Timeout: "does not answer",
  Tls: "fails the TLS handshake",
  Unauthenticated: "refuses the credentials",
  Unhealthy: "is not healthy",
  Rejected: "rejects the connection",
  Incompatible: "is not a Milvus server",
}

/** The server did not become ready in time. `kind` is the reason. */
export class NotReady extends NotReadyBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: NotReadyProps) {
    super(withPrintableCause(props))
  }
  /** The `requestId` of the error behind it, if it has one. */
  get requestId(): string | undefined {
    return requestIdOf(this.cause)
  }
  /** Whether the server may become ready later: true for `Unreachable`, `Timeout` and `Unhealthy`. */
  get isRetryable(): boolean {
    return this.kind === "Unreachable" || this.kind === "Timeout" || this.kind === "Unhealthy"
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const attempts = this.attempts === 1 ? "1 attempt" : `${this.attempts} attempts`
    const reasons = this.reasons.length === 0 ? "" : `: ${oneLine(this.reasons.join("; "))}`
    const elapsed = Duration.format(Duration.millis(Math.round(Duration.toMillis(this.elapsed))))
    return printable(`${this.address} ${notReadyPhrase[this.kind]} (${this.kind}, ${attempts}, ${elapsed})${reasons}`)
  }
}

/** Properties of {@linkcode ConnectionLimit}. */
export interface ConnectionLimitProps {
  /** The maximum number of connections. */
  readonly limit: number
  /** The number of connections that are open or being opened. */
  readonly open: number
  /** The server address whose connections are counted; absent if the limit is that of a registry. */
  readonly address?: string | undefined
}

const ConnectionLimitBase: TaggedErrorClass<"ConnectionLimit", ConnectionLimitProps> = Schema.TaggedError<
  ConnectionLimit
>()("ConnectionLimit", {
  limit: Schema.Number,
  open: Schema.Number,
  address: Schema.optional(Schema.String),
})

/** Another connection would exceed the limit. */
export class ConnectionLimit extends ConnectionLimitBase {
  /** Always false: another connection must be released first. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const where = this.address ?? "this registry"
    return printable(`connection limit ${this.limit} reached (${where}; ${this.open} open)`)
  }
}

/**
 * Why an alias cannot be used.
 *
 * - `NotFound`: it is not connected.
 * - `NotConfigured`: it has no parameters yet.
 * - `Conflict`: it is connected with other parameters.
 */
export type AliasErrorKind = "NotFound" | "NotConfigured" | "Conflict"

/** Properties of {@linkcode AliasError}. */
export interface AliasErrorProps {
  /** The alias. */
  readonly alias: string
  /** Why the alias cannot be used. */
  readonly kind: AliasErrorKind
}

const AliasErrorBase: TaggedErrorClass<"AliasError", AliasErrorProps> = Schema.TaggedError<AliasError>()(
  "AliasError",
  { alias: Schema.String, kind: Schema.Literals(["NotFound", "NotConfigured", "Conflict"]) },
)

const aliasPhrase: Record<AliasErrorKind, string> = {
  NotFound: "is not connected: connect it first",
  NotConfigured: "has no parameters: give an address at its first connect",
  Conflict: "is connected with other parameters: disconnect it first",
}

/** An alias is not connected, not configured, or connected with other parameters. */
export class AliasError extends AliasErrorBase {
  /** Always false: the alias must be connected, configured or disconnected first. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    return `alias ${quote(this.alias)} ${aliasPhrase[this.kind]}`
  }
}

/** Properties of {@linkcode ConnectionClosed}. */
export interface ConnectionClosedProps {
  /** The address of the server. */
  readonly address: string
  /** The RPC that was refused or cancelled; absent if the error is not about a call. */
  readonly method?: string | undefined
  /** The id of the trace of the call, under which Milvus logs what it got of it; absent if no span was active. */
  readonly requestId?: string | undefined
}

const ConnectionClosedBase: TaggedErrorClass<"ConnectionClosed", ConnectionClosedProps> = Schema.TaggedError<
  ConnectionClosed
>()("ConnectionClosed", { address: Schema.String, method: OptionalString, requestId: OptionalString })

/** A connection was used after its scope closed or its alias was disconnected. */
export class ConnectionClosed extends ConnectionClosedBase {
  /** Always false: a closed connection stays closed. Connect again. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const what = this.method === undefined ? "the connection" : `${this.method}: the connection`
    return printable(`${what} to ${this.address} is closed${request(this.requestId)}`)
  }
}

/** The name of a gRPC status other than OK. */
export type RpcCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED"

const rpcCodes = Schema.Literals([
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
])

/**
 * Progress of a failed call.
 *
 * - `NotSent`: it was not sent.
 * - `Lost`: it was sent, but no answer arrived. It may have been applied.
 * - `Answered`: the server answered it.
 */
export type RpcProgress = "NotSent" | "Lost" | "Answered"

/** Properties of {@linkcode RpcError}. */
export interface RpcErrorProps {
  /** The RPC, such as `"DescribeCollection"`. */
  readonly method: string
  /** The address of the server. */
  readonly address: string
  /** The name of the gRPC status. */
  readonly code: RpcCode
  /** The message of the server or the transport, unchanged. */
  readonly details: string
  /** Progress of the call before it failed. A write that was `Lost` may have been applied. */
  readonly progress: RpcProgress
  /** The time that the server asks to wait before a retry; infinite if the call must not be retried. */
  readonly retryAfter?: Duration.Duration | undefined
  /** The original error of the transport. */
  readonly cause?: unknown
  /** The id of the trace of the call, under which Milvus logs it; absent if no span was active. */
  readonly requestId?: string | undefined
}

const RpcErrorBase: TaggedErrorClass<"RpcError", RpcErrorProps> = Schema.TaggedError<RpcError>()("RpcError", {
  method: Schema.String,
  address: Schema.String,
  code: rpcCodes,
  details: Schema.String,
  progress: Schema.Literals(["NotSent", "Lost", "Answered"]),
  retryAfter: OptionalDuration,
  cause: OptionalCause,
  requestId: OptionalString,
})

/** A call ended with a gRPC status other than OK. */
export class RpcError extends RpcErrorBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: RpcErrorProps) {
    super(withPrintableCause(props))
  }
  /** Whether the transport failed: the server was not available, or the session broke during the call. */
  get isRetryable(): boolean {
    if (this.code === "UNAVAILABLE") return true
    // A session that breaks ends the calls on it with one of these two codes.
    return this.progress === "Lost" && (this.code === "INTERNAL" || this.code === "CANCELLED")
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const details = this.details === "" ? "" : `: ${oneLine(this.details)}`
    return printable(`${this.method} at ${this.address} failed with ${this.code}${details}${request(this.requestId)}`)
  }
}

/**
 * Why Milvus refused a call before it changed anything.
 *
 * - `NotReady`: the server is still starting.
 * - `RateLimit`: a rate limit is exceeded; the call may succeed later.
 * - `ForceDeny`: the operator or an exhausted quota forbids the call; waiting does not help.
 * - `SchemaMismatch`: the rows were encoded for a schema that the collection no longer has.
 */
export type ServerRefusal = "NotReady" | "RateLimit" | "ForceDeny" | "SchemaMismatch"

/** Properties of {@linkcode ServerError}. */
export interface ServerErrorProps {
  /** The RPC, such as `"DescribeCollection"`. */
  readonly method: string
  /** The address of the server. */
  readonly address: string
  /**
   * The error code of Milvus. From servers that only have legacy codes it is the legacy code, except for 100 (the
   * collection does not exist) and 700 (the index does not exist).
   */
  readonly code: number
  /** The message of Milvus, unchanged. */
  readonly reason: string
  /** Whether Milvus reports that the same call may succeed later. */
  readonly retriable: boolean
  /** Why the call was refused before it changed anything; absent if it may have begun. */
  readonly refusal?: ServerRefusal | undefined
  /** The time that the server asks to wait before a retry; infinite if the call must not be retried. */
  readonly retryAfter?: Duration.Duration | undefined
  /** The id of the trace of the call, under which Milvus logs it; absent if no span was active. */
  readonly requestId?: string | undefined
}

const ServerErrorBase: TaggedErrorClass<"ServerError", ServerErrorProps> = Schema.TaggedError<ServerError>()(
  "ServerError",
  {
    method: Schema.String,
    address: Schema.String,
    code: Schema.Number,
    reason: Schema.String,
    retriable: Schema.Boolean,
    refusal: Schema.optional(Schema.Literals(["NotReady", "RateLimit", "ForceDeny", "SchemaMismatch"])),
    retryAfter: OptionalDuration,
    requestId: OptionalString,
  },
)

/** Milvus answered with a status other than success. */
export class ServerError extends ServerErrorBase {
  /** Whether a retry may succeed: `retriable`, but always true for `RateLimit`, never for other final refusals. */
  get isRetryable(): boolean {
    const isFinal = this.refusal === "ForceDeny" || this.refusal === "SchemaMismatch"
    return this.refusal === "RateLimit" || this.retriable && !isFinal
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const reason = `${oneLine(this.reason)}${request(this.requestId)}`
    return printable(`${this.method} at ${this.address} answered code ${this.code}: ${reason}`)
  }
}

/**
 * Source of a {@linkcode CodecError}.
 *
 * - `Value`: a value of the caller does not fit. Correct the input.
 * - `Message`: a reply of the server is malformed, or does not fit the request. The input is not at fault.
 */
export type CodecErrorKind = "Value" | "Message"

/** Properties of {@linkcode CodecError}. */
export interface CodecErrorProps {
  /** Whether a value of the caller or a reply of the server is at fault. Default: `"Value"`. */
  readonly kind?: CodecErrorKind | undefined
  /** The field, option or message that does not fit. */
  readonly field: string
  /** The row, counted from 0; absent if the error is not about one row. */
  readonly row?: number | undefined
  /** A description of the values that are accepted. */
  readonly expected: string
  /** The given value, as short text; absent if it is not known or adds nothing. */
  readonly actual?: string | undefined
  /** The error of another library, or of code of the caller, that is behind this one. */
  readonly cause?: unknown
}

const CodecErrorBase: TaggedErrorClass<"CodecError", CodecErrorProps & { readonly kind: CodecErrorKind }> = Schema
  .TaggedError<CodecError>()("CodecError", {
    kind: Schema.Literals(["Value", "Message"]),
    field: Schema.String,
    row: Schema.optional(Schema.Number),
    expected: Schema.String,
    actual: Schema.optional(Schema.String),
    cause: OptionalCause,
  })

/** A value does not fit its field (its dimension, type or range), or a reply of the server is malformed. */
export class CodecError extends CodecErrorBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: CodecErrorProps) {
    super(withPrintableCause({ ...props, kind: props.kind ?? "Value" }))
  }
  /** Always false: the same value fails again. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const row = this.row === undefined ? "" : `, row ${this.row}`
    const got = this.actual === undefined ? "" : `, got ${this.actual}`
    return oneLine(`field "${this.field}"${row}: expected ${wanted(this.expected)}${got}`)
  }
}

/** Properties of {@linkcode PartialWrite}. */
export interface PartialWriteProps {
  /** The collection. */
  readonly collection: string
  /** The number of rows of the whole write. */
  readonly rows: number
  /** The number of rows that Milvus acknowledged. */
  readonly written: number
  /** The acknowledged rows, as ascending ranges `[from, to)` that count from 0. */
  readonly acknowledged: ReadonlyArray<readonly [from: number, to: number]>
  /** The primary keys of the acknowledged rows, in the same order. */
  readonly ids: BigInt64Array | ReadonlyArray<string>
  /** The error of the first batch that failed. If its `progress` is `Lost`, its rows may have been written. */
  readonly cause: unknown
}

const Keys = Schema.declare((ids: unknown): ids is PartialWriteProps["ids"] =>
  ids instanceof BigInt64Array || Array.isArray(ids) && ids.every((id) => typeof id === "string")
)

const PartialWriteBase: TaggedErrorClass<"PartialWrite", PartialWriteProps> = Schema.TaggedError<PartialWrite>()(
  "PartialWrite",
  {
    collection: Schema.String,
    rows: Schema.Number,
    written: Schema.Number,
    acknowledged: Schema.Array(Schema.Tuple([Schema.Number, Schema.Number])),
    ids: Keys,
    cause: Schema.Defect(),
  },
)

/** A write failed after some of its rows were acknowledged. */
export class PartialWrite extends PartialWriteBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: PartialWriteProps) {
    super(withPrintableCause(props))
  }
  /** The `requestId` of the error behind it, if it has one. */
  get requestId(): string | undefined {
    return requestIdOf(this.cause)
  }
  /** Always false: a retry of the whole write would write the acknowledged rows twice. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return oneLine(`${this.written} of ${this.rows} rows were written to "${this.collection}", then: ${why}`)
  }
}

/** Properties of {@linkcode PartialCreate}. */
export interface PartialCreateProps {
  /** The collection, which exists. */
  readonly collection: string
  /** The RPC that failed, such as `"CreateIndex"`. */
  readonly step: string
  /** The field whose index failed; absent if the step is not about an index. */
  readonly field?: string | undefined
  /** The fields of the definition whose indexes exist. */
  readonly indexed: ReadonlyArray<string>
  /** The error of the step. */
  readonly cause: unknown
}

const PartialCreateBase: TaggedErrorClass<"PartialCreate", PartialCreateProps> = Schema.TaggedError<PartialCreate>()(
  "PartialCreate",
  {
    collection: Schema.String,
    step: Schema.String,
    field: Schema.optional(Schema.String),
    indexed: Schema.Array(Schema.String),
    cause: Schema.Defect(),
  },
)

/**
 * A collection was created, but a later step failed: one of its indexes is missing, or it is not loaded. Creating it
 * again after the cause is fixed completes it.
 */
export class PartialCreate extends PartialCreateBase {
  /** The `requestId` of the error behind it, if it has one. */
  get requestId(): string | undefined {
    return requestIdOf(this.cause)
  }
  /** Whether the cause is retryable: creating the collection again is safe. */
  get isRetryable(): boolean {
    return Predicate.hasProperty(this.cause, "isRetryable") && this.cause.isRetryable === true
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    const indexed = this.indexed.length === 0 ? "no index yet" : `indexes of ${this.indexed.join(", ")}`
    const step = this.field === undefined ? this.step : `${this.step} of "${this.field}"`
    return oneLine(`collection "${this.collection}" exists with ${indexed}, but ${step} failed: ${why}`)
  }
}

/** Properties of {@linkcode Unsupported}. */
export interface UnsupportedProps {
  /** The operation, such as `"Collection.truncate"`. */
  readonly operation: string
  /** The option that is not supported, such as `"orderBy"`; absent if it is the operation itself. */
  readonly option?: string | undefined
  /** The address of the server. */
  readonly address: string
  /** The version of the server, as it reports it. */
  readonly version: string
  /** The first Milvus version that supports it; absent if it is not known. */
  readonly needs?: string | undefined
  /** The answer of the server; absent if nothing was sent. */
  readonly cause?: unknown
}

const UnsupportedBase: TaggedErrorClass<"Unsupported", UnsupportedProps> = Schema.TaggedError<Unsupported>()(
  "Unsupported",
  {
    operation: Schema.String,
    option: Schema.optional(Schema.String),
    address: Schema.String,
    version: Schema.String,
    needs: Schema.optional(Schema.String),
    cause: OptionalCause,
  },
)

/**
 * The server does not support an operation or an option. If its version is known to be too old, nothing was sent;
 * otherwise it answered `UNIMPLEMENTED`, which is the `cause`, and nothing was done.
 */
export class Unsupported extends UnsupportedBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: UnsupportedProps) {
    super(withPrintableCause(props))
  }
  /** The `requestId` of the error behind it, if it has one. */
  get requestId(): string | undefined {
    return requestIdOf(this.cause)
  }
  /** The gRPC code with which servers answer such a call. */
  get code(): "UNIMPLEMENTED" {
    return "UNIMPLEMENTED"
  }
  /** Always false: the same server refuses it again. */
  get isRetryable(): boolean {
    return false
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const what = this.option === undefined ? this.operation : `option "${this.option}" of ${this.operation}`
    const needs = this.needs === undefined ? "is not supported" : `needs Milvus ${this.needs} or later`
    return oneLine(`${what} ${needs}: ${this.address} is ${this.version || "of an unknown version"}`)
  }
}

/** The errors that connecting fails with. */
export type ConnectError = NotImplemented | ParamError | NotReady | ConnectionLimit

/**
 * The errors that a call fails with. `NotReady` means that the handshake had to be repeated, and failed. `Unsupported`
 * is for operations; `Connection.call` fails with an `RpcError` of code `UNIMPLEMENTED` instead.
 */
export type CallError = ConnectionClosed | RpcError | ServerError | NotReady | Unsupported

/** Every error of this library. */
export type MilvusError = ConnectError | CallError | AliasError | CodecError | PartialWrite | PartialCreate

/** Returns the text in quotes, on one line. */
const quote = (text: string): string => oneLine(JSON.stringify(text))

/** Returns the id of a request in words, to follow a message. */
const request = (id: string | undefined): string => id === undefined ? "" : ` (request ${id})`

const requestIdOf = (cause: unknown): string | undefined =>
  Predicate.hasProperty(cause, "requestId") && typeof cause.requestId === "string" ? cause.requestId : undefined

/** Returns a text to put after "expected", which is never left empty. */
const wanted = (expected: string): string => expected.trim() === "" ? "another value" : expected
