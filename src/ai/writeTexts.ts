/**
 * Writes rows whose vectors are made from their texts: embeds some rows at a time, and writes them as soon as they have
 * vectors, so that a failure of the model does not lose what was embedded before.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as EmbeddingModel from "effect/ai/EmbeddingModel"
import { describeValue, throwValue } from "../codec/errors.ts"
import { type ColumnInput, draftInsert } from "../codec/mod.ts"
import type * as Connection from "../Connection.ts"
import { CodecError, PartialWrite } from "../errors.ts"
import { totalCost } from "../operations/rows/cost.ts"
import { accepted, type DataError, tryEncode } from "../operations/rows/read.ts"
import { withReadErrors } from "../operations/rows/readErrors.ts"
import { writeOptionNames, type WriteOptions } from "../operations/rows/runWrite.ts"
import { joinIds, modeOf, type WriteResult } from "../operations/rows/write.ts"
import { checkCount, checkOptions } from "../operations/shared/options.ts"
import * as Vectors from "../operations/Vectors.ts"
import { type AnyRow, rowsToColumns } from "../schema/columns.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { embedTexts } from "./embed.ts"
import { EmbeddingError } from "./errors.ts"
import { type Source, textsOf, withVectors } from "./sources.ts"

/** Options for `insert` and `upsert` of texts. */
export interface TextWriteOptions extends WriteOptions {
  /**
   * Number of rows that are embedded in one request of the model, and then written.
   *
   * @default 96
   */
  readonly batchRows?: number | undefined
}

const textWriteNames: ReadonlySet<string> = new Set(["batchRows", ...writeOptionNames])

/** Errors that a write of texts fails with. */
export type TextWriteError = DataError | EmbeddingError | PartialWrite

/** The collection of a write, and the model that embeds its texts. */
export interface Target {
  readonly definition: AnyDefinition
  readonly model: EmbeddingModel.EmbeddingModel
  readonly dimension: number
  readonly sources: ReadonlyArray<Source>
}

/** Rows of the write, from the first to the one before the last. */
type Range = readonly [from: number, to: number]

interface Written {
  readonly range: Range
  readonly ids: WriteResult["ids"]
  readonly result?: WriteResult
}

