/** Search by brute force: every row is compared with every query vector, so the result is exact. */
import type { KeyValuePair, PlaceholderGroup, SearchResults } from "../../../contract/messages.gen.ts"
import type { Collection, Row } from "../state/collection.ts"
import type { DeepPartial, Request } from "../contract.ts"
import { parseFilter } from "./filterParser.ts"
import { type IteratorPage, iteratorPage, iteratorParameters } from "./scoreIterator.ts"
import { type Field, valueOf, vectorTypes } from "../state/layout.ts"
import { checkIdentity, checkParams, columns, idsOf, maxWindow, outputs, readCount } from "./output.ts"
import { readMessage, throwParameter, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"
import { readSearchRange, type SearchRange } from "./searchChecks.ts"
import { type Metric, metricOf, readVector, type Vector } from "./metrics.ts"

/** The hits of a search, and how it was made. */
export interface Found {
  readonly plan: Plan
  /** The hits of each query vector, the nearest first. */
  readonly hits: ReadonlyArray<ReadonlyArray<Hit>>
}

/** Finds the nearest rows of each query vector. */
export const find = (
  collection: Collection,
  request: Request<"Search">,
  readPlaceholders: (bytes: Uint8Array) => PlaceholderGroup,
): Found => {
  const { dsl, expr_template_values, partition_names, search_params } = request
  const { placeholder_group = new Uint8Array(), function_score, search_aggregation, highlighter } = request
  if (request.ids !== undefined || request.search_by_primary_keys) throwUnsupported("search by primary keys")
  if ([function_score, search_aggregation, highlighter, ...request.function_chains].some((it) => it !== null)) {
    throwUnsupported("functions of a search")
  }
  checkParams("search parameter", search_params, searchParameters)
  checkIdentity(collection, search_params)
  const plan = planOf(collection, search_params)
  const rows = collection.rows(parseFilter(dsl, collection.layout, expr_template_values), partition_names)
  const candidates = rows.flatMap((row) => candidatesOf(row, plan.field))
  const queries = queriesOf(plan.field, readMessage(readPlaceholders, placeholder_group))
  if (Number(request.nq) > 0 && Number(request.nq) !== queries.length) {
    throwUnexpected(`nq [${request.nq}] is not the number of vectors, ${queries.length}`)
  }
  if (plan.page !== undefined && queries.length !== 1) throwParameter("an iterator searches for one vector")
  return { plan, hits: queries.map((vector) => nearest(candidates, vector, plan)) }
}

/** Answers a search with the nearest rows of each query vector. */
export const search = (
  collection: Collection,
  request: Request<"Search">,
  readPlaceholders: (bytes: Uint8Array) => PlaceholderGroup,
): DeepPartial<SearchResults> => {
  const { plan: { page }, hits } = find(collection, request, readPlaceholders)
  const { results, ...head } = resultsOf(collection, hits, request.output_fields)
  if (page === undefined) return { ...head, results }
  const last_bound = hits.flat().at(-1)?.score ?? page.bound ?? 0
  return { ...head, results: { ...results, search_iterator_v2_results: { token: page.token, last_bound } } }
}

/** Returns the reply with the hits of each query vector. */
export const resultsOf = (
  collection: Collection,
  hits: ReadonlyArray<ReadonlyArray<Hit>>,
  outputFields: ReadonlyArray<string>,
) => {
  const { primary } = collection.layout
  const all = hits.flat()
  const { names, fields } = outputs(collection, outputFields)
  return {
    collection_name: collection.name,
    results: {
      num_queries: hits.length,
      top_k: Math.max(0, ...hits.map((list) => list.length)),
      topks: hits.map((list) => list.length),
      scores: all.map(({ score }) => score),
      ids: idsOf(primary, all.map(({ row }) => row.key)),
      output_fields: names,
      fields_data: columns(fields, all.map(({ row }) => row)),
      primary_field_name: primary.name,
    },
  }
}

const searchParameters = [
  "anns_field",
  "topk",
  "metric_type",
  "params",
  "round_decimal",
  "offset",
  "ignore_growing",
  ...iteratorParameters,
]

/** A search with its parameters read. */
export interface Plan {
  readonly field: Field
  readonly metric: Metric
  readonly limit: number
  readonly offset: number
  readonly page: IteratorPage | undefined
  readonly accepts: (score: number) => boolean
  readonly round: (score: number) => number
}

const planOf = (collection: Collection, params: ReadonlyArray<KeyValuePair>): Plan => {
  const field = searchedField(collection, valueOf(params, "anns_field"))
  const indexed = valueOf(collection.indexOf(field)?.params ?? [], "metric_type")
  const metric = metricOf(field.type, indexed)
  const requested = valueOf(params, "metric_type") || metric.name
  if (requested !== metric.name) {
    throwUnexpected(`metric type not match: expected=${metric.name}, actual=${requested}`)
  }
  const limit = readCount(params, "topk") ?? 0
  const offset = readCount(params, "offset") ?? 0
  if (limit < 1 || offset < 0 || limit + offset > maxWindow) {
    const [name, value] = limit < 1 || limit > maxWindow ? ["topk", limit] : ["offset", offset]
    throwUnexpected(`${name} [${value}] is invalid, top k should be in range [1, ${maxWindow}], but got ${value}`)
  }
  const page = iteratorPage(params, limit)
  const decimals = decimalsOf(valueOf(params, "round_decimal"))
  const indexParams = valueOf(params, "params") ?? (collection.layout.isOld ? "" : "{}")
  const range = readSearchRange(collection, field, indexParams, limit + offset, metric.isSimilarity)
  return {
    field,
    metric,
    limit: page?.size ?? limit,
    offset,
    page,
    accepts: scoreFilter(field, metric, range, page?.bound),
    round: (score) => decimals < 0 ? score : Math.round(score * 10 ** decimals) / 10 ** decimals,
  }
}

const searchedField = ({ layout }: Collection, name: string | undefined): Field => {
  const vectors = layout.fields.filter((field) => vectorTypes.has(field.type))
  if (!name && vectors.length > 1) {
    throwParameter("multiple anns_fields exist, please specify a anns_field in search_params")
  }
  const field = name ? vectors.find((it) => it.name === name) : vectors[0]
  return field ?? throwUnexpected(`failed to get field schema by name: fieldName(${name}) not found`)
}

/** Reads the number of decimals of scores; -1 means all. */
export const decimalsOf = (text = "-1"): number => {
  if (/^(-1|[0-6])$/.test(text)) return Number(text)
  return throwUnexpected(`round_decimal [${text}] is invalid, should be -1 or an integer in range [0, 6]`)
}

/** Returns whether a hit with a score is part of the result: it is in the range, and after the page before. */
const scoreFilter = (
  field: Field,
  { isSimilarity }: Metric,
  { radius, inner }: SearchRange,
  bound: number | undefined,
): (score: number) => boolean => {
  const isSparse = field.type === "SparseFloatVector"
  return (score) => {
    // Milvus does not return sparse vectors that have no index in common with the query.
    if (isSparse && score === 0) return false
    if (bound !== undefined && (isSimilarity ? score >= bound : score <= bound)) return false
    return isSimilarity
      ? (radius === undefined || score > radius) && (inner === undefined || score <= inner)
      : (radius === undefined || score < radius) && (inner === undefined || score >= inner)
  }
}

const queriesOf = (field: Field, { placeholders }: PlaceholderGroup): ReadonlyArray<Vector> => {
  const [placeholder] = placeholders
  const nq = placeholder?.values.length ?? 0
  if (placeholder === undefined || nq < 1 || nq > maxWindow) {
    return throwUnexpected(
      `nq [${nq}] is invalid, nq (number of search vectors) should be in range [1, ${maxWindow}], but got ${nq}`,
    )
  }
  if (placeholder.type !== field.type) {
    throwUnexpected(
      `vector type must be the same, field ${field.name} - type ${field.type}, search info type ${placeholder.type}`,
    )
  }
  const bytes = { FloatVector: 4, Float16Vector: 2, BFloat16Vector: 2, BinaryVector: 1 / 8 }[String(field.type)] ?? 1
  const size = field.dimension * bytes
  return placeholder.values.map((value) => {
    if (size > 0 && value.length !== size) {
      throwUnexpected(`vector dimension mismatch, expected vector size(byte) ${size}, actual ${value.length}`)
    }
    return readVector(field.type, value)
  })
}

interface Candidate {
  readonly row: Row
  readonly vector: Vector
}

/** Returns a row with its vector, or nothing if the vector is null. */
const candidatesOf = (row: Row, field: Field): ReadonlyArray<Candidate> => {
  const value = row.cells.get(field.name)
  return value instanceof Uint8Array || isNumbers(value) ? [{ row, vector: readVector(field.type, value) }] : []
}

const isNumbers = (value: unknown): value is ReadonlyArray<number> => Array.isArray(value)

/** A row that a search found. */
export interface Hit {
  readonly row: Row
  readonly score: number
}

const nearest = (candidates: ReadonlyArray<Candidate>, query: Vector, plan: Plan): ReadonlyArray<Hit> => {
  const { metric, limit, offset, accepts, round } = plan
  const hits = candidates.flatMap(({ row, vector }): ReadonlyArray<Hit> => {
    const score = Math.fround(metric.score(query, vector))
    return accepts(score) ? [{ row, score: round(score) }] : []
  })
  const sign = metric.isSimilarity ? -1 : 1
  return hits.toSorted((a, b) => sign * (a.score - b.score)).slice(offset, offset + limit)
}
