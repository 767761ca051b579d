/**
 * How many retries a server may be asked to bear: what keeps a sick one from being stormed by those who wait for it.
 *
 * Each call that is made adds a part of a retry, and each retry takes a whole one, so that retries are at most that part of
 * the load in the long run. A reserve lets a burst of calls through a short trouble, and fills up by itself, so that
 * somebody who calls seldom is not left without. One budget for all that share a channel.
 */

/** The most that can be saved up; there at the beginning. */
const reserve = 1000

/** Retries a second that come by themselves. */
const trickle = 10

/** The retries that are left for one server. */
export class RetryBudget {
  #balance = reserve
  #countedAt = Date.now()

  /** A call is made, for which there may be so many retries. */
  deposit(retries: number): void {
    this.#balance = Math.min(reserve, this.#balance + retries)
  }

  /** Takes one retry, where one is left. */
  withdraw(): boolean {
    const now = Date.now()
    this.deposit(Math.max(now - this.#countedAt, 0) / 1000 * trickle)
    this.#countedAt = now
    if (this.#balance < 1) return false
    this.#balance--
    return true
  }
}
