/** How far an attempt to connect came before it failed: what its words, some of which are the peer's, do not show. */
import * as Predicate from "effect/Predicate"

/**
 * What an attempt was doing when it failed.
 *
 * - `Tcp`: the TCP connection was not made.
 * - `Tls`: TCP was up, and TLS was not.
 * - `Http2`: all below was up, and the first frame of the server did not come.
 * - `Abandoned`: the client gave it up after a bound.
 */
export type ConnectStage = "Tcp" | "Tls" | "Http2" | "Abandoned"

/** An attempt to connect failed. `cause` is the error of the socket, if it had one. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure"

  constructor(readonly stage: ConnectStage, details: string, cause?: unknown) {
    super(details, { cause })
  }

  /** Whether the peer just ended the connection, or the network did: there is no error of another kind. */
  get isHangUp(): boolean {
    const { cause } = this
    return cause === undefined || Predicate.hasProperty(cause, "code") && hangUps.has(cause.code)
  }
}

const hangUps: ReadonlySet<unknown> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ENOTCONN",
  "ESHUTDOWN",
  "ETIMEDOUT",
])

/** What one address of a server, and then the next, is doing. */
export class ConnectAttempts {
  readonly #attempts = new Map<object, { stage: ConnectStage; error: unknown }>()
  readonly #failures = new Map<object, ConnectFailure>()

  /** An attempt of that address begins. */
  begin(address: object): void {
    this.#attempts.set(address, { stage: "Tcp", error: undefined })
  }

  /** The attempt of that address came so far. */
  reach(address: object, stage: ConnectStage): void {
    this.#attempts.set(address, { stage, error: undefined })
  }

  /** The socket of that address has an error. */
  note(address: object, error: unknown): void {
    const attempt = this.#attempts.get(address)
    if (attempt !== undefined) attempt.error ??= error
  }

  /** The attempt of that address failed. */
  fail(address: object, details: string): void {
    const { stage = "Tcp", error } = this.#attempts.get(address) ?? {}
    this.#failures.set(address, new ConnectFailure(stage, details, error))
  }

  /** The attempt of that address succeeded, which is all that counts. */
  succeed(): void {
    this.#failures.clear()
  }

  /** The failure that came farthest, of the last attempts of all addresses. */
  get failure(): ConnectFailure | undefined {
    const stages: ReadonlyArray<ConnectStage> = ["Tcp", "Tls", "Http2"]
    return [...this.#failures.values()].toSorted((a, b) => stages.indexOf(b.stage) - stages.indexOf(a.stage))[0]
  }
}
