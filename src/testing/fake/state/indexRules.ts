/** Checks the index of a field: its type, its metric and the ranges of its parameters. */
import type { DataType, KeyValuePair } from "../../../contract/messages.gen.ts"
import { type Field, valueOf, vectorTypes } from "./layout.ts"
import { throwParameter, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"
import { metricOf } from "../query/metrics.ts"

/** The inclusive bounds of a parameter. */
interface Range {
  readonly min: number
  readonly max: number
}

const nlist = { nlist: { min: 1, max: 65_536 } }
const graph = { efConstruction: { min: 1, max: 2_147_483_647 }, M: { min: 1, max: 2048 } }
const product = { ...nlist, m: { min: 1, max: 32_768 }, nbits: { min: 0, max: 64 } }

/** Bounds by the name of their parameter. */
type Ranges = Readonly<Record<string, Range>>
/** The parameters of index types by the name of the type. */
type IndexTypes = ReadonlyMap<string, Ranges>

const oldDense: IndexTypes = new Map<string, Ranges>([
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

const dense: IndexTypes = new Map<string, Ranges>([
  ...oldDense,
  ["HNSW_SQ", graph],
  ["HNSW_PQ", graph],
  ["HNSW_PRQ", graph],
  ["IVF_RABITQ", nlist],
  ["AISAQ", {}],
  ["GPU_CAGRA", {}],
  ["GPU_BRUTE_FORCE", {}],
])

const oldBinary: IndexTypes = new Map<string, Ranges>([["BIN_FLAT", {}], ["BIN_IVF_FLAT", nlist]])
const binary: IndexTypes = new Map<string, Ranges>([...oldBinary, ["MINHASH_LSH", {}]])
const sparse: IndexTypes = new Map<string, Ranges>([["SPARSE_INVERTED_INDEX", {}], ["SPARSE_WAND", {}]])

const numberIndexes = ["STL_SORT", "Asceneding"]
const textIndexes = ["Trie", "marisa-trie"]
const generalIndexes = ["AUTOINDEX", "INVERTED", "BITMAP"]

/** The index types of scalar fields. */
const scalarIndexes: Readonly<Partial<Record<DataType, ReadonlyArray<string>>>> = {
  Bool: generalIndexes,
  Int8: [...numberIndexes, ...generalIndexes],
  Int16: [...numberIndexes, ...generalIndexes],
  Int32: [...numberIndexes, ...generalIndexes],
  Int64: [...numberIndexes, ...generalIndexes],
  Float: [...numberIndexes, ...generalIndexes],
  Double: [...numberIndexes, ...generalIndexes],
  VarChar: [...textIndexes, ...generalIndexes, "STL_SORT", "NGRAM", "FMINDEX"],
  JSON: [...generalIndexes, "NGRAM"],
  Array: generalIndexes,
}

/** Merges the parameters of an index. Those of its type are given one by one, or as a JSON text in `params`. */
const mergeParams = (params: ReadonlyArray<KeyValuePair>): ReadonlyMap<string, string> => {
  const own = params.find(({ key }) => key === "params")?.value
  const others = params.filter(({ key }) => key !== "params").map(({ key, value }) => [key, value] as const)
  if (own === undefined) return new Map(others)
  const object = parseJson(own)
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    return throwUnexpected("params are not a JSON object")
  }
  return new Map([...others, ...Object.entries(object).map(([key, value]) => [key, String(value)] as const)])
}

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return throwUnexpected("unmarshal params failed, they are not JSON")
  }
}

/**
 * Refuses an index that the field cannot have. Before Milvus 2.4, there were fewer types, and no parameter had a
 * default.
 */
export const checkIndex = (field: Field, params: ReadonlyArray<KeyValuePair>, isOld: boolean): void => {
  const given = mergeParams(params)
  if (vectorTypes.has(field.type)) checkVectorIndex(field, given, isOld)
  else checkScalarIndex(field, given.get("index_type"), isOld)
}

const checkScalarIndex = ({ type }: Field, index: string | undefined, isOld: boolean): void => {
  const allowed = isOld ? oldScalarIndexes(type) : scalarIndexes[type] ?? []
  if (isOld && allowed.length === 0) throwParameter(`create index on ${type} field is not supported`)
  if (index === undefined || allowed.includes(index)) return
  throwParameter(`index type not match: invalid parameter[expected=${allowed[0]}][actual=${index}]`)
}

const oldScalarIndexes = (type: DataType): ReadonlyArray<string> => {
  if (type === "VarChar") return textIndexes
  return scalarIndexes[type]?.includes("STL_SORT") ? numberIndexes : []
}

const checkVectorIndex = (field: Field, given: ReadonlyMap<string, string>, isOld: boolean): void => {
  const type = given.get("index_type")
  const metric = given.get("metric_type")
  if (type === undefined || type === "AUTOINDEX") {
    const hasOther = [...given.keys()].some((key) =>
      !["index_type", "metric_type", "mmap.enabled", "warmup"].includes(key)
    )
    if (type !== undefined && hasOther) throwUnexpected("only metric type can be passed when use AutoIndex")
    if (metric !== undefined) metricOf(field.type, metric)
    return
  }
  const ranges = typesOf(field.type, isOld).get(type)
  if (ranges === undefined) {
    const isForOther = oldDense.has(type) || oldBinary.has(type)
    return throwUnexpected(
      isForOther ? `data type ${field.type} can't build with this index ${type}` : `invalid index type: ${type}`,
    )
  }
  if (metric === undefined && isOld) throwUnexpected("metric type not set for vector index")
  if (type === "BIN_FLAT" && (metric === "SUBSTRUCTURE" || metric === "SUPERSTRUCTURE")) {
    throwUnsupported(`the metric ${metric}`)
  }
  if (metric !== undefined) metricOf(field.type, metric)
  for (const [name, { min, max }] of Object.entries(ranges)) {
    const text = given.get(name)
    if (text === undefined && (!isOld || name === "nbits")) continue
    if (!/^\d+$/.test(text ?? "") || Number(text) < min || Number(text) > max) {
      throwUnexpected(`${name} out of range: [${min}, ${max}]`)
    }
  }
  const m = Number(given.get("m") ?? 1)
  if (ranges === product && field.dimension % m !== 0) {
    throwUnexpected(`dimension must be able to be divided by m, dimension: ${field.dimension}, m: ${m}`)
  }
}

const typesOf = (type: DataType, isOld: boolean): IndexTypes => {
  if (type === "BinaryVector") return isOld ? oldBinary : binary
  if (type === "SparseFloatVector") return sparse
  return isOld ? oldDense : dense
}

/** Returns the type of an index, or an empty text if its parameters name none. */
export const indexType = (params: ReadonlyArray<KeyValuePair>): string => valueOf(params, "index_type") ?? ""
