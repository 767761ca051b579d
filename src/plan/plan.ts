/** Compares definitions with a server. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { operation } from "../operations/shared/operation.ts"
import { currentConnection } from "../operations/shared/currentConnection.ts"
import { accessDifference } from "./accessSteps.ts"
import type { ReadError } from "./collectionSteps.ts"
import { decodeDefinitions, type Definitions } from "./definitions.ts"
import { databasesDifference } from "./serverSteps.ts"
import { type Conflict, type Difference, joined, type Step } from "./steps.ts"

/** The difference of a server to its definitions. */
export interface Plan {
  /** The address of the server. */
  readonly address: string
  /** The database of the connection. */
  readonly database: string
  /** The definitions that the plan was made for. */
  readonly definitions: Definitions
  /** The steps, in the order in which they are made. Those that drop something come last, except for replacements. */
  readonly steps: ReadonlyArray<Step>
  /** Differences that no step removes. With one of them, the plan cannot be applied. */
  readonly conflicts: ReadonlyArray<Conflict>
}

/**
 * Compares definitions with the server, and returns what makes the server as defined. Changes nothing.
 *
 * Properties, new nullable fields and longer texts are changed in place, if the server is new enough. A different index
 * is replaced, which drops the old one. A collection that differs otherwise is a conflict: it needs a new collection,
 * as `reembed` makes one. Indexes and properties that are not defined stay.
 *
 * Calls `DescribeCollection`, `DescribeIndex` and `GetLoadState` for each collection, and the RPCs that list what the
 * definitions have. Milvus 2.3 and later; milvus-lite without roles and users. Fails with `ParamError` if a definition
 * is invalid, before anything is sent.
 */
export const plan = (definitions: Definitions): Effect.Effect<Plan, ReadError, Connection.Connection> =>
  operation(
    "Schema.plan",
    undefined,
    undefined,
    Effect.gen(function* () {
      const { config: { address, database } } = yield* currentConnection()
      const { steps, drops, conflicts } = yield* readDifference(definitions)
      return { address, database, definitions, steps: [...steps, ...drops], conflicts }
    }),
  )

const readDifference = (definitions: Definitions): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { config: { database } } = yield* currentConnection()
    const decoded = yield* Effect.fromResult(decodeDefinitions(definitions, database))
    return joined([yield* databasesDifference(decoded), yield* accessDifference(decoded)])
  })

/**
 * Returns a plan as text, one line for each step with its reason: `+` makes something, `~` changes it, `-` drops it or
 * belongs to a replacement, `!` is a conflict. Passwords are not in it.
 */
export const format = ({ address, database, steps, conflicts }: Plan): string => {
  const title = `${address}, database ${JSON.stringify(database)}`
  if (steps.length === 0 && conflicts.length === 0) return `${title}: as defined, nothing to do\n`
  const lines = [
    ...steps.map(({ kind, drops, what, why }) => `${signOf(kind, drops)} ${what}: ${why}`),
    ...conflicts.map(({ what, why }) => `! ${what}: ${why}`),
  ]
  const drops = steps.filter(({ drops }) => drops).length
  const counts = [
    `${steps.length - drops} to make`,
    ...(drops === 0 ? [] : [`${drops} only if drops are allowed`]),
    ...(conflicts.length === 0 ? [] : [`${conflicts.length} in conflict`]),
  ]
  return `${title}:\n${lines.map((line) => `  ${line}\n`).join("")}${counts.join(", ")}\n`
}

const signOf = (kind: Step["kind"], drops: boolean): string =>
  drops ? "-" : /^(Create|Add|Grant)/.test(kind) ? "+" : "~"
