/** The log of the calls that a FakeMilvus received, without secrets. */
import type * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import type { Method, Request } from "../contract.ts"

/**
 * The state of a call: `"running"`, `"answered"`, `"failed"` (with a gRPC or Milvus status), or `"cancelled"`, if the
 * client cancelled it, its deadline passed, or its session was cut before the answer.
 */
export type CallOutcome = "running" | "answered" | "failed" | "cancelled"

/**
 * A call that the server received. `method` determines the type of `request`:
 * `calls.filter((call) => call.method === "Insert")[0]?.request.collection_name`.
 */
export type SeenCall<M extends Method = Method> = {
  readonly [N in M]: {
    /** The name of the RPC. */
    readonly method: N
    /** The request. In the log, passwords in it are `"<redacted>"`. */
    readonly request: Request<N>
    /** The metadata by lower-case key, without the credentials. Values of a repeated key are joined by `", "`. */
    readonly metadata: Readonly<Record<string, string>>
    /** The credentials as they were sent: `user:password` or a token, in base64. */
    readonly authorization: Redacted.Redacted<string> | undefined
    /** The address and port of the client, which distinguish its connections. */
    readonly peer: string
    /** Time of arrival, by Effect's clock. */
    readonly time: DateTime.Utc
    /** The state of the call when the log was read. */
    readonly outcome: CallOutcome
  }
}[M]

/** Separates the credentials of a call from its other metadata. */
export const metadataOf = (
  pairs: Readonly<Record<string, string>>,
): Pick<SeenCall, "metadata" | "authorization"> => {
  const { authorization, ...metadata } = pairs
  return { metadata, authorization: authorization === undefined ? undefined : Redacted.make(authorization) }
}

const secretFields = ["password", "oldPassword", "newPassword"]

/** Replaces the passwords in a request, such as that of CreateCredential. */
const redact = (call: SeenCall): SeenCall => {
  const secrets = secretFields.filter((name) => name in call.request)
  if (secrets.length === 0) return call
  const masked = Object.fromEntries(secrets.map((name) => [name, "<redacted>"]))
  // Cast: texts are replaced by texts.
  return { ...call, request: { ...call.request, ...masked } } as SeenCall
}

/** A log of calls in order of arrival. */
export class CallLog {
  #next = 0
  readonly #calls = new Map<number, SeenCall>()

  /** All calls with their current outcome. */
  get all(): ReadonlyArray<SeenCall> {
    return [...this.#calls.values()]
  }

  clear(): void {
    this.#calls.clear()
  }

  /** Adds a call. The returned function sets its outcome. */
  add(call: SeenCall): (outcome: CallOutcome) => void {
    const id = this.#next++
    this.#calls.set(id, redact(call))
    return (outcome) => {
      const seen = this.#calls.get(id)
      if (seen !== undefined) this.#calls.set(id, { ...seen, outcome })
    }
  }
}
