/** Functions that end a socket. */
import type { Socket } from "node:net"

/**
 * Ends a socket by RST, which drops unsent bytes. A socket that is still connecting, or is not a TCP socket, is
 * destroyed without RST.
 */
export const reset = (socket: Socket): void => {
  if (socket.destroyed) return
  // Node would first wait for the connection. A unix socket, which has no port, has no RST.
  if (socket.connecting || socket.remotePort === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

/**
 * Ends a socket by FIN after its written bytes. It keeps reading, and discards what it reads, until the other side
 * closes. If it closed at once, the system would send RST for unread and later bytes, which may overtake the FIN.
 */
export const close = (socket: Socket): void => {
  socket.on("data", ignore)
  socket.resume()
  socket.end()
}

/** Does nothing. */
export const ignore = (): void => {}
