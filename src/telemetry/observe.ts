/**
 * Observes operations: a span by the conventions of OpenTelemetry for databases, if the program has a tracer, and
 * metrics. A call by `connection.call` is an operation as well, unless it is part of one.
 */
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { TelemetryEnabled } from "./enabled.ts"
import { interrupted, type Outcome, outcomeOf } from "./outcome.ts"
import { inSpan, isTraced, type SpanSpec, streamInSpan } from "./spans.ts"
import type { OperationSeries, Target } from "./target.ts"

/** An operation. */
export interface Operation {
  /** Its name, such as `"Vectors.search"`, or that of an RPC. */
  readonly name: string
  /** The collection; `undefined` if it is not about one. */
  readonly collection: string | undefined
  readonly target: Target
}

/** The amounts that the result of an operation adds to the metrics. */
export interface Amounts {
  /** Rows that were written or returned. */
  readonly rows?: number
  /** Query vectors. */
  readonly vectors?: number
  readonly costUnits?: number | undefined
}

/** Option by which calls that are part of an operation are told from those that are operations. */
const partOfOperation = Symbol("part of an operation")

/** Marks a call as part of an operation. Spread into its options, which a wrapped connection passes on. */
export const partOptions: object = { [partOfOperation]: true }

/** Whether a call is part of an operation. */
export const isPart = (options: object | undefined): boolean => options !== undefined && partOfOperation in options

/** Returns the collection that a request names, if it names one. */
export const collectionIn = (request: unknown): string | undefined => {
  const name = Predicate.hasProperty(request, "collection_name")
    ? request.collection_name
    : Predicate.hasProperty(request, "collectionName")
    ? request.collectionName
    : undefined
  // A star is for all collections.
  return typeof name === "string" && name !== "" && name !== "*" ? name : undefined
}

/** Observes an effect. `amountsOf` reads the amounts from its result. */
export const observe = <A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  operation: Operation,
  effect: Effect.Effect<A, E, R>,
  amountsOf?: (result: A) => Amounts,
): Effect.Effect<A, E, R> => {
  if (!fiber.getRef(TelemetryEnabled)) return effect
  const { name, collection, target } = operation
  const { context } = fiber
  const clock = fiber.getRef(Clock.Clock)
  const start = clock.currentTimeNanosUnsafe()
  const measured = Effect.onExit(effect, (exit) => {
    const seconds = Number(clock.currentTimeNanosUnsafe() - start) / 1e9
    const series = target.series(name, collection)
    if (Exit.isSuccess(exit)) {
      series.duration.updateUnsafe(seconds, context)
      if (amountsOf !== undefined) addAmounts(series, amountsOf(exit.value), context)
    } else recordFailure(series, seconds, outcomeOf(exit), context)
    return Effect.void
  })
  return isTraced(fiber)
    ? inSpan(specOf(operation), measured, (span, exit) => {
      const rows = Exit.isSuccess(exit) ? amountsOf?.(exit.value).rows : undefined
      if (rows !== undefined) span.attribute("milvus.rows", rows)
    })
    : measured
}

/**
 * Observes a stream from its begin to its end; the time that its reader takes counts. One that is not read to its end
 * counts as interrupted. `amountsOf` reads the amounts from each element.
 */
export const observeStream = <A, E, R>(
  fiber: Fiber.Fiber<unknown, unknown>,
  operation: Operation,
  stream: Stream.Stream<A, E, R>,
  amountsOf?: (element: A) => Amounts,
): Stream.Stream<A, E, R> => {
  if (!fiber.getRef(TelemetryEnabled)) return stream
  const { name, collection, target } = operation
  const { context } = fiber
  const clock = fiber.getRef(Clock.Clock)
  const start = clock.currentTimeNanosUnsafe()
  const series = target.series(name, collection)
  let isRead = false
  let rows = 0
  const counted = amountsOf === undefined ? stream : Stream.tap(stream, (element) =>
    Effect.sync(() => {
      const amounts = amountsOf(element)
      rows += amounts.rows ?? 0
      addAmounts(series, amounts, context)
    }))
  const measured = counted.pipe(
    Stream.onEnd(Effect.sync(() => void (isRead = true))),
    Stream.onExit((exit) =>
      Effect.sync(() => {
        const seconds = Number(clock.currentTimeNanosUnsafe() - start) / 1e9
        const outcome = outcomeOf(exit) ?? (isRead ? undefined : interrupted)
        if (outcome === undefined) series.duration.updateUnsafe(seconds, context)
        else recordFailure(series, seconds, outcome, context)
      })
    ),
  )
  if (!isTraced(fiber)) return measured
  return streamInSpan(specOf(operation), measured, (span) => {
    if (amountsOf !== undefined) span.attribute("milvus.rows", rows)
  })
}

const specOf = ({ name, collection, target: { attributes } }: Operation): SpanSpec => ({
  name: collection === undefined ? name : `${name} ${collection}`,
  kind: "client",
  attributes: {
    ...attributes,
    "db.operation.name": name,
    ...(collection === undefined ? {} : { "db.collection.name": collection }),
  },
  statusAttribute: "db.response.status_code",
})

const recordFailure = (
  series: OperationSeries,
  seconds: number,
  outcome: Outcome = interrupted,
  context: Context.Context<never>,
): void => series.failed(outcome).updateUnsafe(seconds, context)

const addAmounts = (
  series: OperationSeries,
  { rows, vectors, costUnits }: Amounts,
  context: Context.Context<never>,
): void => {
  if (rows !== undefined) series.rows.updateUnsafe(rows, context)
  if (vectors !== undefined) series.vectors.updateUnsafe(vectors, context)
  if (costUnits !== undefined) series.costUnits.updateUnsafe(costUnits, context)
}
