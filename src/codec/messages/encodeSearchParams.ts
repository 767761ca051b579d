/** Encodes the parameters of a search as text, as Milvus expects them. */
import { describeValue, throwValue } from "../errors.ts"
import { jsonOfField } from "../stringifyJson.ts"
import type { KeyValues } from "./searchRequest.ts"

/** Parameters of a search. */
export interface SearchParams {
  /** The vector field to search; required if the collection has several. */
  readonly field?: string | undefined
  /** The maximum number of hits for each query. */
  readonly limit: number
  /** The number of hits to skip for each query. */
  readonly offset?: number | undefined
  /** The metric. Default: the metric of the index. */
  readonly metricType?: string | undefined
  /** Parameters of the index, such as `ef`, `nprobe`, `radius` and `range_filter`. They are sent as JSON. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** The number of decimals to which scores are rounded. Default: -1, which does not round. */
  readonly roundDecimal?: number | undefined
  /** Whether growing segments are skipped. Default: false. */
  readonly ignoreGrowing?: boolean | undefined
  /** The field by whose values hits are grouped. */
  readonly groupByField?: string | undefined
  /** The number of hits in each group. */
  readonly groupSize?: number | undefined
  /** Whether each group must be full. */
  readonly strictGroupSize?: boolean | undefined
  /** Other parameters, sent unchanged. */
  readonly others?: Readonly<Record<string, string>> | undefined
}

/**
 * Returns the parameters as pairs of the keys and values that Milvus expects. `params` also contains the metric,
 * because servers before 2.5 read it there. Throws `CodecError` if a value does not fit.
 */
export const searchParams = (options: SearchParams): KeyValues => {
  const { field, limit, offset, metricType, roundDecimal = -1, ignoreGrowing = false } = options
  whole("limit", limit)
  if (offset !== undefined) whole("offset", offset)
  const pairs: Array<readonly [string, string]> = [
    ["topk", `${limit}`],
    ["round_decimal", `${roundDecimal}`],
    ["ignore_growing", `${ignoreGrowing}`],
  ]
  const add = (key: string, value: string | number | boolean | undefined) => {
    if (value !== undefined) pairs.push([key, `${value}`])
  }
  add("offset", offset)
  add("group_by_field", options.groupByField)
  add("group_size", options.groupSize)
  add("strict_group_size", options.strictGroupSize)
  add("metric_type", metricType)
  add("anns_field", field)
  if (options.others !== undefined) pairs.push(...Object.entries(options.others))
  const params = metricType === undefined ? options.params : { ...options.params, metric_type: metricType }
  pairs.push(["params", params === undefined ? "{}" : jsonOfField(params, "params")])
  return pairs
}

const whole = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) {
    throwValue(name, undefined, "a non-negative integer", describeValue(value))
  }
}
