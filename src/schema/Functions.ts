/**
 * Functions of a collection, by which Milvus computes fields of a row from others (full-text search, text embedding,
 * MinHash).
 *
 * A function names its input and output fields. In a definition, an unknown name or a field of the wrong type is a
 * compile error. Callers do not write the output fields.
 *
 * @module
 */
import type { Json } from "./fieldTypes.ts"

/** The kinds of functions, named as in the contract. `Rerank` belongs to a search, and has no output field. */
export type FunctionType = "BM25" | "TextEmbedding" | "Rerank" | "MinHash" | "MolFingerprint"

/** The parameters of a function. Values that are not strings are sent as JSON. */
export type FunctionParams = Readonly<Record<string, Json>>

/** A function: its kind, and its input and output fields. */
export interface FunctionDefinition<
  out Type extends string = string,
  out Input extends string = string,
  out Output extends string = string,
> {
  /** Its kind. */
  readonly type: Type
  /** Its input fields. */
  readonly input: ReadonlyArray<Input>
  /** Its output fields. */
  readonly output: ReadonlyArray<Output>
  /** Its parameters, with Milvus's names. */
  readonly params?: FunctionParams | undefined
  /** Description of the function. */
  readonly description?: string | undefined
}

/** Options of every function. */
export interface FunctionOptions {
  /** Further parameters, with Milvus's names. */
  readonly params?: FunctionParams | undefined
  /** Description of the function. */
  readonly description?: string | undefined
}

/**
 * Makes a function that converts the terms of an analyzed text field to a sparse vector, for full-text search. It has
 * no parameters; the index sets the weights of terms.
 *
 * @example
 * ```ts
 * import { Functions } from "@effect-milvus/client"
 *
 * console.log(Functions.bm25({ input: "text", output: "terms" }).output) // ["terms"]
 * ```
 */
export const bm25 = <const In extends string, const Out extends string>(
  options: { readonly input: In; readonly output: Out } & FunctionOptions,
): FunctionDefinition<"BM25", In, Out> => make("BM25", [options.input], [options.output], options)

/**
 * Options of {@linkcode textEmbedding}. Further parameters of a provider, such as `credential` or `url`, go into
 * `params`.
 */
export interface TextEmbeddingOptions<In extends string, Out extends string> extends FunctionOptions {
  /** A text field. */
  readonly input: In
  /** A vector field with the dimension of the model. */
  readonly output: Out
  /** Provider of the model, such as `"openai"`, `"cohere"` or `"TEI"`. The server holds the credentials. */
  readonly provider: string
  /** Name of the model, if the provider has several. */
  readonly model?: string | undefined
}

/** Makes a function that converts text to a dense vector, with a model that the server calls. */
export const textEmbedding = <const In extends string, const Out extends string>(
  options: TextEmbeddingOptions<In, Out>,
): FunctionDefinition<"TextEmbedding", In, Out> =>
  make("TextEmbedding", [options.input], [options.output], {
    ...options,
    params: {
      provider: options.provider,
      ...(options.model === undefined ? {} : { model_name: options.model }),
      ...options.params,
    },
  })

/**
 * Makes a function that converts text to a MinHash signature, to find near duplicates. The dimension is `num_hashes`
 * times the bits per hash.
 */
export const minHash = <const In extends string, const Out extends string>(
  options: { readonly input: In; readonly output: Out } & FunctionOptions,
): FunctionDefinition<"MinHash", In, Out> => make("MinHash", [options.input], [options.output], options)

/** Options of {@linkcode rerank}. */
export interface RerankOptions<In extends string> extends FunctionOptions {
  /** The fields that the order depends on: the field of the decay function, or the text that the model reads. */
  readonly input?: ReadonlyArray<In> | undefined
  /** Kind of reranker. */
  readonly reranker: "rrf" | "weighted" | "decay" | "boost" | "model"
}

/**
 * Makes a function that reranks the hits of a search. It has no output field, and belongs to a search, not a
 * collection.
 */
export const rerank = <const In extends string = never>(
  options: RerankOptions<In>,
): FunctionDefinition<"Rerank", In, never> =>
  make("Rerank", options.input ?? [], [], {
    ...options,
    params: { reranker: options.reranker, ...options.params },
  })

/** Makes a function of a kind that this version does not know. */
export const otherFunction = <const Type extends string, const In extends string, const Out extends string>(
  type: Type,
  options: { readonly input: ReadonlyArray<In>; readonly output: ReadonlyArray<Out> } & FunctionOptions,
): FunctionDefinition<Type, In, Out> => make(type, options.input, options.output, options)

const make = <Type extends string, In extends string, Out extends string>(
  type: Type,
  input: ReadonlyArray<In>,
  output: ReadonlyArray<Out>,
  options: FunctionOptions,
): FunctionDefinition<Type, In, Out> => ({
  type,
  input,
  output,
  ...(options.params === undefined || Object.keys(options.params).length === 0 ? {} : { params: options.params }),
  ...(options.description === undefined ? {} : { description: options.description }),
})
