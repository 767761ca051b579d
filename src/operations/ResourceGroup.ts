/**
 * Resource groups: sets of query nodes into which collections are loaded, apart from those of others.
 *
 * A group is described by how many nodes it requests and accepts, and Milvus moves nodes until that is so. An operation
 * fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of its call
 * (`CallError`). milvus-lite has no resource groups (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* ResourceGroup.create("batch", { requests: 2, limits: 4 })
 * yield* Replica.transfer("books", { from: "__default_resource_group", to: "batch", replicas: 1 })
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, failUnknownParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import { readCount } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { optionNames } from "./shared/options.ts"
import { encodeProperties, toRecord } from "./shared/properties.ts"

/** Configuration of a resource group. */
export interface ResourceGroupConfig {
  /**
   * The number of query nodes that the group requests. With fewer, it takes nodes from other groups.
   *
   * @default 0
   */
  readonly requests?: number | undefined
  /**
   * The maximum number of query nodes. With more, it gives nodes to other groups.
   *
   * @default 0
   */
  readonly limits?: number | undefined
  /**
   * The groups from which missing nodes are taken first.
   *
   * @default None: from any group that has nodes to give.
   */
  readonly transferFrom?: ReadonlyArray<string> | undefined
  /**
   * The groups to which redundant nodes are given first.
   *
   * @default None: to any group that lacks nodes.
   */
  readonly transferTo?: ReadonlyArray<string> | undefined
  /**
   * The labels that nodes of the group must have.
   *
   * @default None: any node.
   */
  readonly nodeLabels?: Readonly<Record<string, string>> | undefined
}

/** Options for {@linkcode create}. */
export interface CreateOptions extends Connection.CallOptions, ResourceGroupConfig {}

const configNames: ReadonlyArray<keyof ResourceGroupConfig> = [
  "requests",
  "limits",
  "transferFrom",
  "transferTo",
  "nodeLabels",
]
const createOptionNames = optionNames<CreateOptions>(...configNames)
const since = Object.fromEntries(configNames.map((name) => [name, "2.4.0"]))

/**
 * Creates a resource group.
 *
 * Calls `CreateResourceGroup`. Milvus 2.2.3 and later; a configuration needs 2.4.0. Creating a group that exists with
 * the same configuration succeeds; otherwise it fails with `ServerError`.
 */
export const create = (
  name: string,
  options?: CreateOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateResourceGroup", options, () =>
    Result.gen(function* () {
      const resource_group = yield* readName("name", name)
      const config = yield* encodeConfig("", options ?? {})
      return config === undefined ? { resource_group } : { resource_group, config }
    }), { options: createOptionNames, since }))

/**
 * Changes the configuration of resource groups, all of them in one step. Each configuration replaces the former one as
 * a whole.
 *
 * Calls `UpdateResourceGroups`. Milvus 2.4.0 and later. Fails with `ServerError` if a group does not exist; then no
 * group is changed.
 */
export const update = (
  configs: Readonly<Record<string, ResourceGroupConfig>>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("UpdateResourceGroups", options, () =>
    Result.gen(function* () {
      if (typeof configs !== "object" || configs === null || Object.keys(configs).length === 0) {
        return yield* failParam("configs", "an object with a configuration for each group", configs)
      }
      const groups: Array<
        readonly [name: string, config: Connection.Methods["CreateResourceGroup"]["request"]["config"]]
      > = []
      for (const [name, config] of Object.entries(configs)) {
        yield* readName("configs", name)
        yield* failUnknownParam(`configs.${name}.`, { ...config }, new Set(configNames))
        groups.push([name, yield* encodeConfig(`configs.${name}.`, config)])
      }
      return { resource_groups: Object.fromEntries(groups.map(([name, config]) => [name, config ?? {}])) }
    })))

const encodeConfig = (
  prefix: string,
  { requests, limits, transferFrom, transferTo, nodeLabels }: ResourceGroupConfig,
): Decoded<Connection.Methods["CreateResourceGroup"]["request"]["config"]> =>
  Result.gen(function* () {
    if ([requests, limits, transferFrom, transferTo, nodeLabels].every((value) => value === undefined)) return undefined
    const requested = yield* readCount(`${prefix}requests`, requests ?? 0)
    const limit = yield* readCount(`${prefix}limits`, limits ?? 0)
    if (limit < requested) return yield* failParam(`${prefix}limits`, `at least requests (${requested})`, limit)
    return {
      requests: { node_num: requested },
      limits: { node_num: limit },
      transfer_from: yield* encodeGroups(`${prefix}transferFrom`, transferFrom),
      transfer_to: yield* encodeGroups(`${prefix}transferTo`, transferTo),
      ...(nodeLabels === undefined
        ? {}
        : { node_filter: { node_labels: yield* encodeProperties(`${prefix}nodeLabels`, nodeLabels) } }),
    }
  })

