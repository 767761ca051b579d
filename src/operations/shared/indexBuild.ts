/** Indexes on the server: requests to create them, their descriptions, and waiting until they are built. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { paramError } from "../../config/params.ts"
import { type CallError, type ParamError, ServerError } from "../../errors.ts"
import { checkIndex } from "../../schema/indexChecks.ts"
import { indexParams } from "../../schema/differences.ts"
import { extraParams, type Index } from "../../schema/indexes.ts"
import { type Deadline, watch } from "./waiting.ts"
import { currentConnection } from "./currentConnection.ts"

/** Options for `create` of an index. */
export interface CreateIndexOptions extends Connection.CallOptions {
  /** Name of the index, if the index value has none. Default: chosen by the server, the name of the field. */
  readonly name?: string | undefined
}

/** Builds the request that creates an index. Fails if the index does not fit the field. */
export const createIndexRequest = (
  collection: string,
  field: string,
  index: Index,
  name?: string,
): Result.Result<Connection.Methods["CreateIndex"]["request"], ParamError> =>
  Result.flatMap(checkIndex(field, index), () => {
    if (name !== undefined && index.name !== undefined && name !== index.name) {
      return Result.fail(
        paramError("name", `the name of the index, ${JSON.stringify(index.name)}, or no name`, name),
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

type IndexMessage = Connection.Methods["DescribeIndex"]["response"]["index_descriptions"][number]

/**
 * Describes the indexes of a collection, or of one of its fields. Returns an empty array only if the server reports
 * that no index exists; fails if the collection does not exist.
 */
export const describeIndexes = (
  collection: string,
  field: string | undefined,
  options: Connection.CallOptions | undefined,
): Effect.Effect<ReadonlyArray<IndexMessage>, CallError, Connection.Connection> =>
  Effect.flatMap(currentConnection(options), (connection) => {
    const request = { collection_name: collection, ...(field === undefined ? {} : { field_name: field }) }
    return connection.call("DescribeIndex", request, options)
  }).pipe(
    // Milvus 2.3 returns the indexes of all fields, whichever field is asked for.
    Effect.map(({ index_descriptions: all }) =>
      field === undefined ? all : all.filter((index) => isIndexOf(field, index))
    ),
    Effect.catchIf(isIndexNotFound, () => Effect.succeed([])),
  )

/**
 * Whether an index belongs to a field. Some servers report no field. An index of a key in the dynamic field is reported
 * with the dynamic field and the path of the key.
 */
const isIndexOf = (field: string, { field_name, params }: IndexMessage): boolean => {
  if (field_name === field || field_name === "") return true
  const path = field_name === "$meta" ? params.find(({ key }) => key === "json_path")?.value ?? "" : ""
  return path.split(/[^\p{L}\p{N}_]+/u).find((key) => key !== "" && key !== "meta") === field
}

/** Finds the index on the server for one of a definition. A JSON field can have one for each path. */
export const findIndex = (all: ReadonlyArray<IndexMessage>, field: string, index: Index): IndexMessage | undefined => {
  const path = index.params["json_path"]
  const isSame = (other: IndexMessage) =>
    path === undefined ||
    keysOf(field, String(path)) === keysOf(field, indexParams(other.params).get("json_path") ?? "")
  return all.find((other) => isIndexOf(field, other) && isSame(other))
}

/** Returns the keys of a path without its field, in either notation: `meta["price"]`, `/price`. */
const keysOf = (field: string, path: string): string =>
  path.split(/[^\p{L}\p{N}_$]+/u).filter((key, at) => key !== "" && (at > 0 || key !== field)).join("/")

/** Whether an error is Milvus's code 700, an index that does not exist. */
const isIndexNotFound = (error: CallError): boolean => error._tag === "ServerError" && error.code === 700

/** Progress of building an index. */
export interface IndexProgress {
  /** Name of the index. */
  readonly name: string
  /** Number of rows in the index; 0 if the server does not count them. */
  readonly indexed: number
  /** Number of rows in the collection; 0 if the server does not count them. */
  readonly rows: number
  /** State of the index; a number if this version does not know it. */
  readonly state: "Unissued" | "InProgress" | "Finished" | "Failed" | "Retry" | "IndexStateNone" | number
}

/** Returns the progress of an index. */
export const progressOf = ({ index_name, indexed_rows, total_rows, state }: IndexMessage): IndexProgress => ({
  name: index_name,
  indexed: Number(indexed_rows),
  rows: Number(total_rows),
  state,
})

/**
 * Emits the progress of the indexes of a field, or of all fields, at each change, until all are finished.
 *
 * The state is that of the rows before the index was created. For later ones Milvus has numbers of rows alone: the wait
 * is for as many indexed rows as the index had rows at the begin, since others may be written meanwhile.
 */
export const watchIndexes = (
  collection: string,
  field: string | undefined,
  deadline: Deadline,
): Stream.Stream<ReadonlyArray<IndexProgress>, CallError, Connection.Connection> =>
  Stream.suspend(() => {
    const subject = subjectOf(collection, field)
    const fail = (code: number, reason: string) => failAsServer(deadline.connection, code, reason)
    const goals = new Map<string, bigint>()
    let isBuilt = false
    const isFinished = ({ index_name: name, state, total_rows, indexed_rows, pending_index_rows }: IndexMessage) => {
      const goal = goals.get(name) ?? total_rows
      goals.set(name, goal)
      return state === "Finished" && (pending_index_rows <= 0n || indexed_rows >= goal)
    }
    return watch({
      method: "DescribeIndex",
      poll: (options) =>
        Effect.flatMap(describeIndexes(collection, field, options), (all) => {
          // Same code and wording as Milvus's own error.
          if (all.length === 0) return fail(700, `index not found: ${subject} has none`)
          const failed = all.find(({ state }) => state === "Failed")
          if (failed === undefined) {
            isBuilt = all.map(isFinished).every((one) => one)
            return Effect.succeed(all.map(progressOf))
          }
          return fail(
            65535,
            `the index ${failed.index_name} failed: ${failed.index_state_fail_reason || "no reason given"}`,
          )
        }),
      isDone: () => isBuilt,
      show: (all = []) => {
        const open = all.filter(({ state, indexed, rows }) => state !== "Finished" || indexed < rows)
        const each = open.map(({ name, state, indexed, rows }) => `${name} is ${state} with ${indexed} of ${rows} rows`)
        return `the indexes of ${subject} are not finished (${each.join(", ") || "no state is known"})`
      },
    }, deadline)
  })

/** Fails as if the server had answered with an error. */
const failAsServer = (
  connection: Connection.Connection,
  code: number,
  reason: string,
): Effect.Effect<never, ServerError> =>
  Effect.fail(
    new ServerError({ method: "DescribeIndex", address: connection.config.address, code, reason, retriable: false }),
  )

const subjectOf = (collection: string, field: string | undefined): string =>
  field === undefined ? `collection "${collection}"` : `field "${field}" of collection "${collection}"`
