/** The two ends of raw TCP connections: what each wrote, read, and saw in the end. */
import { createServer, type Socket } from "node:net"

/** How a connection ended, as one side saw it. */
export type Outcome = "end" | "reset"

/** A client that reads all the time. It is not of `node:net`, so that what it sees does not depend on what is tested. */
export interface Client extends AsyncDisposable {
  readonly received: Uint8Array
  readonly outcome: Outcome | undefined
  /** How many bytes the system took. */
  readonly written: number
  /** Resolves when all is written, with what went wrong otherwise. */
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
        // The system tells of a reset once: here, or where it is read.
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

/** Sends back what it gets, end for end, unless it is told something else. */
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

/** Bytes in one piece. */
export function concat(chunks: ReadonlyArray<Uint8Array>): Uint8Array {
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}
