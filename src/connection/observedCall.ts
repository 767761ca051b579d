/** Observes the calls of a connection as operations with the names of their RPCs, unless they are part of others. */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import type { ConnectionConfig } from "../ConnectionConfig.ts"
import { collectionIn, isPart, observe, observeStream, type Operation } from "../telemetry/observe.ts"
import { targetOf } from "../telemetry/target.ts"
import { CurrentDatabase } from "./currentDatabase.ts"

type Options = { readonly database?: string | undefined } | undefined

/** Observes a unary call. */
export const observedCall = <A, E>(
  config: () => ConnectionConfig,
  method: string,
  request: object,
  options: Options,
  call: Effect.Effect<A, E>,
): Effect.Effect<A, E> =>
  isPart(options)
    ? call
    : Effect.withFiber((fiber) => observe(fiber, operationOf(fiber, config(), method, request, options), call))

/** Observes a streaming call, from its begin to the end of its replies. */
export const observedReplies = <A, E, R>(
  config: () => ConnectionConfig,
  method: string,
  options: Options,
  replies: Stream.Stream<A, E, R>,
): Stream.Stream<A, E, R> =>
  isPart(options) ? replies : Stream.unwrap(
    Effect.withFiberSucceed((fiber) =>
      observeStream(fiber, operationOf(fiber, config(), method, undefined, options), replies)
    ),
  )

const operationOf = (
  fiber: Fiber.Fiber<unknown, unknown>,
  { address, database }: ConnectionConfig,
  name: string,
  request: object | undefined,
  options: Options,
): Operation => ({
  name,
  collection: collectionIn(request),
  target: targetOf(address, options?.database ?? fiber.getRef(CurrentDatabase) ?? database),
})
