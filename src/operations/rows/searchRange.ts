/**
 * Ranges of scores, one behind the other, by which a search goes outwards on servers that have no iterators of their
 * own.
 *
 * A range begins at the score of the last hit, so that hits with the same score are not left out, and knows those that
 * were seen. It has a width, for a server looks at everything that is in it: wide enough for some pages, wider where
 * little was found, and without an end where nothing was.
 */
import type { Ids, SearchResults } from "../../codec/mod.ts"

/** A page. */
type Hits = Pick<SearchResults, "ids" | "scores">

/** What is left of a search. */
export interface Range {
  /** The score of the last hit. */
  readonly from: number
  /** Hits that were seen and that the range begins with, with their scores. */
  readonly seen: ReadonlyMap<bigint | string, number>
  /** How far it goes. */
  readonly width: number
  /** How many ranges in a row had nothing in them. */
  readonly empty: number
}

/** All that was seen, in place of a range: for servers that search none as a whole. */
export const excludeSeen = (range: Range | undefined, { ids, scores }: Hits): Range | undefined =>
  ids.length === 0 ? undefined : {
    from: scores.at(-1) ?? 0,
    seen: new Map([...range?.seen ?? [], ...[...ids].map((id, hit) => [id, scores[hit]!] as const)]),
    width: Infinity,
    empty: 0,
  }

/** Whether a smaller score is a nearer hit. */
export const isDistance = (metric: string): boolean =>
  ["L2", "HAMMING", "JACCARD", "TANIMOTO", "SUBSTRUCTURE", "SUPERSTRUCTURE"].includes(metric.toUpperCase())

/** The limits of a range as a search takes them; `radius` is the one that was asked for, if any. */
export const limitsOf = (
  { from, width }: Range,
  nearer: -1 | 1,
  radius: number | undefined,
): { readonly radius: number; readonly range_filter: number } => {
  const end = Math.max(-largest, Math.min(largest, from - nearer * width))
  const outer = radius === undefined ? end : nearer < 0 ? Math.min(end, radius) : Math.max(end, radius)
  return { range_filter: start(from, nearer), radius: outer }
}

/**
 * A radius for whole scores, such as numbers of bits: servers cut it to a whole number of 32 bits, and it is not
 * within.
 */
export const wholeRadius = (radius: number): number => Math.min(2 ** 31 - 1, Math.ceil(radius))

/** The range behind a page; `undefined` where nothing is left. */
export const nextRange = (
  range: Range | undefined,
  { ids, scores }: Hits,
  nearer: -1 | 1,
  wanted: number,
): Range | undefined => {
  const last = scores.at(-1)
  if (last === undefined) {
    if (range === undefined || range.width === Infinity) return undefined
    const empty = range.empty + 1
    return { ...range, empty, width: empty > maxEmptyRanges ? Infinity : range.width * 16 }
  }
  const begin = start(last, nearer)
  const isSeen = (score: number) => nearer < 0 ? score >= begin : score <= begin
  const seen = new Map([...range?.seen ?? []].filter(([, score]) => isSeen(score)))
  for (let hit = ids.length - 1; hit >= 0 && isSeen(scores[hit]!); hit--) seen.set(ids[hit]!, scores[hit]!)
  const span = Math.abs(last - scores[0]!) || Math.abs(last) / 16 || 1 / 16
  const width = ids.length < wanted ? Math.max(span, range?.width ?? 0) * 4 : span * 4
  return { from: last, seen, width, empty: 0 }
}

/** How many empty ranges there may be before one without an end. */
const maxEmptyRanges = 2

/** Of 32 bits, as scores are. */
const largest = 3.4028234663852886e38

/** Which way scores go: -1 if smaller ones are nearer, 1 if greater ones are; `undefined` if all are the same. */
export const directionOf = ({ scores }: Pick<Hits, "scores">): -1 | 1 | undefined => {
  const [first, last] = [scores[0], scores.at(-1)]
  return first === undefined || last === undefined || first === last ? undefined : first < last ? -1 : 1
}

/** The part of a page that is within the bounds of a search of a range: where it begins, and where it ends. */
export const within = (
  { scores }: Pick<Hits, "scores">,
  nearer: -1 | 1,
  radius: number | undefined,
  inner: number | undefined,
): { readonly from: number; readonly to: number } => {
  const isBefore = (score: number) => inner !== undefined && nearer * (score - Math.fround(inner)) > 0
  const isBehind = (score: number) => radius !== undefined && nearer * (score - Math.fround(radius)) <= 0
  const behind = scores.findIndex(isBehind)
  const to = behind < 0 ? scores.length : behind
  let from = 0
  while (from < to && isBefore(scores[from]!)) from++
  return { from, to }
}

/**
 * A little nearer than the last hit: a server may calculate a score anew, and differently in its last digits. Rounded
 * as the server rounds it, so that both mean the same hits.
 */
export const start = (from: number, nearer: -1 | 1): number => {
  const step = Math.max(Math.abs(from) * 2 ** -21, 2 ** -126)
  return Math.fround(Math.max(-largest, Math.min(largest, from + nearer * step)))
}

/** The keys of what was seen, as a filter takes them. */
export const keysOf = ({ seen }: Range): Ids => {
  const keys = [...seen.keys()]
  return keys.every((key) => typeof key === "bigint") ? BigInt64Array.from(keys) : keys.map(String)
}