const encodeGroups = (parameter: string, names: unknown): Decoded<ReadonlyArray<{ readonly resource_group: string }>> =>
  Result.gen(function* () {
    if (names === undefined) return []
    if (!Array.isArray(names)) return yield* failParam(parameter, "a list of resource groups", names)
    const groups: Array<{ readonly resource_group: string }> = []
    for (const [index, name] of names.entries()) {
      groups.push({ resource_group: yield* readName(`${parameter}[${index}]`, name) })
    }
    return groups
  })

/**
 * Drops a resource group, which must have no nodes and request none.
 *
 * Calls `DropResourceGroup`. Milvus 2.2.3 and later. Succeeds if the group does not exist.
 */
export const drop = (
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(
    operate(
      "DropResourceGroup",
      options,
      () => Result.map(readName("name", name), (resource_group) => ({ resource_group })),
    ),
  )

/**
 * Returns the names of all resource groups. The one that exists always is `"__default_resource_group"`.
 *
 * Calls `ListResourceGroups`. Milvus 2.2.3 and later.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("ListResourceGroups", options, () => Result.succeed({})), ({ resource_groups }) => resource_groups)

/** A query node. */
export interface QueryNode {
  /** The id of the node. */
  readonly id: bigint
  /** The address, such as `"10.0.0.7:21123"`. */
  readonly address: string
  /** The name of its host. */
  readonly host: string
}

/** Description of a resource group by the server. */
export interface ResourceGroupDescription {
  /** The name. */
  readonly name: string
  /** The number of nodes that the group is meant for. */
  readonly capacity: number
  /** The number of its nodes that are available. */
  readonly availableNodes: number
  /** The number of replicas in the group, by collection. */
  readonly loadedReplicas: Readonly<Record<string, number>>
  /** The number of nodes of other groups that replicas of this one use, by group. */
  readonly outgoingNodes: Readonly<Record<string, number>>
  /** The number of nodes of this group that replicas of others use, by group. */
  readonly incomingNodes: Readonly<Record<string, number>>
  /** The configuration; `undefined` if the server has none (Milvus before 2.4). */
  readonly config: Required<ResourceGroupConfig> | undefined
  /** The nodes; empty on Milvus before 2.4. */
  readonly nodes: ReadonlyArray<QueryNode>
}

/**
 * Describes a resource group.
 *
 * Calls `DescribeResourceGroup`. Milvus 2.2.3 and later. Fails with `ServerError` if it does not exist.
 */
export const describe = (
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<ResourceGroupDescription, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate(
      "DescribeResourceGroup",
      options,
      () => Result.map(readName("name", name), (resource_group) => ({ resource_group })),
    ),
    ({ resource_group: group }) => ({
      name: group?.name ?? name,
      capacity: group?.capacity ?? 0,
      availableNodes: group?.num_available_node ?? 0,
      loadedReplicas: group?.num_loaded_replica ?? {},
      outgoingNodes: group?.num_outgoing_node ?? {},
      incomingNodes: group?.num_incoming_node ?? {},
      config: group?.config === null || group === null ? undefined : {
        requests: group.config.requests?.node_num ?? 0,
        limits: group.config.limits?.node_num ?? 0,
        transferFrom: group.config.transfer_from.map(({ resource_group }) => resource_group),
        transferTo: group.config.transfer_to.map(({ resource_group }) => resource_group),
        nodeLabels: toRecord(group.config.node_filter?.node_labels ?? []),
      },
      nodes: (group?.nodes ?? []).map(({ node_id, address, hostname }) => ({ id: node_id, address, host: hostname })),
    }),
  )

/** Where nodes come from and go to. */
export interface NodeTransfer {
  /** The resource group that gives nodes. */
  readonly from: string
  /** The resource group that gets them. */
  readonly to: string
  /** The number of nodes, at least 1. */
  readonly nodes: number
}

/**
 * Moves query nodes from one resource group to another. Since Milvus 2.4, Milvus may move them back if the
 * configurations of the groups say so; use {@linkcode update} there.
 *
 * Calls `TransferNode`. Milvus 2.2.3 and later. Fails with `ServerError` if a group does not exist or has too few
 * nodes.
 */
export const transferNodes = (
  { from, to, nodes }: NodeTransfer,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("TransferNode", options, () =>
    Result.gen(function* () {
      return {
        source_resource_group: yield* readName("from", from),
        target_resource_group: yield* readName("to", to),
        num_node: yield* readCount("nodes", nodes, 1),
      }
    })))
