/**
 * What is wrong with an index, found at run time: for indexes whose types the compiler did not see, and for what types
 * cannot say. Limits that differ between versions of Milvus are left to the server.
 *
 * @module
 */
import * as Result from "effect/Result"
import { type Decoded, failParam } from "../config/params.ts"
import type { Index, IndexType } from "./indexTypes.ts"

/** The first mistake of the index of a field, if there is one. */
export const checkIndex = (field: string, index: Index): Decoded<void> => {
  const at = `indexes.${field}`
  // Cast: JavaScript may give anything.
  if (!isObject(index as unknown)) return failParam(at, "an index", index)
  const { type, metric, name, mmap, warmup, params } = index
  if (!isName(type)) return failParam(`${at}.type`, "the type of an index", type)
  if (metric !== undefined && !isName(metric)) return failParam(`${at}.metric`, "the name of a metric", metric)
  if (name !== undefined && !isName(name)) return failParam(`${at}.name`, "a name that is not blank", name)
  if (mmap !== undefined && typeof mmap !== "boolean") return failParam(`${at}.mmap`, "true or false", mmap)
  if (warmup !== undefined && !isName(warmup)) {
    return failParam(`${at}.warmup`, "when it is read into the cache", warmup)
  }
  if (!isObject(params)) return failParam(`${at}.params`, "an object", params)
  const known = "other" in index ? undefined : paramsOf.get(type)
  for (const [key, value] of Object.entries(params)) {
    if (!isName(key)) return failParam(`${at}.params`, "the names of parameters", key)
    if (known !== undefined && !known.includes(key)) {
      return failParam(`${at}.${key}`, known.length === 0 ? `no such parameter of ${type}` : known.join(", "), value)
    }
    const kind = known === undefined ? undefined : kinds.get(key)
    const { expected, fits } = kind ?? plain
    if (!fits(value)) return failParam(`${at}.${key}`, expected, value)
  }
  return Result.succeed(undefined)
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null
const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed()
const isName = (value: unknown): boolean => isText(value) && value.trim() !== ""

interface Kind {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
}

const whole: Kind = { expected: "a whole number", fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0 }
const number: Kind = { expected: "a finite number", fits: Number.isFinite }
const flag: Kind = { expected: "true or false", fits: (value) => typeof value === "boolean" }
const text: Kind = { expected: "text", fits: isName }
const plain: Kind = {
  expected: "text, a finite number, true or false",
  fits: (value) => isText(value) || typeof value === "boolean" || Number.isFinite(value),
}

const names = {
  whole: [
    ...["M", "efConstruction", "nlist", "m", "nbits", "nrq", "max_degree", "search_list_size", "pq_cache_size"],
    ...["inline_pq", "intermediate_graph_degree", "graph_degree", "mh_element_bit_width", "mh_lsh_band", "min_gram"],
    ...["max_gram", "fm_sa_sample_rate", "fm_block_bytes"],
  ],
  number: [
    ...["pq_code_budget_gb_ratio", "search_cache_budget_gb_ratio", "mh_lsh_bloom_false_positive_prob"],
    ...["drop_ratio_build", "bm25_k1", "bm25_b"],
  ],
  flag: ["refine", "with_raw_data", "rearrange", "cache_dataset_on_device", "adapt_for_cpu", "mh_lsh_code_in_mem"],
  text: [
    ...["refine_type", "sq_type", "build_algo", "inverted_index_algo", "json_path", "json_cast_type"],
    "json_cast_function",
  ],
}

const kinds: ReadonlyMap<string, Kind> = new Map([
  ...names.whole.map((name) => [name, whole] as const),
  ...names.number.map((name) => [name, number] as const),
  ...names.flag.map((name) => [name, flag] as const),
  ...names.text.map((name) => [name, text] as const),
])

const refine = ["refine", "refine_type"]
const ivf = ["nlist"]
const graph = ["M", "efConstruction"]
const disk = ["max_degree", "search_list_size", "pq_code_budget_gb_ratio"]
const json = ["json_path", "json_cast_type", "json_cast_function"]
const sparse = ["inverted_index_algo", "drop_ratio_build", "bm25_k1", "bm25_b"]

/** The build parameters of each type: the compiler refuses a list in which a type is missing. */
const params: Readonly<Record<IndexType, ReadonlyArray<string>>> = {
  AUTOINDEX: json,
  FLAT: [],
  IVF_FLAT: ivf,
  IVF_SQ8: [...ivf, ...refine],
  IVF_PQ: [...ivf, "m", "nbits"],
  IVF_RABITQ: [...ivf, ...refine],
  HNSW: graph,
  HNSW_SQ: [...graph, ...refine, "sq_type"],
  HNSW_PQ: [...graph, ...refine, "m", "nbits"],
  HNSW_PRQ: [...graph, ...refine, "m", "nbits", "nrq"],
  SCANN: [...ivf, "with_raw_data"],
  DISKANN: [...disk, "search_cache_budget_gb_ratio"],
  AISAQ: [...disk, "pq_cache_size", "inline_pq", "rearrange"],
  GPU_CAGRA: ["intermediate_graph_degree", "graph_degree", "build_algo", "cache_dataset_on_device", "adapt_for_cpu"],
  GPU_IVF_FLAT: ivf,
  GPU_IVF_PQ: [...ivf, "m", "nbits"],
  GPU_BRUTE_FORCE: [],
  BIN_FLAT: [],
  BIN_IVF_FLAT: ivf,
  MINHASH_LSH: [
    ...["mh_element_bit_width", "mh_lsh_band", "mh_lsh_code_in_mem", "with_raw_data"],
    "mh_lsh_bloom_false_positive_prob",
  ],
  SPARSE_INVERTED_INDEX: sparse,
  SPARSE_WAND: sparse,
  INVERTED: json,
  BITMAP: json,
  STL_SORT: json,
  Trie: [],
  NGRAM: [...json, "min_gram", "max_gram"],
  FMINDEX: ["fm_sa_sample_rate", "fm_block_bytes"],
  RTREE: [],
}

const paramsOf: ReadonlyMap<string, ReadonlyArray<string>> = new Map(Object.entries(params))
