/**
 * Adds one span and one duration to every call, named as OpenTelemetry names those of RPC clients. They contain no
 * request, reply or secret.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Tracer from "effect/Tracer"
import type { CallError } from "../errors.ts"

const service = "milvus.proto.milvus.MilvusService"

/** Duration of calls in milliseconds, with all attempts and waits, by `rpc.method` and `rpc.grpc.status_code`. */
const duration = Metric.histogram("rpc.client.duration", {
  description: "Duration of calls to Milvus in milliseconds",
  boundaries: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000],
})

const durations = new Map<string, Metric.Metric<number, Metric.HistogramState>>()

const durationOf = (method: string, outcome: string): Metric.Metric<number, Metric.HistogramState> => {
  const key = `${method} ${outcome}`
  let metric = durations.get(key)
  if (metric === undefined) {
    metric = Metric.withAttributes(duration, {
      "rpc.system": "grpc",
      "rpc.service": service,
      "rpc.method": method,
      "rpc.grpc.status_code": outcome,
    })
    durations.set(key, metric)
  }
  return metric
}

const spanOptions = (method: string, address: string): Tracer.SpanOptions => ({
  kind: "client",
  captureStackTrace: false,
  attributes: { "rpc.system": "grpc", "rpc.service": service, "rpc.method": method, "server.address": address },
})

const outcomeOf = <A, E>(exit: Exit.Exit<A, E>): string => {
  if (Exit.isSuccess(exit)) return "OK"
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  if (failure === undefined) return "CANCELLED"
  const { error } = failure
  if (!Predicate.hasProperty(error, "_tag")) return "UNKNOWN"
  return error._tag === "RpcError" && Predicate.hasProperty(error, "code") ? String(error.code) : String(error._tag)
}

/** Measures a call. A span is made only if the program has its own tracer: without one it costs nothing. */
export const withTelemetry = <A, E extends CallError>(
  method: string,
  address: string,
  call: Effect.Effect<A, E>,
): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const start = clock.currentTimeNanosUnsafe()
    const measured = Effect.onExit(
      call,
      (exit) =>
        Metric.update(durationOf(method, outcomeOf(exit)), Number(clock.currentTimeNanosUnsafe() - start) / 1e6),
    )
    return fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer ? measured : Effect.withSpan(
      measured,
      `${service}/${method}`,
      spanOptions(method, address),
    )
  })

/**
 * Measures a streaming call from its begin to its end. One that is cancelled, or whose replies are not all read, counts
 * as `CANCELLED`.
 */
export const withStreamTelemetry = <A, E, R>(
  method: string,
  address: () => string,
  replies: Stream.Stream<A, E, R>,
): Stream.Stream<A, E, R> =>
  Stream.unwrap(Effect.withFiberSucceed((fiber) => {
    const clock = fiber.getRef(Clock.Clock)
    const start = clock.currentTimeNanosUnsafe()
    let isRead = false
    const measured = replies.pipe(
      Stream.onEnd(Effect.sync(() => void (isRead = true))),
      Stream.onExit((exit) => {
        const outcome = Exit.isSuccess(exit) && !isRead ? "CANCELLED" : outcomeOf(exit)
        return Metric.update(durationOf(method, outcome), Number(clock.currentTimeNanosUnsafe() - start) / 1e6)
      }),
    )
    return fiber.getRef(Tracer.Tracer) === Tracer.nativeTracer
      ? measured
      : Stream.withSpan(measured, `${service}/${method}`, spanOptions(method, address()))
  }))
