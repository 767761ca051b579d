/**
 * Rows out, in batches that the server takes.
 *
 * A batch is written when it is sent, so that no more than those under way are in memory. After a failure no other batch
 * begins, those under way end, and what was acknowledged is told.
 */
import * as Effect from "effect/Effect"
import { CodecError as BadValue, decodeMutationResult, type Ids, type MutationResult } from "../codec/mod.ts"
import * as Connection from "../Connection.ts"
import { type CallError, type CodecError, PartialWrite } from "../errors.ts"
import {
  type AnyColumns,
  type AnyRow,
  columnsOfColumns,
  columnsOfRows,
  packedWidth,
  rowsOfColumns,
  type WriteMode,
} from "../schema/columns.ts"
import type { AnyDefinition } from "../schema/decode.ts"
import type { ColumnInput, Draft } from "../codec/mod.ts"

/** Rows, or columns. */
export type Input = ReadonlyArray<AnyRow> | AnyColumns

/** How far a write is. */
export interface WriteProgress {
  /** Rows that are acknowledged. */
  readonly written: number
  /** Rows that are to be written. */
  readonly rows: number
}

/** What can be set for a write. */
export interface BatchOptions extends Connection.CallOptions {
  /** About how many bytes a request has at most. Default 8 MiB. Milvus takes 64 MiB. */
  readonly batchBytes?: number | undefined
  /** How many requests are under way at once. Default 2. */
  readonly concurrency?: number | undefined
  /** Is told after each acknowledged batch. */
  readonly onProgress?: ((progress: WriteProgress) => Effect.Effect<void>) | undefined
}

/** What a write did. */
export interface Written {
  /** How many rows. */
  readonly count: number
  /** Their primary keys, in their order. */
  readonly ids: Ids
  /** When the last of it took effect, as a Milvus timestamp. */
  readonly timestamp: bigint
}

/** Why a write failed. */
export class WriteFailure {
  /** As the caller is told. */
  readonly error: CallError | CodecError | PartialWrite
  /** Whether nothing was written because the definition does not fit, so that a newer one may do better. */
  readonly isOutdated: boolean

  constructor(error: WriteFailure["error"], isOutdated: boolean) {
    this.error = error
    this.isOutdated = isOutdated
  }
}

const defaultBatchBytes = 8 * 2 ** 20

/** What Milvus takes is 64 MiB; a batch that its estimate was wrong about is divided. */
const mostBytes = 60 * 2 ** 20

/** Writes all rows. `draft` makes the request of a batch. */
export const write = (
  method: "Insert" | "Upsert",
  definition: AnyDefinition,
  input: Input,
  mode: WriteMode,
  draft: (columns: ReadonlyArray<ColumnInput>) => Draft,
  options: BatchOptions | undefined,
): Effect.Effect<Written, WriteFailure, Connection.Connection> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const rows = isRows(input) ? input.length : rowsOfColumns(definition, input)
    const size = batchSize(definition, input, rows, options?.batchBytes ?? defaultBatchBytes)
    const ranges = Array.from({ length: Math.ceil(rows / size) }, (_, at) => range(at * size, rows, size))
    const done: Array<Acknowledged> = []
    const failures: Array<Failed> = []
    let written = 0
    const send = ([from, to]: Range): Effect.Effect<void> =>
      Effect.suspend(() => {
        // One that failed stops those that have not begun.
        if (failures.length > 0) return Effect.void
        return Effect.matchEffect(draftOf(definition, input, [from, to], mode, draft), {
          onFailure: (error) => Effect.sync(() => void failures.push({ error, isOutdated: true })),
          onSuccess: ({ size, write }) => {
            if (size > mostBytes && to - from > 1) {
              const middle = from + Math.ceil((to - from) / 2)
              return Effect.andThen(send([from, middle]), send([middle, to]))
            }
            let isWritten = false
            const request: Draft = {
              size,
              write: (bytes, at) => {
                write(bytes, at)
                isWritten = true
              },
            }
            return Effect.matchEffect(
              Connection.exchange(connection, method, request, decodeMutationResult, options),
              {
                onFailure: (error) =>
                  Effect.sync(() => {
                    // What cannot be written is not sent; what cannot be read is an answer, and was.
                    const isUnsent = error._tag === "CodecError" && !isWritten
                    failures.push({ error, isOutdated: isUnsent || isSchemaMismatch(error) })
                  }),
                onSuccess: (result) => {
                  done.push({ range: [from, to], result })
                  written += to - from
                  return options?.onProgress?.({ written, rows }) ?? Effect.void
                },
              },
            )
          },
        })
      })
    yield* Effect.forEach(ranges, send, { concurrency: options?.concurrency ?? 2, discard: true })
    done.sort((a, b) => a.range[0] - b.range[0])
    const ids = joined(done.map(({ result }) => result.ids))
    const [failure] = failures
    if (failure === undefined) {
      const timestamp = done.reduce((latest, { result }) => result.timestamp > latest ? result.timestamp : latest, 0n)
      return { count: written, ids, timestamp }
    }
    if (written === 0) {
      return yield* Effect.fail(new WriteFailure(failure.error, failures.every(({ isOutdated }) => isOutdated)))
    }
    const acknowledged = done.map(({ range }) => range)
    const { error: cause } = failure
    const error = new PartialWrite({ collection: definition.name, rows, written, acknowledged, ids, cause })
    return yield* Effect.fail(new WriteFailure(error, false))
  })

