/**
 * Writes rows in batches of a size that the server accepts.
 *
 * - All rows are checked before the first batch is sent. A value that does not fit its field is an error with the field
 *   and the row, and nothing is written.
 * - A batch is encoded when it is sent, so that only the batches in flight are in memory.
 * - After a failure no further batch begins, those in flight end, and the error has the acknowledged rows.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import {
  checkVectorRows,
  type ColumnInput,
  decodeMutationResult,
  type Ids,
  type MutationResult,
  type SizedMessage,
} from "../../codec/mod.ts"
import { throwReply, throwValue } from "../../codec/errors.ts"
import * as Connection from "../../Connection.ts"
import { type CallError, CodecError, PartialWrite } from "../../errors.ts"
import {
  type AnyColumns,
  type AnyRow,
  givenNames,
  normalizeColumns,
  packedWidth,
  rowsOfColumns,
  rowsToColumns,
  type WriteMode,
} from "../../schema/columns.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { own } from "../../schema/own.ts"
import { batchSize, isRows, type RowsInput } from "./batchSize.ts"
import { type Cost, costOf } from "./cost.ts"
import { tryEncode } from "./read.ts"
import { withReadErrors } from "./readErrors.ts"
import { currentConnection } from "../shared/currentConnection.ts"

/** Kind of a write: an upsert of some fields keeps the values of the others. */
export type WriteKind = "Insert" | "Upsert" | "PartialUpsert"

/** Progress of a write. */
export interface WriteProgress {
  /** Number of acknowledged rows. */
  readonly written: number
  /** Number of rows to write. */
  readonly rows: number
}

/** Options for the batches of a write. */
export interface BatchOptions extends Connection.CallOptions {
  /**
   * Approximate maximum size of a request in bytes, at least 1. Milvus accepts 64 MiB.
   *
   * @default 8388608 (8 MiB)
   */
  readonly batchBytes?: number | undefined
  /**
   * Number of requests that are in flight at the same time, at least 1.
   *
   * @default 2
   */
  readonly concurrency?: number | undefined
  /** Runs after each acknowledged batch. */
  readonly onProgress?: ((progress: WriteProgress) => Effect.Effect<void>) | undefined
  /**
   * Runs if the write is interrupted after some rows were acknowledged, and receives these rows, since an interrupted
   * effect has no error that could carry them.
   */
  readonly onInterrupt?: ((written: PartialWrite) => Effect.Effect<void>) | undefined
}

/** Result of a write. */
export interface WriteResult {
  /** Number of rows. */
  readonly count: number
  /** Primary keys of the rows, in the order of the rows. */
  readonly ids: Ids
  /** Time at which the last batch took effect, as a Milvus timestamp. */
  readonly timestamp: bigint
  /** Cost of all requests, as far as the server reports it. */
  readonly cost: Cost
}

/** Failure of a write, as `writeBatches` reports it to its caller. */
export interface WriteFailure {
  readonly _tag: "WriteFailure"
  /** The error for the caller of the operation. */
  readonly error: CallError | CodecError | PartialWrite
  /** Whether nothing was written because the definition does not match the server, so that a newer one may help. */
  readonly isOutdated: boolean
}

const writeFailure = (error: WriteFailure["error"], isOutdated: boolean): WriteFailure => ({
  _tag: "WriteFailure",
  error,
  isOutdated,
})

const defaultBatchBytes = 8 * 2 ** 20

/** Milvus accepts 64 MiB. A batch that is larger than this, because its estimate was wrong, is divided. */
const maxBytes = 60 * 2 ** 20

/**
 * Returns the argument of the caller as rows or columns. Throws `CodecError` if it is neither. An iterable is refused:
 * only an array has the same rows again if the request is repeated.
 */
export const inputOf = (given: unknown): RowsInput => {
  if (Array.isArray(given)) return given
  if (!isObject(given) || ArrayBuffer.isView(given)) return throwInput(given)
  try {
    if (Symbol.iterator in given) return throwInput(given)
    const prototype = Object.getPrototypeOf(given)
    // An instance of a class is refused, since its columns may be on a prototype. Cast: each column is checked by its
    // field.
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return { ...given } as AnyColumns
  } catch (cause) {
    if (cause instanceof CodecError) throw cause
    return throwValue("rows", undefined, "columns that can be read", undefined, cause)
  }
  return throwInput(given)
}

