/**
 * One direction of a connection: forwards bytes from one socket to another according to a rule.
 *
 * The end of the source, by FIN or RST, is queued after its bytes. The source is paused while more bytes are held than
 * the rule allows or the sink accepts. So memory is bounded by the allowance of the rule, one read, and the buffers of
 * the two sockets (64 KiB each, slightly more in Bun).
 */
import type { Socket } from "node:net"
import type { Ending } from "./fault.ts"
import { free, type Rule } from "./rule.ts"

/** A queued item: bytes, or the end. */
interface Held {
  bytes: Uint8Array
  /** Earliest time to forward it, as of `performance.now()`. Items before it in the queue are forwarded first. */
  due: number
  readonly end?: Ending
}

/** Events of a pipe. */
export interface PipeEvents {
  /** Some bytes were written to the sink. */
  readonly forwarded: (bytes: number) => void
  /** The connection has to end, because of the rule or because the source was reset. */
  readonly cut: (ending: Ending) => void
}

const noBytes = new Uint8Array(0)
/** Throttled bytes are forwarded in pieces that last this many seconds. */
const slice = 0.05
/** Time that bytes may take to reach a reader that reads, in milliseconds. */
const transitTime = 100
/**
 * Longest wait of one timer, in milliseconds: a fault may ask for more than a timer can hold. The pipe then waits
 * again.
 */
const longestWait = 60_000

export class Pipe {
  #rule: Rule = free
  #quota = 0
  #held: Array<Held> = []
  #heldBytes = 0
  #budget = 0
  #budgetAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isSinkFull = false
  #isSourcePaused: boolean | undefined
  #isStopped = false
  #hasEnded = false
  #unflushed = 0
  #forwardedAt = -transitTime
  #whenFlushed: (() => void) | undefined

  /** Reads nothing before the first rule is applied. */
  constructor(readonly source: Socket, readonly sink: Socket, readonly events: PipeEvents) {
    sink.on("drain", this.#onDrain)
    // Before the first listener, which would make the source flow.
    source.pause()
    source.on("data", this.#onData)
    source.on("end", this.#onEnd)
    source.on("error", this.#onBroken)
    source.on("close", this.#onClose)
  }

  /** Applies a new rule. Held bytes are treated as if they had arrived now. */
  apply(rule: Rule): void {
    if (this.#isStopped) return
    this.#rule = rule
    this.#quota = rule.quota
    this.#budget = 0
    this.#budgetAt = performance.now()
    for (const held of this.#held) held.due = this.#nextDue()
    this.#pump()
  }

  /** Stops forwarding and reading, and drops what is held. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#whenFlushed = undefined
    this.#held = []
    this.source.off("data", this.#onData)
    this.source.off("end", this.#onEnd)
    this.source.off("error", this.#onBroken)
    this.source.off("close", this.#onClose)
    this.sink.off("drain", this.#onDrain)
    this.source.pause()
  }

  /**
   * Calls back when the forwarded bytes have arrived, as far as can be known. A reset drops what the system has not
   * sent yet, and the system sends no more at once than the reader has room for. `stop` cancels the callback.
   */
  afterFlush(then: () => void): void {
    this.#whenFlushed = () => {
      this.#timer = setTimeout(then, Math.max(0, this.#forwardedAt + transitTime - performance.now()))
    }
    if (this.#unflushed === 0) this.#whenFlushed()
  }

  readonly #onData = (bytes: Uint8Array) => this.#take({ bytes, due: this.#nextDue() })
  readonly #onEnd = () => this.#finish("close")
  readonly #onBroken = () => this.#finish("reset")
  readonly #onClose = () => this.#hasEnded ? undefined : this.#finish("reset")
  readonly #onDrain = () => {
    this.#isSinkFull = false
    this.#pump()
  }

  #finish(end: Ending) {
    this.#hasEnded = true
    this.#take({ bytes: noBytes, due: this.#nextDue(), end })
  }

  #take(held: Held) {
    this.#held.push(held)
    this.#heldBytes += held.bytes.length
    this.#pump()
  }

  #nextDue(): number {
    return performance.now() + this.#rule.delay()
  }

  #pump() {
    clearTimeout(this.#timer)
    while (!this.#isStopped && this.#step());
    if (this.#isStopped) return
    const isFull = this.#quota === 0 || this.#heldBytes > this.#rule.allowance
    if (isFull === this.#isSourcePaused) return
    this.#isSourcePaused = isFull
    if (isFull) this.source.pause()
    else this.source.resume()
  }

  /** Forwards the first item or a part of it. Returns false if nothing can be forwarded now. */
  #step(): boolean {
    if (this.#quota === 0) {
      const { thereafter } = this.#rule
      if (thereafter !== "hold") this.events.cut(thereafter)
      return false
    }
    const [first] = this.#held
    if (first === undefined || this.#isSinkFull) return false
    const early = first.due - performance.now()
    if (early > 0) return this.#wait(early)
    if (first.end !== undefined) {
      this.#held.shift()
      if (first.end === "close") this.sink.end()
      else this.events.cut("reset")
      return true
    }
    const wanted = Math.min(first.bytes.length, this.#quota, this.#piece())
    if (!this.#affords(wanted)) return this.#wait((wanted - this.#budget) / this.#rate())
    this.#forward(first, wanted)
    return true
  }

  #forward(first: Held, size: number) {
    const bytes = first.bytes.subarray(0, size)
    if (size === first.bytes.length) this.#held.shift()
    else first.bytes = first.bytes.subarray(size)
    this.#heldBytes -= size
    this.#quota -= size
    this.#budget -= size
    // Bytes to a closed socket are lost, as in a network. The source learns of it by the other direction.
    if (!this.sink.writable) return
    this.#forwardedAt = performance.now()
    this.#unflushed++
    this.#isSinkFull = !this.sink.write(bytes, () => {
      if (--this.#unflushed === 0) this.#whenFlushed?.()
    })
    this.events.forwarded(size)
  }

  /** Whether the rate allows this many bytes now. */
  #affords(bytes: number): boolean {
    if (this.#rule.bytesPerSecond === Infinity) return true
    const now = performance.now()
    this.#budget = Math.min(this.#piece(), this.#budget + (now - this.#budgetAt) * this.#rate())
    this.#budgetAt = now
    return this.#budget >= bytes
  }

  /** Size of one piece, in bytes. */
  #piece(): number {
    return Math.max(1, Math.floor(this.#rule.bytesPerSecond * slice))
  }

  /** The rate, in bytes per millisecond. */
  #rate(): number {
    return this.#rule.bytesPerSecond / 1000
  }

  #wait(milliseconds: number): false {
    this.#timer = setTimeout(() => this.#pump(), Math.min(Math.ceil(milliseconds), longestWait))
    return false
  }
}
