/**
 * Every error of this library: one class per decision that a caller can take, the details in a literal `kind` or `code`.
 *
 * Each error has `isRetryable`, a one-line `message` that says what failed, where and why, and the original error as
 * `cause` where there is one. None carries a payload or a secret.
 *
 * A `message`, and the text of a `cause`, are fit for a terminal and a log: control characters and bidirectional controls of
 * other programs' text are written as `\u001b`. The other properties, such as `details` and `reason`, have it as it came.
 *
 * @module
 */
import type * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "./text/printable.ts"

/**
 * The constructor that the classes below extend. It is spelled out because the registry refuses exported classes whose
 * superclass has an inferred type.
 */
type TaggedErrorClass<Tag extends string, Props extends object> = new (
  props: Props,
) => Cause.YieldableError & Props & { readonly _tag: Tag }

const OptionalCause = Schema.optional(Schema.Defect())
const OptionalDuration = Schema.optional(Schema.Duration)

/** What {@linkcode NotImplemented} carries. */
export interface NotImplementedProps {
  /** The handler that was asked for, as text. */
  readonly handler: string
}

const NotImplementedBase: TaggedErrorClass<"NotImplemented", NotImplementedProps> = Schema.TaggedError<
  NotImplemented
>()("NotImplemented", { handler: Schema.String })

/** The `handler` is anything but exactly `"GRPC"`, the only one that Milvus has. */
export class NotImplemented extends NotImplementedBase {
  /** Never: the same parameter fails again. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    return `handler ${quote(this.handler)} is not implemented: the only handler is "GRPC"`
  }
}

/** What {@linkcode ParamError} carries. */
export interface ParamErrorProps {
  /** The parameter that does not decode, such as `"port"` or `"tls.ca"`. */
  readonly parameter: string
  /** What would have been right. */
  readonly expected: string
  /** What was given, as short text; absent where that may hold a secret. */
  readonly actual?: string | undefined
  /** Why it does not decode, where another library said so. */
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

/** A parameter does not decode, is unknown, contradicts another, or names a pool that is not supported. */
export class ParamError extends ParamErrorBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: ParamErrorProps) {
    super(withPrintableCause(props))
  }
  /** Never: the same parameter fails again. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const got = this.actual === undefined ? "" : `, got ${this.actual}`
    return printable(`parameter "${this.parameter}": expected ${wanted(this.expected)}${got}`)
  }
}

/**
 * Why a server is not ready.
 *
 * - `Unreachable`: nothing answers at the address: refused, no route, or the name does not resolve.
 * - `Timeout`: something accepts the connection and does not answer in time.
 * - `Tls`: the two sides do not agree on TLS: an untrusted or wrong certificate, or a plain port.
 * - `Unauthenticated`: the credentials are missing or refused.
 * - `Unhealthy`: Milvus answers and says that it cannot serve yet.
 * - `Rejected`: Milvus refuses the connection itself, such as for an unknown database.
 * - `Incompatible`: what answers is not a Milvus.
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

/** What {@linkcode NotReady} carries. */
export interface NotReadyProps {
  /** The address that was tried. */
  readonly address: string
  /** Why. */
  readonly kind: NotReadyKind
  /** What the server or the socket said, in its own words. */
  readonly reasons: ReadonlyArray<string>
  /** How many attempts were made. */
  readonly attempts: number
  /** How long all of them took. */
  readonly elapsed: Duration.Duration
  /** The error of the attempt that gave the kind. */
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
  Tls: "does not agree on TLS",
  Unauthenticated: "refuses the credentials",
  Unhealthy: "is not healthy",
  Rejected: "rejects the connection",
  Incompatible: "is not a Milvus server",
}

/** The server could not be brought to ready in time. `kind` says why. */
export class NotReady extends NotReadyBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: NotReadyProps) {
    super(withPrintableCause(props))
  }
  /** True where time may help: `Unreachable`, `Timeout` and `Unhealthy`. */
  get isRetryable(): boolean {
    return this.kind === "Unreachable" || this.kind === "Timeout" || this.kind === "Unhealthy"
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const attempts = this.attempts === 1 ? "1 attempt" : `${this.attempts} attempts`
    const reasons = this.reasons.length === 0 ? "" : `: ${oneLine(this.reasons.join("; "))}`
    const elapsed = Duration.format(Duration.millis(Math.round(Duration.toMillis(this.elapsed))))
    return printable(`${this.address} ${notReadyPhrase[this.kind]} (${this.kind}, ${attempts}, ${elapsed})${reasons}`)
  }
}

