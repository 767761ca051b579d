/**
 * Writes the rows of a source into a collection, batch by batch. Each batch is read after the one before is
 * acknowledged, so that memory does not grow with the source, and a failure reports exactly what was written.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { CodecError, PartialWrite, RpcError } from "../errors.ts"
import type * as Vectors from "../operations/Vectors.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { explain } from "./errorText.ts"
import { CommandError } from "./errors.ts"
import type { ParsedRow } from "./input/parser.ts"
import { formatOf, type InputFormat, rowsOf, type Source, tryParse } from "./input/source.ts"
import { toRow } from "./input/values.ts"
import { progressBar } from "./progress.ts"
import { clearLine, note, Terminal } from "./screen.ts"

/** Options for {@linkcode writeRows}. */
export interface ImportOptions {
  /** Source of the rows. */
  readonly source: Source
  /** Format of the source. Defaults to the one of its file name, else NDJSON. */
  readonly format: InputFormat | undefined
  /** Definition of the collection. */
  readonly definition: AnyDefinition
  /** Partition to write to. */
  readonly partition: string | undefined
  /** Namespace to write to. */
  readonly namespace: string | undefined
  /** Whether rows with the same keys are replaced. */
  readonly isUpsert: boolean
  /** Fields to leave out. */
  readonly without: ReadonlySet<string>
  /** Number of rows to skip, for example because they are written already. */
  readonly skip: number
  /** Number of rows in one request. */
  readonly batchSize: number
}

/** Writes all rows. Returns their number. */
export const writeRows = (
  { source, definition, skip, batchSize, without, ...options }: ImportOptions,
  operations: Pick<typeof Vectors, "insert" | "upsert">,
): Effect.Effect<number, CommandError, Connection.Connection | Terminal> =>
  Effect.scoped(Effect.gen(function* () {
    const format = options.format ?? formatOf(source.name) ?? "ndjson"
    const write = options.isUpsert ? operations.upsert : operations.insert
    const label = `${options.isUpsert ? "upserting" : "inserting"} into ${definition.name}`
    const show = yield* progressOf(label, source.bytes)
    let written = 0
    let bytes = 0
    let sending: ReadonlyArray<ParsedRow> = []
    const parsed = rowsOf(source, format, (read) => Effect.sync(() => bytes = read)).pipe(
      Stream.drop(skip),
      Stream.mapError((error) => withRowCount(source, error, skip, written)),
      Stream.grouped(batchSize),
    )
    const writing = Stream.runForEach(parsed, (batch) =>
      Effect.gen(function* () {
        const rows = yield* Effect.mapError(
          tryParse(source.name, () => batch.map((row) => toRow(definition, row, format === "csv", without))),
          (error) => withRowCount(source, error, skip, written),
        )
        // One request at a time: the rows that are written are always the first ones of the source.
        sending = batch
        yield* write(definition, rows, {
          partition: options.partition,
          namespace: options.namespace,
          concurrency: 1,
        }).pipe(
          Effect.mapError((error) => failureOf(source, batch, skip, written, error)),
        )
        written += batch.length
        sending = []
        yield* show(written, bytes)
      }))
    yield* Effect.onInterrupt(writing, () => noteInterruption(sending, skip, written))
    return written
  }))

const progressOf = (
  label: string,
  total: number | undefined,
): Effect.Effect<(rows: number, bytes: number) => Effect.Effect<void>, never, Terminal | Scope.Scope> =>
  Effect.map(progressBar, (report) => {
    const start = performance.now()
    return (rows, bytes) => {
      const rate = Math.round(rows / Math.max(0.001, (performance.now() - start) / 1000))
      const part = total === undefined || total === 0 ? undefined : bytes / total
      return report({ label, part, about: `${rows.toLocaleString("en")} rows, ${rate.toLocaleString("en")}/s` })
    }
  })

/** Adds to an error how many rows were written, and how to continue. */
const withRowCount = (
  { isArgument = false }: Source,
  { reason, hint, cause }: CommandError,
  skip: number,
  written: number,
): CommandError => {
  if (written > 0) {
    return new CommandError({
      reason: `${reason}; ${written.toLocaleString("en")} rows were written before`,
      hint: `write the rest with --skip ${skip + written}`,
      cause,
    })
  }
  return new CommandError({ reason: isArgument ? reason : `${reason}; no rows were written`, hint, cause })
}

/** Reports what was written before an interruption. The state of the batch in flight is unknown. */
const noteInterruption = (
  sending: ReadonlyArray<ParsedRow>,
  skip: number,
  written: number,
): Effect.Effect<void, never, Terminal> =>
  Effect.gen(function* () {
    const { err } = yield* Terminal
    if (err.isTerminal) yield* clearLine(err)
    const [first, last] = [sending[0]?.line, sending.at(-1)?.line]
    const unsure = first === undefined ? "" : `; the rows of lines ${first} to ${last} may have been written or not`
    yield* note(
      `${written.toLocaleString("en")} rows were written${unsure}. Write the rest with --skip ${skip + written}.`,
    )
  })

/** Describes the failure of a batch by the lines of the source. */
const failureOf = (
  source: Source,
  batch: ReadonlyArray<ParsedRow>,
  skip: number,
  before: number,
  error: unknown,
): CommandError => {
  // With one request at a time, the acknowledged rows are the first ones of the batch.
  const within = error instanceof PartialWrite ? error.written : 0
  const cause = error instanceof PartialWrite ? error.cause : error
  const written = before + within
  if (cause instanceof CodecError) {
    const line = batch[cause.row ?? 0]?.line
    const got = cause.actual === undefined ? "" : `, got ${cause.actual}`
    const reason = `${source.name}, line ${line}: field "${cause.field}": expected ${cause.expected}${got}`
    return withRowCount(source, new CommandError({ reason, cause }), skip, written)
  }
  const { text, hint } = explain(cause)
  const [first, last] = [batch[within]?.line, batch.at(-1)?.line]
  const isLost = cause instanceof RpcError && cause.progress === "Lost"
  const where = isLost
    ? `the rows of lines ${first} to ${last} may have been written or not`
    : `the rows from line ${first} on were not written`
  return withRowCount(
    source,
    new CommandError({ reason: `${text}; ${where}`, hint: isLost ? undefined : hint, cause }),
    skip,
    written,
  )
}
