/**
 * Parts that all reads share: options, the filter in the form that the server version reads, and failures.
 *
 * Checks throw `CodecError`; {@linkcode tryEncode} turns that into a failure.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import type { ConsistencyLevel, ReadInput, TemplateValue } from "../../codec/mod.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import type { Decoded } from "../../config/params.ts"
import { type CallError, CodecError, type RpcError, type Unsupported } from "../../errors.ts"
import {
  featuresOf,
  type Filter,
  filter as tag,
  isFilter,
  toExpression,
  toExpressionAndSets,
  toTemplate,
} from "../../filter/Filter.ts"
import { requireMilvus, requireVersion } from "../shared/currentConnection.ts"
import { checkOptions, optionNames, readName, readNames } from "../shared/options.ts"
import { isAtLeast } from "../shared/server.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { rpcError } from "../../grpc/call.ts"
import { type CollectionRef, nameOf } from "../shared/collectionRef.ts"
import { mayBeOutdated, withDefinition } from "../shared/schemaCache.ts"
import { ensureLevelKnown, readConsistency } from "./sessionConsistency.ts"

/** Errors that reads and writes fail with. */
export type DataError = CallError | CodecError

/** Options of every read. */
export interface ReadOptions extends Connection.CallOptions {
  /**
   * Fields of each row; `["*"]` for all. Default: all for queries; for searches the primary key and what the server
   * adds.
   */
  readonly outputFields?: ReadonlyArray<string> | undefined
  /** Partitions to read, at least one. Default: all. */
  readonly partitions?: ReadonlyArray<string> | undefined
  /**
   * Consistency level of the read. `"Session"` sees the writes of this connection. Default: the level of the definition
   * if it has one, or else that of the collection on the server.
   */
  readonly consistency?: ConsistencyLevel | undefined
  /**
   * Milvus timestamp that the read has to include, such as that of a write. Only with `consistency: "Customized"`,
   * which requires it, or `"Session"`.
   */
  readonly guaranteeTimestamp?: bigint | undefined
  /** The namespace to read, in a collection with namespaces. Milvus 2.6.3 and later. Default: none. */
  readonly namespace?: string | undefined
}

/** The first versions of Milvus that have the options of reads which came later than the RPCs. */
export const readOptionVersions = {
  namespace: "2.6.3",
  timezone: "2.6.6",
  timeFields: "2.6.6",
  orderBy: "3.0.0",
} as const

/** A field to order by; or its name, for ascending order. */
export type OrderBy<F extends string = string> = F | { readonly field: F; readonly order?: "asc" | "desc" | undefined }

/** Encodes the fields to order by. Throws `CodecError`. */
export const orderByText = (given: unknown): string | undefined => {
  if (given === undefined) return undefined
  if (!Array.isArray(given) || given.length === 0) {
    return throwValue("orderBy", undefined, "a list of at least one field", describeValue(given))
  }
  return given.map((one: unknown, index) => {
    const { field, order = "asc", ...others } = typeof one === "string" ? { field: one } : Object(one)
    const path = `orderBy[${index}]`
    // The request separates fields by commas, and a field from its order by a colon.
    if (typeof field !== "string" || isBlank(field) || /[,:]/.test(field)) {
      return throwValue(path, undefined, "a field, or { field, order }", describeValue(one))
    }
    if (order !== "asc" && order !== "desc") {
      throwValue(`${path}.order`, undefined, `"asc" or "desc"`, describeValue(order))
    }
    const [unknown] = Object.keys(others)
    if (unknown !== undefined) throwValue(`${path}.${unknown}`, undefined, "a known parameter (field, order)")
    return `${field}:${order}`
  }).join(",")
}

/** Checks the options for `Timestamptz` fields. Throws `CodecError`. */
export const checkTimes = (
  options:
    | { readonly timezone?: string | undefined; readonly timeFields?: ReadonlyArray<string> | undefined }
    | undefined,
): void => {
  if (options?.timezone !== undefined) accepted(readName("timezone", options.timezone))
  accepted(readNames("timeFields", options?.timeFields))
}

/** Returns the option names of a read: those of every read, and its own. */
export const readNamesWith = <Options extends ReadOptions>(
  ...own: ReadonlyArray<Exclude<keyof Options, keyof ReadOptions> & string>
): ReadonlySet<string> =>
  new Set([
    ...optionNames<ReadOptions>("outputFields", "partitions", "consistency", "guaranteeTimestamp", "namespace"),
    ...own,
  ])

