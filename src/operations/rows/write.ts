/**
 * Rows out, in batches that the server takes.
 *
 * All rows are looked at before the first batch is sent: what does not fit its field is refused by field and row, and
 * nothing is written. The bytes of a batch are made when it is sent, so that no more than those under way are in
 * memory. After a failure no other batch begins, those under way end, and the error has what was acknowledged.
 */
import * as Effect from "effect/Effect"
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
  normalizeColumns,
  packedWidth,
  rowsOfColumns,
  rowsToColumns,
  type WriteMode,
} from "../../schema/columns.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { own } from "../../schema/own.ts"
import { batchSize, isRows, type RowsInput } from "./batchSize.ts"
import { tryEncode } from "./read.ts"
import { reading } from "./reading.ts"

/** How far a write is. */
export interface WriteProgress {
  /** Rows that are acknowledged. */
  readonly written: number
  /** Rows that are to be written. */
  readonly rows: number
}

/** What can be set for a write. */
export interface BatchOptions extends Connection.CallOptions {
  /** About how many bytes a request has at most, a whole number from 1. Default 8 MiB. Milvus takes 64 MiB. */
  readonly batchBytes?: number | undefined
  /** How many requests are under way at once, a whole number from 1. Default 2. */
  readonly concurrency?: number | undefined
  /** Is told after each acknowledged batch. */
  readonly onProgress?: ((progress: WriteProgress) => Effect.Effect<void>) | undefined
  /**
   * Is given what was acknowledged if the write is interrupted after that: an interrupted effect has no error that
   * could carry it. It is not called if nothing was acknowledged.
   */
  readonly onInterrupt?: ((written: PartialWrite) => Effect.Effect<void>) | undefined
}

/** What a write did. */
export interface WriteResult {
  /** How many rows. */
  readonly count: number
  /** Their primary keys, in their order. */
  readonly ids: Ids
  /** When the last of it took effect, as a Milvus timestamp. */
  readonly timestamp: bigint
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

/** What Milvus takes is 64 MiB; a batch that its estimate was wrong about is divided. */
const mostBytes = 60 * 2 ** 20

/**
 * What a caller gave, as rows or columns. Throws `CodecError` for what is neither: an iterable among others, since only
 * an array has the same rows for a request that is made again.
 */
export const inputOf = (given: unknown): RowsInput => {
  if (Array.isArray(given)) return given
  if (!isObject(given) || ArrayBuffer.isView(given)) return refuseInput(given)
  try {
    if (Symbol.iterator in given) return refuseInput(given)
    const prototype = Object.getPrototypeOf(given)
    // Columns of an instance of a class may be where they are not seen. Cast: each column is looked at by field.
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return { ...given } as AnyColumns
  } catch (cause) {
    if (cause instanceof CodecError) throw cause
    return throwValue("rows", undefined, "columns that can be read", undefined, cause)
  }
  return refuseInput(given)
}

const refuseInput = (given: unknown): never => {
  const hint = isObject(given) && Symbol.iterator in given ? " ([...rows] of an iterable)" : ""
  return throwValue("rows", undefined, `an array of rows${hint}, or a plain object of columns`, kindOf(given))
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

const kindOf = (value: unknown): string =>
  isObject(value) ? Object.prototype.toString.call(value).slice(8, -1) : value === undefined ? "nothing" : typeof value

/** Writes all rows. `draft` makes the request of a batch; `acknowledged` is told when one took effect. */
export const writeBatches = (
  method: "Insert" | "Upsert",
  definition: AnyDefinition,
  input: RowsInput,
  draft: (columns: ReadonlyArray<ColumnInput>) => SizedMessage,
  acknowledged: (timestamp: bigint) => void,
  options: BatchOptions | undefined,
): Effect.Effect<WriteResult, WriteFailure, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const failUnsent = (error: CodecError) => writeFailure(error, true)
    const { rows, size, mode } = yield* Effect.mapError(
      tryEncode(() => {
        const rows = isRows(input) ? input.length : rowsOfColumns(definition, input)
        const size = batchSize(definition, input, rows, options?.batchBytes ?? defaultBatchBytes)
        return { rows, size, mode: modeOf(method, definition, input) }
      }),
      failUnsent,
    )
    const batches: Array<Batch> = []
    for (let from = 0; from < rows; from += size) {
      const range: Range = [from, Math.min(from + size, rows)]
      const isOneOfMany = size < rows
      // A draft takes its time: others get their turn between two of them.
      if (from > 0) yield* Effect.yieldNow
      const drafts = tryEncode(() => batchesOf(definition, input, range, mode, draft, isOneOfMany))
      batches.push(...yield* Effect.mapError(drafts, failUnsent))
    }
    const done: Array<AckedBatch> = []
    const failures: Array<FailedBatch> = []
    const acknowledge = ({ range, columns }: Batch) => (bytes: Uint8Array): MutationResult => {
      const result = decodeMutationResult(bytes)
      const { code, errorCode } = result.status
      if (code === 0 && errorCode === 0) {
        checkResult(method, definition, result, range, columns)
        // Here, and not where the call has ended: an interruption may come between the two.
        done.push({ range, result })
        acknowledged(result.timestamp)
      }
      return result
    }
    const send = (batch: Batch): Effect.Effect<void> =>
      Effect.suspend(() => {
        // One that failed stops those that have not begun.
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
                // What cannot be written is not sent; what cannot be read is an answer, and was.
                const isUnsent = error._tag === "CodecError" && !isWritten
                failures.push({ error, isOutdated: isUnsent || isRefused(error) })
              }),
            onSuccess: () => options?.onProgress?.({ written: writtenOf(done), rows }) ?? Effect.void,
          },
        )
      })
    const partial = (cause: unknown): PartialWrite => {
      done.sort((a, b) => a.range[0] - b.range[0])
      const acknowledged = done.map(({ range }) => range)
      const ids = joined(done.map(({ result }) => result.ids))
      return new PartialWrite({ collection: definition.name, rows, written: writtenOf(done), acknowledged, ids, cause })
    }
    const sendAll = Effect.forEach(batches, send, { concurrency: options?.concurrency ?? 2, discard: true })
    yield* Effect.onInterrupt(sendAll, () =>
      options?.onInterrupt === undefined || done.length === 0
        ? Effect.void
        : options.onInterrupt(partial(new Error("the write was interrupted"))))
    done.sort((a, b) =>
      a.range[0] - b.range[0]
    )
    const timestamp = done.reduce((latest, { result }) => result.timestamp > latest ? result.timestamp : latest, 0n)
    const [failure] = failures
    if (failure === undefined) {
      return { count: writtenOf(done), ids: joined(done.map(({ result }) => result.ids)), timestamp }
    }
    if (done.length === 0) {
      return yield* Effect.fail(writeFailure(failure.error, failures.every(({ isOutdated }) => isOutdated)))
    }
    return yield* Effect.fail(writeFailure(partial(failure.error), false))
  })

