/**
 * Observes the operations of the modules: each runs in one of these functions, or in `operate`, under its own name.
 * Calls in it are parts of it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import { CurrentDatabase } from "../../connection/currentDatabase.ts"
import { type Amounts, observe, observeStream, type Operation } from "../../telemetry/observe.ts"
import { targetOf } from "../../telemetry/target.ts"

/** Runs an operation on a collection, or on none. The arguments are those of the caller, not checked yet. */
export const operation = <A, E, R>(
  name: string,
  collection: unknown,
  options: unknown,
  effect: Effect.Effect<A, E, R>,
  amountsOf?: (result: A) => Amounts,
): Effect.Effect<A, E, R> =>
  Effect.withFiber((fiber) => {
    const operation = operationOf(fiber, name, collection, options)
    return operation === undefined ? effect : observe(fiber, operation, effect, amountsOf)
  })

/** Runs an operation that is a stream. */
export const streamOperation = <A, E, R>(
  name: string,
  collection: unknown,
  options: unknown,
  stream: Stream.Stream<A, E, R>,
  amountsOf?: (element: A) => Amounts,
): Stream.Stream<A, E, R> =>
  Stream.unwrap(Effect.withFiberSucceed((fiber) => {
    const operation = operationOf(fiber, name, collection, options)
    return operation === undefined ? stream : observeStream(fiber, operation, stream, amountsOf)
  }))

/** Without a connection, the effect fails by itself. */
const operationOf = (
  fiber: Fiber.Fiber<unknown, unknown>,
  name: string,
  collection: unknown,
  options: unknown,
): Operation | undefined => {
  const connection = Context.getOrUndefined(fiber.context, Connection.Connection)
  if (connection === undefined) return undefined
  const { address, database } = connection.config
  const given = textOf(options, "database") ?? fiber.getRef(CurrentDatabase) ?? database
  return {
    name,
    collection: typeof collection === "string" ? collection : textOf(collection, "name"),
    target: targetOf(address, given),
  }
}

const textOf = (value: unknown, name: string): string | undefined =>
  Predicate.hasProperty(value, name) && typeof value[name] === "string" ? value[name] : undefined
