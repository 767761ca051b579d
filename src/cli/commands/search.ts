/** `search` finds the rows nearest to a vector, and `hybrid-search` ranks the hits of several searches together. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { parseJson } from "../../codec/parseJson.ts"
import type { SearchData, SearchResult } from "../../operations/Vectors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { isVector } from "../../schema/typeNames.ts"
import { targetFlags } from "../connectionFlags.ts"
import { UsageError } from "../errors.ts"
import type { Row } from "../output/writer.ts"
import { cellKinds, printableRows } from "../printableRows.ts"
import { eachOnce, parseParams } from "../schemaSyntax.ts"
import { withRows } from "../tenants.ts"
import {
  anyTextFlag,
  argument,
  collectionArgument,
  collectionOperations,
  countFlag,
  filterFlag,
  manyFlag,
  namesFlag,
  printAll,
  textFlag,
  vectorOperations,
} from "./args.ts"
import { readFlags, withKeysOf } from "./query.ts"

const defaultLimit = 10
/** Number of hits of each search of a hybrid search, unless more are asked for. */
const defaultCandidates = 100

const searchFlags = {
  limit: countFlag("limit", `Number of hits (default: ${defaultLimit})`),
  filter: filterFlag,
  fields: namesFlag("fields", "A,B", "Fields to show (default: all except vectors)"),
  groupBy: textFlag("group-by", "FIELD", "Return the best hits for each value of this field"),
  ...readFlags,
  target: targetFlags,
} as const

/** `search`. */
export const search = Command.make(
  "search",
  {
    collection: collectionArgument,
    query: argument("query", "Vector as JSON: [0.1, 0.2]; or text, for full-text search"),
    field: textFlag("field", "FIELD", "Vector field; required if there are several"),
    metric: textFlag("metric", "METRIC", "Metric (default: the one of the index)"),
    params: manyFlag("param", "KEY=VALUE", "Search parameter, such as ef=64; may be repeated"),
    ...searchFlags,
  },
  ({ collection, query, limit = defaultLimit, fields, params, principal, skipPolicies, target, ...options }) =>
    Effect.flatMap(
      Effect.all([vectorOf(query), parseParams(params)]),
      ([data, params]) =>
        withRows(target, { principal, skipPolicies })(Effect.gen(function* () {
          const Vectors = yield* vectorOperations
          const { describe } = yield* collectionOperations
          const { definition } = yield* describe(collection)
          const outputFields = fields ?? shownFields(definition)
          const found = yield* Vectors.search(definition, data, { ...options, limit, outputFields, params })
          yield* printHits(definition, found, outputFields)
        })),
    ),
).pipe(
  Command.withDescription("Show the rows that are nearest to a vector"),
  Command.withExamples([{ command: "search books '[0.1, 0.2, 0.3, 0.4]' --limit 5 --filter 'year > 1900'" }]),
)

/** `hybrid-search`. */
export const hybridSearch = Command.make(
  "hybrid-search",
  {
    collection: collectionArgument,
    searches: argument("searches", "FIELD=QUERY, at least two: 'v=[0.1, 0.2]', or text for full-text search").pipe(
      Argument.atLeast(2),
    ),
    weights: anyTextFlag("weights", "0.7,0.3", "Weight of each search, in their order (default: by ranks alone)"),
    rrfK: countFlag("rrf-k", "Constant k of reciprocal rank fusion, which is used without weights (default: 60)"),
    candidates: countFlag(
      "candidates",
      `Number of hits of each search that are ranked (default: ${defaultCandidates})`,
    ),
    params: manyFlag("param", "FIELD.KEY=VALUE", "Search parameter of a field, such as v.ef=64; may be repeated"),
    ...searchFlags,
  },
  ({ collection, searches, limit = defaultLimit, fields, filter, principal, skipPolicies, target, ...flags }) =>
    Effect.gen(function* () {
      const { weights, rrfK, candidates, params, ...options } = flags
      const rerank = yield* rerankerOf(weights, rrfK)
      const parts = yield* partsOf(searches, params)
      yield* withRows(target, { principal, skipPolicies })(Effect.gen(function* () {
        const Vectors = yield* vectorOperations
        const { describe } = yield* collectionOperations
        const { definition } = yield* describe(collection)
        const outputFields = fields ?? shownFields(definition)
        const each = { filter, limit: candidates ?? Math.max(defaultCandidates, limit + (options.offset ?? 0)) }
        const found = yield* Vectors.hybridSearch(definition, parts.map((part) => ({ ...part, ...each })), {
          ...options,
          limit,
          outputFields,
          rerank,
        })
        yield* printHits(definition, found, outputFields)
      }))
    }),
).pipe(
  Command.withDescription("Show the rows that several searches find, ranked together"),
  Command.withExamples([
    { command: "hybrid-search books 'v=[0.1, 0.2]' 'terms=rivers' --limit 5" },
    { command: "hybrid-search books 'v=[1, 0]' 'w=[0, 1]' --weights 0.7,0.3" },
  ]),
)

