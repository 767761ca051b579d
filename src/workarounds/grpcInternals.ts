/** Reads internal objects of grpc-js, whose properties may be missing in another version. */
import * as Predicate from "effect/Predicate"

/** State of a subchannel with a session. */
export const READY = 2

/** Returns a property of an object; `undefined` of anything else. */
export const get = (value: unknown, name: string): unknown =>
  Predicate.isObject(value) ? Reflect.get(value, name) : undefined
