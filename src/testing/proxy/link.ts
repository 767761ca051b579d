/**
 * A client's connection, and the one to the server that stands behind it.
 *
 * It is `open` until it is cut. A cut link forwards nothing; its sockets are gone as soon as both sides have seen the end, and
 * after a bound at the latest. A client that has no server, because of a fault, is on its own: `lost` where that cannot be mended.
 */
import type { Socket } from "node:net"
import type { Direction, Ending, Fault } from "./fault.ts"
import { Pipe } from "./pipe.ts"
import { ruleOf } from "./rule.ts"
import { close, ignore, reset } from "./socket.ts"

/** What a link tells. */
export interface LinkEvents {
  /** So many bytes went on. */
  readonly forwarded: (direction: Direction, bytes: number) => void
  /** Both sockets are closed. */
  readonly closed: (link: Link) => void
}

/** How long a socket has to send what was written and to see the other side end, in milliseconds. */
const lingering = 2_000

export class Link {
  #server: Socket | undefined
  #pipes: Readonly<Record<Direction, Pipe>> | undefined
  /** Whether bytes, or the server, are gone, so that the stream can never go on. */
  #isLost = false
  /** The client's next bytes are answered by RST. */
  #resetsOnData = false
  #isCut = false
  #openSockets = 1
  #timer: ReturnType<typeof setTimeout> | undefined

  /** The client is paused still. */
  constructor(readonly client: Socket, readonly connect: () => Socket, readonly events: LinkEvents, fault: Fault) {
    client.on("error", ignore)
    client.on("close", this.#onClose)
    if (fault._tag === "Reset" && fault.at === "firstBytes") this.#resetOnData()
    else this.apply(fault)
  }

  /** Neither cut nor ended. */
  get isOpen(): boolean {
    return !this.#isCut && !this.client.destroyed
  }

  /** Takes a new fault. */
  apply(fault: Fault): void {
    if (this.#isCut) return
    this.#ignoreClient()
    if (fault._tag === "Reset") return this.reset()
    if (fault._tag === "Refuse" && fault.connections !== "keep") return this.cut(fault.connections)
    if (fault._tag === "HalfOpen") return this.#loseServer()
    // With a server, deafness is a rule; without, it is the state of the client already.
    if (fault._tag === "Blackhole" && this.#pipes === undefined) return
    if (this.#isLost) return this.#resetOnData()
    this.#pipes ??= this.#connect()
    this.#pipes.toServer.apply(ruleOf(fault, "toServer"))
    this.#pipes.toClient.apply(ruleOf(fault, "toClient"))
  }

  /** Ends both sides, behind what was forwarded to them. */
  cut(ending: Ending): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#ignoreClient()
    this.#stopPipes()
    this.#timer = setTimeout(() => ending === "reset" ? this.reset() : this.destroy(), lingering)
    this.#cutSocket(this.client, this.#pipes?.toClient, ending)
    if (this.#server !== undefined) this.#cutSocket(this.#server, this.#pipes?.toServer, ending)
  }

  /** Ends both sides by RST, now. */
  reset(): void {
    this.cut("reset")
    this.#stopPipes()
    reset(this.client)
    if (this.#server !== undefined) reset(this.#server)
  }

  /** Gives both sockets back. */
  destroy(): void {
    this.#isCut = true
    this.#stopPipes()
    this.client.destroy()
    this.#server?.destroy()
  }

  #cutSocket(socket: Socket, pipe: Pipe | undefined, ending: Ending) {
    if (ending === "close") close(socket)
    else if (pipe === undefined) reset(socket)
    else pipe.afterFlush(() => reset(socket))
  }

  #stopPipes() {
    this.#pipes?.toServer.stop()
    this.#pipes?.toClient.stop()
  }

  #connect(): Readonly<Record<Direction, Pipe>> {
    const { client, events } = this
    const server = this.connect()
    this.#server = server
    this.#openSockets++
    server.on("error", ignore)
    server.on("close", this.#onClose)
    const pipe = (source: Socket, sink: Socket, direction: Direction) =>
      new Pipe(source, sink, {
        forwarded: (bytes) => events.forwarded(direction, bytes),
        cut: (ending) => this.cut(ending),
      })
    return { toServer: pipe(client, server, "toServer"), toClient: pipe(server, client, "toClient") }
  }

  /** From now on the client talks to nobody. */
  #loseServer() {
    if (this.#pipes !== undefined) {
      this.#isLost = true
      this.#stopPipes()
      this.#pipes = undefined
    }
    if (this.#server !== undefined) reset(this.#server)
    this.#watchClient()
  }

  #resetOnData() {
    if (this.client.readableEnded) return this.reset()
    this.#resetsOnData = true
    this.#watchClient()
  }

  /** To a client that has no server. */
  #watchClient() {
    this.client.on("data", this.#onData)
    this.client.on("end", this.#onData)
    this.client.resume()
  }

  #ignoreClient() {
    this.#resetsOnData = false
    if (this.#pipes !== undefined) return
    this.client.pause()
    this.client.off("data", this.#onData)
    this.client.off("end", this.#onData)
  }

  /** Or its end. */
  readonly #onData = () => {
    this.#isLost = true
    if (this.#resetsOnData) this.reset()
  }
  readonly #onClose = () => {
    if (--this.#openSockets > 0) return
    this.#stopPipes()
    clearTimeout(this.#timer)
    this.events.closed(this)
  }
}
