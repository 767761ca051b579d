/** The segments of a collection: sets of rows that Milvus stores, loads and merges together. */
import type { Replica } from "./replicas.ts"

/** A segment. */
export class Segment {
  /** The number of rows, deleted ones among them. */
  rows = 0
  /** The number of deleted rows. */
  deleted = 0
  /** The segment that replaced this one in a compaction. */
  into: Segment | undefined
  /** The nodes that were given the segment by a balance, by the id of their replica. */
  readonly #moved = new Map<bigint, bigint>()

  /** If it is not stored, it gets the next rows of its partition. */
  constructor(readonly id: bigint, readonly partition: string, public isStored: boolean) {}

  /** Counts a deleted row, which goes away with the next compaction. */
  countDelete(): void {
    if (this.into === undefined) this.deleted++
    else this.into.countDelete()
  }

  /** Returns the node of a replica that has the segment. */
  nodeIn({ id, nodes }: Replica): bigint | undefined {
    const moved = this.#moved.get(id)
    return moved !== undefined && nodes.includes(moved) ? moved : nodes[Number(this.id % BigInt(nodes.length || 1))]
  }

  /** Moves the segment to a node of a replica. */
  move({ id }: Replica, node: bigint): void {
    this.#moved.set(id, node)
  }
}

/** A plan of a compaction: segments of one partition that become one. */
export interface Plan {
  readonly sources: ReadonlyArray<Segment>
  /** The new segment; `undefined` until the plan has been carried out. */
  target: Segment | undefined
}

/** The segments of one collection. */
export class SegmentStore {
  #all: ReadonlyArray<Segment> = []

  constructor(readonly nextId: () => bigint) {}

  /** The segments, without those that were merged or dropped. */
  get all(): ReadonlyArray<Segment> {
    return this.#all
  }

  /** Adds a row to the growing segment of a partition. */
  add(partition: string): Segment {
    const growing = this.#all.find((segment) => !segment.isStored && segment.partition === partition) ??
      this.#create(partition, false)
    growing.rows++
    return growing
  }

  /** Returns a function that adds rows to stored segments of their own, and the list of these segments. */
  importer(): { readonly add: (partition: string) => Segment; readonly segments: ReadonlyArray<Segment> } {
    const segments: Array<Segment> = []
    const add = (partition: string): Segment => {
      const found = segments.find((segment) => segment.partition === partition)
      const segment = found ?? this.#create(partition, true)
      if (found === undefined) segments.push(segment)
      segment.rows++
      return segment
    }
    return { add, segments }
  }

  /** Stores the growing segments, and returns them. */
  flush(): ReadonlyArray<Segment> {
    const growing = this.#all.filter((segment) => !segment.isStored)
    for (const segment of growing) segment.isStored = true
    return growing
  }

  /** Plans to merge the stored segments of each partition, of those that `accepts` returns `true` for. */
  plan(accepts: (segment: Segment) => boolean): ReadonlyArray<Plan> {
    const sources = this.#all.filter((segment) => segment.isStored && accepts(segment))
    const partitions = new Set(sources.map(({ partition }) => partition))
    return [...partitions].map((partition) => ({
      sources: sources.filter((segment) => segment.partition === partition),
      target: undefined,
    }))
  }

  /** Carries out a plan. Segments that were merged or dropped in the meantime are left out. */
  merge(plan: Plan): void {
    const sources = plan.sources.filter((segment) => this.#all.includes(segment))
    const [first] = sources
    if (first === undefined) return
    const target = this.#create(first.partition, true)
    for (const source of sources) {
      target.rows += source.rows - source.deleted
      source.into = target
    }
    plan.target = target
    // A segment without rows does not remain.
    this.#all = this.#all.filter((segment) => !sources.includes(segment) && (segment !== target || target.rows > 0))
  }

  /** Drops the segments of a partition, or all. */
  drop(partition?: string): void {
    this.#all = this.#all.filter((segment) => partition !== undefined && segment.partition !== partition)
  }

  #create(partition: string, isStored: boolean): Segment {
    const segment = new Segment(this.nextId(), partition, isStored)
    this.#all = [...this.#all, segment]
    return segment
  }
}
