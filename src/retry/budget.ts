/**
 * Limits retries to a fraction of the calls, so that retries do not overload a server that is failing: a token bucket,
 * as in gRPC's retry throttling.
 *
 * Each call adds a fraction of a retry, and each retry takes a whole one, so in the long run retries are at most that
 * fraction of the load. A reserve covers a burst of calls during a short failure, and refills over time, so that a
 * client that calls rarely can retry too. All connections of a channel share one budget.
 */

/** Maximum balance, and the initial one, in retries. */
const reserve = 1000

/** Retries that are added each second without a call. */
const trickle = 10

/** The retries that are left for one server. */
export class RetryBudget {
  #balance = reserve
  #countedAt = Date.now()

  /** Adds the retries that one call allows. */
  deposit(retries: number): void {
    this.#balance = Math.min(reserve, this.#balance + retries)
  }

  /** Takes one retry. Returns whether one was left. */
  withdraw(): boolean {
    const now = Date.now()
    this.deposit(Math.max(now - this.#countedAt, 0) / 1000 * trickle)
    this.#countedAt = now
    if (this.#balance < 1) return false
    this.#balance--
    return true
  }
}
