/** What reads have in common: their options, their filter by the version of the server, and how they fail. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ConsistencyLevel, ReadInput, TemplateValue } from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import type { Decoded } from "../../config/params.ts"
import { CodecError, type RpcError } from "../../errors.ts"
import { type Filter, filter as tag, isFilter, toExpression, toTemplate } from "../../filter/Filter.ts"
import { checkOptions, optionNames, readNames } from "../shared/options.ts"
import { isAtLeast } from "../shared/server.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { rpcError } from "../../grpc/call.ts"
import { freshnessOf } from "./sessionConsistency.ts"
import type { Named } from "../shared/collectionRef.ts"

/** What every read takes. */
export interface ReadOptions extends Connection.CallOptions {
  /** The fields that come with each row; `["*"]` for all. Default: the primary key, and what the server adds. */
  readonly outputFields?: ReadonlyArray<string> | undefined
  /** Only these partitions; at least one. Default: all. */
  readonly partitions?: ReadonlyArray<string> | undefined
  /**
   * How fresh it has to be; `"Session"` sees what this connection wrote. Default: the level of the definition if it has
   * one, or else that of the collection on the server.
   */
  readonly consistency?: ConsistencyLevel | undefined
  /** For `"Customized"`, and `"Session"`: the timestamp that has to be seen, such as that of a write. */
  readonly guaranteeTimestamp?: bigint | undefined
}

/** The names of the options of a read: those that every read takes, and its own. */
export const readNamesWith = <Options extends ReadOptions>(
  ...own: ReadonlyArray<Exclude<keyof Options, keyof ReadOptions> & string>
): ReadonlySet<string> =>
  new Set([...optionNames<ReadOptions>("outputFields", "partitions", "consistency", "guaranteeTimestamp"), ...own])

/** The value of a parameter. Throws `CodecError` if it is refused. */
export const accepted = <A>(decoded: Decoded<A>): A => {
  if (Result.isSuccess(decoded)) return decoded.success
  const { parameter, expected, actual } = decoded.failure
  return throwValue(parameter, undefined, actual === undefined ? expected : `${expected}, got ${actual}`)
}

/** Refuses options that are not known, or that a read cannot have. Throws `CodecError`. */
export const checkReadOptions = (options: ReadOptions | undefined, names: ReadonlySet<string>): void => {
  accepted(checkOptions(options, names))
  const { outputFields, partitions, consistency, guaranteeTimestamp } = options ?? {}
  accepted(readNames("partitions", partitions))
  if (outputFields !== undefined && !isNames(outputFields)) {
    throwValue("outputFields", undefined, `a list of names of fields, got ${describeValue(outputFields)}`)
  }
  checkLevel(consistency)
  const isTimed = consistency === "Customized" || consistency === "Session"
  if (guaranteeTimestamp !== undefined && typeof guaranteeTimestamp !== "bigint") {
    throwValue("guaranteeTimestamp", undefined, `a bigint, got ${describeValue(guaranteeTimestamp)}`)
  }
  if (guaranteeTimestamp !== undefined && !isTimed) {
    throwValue("guaranteeTimestamp", undefined, `none, unless consistency is "Customized" or "Session"`)
  }
  if (guaranteeTimestamp === undefined && consistency === "Customized") {
    throwValue("guaranteeTimestamp", undefined, `a timestamp, for consistency is "Customized"`)
  }
}

/** Refuses what is not a level of consistency. Throws `CodecError`. */
export const checkLevel = (level: unknown): void => {
  if (level === undefined || typeof level === "string" && levels.includes(level)) return
  throwValue("consistency", undefined, `one of ${levels.join(", ")}, got ${describeValue(level)}`)
}

const levels: ReadonlyArray<string> = Object.keys(
  { Strong: 0, Session: 0, Bounded: 0, Eventually: 0, Customized: 0 } satisfies Record<ConsistencyLevel, 0>,
)

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "")

/** The level of consistency that a definition asks for. One that wants a timestamp is left to the server. */
export const levelOf = (collection: Named): ConsistencyLevel | undefined => {
  if (typeof collection === "string") return undefined
  const level = collection.options.consistencyLevel
  return level === "Customized" ? undefined : level
}

