/**
 * A client's connection together with its connection to the server.
 *
 * A link is open until it is cut. A cut link forwards nothing; its sockets close as soon as both sides have seen the
 * end, and after 2 s at the latest. A fault may leave the client without a server. The link is lost if its stream can
 * no longer be continued.
 */
import type { Socket } from "node:net"
import type { Direction, Ending, Fault } from "./fault.ts"
import { Pipe } from "./pipe.ts"
import { ruleOf } from "./rule.ts"
import { close, ignore, reset } from "./socket.ts"

/** Events of a link. */
export interface LinkEvents {
  /** Some bytes were forwarded. */
  readonly forwarded: (direction: Direction, bytes: number) => void
  /** Both sockets are closed. */
  readonly closed: (link: Link) => void
}

/** Time that a socket has to send its written bytes and to see the other side end, in milliseconds. */
const lingerTime = 2_000

export class Link {
  #server: Socket | undefined
  #pipes: Readonly<Record<Direction, Pipe>> | undefined
  /** Whether bytes or the server were lost, so that the stream cannot be continued. */
  #isLost = false
  /** Whether the client's next bytes are answered by RST. */
  #resetsOnData = false
  #isCut = false
  #openSockets = 1
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `client` has to be paused. */
  constructor(readonly client: Socket, readonly connect: () => Socket, readonly events: LinkEvents, fault: Fault) {
    client.on("error", ignore)
    client.on("close", this.#onClose)
    if (fault._tag === "Reset" && fault.at === "firstBytes") this.#resetOnData()
    else this.apply(fault)
  }

  /** Whether it is neither cut nor ended. */
  get isOpen(): boolean {
    return !this.#isCut && !this.client.destroyed
  }

  /** Applies a new fault. */
  apply(fault: Fault): void {
    if (this.#isCut) return
    this.#ignoreClient()
    if (fault._tag === "Reset") return this.reset()
    if (fault._tag === "Refuse" && fault.connections !== "keep") return this.cut(fault.connections)
    if (fault._tag === "HalfOpen") return this.#loseServer()
    // With a server, a rule stops the bytes. Without one, the client is not read from anyway.
    if (fault._tag === "Blackhole" && this.#pipes === undefined) return
    if (this.#isLost) return this.#resetOnData()
    this.#pipes ??= this.#connect()
    this.#pipes.toServer.apply(ruleOf(fault, "toServer"))
    this.#pipes.toClient.apply(ruleOf(fault, "toClient"))
  }

  /** Ends both sides after the bytes that were forwarded to them. */
  cut(ending: Ending): void {
    if (this.#isCut) return
    this.#isCut = true
    this.#ignoreClient()
    this.#stopPipes()
    this.#timer = setTimeout(() => ending === "reset" ? this.reset() : this.destroy(), lingerTime)
    this.#cutSocket(this.client, this.#pipes?.toClient, ending)
    if (this.#server !== undefined) this.#cutSocket(this.#server, this.#pipes?.toServer, ending)
  }

  /** Ends both sides by RST at once. */
  reset(): void {
    this.cut("reset")
    this.#stopPipes()
    reset(this.client)
    if (this.#server !== undefined) reset(this.#server)
  }

  /** Destroys both sockets. */
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

  /** Drops the server. From now on, what the client sends is discarded. */
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

  /** Reads from a client that has no server. */
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

  /** Also called for the end of the client. */
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
