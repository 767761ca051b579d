/** Cost of calls, as servers report it with the status of a reply. */
import type { Status } from "../../codec/messages/milvusStatus.ts"

/**
 * Cost of a call. A part is `undefined` if the server does not report it: most report none, Zilliz Cloud and Milvus 2.6
 * some.
 */
export interface Cost {
  /** Units that the call costs on a server that counts them. */
  readonly units: number | undefined
  /** Bytes that were read from remote storage. */
  readonly scannedRemoteBytes: number | undefined
  /** Bytes that were read in total. */
  readonly scannedTotalBytes: number | undefined
  /** Part of the reads that a cache answered, from 0 to 1. */
  readonly cacheHitRatio: number | undefined
}

/** Returns the cost of all calls with these statuses together. */
export const costOf = (...statuses: ReadonlyArray<Status>): Cost =>
  totalCost(
    statuses.filter(({ extraInfo }) => extraInfo.size > 0).map((status) => ({
      units: numberOf(status, "report_value"),
      scannedRemoteBytes: numberOf(status, "scanned_remote_bytes"),
      scannedTotalBytes: numberOf(status, "scanned_total_bytes"),
      cacheHitRatio: numberOf(status, "cache_hit_ratio"),
    })),
  )

/** Returns the cost of several calls together. The ratio is weighted by the bytes that were read. */
export const totalCost = (costs: ReadonlyArray<Cost>): Cost => {
  if (costs.length === 0) return unknown
  const ratios = costs.flatMap(({ cacheHitRatio: ratio, scannedTotalBytes }) =>
    ratio === undefined ? [] : [{ ratio, weight: scannedTotalBytes || 1 }]
  )
  const weights = ratios.reduce((total, { weight }) => total + weight, 0)
  return {
    units: sum(costs, "units"),
    scannedRemoteBytes: sum(costs, "scannedRemoteBytes"),
    scannedTotalBytes: sum(costs, "scannedTotalBytes"),
    cacheHitRatio: weights === 0
      ? undefined
      : ratios.reduce((total, { ratio, weight }) => total + ratio * weight, 0) / weights,
  }
}

const unknown: Cost = {
  units: undefined,
  scannedRemoteBytes: undefined,
  scannedTotalBytes: undefined,
  cacheHitRatio: undefined,
}

const sum = (costs: ReadonlyArray<Cost>, part: keyof Cost): number | undefined =>
  costs.reduce<number | undefined>((total, { [part]: value }) => {
    return value === undefined ? total : (total ?? 0) + value
  }, undefined)

const numberOf = ({ extraInfo }: Status, key: string): number | undefined => {
  const text = extraInfo.get(key)
  const value = Number(text)
  return text === undefined || text.trim() === "" || !Number.isFinite(value) ? undefined : value
}
