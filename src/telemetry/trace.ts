/** The part of the current trace that a call sends, so that the logs and spans of Milvus belong to it. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Tracer from "effect/Tracer"

/** The current span, as a call sends it. */
export interface Trace {
  /** The header of W3C Trace Context; `undefined` if the ids are not of its form. */
  readonly traceparent: string | undefined
  /** The id of the trace, under which Milvus logs the request. */
  readonly requestId: string
}

/** Returns the trace of the span that is active in a fiber; `undefined` if none is. */
export const traceOf = ({ cache: { span } }: Fiber.Fiber<unknown, unknown>): Trace | undefined =>
  span === undefined ? undefined : traceOfSpan(span)

/** Adds the id of the request to a line of the log, as an annotation, if a span is active. */
export const withRequestId = (log: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.withFiber((fiber) => {
    const trace = traceOf(fiber)
    return trace === undefined ? log : Effect.annotateLogs(log, "milvus.request_id", trace.requestId)
  })

const traceOfSpan = (span: Tracer.AnySpan): Trace | undefined => {
  const { traceId, spanId, sampled } = span
  if (Context.get(span.annotations, Tracer.DisablePropagation) || !isRequestId.test(traceId)) return undefined
  const isStandard = isTraceId.test(traceId) && isSpanId.test(spanId)
  return {
    traceparent: isStandard ? `00-${traceId}-${spanId}-${sampled ? "01" : "00"}` : undefined,
    requestId: traceId,
  }
}

/** Ids that a header may hold, and that the log of a server should. */
const isRequestId = /^[\w-]{1,64}$/
const isTraceId = /^(?!0{32})[0-9a-f]{32}$/
const isSpanId = /^(?!0{16})[0-9a-f]{16}$/
