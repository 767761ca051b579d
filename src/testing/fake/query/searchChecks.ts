/** Checks the parameters of a search that belong to its index, and reads the range of a range search. */
import type { Collection } from "../state/collection.ts"
import { indexType } from "../state/indexRules.ts"
import type { Field } from "../state/layout.ts"
import { throwUnexpected, throwUnsupported } from "../fakeStatus.ts"

/** The range of scores of a range search. */
export interface SearchRange {
  /** The far end, exclusive. */
  readonly radius?: number | undefined
  /** The near end, inclusive. */
  readonly inner?: number | undefined
}

type Parameters = ReadonlyMap<string, unknown>

/** Parameters that change the result in a way that FakeMilvus does not support. */
const unsupported = /group|iterator|hints/

/**
 * Reads the `params` of a search, and refuses what Milvus refuses. `count` is the number of hits to find, offset
 * included. Brute force ignores all parameters except those of the range.
 */
export const readSearchRange = (
  collection: Collection,
  field: Field,
  json: string,
  count: number,
  isSimilarity: boolean,
): SearchRange => {
  const given = parametersOf(json)
  const other = [...given.keys()].find((key) => unsupported.test(key))
  if (other !== undefined) throwUnsupported(`the search parameter "${other}"`)
  const type = indexType(collection.indexOf(field)?.params ?? [])
  const isRange = given.get("radius") !== undefined
  if (/IVF/.test(type) || type === "SCANN") checkRange(given, "nprobe", 1, 65_536)
  // The number of hits does not limit `ef` in a range search.
  if (/^HNSW/.test(type)) checkRange(given, "ef", isRange ? 1 : count, 2_147_483_647)
  if (!isRange) return {}
  const acceptsText = !/FLAT$/.test(type) || /^IVF/.test(type)
  const radius = numberOf(given, "radius", acceptsText)
  if (given.get("range_filter") === undefined) return { radius }
  const inner = numberOf(given, "range_filter", false)
  if (isSimilarity ? inner <= radius : inner >= radius) {
    const order = isSimilarity ? "greater" : "less"
    throwUnexpected(`range_filter(${inner}) must be ${order} than radius(${radius})`)
  }
  return { radius, inner }
}

const parametersOf = (json: string): Parameters => {
  let given: unknown
  try {
    given = JSON.parse(json)
  } catch {
    return throwUnexpected(`params of a search are not JSON: ${json}`)
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return throwUnexpected(`params of a search are not a JSON object: ${json}`)
  }
  return new Map(Object.entries(given))
}

const checkRange = (given: Parameters, name: string, min: number, max: number): void => {
  const value = given.get(name)
  if (value === undefined) return
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max) return
  throwUnexpected(
    `failed to search: Out of range in json: param '${name}' (${value}) should be in range [${min}, ${max}]`,
  )
}

/** Reads a number. Some indexes also accept it as text. */
const numberOf = (given: Parameters, name: string, acceptsText: boolean): number => {
  const value = given.get(name)
  if (typeof value === "number") return value
  const isText = acceptsText && typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))
  return isText ? Number(value) : throwUnexpected(`${name} of a search is a number, got ${JSON.stringify(value)}`)
}