/** Returns the value of a decoded parameter. Throws `CodecError` if decoding failed. */
export const accepted = <A>(decoded: Decoded<A>): A => {
  if (Result.isSuccess(decoded)) return decoded.success
  const { parameter, expected, actual } = decoded.failure
  return throwValue(parameter, undefined, expected, actual)
}

/** Checks the options of a read, and refuses unknown ones. Throws `CodecError`. */
export const checkReadOptions = (options: ReadOptions | undefined, names: ReadonlySet<string>): void => {
  accepted(checkOptions(options, names))
  const { outputFields, partitions, consistency, guaranteeTimestamp } = options ?? {}
  accepted(readNames("partitions", partitions))
  if (outputFields !== undefined && !isNames(outputFields)) {
    throwValue("outputFields", undefined, "a list of field names", describeValue(outputFields))
  }
  if (options?.namespace !== undefined) accepted(readName("namespace", options.namespace))
  checkLevel(consistency)
  const isTimed = consistency === "Customized" || consistency === "Session"
  if (guaranteeTimestamp !== undefined && typeof guaranteeTimestamp !== "bigint") {
    throwValue("guaranteeTimestamp", undefined, "a bigint", describeValue(guaranteeTimestamp))
  }
  if (guaranteeTimestamp !== undefined && !isTimed) {
    throwValue("guaranteeTimestamp", undefined, `to be omitted unless consistency is "Customized" or "Session"`)
  }
  if (guaranteeTimestamp === undefined && consistency === "Customized") {
    throwValue("guaranteeTimestamp", undefined, `a timestamp, since consistency is "Customized"`)
  }
}

/** Checks a consistency level. Throws `CodecError`. */
export const checkLevel = (level: unknown): void => {
  if (level === undefined || typeof level === "string" && levels.includes(level)) return
  throwValue("consistency", undefined, `one of ${levels.join(", ")}`, describeValue(level))
}

const levels: ReadonlyArray<string> = Object.keys(
  { Strong: 0, Session: 0, Bounded: 0, Eventually: 0, Customized: 0 } satisfies Record<ConsistencyLevel, 0>,
)

const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "")

/** Returns the consistency level of a definition, except `"Customized"`, which needs a timestamp. */
export const levelOf = (collection: CollectionRef): ConsistencyLevel | undefined => {
  if (typeof collection === "string") return undefined
  const level = collection.options.consistencyLevel
  return level === "Customized" ? undefined : level
}

/** Returns the part of a request that the options determine. `level` applies if the options have none. */
export const readInput = (
  connection: Connection.Connection,
  collectionName: string,
  options: ReadOptions | undefined,
  level?: ConsistencyLevel,
): ReadInput => ({
  collectionName,
  partitionNames: options?.partitions,
  outputFields: options?.outputFields,
  namespace: options?.namespace,
  ...readConsistency(connection, collectionName, options?.consistency ?? level, options?.guaranteeTimestamp),
})

/** Reads the level of the collection from the server, if it decides how this read sees earlier writes. */
export const ensureLevel = (
  connection: Connection.Connection,
  collection: CollectionRef,
  options: ReadOptions | undefined,
): Effect.Effect<void, DataError> =>
  ensureLevelKnown(connection, nameOf(collection), options?.consistency ?? levelOf(collection))

/** Returns parameters as text, without those that are `undefined`. */
export const paramTexts = (
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => value === undefined ? [] : [[key, `${value}`]]),
  )

/** Filter of a request. */
export interface Condition {
  readonly filter: string
  readonly filterValues?: Readonly<Record<string, TemplateValue>> | undefined
}

/**
 * Returns a filter as the server reads it: with template values from Milvus 2.5 on, as one text before. A string is
 * sent unchanged, and one that is blank is no filter. Throws `CodecError`.
 */
export const filterRequest = (
  connection: Connection.Connection,
  filter: Filter | string | undefined,
): Condition => {
  if (filter === undefined || typeof filter === "string" && isBlank(filter)) return { filter: "" }
  if (typeof filter === "string" || !isAtLeast(connection, 2, 5, false)) return { filter: expressionOf(filter) }
  const { expression, values } = Result.getOrThrow(toTemplate(filter))
  return { filter: expression, filterValues: values }
}

