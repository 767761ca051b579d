/**
 * TCP listeners on the loopback that do what a healthy server never does, and ports where none listens.
 *
 * Disposing one closes the listener and each socket that it accepted, and returns when all of it is closed.
 */

export interface Listener extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  readonly host: string
  readonly port: number
  /** Sockets accepted so far. */
  readonly accepted: number
  /** Accepted sockets that neither side has closed. */
  readonly open: number
  /** Bytes read so far, of all sockets. */
  readonly received: number
}

interface Options {
  /** A free one if absent. */
  readonly port?: number
}

/** Accepts, reads, and never answers. */
export function deafListener(options?: Options): Listener {
  return listen(options, (socket, read) => drain(socket, read))
}

/** Accepts and closes at once; with `reset`, as soon as the first byte came, with RST in place of FIN. */
export function closingListener(options?: Options & { readonly reset?: boolean }): Listener {
  return listen(options, async (socket, read) => {
    // The system resets a connection that is closed with unread bytes.
    if (options?.reset) await read(socket, new Uint8Array(1))
  })
}

/** Answers what is not HTTP/2: an HTTP/1.1 page (default), or random bytes; then reads until the other side closes. */
export function garbageListener(options?: Options & { readonly answer?: "http" | "random" }): Listener {
  return listen(options, async (socket, read) => {
    await read(socket, new Uint8Array(65_536))
    await socket.write(options?.answer === "random" ? crypto.getRandomValues(new Uint8Array(4_096)) : page)
    await drain(socket, read)
  })
}

const page = new TextEncoder().encode(
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nBad Request",
)

/**
 * A port where nothing listens, never the same twice in one process. It is below the range from which the system takes
 * the ports of outgoing connections, and above Milvus's own.
 */
export function freePort(): number {
  for (let attempt = 0; attempt < 1_000; attempt++) {
    const port = 23_000 + Math.floor(Math.random() * 9_000)
    if (given.has(port)) continue
    try {
      Deno.listen({ hostname: "0.0.0.0", port }).close()
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) continue
      throw error
    }
    given.add(port)
    return port
  }
  throw new Error("no free port was found")
}

const given = new Set<number>()

type Read = (socket: Deno.TcpConn, buffer: Uint8Array) => Promise<number | null>

function listen(options: Options | undefined, serve: (socket: Deno.TcpConn, read: Read) => Promise<void>): Listener {
  const host = "127.0.0.1"
  const listener = Deno.listen({ hostname: host, port: options?.port ?? freePort() })
  const sockets = new Set<Deno.TcpConn>()
  const served: Array<Promise<void>> = []
  let accepted = 0
  let received = 0

  const read: Read = async (socket, buffer) => {
    const count = await socket.read(buffer)
    received += count ?? 0
    return count
  }
  const close = (socket: Deno.TcpConn) => {
    if (sockets.delete(socket)) socket.close()
  }
  const accepting = (async () => {
    for await (const socket of listener) {
      accepted++
      sockets.add(socket)
      // An error here is the other side's reset, or our own close below.
      served.push(serve(socket, read).catch(() => {}).then(() => close(socket)))
    }
  })()

  return {
    address: `${host}:${listener.addr.port}`,
    host,
    port: listener.addr.port,
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
      try {
        listener.close()
      } catch (error) {
        if (!(error instanceof Deno.errors.BadResource)) throw error
      }
      await accepting
      sockets.forEach(close)
      await Promise.all(served)
    },
  }
}

async function drain(socket: Deno.TcpConn, read: Read): Promise<void> {
  const buffer = new Uint8Array(65_536)
  while (await read(socket, buffer) !== null);
}
