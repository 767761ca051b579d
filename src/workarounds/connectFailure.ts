/** Records how far a connection attempt came before it failed. Error texts do not show that: some are the peer's. */
import * as Predicate from "effect/Predicate"

/**
 * Stage at which a connection attempt failed.
 *
 * - `Tcp`: the TCP connection was not made.
 * - `Tls`: TCP was up, but TLS was not.
 * - `Http2`: TCP and TLS were up, but the first frame of the server did not arrive.
 * - `Abandoned`: the client abandoned it after a bound.
 */
export type ConnectStage = "Tcp" | "Tls" | "Http2" | "Abandoned"

/** A failed connection attempt. `cause` is the error of the socket, if it had one. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure"

  constructor(readonly stage: ConnectStage, details: string, cause?: unknown) {
    super(details, { cause })
  }

  /** Whether the peer or the network ended the connection without another error. */
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

/** The connection attempts of one client, by address of the server. */
export class ConnectAttempts {
  readonly #attempts = new Map<object, { stage: ConnectStage; error: unknown }>()
  readonly #failures = new Map<object, ConnectFailure>()

  /** Begins an attempt of an address. */
  begin(address: object): void {
    this.#attempts.set(address, { stage: "Tcp", error: undefined })
  }

  /** Records the stage that the attempt of an address reached. */
  reach(address: object, stage: ConnectStage): void {
    this.#attempts.set(address, { stage, error: undefined })
  }

  /** Records an error of the socket of an address; the first one counts. */
  note(address: object, error: unknown): void {
    const attempt = this.#attempts.get(address)
    if (attempt !== undefined) attempt.error ??= error
  }

  /** Records that the attempt of an address failed. */
  fail(address: object, details: string): void {
    const { stage = "Tcp", error } = this.#attempts.get(address) ?? {}
    this.#failures.set(address, new ConnectFailure(stage, details, error))
  }

  /** Records that an attempt succeeded, which clears all failures. */
  succeed(): void {
    this.#failures.clear()
  }

  /** The failure at the latest stage, among the last attempts of all addresses. */
  get failure(): ConnectFailure | undefined {
    const stages: ReadonlyArray<ConnectStage> = ["Tcp", "Tls", "Http2"]
    return [...this.#failures.values()].toSorted((a, b) => stages.indexOf(b.stage) - stages.indexOf(a.stage))[0]
  }
}
