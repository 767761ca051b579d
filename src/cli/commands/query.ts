/** `query` finds rows by a filter, and `search` by vectors. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { parseJson } from "../../codec/parseJson.ts"
import type { SearchData } from "../../operations/Vectors.ts"
import { isVector } from "../../schema/typeNames.ts"
import { UsageError } from "../errors.ts"
import { cellKinds, printableRows } from "../printableRows.ts"
import { note, Terminal } from "../screen.ts"
import { parseParams } from "../schemaSyntax.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import {
  argument,
  collectionArgument,
  collectionOperations,
  countFlag,
  filterFlag,
  manyFlag,
  namesFlag,
  optionalArgument,
  printAll,
  textFlag,
  vectorOperations,
} from "./args.ts"

const readFlags = {
  partitions: namesFlag("partitions", "A,B", "Only these partitions"),
  offset: countFlag("offset", "Number of rows to skip", 0),
  consistency: Flag.Literals("consistency", ["Strong", "Session", "Bounded", "Eventually"]).pipe(
    Flag.withDescription("Consistency level (default: Strong, which sees all writes)"),
    Flag.withMetavar("LEVEL"),
    Flag.withDefault<"Strong" | "Session" | "Bounded" | "Eventually">("Strong"),
  ),
} as const

const defaultQueryLimit = 100

/** `query`. */
export const query = Command.make("query", {
  collection: collectionArgument,
  filter: optionalArgument("filter", 'Condition, such as "year > 1900 and title like \\"A%\\""'),
  fields: namesFlag("fields", "A,B", "Fields to show (default: all)"),
  limit: countFlag("limit", `Maximum number of rows (default: ${defaultQueryLimit})`),
  ...readFlags,
  target: targetFlags,
}, ({ collection, filter, fields = ["*"], limit, target, ...options }) =>
  Effect.gen(function* () {
    const most = limit ?? defaultQueryLimit
    // The count is one row; Milvus rejects a limit with it.
    const isCount = fields.length === 1 && fields[0] === "count(*)"
    if (isCount && limit !== undefined) {
      return yield* new UsageError({ reason: "--limit: not allowed with count(*), which is one row" })
    }
    yield* withConnection(target)(Effect.gen(function* () {
      const Vectors = yield* vectorOperations
      const found = yield* Vectors.query(collection, filter, {
        ...options,
        outputFields: fields,
        ...(isCount ? {} : { limit: most }),
      })
      const { fromServer } = yield* collectionOperations
      const order = Object.keys((yield* fromServer(collection)).fields)
      const rows = printableRows(found.columns, found.rows, order)
      const names = found.columns.filter(({ isDynamic }) => !isDynamic).map(({ fieldName }) => fieldName)
      const columns = [...order.filter((name) => names.includes(name)), ...names]
      yield* printAll(withKeysOf(columns, rows), rows, "rows", cellKinds(found.columns))
      if (limit === undefined && !isCount && found.length === most) {
        yield* onTerminal(`The first ${most} rows; --limit N for more, export for all.`)
      }
    }))
  })).pipe(
    Command.withDescription("Show rows that match a filter"),
    Command.withExamples([
      { command: "query books 'year > 1900' --fields title,year --limit 10" },
      { command: "query books --fields 'count(*)'" },
    ]),
  )

/** Adds dynamic keys of the rows to the columns. */
const withKeysOf = (
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
): ReadonlyArray<string> => [...new Set([...columns, ...rows.flatMap((row) => Object.keys(row))])]

const onTerminal = (text: string): Effect.Effect<void, never, Terminal> =>
  Terminal.use(({ out }) => out.isTerminal ? note(text) : Effect.void)

const defaultSearchLimit = 10

/** `search`. */
export const search = Command.make(
  "search",
  {
    collection: collectionArgument,
    query: argument("query", "Vector as JSON: [0.1, 0.2]; or text, for full-text search"),
    field: textFlag("field", "FIELD", "Vector field; required if there are several"),
    limit: countFlag("limit", `Number of hits (default: ${defaultSearchLimit})`),
    filter: filterFlag,
    fields: namesFlag("fields", "A,B", "Fields to show (default: all except vectors)"),
    metric: textFlag("metric", "METRIC", "Metric (default: the one of the index)"),
    params: manyFlag("param", "KEY=VALUE", "Search parameter, such as ef=64; may be repeated"),
    groupBy: textFlag("group-by", "FIELD", "Return the best hits for each value of this field"),
    ...readFlags,
    target: targetFlags,
  },
  ({ collection, query, limit = defaultSearchLimit, fields, params, target, ...options }) =>
    Effect.flatMap(
      Effect.all([vectorOf(query), parseParams(params)]),
      ([data, params]) =>
        withConnection(target)(Effect.gen(function* () {
          const Vectors = yield* vectorOperations
          const { describe } = yield* collectionOperations
          const { definition } = yield* describe(collection)
          const outputFields = fields ?? Object.entries(definition.fields)
            .filter(([, field]) => !isVector(field))
            .map(([name]) => name)
          const found = yield* Vectors.search(definition, data, { ...options, limit, outputFields, params })
          const rows = printableRows(found.columns, Array.from(found.hits(), ({ row }) => row), outputFields)
          // A field may have the same name as the id or score of a hit; both are shown.
          const free = (name: string) =>
            rows.some((row) => Object.hasOwn(row, name)) && definition.fields[name]?.options.primaryKey !== true
              ? `$${name}`
              : name
          const [idName, scoreName] = [free("id"), free("score")]
          const hits = Array.from(found.hits(), ({ id, score }, at) => ({
            [idName]: id,
            [scoreName]: Number(score.toPrecision(6)),
            ...rows[at],
          }))
          yield* printAll(
            withKeysOf([idName, scoreName], hits),
            hits,
            "hits",
            cellKinds(found.columns, [idName, scoreName]),
          )
        })),
    ),
).pipe(
  Command.withDescription("Show the rows that are nearest to a vector"),
  Command.withExamples([{ command: "search books '[0.1, 0.2, 0.3, 0.4]' --limit 5 --filter 'year > 1900'" }]),
)

/** Parses a query: a vector, a sparse vector such as `{"1": 0.5}`, or text. */
const vectorOf = (text: string): Effect.Effect<SearchData, UsageError> =>
  Effect.suspend(() => {
    if (!/^\s*[[{]/.test(text)) return Effect.succeed([text])
    try {
      // Cast: the value is checked when it is encoded.
      return Effect.succeed([parseJson(text)] as SearchData)
    } catch {
      return Effect.fail(
        new UsageError({ reason: `${text.slice(0, 40)} is not a vector`, hint: "write it as JSON: [0.1, 0.2]" }),
      )
    }
  })
