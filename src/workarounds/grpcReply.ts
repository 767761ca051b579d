/**
 * Reads the bytes of one unary reply from the frames of its stream, in place of the reader of grpc-js.
 *
 * It accepts exactly one message, not compressed, of a bounded length, and refuses everything else at the first byte
 * that shows it. Read bytes are dropped as soon as the reply is refused or the call is over.
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
const headLength = 5

/** Collects the message. Has the interface of `StreamDecoder` of grpc-js: messages are returned with their head. */
export class ReplyReader {
  #head: Buffer | undefined = Buffer.alloc(headLength)
  #headAt = 0
  #parts: Array<Buffer> = []
  /** Number of bytes of the message that have not arrived yet. */
  #left = 0
  readonly #limit: number
  readonly #refuse: (isTooLong: boolean, fault: ReplyFault) => void

  /** Calls `refuse` once, if the bytes are not a reply of at most `limit` bytes. */
  constructor(limit: number, refuse: (isTooLong: boolean, fault: ReplyFault) => void) {
    this.#limit = limit
    this.#refuse = refuse
  }

  /** Adds the next bytes. Returns the message once it is complete. */
  write(data: Buffer): Array<Buffer> {
    if (data.length === 0 || this.#head === undefined) return []
    if (this.#headAt === headLength && this.#left === 0) {
      return this.#stop("the reply has more than one message")
    }
    let at = 0
    if (this.#headAt < headLength) {
      at = data.copy(this.#head, this.#headAt, 0, headLength - this.#headAt)
      this.#headAt += at
      const flag = this.#head[0]
      if (flag === 1) return this.#stop("the reply is compressed, and compression was not asked for")
      if (flag !== 0) return this.#stop(`the reply has the unknown flag ${flag}`)
      if (this.#headAt < headLength) return []
      this.#left = this.#head.readUInt32BE(1)
      if (this.#left > this.#limit) {
        return this.#stop(`the reply has ${this.#left} bytes, and at most ${this.#limit} are taken`, true)
      }
    }
    const end = at + this.#left
    if (end < data.length) return this.#stop("the reply has more than one message")
    if (at < data.length) this.#parts.push(data.subarray(at))
    this.#left = end - data.length
    if (this.#left > 0) return []
    const message = Buffer.concat([this.#head, ...this.#parts])
    this.#parts = []
    return [message]
  }

  /** Drops the bytes that were read, and all later ones. */
  release(): void {
    this.#head = undefined
    this.#parts = []
  }

  #stop(why: string, isTooLong = false): Array<Buffer> {
    this.release()
    this.#refuse(isTooLong, new ReplyFault(why))
    return []
  }
}