const throwInput = (given: unknown): never => {
  const hint = isObject(given) && Symbol.iterator in given ? " ([...rows] of an iterable)" : ""
  return throwValue("rows", undefined, `an array of rows${hint}, or a plain object of columns`, kindOf(given))
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const kindOf = (value: unknown): string =>
  isObject(value) ? Object.prototype.toString.call(value).slice(8, -1) : value === undefined ? "nothing" : typeof value

/**
 * Writes all rows.
 *
 * @param draft Builds the request of a batch.
 * @param acknowledged Runs with the timestamp of each batch that took effect.
 */
export const writeBatches = (
  kind: WriteKind,
  definition: AnyDefinition,
  input: RowsInput,
  draft: (columns: ReadonlyArray<ColumnInput>) => SizedMessage,
  acknowledged: (timestamp: bigint) => void,
  options: BatchOptions | undefined,
): Effect.Effect<WriteResult, WriteFailure, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* currentConnection(options)
    const method = kind === "Insert" ? "Insert" : "Upsert"
    const failUnsent = (error: CodecError) => writeFailure(error, true)
    const { rows, size, mode } = yield* Exit.mapError(
      tryEncode(() => {
        const rows = isRows(input) ? input.length : rowsOfColumns(definition, input)
        const size = batchSize(definition, input, rows, options?.batchBytes ?? defaultBatchBytes)
        return { rows, size, mode: modeOf(kind, definition, input) }
      }),
      failUnsent,
    )
    const batches: Array<Batch> = []
    for (let from = 0; from < rows; from += size) {
      const range: Range = [from, Math.min(from + size, rows)]
      const isOneOfMany = size < rows
      // Building a draft takes time. Other fibers run between two of them.
      if (from > 0) yield* Effect.yieldNow
      const drafts = tryEncode(() => splitBatches(definition, input, range, mode, draft, isOneOfMany))
      batches.push(...yield* Exit.mapError(drafts, failUnsent))
    }
    const done: Array<AckedBatch> = []
    const failures: Array<FailedBatch> = []
    const acknowledge = ({ range, columns }: Batch) => (bytes: Uint8Array): MutationResult => {
      const result = decodeMutationResult(bytes)
      const { code, errorCode } = result.status
      if (code === 0 && errorCode === 0) {
        checkResult(method, definition, result, range, columns)
        // Recorded here, not after the call has ended, because an interruption may come in between.
        done.push({ range, result })
        acknowledged(result.timestamp)
      }
      return result
    }
    const send = (batch: Batch): Effect.Effect<void> =>
      Effect.suspend(() => {
        // A failed batch stops those that have not begun.
        if (failures.length > 0) return Effect.void
        let isWritten = false
        const request: SizedMessage = {
          size: batch.size,
          write: (bytes, at) => {
            batch.write(bytes, at)
            isWritten = true
          },
        }
        return Effect.matchEffect(
          Connection.callEncoded(connection, method, request, acknowledge(batch), options),
          {
            onFailure: (error) =>
              Effect.sync(() => {
                // A `CodecError` while the request is written: it was not sent. Afterwards it is about the reply, and
                // the batch was sent.
                const isUnsent = error._tag === "CodecError" && !isWritten
                failures.push({ error, isOutdated: isUnsent || isRefused(error) })
              }),
            onSuccess: () => options?.onProgress?.({ written: countRows(done), rows }) ?? Effect.void,
          },
        )
      })
    const partialWrite = (cause: unknown): PartialWrite => {
      done.sort((a, b) => a.range[0] - b.range[0])
      const acknowledged = done.map(({ range }) => range)
      const ids = joinIds(done.map(({ result }) => result.ids))
      return new PartialWrite({ collection: definition.name, rows, written: countRows(done), acknowledged, ids, cause })
    }
    const [first] = batches
    const sendAll = first !== undefined && batches.length === 1
      ? send(first)
      : Effect.forEach(batches, send, { concurrency: options?.concurrency ?? 2, discard: true })
    yield* Effect.onInterrupt(sendAll, () =>
      options?.onInterrupt === undefined || done.length === 0
        ? Effect.void
        : options.onInterrupt(partialWrite(new Error("the write was interrupted"))))
    done.sort((a, b) =>
      a.range[0] - b.range[0]
    )
    const timestamp = done.reduce((latest, { result }) => result.timestamp > latest ? result.timestamp : latest, 0n)
    const [failure] = failures
    if (failure === undefined) {
      const cost = costOf(...done.map(({ result }) => result.status))
      return { count: countRows(done), ids: joinIds(done.map(({ result }) => result.ids)), timestamp, cost }
    }
    if (done.length === 0) {
      return yield* Effect.fail(writeFailure(failure.error, failures.every(({ isOutdated }) => isOutdated)))
    }
    return yield* Effect.fail(writeFailure(partialWrite(failure.error), false))
  })

/** Batch that is ready to be sent. */
interface Batch extends SizedMessage {
  readonly range: Range
  readonly columns: ReadonlyArray<ColumnInput>
}

/** Batch that the server acknowledged. */
interface AckedBatch {
  readonly range: Range
  readonly result: MutationResult
}

/** Batch that failed. `isOutdated` is whether it was not applied because the definition does not fit. */
interface FailedBatch {
  readonly error: CallError | CodecError
  readonly isOutdated: boolean
}

const countRows = (done: ReadonlyArray<AckedBatch>): number =>
  done.reduce((sum, { range: [from, to] }) => sum + to - from, 0)

/**
 * Whether the server refused a batch for a reason other than time or resources. Older servers have no separate code for
 * an outdated schema.
 */
const isRefused = (error: CallError | CodecError): boolean => error._tag === "ServerError" && !error.isRetryable

