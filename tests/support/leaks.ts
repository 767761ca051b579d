/** Whether anything of the library is still open, by its own books and by the operating system's. */
import * as Effect from "effect/Effect"
import { openConnections } from "../../src/connection/limit.ts"
import { openTransports } from "../../src/grpc/transport.ts"
import { assertEquals } from "@std/assert"
import { eventually, openSockets } from "./sockets.ts"

/** Fails where a connection to the server, its channel or its socket is left. Sockets get a moment: closing is a dialogue. */
export const assertNothingOpen = async (server: { readonly address: string; readonly port: number }): Promise<void> => {
  assertEquals(openConnections(server.address), 0, "places that are taken")
  assertEquals(Effect.runSync(openTransports), 0, "open transports")
  await eventually(() => assertEquals(openSockets(server.port), 0, "open sockets"), { timeout: 2000 })
}
