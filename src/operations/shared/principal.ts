/** Adds for whom rows are read or written to a request that is encoded already. */
import type * as Connection from "../../Connection.ts"
import type { SizedMessage } from "../../codec/mod.ts"
import { bool, sizedMessage, text, toBytes } from "../../codec/protobuf/writer.ts"
import type { Principal } from "../../connection/currentPrincipal.ts"

/** Numbers of the fields `rls_principal` and `skip_rls` in the requests that have them. */
const fields: Partial<Record<keyof Connection.Methods, readonly [principal: number, skip: number]>> = {
  Insert: [10, 11],
  Upsert: [12, 13],
  Delete: [10, 11],
  Query: [15, 16],
  Search: [25, 26],
  HybridSearch: [16, 17],
}

/** Whether an RPC reads or writes rows for a principal. */
export const hasPrincipal = (method: keyof Connection.Methods): boolean => fields[method] !== undefined

/** Returns a request for a principal. The fields of a message may follow each other in any order. */
export const forPrincipal = (
  method: keyof Connection.Methods,
  request: Uint8Array | SizedMessage,
  principal: Principal,
): SizedMessage => {
  const [nameField, skipField] = fields[method] ?? [0, 0]
  const part = "name" in principal ? text(nameField, principal.name, "principal") : bool(skipField, true)
  const more = toBytes(sizedMessage("principal", [part]))
  const size = request instanceof Uint8Array ? request.length : request.size
  return {
    size: size + more.length,
    write: (to, at) => {
      if (request instanceof Uint8Array) to.set(request, at)
      else request.write(to, at)
      to.set(more, at + size)
    },
  }
}
