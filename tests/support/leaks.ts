/** Checks that the library left nothing open, by its own counts and by those of the operating system. */
import * as Effect from "effect/Effect"
import { openConnections } from "../../src/connection/limit.ts"
import { openTransports } from "../../src/grpc/transport.ts"
import { assertEquals } from "@std/assert"
import { eventually, openSockets } from "./sockets.ts"

/**
 * Fails if a connection to the server, a transport or a socket is left. Waits for sockets: both ends take part in
 * closing.
 */
export const assertNothingOpen = async (server: { readonly address: string; readonly port: number }): Promise<void> => {
  assertEquals(openConnections(server.address), 0, "open connections")
  assertEquals(Effect.runSync(openTransports), 0, "open transports")
  await eventually(() => assertEquals(openSockets(server.port), 0, "open sockets"), { timeout: 2000 })
}
