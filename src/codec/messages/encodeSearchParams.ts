/** The parameters of a search as the text that Milvus takes them as. */
import { throwValue } from "../errors.ts"
import { jsonOfField } from "../stringifyJson.ts"
import type { KeyValues } from "./searchRequest.ts"

/** What a search can be told. */
export interface SearchParams {
  /** The vector field that is searched; needed where there are several. */
  readonly field?: string | undefined
  /** How many hits are wanted for each query. */
  readonly limit: number
  /** How many of them are passed over. */
  readonly offset?: number | undefined
  /** That of the index where it is absent. */
  readonly metricType?: string | undefined
  /** Parameters of the index, such as `ef`, `nprobe`, `radius` and `range_filter`: they travel as JSON. */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** To how many decimals scores are rounded; -1, the default, for not at all. */
  readonly roundDecimal?: number | undefined
  /** Whether segments that still grow are passed over. */
  readonly ignoreGrowing?: boolean | undefined
  /** The field of which each value gives one group of hits. */
  readonly groupByField?: string | undefined
  /** How many hits a group has. */
  readonly groupSize?: number | undefined
  /** Whether each group must be full. */
  readonly strictGroupSize?: boolean | undefined
  /** Anything else, verbatim. */
  readonly others?: Readonly<Record<string, string>> | undefined
}

/**
 * The pairs that a search sends, by the keys and in the spelling of Milvus. `params` gets the other parameters too, which
 * is where servers before 2.5 look for some of them.
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
  if (!Number.isSafeInteger(value) || value < 0) throwValue(name, undefined, "a whole number")
}
