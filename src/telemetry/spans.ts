/**
 * Makes spans whose attributes and errors have names and codes only. They are made only if the program has a tracer of
 * its own: without one they would cost, and nothing would read them.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import { exitOf, interrupted, type Outcome, outcomeOf } from "./outcome.ts"

/** A span to make. */
export interface SpanSpec {
  readonly name: string
  readonly kind: "client" | "internal"
  readonly attributes: Readonly<Record<string, string | number>>
  /** The attribute for the status code of a failure. */
  readonly statusAttribute: "db.response.status_code" | "rpc.response.status_code"
}

/** Whether the program of a fiber has a tracer of its own. */
export const isTraced = ({ cache: { tracer, tracerEnabled } }: Fiber.Fiber<unknown, unknown>): boolean =>
  tracerEnabled && tracer !== undefined && tracer !== Tracer.nativeTracer

/** Runs an effect in a span. `onEnd` may add attributes before the span ends. */
export const inSpan = <A, E, R>(
  spec: SpanSpec,
  effect: Effect.Effect<A, E, R>,
  onEnd?: (span: Tracer.Span, exit: Exit.Exit<A, E>) => void,
): Effect.Effect<A, E, R> =>
  Effect.useSpan(spec.name, { kind: spec.kind, attributes: spec.attributes }, (span) =>
    Effect.withFiber((fiber) => {
      const clock = fiber.getRef(Clock.Clock)
      // Cast: an effect that needs a parent span gets this one, so `R` is without it.
      const inside = Effect.withParentSpan(effect, span, { captureStackTrace: false }) as Effect.Effect<A, E, R>
      return Effect.onExit(inside, (exit) => {
        onEnd?.(span, exit)
        endSpan(spec, span, exit, outcomeOf(exit), clock)
        return Effect.void
      })
    }))

/** Runs a stream in a span, from its begin to its end. */
export const streamInSpan = <A, E, R>(
  spec: SpanSpec,
  stream: Stream.Stream<A, E, R>,
  onEnd?: (span: Tracer.Span) => void,
): Stream.Stream<A, E, R> =>
  Stream.unwrap(
    Effect.map(Effect.makeSpan(spec.name, { kind: spec.kind, attributes: spec.attributes }), (span) => {
      let isRead = false
      // Cast: as above.
      return stream.pipe(
        Stream.onEnd(Effect.sync(() => void (isRead = true))),
        Stream.provideService(Tracer.ParentSpan, span),
        Stream.onExit((exit) =>
          Effect.clockWith((clock) => {
            onEnd?.(span)
            const outcome = outcomeOf(exit) ?? (isRead ? undefined : interrupted)
            endSpan(spec, span, exit, outcome, clock)
            return Effect.void
          })
        ),
      ) as Stream.Stream<A, E, R>
    }),
  )

const endSpan = (
  { name, statusAttribute }: SpanSpec,
  span: Tracer.Span,
  exit: Exit.Exit<unknown, unknown>,
  outcome: Outcome | undefined,
  clock: Clock.Clock,
): void => {
  if (outcome !== undefined) {
    span.attribute("error.type", outcome.errorType)
    if (outcome.statusCode !== undefined) span.attribute(statusAttribute, outcome.statusCode)
  }
  span.end(clock.currentTimeNanosUnsafe(), exitOf(name, exit, outcome))
}