type Range = readonly [from: number, to: number]

/** Returns which fields are written. The values of an automatic key: either of every row or of none. */
export const modeOf = (kind: WriteKind, definition: AnyDefinition, input: RowsInput): WriteMode => {
  const { fields, options } = definition
  if (kind === "Upsert") return { withKey: true, replaces: true }
  if (kind === "PartialUpsert") {
    // A row that is not an object is refused later, with its number.
    const first = isRows(input) ? Object(input[0]) : input
    return { withKey: true, replaces: true, only: givenNames(definition, first) }
  }
  const key = Object.keys(fields).find((name) => fields[name]?.options.autoId === true)
  if (key === undefined || options.allowInsertAutoId !== true) return { withKey: false }
  return {
    withKey: isRows(input) ? input.some((row) => hasValue(row, key)) : own(input, key) !== undefined,
  }
}

/** Whether a row has a value. Input that is not a row, or cannot be read, is refused later, when it is encoded. */
const hasValue = (row: AnyRow, name: string): boolean => {
  try {
    return (name in Object.prototype ? own(row, name) : row[name]) !== undefined
  } catch {
    return false
  }
}

/** Checks that a reply acknowledges every row. Throws `CodecError`. */
const checkResult = (
  method: "Insert" | "Upsert",
  { fields }: AnyDefinition,
  { ids, failed, insertCount, upsertCount }: MutationResult,
  [from, to]: Range,
  columns: ReadonlyArray<ColumnInput>,
): void => {
  const rows = to - from
  const count = method === "Insert" ? insertCount : upsertCount
  if (failed.length === 0 && count === rows && ids.length === rows) return
  // If rows of one request have the same key, a server may keep only the last of them.
  const key = columns.find(({ fieldName }) => own(fields, fieldName)?.options.primaryKey === true)
  const keys: Iterable<unknown> = key !== undefined && "values" in key ? key.values as Iterable<unknown> : []
  const distinct = method === "Upsert" ? new Set(Array.from(keys, String)).size : rows
  if (failed.length === 0 && count === distinct && ids.length === distinct) return
  const got = `${count} with ${ids.length} keys, and ${failed.length} failed`
  throwReply("MutationResult", undefined, `${rows} rows acknowledged`, got)
}

/** Returns the batch of a range of rows; several batches if its request turns out to be too large. */
const splitBatches = (
  definition: AnyDefinition,
  input: RowsInput,
  range: Range,
  mode: WriteMode,
  draft: (columns: ReadonlyArray<ColumnInput>) => SizedMessage,
  isOneOfMany: boolean,
): ReadonlyArray<Batch> => {
  const [from, to] = range
  const batch = withWholeRow(from, (): Batch => {
    const part = from === 0 && !isOneOfMany ? input : sliceInput(definition, input, from, to)
    const columns = isRows(part) ? rowsToColumns(definition, part, mode) : normalizeColumns(definition, part, mode)
    const { size, write } = withReadErrors(columns, () => draft(columns))
    // A single batch is checked while it is encoded, before it is sent.
    if (isOneOfMany) withReadErrors(columns, () => checkVectorRows(columns))
    return {
      range,
      columns,
      size,
      write: (bytes, at) => withWholeRow(from, () => withReadErrors(columns, () => write(bytes, at))),
    }
  })
  if (batch.size <= maxBytes || to - from === 1) return [batch]
  const middle = from + Math.ceil((to - from) / 2)
  const half = (part: Range) => splitBatches(definition, input, part, mode, draft, true)
  return [...half([from, middle]), ...half([middle, to])]
}

/** Counts the row of a thrown `CodecError` from the first row of the whole write instead of that of the batch. */
const withWholeRow = <A>(from: number, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const { kind, field, row, expected, actual, cause } = error
    throw new CodecError({ kind, field, row: row === undefined ? row : row + from, expected, actual, cause })
  }
}

/** Returns a part of rows or columns. Typed arrays are not copied. */
const sliceInput = (definition: AnyDefinition, input: RowsInput, from: number, to: number): RowsInput =>
  isRows(input) ? input.slice(from, to) : Object.fromEntries(
    Object.entries(input).map(([name, values]) => {
      if (values === undefined) return [name, undefined]
      if (Array.isArray(values)) return [name, values.slice(from, to)]
      const field = own(definition.fields, name)
      const width = field === undefined ? 1 : packedWidth(field)
      // Cast: packed columns are typed arrays.
      return [name, (values as Float32Array).subarray(from * width, to * width)]
    }),
  )

/** Returns the keys of several batches as one list. */
export const joinIds = (all: ReadonlyArray<Ids>): Ids => {
  const [first, ...others] = all
  if (first === undefined) return new BigInt64Array(0)
  if (others.length === 0) return first
  if (!(first instanceof BigInt64Array)) return all.flatMap((ids) => [...ids].map(String))
  const ids = new BigInt64Array(all.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of all) {
    if (part instanceof BigInt64Array) ids.set(part, at)
    at += part.length
  }
  return ids
}
