/** Search: every row is compared with every query, so what is found is exact. */
import type { KeyValuePair, PlaceholderGroup, SearchResults } from "../../wire/messages.gen.ts"
import type { Collection, Row } from "./collection.ts"
import type { Partially, Request } from "./contract.ts"
import { parseFilter } from "./filters.ts"
import { type IteratorPage, iteratorPage, iteratorParameters } from "./iterator.ts"
import { type Field, valueOf, vectorTypes } from "./layout.ts"
import { checkIdentity, columns, idsOf, onlyKnown, outputs, readCount, windowBound } from "./results.ts"
import { Code, readUnexpected, refuse, refuseParameter, refuseUnexpected, refuseUnknown } from "./status.ts"
import { type SearchRange, searchRanges } from "./searchChecks.ts"
import { type Metric, metricOf, readVector, type Vector } from "./vectors.ts"

/** Compares every row with every query. */
export const search = (
  collection: Collection,
  request: Request<"Search">,
  placeholders: (bytes: Uint8Array) => PlaceholderGroup,
): Partially<SearchResults> => {
  const { dsl, expr_template_values, output_fields, partition_names, search_params } = request
  const { placeholder_group = new Uint8Array(), function_score, search_aggregation, highlighter } = request
  if (request.ids !== undefined || request.search_by_primary_keys) refuseUnknown("search by primary keys")
  if ([function_score, search_aggregation, highlighter, ...request.function_chains].some((it) => it !== null)) {
    refuseUnknown("functions of a search")
  }
  onlyKnown("search parameter", search_params, searchParameters)
  checkIdentity(collection, search_params)
  const { primary } = collection.layout
  const plan = planOf(collection, search_params)
  const rows = collection.rows(parseFilter(dsl, collection.layout, expr_template_values), partition_names)
  const candidates = rows.flatMap((row) => candidateOf(row, plan.field))
  const queries = queriesOf(plan.field, readUnexpected(placeholders, placeholder_group))
  if (Number(request.nq) > 0 && Number(request.nq) !== queries.length) {
    refuseUnexpected(`nq [${request.nq}] is not the number of vectors, ${queries.length}`)
  }
  if (plan.page !== undefined && queries.length !== 1) refuseParameter("an iterator searches for one vector")
  const hits = queries.map((vector) => nearest(candidates, vector, plan))
  const all = hits.flat()
  const { names, fields } = outputs(collection, output_fields)
  return {
    collection_name: collection.name,
    results: {
      num_queries: queries.length,
      top_k: Math.max(0, ...hits.map((list) => list.length)),
      topks: hits.map((list) => list.length),
      scores: all.map(({ score }) => score),
      ids: idsOf(primary, all.map(({ row }) => row.key)),
      output_fields: names,
      fields_data: columns(fields, all.map(({ row }) => row)),
      primary_field_name: primary.name,
      ...(plan.page === undefined ? {} : {
        search_iterator_v2_results: {
          token: plan.page.token,
          last_bound: all.at(-1)?.score ?? plan.page.bound ?? 0,
        },
      }),
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

interface Plan {
  readonly field: Field
  readonly metric: Metric
  readonly limit: number
  readonly offset: number
  readonly page: IteratorPage | undefined
  readonly accepts: (score: number) => boolean
  readonly round: (score: number) => number
}

const planOf = (collection: Collection, params: ReadonlyArray<KeyValuePair>): Plan => {
  const field = searched(collection, valueOf(params, "anns_field"))
  const indexed = valueOf(collection.indexOf(field)?.params ?? [], "metric_type")
  const metric = metricOf(field.type, indexed)
  const asked = valueOf(params, "metric_type") || metric.name
  if (asked !== metric.name) {
    refuseUnexpected(`metric type not match: expected=${metric.name}, actual=${asked}`)
  }
  const limit = readCount(params, "topk") ?? 0
  const offset = readCount(params, "offset") ?? 0
  if (limit < 1 || offset < 0 || limit + offset > windowBound) {
    const [name, value] = limit < 1 || limit > windowBound ? ["topk", limit] : ["offset", offset]
    refuseUnexpected(`${name} [${value}] is invalid, top k should be in range [1, ${windowBound}], but got ${value}`)
  }
  const page = iteratorPage(params, limit)
  const decimals = decimalsOf(valueOf(params, "round_decimal"))
  const within = valueOf(params, "params") ?? (collection.layout.isOld ? "" : "{}")
  return {
    field,
    metric,
    limit: page?.size ?? limit,
    offset,
    page,
    accepts: acceptedBy(
      field,
      metric,
      searchRanges(collection, field, within, limit + offset, metric.isSimilarity),
      page?.bound,
    ),
    round: (score) => decimals < 0 ? score : Math.round(score * 10 ** decimals) / 10 ** decimals,
  }
}

const searched = ({ layout }: Collection, name: string | undefined): Field => {
  const vectors = layout.fields.filter((field) => vectorTypes.has(field.type))
  if (!name && vectors.length > 1) {
    refuseParameter("multiple anns_fields exist, please specify a anns_field in search_params")
  }
  const field = name ? vectors.find((it) => it.name === name) : vectors[0]
  return field ?? refuse(Code.unexpected, `failed to get field schema by name: fieldName(${name}) not found`)
}

const decimalsOf = (text = "-1"): number => {
  if (/^(-1|[0-6])$/.test(text)) return Number(text)
  return refuseUnexpected(`round_decimal [${text}] is invalid, should be -1 or an integer in range [0, 6]`)
}

/** Of the parameters of an index, only those of a range search change what brute force finds. */
const acceptedBy = (
  field: Field,
  { isSimilarity }: Metric,
  { radius, inner }: SearchRange,
  bound: number | undefined,
): (score: number) => boolean => {
  const isSparse = field.type === "SparseFloatVector"
  return (score) => {
    // Sparse vectors that share nothing do not find one another.
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
  if (placeholder === undefined || nq < 1 || nq > windowBound) {
    return refuseUnexpected(
      `nq [${nq}] is invalid, nq (number of search vectors) should be in range [1, ${windowBound}], but got ${nq}`,
    )
  }
  if (placeholder.type !== field.type) {
    refuseUnexpected(
      `vector type must be the same, field ${field.name} - type ${field.type}, search info type ${placeholder.type}`,
    )
  }
  const bytes = { FloatVector: 4, Float16Vector: 2, BFloat16Vector: 2, BinaryVector: 1 / 8 }[String(field.type)] ?? 1
  const size = field.dimension * bytes
  return placeholder.values.map((value) => {
    if (size > 0 && value.length !== size) {
      refuse(Code.unexpected, `vector dimension mismatch, expected vector size(byte) ${size}, actual ${value.length}`)
    }
    return readVector(field.type, value)
  })
}

interface Candidate {
  readonly row: Row
  readonly vector: Vector
}

/** None where the vector is null. */
const candidateOf = (row: Row, field: Field): ReadonlyArray<Candidate> => {
  const value = row.cells.get(field.name)
  return value instanceof Uint8Array || isNumbers(value) ? [{ row, vector: readVector(field.type, value) }] : []
}

const isNumbers = (value: unknown): value is ReadonlyArray<number> => Array.isArray(value)

interface Hit {
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
