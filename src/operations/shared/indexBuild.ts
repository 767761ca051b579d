/** Indexes on the server: making one, what the server reports of them, and waiting until they are built. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import { paramError } from "../../config/params.ts"
import { type CallError, type ParamError, ServerError } from "../../errors.ts"
import { checkIndex } from "../../schema/indexChecks.ts"
import { indexParams } from "../../schema/differences.ts"
import { extraParams, type Index } from "../../schema/indexes.ts"
import { type Deadline, watch } from "./waiting.ts"

/** Options for the making of an index. */
export interface CreateIndexOptions extends Connection.CallOptions {
  /** Its name, unless the index has one. Default: that of the field, by the server's choice. */
  readonly name?: string | undefined
}

/** The request that makes an index, or what is wrong with the index. */
export const createIndexRequest = (
  collection: string,
  field: string,
  index: Index,
  name?: string,
): Result.Result<Connection.Methods["CreateIndex"]["request"], ParamError> =>
  Result.flatMap(checkIndex(field, index), () => {
    if (name !== undefined && index.name !== undefined && name !== index.name) {
      return Result.fail(
        paramError("name", `the name that the index has, ${JSON.stringify(index.name)}, or none`, name),
      )
    }
    const index_name = name ?? index.name
    return Result.succeed({
      collection_name: collection,
      field_name: field,
      extra_params: [...extraParams(index)],
      ...(index_name === undefined ? {} : { index_name }),
    })
  })

type Described = Connection.Methods["DescribeIndex"]["response"]["index_descriptions"][number]

/**
 * The indexes of a collection, or of one of its fields. Empty only if the server says that there is none: a collection
 * that does not exist is an error.
 */
export const describeIndexes = (
  collection: string,
  field: string | undefined,
  options: Connection.CallOptions | undefined,
): Effect.Effect<ReadonlyArray<Described>, CallError, Connection.Connection> =>
  Effect.flatMap(Connection.Connection, (connection) => {
    const request = { collection_name: collection, ...(field === undefined ? {} : { field_name: field }) }
    return connection.call("DescribeIndex", request, options)
  }).pipe(
    // Milvus 2.3 answers with the indexes of all fields, whatever field is asked for.
    Effect.map(({ index_descriptions: all }) => field === undefined ? all : all.filter((index) => isOf(field, index))),
    Effect.catchIf(isIndexNotFound, () => Effect.succeed([])),
  )

/**
 * Whether an index is of a field, unless it is reported as one of another. An index of a key in the dynamic field is
 * reported as one of that field, with the path of the key.
 */
const isOf = (field: string, { field_name, params }: Described): boolean => {
  if (field_name === field || field_name === "") return true
  const path = field_name === "$meta" ? params.find(({ key }) => key === "json_path")?.value ?? "" : ""
  return path.split(/[^\p{L}\p{N}_]+/u).find((key) => key !== "" && key !== "meta") === field
}

/** The index that the server has for one of a definition. A JSON field has one for each path. */
export const findIndex = (all: ReadonlyArray<Described>, field: string, index: Index): Described | undefined => {
  const path = index.params["json_path"]
  const isSame = (other: Described) =>
    path === undefined ||
    keysOf(field, String(path)) === keysOf(field, indexParams(other.params).get("json_path") ?? "")
  return all.find((other) => isOf(field, other) && isSame(other))
}

/** A path without its field, whichever way it is written: `meta["price"]`, `/price`. */
const keysOf = (field: string, path: string): string =>
  path.split(/[^\p{L}\p{N}_$]+/u).filter((key, at) => key !== "" && (at > 0 || key !== field)).join("/")

/** 700 is Milvus's code for it. */
const isIndexNotFound = (error: CallError): boolean => error._tag === "ServerError" && error.code === 700

/** Progress of an index. */
export interface IndexProgress {
  /** Its name. */
  readonly name: string
  /** Rows that are in it; 0 if the server does not count them. */
  readonly indexed: number
  /** Rows of the collection; 0 if the server does not count them. */
  readonly rows: number
  /** Where it is in its life. */
  readonly state: "Unissued" | "InProgress" | "Finished" | "Failed" | "Retry" | "IndexStateNone" | number
}

/** How far an index is. */
export const progressOf = ({ index_name, indexed_rows, total_rows, state }: Described): IndexProgress => ({
  name: index_name,
  indexed: Number(indexed_rows),
  rows: Number(total_rows),
  state,
})

/** How far the indexes of a field, or of all fields, are; ends when all are finished. */
export const watchIndexes = (
  collection: string,
  field: string | undefined,
  deadline: Deadline,
): Stream.Stream<ReadonlyArray<IndexProgress>, CallError, Connection.Connection> => {
  const what = subject(collection, field)
  const fail = (code: number, reason: string) => failWith(deadline.connection, code, reason)
  return watch({
    method: "DescribeIndex",
    poll: (options) =>
      Effect.flatMap(describeIndexes(collection, field, options), (all) => {
        // As Milvus answers for a collection without any.
        if (all.length === 0) return fail(700, `index not found: ${what} has none`)
        const failed = all.find(({ state }) => state === "Failed")
        if (failed === undefined) return Effect.succeed(all.map(progressOf))
        return fail(
          65535,
          `the index ${failed.index_name} failed: ${failed.index_state_fail_reason || "no reason given"}`,
        )
      }),
    isDone: (all) => all.every(({ state }) => state === "Finished"),
    show: (all = []) => {
      const open = all.filter(({ state }) => state !== "Finished")
      const each = open.map(({ name, state, indexed, rows }) => `${name} is ${state} with ${indexed} of ${rows} rows`)
      return `the indexes of ${what} are not finished (${each.join(", ") || "no state is known"})`
    },
  }, deadline)
}

/** Fails as the server would. */
const failWith = (connection: Connection.Connection, code: number, reason: string): Effect.Effect<never, ServerError> =>
  Effect.fail(
    new ServerError({ method: "DescribeIndex", address: connection.config.address, code, reason, retriable: false }),
  )

const subject = (collection: string, field: string | undefined): string =>
  field === undefined ? `collection "${collection}"` : `field "${field}" of collection "${collection}"`
