/**
 * An HTTP/2 server of raw frames. It answers the handshake of a client as Milvus does, and misbehaves in a given way
 * when a request contains the word "hostile".
 */
import { Buffer } from "node:buffer"
import { createServer, type Socket } from "node:net"

/** Encodes a string in Latin 1. */
export const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

/** Encodes one HTTP/2 frame. */
export const frame = (type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const DATA = 0
export const HEADERS = 1
export const PRIORITY = 2
export const RST_STREAM = 3
export const SETTINGS = 4
export const PUSH_PROMISE = 5
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

export const END_STREAM = 1
export const END_HEADERS = 4
export const ACK = 1

/** Encodes a number of 32 bits. */
export const uint32 = (value: number): Buffer => {
  const all = Buffer.alloc(4)
  all.writeUInt32BE(value >>> 0)
  return all
}

/** Encodes one setting. */
export const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), uint32(value)])

const hpackInteger = (value: number, bits: number): Buffer => {
  const most = 2 ** bits - 1
  if (value < most) return Buffer.from([value])
  const all = [most]
  for (value -= most; value >= 128; value = Math.floor(value / 128)) all.push(value % 128 + 128)
  return Buffer.from([...all, value])
}

const hpackText = (text: string): Buffer => Buffer.concat([hpackInteger(text.length, 7), bytes(text)])

/** Encodes headers without indexing or compression. */
export const hpack = (headers: ReadonlyArray<readonly [name: string, value: string]>): Buffer =>
  Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), hpackText(name), hpackText(value)]))

/** Encodes a gRPC message: its prefix, which may have a wrong length, and its bytes. */
export const message = (body: Uint8Array, flag = 0, length = body.length): Buffer =>
  Buffer.concat([Buffer.from([flag]), uint32(length), body])

/** Encodes a protobuf field whose value is bytes. */
export const field = (id: number, value: Uint8Array): Buffer => {
  const size = []
  let rest = value.length
  for (; rest >= 128; rest = Math.floor(rest / 128)) size.push(rest % 128 + 128)
  return Buffer.concat([Buffer.from([id * 8 + 2, ...size, rest]), value])
}

/** The client at the other end of a connection. */
export class Peer {
  constructor(readonly socket: Socket) {}

  /** Writes, unless the client is gone. */
  write(...all: ReadonlyArray<Uint8Array>): void {
    if (!this.socket.destroyed && this.socket.writable) this.socket.write(Buffer.concat(all))
  }

  /** Writes response headers. `more` adds some, and `usual` replaces the usual ones. */
  headers(
    stream: number,
    more: ReadonlyArray<readonly [name: string, value: string]> = [],
    flags = END_HEADERS,
    usual: ReadonlyArray<readonly [name: string, value: string]> = [
      [":status", "200"],
      ["content-type", "application/grpc"],
    ],
  ): void {
    this.write(frame(HEADERS, flags, stream, hpack([...usual, ...more])))
  }

  data(stream: number, payload: Uint8Array, flags = 0): void {
    for (let at = 0; at === 0 || at < payload.length; at += 16_384) {
      const isLast = at + 16_384 >= payload.length
      this.write(frame(DATA, isLast ? flags : 0, stream, payload.subarray(at, at + 16_384)))
    }
  }

  trailers(stream: number, trailers: ReadonlyArray<readonly [name: string, value: string]> = [["grpc-status", "0"]]) {
    this.write(frame(HEADERS, END_HEADERS | END_STREAM, stream, hpack(trailers)))
  }

  /** Writes a whole reply. */
  reply(stream: number, body: Uint8Array): void {
    this.headers(stream)
    this.data(stream, message(body))
    this.trailers(stream)
  }

  /** Writes until the client is gone or the time is over. Waits while the client does not read. */
  async flood(make: () => Uint8Array, milliseconds = 400): Promise<void> {
    for (const end = Date.now() + milliseconds; Date.now() < end && !this.socket.destroyed && this.socket.writable;) {
      const isTaken = this.socket.write(make())
      await new Promise<void>((resolve) => isTaken ? setTimeout(resolve) : this.#drained(resolve))
    }
  }

  #drained(resolve: () => void): void {
    const done = () => {
      clearTimeout(timer)
      this.socket.off("drain", done).off("close", done)
      resolve()
    }
    const timer = setTimeout(done, 100)
    this.socket.once("drain", done).once("close", done)
  }
}

/** Misbehaves on a stream whose request is complete. */
export type Way = (peer: Peer, stream: number) => void | Promise<void>

/** The first bytes of an HTTP/2 client. */
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

const success = Buffer.alloc(0)
/** A `ConnectResponse` of a Milvus 2.6, with an identifier. */
const connected = Buffer.concat([field(2, field(1, bytes("v2.6.2"))), Buffer.from([24, 1])])
/** A `CheckHealthResponse` with `isHealthy`. */
const healthy = Buffer.from([16, 1])

const answer = (request: string): Buffer =>
  request.includes("effect-milvus") ? connected : request.includes("gentle") ? success : healthy

export interface HostileServer extends AsyncDisposable {
  readonly port: number
  /** Number of requests so far with the word "hostile". */
  readonly asked: number
}

/** Starts a server. `begin` may take over a connection before its first byte: it then returns true. */
export const hostileServer = async (
  way: Way,
  begin?: (socket: Socket) => boolean | Promise<boolean>,
): Promise<HostileServer> => {
  const sockets = new Set<Socket>()
  let asked = 0
  const server = createServer({ noDelay: true }, async (socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.on("close", () => sockets.delete(socket))
    if (await begin?.(socket)) return
    serve(socket)
  })
  const serve = (socket: Socket) => {
    const peer = new Peer(socket)
    const requests = new Map<number, string>()
    let rest: Buffer = Buffer.alloc(0)
    let isGreeted = false
    socket.on("data", (data: Buffer) => {
      rest = Buffer.concat([rest, data])
      if (!isGreeted) {
        if (rest.length < preface.length) return
        isGreeted = true
        rest = rest.subarray(preface.length)
        peer.write(frame(SETTINGS, 0, 0), frame(SETTINGS, ACK, 0))
      }
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const length = rest.readUIntBE(0, 3)
        const type = rest[3]!
        const flags = rest[4]!
        const stream = rest.readUInt32BE(5)
        const payload = rest.subarray(9, 9 + length)
        rest = rest.subarray(9 + length)
        if (type === PING && !(flags & ACK)) peer.write(frame(PING, ACK, 0, payload))
        if (type !== DATA) continue
        const request = (requests.get(stream) ?? "") + payload.toString("latin1")
        requests.set(stream, request)
        if (!(flags & END_STREAM)) continue
        requests.delete(stream)
        if (request.includes("hostile")) {
          asked++
          void way(peer, stream)
        } else peer.reply(stream, answer(request))
      }
    })
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    get asked() {
      return asked
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
