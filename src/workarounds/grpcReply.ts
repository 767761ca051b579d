/**
 * Reads the bytes of replies from the frames of their stream, in place of the reader of grpc-js.
 *
 * It accepts messages that are not compressed, each of a bounded length, and only one of a unary call. It refuses
 * everything else at the first byte that shows it. Read bytes are dropped as soon as a reply is refused or the call is
 * over.
 */
import { Buffer } from "node:buffer"

/** A reply is malformed. Found by this library, not reported by the server. */
export class ReplyFault extends Error {
  override readonly name = "ReplyFault"
}

/** A stream ended without an answer. */
export class StreamLost extends Error {
  override readonly name = "StreamLost"
}

/** Maximum length of a protobuf message, in bytes. */
export const maxProtobufLength: number = 2 ** 31 - 1

/** Length of the flag and the length before a message, in bytes. */
export const headLength = 5

/** Length of the buffer that is allocated for a longer message before its bytes arrive. */
const firstBuffer = 16 * 2 ** 20

/** Collects the messages. Has the interface of `StreamDecoder` of grpc-js: messages are returned with their head. */
export class ReplyReader {
  #head: Buffer | undefined = Buffer.alloc(headLength)
  #headAt = 0
  /** The message with its head, as far as it arrived. */
  #message: Buffer | undefined
  #at = 0
  /** Number of bytes of the message that have not arrived yet. */
  #left = 0
  readonly #limit: number
  readonly #isStream: boolean
  readonly #refuse: (isTooLong: boolean, fault: ReplyFault) => void

  /**
   * Calls `refuse` once, if the bytes are not a reply of at most `limit` bytes. `isStream` is whether there may be
   * several.
   */
  constructor(limit: number, refuse: (isTooLong: boolean, fault: ReplyFault) => void, isStream = false) {
    this.#limit = limit
    this.#isStream = isStream
    this.#refuse = refuse
  }

  /** Adds the next bytes. Returns the messages that are complete. */
  write(data: Buffer): Array<Buffer> {
    const messages: Array<Buffer> = []
    let at = 0
    while (at < data.length && this.#head !== undefined) at = this.#read(data, at, messages)
    return messages
  }

  /** Reads on at `at`, at most to the end of a message. Returns the offset after what was read. */
  #read(data: Buffer, start: number, messages: Array<Buffer>): number {
    if (this.#head === undefined) return data.length
    let at = start
    if (this.#headAt === headLength && this.#left === 0) {
      if (!this.#isStream) return this.#stop("the reply has more than one message", data)
      this.#headAt = 0
    }
    if (this.#headAt < headLength) {
      const copied = data.copy(this.#head, this.#headAt, at, at + headLength - this.#headAt)
      at += copied
      this.#headAt += copied
      const flag = this.#head[0]
      if (flag === 1) return this.#stop("the reply is compressed, and compression was not asked for", data)
      if (flag !== 0) return this.#stop(`the reply has the unknown flag ${flag}`, data)
      if (this.#headAt < headLength) return at
      this.#left = this.#head.readUInt32BE(1)
      if (this.#left > this.#limit) {
        return this.#stop(`the reply has ${this.#left} bytes, and at most ${this.#limit} are taken`, data, true)
      }
      this.#message = Buffer.allocUnsafe(Math.min(headLength + this.#left, firstBuffer))
      this.#at = this.#head.copy(this.#message)
    }
    const end = at + this.#left
    if (end < data.length && !this.#isStream) return this.#stop("the reply has more than one message", data)
    const to = Math.min(end, data.length)
    const message = this.#reserve(to - at)
    this.#at += data.copy(message, this.#at, at, to)
    this.#left = end - to
    if (this.#left > 0) return to
    messages.push(message)
    this.#message = undefined
    return to
  }

  /** Returns the buffer of the message, with room for `length` more bytes. */
  #reserve(length: number): Buffer {
    const message = this.#message ?? Buffer.alloc(0)
    if (this.#at + length <= message.length) return message
    // Grows with what arrived: a length that was only announced takes no memory.
    const grown = Buffer.allocUnsafeSlow(
      Math.min(this.#at + this.#left, Math.max(message.length * 2, this.#at + length)),
    )
    message.copy(grown, 0, 0, this.#at)
    return this.#message = grown
  }

  /** Drops the bytes that were read, and all later ones. */
  release(): void {
    this.#head = undefined
    this.#message = undefined
  }

  /** Refuses the reply, and skips the rest of the data. */
  #stop(why: string, { length }: Buffer, isTooLong = false): number {
    this.release()
    this.#refuse(isTooLong, new ReplyFault(why))
    return length
  }
}
