/** Decodes the description of a collection. */
import * as Result from "effect/Result"
import type { CodecError } from "../../errors.ts"
import { type AnyDefinition, fromDescription } from "../../schema/decodeSchema.ts"
import { dateOf, timestampToDate } from "../shared/decode.ts"
import { decodeProperties, toRecord } from "../shared/properties.ts"
import { type CollectionProperties, collectionPropertyTypes } from "./alterCollection.ts"
import type { Description } from "./findCollection.ts"

/** Description of a collection by the server. Servers before a certain version, and milvus-lite, report less. */
export interface CollectionDescription {
  /** The definition of the collection. The types of its rows are not known at compile time. */
  readonly definition: AnyDefinition
  /** The id of the collection on the server; 0 if the server reports none (milvus-lite). */
  readonly id: bigint
  /** The aliases of the collection; empty if the server does not report them (milvus-lite). */
  readonly aliases: ReadonlyArray<string>
  /** Time of its creation; `undefined` if the server does not report it (milvus-lite). */
  readonly created: Date | undefined
  /** Time of the last change of its schema; `undefined` if the server does not report it. */
  readonly updated: Date | undefined
  /** The version of its schema, which grows with each change; 0 if the server does not count. */
  readonly schemaVersion: number
  /** The database; `undefined` if the server does not report it. */
  readonly database: string | undefined
  /** Number of partitions; `undefined` if the server does not report it. */
  readonly partitions: number | undefined
  /** Number of shards. */
  readonly shards: number
  /** Channels of its shards: virtual ones, and the physical ones that carry them. */
  readonly channels: { readonly virtual: ReadonlyArray<string>; readonly physical: ReadonlyArray<string> }
  /** The properties; known ones are decoded. */
  readonly properties: CollectionProperties
  /** All properties as the server has them. */
  readonly raw: Readonly<Record<string, string>>
}

/** Decodes a description. Fails with `CodecError` if the schema cannot be read. */
export const descriptionOf = (reply: Description): Result.Result<CollectionDescription, CodecError> =>
  Result.map(fromDescription(reply), (definition) => ({
    definition,
    id: reply.collectionID,
    aliases: reply.aliases,
    // Newer servers report UTC milliseconds as well.
    created: dateOf(reply.created_utc_timestamp) ?? timestampToDate(reply.created_timestamp),
    updated: timestampToDate(reply.update_timestamp),
    schemaVersion: reply.schema?.version ?? 0,
    database: reply.db_name || undefined,
    partitions: Number(reply.num_partitions) || undefined,
    shards: reply.shards_num,
    channels: { virtual: reply.virtual_channel_names, physical: reply.physical_channel_names },
    properties: decodeProperties<CollectionProperties>(reply.properties, collectionPropertyTypes),
    raw: toRecord(reply.properties),
  }))
