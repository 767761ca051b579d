/**
 * Indexes of vectors, one constructor for each type; `indexes.ts` has them all.
 *
 * Build parameters keep the names that Milvus's documentation gives them (`M`, `nlist`, `inverted_index_algo`); what is
 * left out is the server's choice.
 *
 * @module
 */
import {
  type BinaryMetric,
  type DenseMetric,
  type Index,
  type IndexOptions,
  type ListMetric,
  make,
  type Metric,
  type SparseMetric,
} from "./indexTypes.ts"

/** What every index of vectors takes. */
export interface VectorIndexOptions<M extends Metric> extends IndexOptions {
  /** How far apart two vectors are. */
  readonly metric: M
}

/** What an exact copy of the vectors adds to quantized ones. */
export interface RefineOptions {
  /** Whether a more exact copy is kept to order the candidates again. */
  readonly refine?: boolean | undefined
  /** How exact that copy is. */
  readonly refine_type?: "SQ4U" | "SQ6" | "SQ8" | "FP16" | "BF16" | "FP32" | undefined
}

/** Of the inverted file indexes. */
export interface IvfOptions<M extends Metric> extends VectorIndexOptions<M> {
  /** Clusters, 1 to 65,536. Default 128. */
  readonly nlist?: number | undefined
}

/** Of {@linkcode ivfPq} and {@linkcode gpuIvfPq}. */
export interface IvfPqOptions<M extends Metric> extends IvfOptions<M> {
  /** Parts of a vector, which divide its dimension. */
  readonly m?: number | undefined
  /** Bits of each part. Default 8. */
  readonly nbits?: number | undefined
}

/** Of the graph indexes. */
export interface HnswOptions<M extends Metric> extends VectorIndexOptions<M> {
  /** Neighbours of a node, 2 to 2,048. Default 30. */
  readonly M?: number | undefined
  /** Candidates looked at while building. Default 360. */
  readonly efConstruction?: number | undefined
}

/** Of {@linkcode hnswPq} and {@linkcode hnswPrq}. */
export interface HnswPqOptions<M extends Metric> extends HnswOptions<M>, RefineOptions {
  /** Parts of a vector, which divide its dimension. */
  readonly m?: number | undefined
  /** Bits of each part. Default 8. */
  readonly nbits?: number | undefined
}

type Dense = DenseMetric | ListMetric

/** Compares with every vector: exact. */
export const flat = <const M extends Dense>(options: VectorIndexOptions<M>): Index<"FLAT", M> => make("FLAT", options)
/** Clusters of whole vectors. */
export const ivfFlat = <const M extends Dense>(options: IvfOptions<M>): Index<"IVF_FLAT", M> =>
  make("IVF_FLAT", options)
/** Clusters of vectors at a byte a component. */
export const ivfSq8 = <const M extends Dense>(options: IvfOptions<M> & RefineOptions): Index<"IVF_SQ8", M> =>
  make("IVF_SQ8", options)
/** Clusters of vectors at `nbits` a part. */
export const ivfPq = <const M extends Dense>(options: IvfPqOptions<M>): Index<"IVF_PQ", M> => make("IVF_PQ", options)
/** Clusters of vectors at a bit a component. */
export const ivfRabitq = <const M extends Dense>(options: IvfOptions<M> & RefineOptions): Index<"IVF_RABITQ", M> =>
  make("IVF_RABITQ", options)
/** A graph of whole vectors. */
export const hnsw = <const M extends Dense>(options: HnswOptions<M>): Index<"HNSW", M> => make("HNSW", options)
/** A graph of vectors at a few bits a component. */
export const hnswSq = <const M extends Dense>(
  options: HnswOptions<M> & RefineOptions & {
    /** How a component is kept. */
    readonly sq_type?: "SQ4U" | "SQ6" | "SQ8" | "BF16" | "FP16" | undefined
  },
): Index<"HNSW_SQ", M> => make("HNSW_SQ", options)
/** A graph of vectors at `nbits` a part. */
export const hnswPq = <const M extends Dense>(options: HnswPqOptions<M>): Index<"HNSW_PQ", M> =>
  make("HNSW_PQ", options)
