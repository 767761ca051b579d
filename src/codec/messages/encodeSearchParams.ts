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
  return [
    ["topk", `${limit}`],
    ["round_decimal", `${roundDecimal}`],
    ["ignore_growing", `${ignoreGrowing}`],
    ...optional("offset", offset),
    ...optional("group_by_field", options.groupByField),
    ...optional("group_size", options.groupSize),
    ...optional("strict_group_size", options.strictGroupSize),
    ...optional("metric_type", metricType),
    ...optional("anns_field", field),
    ...Object.entries(options.others ?? {}),
    [
      "params",
      jsonOfField({ ...options.params, ...(metricType === undefined ? {} : { metric_type: metricType }) }, "params"),
    ],
  ]
}

const optional = (
  key: string,
  value: string | number | boolean | undefined,
): ReadonlyArray<readonly [string, string]> => value === undefined ? [] : [[key, `${value}`]]

const whole = (name: string, value: number): void => {
  if (!Number.isSafeInteger(value) || value < 0) {
    throwValue(name, undefined, "a non-negative integer", describeValue(value))
  }
}
