/** The credential of a connection: plain text, or an Effect that runs at each use. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { ConnectionConfig, Secret } from "../ConnectionConfig.ts"
import type { RpcError, ServerError } from "../errors.ts"
import { rpcError } from "../grpc/call.ts"

/** The credential of a call, an API key or `user:password`; an Effect if the configuration has an Effect. */
export const authorizationOf = (
  config: ConnectionConfig,
  name: string,
): string | undefined | Effect.Effect<string, RpcError> => {
  const { token, user, password, address } = config
  if (token !== undefined) return reveal(token, { name, address })
  if (password === undefined) return undefined
  const secret = reveal(password, { name, address })
  const join = (password: string) => `${user}:${password}`
  return Effect.isEffect(secret) ? Effect.map(secret, join) : join(secret)
}

/** Whether the server refused the credential; `NotSent` is a failure of the Effect that gives it. */
export const isRefusedCredential = (error: RpcError | ServerError): boolean =>
  error._tag === "RpcError" && error.code === "UNAUTHENTICATED" && error.progress === "Answered"

/** Returns a secret in plain text. An Effect runs at each call; if it fails, the credentials count as refused. */
const reveal = (
  secret: Redacted.Redacted<Secret>,
  call: { readonly name: string; readonly address: string },
): string | Effect.Effect<string, RpcError> => {
  const value = Redacted.value(secret)
  if (typeof value === "string") return value
  const refused = (cause: unknown) =>
    rpcError(call, "UNAUTHENTICATED", "the Effect that gives the credential failed", "NotSent", cause)
  // Cast: the config unwraps a Redacted when it is decoded, so what is left is an Effect.
  return (value as Exclude<Secret, string | Redacted.Redacted<string>>).pipe(
    Effect.map((text) => Redacted.isRedacted(text) ? Redacted.value(text) : text),
    Effect.filterOrFail((text) => typeof text === "string" && text !== "", () => new Error("no text")),
    Effect.mapError(refused),
  )
}
