/**
 * A relay in front of a server, which counts the pings of each client. If it is strict, it treats them as a gRPC server
 * does by default: a ping without a reply in between is a strike, and the third strike ends the session by
 * GOAWAY(ENHANCE_YOUR_CALM, "too_many_pings").
 */
import { createServer, type Socket } from "node:net"
import { connect } from "node:net"
import { Buffer } from "node:buffer"

/** One session as the relay saw it. */
export interface Relayed {
  /** Number of pings of the client, without its answers to pings of the server. */
  readonly pings: number
  /** Whether the relay ended it because of pings. */
  readonly isRefused: boolean
}

export interface PingRelay extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  readonly port: number
  /** Every session so far. */
  readonly sessions: ReadonlyArray<Relayed>
  /** Stops passing on bytes of the server to clients. */
  silence(): void
}

const prefaceBytes = 24
const headBytes = 9
const [ping, isAnswer] = [6, 1]
const strikes = 2

/** Relays to a port of the loopback. */
export async function pingRelay(port: number, options: { readonly strict: boolean }): Promise<PingRelay> {
  const sessions: Array<{ pings: number; isRefused: boolean }> = []
  const sockets = new Set<Socket>()
  let isSilent = false
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on("error", () => {})
    socket.on("close", () => sockets.delete(socket))
  }
  const server = createServer((client) => {
    const session = { pings: 0, isRefused: false }
    sessions.push(session)
    const target = connect({ host: "127.0.0.1", port, noDelay: true })
    keep(client)
    keep(target)
    client.on("close", () => target.destroy())
    target.on("close", () => client.destroy())
    let quiet = 0
    target.on("data", (bytes: Buffer) => {
      if (session.isRefused || isSilent) return
      // A server that sends data resets the strikes. 17 bytes are only the answer to a ping.
      if (bytes.length !== headBytes + 8) quiet = 0
      client.write(bytes)
    })
    const onPing = () => {
      session.pings++
      if (!options.strict || ++quiet <= strikes || session.isRefused) return
      session.isRefused = true
      client.end(tooManyPings)
    }
    const count = pingCounter(onPing)
    client.on("data", (bytes: Buffer) => {
      count(bytes)
      target.write(bytes)
    })
  })
  const own = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(typeof address === "object" && address !== null ? address.port : 0)
    })
  )
  return {
    address: `127.0.0.1:${own}`,
    port: own,
    sessions,
    silence: () => void (isSilent = true),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      sockets.forEach((socket) => socket.destroy())
      await closed
    },
  }
}

/** Reads the bytes of an HTTP/2 client, in pieces of any size, and calls back for each ping. */
function pingCounter(onPing: () => void): (bytes: Buffer) => void {
  let waiting = Buffer.alloc(0)
  let skip = prefaceBytes
  return (bytes) => {
    waiting = Buffer.concat([waiting, bytes])
    while (true) {
      if (waiting.length < skip) {
        skip -= waiting.length
        waiting = Buffer.alloc(0)
        return
      }
      waiting = waiting.subarray(skip)
      skip = 0
      if (waiting.length < headBytes) return
      if (waiting[3] === ping && (waiting[4]! & isAnswer) === 0) onPing()
      skip = headBytes + waiting.readUIntBE(0, 3)
    }
  }
}

const tooManyPings = (() => {
  const debug = Buffer.from("too_many_pings")
  const head = Buffer.alloc(headBytes + 8)
  head.writeUIntBE(8 + debug.length, 0, 3)
  head[3] = 7
  head.writeUInt32BE(2 ** 31 - 1, headBytes)
  head.writeUInt32BE(0xb, headBytes + 4)
  return Buffer.concat([head, debug])
})()
