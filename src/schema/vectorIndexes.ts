/**
 * Constructors of vector indexes, one for each type. `indexes.ts` exports them with all others.
 *
 * Build parameters have the names of Milvus's documentation (`M`, `nlist`, `inverted_index_algo`). For an omitted one
 * the server uses its default.
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

/** Options of every vector index. */
export interface VectorIndexOptions<M extends Metric> extends IndexOptions {
  /** Metric of the distance between two vectors. */
  readonly metric: M
}

/** Options of quantized indexes that keep a more exact copy of the vectors. */
export interface RefineOptions {
  /** Whether a more exact copy is kept to rerank the candidates. */
  readonly refine?: boolean | undefined
  /** Precision of the copy. */
  readonly refine_type?: "SQ4U" | "SQ6" | "SQ8" | "FP16" | "BF16" | "FP32" | undefined
}

/** Options of the inverted file indexes. */
export interface IvfOptions<M extends Metric> extends VectorIndexOptions<M> {
  /**
   * Number of clusters, 1 to 65,536.
   *
   * @default 128
   */
  readonly nlist?: number | undefined
}

/** Options of {@linkcode ivfPq} and {@linkcode gpuIvfPq}. */
export interface IvfPqOptions<M extends Metric> extends IvfOptions<M> {
  /** Number of parts of a vector, a divisor of its dimension. */
  readonly m?: number | undefined
  /**
   * Number of bits per part.
   *
   * @default 8
   */
  readonly nbits?: number | undefined
}

/** Options of the graph indexes. */
export interface HnswOptions<M extends Metric> extends VectorIndexOptions<M> {
  /**
   * Number of neighbors of a node, 2 to 2,048.
   *
   * @default 30
   */
  readonly M?: number | undefined
  /**
   * Number of candidates that are considered while building.
   *
   * @default 360
   */
  readonly efConstruction?: number | undefined
}

/** Options of {@linkcode hnswPq} and {@linkcode hnswPrq}. */
export interface HnswPqOptions<M extends Metric> extends HnswOptions<M>, RefineOptions {
  /** Number of parts of a vector, a divisor of its dimension. */
  readonly m?: number | undefined
  /**
   * Number of bits per part.
   *
   * @default 8
   */
  readonly nbits?: number | undefined
}

type Dense = DenseMetric | ListMetric

/** Compares the query with every vector. Exact. */
export const flat = <const M extends Dense>(options: VectorIndexOptions<M>): Index<"FLAT", M> => make("FLAT", options)
/** Clusters of unquantized vectors. */
export const ivfFlat = <const M extends Dense>(options: IvfOptions<M>): Index<"IVF_FLAT", M> =>
  make("IVF_FLAT", options)
/** Clusters of vectors, quantized to one byte per component. */
export const ivfSq8 = <const M extends Dense>(options: IvfOptions<M> & RefineOptions): Index<"IVF_SQ8", M> =>
  make("IVF_SQ8", options)
/** Clusters of vectors, quantized to `nbits` bits per part. */
export const ivfPq = <const M extends Dense>(options: IvfPqOptions<M>): Index<"IVF_PQ", M> => make("IVF_PQ", options)
/** Clusters of vectors, quantized to one bit per component. */
export const ivfRabitq = <const M extends Dense>(options: IvfOptions<M> & RefineOptions): Index<"IVF_RABITQ", M> =>
  make("IVF_RABITQ", options)
/** A graph of unquantized vectors. */
export const hnsw = <const M extends Dense>(options: HnswOptions<M>): Index<"HNSW", M> => make("HNSW", options)
/** A graph of vectors, quantized to a few bits per component. */
export const hnswSq = <const M extends Dense>(
  options: HnswOptions<M> & RefineOptions & {
    /** Format of a component. */
    readonly sq_type?: "SQ4U" | "SQ6" | "SQ8" | "BF16" | "FP16" | undefined
  },
): Index<"HNSW_SQ", M> => make("HNSW_SQ", options)
/** A graph of vectors, quantized to `nbits` bits per part. */
export const hnswPq = <const M extends Dense>(options: HnswPqOptions<M>): Index<"HNSW_PQ", M> =>
  make("HNSW_PQ", options)
