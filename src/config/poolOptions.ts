/** Decodes the options of a pool: its kind, and the number and age of its channels. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { type Decoded, failParam, isInfinite, read, readDuration, withExpectation } from "./params.ts"

/** Distribution of calls over channels. */
export type Pool = "SingletonThread" | "Singleton" | "QueuePool"

/** Decodes the parameter `pool`. */
export const readPool = (value: unknown): Decoded<Pool> => read("pool", PoolName, value, "SingletonThread")

/** Decodes the parameter `poolSize`. */
export const readPoolSize = (value: unknown, pool: Pool): Decoded<number> => {
  if (pool === "QueuePool") return read("poolSize", PoolSize, value, defaultPoolSize)
  return value === undefined || value === 1
    ? Result.succeed(1)
    : failParam("poolSize", '`pool: "QueuePool"` to be set as well', value)
}

/** Decodes the parameter `poolMaxAge`. */
export const readPoolMaxAge = (value: unknown, pool: Pool): Decoded<Duration.Duration> => {
  if (pool === "QueuePool" && !isInfinite(value)) {
    return readDuration("poolMaxAge", value, defaultPoolMaxAge, minPoolMaxAge)
  }
  return value === undefined || isInfinite(value)
    ? Result.succeed(Duration.infinity)
    : failParam("poolMaxAge", '`pool: "QueuePool"` to be set as well', value)
}

const defaultPoolSize = 5
const defaultPoolMaxAge = Duration.minutes(30)
const minPoolMaxAge = Duration.seconds(1)

const PoolName = withExpectation(
  Schema.Literals(["SingletonThread", "Singleton", "QueuePool"]),
  'a supported pool: "SingletonThread", "Singleton" or "QueuePool"',
)
const PoolSize = withExpectation(
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1024 })),
  "1 to 1024 channels",
)
