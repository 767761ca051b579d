/** The ways in which the hostile server misbehaves. Those in TLS, and those before HTTP/2 begins, are at the end. */
import { Buffer } from "node:buffer"
import type { Socket } from "node:net"
import { gzipSync } from "node:zlib"
import * as H from "./hostile_server.ts"
import type { Peer, Way } from "./hostile_server.ts"

const { DATA, END_HEADERS, END_STREAM, frame, HEADERS, hpack, message, field, setting, uint32 } = H

/** Replies with those bytes in place of a message with its head. */
const body =
  (bytes: () => Uint8Array, headers: ReadonlyArray<readonly [string, string]> = []): Way => (peer, stream) => {
    peer.headers(stream, headers)
    peer.data(stream, bytes())
    peer.trailers(stream)
  }

/** Replies with those bytes as a message. */
const proto = (bytes: () => Uint8Array): Way => body(() => message(bytes()))

/** Replies at once with those headers, and nothing else. */
const only = (...headers: ReadonlyArray<readonly [string, string]>): Way => (peer, stream) =>
  peer.headers(stream, headers, END_HEADERS | END_STREAM)

/** Replies without a message, with those trailers. */
const ending = (...trailers: ReadonlyArray<readonly [string, string]>): Way => (peer, stream) => {
  peer.headers(stream)
  peer.data(stream, message(Buffer.alloc(0)))
  peer.trailers(stream, trailers)
}

const http = (status: string, ...more: ReadonlyArray<readonly [string, string]>): Way => (peer, stream) =>
  peer.headers(stream, more, END_HEADERS | END_STREAM, [[":status", status], ["content-type", "text/html"]])

const raw = (...frames: ReadonlyArray<(stream: number) => Uint8Array>): Way => (peer, stream) =>
  peer.write(...frames.map((make) => make(stream)))

const repeat = (times: number, bytes: Uint8Array): Buffer => Buffer.concat(Array<Uint8Array>(times).fill(bytes))

/** A gigabyte of zeros in a megabyte: a thousand times the same. */
const gzipBomb = repeat(1024, gzipSync(Buffer.alloc(2 ** 20)))

const status = (code: number, reason: Uint8Array) => field(1, Buffer.concat([Buffer.from([8, code]), field(2, reason)]))

const goaway = (last: number, code: number, data = "") =>
  frame(H.GOAWAY, 0, 0, Buffer.concat([uint32(last), uint32(code), H.bytes(data)]))

const garbage = (length: number): Buffer => {
  const all = Buffer.alloc(length)
  let state = 42
  for (let index = 0; index < length; index++) all[index] = (state = state * 1103515245 + 12345 & 0x7fffffff) >> 16
  return all
}

/** Ways that may end well: what the server does is odd, and allowed. */
export const allowed: ReadonlySet<string> = new Set([
  "HTTP/2: 10,000 SETTINGS, then a reply",
  "HTTP/2: 10,000 PINGs, then a reply",
  "HTTP/2: 10,000 empty DATA frames, then a reply",
  "HTTP/2: 10,000 PRIORITY frames, then a reply",
  "HTTP/2: a frame of an unknown type, then a reply",
  "HTTP/2: data on a closed stream, then a reply",
  "HTTP/2: a GOAWAY for later streams, then a reply",
  "HTTP/2: a push, then a reply",
  "gRPC: a 103 before the reply",
  "gRPC: the content type text/html",
  "gRPC: no content type",
  "compression: an unknown encoding without the flag",
  "metadata: binary garbage",
  "metadata: 500 keys",
  "metadata: 1,000 values of one key",
  "metadata: control characters",
])

