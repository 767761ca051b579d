/**
 * Handlers of the tools of `mcp`. A tool that fails has a result with the sentence that the command line would print.
 * It has no secret, since no error of this library has.
 */
import { Buffer } from "node:buffer"
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
import { UsageError } from "../errors.ts"
import { explainCause, toLine } from "../errorText.ts"
import type { Row } from "../output/writer.ts"
import { printableRows } from "../printableRows.ts"
import { readTools, writeTools } from "./tools.ts"

/** Limits of a tool. */
export interface Limits {
  /** Maximum number of rows of a reply, and of an insert. */
  readonly maxRows: number
  /** Maximum size of the rows of a reply as JSON, in bytes. */
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
      (cause) => Cause.hasInterrupts(cause) ? Effect.interrupt : Effect.fail({ error: toLine(explainCause(cause)) }),
    )

  const limitOf = (limit = Math.min(defaultLimit, maxRows)): Effect.Effect<number, UsageError> =>
    limit <= maxRows
      ? Effect.succeed(limit)
      : Effect.fail(new UsageError({ reason: `limit: expected at most ${maxRows}, got ${limit}` }))

  /** Leaves out the last rows, so that the others fit into a reply. */
  const fitting = (rows: ReadonlyArray<PlainRow>) => {
    let bytes = 0
    const end = rows.findIndex((row) => (bytes += Buffer.byteLength(JSON.stringify(row)) + 1) > maxBytes)
    return end < 0 ? { rows, omitted: 0 } : { rows: rows.slice(0, end), omitted: rows.length - end }
  }

  const hitsOf = (found: Vectors.SearchResult<Row>, order: ReadonlyArray<string>) => {
    const rows = printableRows(found.columns, Array.from(found.hits(), ({ row }) => row), order)
    const hits = Array.from(
      found.hits(),
      ({ score }, at) => ({ $score: Number(score.toPrecision(6)), ...plainRow(rows[at] ?? {}) }),
    )
    const { rows: some, omitted } = fitting(hits)
    return { hits: some, omitted }
  }

  return {
    list_collections: () =>
      run(Effect.gen(function* () {
        const names = yield* Collection.list()
        const collections = names.slice(0, maxRows)
        return { collections, omitted: names.length - collections.length }
      })),

    describe_collection: ({ collection }: { readonly collection: string }) =>
      run(Effect.gen(function* () {
        const { definition } = yield* Collection.describe(collection)
        const { rows } = yield* Collection.statistics(collection)
        const indexes = yield* Index.describe(collection)
        const { name, options } = definition
        return {
          name,
          description: options.description ?? "",
          fields: Object.entries(definition.fields).map(([name, field]) => plainRow({ name, ...field })),
          functions: Object.entries(options.functions ?? {}).map(([name, one]) => plainRow({ name, ...one })),
          indexes: indexes.map(({ field, type, metric }) => plainRow({ field, type, metric })),
          dynamicFields: options.dynamicFields ?? false,
          rows,
        }
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
        return fitting(printableRows(found.columns, found.rows, outputFields).map(plainRow))
      })),

    count: ({ collection, filter }: { readonly collection: string; readonly filter?: string }) =>
      run(Effect.map(Vectors.count(collection, filter, strong), (count) => ({ count }))),

    insert: ({ collection, rows, upsert = false }: InsertCall) =>
      run(Effect.gen(function* () {
        if (rows.length > maxRows) {
          return yield* new UsageError({ reason: `rows: expected at most ${maxRows}, got ${rows.length}` })
        }
        const { count, ids } = yield* (upsert ? Vectors.upsert : Vectors.insert)(collection, rows)
        return { inserted: count, ids: Array.from<bigint | string, number | string>(ids, plainKey) }
      })),

    delete: ({ collection, ids, filter }: DeleteCall) =>
      run(Effect.gen(function* () {
        if ((ids === undefined) === (filter === undefined)) {
          return yield* new UsageError({ reason: "expected either ids or filter" })
        }
        const { definition } = yield* Collection.describe(collection)
        const which = ids === undefined ? { filter: filter ?? "" } : { ids: ids.map(keyFor(definition)) }
        return { deleted: yield* Vectors.delete(definition, which) }
      })),
  }
}

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
