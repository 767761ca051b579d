/** Synchronous handlers over the store, their conversion to Effect handlers, and functions that they share. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { CollectionSchema, PlaceholderGroup } from "../../../contract/messages.gen.ts"
import type { SeenCall } from "../control/callLog.ts"
import type { Collection } from "../state/collection.ts"
import type { Failure, Method, Reply, Request } from "../contract.ts"
import type { Handlers } from "../control/overrides.ts"
import { checkCollectionName } from "../state/names.ts"
import type { AccessControl } from "../state/rbac.ts"
import type { ResourceGroups } from "../state/replicas.ts"
import { Code, Refused, RefusedByRpc, throwRefusal } from "../fakeStatus.ts"
import type { Database, Store } from "../state/store.ts"

/** Answers an RPC synchronously, so that no other call sees a partial change. Throws {@linkcode Refused}. */
export type SyncHandler<M extends Method> = (request: Request<M>, call: SeenCall<M>) => Reply<M>

/** Synchronous handlers by the name of their RPC. */
export type SyncHandlers = { readonly [M in Method]?: SyncHandler<M> }

/** The store, and functions that handlers need. */
export interface HandlerContext {
  readonly store: Store
  readonly access: AccessControl
  readonly groups: ResourceGroups
  /** Whether the server has a version before 2.4. */
  readonly isOld: () => boolean
  /** Decodes a schema. Throws if the bytes are not valid. */
  readonly readSchema: (bytes: Uint8Array) => CollectionSchema
  /** Decodes the vectors of a search. Throws if the bytes are not valid. */
  readonly readPlaceholders: (bytes: Uint8Array) => PlaceholderGroup
}

/** Converts synchronous handlers to Effect handlers. A {@linkcode Refused} becomes a failure. */
export const toEffectHandlers = (handlers: SyncHandlers): Handlers =>
  // Cast: each handler keeps the name of its RPC.
  Object.fromEntries(
    Object.entries(handlers).map(([method, answer]) => [
      method,
      (request: never, call: never) =>
        Effect.try({
          try: () => answer(request, call),
          catch: (error): Failure => {
            // Any other error is a defect of FakeMilvus.
            if (error instanceof Refused || error instanceof RefusedByRpc) return error.failure
            throw error
          },
        }),
    ]),
  ) as Handlers

/** Returns the database of a call: that of the request, that of the connection, or the default one. */
export const databaseOf = (store: Store, request: { readonly db_name: string }, call: SeenCall): Database =>
  store.database(request.db_name || (call.metadata["dbname"] ?? ""))

interface CollectionRequest {
  readonly db_name: string
  readonly collection_name: string
}

/** Returns the collection of a call. Checks its name first. */
export const collectionOf = (store: Store, request: CollectionRequest, call: SeenCall): Collection => {
  checkCollectionName(request.collection_name)
  return anyCollectionOf(store, request, call)
}

/**
 * Returns the collection of a call. Like Milvus, it reports the collection as missing if its database does not exist.
 */
export const anyCollectionOf = (store: Store, request: CollectionRequest, call: SeenCall): Collection => {
  const name = request.db_name || (call.metadata["dbname"] ?? "")
  const collection = store.find(name)?.collection(request.collection_name) ??
    throwRefusal(
      Code.collectionNotFound,
      `collection not found[database=${name}][collection=${request.collection_name}]`,
    )
  collection.settle(timeOf(call))
  return collection
}

/** Returns the time of arrival of a call, in milliseconds since 1970. */
export const timeOf = (call: SeenCall): number => DateTime.toEpochMillis(call.time)

/**
 * Converts milliseconds since 1970 to a Milvus timestamp, of which the lower 18 bits are a counter within a
 * millisecond.
 */
export const timestampOf = (milliseconds: number): bigint => BigInt(milliseconds) << 18n
