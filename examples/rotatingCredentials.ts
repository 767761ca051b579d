/**
 * Credentials that change while connected. The token is an Effect, which each call runs: here it reads a file, as a
 * mounted secret is one, and is kept for five minutes, or until the server refuses it.
 *
 * `deno run -A examples/rotatingCredentials.ts`; the server is a FakeMilvus that wants credentials.
 */
import { Collection, Connection, User } from "@effect-milvus/client"
import { FakeMilvus } from "@effect-milvus/client/testing"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { line } from "./output.ts"

/** Connects with the token in a file; `again` runs an operation once more with a new token if it was refused. */
export const connectWith = Effect.fnUntraced(function* (address: string, file: string) {
  const read = Effect.map(Effect.promise(() => Deno.readTextFile(file)), (text) => Redacted.make(text.trim()))
  const [token, forget] = yield* Effect.cachedInvalidateWithTTL(
    Effect.tap(read, line("reads", "the token")),
    "5 minutes",
  )
  const connection = yield* Connection.connect({ address, token })
  const again = <A, E extends { readonly _tag: string }, R>(operation: Effect.Effect<A, E, R>) =>
    operation.pipe(
      Effect.tapError((error) => isRefused(error) ? forget : Effect.void),
      Effect.retry({ while: isRefused, times: 1 }),
    )
  return { connection, again }
})

const isRefused = (error: { readonly _tag: string; readonly code?: unknown }): boolean =>
  error._tag === "RpcError" && error.code === "UNAUTHENTICATED"

const program = Effect.gen(function* () {
  const { address } = yield* FakeMilvus.make({ authorization: true })
  const file = yield* Effect.acquireRelease(
    Effect.promise(() => Deno.makeTempFile()),
    (file) => Effect.promise(() => Deno.remove(file)),
  )
  const write = (token: string) => Effect.promise(() => Deno.writeTextFile(file, token))
  yield* write("root:Milvus")

  const { connection, again } = yield* connectWith(address, file)
  const list = Effect.provideService(again(Collection.list()), Connection.Connection, connection)
  yield* line("collections", `${(yield* list).length}`)

  // Another program changes the password, and then the secret.
  yield* Effect.scoped(Effect.gen(function* () {
    const admin = yield* Connection.connect({ address, token: "root:Milvus" })
    yield* Effect.provideService(User.updatePassword("root", "Milvus", "Milvus2"), Connection.Connection, admin)
  }))
  yield* write("root:Milvus2")
  yield* line("collections", `${(yield* list).length}, after the password changed`)
})

if (import.meta.main) await Effect.runPromise(Effect.scoped(program))