const first: Record<string, Way> = {
  // Of what follows a reply, the call itself has no use.
  "HTTP/2: 10,000 SETTINGS, then a reply": (peer, stream) => {
    peer.write(repeat(10_000, frame(H.SETTINGS, 0, 0, setting(3, 100))))
    peer.reply(stream, Buffer.alloc(0))
  },
  "HTTP/2: 10,000 PINGs, then a reply": (peer, stream) => {
    peer.write(repeat(10_000, frame(H.PING, 0, 0, Buffer.alloc(8))))
    peer.reply(stream, Buffer.alloc(0))
  },
  "HTTP/2: 10,000 empty DATA frames, then a reply": (peer, stream) => {
    peer.headers(stream)
    peer.write(repeat(10_000, frame(DATA, 0, stream)))
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "HTTP/2: 10,000 PRIORITY frames, then a reply": (peer, stream) => {
    peer.write(repeat(10_000, frame(H.PRIORITY, 0, stream, Buffer.alloc(5))))
    peer.reply(stream, Buffer.alloc(0))
  },
  "HTTP/2: a frame of an unknown type, then a reply": (peer, stream) => {
    peer.write(frame(0xee, 0xff, stream, garbage(100)))
    peer.reply(stream, Buffer.alloc(0))
  },
  "HTTP/2: data on a closed stream, then a reply": (peer, stream) => {
    peer.reply(stream, Buffer.alloc(0))
    peer.data(stream, garbage(1000))
  },
  "HTTP/2: a GOAWAY for later streams, then a reply": (peer, stream) => {
    peer.write(goaway(stream, 0))
    peer.reply(stream, Buffer.alloc(0))
  },
  "HTTP/2: a push, then a reply": (peer, stream) => {
    const request = hpack([[":method", "GET"], [":path", "/"], [":scheme", "http"], [":authority", "a"]])
    peer.write(frame(H.PUSH_PROMISE, END_HEADERS, stream, Buffer.concat([uint32(2), request])))
    peer.reply(stream, Buffer.alloc(0))
  },
  "HTTP/2: SETTINGS of 5 bytes": raw(() => frame(H.SETTINGS, 0, 0, Buffer.alloc(5))),
  "HTTP/2: SETTINGS on a stream": raw((stream) => frame(H.SETTINGS, 0, stream)),
  "HTTP/2: a window of 4 GiB in SETTINGS": raw(() => frame(H.SETTINGS, 0, 0, setting(4, 2 ** 32 - 1))),
  "HTTP/2: frames of 0 bytes in SETTINGS": raw(() => frame(H.SETTINGS, 0, 0, setting(5, 0))),
  "HTTP/2: an ACK of SETTINGS with a payload": raw(() => frame(H.SETTINGS, H.ACK, 0, setting(3, 1))),
  "HTTP/2: a frame larger than allowed": raw((stream) => frame(DATA, 0, stream, Buffer.alloc(100_000))),
  "HTTP/2: headers that HPACK does not know": raw((stream) =>
    frame(HEADERS, END_HEADERS, stream, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
  ),
  "HTTP/2: headers that HPACK cannot end": raw((stream) => frame(HEADERS, END_HEADERS, stream, Buffer.from([0, 127]))),
  "HTTP/2: headers in upper case": raw((stream) => frame(HEADERS, END_HEADERS, stream, hpack([["X-UPPER", "1"]]))),
  "HTTP/2: headers without a status": raw((stream) =>
    frame(HEADERS, END_HEADERS | END_STREAM, stream, hpack([["content-type", "application/grpc"]]))
  ),
  "HTTP/2: a WINDOW_UPDATE of 0": raw((stream) => frame(H.WINDOW_UPDATE, 0, stream, uint32(0))),
  "HTTP/2: a WINDOW_UPDATE of 0 for the session": raw(() => frame(H.WINDOW_UPDATE, 0, 0, uint32(0))),
  "HTTP/2: WINDOW_UPDATEs beyond 2 GiB": raw(() => repeat(3, frame(H.WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1)))),
  "HTTP/2: a stream that was never opened": raw(() => frame(DATA, 0, 4001, Buffer.alloc(10))),
  "HTTP/2: DATA before HEADERS": raw((stream) => frame(DATA, END_STREAM, stream, message(Buffer.alloc(0)))),
  "HTTP/2: headers after trailers": (peer, stream) => {
    peer.headers(stream)
    peer.trailers(stream, [["grpc-status", "2"]])
    peer.headers(stream)
  },
  "HTTP/2: two heads": (peer, stream) => {
    peer.headers(stream)
    peer.headers(stream)
  },
  "HTTP/2: a PUSH_PROMISE of an odd stream": raw((stream) =>
    frame(H.PUSH_PROMISE, END_HEADERS, stream, Buffer.concat([uint32(7001), hpack([[":method", "GET"]])]))
  ),
  "HTTP/2: CONTINUATION without HEADERS": raw((stream) => frame(H.CONTINUATION, END_HEADERS, stream)),
  "HTTP/2: CONTINUATION without an end": (peer, stream) => {
    peer.write(frame(HEADERS, 0, stream, hpack([[":status", "200"]])))
    return peer.flood(() => repeat(50, frame(H.CONTINUATION, 0, stream, hpack([["x", "y".repeat(1000)]]))))
  },
  "HTTP/2: empty CONTINUATIONs without an end": (peer, stream) => {
    peer.write(frame(HEADERS, 0, stream, hpack([[":status", "200"]])))
    return peer.flood(() => repeat(1000, frame(H.CONTINUATION, 0, stream)))
  },
  "HTTP/2: PINGs without an end": (peer) => peer.flood(() => repeat(1000, frame(H.PING, 0, 0, Buffer.alloc(8)))),
  "HTTP/2: SETTINGS without an end": (peer) => peer.flood(() => repeat(1000, frame(H.SETTINGS, 0, 0, setting(3, 7)))),
  "HTTP/2: half of a frame, then silence": (peer, stream) =>
    peer.write(frame(DATA, 0, stream, Buffer.alloc(100)).subarray(0, 50)),
  "HTTP/2: garbage": raw(() => garbage(5000)),
  "HTTP/2: the connection ends": (peer) => void peer.socket.end(),
  "HTTP/2: the connection is reset": (peer) => void peer.socket.resetAndDestroy(),
  ...Object.fromEntries([0, 1, 2, 3, 5, 7, 8, 11, 12, 13, 255].map((code) => [
    `HTTP/2: RST_STREAM ${code}`,
    raw((stream) => frame(H.RST_STREAM, 0, stream, uint32(code))),
  ])),
  ...Object.fromEntries([0, 1, 2, 11].map((code) => [
    `HTTP/2: GOAWAY ${code}, of which no stream is spared`,
    (peer: Peer) => peer.write(goaway(0, code, "x".repeat(1000))),
  ])),
  "HTTP/2: a GOAWAY of 4 bytes": raw(() => frame(H.GOAWAY, 0, 0, Buffer.alloc(4))),
  "HTTP/2: a GOAWAY, whose last stream is spared, then silence": (peer, stream) => peer.write(goaway(stream, 0)),
  "HTTP/2: silence": () => {},

  "gRPC: no message": (peer, stream) => {
    peer.headers(stream)
    peer.trailers(stream)
  },
  "gRPC: two messages": body(() => repeat(2, message(Buffer.alloc(0)))),
  "gRPC: two messages, one after the other": async (peer, stream) => {
    peer.headers(stream)
    peer.data(stream, message(Buffer.alloc(0)))
    // Until the client has read the first message, which has no event here.
    await new Promise((resolve) => setTimeout(resolve, 100))
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "gRPC: messages without an end": (peer, stream) => {
    peer.headers(stream)
    return peer.flood(() => frame(DATA, 0, stream, repeat(3000, message(Buffer.alloc(0)))))
  },
  "gRPC: a message, then DATA without an end": (peer, stream) => {
    peer.headers(stream)
    peer.data(stream, message(Buffer.alloc(0)))
    return peer.flood(() => frame(DATA, 0, stream, Buffer.alloc(16_384)))
  },
  "gRPC: a message, then silence": (peer, stream) => {
    peer.headers(stream)
    peer.data(stream, message(Buffer.alloc(0)))
  },
  "gRPC: headers, then silence": (peer, stream) => peer.headers(stream),
  "gRPC: half of a head": body(() => Buffer.from([0, 0, 0])),
  "gRPC: a length that is too short": body(() => message(Buffer.alloc(100), 0, 10)),
  "gRPC: a length that is too long": body(() => message(Buffer.alloc(100), 0, 1000)),
  "gRPC: a reply of 4 GiB": (peer, stream) => {
    peer.headers(stream)
    peer.data(stream, message(Buffer.alloc(0), 0, 2 ** 32 - 1))
    return peer.flood(() => repeat(16, frame(DATA, 0, stream, Buffer.alloc(16_384))))
  },
  ...Object.fromEntries([1, 2, 128, 255].map((flag) => [
    `gRPC: the flag ${flag}`,
    body(() => message(H.bytes("x"), flag)),
  ])),
  "gRPC: no trailers": (peer, stream) => {
    peer.headers(stream)
    peer.data(stream, message(Buffer.alloc(0)), END_STREAM)
  },
  "gRPC: trailers without a status": ending(["x-other", "1"]),
  "gRPC: only trailers, success": only(["grpc-status", "0"]),
  "gRPC: only trailers, a failure": only(["grpc-status", "13"], ["grpc-message", "hostile"]),
  "gRPC: only trailers, no status": only(),
  "gRPC: a page in place of a reply": (peer, stream) => {
    peer.headers(stream, [], END_HEADERS, [[":status", "200"], ["content-type", "text/html"]])
    peer.data(stream, H.bytes("<html>no Milvus here</html>"), END_STREAM)
  },
  "gRPC: the content type text/html": (peer, stream) => {
    peer.headers(stream, [], END_HEADERS, [[":status", "200"], ["content-type", "text/html"]])
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "gRPC: no content type": (peer, stream) => {
    peer.headers(stream, [], END_HEADERS, [[":status", "200"]])
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "gRPC: a 103 before the reply": (peer, stream) => {
    peer.headers(stream, [], END_HEADERS, [[":status", "103"], ["link", "x"]])
    peer.reply(stream, Buffer.alloc(0))
  },
  "gRPC: 100s without an end": (peer, stream) =>
    peer.flood(() => repeat(100, frame(HEADERS, END_HEADERS, stream, hpack([[":status", "100"]])))),
  ...Object.fromEntries(["204", "302", "400", "401", "403", "404", "429", "500", "503", "999"].map((code) => [
    `gRPC: HTTP status ${code}`,
    http(code, ["location", "http://127.0.0.1/"]),
  ])),
  "gRPC: HTTP status 503 with a page": (peer, stream) => {
    peer.headers(stream, [], END_HEADERS, [[":status", "503"], ["content-type", "text/html"]])
    peer.data(stream, H.bytes("<html>later</html>"), END_STREAM)
  },

  "compression: the flag without an encoding": body(() => message(H.bytes("x"), 1)),
  "compression: the flag with an unknown encoding": body(() => message(H.bytes("x"), 1), [["grpc-encoding", "zstd"]]),
  "compression: an unknown encoding without the flag": body(() => message(Buffer.alloc(0)), [["grpc-encoding", "br"]]),
  "compression: identity with the flag": body(() => message(H.bytes("x"), 1), [["grpc-encoding", "identity"]]),
  "compression: 1 MB of gzip that is 1 GB": body(() => message(gzipBomb, 1), [["grpc-encoding", "gzip"]]),
  "compression: gzip that is cut": body(() => message(gzipSync(garbage(1000)).subarray(0, 500), 1), [[
    "grpc-encoding",
    "gzip",
  ]]),
  "compression: deflate that is garbage": body(() => message(garbage(500), 1), [["grpc-encoding", "deflate"]]),

  "metadata: a value of a megabyte": (peer, stream) => {
    const all = hpack([[":status", "200"], ["x-huge", "x".repeat(2 ** 20)]])
    peer.write(frame(HEADERS, 0, stream, all.subarray(0, 16_384)))
    for (let at = 16_384; at < all.length; at += 16_384) {
      const isLast = at + 16_384 >= all.length
      peer.write(frame(H.CONTINUATION, isLast ? END_HEADERS : 0, stream, all.subarray(at, at + 16_384)))
    }
  },
  "metadata: binary garbage": (peer, stream) => {
    peer.headers(stream, [["x-bin", "%%%not base64%%%"], ["y-bin", "\xff\xfe"]])
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream, [["grpc-status", "0"], ["grpc-status-details-bin", "\x80!!"]])
  },
  "metadata: 500 keys": (peer, stream) => {
    peer.headers(stream, Array.from({ length: 500 }, (_, at) => [`x-${at}`, "y"] as const))
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "metadata: 1,000 values of one key": (peer, stream) => {
    peer.headers(stream, Array.from({ length: 1000 }, () => ["x", "y"] as const))
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "metadata: control characters": (peer, stream) => {
    peer.headers(stream, [["x-control", "a\x01\x1b[31m"]])
    peer.data(stream, message(Buffer.alloc(0)))
    peer.trailers(stream)
  },
  "metadata: a message that is not valid percent-encoding": only(["grpc-status", "3"], ["grpc-message", "%zz%e0%a4%a"]),
  "metadata: a message with control characters": only(["grpc-status", "3"], ["grpc-message", "%1b[31m%00%0d%0a"]),
  "metadata: a message of 60 KB": only(["grpc-status", "3"], ["grpc-message", "x".repeat(15_000)]),
  "metadata: a pushback of no number": only(["grpc-status", "3"], ["grpc-retry-pushback-ms", "soon"]),

  ...Object.fromEntries(
    ["", " ", "-1", "17", "999999", "1e400", "0x0", "0.0", "-0", "text", "0, 0", "\xff"].map((code) => [
      `status: "${code}"`,
      ending(["grpc-status", code]),
    ]),
  ),
  "status: two, of which the first is success": ending(["grpc-status", "0"], ["grpc-status", "13"]),
  "status: two, of which the last is success": ending(["grpc-status", "13"], ["grpc-status", "0"]),

  "protobuf: cut": proto(() => Buffer.from([10, 5, 1])),
  "protobuf: garbage": proto(() => garbage(1000)),
  "protobuf: a length of 4 GiB": proto(() => Buffer.from([10, 255, 255, 255, 255, 15])),
  "protobuf: a length of 2^63": proto(() => Buffer.from([10, ...Array(8).fill(255), 127])),
  "protobuf: a number without an end": proto(() => Buffer.alloc(20, 255)),
  "protobuf: a number that is cut": proto(() => Buffer.from([16, 128])),
  "protobuf: groups in groups": proto(() => Buffer.alloc(200_000, 11)),
  "protobuf: unknown groups in groups": proto(() => repeat(100_000, Buffer.from([0xf3, 0x7f]))),
  "protobuf: a group that ends and did not begin": proto(() => Buffer.from([12])),
  "protobuf: the field 0": proto(() => Buffer.from([2, 0])),
  "protobuf: the wire type 7": proto(() => Buffer.from([15])),
  "protobuf: a status that is a number": proto(() => Buffer.from([8, 1])),
  "protobuf: a status that is 8 bytes": proto(() => Buffer.concat([Buffer.from([9]), Buffer.alloc(8)])),
  "protobuf: a reason that is not UTF-8": proto(() => status(1, Buffer.from([0xff, 0xfe, 0x80]))),
  "protobuf: an unknown error code": proto(() => status(127, H.bytes("unknown"))),
  "protobuf: a reason of 8 MB": proto(() => status(1, Buffer.alloc(8 * 2 ** 20, "x"))),
}

export const ways: Readonly<Record<string, Way>> = first

/** Takes a connection over; true if it did. */
export type Beginning = (socket: Socket) => boolean

const saying = (...bytes: ReadonlyArray<Uint8Array>): Beginning => (socket) => {
  socket.once("data", () => socket.write(Buffer.concat(bytes)))
  return true
}

/** A record of TLS 1.0 to 1.2. */
const record = (type: number, payload: Uint8Array) =>
  Buffer.concat([Buffer.from([type, 3, 1, payload.length >> 8, payload.length & 255]), payload])

/** The hello of a server that knows no more than TLS 1.1 or 1.0. */
const oldHello = (minor: number) => {
  const hello = Buffer.concat([Buffer.from([3, minor]), garbage(32), Buffer.from([0, 0, 0x2f, 0])])
  return record(22, Buffer.concat([Buffer.from([2, 0, 0, hello.length]), hello]))
}

/** Before HTTP/2 begins, on a plain connection: what it is called, and what it does. */
export const plainBeginnings: Readonly<Record<string, Beginning>> = {
  "begin: silence": () => true,
  "begin: the end": (socket) => Boolean(socket.end()),
  "begin: HTTP/1.1": saying(H.bytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")),
  "begin: SSH": saying(H.bytes("SSH-2.0-OpenSSH_9.6\r\n")),
  "begin: garbage": saying(garbage(10_000)),
  "begin: SETTINGS of 5 bytes": saying(frame(H.SETTINGS, 0, 0, Buffer.alloc(5))),
  "begin: half of SETTINGS": saying(frame(H.SETTINGS, 0, 0, setting(3, 1)).subarray(0, 10)),
  "begin: HEADERS before SETTINGS": saying(frame(HEADERS, END_HEADERS, 1, hpack([[":status", "200"]]))),
  "begin: GOAWAY before SETTINGS": saying(goaway(0, 2)),
  "begin: GOAWAY after SETTINGS": saying(frame(H.SETTINGS, 0, 0), goaway(0, 0)),
  "begin: a window of 4 GiB": saying(frame(H.SETTINGS, 0, 0, setting(4, 2 ** 32 - 1))),
  "TLS: an alert for a plain client": saying(record(21, Buffer.from([2, 80]))),
}

/** The same for a client that wants TLS. */
export const tlsBeginnings: Readonly<Record<string, Beginning>> = {
  "TLS: silence": () => true,
  "TLS: the end after the hello": (socket) => Boolean(socket.once("data", () => socket.end())),
  "TLS: plain HTTP/2": saying(frame(H.SETTINGS, 0, 0)),
  "TLS: plain HTTP/1.1": saying(H.bytes("HTTP/1.1 400 Bad Request\r\n\r\n")),
  "TLS: records of garbage": saying(record(22, garbage(500)), record(99, garbage(500))),
  "TLS: cut in the middle of the handshake": (socket) =>
    Boolean(socket.once("data", () => socket.end(oldHello(3).subarray(0, 20)))),
  "TLS: 1.1 alone": saying(oldHello(2)),
  "TLS: 1.0 alone": saying(oldHello(1)),
  "TLS: an alert for the version": (socket) =>
    Boolean(socket.once("data", () => socket.end(record(21, Buffer.from([2, 70]))))),
  "TLS: an alert for the handshake": (socket) =>
    Boolean(socket.once("data", () => socket.end(record(21, Buffer.from([2, 40]))))),
}
