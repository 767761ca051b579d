/** The ways in which a socket ends. */
import type { Socket } from "node:net"

/** By RST, dropping what is not sent yet. A socket that is still connecting, or that is no TCP, is just gone. */
export const reset = (socket: Socket): void => {
  if (socket.destroyed) return
  // Node would wait for the connection first; and a unix socket, which has no port, knows no RST.
  if (socket.connecting || socket.remotePort === undefined) socket.destroy()
  else socket.resetAndDestroy()
}

/**
 * By FIN, behind what was written. Closing it right away would send RST where something is unread, and for what comes later, and that may
 * overtake the FIN: so it goes on reading into the void until the other side closes.
 */
export const close = (socket: Socket): void => {
  socket.on("data", ignore)
  socket.resume()
  socket.end()
}

/** Does nothing. */
export const ignore = (): void => {}
