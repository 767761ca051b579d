/**
 * Creates a collection with its indexes, and loads it. All steps share one deadline.
 *
 * Each step first looks at what exists: a collection that equals the definition is completed, one that differs is
 * refused and not changed. Another client may do the same at the same time: if a step fails because the other was
 * faster, it counts as done.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../../Connection.ts"
import { type CallError, type CodecError, ParamError, PartialCreate } from "../../errors.ts"
import * as Message from "../../Message.ts"
import { fromDescription } from "../../schema/decodeSchema.ts"
import type { CollectionDefinition } from "../../schema/definition.ts"
import { differences, indexDifferences, type Unreported } from "../../schema/differences.ts"
import { createParts } from "../../schema/encodeSchema.ts"
import type { Index } from "../../schema/indexTypes.ts"
import { isVector } from "../../schema/typeNames.ts"
import { createIndexRequest, describeIndexes, findIndex } from "../shared/indexBuild.ts"
import { checkFlag, checkOptions, optionNames, readCollection } from "../shared/options.ts"
import { isLite } from "../shared/server.ts"
import { type Deadline, startDeadline, type WaitOptions } from "../shared/waiting.ts"
import { findCollection } from "./findCollection.ts"
import { startLoad, watchLoad } from "./runLoad.ts"
import { currentConnection } from "../shared/currentConnection.ts"

/** Options for `create`. */
export interface CreateOptions extends WaitOptions {
  /**
   * Whether the collection is loaded. Default: `true` if every vector field of the definition has an index. With `true`
   * the server refuses the load if a vector field has no index.
   */
  readonly load?: boolean | undefined
}

const createOptionNames = optionNames<CreateOptions>("load")

/** Runs the steps of `create`. */
export const runCreate = (
  definition: CollectionDefinition,
  options: CreateOptions | undefined,
): Effect.Effect<void, CallError | CodecError | ParamError | PartialCreate, Connection.Connection> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(checkOptions(options, createOptionNames))
    yield* Effect.fromResult(checkFlag("load", options?.load))
    yield* Effect.fromResult(readCollection(definition.name))
    const connection = yield* currentConnection(options)
    const { name } = definition
    const parts = yield* Effect.fromResult(createParts(definition))
    const indexes = indexesOf(definition)
    const requests = yield* Effect.forEach(
      indexes,
      ({ field, index }) => Effect.fromResult(createIndexRequest(name, field, index)),
    )
    const schema = yield* Message.encode("milvus.proto.schema.CollectionSchema", parts.schema)
    const deadline = yield* startDeadline(connection, options)
    const exists = yield* findOrCreate(deadline, definition, { ...parts.request, schema })
    const existing = exists ? yield* findIndexes(deadline, definition, indexes) : []
    const indexed = indexes.filter((_, position) => existing.includes(position)).map(({ field }) => field)
    const step = <A, R>(step: string, field: string | undefined, run: Effect.Effect<A, CallError, R>) =>
      Effect.mapError(
        run,
        (cause) =>
          new PartialCreate({
            collection: name,
            step,
            ...(field === undefined ? {} : { field }),
            indexed: [...indexed],
            cause,
          }),
      )
    for (const [position, request] of requests.entries()) {
      if (existing.includes(position)) continue
      const createIndex = deadline.call((options) => connection.call("CreateIndex", request, options)).pipe(
        Effect.asVoid,
        Effect.catchTag("ServerError", (error) =>
          // Another client may have been faster.
          findIndexes(deadline, definition, indexes).pipe(
            Effect.mapError(() => error),
            Effect.flatMap((existing) => existing.includes(position) ? Effect.void : Effect.fail(error)),
          )),
      )
      yield* step("CreateIndex", request.field_name, createIndex)
      indexed.push(request.field_name ?? "")
    }
    const targets = vectorTargets(definition)
    const isIndexed = targets.every((target) => indexes.some(({ field }) => field === target))
    if (options?.load ?? (isIndexed && targets.length > 0)) {
      yield* step("LoadCollection", undefined, startLoad(deadline, { collection_name: name }, { replica_number: 1 }))
      yield* step("GetLoadingProgress", undefined, Stream.runDrain(watchLoad(deadline, { collection_name: name })))
    }
  })

