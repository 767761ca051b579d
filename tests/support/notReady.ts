/** Connections that are refused, for tests of their errors. */
import { assert } from "@std/assert"
import { Connection, type NotReady } from "../../mod.ts"
import { fails } from "./effects.ts"

/** Connects and returns the `NotReady` error. Fails if connecting succeeds, or fails with another error. */
export const notReady = async (params: Parameters<typeof Connection.connect>[0]): Promise<NotReady> => {
  const error = await fails(Connection.connect(params))
  assert(error._tag === "NotReady", `${error._tag}: ${error.message}`)
  return error
}
