/** Delete: by an expression, or by primary keys, which need the definition of the collection. */
import * as Effect from "effect/Effect"
import { decodeMutationResult } from "../../codec/mod.ts"
import * as Connection from "../../Connection.ts"
import * as Message from "../../Message.ts"
import type { Filter } from "../../filter/Filter.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { checkOptions, optionNames, readName } from "../shared/options.ts"
import { describeUncached } from "../shared/schemaCache.ts"
import { checkKey } from "./outputFields.ts"
import { allRowsFilter, decodeSelection, keyOf, keysFilter } from "./primaryKey.ts"
import {
  accepted,
  checkCollection,
  checkLevel,
  type DataError,
  deletion,
  type ReadOptions,
  readOptionVersions,
  requireFilter,
  tryEncode,
  withSchema,
} from "./read.ts"
import { beginWrite } from "./sessionConsistency.ts"
import { currentConnection, requireOptions } from "../shared/currentConnection.ts"

/** Options for `delete`. */
export interface DeleteOptions extends Connection.CallOptions {
  /** Deletes only from this partition. Default: from all. */
  readonly partition?: string | undefined
  /** Consistency level of the read that finds the rows. Default: chosen by the server. */
  readonly consistency?: ReadOptions["consistency"]
  /** The namespace of the rows, in a collection with namespaces. Milvus 2.6.3 and later. Default: none. */
  readonly namespace?: string | undefined
}

const deleteOptionNames = optionNames<DeleteOptions>("partition", "consistency", "namespace")

/** Runs a delete. `which` is checked at run time. */
export const runDelete = (
  collection: CollectionRef,
  which: unknown,
  options: DeleteOptions | undefined,
): Effect.Effect<number, DataError, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const deleted = yield* tryEncode(() => {
      checkCollection(collection)
      accepted(checkOptions(options, deleteOptionNames))
      if (options?.partition !== undefined) accepted(readName("partition", options.partition))
      if (options?.namespace !== undefined) accepted(readName("namespace", options.namespace))
      checkLevel(options?.consistency)
      return decodeSelection(which)
    })
    if ("filter" in deleted) return yield* deleteBy(connection, collection, deleted.filter, options)
    if ("ids" in deleted && deleted.ids.length === 0) return 0
    return yield* withSchema(connection, "Delete", collection, options, (definition) =>
      Effect.gen(function* () {
        const filter = yield* tryEncode(() =>
          "ids" in deleted ? keysFilter(definition, deleted.ids) : allRowsFilter(definition)
        )
        const count = yield* deleteBy(connection, collection, filter, options)
        // Servers count each listed key, whether it exists or not, if the field in the list is the primary key.
        const isSuspicious = "ids" in deleted ? count !== deleted.ids.length : count === 0
        if (isSuspicious) yield* checkDeletedBy(connection, collection, definition)
        return count
      }))
  })

const deleteBy = (
  connection: Connection.Connection,
  collection: CollectionRef,
  filter: Filter | string,
  options: DeleteOptions | undefined,
): Effect.Effect<number, DataError> =>
  Effect.gen(function* () {
    yield* requireOptions(connection, "Delete", options, { namespace: readOptionVersions.namespace })
    yield* requireFilter(connection, "Delete", filter)
    const { expression, sets = {} } = yield* tryEncode(() => deletion(filter))
    const values = Object.entries(sets).map(([name, bytes_val]) => [name, { bytes_val }] as const)
    const mark = beginWrite(connection, nameOf(collection))
    const request = yield* Message.encode("milvus.proto.milvus.DeleteRequest", {
      collection_name: nameOf(collection),
      expr: expression,
      ...(values.length === 0 ? {} : { expr_template_values: Object.fromEntries(values) }),
      ...(options?.partition === undefined ? {} : { partition_name: options.partition }),
      ...(options?.consistency === undefined ? {} : { consistency_level: options.consistency }),
      ...(options?.namespace === undefined ? {} : { namespace: options.namespace }),
    })
    const reply = yield* Connection.callEncoded(connection, "Delete", request, decodeMutationResult, options)
    mark.end(reply.timestamp)
    return reply.deleteCount
  })

/** Fails if the primary key of the definition is not that of the collection on the server. */
const checkDeletedBy = (
  connection: Connection.Connection,
  collection: CollectionRef,
  definition: AnyDefinition,
): Effect.Effect<void, DataError> =>
  Effect.flatMap(describeUncached(connection, nameOf(collection)), (described) =>
    tryEncode(() => {
      const primaryFieldName = keyOf(described.definition)
      checkKey(definition, keyOf(definition), { primaryFieldName, fields: [] }, false)
    }))
