/**
 * One direction of a connection: takes what one socket reads, and hands it to another as its rule says.
 *
 * The end of the source, by FIN or RST, stands in line behind its bytes. The source is paused while more is held than the rule allows or
 * the sink takes, so that at most this is in memory: what is allowed, what was read at once, and the buffers of the two sockets
 * (64 KiB each, some more in Bun).
 */
import type { Socket } from "node:net"
import type { Ending } from "./fault.ts"
import { free, type Rule } from "./rule.ts"

/** Something on its way: bytes, or the end. */
interface Held {
  bytes: Uint8Array
  /** When it may go on, as `performance.now()` has it; not before what stands in front of it. */
  due: number
  readonly end?: Ending
}

/** What a pipe tells. */
export interface PipeEvents {
  /** So many bytes were handed to the sink. */
  readonly forwarded: (bytes: number) => void
  /** The connection has to end: by the rule, or because the source was reset. */
  readonly cut: (ending: Ending) => void
}

const nothing = new Uint8Array(0)
/** Throttled bytes go in pieces of this many seconds. */
const slice = 0.05
/** How long bytes may take to a reader that reads, in milliseconds. */
const onTheWire = 100
/** What a timer can hold is less than what a fault may ask for; it looks again, then. */
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
  #forwardedAt = -onTheWire
  #whenFlushed: (() => void) | undefined

  /** Nothing is read before there is a rule. */
  constructor(readonly source: Socket, readonly sink: Socket, readonly events: PipeEvents) {
    sink.on("drain", this.#onDrain)
    // Before it is listened to: that would make it flow.
    source.pause()
    source.on("data", this.#onData)
    source.on("end", this.#onEnd)
    source.on("error", this.#onBroken)
    source.on("close", this.#onClose)
  }

  /** What is held counts as if it came now. */
  apply(rule: Rule): void {
    if (this.#isStopped) return
    this.#rule = rule
    this.#quota = rule.quota
    this.#budget = 0
    this.#budgetAt = performance.now()
    for (const held of this.#held) held.due = this.#nextDue()
    this.#pump()
  }

  /** Forwards nothing any more, and reads nothing. */
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
   * Calls back when what was forwarded has arrived, as far as can be known: a reset drops what the system has not sent yet, and it sends no
   * more at once than the reader has room for. `stop` takes the wish back.
   */
  afterFlush(then: () => void): void {
    this.#whenFlushed = () => {
      this.#timer = setTimeout(then, Math.max(0, this.#forwardedAt + onTheWire - performance.now()))
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
    this.#take({ bytes: nothing, due: this.#nextDue(), end })
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

  /** Forwards what stands first, or a part of it. False when nothing can be done now. */
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
    // What goes to a socket that is gone is lost, as on the wire; its other direction tells the source.
    if (!this.sink.writable) return
    this.#forwardedAt = performance.now()
    this.#unflushed++
    this.#isSinkFull = !this.sink.write(bytes, () => {
      if (--this.#unflushed === 0) this.#whenFlushed?.()
    })
    this.events.forwarded(size)
  }

  /** Whether the rate lets so many bytes through now. */
  #affords(bytes: number): boolean {
    if (this.#rule.bytesPerSecond === Infinity) return true
    const now = performance.now()
    this.#budget = Math.min(this.#piece(), this.#budget + (now - this.#budgetAt) * this.#rate())
    this.#budgetAt = now
    return this.#budget >= bytes
  }

  /** Bytes in one piece. */
  #piece(): number {
    return Math.max(1, Math.floor(this.#rule.bytesPerSecond * slice))
  }

  /** Bytes a millisecond. */
  #rate(): number {
    return this.#rule.bytesPerSecond / 1000
  }

  #wait(milliseconds: number): false {
    this.#timer = setTimeout(() => this.#pump(), Math.min(Math.ceil(milliseconds), longestWait))
    return false
  }
}