/** A batch that the server has. */
interface Acknowledged {
  readonly range: Range
  readonly result: MutationResult
}

/** A batch that failed, and whether it was not applied because the definition does not fit. */
interface Failed {
  readonly error: CallError | CodecError
  readonly isOutdated: boolean
}

const isSchemaMismatch = (error: CallError | CodecError): boolean =>
  error._tag === "ServerError" && error.refusal === "SchemaMismatch"

type Range = readonly [from: number, to: number]

const range = (from: number, rows: number, size: number): Range => [from, Math.min(from + size, rows)]

const isRows = (input: Input): input is ReadonlyArray<AnyRow> => Array.isArray(input)

const draftOf = (
  definition: AnyDefinition,
  input: Input,
  [from, to]: Range,
  mode: WriteMode,
  draft: (columns: ReadonlyArray<ColumnInput>) => Draft,
): Effect.Effect<Draft, CodecError> =>
  Effect.suspend(() => {
    try {
      return inWhole(from, () => {
        const columns = isRows(input)
          ? columnsOfRows(definition, from === 0 && to === input.length ? input : input.slice(from, to), mode)
          : columnsOfColumns(definition, slice(definition, input, from, to), mode)
        const { size, write } = draft(columns)
        return Effect.succeed({ size, write: (bytes, at) => inWhole(from, () => write(bytes, at)) })
      })
    } catch (error) {
      if (!(error instanceof BadValue)) throw error
      return Effect.fail(error)
    }
  })

/** An error names the row of the whole, and not that of the batch. */
const inWhole = <A>(from: number, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof BadValue)) throw error
    const { field, row, expected, cause } = error
    throw new BadValue({ field, row: row === undefined ? row : row + from, expected, cause })
  }
}

/** A part of columns, without a copy of packed ones. */
const slice = (definition: AnyDefinition, columns: AnyColumns, from: number, to: number): AnyColumns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, values]) => {
      if (values === undefined) return [name, undefined]
      if (Array.isArray(values)) return [name, values.slice(from, to)]
      const field = definition.fields[name]
      const width = field === undefined ? 1 : packedWidth(field)
      // Cast: what is packed is a typed array.
      return [name, (values as Float32Array).subarray(from * width, to * width)]
    }),
  )

/** How many rows fit a batch, by their width: exact for what has one, and by a sample for texts and the like. */
const batchSize = (definition: AnyDefinition, input: Input, rows: number, bytes: number): number => {
  if (rows === 0) return 1
  const width = Object.entries(definition.fields).reduce((sum, [name, { type, options }]) => {
    const dimension = options.dimension ?? 0
    return sum + (fixedWidth(type, dimension) ?? sampledWidth(input, name))
  }, 0)
  return Math.max(1, Math.floor(bytes / Math.max(1, width)))
}

const fixedWidth = (type: string, dimension: number): number | undefined => {
  switch (type) {
    case "FloatVector":
      return dimension * 4
    case "Float16Vector":
    case "BFloat16Vector":
      return dimension * 2
    case "Int8Vector":
      return dimension
    case "BinaryVector":
      return dimension / 8
    case "VarChar":
    case "Text":
    case "JSON":
    case "Geometry":
    case "Array":
    case "ArrayOfStruct":
    case "SparseFloatVector":
      return undefined
    default:
      return 8
  }
}

const sampleSize = 32

/** About how many bytes a value has, somewhat too many rather than too few. */
const sampledWidth = (input: Input, name: string): number => {
  const values = isRows(input)
    ? sampled(input).map((row) => row[name])
    : Array.isArray(input[name])
    ? sampled<unknown>(input[name])
    : []
  const size = (value: unknown): number => {
    if (typeof value === "string") return value.length * 3
    if (ArrayBuffer.isView(value)) return value.byteLength
    if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + size(each), 8)
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).reduce((sum, [key, each]) => sum + key.length + 4 + size(each), 8)
    }
    return 8
  }
  return values.reduce((sum: number, value) => sum + size(value), 0) / Math.max(1, values.length)
}

/** From all over, as texts tend to be of a kind with those beside them. */
const sampled = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => {
  const stride = Math.max(1, Math.floor(values.length / sampleSize))
  return Array.from({ length: Math.ceil(values.length / stride) }, (_, at) => values[at * stride]!)
}

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
