/** The versions of Milvus that the options of searches need, if later than 2.3. */
import * as Effect from "effect/Effect"
import type * as Connection from "../../Connection.ts"
import type { Unsupported } from "../../errors.ts"
import { requireMilvus, requireVersion } from "../shared/currentConnection.ts"
import { readOptionVersions, requireFilter } from "./read.ts"

/** Options that milvus-lite knows as well. */
const general: Versions = {
  groupBy: "2.4.0",
  groupSize: "2.5.0",
  strictGroupSize: "2.5.0",
  timeFields: readOptionVersions.timeFields,
}

/** Options that milvus-lite ignores. It heeds a time zone for parts of times only. */
const milvusOnly: Versions = {
  timezone: readOptionVersions.timezone,
  namespace: readOptionVersions.namespace,
  orderBy: readOptionVersions.orderBy,
  groupScorer: "2.5.0",
  analyzerName: "2.5.11",
  pageRetainOrder: "2.4.10",
  highlighter: "2.6.8",
  aggregation: "3.0.0",
}

type Versions = Readonly<Record<string, string>>

/**
 * Fails with `Unsupported` for the first option that the server is known not to have. Looks at the options that are
 * given only, so that a search with few options stays cheap.
 */
export const requireSearchOptions = (
  connection: Connection.Connection,
  method: "Search" | "HybridSearch",
  options: object,
  operation?: string,
): Effect.Effect<void, Unsupported> => {
  // Cast: any object can be read by property names.
  const given = options as { readonly [name: string]: unknown }
  const needs: Array<Effect.Effect<void, Unsupported>> = []
  const milvus = (name: string, since: string) => needs.push(requireMilvus(connection, method, name, since, operation))
  const any = (name: string, since: string) => needs.push(requireVersion(connection, method, name, since, operation))
  for (const name of Object.keys(options)) {
    if (name === "filter") needs.push(requireFilter(connection, method, given[name], operation))
    const since = general[name] ?? milvusOnly[name]
    if (since === undefined && !special.has(name) || given[name] === undefined) continue
    if (name === "groupBy" && typeof given[name] === "object") {
      milvus(name, Array.isArray(given[name]) ? "3.0.0" : "2.6.2")
    } else if (name === "functionChains") {
      if (method === "Search") any(name, "3.0.0")
      else milvus(name, "3.0.3")
    } else if (name === "rerank") {
      if (method === "Search") any(name, "2.6.0")
    } else if (since !== undefined) (Object.hasOwn(general, name) ? any : milvus)(name, since)
  }
  return needs.length === 0 ? Effect.void : Effect.all(needs, { discard: true })
}

const special: ReadonlySet<string> = new Set(["functionChains", "rerank"])
