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

/** Returns the cost of all calls with these statuses together. The ratio is weighted by the bytes that were read. */
export const costOf = (...statuses: ReadonlyArray<Status>): Cost => {
  const told = statuses.filter(({ extraInfo }) => extraInfo.size > 0)
  if (told.length === 0) return unknown
  const scannedTotalBytes = sum(told, "scanned_total_bytes")
  const ratios = told.flatMap((status) => {
    const ratio = numberOf(status, "cache_hit_ratio")
    return ratio === undefined ? [] : [{ ratio, weight: numberOf(status, "scanned_total_bytes") || 1 }]
  })
  const weights = ratios.reduce((total, { weight }) => total + weight, 0)
  return {
    units: sum(told, "report_value"),
    scannedRemoteBytes: sum(told, "scanned_remote_bytes"),
    scannedTotalBytes,
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

const sum = (statuses: ReadonlyArray<Status>, key: string): number | undefined =>
  statuses.reduce<number | undefined>((total, status) => {
    const value = numberOf(status, key)
    return value === undefined ? total : (total ?? 0) + value
  }, undefined)

const numberOf = ({ extraInfo }: Status, key: string): number | undefined => {
  const text = extraInfo.get(key)
  const value = Number(text)
  return text === undefined || text.trim() === "" || !Number.isFinite(value) ? undefined : value
}
