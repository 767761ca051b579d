/**
 * The types of indexes: plain, readonly values that keep their type and metric as types, so that a definition can check
 * them against its fields. `indexes.ts` makes indexes.
 */
import type { Warmup } from "./fieldTypes.ts"

/** Metrics of vectors of numbers. With `L2` a smaller value is nearer, with `IP` and `COSINE` a larger one. */
export type DenseMetric = "L2" | "IP" | "COSINE"
/** Metrics of binary vectors. `MHJACCARD` is for MinHash signatures. */
export type BinaryMetric = "HAMMING" | "JACCARD" | "SUBSTRUCTURE" | "SUPERSTRUCTURE" | "MHJACCARD"
/** Metrics of sparse vectors. `BM25` is for full-text search. */
export type SparseMetric = "IP" | "BM25"
/** Metrics of lists of vectors, for the vectors in an array of structs. */
export type ListMetric =
  | "MAX_SIM"
  | "MAX_SIM_L2"
  | "MAX_SIM_IP"
  | "MAX_SIM_COSINE"
  | "MAX_SIM_HAMMING"
  | "MAX_SIM_JACCARD"
  | "DTW_IP"
  | "DTW_COSINE"
/** All metrics. */
export type Metric = DenseMetric | BinaryMetric | SparseMetric | ListMetric

/** Types of indexes of dense vectors of any numbers, including 8-bit integers. */
export type GraphIndexType = "FLAT" | "HNSW" | "HNSW_SQ" | "HNSW_PQ" | "HNSW_PRQ" | "DISKANN" | "GPU_CAGRA"
/** Types of indexes of dense vectors. */
export type DenseIndexType =
  | GraphIndexType
  | "IVF_FLAT"
  | "IVF_SQ8"
  | "IVF_PQ"
  | "IVF_RABITQ"
  | "SCANN"
  | "AISAQ"
  | "GPU_IVF_FLAT"
  | "GPU_IVF_PQ"
  | "GPU_BRUTE_FORCE"
/** Types of indexes of binary vectors. */
export type BinaryIndexType = "BIN_FLAT" | "BIN_IVF_FLAT" | "MINHASH_LSH"
/** Types of indexes of sparse vectors. */
export type SparseIndexType = "SPARSE_INVERTED_INDEX" | "SPARSE_WAND"
/** Types of indexes of scalars. */
export type ScalarIndexType = "INVERTED" | "BITMAP" | "STL_SORT" | "Trie" | "NGRAM" | "FMINDEX" | "RTREE"
/** All types of indexes. With `AUTOINDEX` the server chooses one. */
export type IndexType = DenseIndexType | BinaryIndexType | SparseIndexType | ScalarIndexType | "AUTOINDEX"

/** An index, as an argument of CreateIndex. */
export interface Index<out Type extends string = string, out M extends string = string> {
  /** Its type, with Milvus's name. */
  readonly type: Type
  /** Its metric. Indexes of scalars have none. */
  readonly metric?: M | undefined
  /** Its name. By default, the name of the field. */
  readonly name?: string | undefined
  /** Whether it is memory-mapped from disk instead of loaded. */
  readonly mmap?: boolean | undefined
  /** When it is read into the cache. */
  readonly warmup?: Warmup | undefined
  /** Its build parameters, with Milvus's names. */
  readonly params: Readonly<Record<string, string | number | boolean>>
}

/** An index of one path of a JSON field. */
export interface JsonIndex<out Type extends string = string> extends Index<Type, never> {
  /** Its build parameters: at least the path, and the type of the values at the path. */
  readonly params: Readonly<Record<string, string | number | boolean>> & {
    readonly json_path: string
    readonly json_cast_type: JsonCastType
  }
}

/** An index of a type that this version does not know. Any field may have one. */
export interface OtherIndex extends Index {
  /** Marks the index, so that its type and metric are not checked against the field. */
  readonly other: true
}

/** Options of every index. */
export interface IndexOptions {
  /** Name of the index. By default, the name of the field. */
  readonly name?: string | undefined
  /** Whether the index is memory-mapped from disk instead of loaded into memory. */
  readonly mmap?: boolean | undefined
  /** When the index is read into the cache. */
  readonly warmup?: Warmup | undefined
}

/** The type to which the values at a JSON path are converted for an index. */
export type JsonCastType = "BOOL" | "DOUBLE" | "VARCHAR" | "ARRAY_BOOL" | "ARRAY_DOUBLE" | "ARRAY_VARCHAR" | "JSON"

/** Makes an index without the options that are `undefined`. */
export const make = <Type extends string, M extends string = never>(
  type: Type,
  { name, mmap, warmup, metric, ...params }: IndexOptions & { readonly metric?: M | undefined },
): Index<Type, M> => ({
  ...common({ name, mmap, warmup }),
  type,
  ...(metric === undefined ? {} : { metric }),
  params: defined(params),
})

/** Returns the options that every index may have, without those that are `undefined`. */
export const common = ({ name, mmap, warmup }: IndexOptions): IndexOptions => ({
  ...(name === undefined ? {} : { name }),
  ...(mmap === undefined ? {} : { mmap }),
  ...(warmup === undefined ? {} : { warmup }),
})

/** Returns parameters without those that are `undefined`. */
export const defined = (params: object): Index["params"] =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
