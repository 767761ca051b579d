/**
 * Makes the streaming calls of one connection, as a `Stream` of their replies.
 *
 * A call begins when the stream runs, and is cancelled when the stream ends for any reason. Its requests are taken once
 * it has an HTTP/2 stream, so a call that was never sent can begin again without losing one.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { failUnknownParam } from "../config/params.ts"
import type { StreamingMethods } from "../contract/messages.gen.ts"
import { type CallError, ParamError, type RpcError, type ServerError } from "../errors.ts"
import type { Attempt } from "../grpc/call.ts"
import * as Descriptor from "../grpc/methods.ts"
import { StreamingCall } from "../grpc/stream.ts"
import type { Calls, StreamOptions } from "./calls.ts"

/** The requests of a streaming RPC: a stream, or one request if only its replies are a stream. */
export type StreamRequests<M extends keyof StreamingMethods, E = never, R = never> =
  StreamingMethods[M]["requestStream"] extends true ? Stream.Stream<StreamingMethods[M]["request"], E, R>
    : StreamingMethods[M]["request"]

/** Makes a streaming call with `calls`. The replies are those of the RPC. */
export const stream = <E, R>(
  calls: Calls,
  method: string,
  requests: object,
  options: StreamOptions | undefined,
): Stream.Stream<object, CallError | E, R> =>
  Stream.unwrap(Effect.gen(function* () {
    Result.getOrThrow(failUnknownParam("", { ...options }, optionNames))
    yield* Descriptor.load
    const many = requestsOf<E, R>(method, requests)
    const context = yield* Effect.context<R>()
    const scope = yield* Effect.scope
    let call: StreamingCall | undefined
    let hasTaken = false
    /** Why there are no more requests, if it is a failure. */
    let failure: Cause.Cause<E | RpcError> | undefined
    yield* Effect.addFinalizer(() => Effect.sync(() => call?.cancel()))

    const send = (call: StreamingCall) => {
      const begin = Effect.sync(() => void (hasTaken = many !== undefined))
      const sent = many === undefined
        ? call.send(requests)
        : Stream.runForEach(many, (request) => call.send(request)).pipe(Effect.provideContext(context))
      return Effect.matchCauseEager(Effect.andThen(Effect.andThen(call.opened, begin), sent), {
        onSuccess: () => call.halfClose(),
        onFailure: (cause) => {
          if (Cause.hasInterruptsOnly(cause)) return
          failure = cause
          call.cancel()
        },
      })
    }
    const begin = (attempt: Attempt): Effect.Effect<Begun, RpcError | ServerError> =>
      Effect.suspend(() => {
        const begun = call = new StreamingCall(attempt)
        return Effect.andThen(
          Effect.forkIn(send(begun), scope),
          Effect.map(begun.next, (first) => ({ call: begun, first })),
        )
      })
    const failed = (error: CallError): Effect.Effect<never, CallError | E> =>
      Effect.suspend((): Effect.Effect<never, CallError | E> =>
        failure === undefined ? Effect.fail(error) : Effect.failCause(failure)
      )

    const begun = yield* Effect.catch(calls.beginStream(method, options, { begin, mayRepeat: () => !hasTaken }), failed)
    let first: Begun | undefined = begun
    const next = Effect.suspend(() => {
      const reply = first === undefined ? begun.call.next : Effect.succeed(first.first)
      first = undefined
      return reply
    })
    const pull = Effect.flatMap(
      Effect.catch(next, (error) => failed(calls.failureOf(method, error))),
      (reply) => reply === undefined ? Cause.done() : Effect.succeed([reply] as const),
    )
    return Stream.fromPull(Effect.succeed(pull))
  }))

/** A call that has begun, with its first reply: `undefined` if it has none. */
interface Begun {
  readonly call: StreamingCall
  readonly first: object | undefined
}

const optionNames: ReadonlySet<string> = new Set<keyof StreamOptions>(["timeout", "retry", "database"])

/** Returns the requests if they are a stream. What the RPC does not take is a defect. */
const requestsOf = <E, R>(method: string, requests: unknown): Stream.Stream<object, E, R> | undefined => {
  const takesStream = Descriptor.streamingMethod(method)?.requestStream
  if (takesStream !== undefined && takesStream !== Stream.isStream(requests)) {
    const expected = takesStream ? "a Stream of requests" : "one request"
    throw new ParamError({ parameter: "requests", expected: `${expected}, which ${method} takes` })
  }
  // Cast: the types of `Connection.stream` allow no other stream.
  return takesStream === true ? requests as Stream.Stream<object, E, R> : undefined
}
