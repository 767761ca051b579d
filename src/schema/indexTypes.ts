/**
 * What an index is: a plain, readonly value that keeps its type and its metric as types, so that a definition can check
 * them against its fields. `indexes.ts` makes them.
 *
 * @module
 */
import type { Warmup } from "./fieldTypes.ts"

/** How far apart vectors of numbers are. `L2`: less is nearer; `IP` and `COSINE`: more is nearer. */
export type DenseMetric = "L2" | "IP" | "COSINE"
/** How far apart vectors of bits are; `MHJACCARD` is that of MinHash signatures. */
export type BinaryMetric = "HAMMING" | "JACCARD" | "SUBSTRUCTURE" | "SUPERSTRUCTURE" | "MHJACCARD"
/** How near sparse vectors are; `BM25` is that of full text search. */
export type SparseMetric = "IP" | "BM25"
/** How near two lists of vectors are, for the vectors in an array of structs. */
export type ListMetric =
  | "MAX_SIM"
  | "MAX_SIM_L2"
  | "MAX_SIM_IP"
  | "MAX_SIM_COSINE"
  | "MAX_SIM_HAMMING"
  | "MAX_SIM_JACCARD"
  | "DTW_IP"
  | "DTW_COSINE"
/** Every metric. */
export type Metric = DenseMetric | BinaryMetric | SparseMetric | ListMetric

/** Indexes of vectors of 8-bit integers, and of all other numbers too. */
export type GraphIndexType = "FLAT" | "HNSW" | "HNSW_SQ" | "HNSW_PQ" | "HNSW_PRQ" | "DISKANN" | "GPU_CAGRA"
/** Indexes of dense vectors. */
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
/** Indexes of binary vectors. */
export type BinaryIndexType = "BIN_FLAT" | "BIN_IVF_FLAT" | "MINHASH_LSH"
/** Indexes of sparse vectors. */
export type SparseIndexType = "SPARSE_INVERTED_INDEX" | "SPARSE_WAND"
/** Indexes of scalars. */
export type ScalarIndexType = "INVERTED" | "BITMAP" | "STL_SORT" | "Trie" | "NGRAM" | "FMINDEX" | "RTREE"
/** Every type; `AUTOINDEX` is the server's choice. */
export type IndexType = DenseIndexType | BinaryIndexType | SparseIndexType | ScalarIndexType | "AUTOINDEX"

/** An index: what CreateIndex is asked for. */
export interface Index<out Type extends string = string, out M extends string = string> {
  /** Its type, named as Milvus names it. */
  readonly type: Type
  /** The metric; scalars have none. */
  readonly metric?: M | undefined
  /** Its name. Default: that of the field. */
  readonly name?: string | undefined
  /** Whether it is mapped from disk rather than loaded. */
  readonly mmap?: boolean | undefined
  /** When it is read into the cache. */
  readonly warmup?: Warmup | undefined
  /** Build parameters, named as Milvus names them. */
  readonly params: Readonly<Record<string, string | number | boolean>>
}

/** An index of one path of a JSON field. */
export interface JsonIndex<out Type extends string = string> extends Index<Type, never> {
  /** The path and the type of what is there. */
  readonly params: Readonly<Record<string, string | number | boolean>> & {
    readonly json_path: string
    readonly json_cast_type: JsonCastType
  }
}

/** An index of a type that this version does not know; any field takes it. */
export interface OtherIndex extends Index {
  /** Marks it, so that no check of types is made. */
  readonly other: true
}

/** What every index takes. */
export interface IndexOptions {
  /** Its name. Default: that of the field. */
  readonly name?: string | undefined
  /** Whether it is mapped from disk rather than loaded into memory. */
  readonly mmap?: boolean | undefined
  /** When it is read into the cache. */
  readonly warmup?: Warmup | undefined
}

/** What is read out of JSON for an index. */
export type JsonCastType = "BOOL" | "DOUBLE" | "VARCHAR" | "ARRAY_BOOL" | "ARRAY_DOUBLE" | "ARRAY_VARCHAR" | "JSON"

/** An index without what is `undefined`. */
export const make = <Type extends string, M extends string = never>(
  type: Type,
  { name, mmap, warmup, metric, ...params }: IndexOptions & { readonly metric?: M | undefined },
): Index<Type, M> => ({
  ...common({ name, mmap, warmup }),
  type,
  ...(metric === undefined ? {} : { metric }),
  params: defined(params),
})

/** What every index may have. */
export const common = ({ name, mmap, warmup }: IndexOptions): IndexOptions => ({
  ...(name === undefined ? {} : { name }),
  ...(mmap === undefined ? {} : { mmap }),
  ...(warmup === undefined ? {} : { warmup }),
})

/** Parameters without what is `undefined`. */
export const defined = (params: object): Index["params"] =>
  Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined))
