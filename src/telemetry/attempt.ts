/** Spans of the parts of an operation: the attempts of its calls, handshakes, and waits for work of the server. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { TelemetryEnabled } from "./enabled.ts"
import { inSpan, isTraced, type SpanSpec, streamInSpan } from "./spans.ts"
import { serverAttributes } from "./target.ts"
import { type Trace, traceOf } from "./trace.ts"

/**
 * Makes one attempt of an RPC in a span of its own, which is the parent of the spans of the server. `make` gets what
 * the call sends of the trace.
 */
export const withAttempt = <A, E>(
  method: string,
  address: string,
  make: (trace: Trace | undefined) => Effect.Effect<A, E>,
): Effect.Effect<A, E> =>
  Effect.withFiber((fiber) => {
    if (!fiber.getRef(TelemetryEnabled)) return make(undefined)
    if (!isTraced(fiber)) return make(traceOf(fiber))
    return inSpan(rpcSpan(method, address), Effect.withFiber((fiber) => make(traceOf(fiber))))
  })

/** Makes a handshake in a span. */
export const withHandshake = <A, E, R>(address: string, handshake: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => isTraced(fiber) ? inSpan(stepSpan("handshake", address), handshake) : handshake)

/** Waits in a span for work of the server. `method` is the RPC that returns its state. */
export const withWait = <A, E, R>(
  method: string,
  address: string,
  wait: Stream.Stream<A, E, R>,
): Stream.Stream<A, E, R> =>
  Stream.unwrap(Effect.withFiberSucceed((fiber) => {
    if (!isTraced(fiber)) return wait
    return streamInSpan(stepSpan(`wait ${method}`, address), wait)
  }))

const rpcSpan = (method: string, address: string): SpanSpec => ({
  name: method,
  kind: "client",
  attributes: {
    "rpc.system.name": "grpc",
    "rpc.method": `milvus.proto.milvus.MilvusService/${method}`,
    ...serverAttributes(address),
  },
  statusAttribute: "rpc.response.status_code",
})

const stepSpan = (name: string, address: string): SpanSpec => ({
  name,
  kind: "internal",
  attributes: { "db.system.name": "milvus", ...serverAttributes(address) },
  statusAttribute: "db.response.status_code",
})