/** What {@linkcode ConnectionLimit} carries. */
export interface ConnectionLimitProps {
  /** How many connections are allowed. */
  readonly limit: number
  /** How many are open or being opened. */
  readonly open: number
  /** The server address that the connections are counted for; absent for a registry's own limit. */
  readonly address?: string | undefined
}

const ConnectionLimitBase: TaggedErrorClass<"ConnectionLimit", ConnectionLimitProps> = Schema.TaggedError<
  ConnectionLimit
>()("ConnectionLimit", {
  limit: Schema.Number,
  open: Schema.Number,
  address: Schema.optional(Schema.String),
})

/** One connection more than the limit. */
export class ConnectionLimit extends ConnectionLimitBase {
  /** Never by itself: release a connection first. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const where = this.address === undefined ? "in this registry" : `to ${this.address}`
    return printable(`no more than ${this.limit} connections ${where}: ${this.open} are open`)
  }
}

/** Why an alias cannot be used: it is unknown, it has no parameters yet, or it is connected with other parameters. */
export type AliasErrorKind = "NotFound" | "NotConfigured" | "Conflict"

/** What {@linkcode AliasError} carries. */
export interface AliasErrorProps {
  /** The alias. */
  readonly alias: string
  /** Why it cannot be used. */
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

/** An alias is unknown, not configured, or connected with another configuration. */
export class AliasError extends AliasErrorBase {
  /** Never by itself. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    return `alias ${quote(this.alias)} ${aliasPhrase[this.kind]}`
  }
}

/** What {@linkcode ConnectionClosed} carries. */
export interface ConnectionClosedProps {
  /** The address that the connection was to. */
  readonly address: string
  /** The call that was refused or cancelled. */
  readonly method?: string | undefined
}

const ConnectionClosedBase: TaggedErrorClass<"ConnectionClosed", ConnectionClosedProps> = Schema.TaggedError<
  ConnectionClosed
>()("ConnectionClosed", { address: Schema.String, method: Schema.optional(Schema.String) })

/** A connection was used after its scope closed or its alias was disconnected. */
export class ConnectionClosed extends ConnectionClosedBase {
  /** Never: connect again. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const what = this.method === undefined ? "the connection" : `${this.method}: the connection`
    return printable(`${what} to ${this.address} is closed`)
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

/** How far a failed call got: never sent, lost on the way (it may have been applied), or answered by the server. */
export type RpcProgress = "NotSent" | "Lost" | "Answered"

/** What {@linkcode RpcError} carries. */
export interface RpcErrorProps {
  /** The RPC, such as `"DescribeCollection"`. */
  readonly method: string
  /** The address that was called. */
  readonly address: string
  /** The name of the gRPC status. */
  readonly code: RpcCode
  /** What the server or the transport said. */
  readonly details: string
  /** How far the call got. A write that was `Lost` may have been applied. */
  readonly progress: RpcProgress
  /** How long the server asks to wait before the call is made again; infinite for never. */
  readonly retryAfter?: Duration.Duration | undefined
  /** The error of the transport. */
  readonly cause?: unknown
}

const RpcErrorBase: TaggedErrorClass<"RpcError", RpcErrorProps> = Schema.TaggedError<RpcError>()("RpcError", {
  method: Schema.String,
  address: Schema.String,
  code: rpcCodes,
  details: Schema.String,
  progress: Schema.Literals(["NotSent", "Lost", "Answered"]),
  retryAfter: OptionalDuration,
  cause: OptionalCause,
})

/** A call ended with a gRPC status other than OK. */
export class RpcError extends RpcErrorBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: RpcErrorProps) {
    super(withPrintableCause(props))
  }
  /** True where the transport failed: the server was not available, or the session broke under the call. */
  get isRetryable(): boolean {
    if (this.code === "UNAVAILABLE") return true
    // How a session that breaks looks to the calls on it.
    return this.progress === "Lost" && (this.code === "INTERNAL" || this.code === "CANCELLED")
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const details = this.details === "" ? "" : `: ${oneLine(this.details)}`
    return printable(`${this.method} at ${this.address} failed with ${this.code}${details}`)
  }
}

/**
 * Why Milvus refused a call before it did anything.
 *
 * - `NotReady`: it is still starting.
 * - `RateLimit`: too much came in too short a time; later it may succeed.
 * - `ForceDeny`: its operator, or a quota that is used up, forbids it; time alone does not help.
 * - `SchemaMismatch`: the rows were made for a schema that the collection no longer has.
 */
export type ServerRefusal = "NotReady" | "RateLimit" | "ForceDeny" | "SchemaMismatch"

/** What {@linkcode ServerError} carries. */
export interface ServerErrorProps {
  /** The RPC. */
  readonly method: string
  /** The address that was called. */
  readonly address: string
  /**
   * Milvus's error code. Of a server that knows only the legacy codes it is the legacy one, but 100 for a collection and
   * 700 for an index that does not exist.
   */
  readonly code: number
  /** Milvus's reason, in its own words. */
  readonly reason: string
  /** Whether Milvus says that the same call may succeed later. */
  readonly retriable: boolean
  /** Why it was refused before anything was done; absent where it may have begun. */
  readonly refusal?: ServerRefusal | undefined
  /** How long the server asks to wait before the call is made again; infinite for never. */
  readonly retryAfter?: Duration.Duration | undefined
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
  },
)

/** Milvus answered with a status other than success. */
export class ServerError extends ServerErrorBase {
  /** As Milvus says; a rate limit always, a denial never, nor rows that are not of the schema. */
  get isRetryable(): boolean {
    const isFinal = this.refusal === "ForceDeny" || this.refusal === "SchemaMismatch"
    return this.refusal === "RateLimit" || this.retriable && !isFinal
  }
  /** What failed and why, in one line. */
  override get message(): string {
    return printable(`${this.method} at ${this.address} answered code ${this.code}: ${oneLine(this.reason)}`)
  }
}

/**
 * What a {@linkcode CodecError} is about.
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
  /** What was expected. */
  readonly expected: string
  /** What was given, as short text; absent if it is not known or adds nothing. */
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
  /** What failed and why, in one line. */
  override get message(): string {
    const row = this.row === undefined ? "" : `, row ${this.row}`
    const got = this.actual === undefined ? "" : `, got ${this.actual}`
    return oneLine(`field "${this.field}"${row}: expected ${wanted(this.expected)}${got}`)
  }
}

