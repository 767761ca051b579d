/** Properties of a collection and of its fields, and what else changes a collection as a whole. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { readName } from "../../config/params.ts"
import type { CallError, ParamError } from "../../errors.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { operate } from "../shared/operate.ts"
import { readCollection, readNameList } from "../shared/options.ts"
import { encodeProperties, type PropertyTypes, type PropertyValue } from "../shared/properties.ts"

/** Properties of a collection, by their names in Milvus: those that this version knows, and any other. */
export interface CollectionProperties {
  /** Time after which rows expire, in seconds; 0 for never. */
  readonly "collection.ttl.seconds"?: number | undefined
  /** Whether raw data and indexes are mapped into memory from files. */
  readonly "mmap.enabled"?: boolean | undefined
  /** Whether searches of one value of the partition key use an index of that value alone. */
  readonly "partitionkey.isolation"?: boolean | undefined
  /** Whether the server compacts segments by itself. */
  readonly "collection.autocompaction.enabled"?: boolean | undefined
  /** Whether fields are loaded when they are first used. */
  readonly "lazyload.enabled"?: boolean | undefined
  /** Whether rows may have values for a primary key that is generated. */
  readonly allow_insert_auto_id?: boolean | undefined
  /** Whether unknown keys of rows are kept. Can only be switched on. */
  readonly "dynamicfield.enabled"?: boolean | undefined
  /** Maximum rate of inserts, in MiB a second. */
  readonly "collection.insertRate.max.mb"?: number | undefined
  /** Maximum rate of deletes, in MiB a second. */
  readonly "collection.deleteRate.max.mb"?: number | undefined
  /** Maximum rate of queries, in queries a second. */
  readonly "collection.queryRate.max.qps"?: number | undefined
  /** Maximum rate of searches, in vectors a second. */
  readonly "collection.searchRate.max.vps"?: number | undefined
  /** Maximum size of the data, in MiB. */
  readonly "collection.diskProtection.diskQuota.mb"?: number | undefined
  /** Number of replicas with which the collection is loaded. */
  readonly "collection.replica.number"?: number | undefined
  /** Names of the resource groups into which it is loaded, separated by commas. */
  readonly "collection.resource_groups"?: string | undefined
  /** Whether row policies hold; see the module `RowPolicy`. Milvus 3.0.1 and later. */
  readonly "rls.enabled"?: boolean | undefined
  /** Whether row policies hold for users with the privilege `SkipRLS`, too. Milvus 3.0.1 and later. */
  readonly "rls.force"?: boolean | undefined
  /** Time zone of times without one, such as `"Europe/Berlin"`. */
  readonly timezone?: string | undefined
  /** Any other property. */
  readonly [name: string]: PropertyValue | undefined
}

/** Types of the known properties of a collection. */
export const collectionPropertyTypes: PropertyTypes = {
  "collection.ttl.seconds": "number",
  "mmap.enabled": "boolean",
  "partitionkey.isolation": "boolean",
  "collection.autocompaction.enabled": "boolean",
  "lazyload.enabled": "boolean",
  allow_insert_auto_id: "boolean",
  "dynamicfield.enabled": "boolean",
  "collection.insertRate.max.mb": "number",
  "collection.deleteRate.max.mb": "number",
  "collection.queryRate.max.qps": "number",
  "collection.searchRate.max.vps": "number",
  "collection.diskProtection.diskQuota.mb": "number",
  "collection.replica.number": "number",
  "rls.enabled": "boolean",
  "rls.force": "boolean",
}

/** Properties of a field that can be changed, by their names in Milvus. */
export interface FieldProperties {
  /** Maximum length of texts, in bytes. It can be raised. */
  readonly max_length?: number | undefined
  /** Maximum number of elements of an array. */
  readonly max_capacity?: number | undefined
  /** Whether the data of the field is mapped into memory from files. */
  readonly "mmap.enabled"?: boolean | undefined
  /** Any other property. */
  readonly [name: string]: PropertyValue | undefined
}

/**
 * Sets properties of a collection. Those that are not named stay as they are.
 *
 * Calls `AlterCollection`. Milvus 2.2.1 and later, and milvus-lite. Fails with `ServerError` if a property cannot be
 * changed, for example while the collection is loaded.
 */
export const alter = (
  collection: CollectionRef,
  properties: CollectionProperties,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterCollection", options, () =>
    Result.gen(function* () {
      const collection_name = yield* readCollection(collection)
      return { collection_name, properties: yield* encodeProperties("properties", properties) }
    })))

/**
 * Removes properties of a collection, so that the server's defaults apply.
 *
 * Calls `AlterCollection`. Milvus 2.4.18 and later, and milvus-lite.
 */
export const dropProperties = (
  collection: CollectionRef,
  properties: ReadonlyArray<keyof CollectionProperties & string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterCollection", options, () =>
    Result.gen(function* () {
      const collection_name = yield* readCollection(collection)
      return { collection_name, delete_keys: yield* readNameList("properties", properties) }
    }), { requires: ["Collection.dropProperties", "2.4.18"] }))

/**
 * Sets properties of a field. Those that are not named stay as they are.
 *
 * Calls `AlterCollectionField`. Milvus 2.4.18 and later.
 */
export const alterField = (
  collection: CollectionRef,
  field: string,
  properties: FieldProperties,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterCollectionField", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        field_name: yield* readName("field", field),
        properties: yield* encodeProperties("properties", properties),
      }
    })))

/**
 * Removes properties of a field, so that the server's defaults apply.
 *
 * Calls `AlterCollectionField`. Milvus 2.4.18 and later.
 */
export const dropFieldProperties = (
  collection: CollectionRef,
  field: string,
  properties: ReadonlyArray<keyof FieldProperties & string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterCollectionField", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        field_name: yield* readName("field", field),
        delete_keys: yield* readNameList("properties", properties),
      }
    }), { operation: "Collection.dropFieldProperties" }))

/**
 * Removes all rows of a collection; its schema, indexes and properties stay. It cannot be undone.
 *
 * Calls `TruncateCollection`. Milvus 2.6.11 and later, and milvus-lite. `Vectors.delete(collection, { all: true })`
 * works on every server, and takes longer.
 */
export const truncate = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(
    operate(
      "TruncateCollection",
      options,
      () => Result.map(readCollection(collection), (collection_name) => ({ collection_name })),
    ),
  )