const rerankerOf = (weights: string | undefined, k: number | undefined) =>
  Effect.gen(function* () {
    if (weights === undefined) return k === undefined ? undefined : { strategy: "rrf", k } as const
    if (k !== undefined) return yield* new UsageError({ reason: "expected --weights or --rrf-k, got both" })
    const numbers = weights.split(",").map((text) => text.trim() === "" ? NaN : Number(text))
    if (!numbers.every(Number.isFinite)) {
      return yield* new UsageError({ reason: `--weights: expected numbers such as 0.7,0.3, got "${weights}"` })
    }
    return { strategy: "weighted", weights: numbers } as const
  })

/** Parses the searches, each of one field, with their parameters. */
const partsOf = (searches: ReadonlyArray<string>, params: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const wrong = searches.find((search) => !/^[^=\s]+=/.test(search))
    if (wrong !== undefined) {
      return yield* new UsageError({
        reason: `"${wrong.slice(0, 40)}" is not a search`,
        hint: "write FIELD=QUERY, such as 'v=[0.1, 0.2]'",
      })
    }
    const parts = yield* eachOnce(searches.map(splitSearch), "field")
    const unknown = params.find((param) => !parts.some(([field]) => param.startsWith(`${field}.`)))
    if (unknown !== undefined) {
      return yield* new UsageError({
        reason: `--param "${unknown}": expected FIELD.KEY=VALUE with the field of a search`,
      })
    }
    return yield* Effect.forEach(parts, ([field, query]) =>
      Effect.gen(function* () {
        const own = params.filter((param) => param.startsWith(`${field}.`))
        const values = yield* parseParams(own.map((param) => param.slice(field.length + 1)))
        return { field, data: yield* vectorOf(query), params: values }
      }))
  })

const splitSearch = (search: string): readonly [field: string, query: string] => {
  const at = search.indexOf("=")
  return [search.slice(0, at), search.slice(at + 1)]
}

const shownFields = ({ fields }: AnyDefinition): ReadonlyArray<string> =>
  Object.entries(fields).filter(([, field]) => !isVector(field)).map(([name]) => name)

/** Prints the hits of a search with their keys and scores. */
const printHits = (
  { fields }: AnyDefinition,
  found: SearchResult<Row>,
  outputFields: ReadonlyArray<string>,
) => {
  const rows = printableRows(found.columns, Array.from(found.hits(), ({ row }) => row), outputFields)
  // A field may have the same name as the id or score of a hit; both are shown.
  const free = (name: string) =>
    rows.some((row) => Object.hasOwn(row, name)) && fields[name]?.options.primaryKey !== true ? `$${name}` : name
  const [idName, scoreName] = [free("id"), free("score")]
  const hits = Array.from(found.hits(), ({ id, score }, at) => ({
    [idName]: id,
    [scoreName]: Number(score.toPrecision(6)),
    ...rows[at],
  }))
  return printAll(withKeysOf([idName, scoreName], hits), hits, "hits", cellKinds(found.columns, [idName, scoreName]))
}

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
