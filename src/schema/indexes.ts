/**
 * Constructors of indexes, one for each type of Milvus.
 *
 * It is a compile error if the metric is not one of the kind of vector, or if a definition has an index that its field
 * cannot have. Build parameters have the names of Milvus's documentation (`M`, `nlist`, `inverted_index_algo`). For an
 * omitted one the server uses its default.
 *
 * @example
 * ```ts
 * import { Index } from "@effect-milvus/client"
 *
 * const index = Index.hnsw({ metric: "COSINE", M: 16, efConstruction: 200 })
 * console.log(Index.extraParams(index)[2]) // { key: "params", value: '{"M":16,"efConstruction":200}' }
 * ```
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

/** An index of a type that the server chooses, for vectors and scalars. */
export const auto = <const M extends Metric = never>(
  options: IndexOptions & { readonly metric?: M | undefined } = {},
): Index<"AUTOINDEX", M> => make("AUTOINDEX", options)

/** An inverted index, from terms or values to rows, for scalars and arrays of them. */
export const inverted = (options: IndexOptions = {}): Index<"INVERTED", never> => make("INVERTED", options)
/** One bitmap per value, for fields with few distinct values. */
export const bitmap = (options: IndexOptions = {}): Index<"BITMAP", never> => make("BITMAP", options)
/** Sorted values, for range filters. */
export const stlSort = (options: IndexOptions = {}): Index<"STL_SORT", never> => make("STL_SORT", options)
/** A prefix tree of strings. */
export const trie = (options: IndexOptions = {}): Index<"Trie", never> => make("Trie", options)
/** Substrings of `min_gram` to `max_gram` characters, for `like`. Milvus 2.6.2 and later. */
export const ngram = (
  options: IndexOptions & { readonly min_gram: number; readonly max_gram: number },
): Index<"NGRAM", never> => make("NGRAM", options)
/** An index of all substrings, for `like`. Milvus 3 and later. */
export const fmIndex = (
  options: IndexOptions & {
    /**
     * Sample rate of the suffix array, 4 to 256.
     *
     * @default 8
     */
    readonly fm_sa_sample_rate?: number | undefined
    /**
     * Size of a block in bytes: a power of two from 8 to 128.
     *
     * @default 64
     */
    readonly fm_block_bytes?: 8 | 16 | 32 | 64 | 128 | undefined
  } = {},
): Index<"FMINDEX", never> => make("FMINDEX", options)
/** Bounding boxes of geometries. */
export const rtree = (options: IndexOptions = {}): Index<"RTREE", never> => make("RTREE", options)

/** Options of {@linkcode jsonPath}, with the casts that each type of index supports. */
export type JsonPathOptions =
  & IndexOptions
  & {
    /** The path, such as `meta["price"]`: the field, followed by its keys. */
    readonly path: string
  }
  & (
    | { readonly type: "INVERTED" | "AUTOINDEX"; readonly cast: Exclude<JsonCastType, "DOUBLE"> }
    | {
      readonly type: "INVERTED" | "AUTOINDEX"
      readonly cast: "DOUBLE"
      /** Function that converts strings to numbers. */
      readonly castFunction?: "STRING_TO_DOUBLE" | undefined
    }
    | { readonly type: "BITMAP"; readonly cast: "BOOL" | "VARCHAR" }
    | { readonly type: "STL_SORT"; readonly cast: "DOUBLE" | "VARCHAR" }
    | { readonly type: "NGRAM"; readonly cast: "VARCHAR"; readonly min_gram: number; readonly max_gram: number }
  )

/** An index of one path of a JSON field or of the dynamic field (Milvus: JSON path index). */
export const jsonPath = <const T extends JsonPathOptions["type"]>(
  options: JsonPathOptions & { readonly type: T },
): JsonIndex<T> => {
  const { type, path, cast, name, mmap, warmup, ...rest } = options
  // Cast: the rest is `castFunction`, `min_gram` and `max_gram`, if the type has them.
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
    /** Build parameters, with Milvus's names. */
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
 * Returns the `extra_params` of CreateIndex for an index: the type, the metric, and the build parameters as one JSON
 * text, which every server reads. (The newest pymilvus writes them one by one, which milvus-lite 3.2.2 ignores.) Throws
 * `CodecError` for a value that is not a JSON value.
 */
export const extraParams = (index: Index): ReadonlyArray<{ readonly key: string; readonly value: string }> => [
  { key: "index_type", value: index.type },
  ...(index.metric === undefined ? [] : [{ key: "metric_type", value: index.metric }]),
  ...(Object.keys(index.params).length === 0 ? [] : [{ key: "params", value: jsonOfField(index.params, "params") }]),
  ...(index.mmap === undefined ? [] : [{ key: "mmap.enabled", value: String(index.mmap) }]),
  ...(index.warmup === undefined ? [] : [{ key: "warmup", value: index.warmup }]),
]
