/** The resource groups of a FakeMilvus, its query nodes, and the replicas on them. */
import { Code, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"
import { checkResourceGroupName } from "./names.ts"

/** The resource group that always exists. At first, it has all query nodes. */
export const defaultGroup = "__default_resource_group"

/** Milvus reports this capacity of the default group. That of other groups is the number of their nodes. */
const defaultCapacity = 1_000_000

const maxGroups = 1024

/** A copy of a loaded collection. Its nodes are those of its group, until they are transferred to another. */
export interface Replica {
  readonly id: bigint
  group: string
  nodes: ReadonlyArray<bigint>
}

/** How many replicas a load makes, and in which groups; without groups, in the default one. */
export interface Placement {
  readonly count: number
  readonly groups: ReadonlyArray<string>
}

/** Resource groups. Its methods throw {@linkcode Refused} if Milvus would refuse the call. */
export class ResourceGroups {
  readonly #nodes: Map<string, ReadonlyArray<bigint>>

  /** All nodes begin in the default group. */
  constructor(queryNodes: number) {
    this.#nodes = new Map([[defaultGroup, Array.from({ length: queryNodes }, (_, at) => BigInt(at + 1))]])
  }

  get names(): ReadonlyArray<string> {
    return [...this.#nodes.keys()].toSorted()
  }

  /** Returns the nodes of a group. */
  nodesOf(group: string): ReadonlyArray<bigint> {
    return this.#nodes.get(group) ??
      throwRefusal(Code.resourceGroupNotFound, `resource group not found[rg=${group}]`)
  }

  /** Returns the group that a node is in. */
  groupOf(node: bigint): string {
    return this.names.find((name) => this.nodesOf(name).includes(node)) ?? defaultGroup
  }

  capacityOf(group: string): number {
    return group === defaultGroup ? defaultCapacity : this.nodesOf(group).length
  }

  create(group: string): void {
    checkResourceGroupName(group)
    if (this.#nodes.has(group)) throwUnexpected("resource group already exist")
    if (this.#nodes.size >= maxGroups) throwUnexpected(`resource group num reach limit ${maxGroups}`)
    this.#nodes.set(group, [])
  }

  /** Drops a group without nodes. Does nothing if it does not exist. `isLoaded`: whether it has replicas. */
  drop(group: string, isLoaded: boolean): void {
    if (isLoaded) throwParameter(`some replicas still loaded in resource group[${group}], release it first`)
    if (group === defaultGroup) throwUnexpected("delete default rg is not permitted")
    if ((this.#nodes.get(group)?.length ?? 0) > 0) throwUnexpected("delete non-empty rg is not permitted")
    this.#nodes.delete(group)
  }

  /** Transfers nodes. `loadsSame`: whether both groups have replicas of the same collection. */
  transferNodes(from: string, to: string, count: number, loadsSame: boolean): void {
    checkResourceGroupName(from)
    checkResourceGroupName(to)
    if (!this.#nodes.has(from)) throwParameter(`source resource group not found: ${from}`)
    if (!this.#nodes.has(to)) throwParameter(`target resource group not found: ${to}`)
    if (count <= 0) throwParameter(`invalid NumNode ${count}, expected NumNode > 0`)
    if (loadsSame) throwParameter("resource groups load the same collection")
    const nodes = this.#enough(from, count)
    if (from === to) return
    this.#nodes.set(from, nodes.slice(count))
    this.#nodes.set(to, [...this.nodesOf(to), ...nodes.slice(0, count)])
  }

  /** Makes the replicas of a collection that is not loaded. */
  place({ count, groups }: Placement, nextId: () => bigint): ReadonlyArray<Replica> {
    const given = groups.length === 0 ? [defaultGroup] : groups
    if (given.length > 1 && given.length !== count) {
      throwUnexpected("resource group num can only be 0, 1 or same as replica number")
    }
    const wanted = Array.from({ length: count }, (_, at) => given[at % given.length] ?? defaultGroup)
    for (const group of given) this.#enough(group, wanted.filter((it) => it === group).length)
    const replicas = wanted.map((group): Replica => ({ id: nextId(), group, nodes: [] }))
    this.balance(replicas)
    return replicas
  }

  /** Transfers some of the replicas of a collection. */
  transferReplicas(replicas: ReadonlyArray<Replica>, from: string, to: string, count: number): void {
    this.nodesOf(from)
    this.nodesOf(to)
    if (count <= 0) throwParameter(`invalid NumReplica ${count}, expected NumReplica > 0`)
    const found = replicas.filter(({ group }) => group === from)
    if (found.length < count) throwParameter(`only found [${found.length}] replicas in source resource group[${from}]`)
    if (replicas.some(({ group }) => group === to)) {
      throwParameter(`found replicas of same collection in target resource group[${to}]`)
    }
    this.#enough(to, count)
    for (const replica of found.slice(0, count)) replica.group = to
    this.balance(replicas)
  }

  /** Gives the nodes of each group to the replicas of a collection in it. A replica without any keeps its last ones. */
  balance(replicas: ReadonlyArray<Replica>): void {
    for (const group of new Set(replicas.map((replica) => replica.group))) {
      const nodes = this.nodesOf(group)
      const own = replicas.filter((replica) => replica.group === group)
      own.forEach((replica, turn) => {
        const given = nodes.filter((_, at) => at % own.length === turn)
        if (given.length > 0) replica.nodes = given
      })
    }
  }

  /** Returns the nodes of a group, which are at least `count`. */
  #enough(group: string, count: number): ReadonlyArray<bigint> {
    const nodes = this.nodesOf(group)
    return nodes.length < count ? throwUnexpected("nodes not enough") : nodes
  }
}

/** Refuses groups for a collection that is loaded in others, and the default group next to others. */
export const checkGroups = (groups: ReadonlyArray<string>, loaded: ReadonlyArray<Replica>): void => {
  const other = groups.find((name) => loaded.length > 0 && loaded.every(({ group }) => group !== name))
  if (other !== undefined) throwParameter(`given resource group not found: ${other}`)
  if (groups.length > 1 && groups.includes(defaultGroup)) {
    throwParameter("no default resource group mixed with the other resource group(s)")
  }
}
