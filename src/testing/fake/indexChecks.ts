/** Which index a field may have: its type, its metric and the ranges of its parameters. */
import type { DataType, KeyValuePair } from "../../wire/messages.gen.ts"
import { type Field, valueOf, vectorTypes } from "./layout.ts"
import { refuseParameter, refuseUnexpected, refuseUnknown } from "./status.ts"
import { metricOf } from "./vectors.ts"

interface Range {
  readonly least: number
  readonly most: number
}

const nlist = { nlist: { least: 1, most: 65_536 } }
const graph = { efConstruction: { least: 1, most: 2_147_483_647 }, M: { least: 1, most: 2048 } }
const product = { ...nlist, m: { least: 1, most: 32_768 }, nbits: { least: 0, most: 64 } }

type Ranges = Readonly<Record<string, Range>>
type Types = ReadonlyMap<string, Ranges>

const oldDense: Types = new Map<string, Ranges>([
  ["FLAT", {}],
  ["IVF_FLAT", nlist],
  ["IVF_SQ8", nlist],
  ["IVF_PQ", product],
  ["HNSW", graph],
  ["SCANN", nlist],
  ["DISKANN", {}],
  ["GPU_IVF_FLAT", nlist],
  ["GPU_IVF_PQ", product],
])

const dense: Types = new Map<string, Ranges>([
  ...oldDense,
  ["HNSW_SQ", graph],
  ["HNSW_PQ", graph],
  ["HNSW_PRQ", graph],
  ["IVF_RABITQ", nlist],
  ["AISAQ", {}],
  ["GPU_CAGRA", {}],
  ["GPU_BRUTE_FORCE", {}],
])

const oldBinary: Types = new Map<string, Ranges>([["BIN_FLAT", {}], ["BIN_IVF_FLAT", nlist]])
const binary: Types = new Map<string, Ranges>([...oldBinary, ["MINHASH_LSH", {}]])
const sparse: Types = new Map<string, Ranges>([["SPARSE_INVERTED_INDEX", {}], ["SPARSE_WAND", {}]])

const numbers = ["STL_SORT", "Asceneding"]
const texts = ["Trie", "marisa-trie"]
const general = ["AUTOINDEX", "INVERTED", "BITMAP"]

const scalars: Readonly<Partial<Record<DataType, ReadonlyArray<string>>>> = {
  Bool: general,
  Int8: [...numbers, ...general],
  Int16: [...numbers, ...general],
  Int32: [...numbers, ...general],
  Int64: [...numbers, ...general],
  Float: [...numbers, ...general],
  Double: [...numbers, ...general],
  VarChar: [...texts, ...general, "STL_SORT", "NGRAM", "FMINDEX"],
  JSON: [...general, "NGRAM"],
  Array: general,
}

/** What an index is asked for, in one list: its own parameters may come apart or as one JSON text. */
const flat = (params: ReadonlyArray<KeyValuePair>): ReadonlyMap<string, string> => {
  const own = params.find(({ key }) => key === "params")?.value
  const others = params.filter(({ key }) => key !== "params").map(({ key, value }) => [key, value] as const)
  if (own === undefined) return new Map(others)
  const read = parsed(own)
  if (typeof read !== "object" || read === null || Array.isArray(read)) {
    return refuseUnexpected("params are not a JSON object")
  }
  return new Map([...others, ...Object.entries(read).map(([key, value]) => [key, String(value)] as const)])
}

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return refuseUnexpected("unmarshal params failed, they are not JSON")
  }
}

/** Refuses an index that its field cannot have. Before 2.4, there were fewer types, and no parameter had a default. */
export const checkIndex = (field: Field, params: ReadonlyArray<KeyValuePair>, isOld: boolean): void => {
  const given = flat(params)
  if (vectorTypes.has(field.type)) checkVectorIndex(field, given, isOld)
  else checkScalarIndex(field, given.get("index_type"), isOld)
}

const checkScalarIndex = ({ type }: Field, index: string | undefined, isOld: boolean): void => {
  const known = scalars[type] ?? []
  const old = [...numbers, ...texts].filter((it) => known.includes(it)).filter((it) =>
    type !== "VarChar" || texts.includes(it)
  )
  if (isOld && old.length === 0) refuseParameter(`create index on ${type} field is not supported`)
  if (index === undefined || (isOld ? old : known).includes(index)) return
  refuseParameter(`index type not match: invalid parameter[expected=${(isOld ? old : known)[0]}][actual=${index}]`)
}

const checkVectorIndex = (field: Field, given: ReadonlyMap<string, string>, isOld: boolean): void => {
  const type = given.get("index_type")
  const metric = given.get("metric_type")
  if (type === undefined || type === "AUTOINDEX") {
    const other = [...given.keys()].find((key) =>
      !["index_type", "metric_type", "mmap.enabled", "warmup"].includes(key)
    )
    if (type !== undefined && other !== undefined) refuseUnexpected("only metric type can be passed when use AutoIndex")
    if (metric !== undefined) metricOf(field.type, metric)
    return
  }
  const ranges = typesOf(field.type, isOld).get(type)
  if (ranges === undefined) {
    const isOther = oldDense.has(type) || oldBinary.has(type)
    return refuseUnexpected(
      isOther ? `data type ${field.type} can't build with this index ${type}` : `invalid index type: ${type}`,
    )
  }
  if (metric === undefined && isOld) refuseUnexpected("metric type not set for vector index")
  if (type === "BIN_FLAT" && (metric === "SUBSTRUCTURE" || metric === "SUPERSTRUCTURE")) {
    refuseUnknown(`the metric ${metric}`)
  }
  if (metric !== undefined) metricOf(field.type, metric)
  for (const [name, { least, most }] of Object.entries(ranges)) {
    const text = given.get(name)
    if (text === undefined && (!isOld || name === "nbits")) continue
    if (!/^\d+$/.test(text ?? "") || Number(text) < least || Number(text) > most) {
      refuseUnexpected(`${name} out of range: [${least}, ${most}]`)
    }
  }
  const m = Number(given.get("m") ?? 1)
  if (ranges === product && field.dimension % m !== 0) {
    refuseUnexpected(`dimension must be able to be divided by m, dimension: ${field.dimension}, m: ${m}`)
  }
}

const typesOf = (type: DataType, isOld: boolean): Types => {
  if (type === "BinaryVector") return isOld ? oldBinary : binary
  if (type === "SparseFloatVector") return sparse
  return isOld ? oldDense : dense
}

/** The value of a parameter in the list of an index, wherever it is. */
export const indexType = (params: ReadonlyArray<KeyValuePair>): string => valueOf(params, "index_type") ?? ""
