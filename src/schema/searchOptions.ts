/**
 * Search parameters of each type of index, sent under `params` in the search parameters.
 *
 * They have the names of Milvus's documentation. For an omitted one the server uses its default.
 */
import { jsonOfField } from "../codec/stringifyJson.ts"
import type { CollectionDefinition } from "./definition.ts"
import type { DenseIndexType, IndexType } from "./indexTypes.ts"

/** Search parameters of every vector index. */
export interface CommonParams {
  /** Outer bound of a range search: hits are nearer than it. */
  readonly radius?: number | undefined
  /** Inner bound of a range search: hits are not nearer than it. */
  readonly range_filter?: number | undefined
  /**
   * Mode of filtering. `iterative_filter` filters one candidate after the other instead of all rows before the search.
   */
  readonly hints?: "iterative_filter" | "disable" | undefined
}

/** Search parameters of the inverted file indexes. */
export interface IvfParams extends CommonParams {
  /**
   * Number of clusters to search, up to `nlist`.
   *
   * @default 8
   */
  readonly nprobe?: number | undefined
  /** Number of empty clusters after which a range search ends. */
  readonly max_empty_result_buckets?: number | undefined
}

/** Search parameters of indexes that rerank candidates. */
export interface RefineParams {
  /**
   * Number of candidates per requested hit.
   *
   * @default 1
   */
  readonly refine_k?: number | undefined
}

/** Search parameters of the graph indexes. */
export interface GraphParams extends CommonParams {
  /** Number of candidates to keep, at least the number of requested hits. */
  readonly ef?: number | undefined
}

/** Search parameters of the indexes on disk. */
export interface DiskParams extends CommonParams {
  /**
   * Number of candidates to keep, at least the number of requested hits.
   *
   * @default 16
   */
  readonly search_list?: number | undefined
  /** Number of concurrent reads. */
  readonly beamwidth?: number | undefined
}

/** Search parameters of the sparse indexes. */
export interface SparseParams extends CommonParams {
  /** Share of the smallest values of the query to ignore, 0 to 1. */
  readonly drop_ratio_search?: number | undefined
  /** Strictness of skipping candidates by the upper bound of their score, 0.5 to 1.3. */
  readonly dim_max_score_ratio?: number | undefined
}

interface ParamsByIndex {
  readonly FLAT: CommonParams
  readonly IVF_FLAT: IvfParams
  readonly IVF_SQ8: IvfParams & RefineParams
  readonly IVF_PQ: IvfParams
  readonly IVF_RABITQ: IvfParams & RefineParams & {
    /** Number of bits per component of the query. 0 for all bits. */
    readonly rbq_query_bits?: number | undefined
  }
  readonly HNSW: GraphParams
  readonly HNSW_SQ: GraphParams & RefineParams
  readonly HNSW_PQ: GraphParams & RefineParams
  readonly HNSW_PRQ: GraphParams & RefineParams
  readonly SCANN: IvfParams & {
    /** Number of candidates to rerank. */
    readonly reorder_k?: number | undefined
  }
  readonly DISKANN: DiskParams
  readonly AISAQ: DiskParams
  readonly GPU_CAGRA: GraphParams & {
    /** Number of candidates to keep. */
    readonly itopk_size?: number | undefined
    /** Number of nodes to start from. */
    readonly search_width?: number | undefined
    /** Smallest number of iterations. */
    readonly min_iterations?: number | undefined
    /** Largest number of iterations. */
    readonly max_iterations?: number | undefined
    /** Number of threads per distance. */
    readonly team_size?: number | undefined
  }
  readonly GPU_IVF_FLAT: IvfParams
  readonly GPU_IVF_PQ: IvfParams
  readonly GPU_BRUTE_FORCE: CommonParams
  readonly BIN_FLAT: CommonParams
  readonly BIN_IVF_FLAT: IvfParams
  readonly MINHASH_LSH: CommonParams & RefineParams & {
    /** Whether candidates are ranked by their exact Jaccard similarity. */
    readonly mh_search_with_jaccard?: boolean | undefined
    /** Whether the queries of one search are processed as a batch. */
    readonly mh_lsh_batch_search?: boolean | undefined
  }
  readonly SPARSE_INVERTED_INDEX: SparseParams
  readonly SPARSE_WAND: SparseParams
  readonly AUTOINDEX: GraphParams & IvfParams & SparseParams & {
    /** Trade-off from fast to exact, 1 to 10. */
    readonly level?: number | undefined
  }
}

/** Search parameters of a type of index. */
export type SearchParams<T extends keyof ParamsByIndex = keyof ParamsByIndex> = ParamsByIndex[T]

/** The types of indexes with search parameters. */
export type SearchedIndexType = keyof ParamsByIndex & (IndexType | DenseIndexType)

/** Search parameters of an unknown type of index. */
export type AnyParams = Readonly<Record<string, unknown>>

type IndexOf<D extends CollectionDefinition, Target extends string> = D["options"] extends
  { readonly indexes: { readonly [P in Target]: { readonly type: infer Type } } } ? Type : unknown

/**
 * Search parameters of a field, by the type of its index in the definition. Any parameters if the definition has no
 * index for it.
 *
 * @example
 * ```ts
 * import { Collection, Field, Index, Vectors } from "@effect-milvus/client"
 *
 * const Books = Collection.define("books", {
 *   id: Field.int64({ primaryKey: true }),
 *   vector: Field.floatVector({ dimension: 4 }),
 * }, { indexes: { vector: Index.hnsw({ metric: "L2" }) } })
 *
 * const params: Vectors.SearchParamsOf<typeof Books, "vector"> = { ef: 64, radius: 1.5 }
 * console.log(JSON.stringify(params)) // {"ef":64,"radius":1.5}
 * ```
 */
export type SearchParamsOf<D extends CollectionDefinition, Target extends string> = IndexOf<D, Target> extends
  infer Type ? Type extends keyof ParamsByIndex ? SearchParams<Type> : AnyParams
  : never

/** Encodes search parameters as the JSON text under the key `params`, without `undefined` ones. Throws `CodecError`. */
export const searchParams = <const T extends keyof ParamsByIndex>(_index: T, params: SearchParams<T>): string =>
  jsonOfField(params, "params")
