/**
 * Handlers of the tools of `mcp`. A tool that fails has a result with the sentence that the command line would print.
 * It has no secret, since no error of this library has.
 */
import * as Toolkit from "effect/ai/Toolkit"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Connection from "../../Connection.ts"
import * as Json from "../../Json.ts"
import * as Collection from "../../operations/Collection.ts"
import * as Index from "../../operations/Index.ts"
import { keyOf } from "../../operations/rows/primaryKey.ts"
import * as Vectors from "../../operations/Vectors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { isVector } from "../../schema/typeNames.ts"
import { fitting, jsonBytes } from "../../text/fitting.ts"
import { UsageError } from "../errors.ts"
import { explainCause, toLine } from "../errorText.ts"
import type { Row } from "../output/writer.ts"
import { printableRows } from "../printableRows.ts"
import { readTools, writeTools } from "./tools.ts"

/** Limits of a tool. */
export interface Limits {
  /** Maximum number of rows of a reply, of an insert, and of keys to delete. */
  readonly maxRows: number
  /** Maximum size of a reply as JSON, in bytes. */
  readonly maxBytes: number
}

/** Tools that change nothing. */
export const readToolkit = Toolkit.make(...readTools)
/** All tools. */
export const toolkit = Toolkit.make(...readTools, ...writeTools)

/** A row of a reply. */
type PlainRow = { readonly [name: string]: Json.Plain }

/** Number of hits or rows, unless more or fewer are asked for. */
const defaultLimit = 10

/** Makes the handlers of all tools, for a connection. */
export const handlers = (connection: Connection.Connection, { maxRows, maxBytes }: Limits) => {
  const run = <A, E>(
    effect: Effect.Effect<A, E, Connection.Connection>,
  ): Effect.Effect<A, { readonly error: string }> =>
    Effect.catchCause(
      Effect.provideService(effect, Connection.Connection, connection),
      (cause) => Cause.hasInterrupts(cause) ? Effect.interrupt : Effect.fail(failureOf(toLine(explainCause(cause)))),
    )

  /** Returns a failure with as much of a sentence as fits into a reply. */
  const failureOf = (error: string): { readonly error: string } => {
    const failure = { error }
    while (replyBytes(failure) > maxBytes - envelope) {
      failure.error = `${failure.error.slice(0, Math.floor(failure.error.length / 2))}…`
    }
    return failure
  }

  const atMost = (name: string, count: number): Effect.Effect<number, UsageError> =>
    count <= maxRows
      ? Effect.succeed(count)
      : Effect.fail(new UsageError({ reason: `${name}: expected at most ${maxRows}, got ${count}` }))

  const limitOf = (limit = Math.min(defaultLimit, maxRows)) => atMost("limit", limit)

  /** Leaves out the last values, so that the others fit into a reply. */
  const some = <A>(values: ReadonlyArray<A>) => fitting(values, maxBytes - envelope, (value) => replyBytes(value) + 1)

  const rowsOf = (all: ReadonlyArray<PlainRow>) => {
    const rows = some(all)
    return { rows, omitted: all.length - rows.length }
  }

  const hitsOf = (found: Vectors.SearchResult<Row>, order: ReadonlyArray<string>) => {
    const rows = printableRows(found.columns, Array.from(found.hits(), ({ row }) => row), order)
    const hits = Array.from(
      found.hits(),
      ({ score }, at) => ({ $score: Number(score.toPrecision(6)), ...plainRow(rows[at] ?? {}) }),
    )
    const { rows: first, omitted } = rowsOf(hits)
    return { hits: first, omitted }
  }

  return {
    list_collections: () =>
      run(Effect.gen(function* () {
        const names = yield* Collection.list()
        const collections = some(names.slice(0, maxRows))
        return { collections, omitted: names.length - collections.length }
      })),

    describe_collection: ({ collection }: { readonly collection: string }) =>
      run(Effect.gen(function* () {
        const { definition } = yield* Collection.describe(collection)
        const { rows } = yield* Collection.statistics(collection)
        const indexes = yield* Index.describe(collection)
        const { name, options } = definition
        const reply = {
          name,
          description: options.description ?? "",
          fields: Object.entries(definition.fields).map(([name, field]) => plainRow({ name, ...field })),
          functions: Object.entries(options.functions ?? {}).map(([name, one]) => plainRow({ name, ...one })),
          indexes: indexes.map(({ field, type, metric }) => plainRow({ field, type, metric })),
          dynamicFields: options.dynamicFields ?? false,
          rows,
        }
        return replyBytes(reply) <= maxBytes - envelope ? reply : yield* new UsageError({
          reason: `the description of ${collection} does not fit into a reply of ${maxBytes} bytes`,
        })
      })),

    search: ({ collection, vector, text, limit, fields, ...options }: SearchCall) =>
      run(Effect.gen(function* () {
        const data = yield* dataOf({ vector, text })
        const most = yield* limitOf(limit)
        const { definition } = yield* Collection.describe(collection)
        const outputFields = fields ?? shownFields(definition)
        const found = yield* Vectors.search(definition, data, { ...options, ...strong, limit: most, outputFields })
        return hitsOf(found, outputFields)
      })),

    hybrid_search: ({ collection, searches, weights, limit, fields, filter }: HybridCall) =>
      run(Effect.gen(function* () {
        const most = yield* limitOf(limit)
        const parts = yield* Effect.forEach(
          searches,
          ({ field, params, ...query }) =>
            Effect.map(dataOf(query), (data) => ({ field, data, params, filter, limit: Math.max(most, candidates) })),
        )
        const { definition } = yield* Collection.describe(collection)
        const outputFields = fields ?? shownFields(definition)
        const rerank = weights === undefined ? undefined : { strategy: "weighted", weights } as const
        const options = { ...strong, limit: most, outputFields, rerank }
        return hitsOf(yield* Vectors.hybridSearch(definition, parts, options), outputFields)
      })),

    query: ({ collection, filter, fields, limit }: QueryCall) =>
      run(Effect.gen(function* () {
        const most = yield* limitOf(limit)
        const { definition } = yield* Collection.describe(collection)
        const outputFields = fields ?? shownFields(definition)
        const found = yield* Vectors.query(definition, filter, { ...strong, limit: most, outputFields })
        return rowsOf(printableRows(found.columns, found.rows, outputFields).map(plainRow))
      })),

    count: ({ collection, filter }: { readonly collection: string; readonly filter?: string }) =>
      run(Effect.map(Vectors.count(collection, filter, strong), (count) => ({ count }))),

    insert: ({ collection, rows, upsert = false }: InsertCall) =>
      run(Effect.gen(function* () {
        yield* atMost("rows", rows.length)
        const written = yield* (upsert ? Vectors.upsert : Vectors.insert)(collection, rows)
        const ids = some(Array.from<bigint | string, number | string>(written.ids, plainKey))
        const omitted = written.ids.length - ids.length
        return { inserted: written.count, ids, ...(omitted === 0 ? {} : { omitted }) }
      })),

    delete: ({ collection, ids, filter }: DeleteCall) =>
      run(Effect.gen(function* () {
        if ((ids === undefined) === (filter === undefined)) {
          return yield* new UsageError({ reason: "expected either ids or filter" })
        }
        yield* atMost("ids", ids?.length ?? 0)
        const { definition } = yield* Collection.describe(collection)
        const which = ids === undefined ? { filter: filter ?? "" } : { ids: ids.map(keyFor(definition)) }
        return { deleted: yield* Vectors.delete(definition, which) }
      })),
  }
}