/** Runs a write. `given` is checked at run time. */
export const writeTexts = (
  kind: "Insert" | "Upsert",
  target: Target,
  given: unknown,
  options: TextWriteOptions | undefined,
): Effect.Effect<WriteResult, TextWriteError, Connection.Connection> =>
  Effect.gen(function* () {
    yield* tryEncode(() => accepted(checkOptions(options, textWriteNames)))
    const { batchRows = 96, onProgress, onInterrupt, ...rest } = options ?? {}
    const { rows, texts } = yield* tryEncode(() => checkRows(kind, target, given, batchRows))
    const { definition, sources, model, dimension } = target
    const write = kind === "Insert" ? Vectors.insert : Vectors.upsert
    // Sends nothing: the other options are checked before the model is called.
    const nothing = yield* write(definition, [], rest)
    if (rows.length === 0) return nothing
    const done: Array<Written> = []
    const failures: Array<DataError | EmbeddingError> = []
    const countDone = () => done.reduce((sum, { range: [from, to] }) => sum + to - from, 0)
    /** Adds the rows that were acknowledged before a batch failed or was interrupted. */
    const addPart = (from: number, { acknowledged, ids }: PartialWrite): void => {
      let at = 0
      for (const [start, end] of acknowledged) {
        done.push({ range: [from + start, from + end], ids: ids.slice(at, at += end - start) })
      }
    }
    const writeBatch = (range: Range): Effect.Effect<void, DataError | EmbeddingError, Connection.Connection> =>
      Effect.gen(function* () {
        const [from, to] = range
        const ofBatch = texts.map((all) => all.slice(from, to))
        const vectors = yield* embedTexts(model, dimension, ofBatch.flat().filter((text) => text !== undefined)).pipe(
          Effect.mapError((cause) => new EmbeddingError({ collection: definition.name, rows: range, cause })),
        )
        const batch = withVectors(rows.slice(from, to), sources, (source, row) => {
          const text = ofBatch[source]?.[row]
          return text === undefined ? null : vectors.get(text) ?? null
        })
        yield* write(definition, batch, {
          ...rest,
          onInterrupt: (part) => Effect.sync(() => addPart(from, part)),
        }).pipe(
          // Not after the write, since an interruption may come in between.
          Effect.onExit((exit) =>
            Effect.sync(() => Exit.isSuccess(exit) && done.push({ range, ids: exit.value.ids, result: exit.value }))
          ),
          Effect.catchTag("PartialWrite", (part) => {
            addPart(from, part)
            // Cast: the cause of a partial write is the error of one of its batches.
            return Effect.fail(part.cause as DataError)
          }),
        )
        if (onProgress !== undefined) yield* onProgress({ written: countDone(), rows: rows.length })
      })
    const partialWrite = (cause: unknown): PartialWrite => {
      done.sort((a, b) => a.range[0] - b.range[0])
      return new PartialWrite({
        collection: definition.name,
        rows: rows.length,
        written: countDone(),
        acknowledged: done.map(({ range }) => range),
        ids: joinIds(done.map(({ ids }) => ids)),
        cause,
      })
    }
    const batches = Array.from({ length: Math.ceil(rows.length / batchRows) }, (_, at): Range => {
      const from = at * batchRows
      return [from, Math.min(from + batchRows, rows.length)]
    })
    // A failed batch stops those that have not begun, and no others.
    const attempt = (range: Range) =>
      Effect.suspend(() => failures.length > 0 ? Effect.void : writeBatch(range)).pipe(
        Effect.catch((error) => Effect.sync(() => void failures.push(withRow(range[0], error)))),
      )
    yield* Effect.forEach(batches, attempt, { concurrency: options?.concurrency ?? 2, discard: true }).pipe(
      Effect.onInterrupt(() =>
        onInterrupt === undefined || done.length === 0
          ? Effect.void
          : onInterrupt(partialWrite(new Error("the write was interrupted")))
      ),
    )
    const [failure] = failures
    if (failure !== undefined) return yield* Effect.fail(done.length === 0 ? failure : partialWrite(failure))
    done.sort((a, b) => a.range[0] - b.range[0])
    const results = done.flatMap(({ result }) => result === undefined ? [] : [result])
    return {
      count: countDone(),
      ids: joinIds(done.map(({ ids }) => ids)),
      timestamp: results.reduce((latest, { timestamp }) => timestamp > latest ? timestamp : latest, 0n),
      cost: totalCost(results.map(({ cost }) => cost)),
    }
  })

/**
 * Checks all rows as a write of them does, with zeros in place of the vectors, and returns the texts of each source.
 * Throws `CodecError`.
 */
const checkRows = (
  kind: "Insert" | "Upsert",
  { definition, dimension, sources }: Target,
  given: unknown,
  batchRows: number,
): { readonly rows: ReadonlyArray<AnyRow>; readonly texts: ReadonlyArray<ReadonlyArray<string | undefined>> } => {
  accepted(checkCount("batchRows", batchRows))
  if (!Array.isArray(given)) return throwValue("rows", undefined, "an array of rows", describeValue(given))
  const rows: ReadonlyArray<AnyRow> = given
  const texts = sources.map((source) => textsOf(rows, source))
  const zeros = new Float32Array(dimension)
  const complete = withVectors(rows, sources, (source, row) => texts[source]?.[row] === undefined ? null : zeros)
  const columns: ReadonlyArray<ColumnInput> = rowsToColumns(definition, complete, modeOf(kind, definition, complete))
  withReadErrors(columns, () => draftInsert({ collectionName: definition.name, columns }))
  // Copies: a row may be changed by the time that it is written, when its vector would no longer be that of its text.
  return { rows: complete, texts }
}

/** Counts the row of an error from the first row of the write instead of that of the batch. */
const withRow = <E extends { readonly _tag: string }>(from: number, error: E | CodecError): E | CodecError => {
  if (!(error instanceof CodecError) || error.row === undefined) return error
  const { kind, field, row, expected, actual, cause } = error
  return new CodecError({ kind, field, row: row + from, expected, actual, cause })
}
