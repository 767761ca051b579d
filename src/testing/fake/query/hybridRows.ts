/** Hybrid search: ranks the hits of several searches together. */
import type { KeyValuePair, PlaceholderGroup, SearchResults } from "../../../contract/messages.gen.ts"
import type { Collection } from "../state/collection.ts"
import type { DeepPartial, Request } from "../contract.ts"
import { valueOf } from "../state/layout.ts"
import { throwParameter, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"
import type { Key } from "./filterParser.ts"
import { checkParams, maxWindow, readCount } from "./output.ts"
import { decimalsOf, find, type Found, type Hit, resultsOf } from "./searchRows.ts"

/** Maximum number of searches of a hybrid search. */
const maxSearches = 1024

/** Answers a hybrid search. Each of its searches finds as many rows as its own limit allows. */
export const hybridSearch = (
  collection: Collection,
  request: Request<"HybridSearch">,
  readPlaceholders: (bytes: Uint8Array) => PlaceholderGroup,
): DeepPartial<SearchResults> => {
  const { requests, rank_params, partition_names, output_fields } = request
  if (request.function_score !== null || request.function_chains.length > 0) {
    throwUnsupported("functions of a hybrid search")
  }
  checkParams("rank parameter", rank_params, rankParameters)
  if (requests.length === 0) throwParameter("minimum of ann search requests is 1")
  if (requests.length > maxSearches) throwParameter(`maximum of ann search requests is ${maxSearches}`)
  const limit = readCount(rank_params, "limit") ?? 0
  const offset = readCount(rank_params, "offset") ?? 0
  if (limit < 1 || offset < 0 || limit + offset > maxWindow) {
    throwUnexpected(`limit [${limit}] and offset [${offset}] should be in range [1, ${maxWindow}]`)
  }
  const decimals = decimalsOf(valueOf(rank_params, "round_decimal"))
  const round = (score: number): number => decimals < 0 ? score : Math.round(score * 10 ** decimals) / 10 ** decimals
  const found = requests.map((one) => {
    const partitions = one.partition_names.length > 0 ? one.partition_names : partition_names
    return find(collection, { ...one, partition_names: partitions }, readPlaceholders)
  })
  const rank = rankerOf(rank_params, requests.length)
  const queries = found[0]?.hits.length ?? 0
  if (found.some(({ hits }) => hits.length !== queries)) throwParameter("the searches have the same number of vectors")
  const hits = Array.from({ length: queries }, (_, query) =>
    merge(found, query, rank).slice(offset, offset + limit)
      .map(({ row, score }) => ({ row, score: round(Math.fround(score)) })))
  return resultsOf(collection, hits, output_fields)
}

const rankParameters = ["strategy", "params", "limit", "offset", "round_decimal"]

/** Returns what a hit adds to the score of its row: `rank` is its place in search number `at`, from 0. */
type Ranker = (hit: Hit, rank: number, at: number, metric: Found["plan"]["metric"]) => number

const rankerOf = (rankParams: ReadonlyArray<KeyValuePair>, searches: number): Ranker => {
  const params = paramsOf(valueOf(rankParams, "params") ?? "{}")
  const strategy = valueOf(rankParams, "strategy") || "rrf"
  if (strategy === "rrf") {
    const k = params.get("k") ?? 60
    if (typeof k !== "number" || !(k > 0 && k < maxWindow)) {
      return throwUnexpected(`The rank params k should be in range (0, ${maxWindow})`)
    }
    if (params.has("weights")) throwUnsupported("weights of rrf")
    return (_hit, rank) => 1 / (k + rank + 1)
  }
  if (strategy !== "weighted") return throwParameter(`unsupported rank type ${strategy}`)
  const weights = params.get("weights")
  if (!isWeights(weights)) {
    return throwParameter("weights of a hybrid search are numbers from 0 to 1")
  }
  if (weights.length !== searches) {
    throwParameter(`the length of weights param mismatch with ann search requests: ${weights.length} and ${searches}`)
  }
  const isNormal = params.get("norm_score") ?? true
  return (hit, _rank, at, metric) =>
    (weights[at] ?? 0) * (isNormal === false ? rawScore : normalScore)(hit.score, metric)
}

const isWeights = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.every((weight) => typeof weight === "number" && weight >= 0 && weight <= 1)

const paramsOf = (json: string): ReadonlyMap<string, unknown> => {
  try {
    const given: unknown = JSON.parse(json)
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return new Map(Object.entries(given))
  } catch {
    // Refused below.
  }
  return throwUnexpected(`the params of a strategy are not a JSON object: ${json}`)
}

/** Brings a score into the range from 0 to 1, as Milvus does. */
const normalScore = (score: number, { name, isSimilarity }: Found["plan"]["metric"]): number => {
  if (name === "COSINE") return (1 + score) / 2
  return isSimilarity ? 0.5 + Math.atan(score) / Math.PI : 1 - 2 * Math.atan(score) / Math.PI
}

const rawScore = (score: number, { name, isSimilarity }: Found["plan"]["metric"]): number =>
  isSimilarity ? score : throwUnsupported(`scores of ${name} that are not normalized`)

/** Merges the hits of a query vector, the best first. Of equal ones, that with the lesser key is first. */
const merge = (found: ReadonlyArray<Found>, query: number, rank: Ranker): ReadonlyArray<Hit> => {
  const merged = new Map<Key, Hit>()
  found.forEach(({ plan, hits }, at) =>
    hits[query]?.forEach((hit, place) => {
      const { key } = hit.row
      merged.set(key, { row: hit.row, score: (merged.get(key)?.score ?? 0) + rank(hit, place, at, plan.metric) })
    })
  )
  return [...merged.values()].toSorted((a, b) => b.score - a.score || (a.row.key < b.row.key ? -1 : 1))
}
