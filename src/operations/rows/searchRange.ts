/**
 * Consecutive ranges of scores, by which a search proceeds outwards on servers without iterators.
 *
 * A range begins at the score of the last hit, so that hits with an equal score are not left out, and excludes the hits
 * that were seen. Its width is limited because a server examines everything in it: wide enough for some batches, wider
 * after a range with few hits, and unlimited after several empty ones.
 */
import type { Ids, SearchResults } from "../../codec/mod.ts"

/** Hits of one batch. */
type Hits = Pick<SearchResults, "ids" | "scores">

/** Which way scores are nearer: -1 if smaller ones are, 1 if greater ones are. */
export type ScoreDirection = -1 | 1

/** Position of a search, from which it continues. */
export interface Range {
  /** Score of the last hit. */
  readonly from: number
  /** Keys of hits that were seen and are still in the range, with their scores. */
  readonly seen: ReadonlyMap<bigint | string, number>
  /** Width of the range, in scores. */
  readonly width: number
  /** Number of consecutive empty ranges. */
  readonly empty: number
}

/** Returns all hits that were seen, without a width, for servers that do not search a range completely. */
export const excludeSeen = (range: Range | undefined, { ids, scores }: Hits): Range | undefined =>
  ids.length === 0 ? undefined : {
    from: scores.at(-1) ?? 0,
    seen: new Map([...range?.seen ?? [], ...[...ids].map((id, hit) => [id, scores[hit]!] as const)]),
    width: Infinity,
    empty: 0,
  }

/** Whether smaller scores are nearer in a metric. */
export const isDistance = (metric: string): boolean =>
  ["L2", "HAMMING", "JACCARD", "TANIMOTO", "SUBSTRUCTURE", "SUPERSTRUCTURE"].includes(metric.toUpperCase())

/** Returns the limits of a range as search parameters. `radius` is that of the caller, if any. */
export const rangeLimits = (
  { from, width }: Range,
  direction: ScoreDirection,
  radius: number | undefined,
): { readonly radius: number; readonly range_filter: number } => {
  const end = Math.max(-largest, Math.min(largest, from - direction * width))
  const outer = radius === undefined ? end : direction < 0 ? Math.min(end, radius) : Math.max(end, radius)
  return { range_filter: rangeStart(from, direction), radius: outer }
}

/**
 * Returns a radius for scores that are whole numbers, such as Hamming distances. Servers truncate it to a 32-bit
 * integer, and exclude hits that are exactly that far.
 */
export const wholeRadius = (radius: number): number => Math.min(2 ** 31 - 1, Math.ceil(radius))

/** Returns the range after a batch; `undefined` if no hits are left. */
export const nextRange = (
  range: Range | undefined,
  { ids, scores }: Hits,
  direction: ScoreDirection,
  wanted: number,
): Range | undefined => {
  const last = scores.at(-1)
  if (last === undefined) {
    if (range === undefined || range.width === Infinity) return undefined
    const empty = range.empty + 1
    return { ...range, empty, width: empty > maxEmptyRanges ? Infinity : range.width * 16 }
  }
  const begin = rangeStart(last, direction)
  const isSeen = (score: number) => direction < 0 ? score >= begin : score <= begin
  const seen = new Map([...range?.seen ?? []].filter(([, score]) => isSeen(score)))
  for (let hit = ids.length - 1; hit >= 0 && isSeen(scores[hit]!); hit--) seen.set(ids[hit]!, scores[hit]!)
  const span = Math.abs(last - scores[0]!) || Math.abs(last) / 16 || 1 / 16
  const width = ids.length < wanted ? Math.max(span, range?.width ?? 0) * 4 : span * 4
  return { from: last, seen, width, empty: 0 }
}

/** Number of consecutive empty ranges before one of unlimited width. */
const maxEmptyRanges = 2

/** The largest 32-bit float; scores are 32-bit floats. */
const largest = 3.4028234663852886e38

/** Returns the direction that the scores of a batch show; `undefined` if all are equal. */
export const directionOf = ({ scores }: Pick<Hits, "scores">): ScoreDirection | undefined => {
  const [first, last] = [scores[0], scores.at(-1)]
  return first === undefined || last === undefined || first === last ? undefined : first < last ? -1 : 1
}

/** Returns the part of a batch that is within the bounds of a range search, as positions `[from, to)`. */
export const boundsOf = (
  { scores }: Pick<Hits, "scores">,
  direction: ScoreDirection,
  radius: number | undefined,
  inner: number | undefined,
): { readonly from: number; readonly to: number } => {
  const isBefore = (score: number) => inner !== undefined && direction * (score - Math.fround(inner)) > 0
  const isBehind = (score: number) => radius !== undefined && direction * (score - Math.fround(radius)) <= 0
  const behind = scores.findIndex(isBehind)
  const to = behind < 0 ? scores.length : behind
  let from = 0
  while (from < to && isBefore(scores[from]!)) from++
  return { from, to }
}

/**
 * Returns a score a little nearer than that of the last hit, because a server may calculate a score again with other
 * last digits. It is rounded to 32 bits as on the server, so that both sides mean the same hits.
 */
export const rangeStart = (from: number, direction: ScoreDirection): number => {
  const step = Math.max(Math.abs(from) * 2 ** -21, 2 ** -126)
  return Math.fround(Math.max(-largest, Math.min(largest, from + direction * step)))
}

/** Returns the keys of the hits that were seen, as values of a filter. */
export const keysOf = ({ seen }: Range): Ids => {
  const keys = [...seen.keys()]
  return keys.every((key) => typeof key === "bigint") ? BigInt64Array.from(keys) : keys.map(String)
}