/** A batch that is ready to be sent. */
interface Batch extends SizedMessage {
  readonly range: Range
  readonly columns: ReadonlyArray<ColumnInput>
}

/** A batch that the server has. */
interface AckedBatch {
  readonly range: Range
  readonly result: MutationResult
}

/** A batch that failed, and whether it was not applied because the definition does not fit. */
interface FailedBatch {
  readonly error: CallError | CodecError
  readonly isOutdated: boolean
}

const writtenOf = (done: ReadonlyArray<AckedBatch>): number =>
  done.reduce((sum, { range: [from, to] }) => sum + to - from, 0)

/**
 * The server answered, and not for want of time or room: older ones have no word of their own for an outdated schema.
 */
const isRefused = (error: CallError | CodecError): boolean => error._tag === "ServerError" && !error.isRetryable

type Range = readonly [from: number, to: number]

/** Whether the values of an automatic key are written: they may be given, by every row or by none. */
const modeOf = (method: "Insert" | "Upsert", { fields, options }: AnyDefinition, input: RowsInput): WriteMode => {
  if (method === "Upsert") return { withKey: true, replaces: true }
  const key = Object.keys(fields).find((name) => fields[name]?.options.autoId === true)
  if (key === undefined || options.allowInsertAutoId !== true) return { withKey: false }
  return {
    withKey: isRows(input) ? input.some((row) => gives(row, key)) : own(input, key) !== undefined,
  }
}

/** Whether a row has a value; what is not a row, or cannot be read, is refused where it is written. */
const gives = (row: AnyRow, name: string): boolean => {
  try {
    return (name in Object.prototype ? own(row, name) : row[name]) !== undefined
  } catch {
    return false
  }
}

/** Refuses a reply that does not acknowledge each row. */
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
  // Of rows with the same key in one request, a server may keep the last.
  const key = columns.find(({ fieldName }) => own(fields, fieldName)?.options.primaryKey === true)
  const keys: Iterable<unknown> = key !== undefined && "values" in key ? key.values as Iterable<unknown> : []
  const distinct = method === "Upsert" ? new Set(Array.from(keys, String)).size : rows
  if (failed.length === 0 && count === distinct && ids.length === distinct) return
  const got = `${count} with ${ids.length} keys, and ${failed.length} failed`
  throwReply("MutationResult", undefined, `${rows} rows acknowledged`, got)
}

/** The request of a range, in parts if it turns out too large. */
const batchesOf = (
  definition: AnyDefinition,
  input: RowsInput,
  range: Range,
  mode: WriteMode,
  draft: (columns: ReadonlyArray<ColumnInput>) => SizedMessage,
  isOneOfMany: boolean,
): ReadonlyArray<Batch> => {
  const [from, to] = range
  const batch = inWhole(from, (): Batch => {
    const part = from === 0 && !isOneOfMany ? input : slice(definition, input, from, to)
    const columns = isRows(part) ? rowsToColumns(definition, part, mode) : normalizeColumns(definition, part, mode)
    const { size, write } = reading(columns, () => draft(columns))
    // A batch that goes alone is looked at while it is written, before it is sent.
    if (isOneOfMany) reading(columns, () => checkVectorRows(columns))
    return {
      range,
      columns,
      size,
      write: (bytes, at) => inWhole(from, () => reading(columns, () => write(bytes, at))),
    }
  })
  if (batch.size <= mostBytes || to - from === 1) return [batch]
  const middle = from + Math.ceil((to - from) / 2)
  const half = (part: Range) => batchesOf(definition, input, part, mode, draft, true)
  return [...half([from, middle]), ...half([middle, to])]
}

/** An error names the row of the whole, and not that of the batch. */
const inWhole = <A>(from: number, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const { kind, field, row, expected, actual, cause } = error
    throw new CodecError({ kind, field, row: row === undefined ? row : row + from, expected, actual, cause })
  }
}

/** A part of rows or columns, without a copy of packed ones. */
const slice = (definition: AnyDefinition, input: RowsInput, from: number, to: number): RowsInput =>
  isRows(input) ? input.slice(from, to) : Object.fromEntries(
    Object.entries(input).map(([name, values]) => {
      if (values === undefined) return [name, undefined]
      if (Array.isArray(values)) return [name, values.slice(from, to)]
      const field = own(definition.fields, name)
      const width = field === undefined ? 1 : packedWidth(field)
      // Cast: what is packed is a typed array.
      return [name, (values as Float32Array).subarray(from * width, to * width)]
    }),
  )

const joined = (all: ReadonlyArray<Ids>): Ids => {
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
