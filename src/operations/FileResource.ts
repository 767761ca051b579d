/**
 * File resources: files in the storage of the server, such as dictionaries, that analyzers use by their names.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). Milvus 2.6.1 and later; milvus-lite has none (`Unsupported`).
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import { operate } from "./shared/operate.ts"

/**
 * Gives a file in the storage of the server a name. Adding the same file under the same name again succeeds.
 *
 * Calls `AddFileResource`. Milvus 2.6.1 and later. Fails with `ServerError` if the name is that of another file.
 */
export const add = (
  name: string,
  path: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AddFileResource", options, () =>
    Result.gen(function* () {
      return { name: yield* readName("name", name), path: yield* readName("path", path) }
    })))

/**
 * Removes the name of a file; the file stays.
 *
 * Calls `RemoveFileResource`. Milvus 2.6.1 and later.
 */
export const remove = (
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("RemoveFileResource", options, () => Result.map(readName("name", name), (name) => ({ name }))))

const request = () => Result.succeed({})

/**
 * Returns the names of all file resources.
 *
 * Calls `ListFileResources`. Milvus 2.6.1 and later.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("ListFileResources", options, request), ({ resources }) => resources.map(({ name }) => name))

/** A file resource in the list of the server. */
export interface ListedFileResource {
  /** The id on the server. */
  readonly id: bigint
  /** The name. */
  readonly name: string
  /** The path in the storage of the server. */
  readonly path: string
}

/**
 * Returns all file resources with their ids and paths.
 *
 * Calls `ListFileResources`. Milvus 2.6.1 and later.
 */
export const listDetails = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<ListedFileResource>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListFileResources", options, request, { operation: "FileResource.listDetails" }),
    ({ resources }) => resources.map(({ id, name, path }) => ({ id, name, path })),
  )