/** A graph of vectors at `nbits` a part, and of what that leaves over. */
export const hnswPrq = <const M extends Dense>(
  options: HnswPqOptions<M> & {
    /** How many times what is left over is quantized again. Default 2. */
    readonly nrq?: number | undefined
  },
): Index<"HNSW_PRQ", M> => make("HNSW_PRQ", options)
/** Clusters, scored by anisotropic quantization. */
export const scann = <const M extends Dense>(
  options: IvfOptions<M> & {
    /** Whether the vectors are kept, to order candidates again. Default `true`. */
    readonly with_raw_data?: boolean | undefined
  },
): Index<"SCANN", M> => make("SCANN", options)
/** A graph on disk. */
export const diskann = <const M extends Dense>(
  options: VectorIndexOptions<M> & {
    /** Neighbours of a node. Default 56. */
    readonly max_degree?: number | undefined
    /** Candidates looked at while building. Default 100. */
    readonly search_list_size?: number | undefined
    /** Of the compressed vectors, as a share of the raw ones. */
    readonly pq_code_budget_gb_ratio?: number | undefined
    /** Of the cached nodes, as a share of the raw vectors. */
    readonly search_cache_budget_gb_ratio?: number | undefined
  },
): Index<"DISKANN", M> => make("DISKANN", options)
/** A graph on disk that holds almost nothing in memory (Milvus 2.6.4). */
export const aisaq = <const M extends Dense>(
  options: VectorIndexOptions<M> & {
    /** Neighbours of a node. */
    readonly max_degree?: number | undefined
    /** Candidates looked at while building. */
    readonly search_list_size?: number | undefined
    /** Of the compressed vectors, as a share of the raw ones. */
    readonly pq_code_budget_gb_ratio?: number | undefined
    /** Memory for compressed vectors, in bytes, up to 2^30. Default 0. */
    readonly pq_cache_size?: number | undefined
    /** Compressed neighbours kept beside a node, up to `max_degree`: faster, and larger on disk. */
    readonly inline_pq?: number | undefined
    /** Whether compressed vectors are ordered by nearness. */
    readonly rearrange?: boolean | undefined
  },
): Index<"AISAQ", M> => make("AISAQ", options)
/** A graph built on a GPU. */
export const gpuCagra = <const M extends Dense>(
  options: VectorIndexOptions<M> & {
    /** Neighbours before pruning. Default 128. */
    readonly intermediate_graph_degree?: number | undefined
    /** Neighbours after it. Default 64. */
    readonly graph_degree?: number | undefined
    /** What builds the first graph. */
    readonly build_algo?: "IVF_PQ" | "NN_DESCENT" | undefined
    /** Whether the vectors stay on the GPU. */
    readonly cache_dataset_on_device?: boolean | undefined
    /** Whether it is searched on the CPU. */
    readonly adapt_for_cpu?: boolean | undefined
  },
): Index<"GPU_CAGRA", M> => make("GPU_CAGRA", options)
/** Clusters of whole vectors, on a GPU. */
export const gpuIvfFlat = <const M extends Dense>(options: IvfOptions<M>): Index<"GPU_IVF_FLAT", M> =>
  make("GPU_IVF_FLAT", options)
/** Clusters of vectors at `nbits` a part, on a GPU. */
export const gpuIvfPq = <const M extends Dense>(options: IvfPqOptions<M>): Index<"GPU_IVF_PQ", M> =>
  make("GPU_IVF_PQ", options)
/** Compares with every vector, on a GPU. */
export const gpuBruteForce = <const M extends Dense>(options: VectorIndexOptions<M>): Index<"GPU_BRUTE_FORCE", M> =>
  make("GPU_BRUTE_FORCE", options)

type Binary = BinaryMetric | "MAX_SIM_HAMMING" | "MAX_SIM_JACCARD"

/** Compares with every binary vector: exact. */
export const binFlat = <const M extends Binary>(options: VectorIndexOptions<M>): Index<"BIN_FLAT", M> =>
  make("BIN_FLAT", options)
/** Clusters of binary vectors. */
export const binIvfFlat = <const M extends "HAMMING" | "JACCARD" | "MAX_SIM_HAMMING" | "MAX_SIM_JACCARD">(
  options: IvfOptions<M>,
): Index<"BIN_IVF_FLAT", M> => make("BIN_IVF_FLAT", options)
/** Buckets of MinHash signatures. */
export const minhashLsh = (
  options: Omit<VectorIndexOptions<"MHJACCARD">, "metric"> & {
    /** How far apart two signatures are: the only metric. */
    readonly metric?: "MHJACCARD" | undefined
    /** Bits of each hash of the signature. */
    readonly mh_element_bit_width?: 8 | 16 | 32 | 64 | undefined
    /** Bands that the signature is cut into; they divide its length. */
    readonly mh_lsh_band?: number | undefined
    /** Whether codes are held in memory rather than mapped. */
    readonly mh_lsh_code_in_mem?: boolean | undefined
    /** Whether signatures are kept, to order candidates again. */
    readonly with_raw_data?: boolean | undefined
    /** How often a bucket is looked at in vain, 0.001 to 0.1. */
    readonly mh_lsh_bloom_false_positive_prob?: number | undefined
  } = {},
): Index<"MINHASH_LSH", "MHJACCARD"> => make("MINHASH_LSH", { ...options, metric: "MHJACCARD" as const })

/** Of the sparse indexes. The weights of `BM25` are those of Okapi BM25. */
export interface SparseIndexOptions<M extends Metric> extends VectorIndexOptions<M> {
  /** How postings are walked through. Default `"DAAT_MAXSCORE"`. */
  readonly inverted_index_algo?: "DAAT_MAXSCORE" | "DAAT_WAND" | "TAAT_NAIVE" | undefined
  /** The share of the smallest values that is left out while building (deprecated by Milvus). */
  readonly drop_ratio_build?: number | undefined
  /** How fast repeated terms saturate, 1.2 to 2. Default 1.2. */
  readonly bm25_k1?: number | undefined
  /** How much the length of the text counts, 0 to 1. Default 0.75. */
  readonly bm25_b?: number | undefined
}

/** Postings of a sparse vector. */
export const sparseInvertedIndex = <const M extends SparseMetric>(
  options: SparseIndexOptions<M>,
): Index<"SPARSE_INVERTED_INDEX", M> => make("SPARSE_INVERTED_INDEX", options)
/** Postings of a sparse vector, walked by weak AND (deprecated by Milvus: `inverted_index_algo: "DAAT_WAND"`). */
export const sparseWand = <const M extends SparseMetric>(options: SparseIndexOptions<M>): Index<"SPARSE_WAND", M> =>
  make("SPARSE_WAND", options)
