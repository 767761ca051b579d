/** Default handlers as plain functions over the store, and what turns them into handlers. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CollectionSchema, PlaceholderGroup } from "../../wire/messages.gen.ts"
import type { SeenCall } from "./calls.ts"
import type { Collection } from "./collection.ts"
import type { Failure, Method, Reply, Request } from "./contract.ts"
import type { Handlers } from "./script.ts"
import { checkCollectionName } from "./names.ts"
import { Code, refuse, Refused } from "./status.ts"
import type { Database, Store } from "./store.ts"

/** Answers at once, so that no call sees another half done; throws {@linkcode Refused}. */
export type Plain<M extends Method> = (request: Request<M>, call: SeenCall<M>) => Reply<M>

/** Plain answers to some RPCs. */
export type PlainHandlers = { readonly [M in Method]?: Plain<M> }

/** What the handlers have to work with. */
export interface Tools {
  readonly store: Store
  /** Whether it has a version before 2.4. */
  readonly isOld: () => boolean
  /** Throw where the bytes are no such message. */
  readonly readSchema: (bytes: Uint8Array) => CollectionSchema
  readonly readPlaceholders: (bytes: Uint8Array) => PlaceholderGroup
}

/** The handlers of plain answers. */
export const lift = (plain: PlainHandlers): Handlers =>
  // Cast: each stays under the name of its own RPC.
  Object.fromEntries(
    Object.entries(plain).map(([method, answer]) => [
      method,
      (request: never, call: never) =>
        Effect.try({
          try: () => answer(request, call),
          catch: (error): Failure => {
            // Anything else is a mistake in here.
            if (error instanceof Refused) return error.failure
            throw error
          },
        }),
    ]),
  ) as Handlers

/** The database that a call goes to: that of the request, that of the connection, or the default one. */
export const databaseOf = (store: Store, request: { readonly db_name: string }, call: SeenCall): Database =>
  store.database(request.db_name || (call.metadata["dbname"] ?? ""))

interface CollectionRequest {
  readonly db_name: string
  readonly collection_name: string
}

/** The collection that a call is about, for the calls that look at the name first. */
export const collectionOf = (store: Store, request: CollectionRequest, call: SeenCall): Collection => {
  checkCollectionName(request.collection_name)
  return anyCollectionOf(store, request, call)
}

/** The collection that a call is about. Milvus looks for it, and not for its database. */
export const anyCollectionOf = (store: Store, request: CollectionRequest, call: SeenCall): Collection => {
  const name = request.db_name || (call.metadata["dbname"] ?? "")
  const database = store.find(name)
  return database?.collection(request.collection_name) ??
    refuse(Code.collectionNotFound, `collection not found[database=${name}][collection=${request.collection_name}]`)
}

/** When a call came, in milliseconds since 1970. */
export const timeOf = (call: SeenCall): number => DateTime.toEpochMillis(call.time)

/** A time as Milvus's timestamps have it: the lower 18 bits count what happened within a millisecond. */
export const timestampOf = (milliseconds: number): bigint => BigInt(milliseconds) << 18n
