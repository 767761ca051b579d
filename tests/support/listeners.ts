/**
 * TCP listeners on the loopback that behave as a healthy server never does, and ports without a listener.
 *
 * Disposing of one closes the listener and each socket that it accepted, and resolves when all are closed.
 */
import { createServer, type Socket } from "node:net"

export interface Listener extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  readonly host: string
  readonly port: number
  /** Number of sockets accepted so far. */
  readonly accepted: number
  /** Number of accepted sockets that are not closed. */
  readonly open: number
  /** Number of bytes read so far from all sockets. */
  readonly received: number
}

interface Options {
  /** @default a free port */
  readonly port?: number
}

/** Accepts, reads, and never answers. */
export function deafListener(options?: Options): Promise<Listener> {
  return listen(options, () => {})
}

/** Accepts and closes at once; with `reset`, by RST when the first bytes arrive. */
export function closingListener(options?: Options & { readonly reset?: boolean }): Promise<Listener> {
  return listen(options, (socket) => {
    if (options?.reset) socket.once("data", () => socket.resetAndDestroy())
    else socket.destroy()
  })
}

/**
 * Answers with an HTTP/1.1 page (default) or random bytes, neither of them HTTP/2. Then reads until the peer closes.
 */
export function garbageListener(options?: Options & { readonly answer?: "http" | "random" }): Promise<Listener> {
  return listen(options, (socket) => {
    const answer = options?.answer === "random" ? crypto.getRandomValues(new Uint8Array(4_096)) : page
    socket.once("data", () => socket.write(answer))
  })
}

const page = new TextEncoder().encode(
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nBad Request",
)

/**
 * Returns a port without a listener, never the same twice in one process. It is below the range from which the system
 * takes the ports of outgoing connections, and above the default ports of Milvus.
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = 23_000 + Math.floor(Math.random() * 9_000)
    if (given.has(port) || !isFree(port)) continue
    given.add(port)
    return port
  }
  throw new Error("no free port was found")
}

const given = new Set<number>()

/** Whether a server could listen on the port, at any address. */
export function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "0.0.0.0", port }).close()
    return true
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false
    throw error
  }
}

async function listen(options: Options | undefined, serve: (socket: Socket) => void): Promise<Listener> {
  const host = "127.0.0.1"
  const port = options?.port ?? freePort()
  const sockets = new Set<Socket>()
  let accepted = 0
  let received = 0
  const server = createServer((socket) => {
    accepted++
    sockets.add(socket)
    socket.on("data", (bytes) => received += bytes.length)
    // The peer reset the connection; "close" follows.
    socket.on("error", () => {})
    socket.on("close", () => sockets.delete(socket))
    serve(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
  return {
    address: `${host}:${port}`,
    host,
    port,
    get accepted() {
      return accepted
    },
    get open() {
      return sockets.size
    },
    get received() {
      return received
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return
      const closed = new Promise((resolve) => server.close(resolve))
      sockets.forEach((socket) => socket.destroy())
      await closed
    },
  }
}
