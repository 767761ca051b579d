/** `query`: finds rows by a filter. Also what it shares with searches. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { UsageError } from "../errors.ts"
import { cellKinds, printableRows } from "../printableRows.ts"
import { note, Terminal } from "../screen.ts"
import { targetFlags } from "../connectionFlags.ts"
import { namespaceFlag, principalFlags, withRows } from "../tenants.ts"
import {
  collectionArgument,
  collectionOperations,
  countFlag,
  namesFlag,
  optionalArgument,
  printAll,
  vectorOperations,
} from "./args.ts"

/** Flags of all reads. */
export const readFlags = {
  partitions: namesFlag("partitions", "A,B", "Only these partitions"),
  offset: countFlag("offset", "Number of rows to skip", 0),
  consistency: Flag.Literals("consistency", ["Strong", "Session", "Bounded", "Eventually"]).pipe(
    Flag.withDescription("Consistency level (default: Strong, which sees all writes)"),
    Flag.withMetavar("LEVEL"),
    Flag.withDefault<"Strong" | "Session" | "Bounded" | "Eventually">("Strong"),
  ),
  namespace: namespaceFlag,
  ...principalFlags,
} as const

const defaultQueryLimit = 100

/** `query`. */
export const query = Command.make(
  "query",
  {
    collection: collectionArgument,
    filter: optionalArgument("filter", 'Condition, such as "year > 1900 and title like \\"A%\\""'),
    fields: namesFlag("fields", "A,B", "Fields to show (default: all)"),
    limit: countFlag("limit", `Maximum number of rows (default: ${defaultQueryLimit})`),
    ...readFlags,
    target: targetFlags,
  },
  ({ collection, filter, fields = ["*"], limit, principal, skipPolicies, target, ...options }) =>
    Effect.gen(function* () {
      const most = limit ?? defaultQueryLimit
      // The count is one row; Milvus rejects a limit with it.
      const isCount = fields.length === 1 && fields[0] === "count(*)"
      if (isCount && limit !== undefined) {
        return yield* new UsageError({ reason: "--limit: not allowed with count(*), which is one row" })
      }
      yield* withRows(target, { principal, skipPolicies })(Effect.gen(function* () {
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
    }),
).pipe(
  Command.withDescription("Show rows that match a filter"),
  Command.withExamples([
    { command: "query books 'year > 1900' --fields title,year --limit 10" },
    { command: "query books --fields 'count(*)'" },
  ]),
)

/** Adds dynamic keys of the rows to the columns. */
export const withKeysOf = (
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
): ReadonlyArray<string> => [...new Set([...columns, ...rows.flatMap((row) => Object.keys(row))])]

const onTerminal = (text: string): Effect.Effect<void, never, Terminal> =>
  Terminal.use(({ out }) => out.isTerminal ? note(text) : Effect.void)