/** Size of what a reply has around its values, and of the beginning of a failure; in bytes. */
const envelope = 300

/** Returns the size of a value in a reply, in bytes. A reply has its result twice: as JSON, and as JSON in a text. */
const replyBytes = (value: unknown): number => jsonBytes(value) + jsonBytes(JSON.stringify(value))

/** Reads see all writes. */
const strong = { consistency: "Strong" } as const

/** Number of hits of each search of a hybrid search. */
const candidates = 100

interface Query {
  readonly vector?: ReadonlyArray<number> | Readonly<Record<string, number>> | undefined
  readonly text?: string | undefined
}

type Params = Readonly<Record<string, string | number | boolean>>

interface RowsCall {
  readonly collection: string
  readonly filter?: string
  readonly fields?: ReadonlyArray<string>
  readonly limit?: number
}

type QueryCall = RowsCall

interface SearchCall extends RowsCall, Query {
  readonly field?: string
  readonly params?: Params
}

interface HybridCall extends RowsCall {
  readonly searches: ReadonlyArray<Query & { readonly field: string; readonly params?: Params }>
  readonly weights?: ReadonlyArray<number>
}

interface InsertCall {
  readonly collection: string
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly upsert?: boolean
}

interface DeleteCall {
  readonly collection: string
  readonly ids?: ReadonlyArray<number | string>
  readonly filter?: string
}

const dataOf = ({ vector, text }: Query): Effect.Effect<Vectors.SearchData, UsageError> => {
  if ((vector === undefined) === (text === undefined)) {
    return Effect.fail(new UsageError({ reason: "expected either vector or text" }))
  }
  // Cast: vectors are checked when they are encoded.
  return Effect.succeed(text === undefined ? [vector] as Vectors.SearchData : [text])
}

const shownFields = ({ fields, options }: AnyDefinition): ReadonlyArray<string> => [
  ...Object.entries(fields).filter(([, field]) => !isVector(field)).map(([name]) => name),
  ...(options.dynamicFields === true ? ["$meta"] : []),
]

/** Cast: a row is an object, and so is its plain form. */
const plainRow = (row: object): PlainRow => Json.plain(row) as PlainRow

const plainKey = (key: bigint | string): number | string =>
  typeof key === "bigint" && Number.isSafeInteger(Number(key)) ? Number(key) : String(key)

/** Returns a function that reads a primary key; a 64-bit integer may be text. */
const keyFor = (definition: AnyDefinition): (id: number | string) => number | bigint | string => {
  const isText = definition.fields[keyOf(definition)]?.type === "VarChar"
  return (id) => !isText && typeof id === "string" && /^-?\d{1,19}$/.test(id) ? BigInt(id) : id
}
