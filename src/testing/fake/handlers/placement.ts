/** Handlers of the RPCs for resource groups and replicas. */
import type { Collection } from "../state/collection.ts"
import { checkResourceGroupName } from "../state/names.ts"
import type { Replica } from "../state/replicas.ts"
import { anyCollectionOf, type HandlerContext, type SyncHandlers } from "./handler.ts"
import type { Reply } from "../contract.ts"
import { Code, throwRefusal, throwUnsupported } from "../fakeStatus.ts"

/** Handlers of the RPCs for resource groups. */
export const resourceGroups = ({ store, groups }: HandlerContext): SyncHandlers => ({
  CreateResourceGroup: ({ resource_group, config }) => {
    if (config !== null) throwUnsupported("configurations of resource groups")
    groups.create(resource_group)
    return {}
  },
  DropResourceGroup: ({ resource_group }) => {
    groups.drop(resource_group, store.collections.some(loadsIn(resource_group)))
    return {}
  },
  ListResourceGroups: () => ({ resource_groups: groups.names }),
  DescribeResourceGroup: ({ resource_group: name }) => {
    const isOwn = isIn(name)
    const nodes = new Set(groups.nodesOf(name))
    return {
      resource_group: {
        name,
        capacity: groups.capacityOf(name),
        num_available_node: nodes.size,
        num_loaded_replica: countByName(store.collections, (replica) => isOwn(replica) ? 1 : 0),
        num_outgoing_node: countByName(
          store.collections,
          (replica) => isOwn(replica) ? replica.nodes.filter((node) => !nodes.has(node)).length : 0,
        ),
        num_incoming_node: countByName(
          store.collections,
          (replica) => isOwn(replica) ? 0 : replica.nodes.filter((node) => nodes.has(node)).length,
        ),
      },
    }
  },
  TransferNode: ({ source_resource_group, target_resource_group, num_node }) => {
    const loadsSame = store.collections.filter(loadsIn(source_resource_group)).some(loadsIn(target_resource_group))
    groups.transferNodes(source_resource_group, target_resource_group, num_node, loadsSame)
    for (const { replicas } of store.collections) groups.balance(replicas)
    return {}
  },
})

/** Handlers of the RPCs for replicas. */
export const replicas = ({ store, groups }: HandlerContext): SyncHandlers => ({
  TransferReplica: (request, call) => {
    const { source_resource_group, target_resource_group, num_replica } = request
    checkResourceGroupName(source_resource_group)
    checkResourceGroupName(target_resource_group)
    const { replicas } = anyCollectionOf(store, request, call)
    groups.transferReplicas(replicas, source_resource_group, target_resource_group, Number(num_replica))
    return {}
  },
  GetReplicas: (request, call) => {
    const collection = request.collection_name === ""
      ? store.collections.find(({ id }) => id === request.collectionID)
      : anyCollectionOf(store, request, call)
    if (collection === undefined || collection.replicas.length === 0) {
      const id = collection?.id ?? request.collectionID
      return throwRefusal(
        Code.replicaNotFound,
        `failed to get replicas by collection: replica not found[replica=${id}]`,
      )
    }
    return {
      replicas: collection.replicas.map((replica) => ({
        replicaID: replica.id,
        collectionID: collection.id,
        resource_group_name: replica.group,
        node_ids: replica.nodes,
        num_outbound_node: countBy(
          replica.nodes.map((node) => groups.groupOf(node)).filter((group) => group !== replica.group),
        ),
        shard_replicas: collection.channels.map((channel, at) =>
          shardOf(channel, at, replica, request.with_shard_nodes && collection.count() === 0)
        ),
      })),
    }
  },
})

const isIn = (group: string) => (replica: Replica): boolean => replica.group === group

const loadsIn = (group: string) => ({ replicas }: Collection): boolean => replicas.some(isIn(group))

/** Describes a shard. Like Milvus, reports no nodes of an empty one to a client that asks for the nodes of shards. */
const shardOf = (
  dm_channel_name: string,
  at: number,
  { nodes }: Replica,
  isEmpty: boolean,
): NonNullable<NonNullable<Reply<"GetReplicas">["replicas"]>[number]["shard_replicas"]>[number] => {
  const leaderID = nodes[at % nodes.length] ?? 0n
  return { dm_channel_name, leaderID, leader_addr: `fake-node-${leaderID}:21123`, node_ids: isEmpty ? [] : nodes }
}

/** Adds up the counts of the replicas of each collection, by its name. Leaves out those that are 0. */
const countByName = (
  collections: ReadonlyArray<Collection>,
  countOf: (replica: Replica) => number,
): Readonly<Record<string, number>> =>
  countBy(
    collections.flatMap(({ name, replicas }) =>
      replicas.flatMap((replica) => Array.from({ length: countOf(replica) }, () => name))
    ),
  )

const countBy = (names: ReadonlyArray<string>): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, names.filter((it) => it === name).length]))
