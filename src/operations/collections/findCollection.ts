/** Looks up a collection that may not exist. */
import * as Effect from "effect/Effect"
import type * as Connection from "../../Connection.ts"
import type { CallError } from "../../errors.ts"

/** Reply of `DescribeCollection`. */
export type Description = Connection.Methods["DescribeCollection"]["response"]

/** Returns the description of a collection; `undefined` only if the server reports that it does not exist. */
export const findCollection = (
  connection: Connection.Connection,
  name: string,
  options: Connection.CallOptions | undefined,
): Effect.Effect<Description | undefined, CallError> =>
  Effect.catchIf(
    connection.call("DescribeCollection", { collection_name: name }, options),
    isNotFound,
    () => Effect.succeed(undefined),
  )

/** Whether an error is Milvus's code 100, a collection that does not exist. Any other error leaves that open. */
export const isNotFound = (error: CallError): boolean => error._tag === "ServerError" && error.code === 100