/** What {@linkcode PartialWrite} carries. */
export interface PartialWriteProps {
  /** The collection. */
  readonly collection: string
  /** How many rows were to be written. */
  readonly rows: number
  /** How many of them Milvus acknowledged. */
  readonly written: number
  /** Which rows were acknowledged: ranges `[from, to)`, counted from 0, in their order. */
  readonly acknowledged: ReadonlyArray<readonly [from: number, to: number]>
  /** Their primary keys, in their order. */
  readonly ids: BigInt64Array | ReadonlyArray<string>
  /** Why the first that failed did so. Rows that were `Lost` with it may have been written. */
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

/** A write of many rows failed after a part of them was acknowledged. */
export class PartialWrite extends PartialWriteBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: PartialWriteProps) {
    super(withPrintableCause(props))
  }
  /** Never as a whole: what was acknowledged would be written twice. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    return oneLine(`${this.written} of ${this.rows} rows were written to "${this.collection}", then: ${why}`)
  }
}

/** What {@linkcode PartialCreate} carries. */
export interface PartialCreateProps {
  /** The collection, which exists. */
  readonly collection: string
  /** The RPC that failed, such as `"CreateIndex"`. */
  readonly step: string
  /** The field of the index that failed; absent if the step is not about an index. */
  readonly field?: string | undefined
  /** The fields of the definition that have their indexes. */
  readonly indexed: ReadonlyArray<string>
  /** Why the step failed. */
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
 * A collection exists, but a later step of its creation failed: one of its indexes is missing, or it is not loaded. To
 * create it again, after the cause is removed, completes it.
 */
export class PartialCreate extends PartialCreateBase {
  /** As the cause: to create it again is safe. */
  get isRetryable(): boolean {
    return Predicate.hasProperty(this.cause, "isRetryable") && this.cause.isRetryable === true
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const why = this.cause instanceof Error ? this.cause.message : String(this.cause)
    const indexed = this.indexed.length === 0 ? "no index yet" : `indexes of ${this.indexed.join(", ")}`
    const step = this.field === undefined ? this.step : `${this.step} of "${this.field}"`
    return oneLine(`collection "${this.collection}" exists with ${indexed}, but ${step} failed: ${why}`)
  }
}

/** What connecting can fail with. */
export type ConnectError = NotImplemented | ParamError | NotReady | ConnectionLimit

/** What a call can fail with; `NotReady` when a handshake that had to be repeated fails. */
export type CallError = ConnectionClosed | RpcError | ServerError | NotReady

/** Every error of this library. */
export type MilvusError = ConnectError | CallError | AliasError | CodecError | PartialWrite | PartialCreate

/** Text in quotes, on one line. */
const quote = (text: string): string => oneLine(JSON.stringify(text))

/** A message never ends with "expected" and nothing after it. */
const wanted = (expected: string): string => expected.trim() === "" ? "another value" : expected
