/** Checks and encodes the aggregation of a search, which sorts its hits into buckets. */
import * as Effect from "effect/Effect"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type { CodecError } from "../../errors.ts"
import * as Message from "../../Message.ts"
import { checkCount, checkOptions, readNames } from "../shared/options.ts"
import { accepted, tryEncode } from "./read.ts"

/** Aggregation of the hits of a search: a bucket for each combination of values of the fields. */
export interface SearchAggregation<Field extends string = string> {
  /** Fields whose values form a bucket. */
  readonly fields: ReadonlyArray<Field>
  /** Maximum number of buckets, at least 1. In a sub-aggregation: of each bucket. */
  readonly size: number
  /** Metrics of each bucket, under names of the caller's choice: `{ dearest: "max(price)", hits: "count(*)" }`. */
  readonly metrics?: Readonly<Record<string, BucketMetric<Field>>> | undefined
  /** Order of the buckets. Default: decided by the server. */
  readonly order?: ReadonlyArray<BucketOrder> | undefined
  /** The best hits of each bucket. Default: none. */
  readonly topHits?: TopHits<Field> | undefined
  /** Aggregation of the hits of each bucket. */
  readonly subAggregation?: SearchAggregation<Field> | undefined
}

/** Metric of a bucket: the number of its hits, or an aggregate of a field of them. */
export type BucketMetric<Field extends string = string> =
  | "count(*)"
  | `${"count" | "sum" | "avg" | "min" | "max"}(${Field})`

/** Order of buckets. */
export interface BucketOrder {
  /** Order by a metric, the number of hits (`"_count"`), or the values of the fields (`"_key"`). */
  readonly by: string
  /** @default "desc" */
  readonly order?: "asc" | "desc" | undefined
}

/** The best hits of each bucket. */
export interface TopHits<Field extends string = string> {
  /** Maximum number of hits of a bucket, at least 1. */
  readonly size: number
  /** Order of the hits; `"_score"` is their score. Default: the best score first. */
  readonly sort?:
    | ReadonlyArray<{
      readonly field: Field | "_score"
      /** @default "asc" */
      readonly order?: "asc" | "desc" | undefined
    }>
    | undefined
}

type Spec = Message.Messages["milvus.proto.common.SearchAggregationSpec"]["input"]

/** Encodes an aggregation as a message. */
export const searchAggregation = (given: SearchAggregation): Effect.Effect<Uint8Array, CodecError> =>
  Effect.flatMap(
    tryEncode(() => specOf(given, "aggregation")),
    (spec) => Message.encode("milvus.proto.common.SearchAggregationSpec", spec),
  )

const specOf = (given: SearchAggregation, path: string): Spec => {
  known(path, given, ["fields", "size", "metrics", "order", "topHits", "subAggregation"])
  const { fields, size, metrics = {}, order, topHits, subAggregation } = given
  const names = accepted(readNames(`${path}.fields`, fields)) ??
    throwValue(`${path}.fields`, undefined, "a list of at least one field")
  const json = names.find((name) => name.includes("["))
  if (json !== undefined) throwValue(`${path}.fields`, undefined, "names of fields, since servers read no JSON paths")
  const orderKeys = ["_count", "_key", ...Object.keys(metrics)]
  return {
    fields: names,
    size: sizeOf(`${path}.size`, size),
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, metric]) => [name, metricOf(`${path}.metrics`, name, metric)]),
    ),
    ...(order === undefined ? {} : {
      order: listOf(`${path}.order`, order).map((one, index) => {
        known(`${path}.order[${index}]`, one, ["by", "order"])
        const { by, order = "desc" } = one as BucketOrder
        if (!orderKeys.includes(by)) {
          throwValue(`${path}.order[${index}].by`, undefined, `one of ${orderKeys.join(", ")}`)
        }
        return { key: by, direction: direction(`${path}.order[${index}].order`, order) }
      }),
    }),
    ...(topHits === undefined ? {} : { top_hits: topHitsOf(topHits, `${path}.topHits`) }),
    ...(subAggregation === undefined ? {} : { sub_aggregation: specOf(subAggregation, `${path}.subAggregation`) }),
  }
}

const metricOf = (path: string, name: string, metric: unknown) => {
  const [, op, field] = /^(count|sum|avg|min|max)\((.+)\)$/.exec(typeof metric === "string" ? metric : "") ?? []
  if (name.trim() === "") throwValue(path, undefined, "metrics with names", "a blank one")
  return op === undefined || field === undefined || field === "*" && op !== "count"
    ? throwValue(`${path}.${name}`, undefined, `"count(*)", or one of count, sum, avg, min and max of a field`)
    : { op, field_name: field }
}

const topHitsOf = (given: TopHits, path: string) => {
  known(path, given, ["size", "sort"])
  const { size, sort } = given
  return {
    size: sizeOf(`${path}.size`, size),
    ...(sort === undefined ? {} : {
      sort: listOf(`${path}.sort`, sort).map((one, index) => {
        const at = `${path}.sort[${index}]`
        known(at, one, ["field", "order"])
        const { field, order = "asc" } = one as { readonly field?: unknown; readonly order?: "asc" | "desc" }
        return typeof field === "string" && field.trim() !== ""
          ? { field_name: field, direction: direction(`${at}.order`, order) }
          : throwValue(`${at}.field`, undefined, `a field, or "_score"`, describeValue(field))
      }),
    }),
  }
}

const sizeOf = (path: string, size: unknown): bigint => {
  if (size === undefined) throwValue(path, undefined, "a number")
  accepted(checkCount(path, size))
  return BigInt(Number(size))
}

const direction = (path: string, order: unknown): "asc" | "desc" =>
  order === "asc" || order === "desc" ? order : throwValue(path, undefined, `"asc" or "desc"`, describeValue(order))

const listOf = (path: string, value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) && value.length > 0
    ? value
    : throwValue(path, undefined, "a list of at least one", describeValue(value))

const known = (path: string, value: unknown, names: ReadonlyArray<string>): void => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return throwValue(path, undefined, "an object", describeValue(value))
  }
  accepted(checkOptions(value, new Set(names)))
}
