/** Both ends of raw TCP connections: the bytes that each end wrote and read, and how the connection ended for it. */
import { createServer, type Socket } from "node:net"

/** The end of a connection, as one side saw it. */
export type Outcome = "end" | "reset"

/** A client that reads all the time. It does not use `node:net`, which is under test. */
export interface Client extends AsyncDisposable {
  readonly received: Uint8Array
  readonly outcome: Outcome | undefined
  /** Number of bytes that the system accepted. */
  readonly written: number
  /** Resolves when all is written; with the error if it failed. */
  readonly write: (bytes: Uint8Array) => Promise<unknown>
  /** Sends FIN. */
  readonly end: () => Promise<void>
}

export async function connectTo(port: number): Promise<Client> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port })
  const chunks: Array<Uint8Array> = []
  let outcome: Outcome | undefined
  let written = 0
  const reading = (async () => {
    const buffer = new Uint8Array(65_536)
    try {
      for (let size; (size = await connection.read(buffer)) !== null;) chunks.push(buffer.slice(0, size))
      outcome ??= "end"
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) outcome = "reset"
      else if (!(error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted)) throw error
    }
  })()
  return {
    get received() {
      return concat(chunks)
    },
    get outcome() {
      return outcome
    },
    get written() {
      return written
    },
    write: async (bytes) => {
      try {
        for (let at = 0; at < bytes.length;) {
          const size = await connection.write(bytes.subarray(at, at + 65_536))
          at += size
          written += size
        }
      } catch (error) {
        // The system reports a reset once: here, or at a read.
        if (error instanceof Deno.errors.ConnectionReset) outcome = "reset"
        return error
      }
    },
    end: () => connection.closeWrite(),
    async [Symbol.asyncDispose]() {
      connection.close()
      await reading
    },
  }
}

/** One connection as the server sees it. */
export interface Peer {
  readonly socket: Socket
  readonly received: Uint8Array
  readonly outcome: Outcome | undefined
}

export interface RawServer extends AsyncDisposable {
  readonly host: string
  readonly port: number
  /** Every connection so far. */
  readonly peers: ReadonlyArray<Peer>
}

/** Starts a server. By default it echoes bytes, and ends a connection when the client does. */
export async function rawServer(
  serve: (socket: Socket) => void = (socket) => void socket.pipe(socket),
  where: { readonly port: number } | { readonly path: string } = { port: 0 },
): Promise<RawServer> {
  const host = "127.0.0.1"
  const peers: Array<Peer> = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const chunks: Array<Uint8Array> = []
    let outcome: Outcome | undefined
    socket.on("end", () => outcome ??= "end")
    socket.on("error", () => outcome = "reset")
    peers.push({
      socket,
      get received() {
        return concat(chunks)
      },
      get outcome() {
        return outcome
      },
    })
    serve(socket)
    socket.on("data", (bytes: Uint8Array) => chunks.push(bytes))
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen("path" in where ? where : { ...where, host }, resolve)
  })
  const address = server.address()
  return {
    host,
    port: typeof address === "object" && address !== null ? address.port : 0,
    peers,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      peers.forEach(({ socket }) => socket.destroy())
      await closed
    },
  }
}

/** Returns the chunks as one array. */
export function concat(chunks: ReadonlyArray<Uint8Array>): Uint8Array {
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