/** A graph of vectors, quantized to `nbits` bits per part, with the residual quantized again. */
export const hnswPrq = <const M extends Dense>(
  options: HnswPqOptions<M> & {
    /**
     * Number of times that the residual is quantized.
     *
     * @default 2
     */
    readonly nrq?: number | undefined
  },
): Index<"HNSW_PRQ", M> => make("HNSW_PRQ", options)
/** Clusters of vectors, scored by anisotropic quantization. */
export const scann = <const M extends Dense>(
  options: IvfOptions<M> & {
    /**
     * Whether the vectors are kept, to rerank candidates.
     *
     * @default true
     */
    readonly with_raw_data?: boolean | undefined
  },
): Index<"SCANN", M> => make("SCANN", options)
/** A graph on disk. */
export const diskann = <const M extends Dense>(
  options: VectorIndexOptions<M> & {
    /**
     * Number of neighbors of a node.
     *
     * @default 56
     */
    readonly max_degree?: number | undefined
    /**
     * Number of candidates that are considered while building.
     *
     * @default 100
     */
    readonly search_list_size?: number | undefined
    /** Size of the compressed vectors, as a share of the raw ones. */
    readonly pq_code_budget_gb_ratio?: number | undefined
    /** Size of the cached nodes, as a share of the raw vectors. */
    readonly search_cache_budget_gb_ratio?: number | undefined
  },
): Index<"DISKANN", M> => make("DISKANN", options)
/** A graph on disk that keeps almost nothing in memory. Milvus 2.6.4 and later. */
export const aisaq = <const M extends Dense>(
  options: VectorIndexOptions<M> & {
    /** Number of neighbors of a node. */
    readonly max_degree?: number | undefined
    /** Number of candidates that are considered while building. */
    readonly search_list_size?: number | undefined
    /** Size of the compressed vectors, as a share of the raw ones. */
    readonly pq_code_budget_gb_ratio?: number | undefined
    /**
     * Memory for compressed vectors, in bytes, up to 2^30.
     *
     * @default 0
     */
    readonly pq_cache_size?: number | undefined
    /** Number of compressed neighbors stored with a node, up to `max_degree`. Faster, but larger on disk. */
    readonly inline_pq?: number | undefined
    /** Whether compressed vectors are sorted by proximity. */
    readonly rearrange?: boolean | undefined
  },
): Index<"AISAQ", M> => make("AISAQ", options)
/** A graph built on a GPU. */
export const gpuCagra = <const M extends Dense>(
  options: VectorIndexOptions<M> & {
    /**
     * Number of neighbors of a node before pruning.
     *
     * @default 128
     */
    readonly intermediate_graph_degree?: number | undefined
    /**
     * Number of neighbors of a node after pruning.
     *
     * @default 64
     */
    readonly graph_degree?: number | undefined
    /** Algorithm that builds the first graph. */
    readonly build_algo?: "IVF_PQ" | "NN_DESCENT" | undefined
    /** Whether the vectors stay on the GPU. */
    readonly cache_dataset_on_device?: boolean | undefined
    /** Whether the graph is searched on the CPU. */
    readonly adapt_for_cpu?: boolean | undefined
  },
): Index<"GPU_CAGRA", M> => make("GPU_CAGRA", options)
/** Clusters of unquantized vectors, on a GPU. */
export const gpuIvfFlat = <const M extends Dense>(options: IvfOptions<M>): Index<"GPU_IVF_FLAT", M> =>
  make("GPU_IVF_FLAT", options)
/** Clusters of vectors, quantized to `nbits` bits per part, on a GPU. */
export const gpuIvfPq = <const M extends Dense>(options: IvfPqOptions<M>): Index<"GPU_IVF_PQ", M> =>
  make("GPU_IVF_PQ", options)
/** Compares the query with every vector, on a GPU. Exact. */
export const gpuBruteForce = <const M extends Dense>(options: VectorIndexOptions<M>): Index<"GPU_BRUTE_FORCE", M> =>
  make("GPU_BRUTE_FORCE", options)

type Binary = BinaryMetric | "MAX_SIM_HAMMING" | "MAX_SIM_JACCARD"

/** Compares the query with every binary vector. Exact. */
export const binFlat = <const M extends Binary>(options: VectorIndexOptions<M>): Index<"BIN_FLAT", M> =>
  make("BIN_FLAT", options)
/** Clusters of binary vectors. */
export const binIvfFlat = <const M extends "HAMMING" | "JACCARD" | "MAX_SIM_HAMMING" | "MAX_SIM_JACCARD">(
  options: IvfOptions<M>,
): Index<"BIN_IVF_FLAT", M> => make("BIN_IVF_FLAT", options)
/** Buckets of MinHash signatures. */
export const minhashLsh = (
  options: Omit<VectorIndexOptions<"MHJACCARD">, "metric"> & {
    /** Metric of the distance between two signatures. This is the only one. */
    readonly metric?: "MHJACCARD" | undefined
    /** Number of bits per hash of the signature. */
    readonly mh_element_bit_width?: 8 | 16 | 32 | 64 | undefined
    /** Number of bands of the signature, a divisor of its length. */
    readonly mh_lsh_band?: number | undefined
    /** Whether codes are kept in memory instead of memory-mapped. */
    readonly mh_lsh_code_in_mem?: boolean | undefined
    /** Whether signatures are kept, to rerank candidates. */
    readonly with_raw_data?: boolean | undefined
    /** False-positive probability of the Bloom filter of a bucket, 0.001 to 0.1. */
    readonly mh_lsh_bloom_false_positive_prob?: number | undefined
  } = {},
): Index<"MINHASH_LSH", "MHJACCARD"> => make("MINHASH_LSH", { ...options, metric: "MHJACCARD" as const })

/** Options of the sparse indexes. The metric `BM25` uses the weights of Okapi BM25. */
export interface SparseIndexOptions<M extends Metric> extends VectorIndexOptions<M> {
  /**
   * Algorithm that traverses the postings.
   *
   * @default "DAAT_MAXSCORE"
   */
  readonly inverted_index_algo?: "DAAT_MAXSCORE" | "DAAT_WAND" | "TAAT_NAIVE" | undefined
  /** Share of the smallest values that is ignored while building (deprecated by Milvus). */
  readonly drop_ratio_build?: number | undefined
  /**
   * Saturation of the term frequency (`k1`), 1.2 to 2.
   *
   * @default 1.2
   */
  readonly bm25_k1?: number | undefined
  /**
   * Weight of the length of the text (`b`), 0 to 1.
   *
   * @default 0.75
   */
  readonly bm25_b?: number | undefined
}

/** An inverted index of sparse vectors. */
export const sparseInvertedIndex = <const M extends SparseMetric>(
  options: SparseIndexOptions<M>,
): Index<"SPARSE_INVERTED_INDEX", M> => make("SPARSE_INVERTED_INDEX", options)
/**
 * An inverted index of sparse vectors, traversed by weak AND. Deprecated by Milvus: use `sparseInvertedIndex` with
 * `inverted_index_algo: "DAAT_WAND"`.
 */
export const sparseWand = <const M extends SparseMetric>(options: SparseIndexOptions<M>): Index<"SPARSE_WAND", M> =>
  make("SPARSE_WAND", options)
