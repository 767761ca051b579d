/** The addresses of a server: the one that clients use, and the one that grpc-js listens on. */
import { isIP } from "node:net"

/** Returns the address for clients: `"host:port"`, `"[v6]:port"` or `"unix:/path"`. */
export const addressOf = (host: string, port: number): string => {
  if (host.startsWith("unix:")) return host
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

/**
 * Returns the address for grpc-js. Throws for names other than `"localhost"`, because grpc-js would resolve them on a
 * timer that never ends.
 */
export const bindAddressOf = (host: string, port: number): string => {
  if (host.startsWith("unix:") || isIP(host) !== 0) return addressOf(host, port)
  if (host === "localhost") return addressOf("127.0.0.1", port)
  throw new Error('expected an IP address of this machine, "localhost" or "unix:/path"')
}
