/**
 * What the calls of a connection leave behind on the server, as far as later reads have to know it: changes of schemas,
 * names and aliases, and writes. The calls of `connection.call` count as those of the operations do.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** What the calls of one connection leave behind. */
export class Footprint {
  /** How many calls that change a schema, a name or an alias have ended, successfully or not. */
  schemaChanges = 0
  /** Writes by `connection.call`, to whatever collection. */
  readonly writes: WriteLog = new WriteLog()
}

/** When writes took effect, by the timestamps of the server; servers may not report them. */
export class WriteLog {
  #last: bigint | undefined
  #ended = 0
  /** Which of the writes that ended was the last one without a timestamp. */
  #unreported: number | undefined

  /** The latest timestamp; 0 if a later write may have none, and `undefined` if nothing was written. */
  get last(): bigint | undefined {
    return this.#unreported === undefined ? this.#last : 0n
  }

  /** A mark for {@linkcode end} of a write that begins now. */
  begin(): number {
    return this.#ended
  }

  /** Notes a write that took effect; its timestamp is 0 if it is not known. */
  end(begun: number, timestamp: bigint): void {
    this.#ended++
    if (timestamp === 0n) this.#unreported = this.#ended
    else {
      if (this.#last === undefined || timestamp > this.#last) this.#last = timestamp
      // A write that began after another one ended has the later timestamp.
      if (this.#unreported !== undefined && begun >= this.#unreported) this.#unreported = undefined
    }
  }

  /** Adds the writes of another log. */
  add(other: WriteLog): void {
    const { last } = other
    if (last !== undefined) this.end(0, last)
  }
}

/** Notes what a call of an RPC leaves behind. A call that leaves nothing is returned as it is. */
export const leaving = <A extends object, E>(
  connection: { readonly footprint: Footprint },
  method: string,
  call: Effect.Effect<A, E>,
): Effect.Effect<A, E> => {
  // A call that failed may have been applied.
  if (schemaChanges.has(method)) {
    return Effect.ensuring(
      call,
      Effect.sync(() => void connection.footprint.schemaChanges++),
    )
  }
  if (!writes.has(method)) return call
  return Effect.suspend(() => {
    const { footprint } = connection
    const begun = footprint.writes.begin()
    return Effect.onExit(
      call,
      (exit) =>
        Exit.isSuccess(exit) ? Effect.sync(() => footprint.writes.end(begun, timestampOf(exit.value))) : Effect.void,
    )
  })
}

const timestampOf = (reply: object): bigint =>
  "timestamp" in reply && typeof reply.timestamp === "bigint" ? reply.timestamp : 0n

const writes: ReadonlySet<string> = new Set(["Insert", "Upsert", "Delete"])

const schemaChanges: ReadonlySet<string> = new Set([
  "AddCollectionField",
  "AddCollectionFunction",
  "AddCollectionStructField",
  "AlterAlias",
  "AlterCollection",
  "AlterCollectionField",
  "AlterCollectionFunction",
  "AlterCollectionSchema",
  "CreateAlias",
  "CreateCollection",
  "DropAlias",
  "DropCollection",
  "DropCollectionFunction",
  "RefreshExternalCollection",
  "RenameCollection",
  "RestoreExternalSnapshot",
  "RestoreSnapshot",
])
