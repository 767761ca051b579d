/**
 * Resource groups and replicas. Nodes are not transferred: other lanes need the only one. What depends on the collections
 * that other lanes have loaded is in `FakeMilvus_access_test.ts`.
 */
import { untilLoaded } from "./indexes.ts"
import { call, type Lane } from "./lane.ts"
import { create, id, pairs, vector } from "./requests.ts"
import type { Outcome, Server } from "./server.ts"

const names = [
  ...["", " ", "a b", "1a", "a-b", "ä", "a.b", "$a", "_a", "a$", " a ", "a'", "a".repeat(255), "a".repeat(256)],
  ...["constructor", "__proto__"],
]
const brief = (name: string) => name.length > 30 ? `${name.slice(0, 3)}... of ${name.length}` : `"${name}"`
const initial = "__default_resource_group"

const transferNode = (from: string, to: string, num_node: number) =>
  call(`${num_node} from ${brief(from)} to ${brief(to)}`, "TransferNode", {
    source_resource_group: from,
    target_resource_group: to,
    num_node,
  })

const groups: Lane = {
  name: "resource groups",
  prepare: async (server) => {
    await server.call("CreateResourceGroup", { resource_group: "one" })
    await server.call("CreateResourceGroup", { resource_group: "two" })
  },
  cases: [
    ...names.flatMap((resource_group) => [
      call(
        `the name ${brief(resource_group)}`,
        "CreateResourceGroup",
        { resource_group },
        (server) => server.call("DropResourceGroup", { resource_group }),
      ),
      call(brief(resource_group), "DescribeResourceGroup", { resource_group }),
      call(`${brief(resource_group)} that is none`, "DropResourceGroup", { resource_group }),
      transferNode(resource_group, "one", 2),
      transferNode("one", resource_group, 1),
      transferNode(resource_group, resource_group, 2),
    ]),
    call("again", "CreateResourceGroup", { resource_group: "one" }),
    call("the default one", "CreateResourceGroup", { resource_group: initial }),
    call("the default one", "DescribeResourceGroup", { resource_group: initial }),
    transferNode(initial, "one", 2),
    transferNode("one", initial, 1),
    call("all", "ListResourceGroups", {}),
    transferNode("one", "two", 1),
    transferNode("one", "one", 1),
    transferNode("one", "two", 0),
    transferNode(initial, "one", -1),
    transferNode(initial, "nowhere", 1),
    transferNode("nowhere", "one", 1),
    transferNode("nowhere", "one", 0),
    transferNode(" ", "", 1),
    transferNode("", " ", 1),
    call("empty", "DropResourceGroup", { resource_group: "two" }),
    call("dropped", "DescribeResourceGroup", { resource_group: "two" }),
    call("dropped", "DropResourceGroup", { resource_group: "two" }),
  ],
}

const collection_name = "placed"

const transferReplica = (from: string, to: string, num_replica: number, collection = collection_name, db_name = "") =>
  call(`${num_replica} of "${collection}" from ${brief(from)} to ${brief(to)} in "${db_name}"`, "TransferReplica", {
    source_resource_group: from,
    target_resource_group: to,
    num_replica,
    collection_name: collection,
    db_name,
  })

const load = (name: string, replica_number: number, ...resource_groups: ReadonlyArray<string>) => [
  call(name, "LoadCollection", { collection_name, replica_number, resource_groups }),
  call(name, "LoadPartitions", { collection_name, partition_names: ["_default"], replica_number, resource_groups }),
]

/** Milvus may not know the channels yet when it reports that the collection is loaded. */
const untilChannels = async (server: Server): Promise<Outcome> => {
  const outcome = await server.reply("GetReplicas", { collection_name })
  return outcome.reason.startsWith("failed to get channels") ? await untilChannels(server) : outcome
}

const replicas: Lane = {
  name: "replicas",
  prepare: async (server) => {
    await create(server, collection_name, [id, vector])
    for (const resource_group of ["left", "right"]) await server.call("CreateResourceGroup", { resource_group })
  },
  cases: [
    ...load("no index, an unknown group", 1, "nowhere"),
    ...load("no index, too many replicas", 2),
    call("vector", "CreateIndex", {
      collection_name,
      field_name: "vector",
      extra_params: pairs({ index_type: "FLAT", metric_type: "L2", params: "{}" }),
    }),
    ...load("too many replicas", 2),
    ...load("no node", 1, "left"),
    ...load("an unknown group", 1, "nowhere"),
    ...load("an empty name", 1, ""),
    ...load("too many replicas for an unknown group", 2, "nowhere"),
    ...load("no node in two groups", 2, "left", "right"),
    ...load("more groups than replicas", 1, "left", "right"),
    ...load("fewer groups than replicas", 3, "left", "right"),
    ...load("the same group twice", 2, "left", "left"),
    ...load("the default group twice", 1, initial, initial),
    ...load("the default group and another", 2, initial, "left"),
    ...load("another and the default group", 1, "nowhere", initial),
    transferReplica(initial, "left", 1),
    ...["", " ", "a b", "nowhere", collection_name].map((name) =>
      call(`"${name}" when not loaded`, "GetReplicas", { collection_name: name })
    ),
    call("an unknown id", "GetReplicas", { collectionID: 123 }),
    call("the default group", "LoadCollection", { collection_name, resource_groups: [initial] }),
    { name: "LoadCollection: is loaded", run: (server) => untilLoaded(server, collection_name) },
    ...load("loaded, other replicas", 2),
    ...load("loaded, another group", 1, "left"),
    ...load("loaded, an unknown group", 1, "nowhere"),
    ...load("loaded, the same group", 1, initial),
    ...load("loaded, the default group and another", 1, initial, "left"),
    { name: "GetReplicas: loaded", run: untilChannels },
    call("loaded, with nodes", "GetReplicas", { collection_name, with_shard_nodes: true }),
    transferReplica(initial, "left", 1),
    transferReplica(initial, "left", 0),
    transferReplica(initial, "left", -1),
    transferReplica(initial, "left", 2),
    transferReplica(initial, initial, 1),
    transferReplica(initial, initial, 0),
    transferReplica("left", initial, 1),
    transferReplica("left", "right", 1),
    transferReplica("left", "left", 1),
    ...["nowhere", "", " ", "a b"].flatMap((name) => [
      transferReplica(name, "left", 1),
      transferReplica(initial, name, 1),
      transferReplica(initial, "left", 1, name),
      transferReplica(name, name, 0, name),
    ]),
    transferReplica(initial, "left", 1, collection_name, "nowhere"),
    transferReplica(initial, "nowhere", 0),
    call("released", "ReleaseCollection", { collection_name }),
    call("released", "GetReplicas", { collection_name }),
    transferReplica(initial, "left", 1),
  ],
}

export const resourceGroups: ReadonlyArray<Lane> = [groups, replicas]
