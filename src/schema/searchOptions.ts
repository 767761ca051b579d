/**
 * What a search tells the index that it goes by, for each type of index: under `params` in the search parameters.
 *
 * Names are those of Milvus's documentation. What is left out is the server's choice.
 *
 * @module
 */
import { jsonOfField } from "../codec/stringifyJson.ts"
import type { CollectionDefinition } from "./definition.ts"
import type { DenseIndexType, IndexType } from "./indexTypes.ts"

/** What every search of vectors takes. */
export interface CommonParams {
  /** The outer bound of a range search: hits are nearer than it. */
  readonly radius?: number | undefined
  /** The inner bound of a range search: hits are not nearer than it. */
  readonly range_filter?: number | undefined
  /** How a filter is applied: hit by hit, rather than before. */
  readonly hints?: "iterative_filter" | "disable" | undefined
}

/** Of the inverted file indexes. */
export interface IvfParams extends CommonParams {
  /** Clusters that are looked at, up to `nlist`. Default 8. */
  readonly nprobe?: number | undefined
  /** Empty clusters after which a range search ends. */
  readonly max_empty_result_buckets?: number | undefined
}

/** Of indexes that order candidates again. */
export interface RefineParams {
  /** Candidates for each hit that is wanted. Default 1. */
  readonly refine_k?: number | undefined
}

/** Of the graph indexes. */
export interface GraphParams extends CommonParams {
  /** Candidates that are kept, at least as many as hits are wanted. */
  readonly ef?: number | undefined
}

/** Of the indexes on disk. */
export interface DiskParams extends CommonParams {
  /** Candidates that are kept, at least as many as hits are wanted. Default 16. */
  readonly search_list?: number | undefined
  /** Reads at once. */
  readonly beamwidth?: number | undefined
}

/** Of sparse vectors. */
export interface SparseParams extends CommonParams {
  /** The share of the smallest values of the query that is left out, 0 to 1. */
  readonly drop_ratio_search?: number | undefined
  /** How strictly candidates are left out by the most that they can reach, 0.5 to 1.3. */
  readonly dim_max_score_ratio?: number | undefined
}

interface ParamsByIndex {
  readonly FLAT: CommonParams
  readonly IVF_FLAT: IvfParams
  readonly IVF_SQ8: IvfParams & RefineParams
  readonly IVF_PQ: IvfParams
  readonly IVF_RABITQ: IvfParams & RefineParams & {
    /** Bits of each component of the query; 0 for all of them. */
    readonly rbq_query_bits?: number | undefined
  }
  readonly HNSW: GraphParams
  readonly HNSW_SQ: GraphParams & RefineParams
  readonly HNSW_PQ: GraphParams & RefineParams
  readonly HNSW_PRQ: GraphParams & RefineParams
  readonly SCANN: IvfParams & {
    /** Candidates that are ordered again. */
    readonly reorder_k?: number | undefined
  }
  readonly DISKANN: DiskParams
  readonly AISAQ: DiskParams
  readonly GPU_CAGRA: GraphParams & {
    /** Candidates that are kept. */
    readonly itopk_size?: number | undefined
    /** Nodes to begin at. */
    readonly search_width?: number | undefined
    /** The fewest steps. */
    readonly min_iterations?: number | undefined
    /** The most steps. */
    readonly max_iterations?: number | undefined
    /** Threads for each distance. */
    readonly team_size?: number | undefined
  }
  readonly GPU_IVF_FLAT: IvfParams
  readonly GPU_IVF_PQ: IvfParams
  readonly GPU_BRUTE_FORCE: CommonParams
  readonly BIN_FLAT: CommonParams
  readonly BIN_IVF_FLAT: IvfParams
  readonly MINHASH_LSH: CommonParams & RefineParams & {
    /** Whether candidates are ordered by their exact likeness. */
    readonly mh_search_with_jaccard?: boolean | undefined
    /** Whether the queries of one search go together. */
    readonly mh_lsh_batch_search?: boolean | undefined
  }
  readonly SPARSE_INVERTED_INDEX: SparseParams
  readonly SPARSE_WAND: SparseParams
  readonly AUTOINDEX: GraphParams & IvfParams & SparseParams & {
    /** From fast to exact, 1 to 10. */
    readonly level?: number | undefined
  }
}

/** The parameters of a search by an index of a type. */
export type SearchParams<T extends keyof ParamsByIndex = keyof ParamsByIndex> = ParamsByIndex[T]

/** The types of indexes by which vectors are searched. */
export type SearchedIndexType = keyof ParamsByIndex & (IndexType | DenseIndexType)

/** Parameters of an index that is not known. */
export type AnyParams = Readonly<Record<string, unknown>>

type IndexOf<D extends CollectionDefinition, Target extends string> = D["options"] extends
  { readonly indexes: { readonly [P in Target]: { readonly type: infer Type } } } ? Type : unknown

/**
 * The parameters of a search of a field, by the index that the definition has for it; any, where it has none.
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

/** As the JSON text that a search takes under the key `params`; what is `undefined` is left out. Throws `CodecError`. */
export const searchParams = <const T extends keyof ParamsByIndex>(_index: T, params: SearchParams<T>): string =>
  jsonOfField(params, "params")