/** The part of a request that is of the options. `level` goes for reads that do not name one. */
export const readInput = (
  connection: Connection.Connection,
  collectionName: string,
  options: ReadOptions | undefined,
  level?: ConsistencyLevel,
): ReadInput => ({
  collectionName,
  partitionNames: options?.partitions,
  outputFields: options?.outputFields,
  ...freshnessOf(connection, collectionName, options?.consistency ?? level, options?.guaranteeTimestamp),
})

/** A condition as it goes into a request. */
export interface Condition {
  readonly filter: string
  readonly filterValues?: Readonly<Record<string, TemplateValue>> | undefined
}

/** A condition in the form that the server reads; text goes as it is, and none if it is blank. Throws `CodecError`. */
export const filterRequest = (
  connection: Connection.Connection,
  filter: Filter | string | undefined,
): Condition => {
  if (filter === undefined || typeof filter === "string" && isBlank(filter)) return { filter: "" }
  if (typeof filter === "string" || !isAtLeast(connection, 2, 5, false)) return { filter: expressionOf(filter) }
  const { expression, values } = Result.getOrThrow(toTemplate(filter))
  return { filter: expression, filterValues: values }
}

/** A condition as one text, which every server reads. Throws `CodecError`. */
export const expressionOf = (filter: Filter | string): string => {
  if (typeof filter === "string") return filter
  return isFilter(filter)
    ? Result.getOrThrow(toExpression(filter))
    : throwValue("filter", undefined, `a text, or a filter made by the tag \`filter\`, got ${describeValue(filter)}`)
}

/** Two conditions as one; text with text, where one of them is text. Throws `CodecError`. */
export const andFilter = (given: Filter | string | undefined, more: Filter): Filter | string => {
  if (given === undefined || typeof given === "string" && isBlank(given)) return more
  return typeof given === "string" ? `(${given}) and (${expressionOf(more)})` : tag.all([given, more])
}

/** Whether a text has nothing in it that a server could take for a condition. */
export const isBlank = (text: string): boolean => !/[^\s\p{C}\p{Z}]/u.test(text)

/** Refuses an option that the server would ignore. Throws `CodecError`. */
export const requireVersion = (
  connection: Connection.Connection,
  option: string,
  value: unknown,
  major: number,
  minor: number,
): void => {
  if (value === undefined || isAtLeast(connection, major, minor, true)) return
  throwValue(option, undefined, `Milvus ${major}.${minor} or later; this server is ${connection.server.version}`)
}

/** Refuses a definition that is not one, and a name that is blank. Throws `CodecError`. */
export const checkCollection = (collection: unknown): void => {
  if (typeof collection === "string" ? !isBlank(collection) : isDefinition(collection)) return
  const actual = typeof collection === "string" ? "blank text" : describeValue(collection)
  throwValue("collection", undefined, `the definition of a collection, or its name, got ${actual}`)
}

const isDefinition = (value: unknown): value is AnyDefinition =>
  typeof value === "object" && value !== null && "name" in value && "fields" in value && "options" in value &&
  typeof value.name === "string" && !isBlank(value.name)

/** Runs what makes a request: a `CodecError` that it throws is a failure, and anything else a defect. */
export const tryEncode = <A>(encode: () => A): Effect.Effect<A, CodecError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(encode())
    } catch (error) {
      if (error instanceof CodecError) return Effect.fail(error)
      throw error
    }
  })

/**
 * Bounds an operation by its `timeout`, with the description of the collection if it needs one. A call that takes too
 * long by itself ends by its own deadline.
 */
export const bounded = <A, E, R>(
  connection: Connection.Connection,
  method: string,
  options: Connection.CallOptions | undefined,
  operation: Effect.Effect<A, E, R>,
): Effect.Effect<A, E | RpcError, R> => {
  const timeout = options?.timeout
  if (timeout === undefined || timeout === "infinite") return operation
  const { address } = connection.config
  const late = () => rpcError({ name: method, address }, "DEADLINE_EXCEEDED", "the operation took too long", "Lost")
  return Effect.timeoutOrElse(operation, {
    duration: Duration.toMillis(timeout) + slack,
    orElse: () => Effect.suspend(() => Effect.fail(late())),
  })
}

/** What a call needs to report its own deadline first, in milliseconds. */
const slack = 100
