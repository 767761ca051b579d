/** All connections of one proxy, which share its fault, and their counts. */
import type { Socket } from "node:net"
import type { Direction, Ending, Fault } from "./fault.ts"
import { Link, type LinkEvents } from "./link.ts"
import { reset } from "./socket.ts"

export class Links {
  #links = new Set<Link>()
  #bytes = { toServer: 0, toClient: 0 }
  #accepted = 0
  #whenGone: (() => void) | undefined

  constructor(readonly connect: () => Socket, public fault: Fault) {}

  /** Number of connections that are open and not cut. */
  get open(): number {
    return [...this.#links].filter((link) => link.isOpen).length
  }

  /** Number of connections accepted so far. */
  get accepted(): number {
    return this.#accepted
  }

  /** Number of bytes forwarded so far in each direction. */
  get bytes(): Readonly<Record<Direction, number>> {
    return { ...this.#bytes }
  }

  /** Takes over the socket of a client, which has to be paused. */
  accept(client: Socket): void {
    // The connection arrived while the listener was closing.
    if (this.fault._tag === "Refuse") return reset(client)
    this.#accepted++
    this.#links.add(new Link(client, this.connect, this.#events, this.fault))
  }

  /** Applies a fault to all connections, and to future ones. */
  apply(fault: Fault): void {
    this.fault = fault
    for (const link of this.#links) link.apply(fault)
  }

  /** Ends all connections. */
  cut(ending: Ending): void {
    for (const link of this.#links) link.cut(ending)
  }

  /** Ends all connections by RST, including those that are already ending. */
  reset(): void {
    for (const link of this.#links) link.reset()
  }

  /** Destroys all sockets, and calls back when they are closed. */
  destroy(then: () => void): void {
    this.#whenGone = then
    for (const link of this.#links) link.destroy()
    if (this.#links.size === 0) then()
  }

  readonly #events: LinkEvents = {
    forwarded: (direction, bytes) => {
      this.#bytes[direction] += bytes
    },
    closed: (link) => {
      this.#links.delete(link)
      if (this.#links.size === 0) this.#whenGone?.()
    },
  }
}
