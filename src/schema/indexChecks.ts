/**
 * Checks an index at run time, for indexes that the compiler did not check, and for rules that types cannot express.
 * Limits that differ between versions of Milvus are left to the server.
 */
import * as Result from "effect/Result"
import { type Decoded, failParam } from "../config/params.ts"
import type { Index, IndexType } from "./indexTypes.ts"

/** Fails with the first mistake of the index of a field. */
export const checkIndex = (field: string, index: Index): Decoded<void> => {
  const path = `indexes.${field}`
  // Cast: JavaScript may pass any value.
  if (!isObject(index as unknown)) return failParam(path, "an index", index)
  const { type, metric, name, mmap, warmup, params } = index
  if (!isName(type)) return failParam(`${path}.type`, "the name of an index type", type)
  if (metric !== undefined && !isName(metric)) return failParam(`${path}.metric`, "the name of a metric", metric)
  if (name !== undefined && !isName(name)) return failParam(`${path}.name`, "a non-blank name", name)
  if (mmap !== undefined && typeof mmap !== "boolean") return failParam(`${path}.mmap`, "true or false", mmap)
  if (warmup !== undefined && !isName(warmup)) {
    return failParam(`${path}.warmup`, 'a warmup policy, such as "sync"', warmup)
  }
  if (!isObject(params)) return failParam(`${path}.params`, "an object", params)
  const known = "other" in index ? undefined : paramsOf.get(type)
  for (const [key, value] of Object.entries(params)) {
    if (!isName(key)) return failParam(`${path}.params`, "non-blank parameter names", key)
    if (known !== undefined && !known.includes(key)) {
      return failParam(
        `${path}.${key}`,
        known.length === 0 ? `no parameters (${type} has none)` : `a parameter of ${type} (${known.join(", ")})`,
        value,
      )
    }
    const kind = known === undefined ? undefined : kinds.get(key)
    const { expected, fits } = kind ?? plain
    if (!fits(value)) return failParam(`${path}.${key}`, expected, value)
  }
  return Result.succeed(undefined)
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null
const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed()
const isName = (value: unknown): boolean => isText(value) && value.trim() !== ""

interface ParamKind {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
}

const whole: ParamKind = {
  expected: "a non-negative integer",
  fits: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
const number: ParamKind = { expected: "a finite number", fits: Number.isFinite }
const flag: ParamKind = { expected: "true or false", fits: (value) => typeof value === "boolean" }
const text: ParamKind = { expected: "a non-blank string", fits: isName }
const plain: ParamKind = {
  expected: "a string, a finite number, true or false",
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

const kinds: ReadonlyMap<string, ParamKind> = new Map([
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

/** The build parameters of each type. It is a compile error if a type is missing. */
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
