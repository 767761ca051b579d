/** What a FakeMilvus saw: a log of calls in which no secret is legible. */
import type * as DateTime from "effect/DateTime"
import * as Redacted from "effect/Redacted"
import type { Method, Request } from "../contract.ts"

/**
 * How far a call is: `"running"`, `"answered"`, `"failed"` (by a status of gRPC or of Milvus), or `"cancelled"`: its client
 * cancelled it, its deadline passed, or the session was cut before the answer.
 */
export type CallOutcome = "running" | "answered" | "failed" | "cancelled"

/**
 * A call as the server saw it. `method` tells the type of `request`:
 * `calls.filter((call) => call.method === "Insert")[0]?.request.collection_name`.
 */
export type SeenCall<M extends Method = Method> = {
  readonly [N in M]: {
    /** The RPC. */
    readonly method: N
    /** What was asked. In the log, passwords in it are `"<redacted>"`. */
    readonly request: Request<N>
    /** What came with it, by lower-case key, without the credentials; values of a repeated key are joined by `", "`. */
    readonly metadata: Readonly<Record<string, string>>
    /** The credentials as they were sent: `user:password` or a token, in base64. */
    readonly authorization: Redacted.Redacted<string> | undefined
    /** The client's address and port, which tell its connections apart. */
    readonly peer: string
    /** When it came, by Effect's clock. */
    readonly time: DateTime.Utc
    /** How far it was when the log was read. */
    readonly outcome: CallOutcome
  }
}[M]

/** Puts the metadata of a call apart: what may be shown, and the credentials. */
export const metadataOf = (
  pairs: Readonly<Record<string, string>>,
): Pick<SeenCall, "metadata" | "authorization"> => {
  const { authorization, ...metadata } = pairs
  return { metadata, authorization: authorization === undefined ? undefined : Redacted.make(authorization) }
}

const secretFields = ["password", "oldPassword", "newPassword"]

/** Fields of requests such as CreateCredential are no more for a log than the metadata is. */
const redact = (call: SeenCall): SeenCall => {
  const secrets = secretFields.filter((name) => name in call.request)
  if (secrets.length === 0) return call
  const masked = Object.fromEntries(secrets.map((name) => [name, "<redacted>"]))
  // Cast: text stands for text.
  return { ...call, request: { ...call.request, ...masked } } as SeenCall
}

/** Calls in the order in which they came. */
export class CallLog {
  #next = 0
  readonly #calls = new Map<number, SeenCall>()

  /** What is in it now. */
  get all(): ReadonlyArray<SeenCall> {
    return [...this.#calls.values()]
  }

  clear(): void {
    this.#calls.clear()
  }

  /** Adds a call; the result tells its outcome. */
  add(call: SeenCall): (outcome: CallOutcome) => void {
    const id = this.#next++
    this.#calls.set(id, redact(call))
    return (outcome) => {
      const seen = this.#calls.get(id)
      if (seen !== undefined) this.#calls.set(id, { ...seen, outcome })
    }
  }
}
