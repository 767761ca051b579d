/**
 * Records which calls of a connection changed what later reads depend on: schemas, names and aliases, and data. Calls
 * by `connection.call` count like those of operations.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"

/** The recorded changes of one connection. */
export class Footprint {
  /** Number of ended calls that change a schema, a name or an alias, successful or not. */
  schemaChanges = 0
  /** Writes by `connection.call`, to any collection. */
  readonly writes: WriteLog = new WriteLog()

  /** Number of times that the connection went over to another server. */
  servers = 0

  /** Begins anew with another server: what was read from the old one, and its timestamps, may not hold there. */
  forget(): void {
    this.schemaChanges++
    this.servers++
    this.writes.forget()
  }
}

/** The server timestamps at which writes took effect. A server may not report them. */
export class WriteLog {
  #last: bigint | undefined
  #ended = 0
  /** Number of the last write that ended without a timestamp, counting ended writes. */
  #unreported: number | undefined

  /** The latest timestamp; 0 if a later write may have none; `undefined` if nothing was written. */
  get last(): bigint | undefined {
    return this.#unreported === undefined ? this.#last : 0n
  }

  /** Begins a write. Returns its mark for {@linkcode end}. */
  begin(): number {
    return this.#ended
  }

  /** Records a write that took effect; its timestamp is 0 if it is not known. */
  end(begun: number, timestamp: bigint): void {
    this.#ended++
    if (timestamp === 0n) this.#unreported = this.#ended
    else {
      if (this.#last === undefined || timestamp > this.#last) this.#last = timestamp
      // A write that began after another one ended has the later timestamp.
      if (this.#unreported !== undefined && begun >= this.#unreported) this.#unreported = undefined
    }
  }

  /** Makes the timestamps count as not known, because they are those of another server. */
  forget(): void {
    if (this.last !== undefined) this.end(this.begin(), 0n)
  }

  /** Adds the writes of another log. */
  add(other: WriteLog): void {
    const { last } = other
    if (last !== undefined) this.end(0, last)
  }
}

/** Records the changes of a call. Returns a call that changes nothing unmodified. */
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
