/** What reads have in common: their options, their filter by the version of the server, and their results by rows. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ConsistencyLevel, ReadInput, TemplateValue } from "../codec/mod.ts"
import type * as Connection from "../Connection.ts"
import { CodecError } from "../errors.ts"
import { type Filter, filter as tag, toExpression, toTemplate } from "../filter.ts"
import { sessionOf } from "./consistency.ts"

/** What every read takes. */
export interface ReadOptions extends Connection.CallOptions {
  /** The fields that come with each row; `["*"]` for all. Default: the primary key, and what the server adds. */
  readonly outputFields?: ReadonlyArray<string> | undefined
  /** Only these partitions. Default: all. */
  readonly partitions?: ReadonlyArray<string> | undefined
  /** How fresh it has to be; `"Session"` sees what this connection wrote. Default: as the collection was created. */
  readonly consistency?: ConsistencyLevel | undefined
  /** For `"Customized"`: the timestamp that has to be seen, such as that of a write. */
  readonly guaranteeTimestamp?: bigint | undefined
}

/** The part of a request that is of the options. */
export const readInput = (
  connection: Connection.Connection,
  collectionName: string,
  options: ReadOptions | undefined,
): ReadInput => ({
  collectionName,
  partitionNames: options?.partitions,
  outputFields: options?.outputFields,
  ...(options?.consistency === "Session" && options.guaranteeTimestamp === undefined
    ? sessionOf(connection, collectionName)
    : { consistencyLevel: options?.consistency, guaranteeTimestamp: options?.guaranteeTimestamp }),
})

/** A condition as it goes into a request. */
export interface Condition {
  readonly filter: string
  readonly filterValues?: Readonly<Record<string, TemplateValue>> | undefined
}

/** A condition in the form that the server reads; text goes as it is. Throws `CodecError`. */
export const conditionFor = (
  connection: Connection.Connection,
  filter: Filter | string | undefined,
): Condition => {
  if (filter === undefined) return { filter: "" }
  if (typeof filter === "string" || !readsTemplates(connection.server.version)) return { filter: expressionOf(filter) }
  const { expression, values } = Result.getOrThrow(toTemplate(filter))
  return { filter: expression, filterValues: values }
}

/** A condition as one text, which every server reads. Throws `CodecError`. */
export const expressionOf = (filter: Filter | string): string =>
  typeof filter === "string" ? filter : Result.getOrThrow(toExpression(filter))

/** Two conditions as one; text with text, where one of them is text. Throws `CodecError`. */
export const both = (given: Filter | string | undefined, more: Filter): Filter | string => {
  if (given === undefined || given === "") return more
  return typeof given === "string" ? `(${given}) and (${expressionOf(more)})` : tag.all([given, more])
}

/** Milvus 2.5 and later. */
const readsTemplates = (version: string): boolean => {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 2 || Number(major) === 2 && Number(minor) >= 5
}

/** What making a request throws, as a failure. */
export const encoded = <A>(encode: () => A): Effect.Effect<A, CodecError> =>
  Effect.try({
    try: encode,
    catch: (error) =>
      error instanceof CodecError ? error : new CodecError({ field: "request", expected: "", cause: error }),
  })
