/** The parameters of a search that its index reads: which there are, their ranges, and the order of a range search. */
import type { Collection } from "./collection.ts"
import { indexType } from "./indexChecks.ts"
import type { Field } from "./layout.ts"
import { refuseUnexpected, refuseUnknown } from "./status.ts"

/** Between which scores hits are. */
export interface SearchRange {
  /** The far end, outside of the range. */
  readonly radius?: number | undefined
  /** The near end, inside of it. */
  readonly inner?: number | undefined
}

type Parameters = ReadonlyMap<string, unknown>

/** Parameters that would change what is found in a way that is not known here. */
const unknown = /group|iterator|hints/

/** Reads the `params` of a search, and refuses what Milvus does. `count` is how many hits are looked for. */
export const searchRanges = (
  collection: Collection,
  field: Field,
  json: string,
  count: number,
  isSimilarity: boolean,
): SearchRange => {
  const given = parametersOf(json)
  const odd = [...given.keys()].find((key) => unknown.test(key))
  if (odd !== undefined) refuseUnknown(`the search parameter "${odd}"`)
  const type = indexType(collection.indexOf(field)?.params ?? [])
  const isRange = given.get("radius") !== undefined
  if (/IVF/.test(type) || type === "SCANN") checkRange(given, "nprobe", 1, 65_536)
  // A range search is not limited by what is looked at.
  if (/^HNSW/.test(type)) checkRange(given, "ef", isRange ? 1 : count, 2_147_483_647)
  if (!isRange) return {}
  const isLoose = !/FLAT$/.test(type) || /^IVF/.test(type)
  const radius = numberOf(given, "radius", isLoose)
  if (given.get("range_filter") === undefined) return { radius }
  const inner = numberOf(given, "range_filter", false)
  if (isSimilarity ? inner <= radius : inner >= radius) {
    const order = isSimilarity ? "greater" : "less"
    refuseUnexpected(`range_filter(${inner}) must be ${order} than radius(${radius})`)
  }
  return { radius, inner }
}

const parametersOf = (json: string): Parameters => {
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch {
    return refuseUnexpected(`params of a search are not JSON: ${json}`)
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return refuseUnexpected(`params of a search are not a JSON object: ${json}`)
  }
  return new Map(Object.entries(given))
}

const checkRange = (given: Parameters, name: string, least: number, most: number): void => {
  const value = given.get(name)
  if (value === undefined) return
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) return
  refuseUnexpected(
    `failed to search: Out of range in json: param '${name}' (${value}) should be in range [${least}, ${most}]`,
  )
}

/** A number; some indexes take its text as well. */
const numberOf = (given: Parameters, name: string, isLoose: boolean): number => {
  const value = given.get(name)
  if (typeof value === "number") return value
  const isText = isLoose && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
  return isText ? Number(value) : refuseUnexpected(`${name} of a search is a number, got ${JSON.stringify(value)}`)
}
