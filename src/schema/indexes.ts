/**
 * Indexes, one constructor for each type of Milvus.
 *
 * The metric has to be one of the kind of vector, and a definition takes an index only for a field that may have it: both
 * are compile errors otherwise. Build parameters keep the names that Milvus's documentation gives them (`M`, `nlist`,
 * `inverted_index_algo`); what is left out is the server's choice.
 *
 * @example
 * ```ts
 * import { Index } from "@effect-milvus/client"
 *
 * const index = Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 })
 * console.log(Index.extraParams(index)[2]) // { key: "params", value: '{"M":16,"efConstruction":200}' }
 * ```
 *
 * @module
 */
import { jsonOfField } from "../codec/stringifyJson.ts"
import {
  common,
  defined,
  type Index,
  type IndexOptions,
  type JsonCastType,
  type JsonIndex,
  make,
  type Metric,
  type OtherIndex,
} from "./indexTypes.ts"

export type * from "./indexTypes.ts"
export * from "./vectorIndexes.ts"

/** What the server chooses, for a vector or a scalar. */
export const auto = <const M extends Metric = never>(
  options: IndexOptions & { readonly metric?: M | undefined } = {},
): Index<"AUTOINDEX", M> => make("AUTOINDEX", options)

/** Terms or values with their rows: for scalars, and arrays of them. */
export const inverted = (options: IndexOptions = {}): Index<"INVERTED", never> => make("INVERTED", options)
/** A bitmap for each value, of which there should be few. */
export const bitmap = (options: IndexOptions = {}): Index<"BITMAP", never> => make("BITMAP", options)
/** Sorted values, for ranges. */
export const stlSort = (options: IndexOptions = {}): Index<"STL_SORT", never> => make("STL_SORT", options)
/** A prefix tree of text. */
export const trie = (options: IndexOptions = {}): Index<"Trie", never> => make("Trie", options)
/** Parts of text of `min_gram` to `max_gram` characters, for `like` (Milvus 2.6.2). */
export const ngram = (
  options: IndexOptions & { readonly min_gram: number; readonly max_gram: number },
): Index<"NGRAM", never> => make("NGRAM", options)
/** Exact substrings of text, for `like` (Milvus 3). */
export const fmIndex = (
  options: IndexOptions & {
    /** 4 to 256. Default 8. */
    readonly fm_sa_sample_rate?: number | undefined
    /** A power of two from 8 to 128. Default 64. */
    readonly fm_block_bytes?: 8 | 16 | 32 | 64 | 128 | undefined
  } = {},
): Index<"FMINDEX", never> => make("FMINDEX", options)
/** Bounding boxes of shapes. */
export const rtree = (options: IndexOptions = {}): Index<"RTREE", never> => make("RTREE", options)

/** Of {@linkcode jsonPath}: what each type of index can hold. */
export type JsonPathOptions =
  & IndexOptions
  & {
    /** Where, such as `meta["price"]`: the field, and then its keys. */
    readonly path: string
  }
  & (
    | { readonly type: "INVERTED" | "AUTOINDEX"; readonly cast: Exclude<JsonCastType, "DOUBLE"> }
    | {
      readonly type: "INVERTED" | "AUTOINDEX"
      readonly cast: "DOUBLE"
      /** How text becomes a number. */
      readonly castFunction?: "STRING_TO_DOUBLE" | undefined
    }
    | { readonly type: "BITMAP"; readonly cast: "BOOL" | "VARCHAR" }
    | { readonly type: "STL_SORT"; readonly cast: "DOUBLE" | "VARCHAR" }
    | { readonly type: "NGRAM"; readonly cast: "VARCHAR"; readonly min_gram: number; readonly max_gram: number }
  )

/** An index of one path of a JSON field, or of a dynamic field (Milvus: JSON path index). */
export const jsonPath = <const T extends JsonPathOptions["type"]>(
  options: JsonPathOptions & { readonly type: T },
): JsonIndex<T> => {
  const { type, path, cast, name, mmap, warmup, ...rest } = options
  // The rest is `castFunction`, `min_gram` and `max_gram`, where its type has them.
  const { castFunction, ...grams } = rest as { castFunction?: string; min_gram?: number; max_gram?: number }
  return {
    ...common({ name, mmap, warmup }),
    type,
    params: {
      json_path: path,
      json_cast_type: cast,
      ...(castFunction === undefined ? {} : { json_cast_function: castFunction }),
      ...defined(grams),
    },
  }
}

/** An index of a type that this version does not know. */
export const other = (
  type: string,
  options: IndexOptions & {
    readonly metric?: string | undefined
    /** Build parameters, named as Milvus names them. */
    readonly params?: Index["params"] | undefined
  } = {},
): OtherIndex => ({
  ...common(options),
  type,
  ...(options.metric === undefined ? {} : { metric: options.metric }),
  params: options.params ?? {},
  other: true,
})

/**
 * The index as CreateIndex takes it in `extra_params`: the type, the metric, and the build parameters as one JSON text,
 * which every server reads. (The newest pymilvus writes them one by one, which milvus-lite 3.2.2 does not see.)
 * Throws `CodecError` for what JSON cannot hold.
 */
export const extraParams = (index: Index): ReadonlyArray<{ readonly key: string; readonly value: string }> => [
  { key: "index_type", value: index.type },
  ...(index.metric === undefined ? [] : [{ key: "metric_type", value: index.metric }]),
  ...(Object.keys(index.params).length === 0 ? [] : [{ key: "params", value: jsonOfField(index.params, "params") }]),
  ...(index.mmap === undefined ? [] : [{ key: "mmap.enabled", value: String(index.mmap) }]),
  ...(index.warmup === undefined ? [] : [{ key: "warmup", value: index.warmup }]),
]