/** An index of a definition, with its field. */
export interface FieldIndex {
  /** The field; a member of an array of structs as `chunks[vector]`. */
  readonly field: string
  /** The index. */
  readonly index: Index
}

/** Returns the indexes of a definition, in the order in which they are created. */
export const indexesOf = (definition: CollectionDefinition): ReadonlyArray<FieldIndex> =>
  Object.entries(definition.options.indexes ?? {}).flatMap(([field, one]) =>
    // A definition made in JavaScript may have a field whose value is `undefined`.
    [one ?? []].flat().map((index: Index) => ({ field, index }))
  )

/** Returns the names of the vectors that need an index to be searched, with members of structs as `chunks[vector]`. */
export const vectorTargets = (definition: CollectionDefinition): ReadonlyArray<string> =>
  Object.entries(definition.fields).flatMap(([name, field]) => {
    if (!("members" in field)) return isVector(field) ? [name] : []
    return Object.entries(field.members).flatMap(([member, it]) => isVector(it) ? [`${name}[${member}]`] : [])
  })

/** Returns `true` if the collection exists and equals the definition; creates it and returns `false` otherwise. */
const findOrCreate = (
  { connection, call }: Deadline,
  definition: CollectionDefinition,
  request: Connection.Methods["CreateCollection"]["request"],
): Effect.Effect<boolean, CallError | CodecError | ParamError> =>
  Effect.gen(function* () {
    const find = call((options) => findCollection(connection, definition.name, options))
    let existing = yield* find
    if (existing === undefined) {
      const created = yield* Effect.result(call((options) => connection.call("CreateCollection", request, options)))
      if (Result.isSuccess(created)) return false
      // Another client may have been faster.
      if (created.failure._tag === "ServerError") existing = yield* find
      if (existing === undefined) return yield* Effect.fail(created.failure)
    }
    yield* checkEqual(connection, definition, existing)
    return true
  })

const checkEqual = (
  connection: Connection.Connection,
  definition: CollectionDefinition,
  description: Connection.Methods["DescribeCollection"]["response"],
): Effect.Effect<void, CodecError | ParamError> =>
  Effect.gen(function* () {
    const existing = yield* Effect.fromResult(fromDescription(description))
    if (existing.name !== definition.name) {
      return yield* failDifferent(definition, [`it is an alias of "${existing.name}"`])
    }
    const unequal = differences(definition, existing, isLite(connection) ? unreportedByLite : new Set())
    if (unequal.length > 0) return yield* failDifferent(definition, unequal)
  })

/** milvus-lite reports the same value of these for every collection. */
export const unreportedByLite: Unreported = new Set(["consistencyLevel", "shards", "partitions"])

const failDifferent = ({ name }: CollectionDefinition, unequal: ReadonlyArray<string>) =>
  Effect.fail(
    new ParamError({
      parameter: name,
      expected: "the definition of the collection that exists",
      actual: `one that differs: ${unequal.slice(0, 5).join("; ")}${unequal.length > 5 ? "; ..." : ""}`,
    }),
  )

/** Returns the positions of the indexes that exist. Fails if one exists with other parameters. */
const findIndexes = (
  deadline: Deadline,
  definition: CollectionDefinition,
  indexes: ReadonlyArray<FieldIndex>,
): Effect.Effect<ReadonlyArray<number>, CallError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const all = yield* deadline.call((options) => describeIndexes(definition.name, undefined, options))
    const existing = indexes.map(({ field, index }) => findIndex(all, field, index))
    const unequal = indexes.flatMap(({ field, index }, position) => {
      const found = existing[position]
      // milvus-lite names each index as its field.
      const wanted = isLite(deadline.connection) ? { ...index, name: undefined } : index
      return found === undefined ? [] : indexDifferences(field, wanted, found)
    })
    if (unequal.length > 0) return yield* failDifferent(definition, unequal)
    return existing.flatMap((found, position) => found === undefined ? [] : [position])
  })
