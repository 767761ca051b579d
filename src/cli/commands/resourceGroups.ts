/** Commands for resource groups and replicas: `list`, `describe`, `create`, `alter`, `drop`, `transfer`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type * as ResourceGroup from "../../operations/ResourceGroup.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { UsageError } from "../errors.ts"
import { printDetails, printDone } from "../output/print.ts"
import { parsePairs } from "../schemaSyntax.ts"
import {
  argument,
  collectionArgument,
  countFlag,
  manyFlag,
  namesFlag,
  printAll,
  replicaOperations,
  resourceGroupOperations,
} from "./args.ts"

const name = argument("resource-group", "The resource group")

/** Where nodes or replicas come from and go to. */
const ends = {
  from: argument("from-group", "Resource group that has them"),
  to: argument("to-group", "Resource group that gets them"),
} as const

const configFlags = {
  requests: countFlag("requests", "Number of query nodes that it requests (default: 0)", 0),
  limits: countFlag("limits", "Maximum number of query nodes (default: 0)", 0),
  transferFrom: namesFlag("transfer-from", "A,B", "Groups from which missing nodes are taken first"),
  transferTo: namesFlag("transfer-to", "A,B", "Groups to which redundant nodes are given first"),
  labels: manyFlag("node-label", "KEY=VALUE", "Label that its nodes must have; may be repeated"),
} as const

/** Returns the given parts of a configuration. */
const configOf = (
  { requests, limits, transferFrom, transferTo, labels }: Command.Command.Config.Infer<typeof configFlags>,
): Effect.Effect<ResourceGroup.ResourceGroupConfig, UsageError> =>
  Effect.map(parsePairs(labels), (pairs) => ({
    ...(requests === undefined ? {} : { requests }),
    ...(limits === undefined ? {} : { limits }),
    ...(transferFrom === undefined ? {} : { transferFrom }),
    ...(transferTo === undefined ? {} : { transferTo }),
    ...(pairs.length === 0 ? {} : { nodeLabels: Object.fromEntries(pairs) }),
  }))

/** `list resource-groups`. */
export const list = Command.make(
  "resource-groups",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { list } = yield* resourceGroupOperations
      yield* printAll(["name"], (yield* list()).map((name) => ({ name })), "resource groups")
    })),
).pipe(Command.withDescription("List the resource groups"))

/** Leaves out an empty list or map. */
const unlessEmpty = <A extends object>(parts: A | undefined): A | undefined =>
  parts === undefined || Object.keys(parts).length === 0 ? undefined : parts

/** `describe resource-group`. */
export const describe = Command.make(
  "resource-group",
  { name, target: targetFlags },
  ({ name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe } = yield* resourceGroupOperations
      const { capacity, availableNodes, config, nodes, ...group } = yield* describe(name)
      yield* printDetails({
        name: group.name,
        capacity,
        "available nodes": availableNodes,
        requests: config?.requests,
        limits: config?.limits,
        "transfer from": unlessEmpty(config?.transferFrom),
        "transfer to": unlessEmpty(config?.transferTo),
        "node labels": unlessEmpty(config?.nodeLabels),
        replicas: unlessEmpty(group.loadedReplicas),
        "outgoing nodes": unlessEmpty(group.outgoingNodes),
        "incoming nodes": unlessEmpty(group.incomingNodes),
      }, {
        nodes: {
          columns: ["node", "address", "host"],
          rows: nodes.map(({ id, address, host }) => ({ node: id, address, host })),
        },
      })
    })),
).pipe(Command.withDescription("Show configuration, nodes and replicas of a resource group"))

/** `create resource-group`. */
export const create = Command.make(
  "resource-group",
  { name, ...configFlags, target: targetFlags },
  ({ name, target, ...flags }) =>
    Effect.gen(function* () {
      const config = yield* configOf(flags)
      yield* withConnection(target)(Effect.flatMap(resourceGroupOperations, ({ create }) => create(name, config)))
      yield* printDone(`created resource group ${name}`, { created: name })
    }),
).pipe(
  Command.withDescription("Create a resource group"),
  Command.withExamples([{ command: "create resource-group batch --requests 1 --limits 2" }]),
)

/** `alter resource-group`. */
export const alter = Command.make(
  "resource-group",
  { name, ...configFlags, target: targetFlags },
  ({ name, target, ...flags }) =>
    Effect.gen(function* () {
      const change = yield* configOf(flags)
      if (Object.keys(change).length === 0) {
        return yield* new UsageError({
          reason: "expected something to change",
          hint: "give --requests, --limits, --transfer-from, --transfer-to or --node-label",
        })
      }
      yield* withConnection(target)(Effect.gen(function* () {
        const { describe, update } = yield* resourceGroupOperations
        // The server replaces the configuration as a whole: what is not given stays as it is.
        const { config } = yield* describe(name)
        yield* update({ [name]: { ...config, ...change } })
      }))
      yield* printDone(`altered resource group ${name}`, { altered: name })
    }),
).pipe(
  Command.withDescription("Change parts of the configuration of a resource group; the others stay"),
  Command.withExamples([{ command: "alter resource-group batch --limits 4" }]),
)

/** `drop resource-group`. */
export const drop = Command.make(
  "resource-group",
  { name, yes: yesFlag, target: targetFlags },
  ({ name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe, drop } = yield* resourceGroupOperations
      // Fails if the group does not exist, unlike the drop of the server.
      yield* describe(name)
      yield* confirm(yes, `Drop the resource group ${name}?`)
      yield* drop(name)
      yield* printDone(`dropped resource group ${name}`, { dropped: name })
    })),
).pipe(Command.withDescription("Drop a resource group that has no nodes and requests none"))

/** `transfer node`. */
export const transferNode = Command.make(
  "node",
  { ...ends, nodes: countFlag("nodes", "Number of query nodes (default: 1)"), target: targetFlags },
  ({ from, to, nodes = 1, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { transferNodes } = yield* resourceGroupOperations
      yield* transferNodes({ from, to, nodes })
      yield* printDone(`transferred nodes from ${from} to ${to}: ${nodes}`, { transferred: nodes, from, to })
    })),
).pipe(Command.withDescription("Move query nodes to another resource group; on Milvus 2.4 and later alter its limits"))

/** `transfer replica`. */
export const transferReplica = Command.make(
  "replica",
  {
    collection: collectionArgument,
    ...ends,
    replicas: countFlag("replicas", "Number of replicas (default: 1)"),
    target: targetFlags,
  },
  ({ collection, from, to, replicas = 1, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { transfer } = yield* replicaOperations
      yield* transfer(collection, { from, to, replicas })
      yield* printDone(`transferred replicas of ${collection} from ${from} to ${to}: ${replicas}`, {
        transferred: replicas,
        collection,
        from,
        to,
      })
    })),
).pipe(
  Command.withDescription("Move replicas of a collection to another resource group"),
  Command.withExamples([{ command: "transfer replica books __default_resource_group batch" }]),
)

/** `describe replicas`. */
export const describeReplicas = Command.make(
  "replicas",
  { collection: collectionArgument, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe } = yield* replicaOperations
      const rows = (yield* describe(collection)).flatMap(({ id, resourceGroup, nodes, shards }) =>
        shards.map(({ channel, leader, leaderAddress }) => ({
          replica: id,
          group: resourceGroup,
          nodes: nodes.join(" "),
          shard: channel,
          leader,
          address: leaderAddress,
        }))
      )
      yield* printAll(["replica", "group", "nodes", "shard", "leader", "address"], rows, "replicas")
    })),
).pipe(Command.withDescription("Show the replicas of a loaded collection, and the nodes of their shards"))