/**
 * Returns a filter for a delete: as one text, which every server version reads, and the sets of `filter.roaring`.
 * Throws `CodecError`, also for a set that matches rows which are not in it.
 */
export const deletion = (
  filter: Filter | string,
): { readonly expression: string; readonly sets?: Readonly<Record<string, Uint8Array>> } => {
  if (typeof filter === "string") return { expression: filter }
  if (featuresOf(filter).some(({ isApproximate }) => isApproximate)) {
    throwValue("filter", undefined, "no Bloom filter, as it would delete rows that are not in it; use `filter.roaring`")
  }
  return Result.getOrThrow(toExpressionAndSets(filter))
}

/** Fails with `Unsupported` if the server is known not to have a feature that a filter needs. */
export const requireFilter = (
  connection: Connection.Connection,
  method: keyof Connection.Methods,
  filter: unknown,
  operation?: string,
): Effect.Effect<void, Unsupported> => {
  const features = isFilter(filter) ? featuresOf(filter) : []
  if (features.length === 0) return Effect.void
  return Effect.forEach(features, ({ name, since, lite }) => {
    const require = lite === false ? requireMilvus : requireVersion
    return require(connection, method, `filter: ${name}`, since, operation)
  }, { discard: true })
}

/** Returns a filter as one text, which every server version reads. Throws `CodecError`. */
export const expressionOf = (filter: Filter | string): string => {
  if (typeof filter === "string") return filter
  return isFilter(filter)
    ? Result.getOrThrow(toExpression(filter))
    : throwValue("filter", undefined, "a string, or a filter made by the tag `filter`", describeValue(filter))
}

/** Joins two filters by `and`; as text if `given` is a string. Throws `CodecError`. */
export const andFilter = (given: Filter | string | undefined, more: Filter): Filter | string => {
  if (given === undefined || typeof given === "string" && isBlank(given)) return more
  return typeof given === "string" ? `(${given}) and (${expressionOf(more)})` : tag.all([given, more])
}

/** Whether a text has only white space and invisible characters, so that a server sees no condition in it. */
export const isBlank = (text: string): boolean => {
  const first = text.charCodeAt(0)
  // A visible ASCII character: nearly always, and faster than the tables of Unicode.
  return !(first > 0x20 && first < 0x7f) && !/[^\s\p{C}\p{Z}]/u.test(text)
}

/** Checks that a collection is a definition or a name that is not blank. Throws `CodecError`. */
export const checkCollection = (collection: unknown): void => {
  if (typeof collection === "string" ? !isBlank(collection) : isDefinition(collection)) return
  const actual = typeof collection === "string" ? "a blank string" : describeValue(collection)
  throwValue("collection", undefined, "the definition of a collection, or its name", actual)
}

const isDefinition = (value: unknown): value is AnyDefinition =>
  typeof value === "object" && value !== null && "name" in value && "fields" in value && "options" in value &&
  typeof value.name === "string" && !isBlank(value.name)

/**
 * Runs a function that checks or encodes, at once. A `CodecError` that it throws is a failure; anything else is thrown
 * on. Within a generator a result that is known costs almost nothing.
 */
export const tryEncode = <A>(encode: () => A): Exit.Exit<A, CodecError> => {
  try {
    return Exit.succeed(encode())
  } catch (error) {
    if (error instanceof CodecError) return Exit.fail(error)
    throw error
  }
}

/**
 * Runs with the definition of a collection, and once more with a newer one if it is outdated, all within the `timeout`
 * of the operation.
 */
export const withSchema = <A, R>(
  connection: Connection.Connection,
  method: string,
  collection: CollectionRef,
  options: Connection.CallOptions | undefined,
  run: (definition: AnyDefinition) => Effect.Effect<A, DataError, R>,
): Effect.Effect<A, DataError, R> =>
  bounded(connection, method, options, withDefinition(connection, collection, run, mayBeOutdated))

/**
 * Bounds an operation by its `timeout`, including a `DescribeCollection` that it needs first. A single call that takes
 * too long ends by its own deadline, earlier.
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

/** Time for a call to report its own deadline first, in milliseconds. */
const slack = 100
