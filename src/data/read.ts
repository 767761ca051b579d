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

/** A condition in the form that the server reads; text goes as it is. */
export const conditionFor = (
  connection: Connection.Connection,
  filter: Filter | string | undefined,
): Effect.Effect<Condition, CodecError> => {
  if (filter === undefined) return Effect.succeed({ filter: "" })
  if (typeof filter === "string") return Effect.succeed({ filter })
  return Effect.fromResult(
    readsTemplates(connection.server.version)
      ? Result.map(toTemplate(filter), ({ expression, values }) => ({ filter: expression, filterValues: values }))
      : Result.map(toExpression(filter), (filter) => ({ filter })),
  )
}

/** A condition as one text, which every server reads. */
export const expressionOf = (filter: Filter | string): Effect.Effect<string, CodecError> =>
  typeof filter === "string" ? Effect.succeed(filter) : Effect.fromResult(toExpression(filter))

/** Two conditions as one; text with text, where one of them is text. */
export const both = (
  given: Filter | string | undefined,
  more: Filter,
): Effect.Effect<Filter | string, CodecError> => {
  if (given === undefined || given === "") return Effect.succeed(more)
  return typeof given === "string"
    ? Effect.map(expressionOf(more), (text) => `(${given}) and (${text})`)
    : Effect.succeed(tag.all([given, more]))
}

/** Milvus 2.5 and later. */
const readsTemplates = (version: string): boolean => {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) > 2 || Number(major) === 2 && Number(minor) >= 5
}

/** What the encoders throw, as a failure. */
export const encoded = <A>(encode: () => A): Effect.Effect<A, CodecError> =>
  Effect.try({
    try: encode,
    catch: (error) =>
      error instanceof CodecError ? error : new CodecError({ field: "request", expected: "", cause: error }),
  })
