/**
 * Replicas: the copies of a loaded collection in memory, each on the query nodes of a resource group.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite has no replicas (`Unsupported`).
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import { readCount } from "./shared/decode.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { operate } from "./shared/operate.ts"
import { readCollection } from "./shared/options.ts"

/** A shard of a replica. */
export interface ShardReplica {
  /** The channel of the shard. */
  readonly channel: string
  /** The id of the query node that leads it. */
  readonly leader: bigint
  /** The address of the query node that leads it. */
  readonly leaderAddress: string
  /** The ids of its query nodes. */
  readonly nodes: ReadonlyArray<bigint>
}

/** A replica of a collection. */
export interface ReplicaDescription {
  /** The id of the replica. */
  readonly id: bigint
  /** The id of the collection. */
  readonly collectionId: bigint
  /** The ids of its partitions; empty if the server does not report them. */
  readonly partitionIds: ReadonlyArray<bigint>
  /** The resource group. */
  readonly resourceGroup: string
  /** The ids of its query nodes. */
  readonly nodes: ReadonlyArray<bigint>
  /** The number of nodes in other resource groups that it uses, by group. */
  readonly outboundNodes: Readonly<Record<string, number>>
  /** The shards. */
  readonly shards: ReadonlyArray<ShardReplica>
}

/**
 * Describes the replicas of a loaded collection, with the nodes of their shards.
 *
 * Calls `GetReplicas`. Milvus 2.2.3 and later. Fails with `ServerError` if the collection does not exist or is not
 * loaded.
 */
export const describe = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<ReplicaDescription>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetReplicas", options, () =>
      Result.map(readCollection(collection), (collection_name) => ({ collection_name, with_shard_nodes: true }))),
    ({ replicas }) =>
      replicas.map((replica) => ({
        id: replica.replicaID,
        collectionId: replica.collectionID,
        partitionIds: replica.partition_ids,
        resourceGroup: replica.resource_group_name,
        nodes: replica.node_ids,
        outboundNodes: replica.num_outbound_node,
        shards: replica.shard_replicas.map((shard) => ({
          channel: shard.dm_channel_name,
          leader: shard.leaderID,
          leaderAddress: shard.leader_addr,
          nodes: shard.node_ids,
        })),
      })),
  )

/** Where replicas come from and go to. */
export interface ReplicaTransfer {
  /** The resource group that has the replicas. */
  readonly from: string
  /** The resource group that gets them. */
  readonly to: string
  /** The number of replicas, at least 1. */
  readonly replicas: number
}

/**
 * Moves replicas of a loaded collection from one resource group to another.
 *
 * Calls `TransferReplica`. Milvus 2.2.3 and later. Fails with `ServerError` if a group does not exist, or has too few
 * replicas of the collection.
 */
export const transfer = (
  collection: CollectionRef,
  { from, to, replicas }: ReplicaTransfer,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("TransferReplica", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        source_resource_group: yield* readName("from", from),
        target_resource_group: yield* readName("to", to),
        num_replica: yield* readCount("replicas", replicas, 1),
      }
    })))
