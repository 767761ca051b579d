/**
 * Functions of a collection: what Milvus computes from a row itself (Milvus: full text search, text embedding, MinHash).
 *
 * A function names the fields that it takes and gives, and a definition checks them: an unknown name, or a field of the
 * wrong type, is a compile error. What a function gives is not written by the caller.
 *
 * @module
 */
import type { Json } from "./fieldTypes.ts"

/** The kinds of functions, named as in the contract. `Rerank` is one of a search, and gives no field. */
export type FunctionType = "BM25" | "TextEmbedding" | "Rerank" | "MinHash" | "MolFingerprint"

/** The parameters of a function. What is not text is written as JSON. */
export type FunctionParams = Readonly<Record<string, Json>>

/** A function: its kind, and the fields that it takes and gives. */
export interface FunctionDefinition<
  out Type extends string = string,
  out Input extends string = string,
  out Output extends string = string,
> {
  /** Its kind. */
  readonly type: Type
  /** The fields that it takes. */
  readonly input: ReadonlyArray<Input>
  /** The fields that it gives. */
  readonly output: ReadonlyArray<Output>
  /** Its parameters, named as Milvus names them. */
  readonly params?: FunctionParams | undefined
  /** Text for people. */
  readonly description?: string | undefined
}

/** What every function takes. */
export interface FunctionOptions {
  /** Further parameters, named as Milvus names them. */
  readonly params?: FunctionParams | undefined
  /** Text for people. */
  readonly description?: string | undefined
}

/**
 * Terms of an analyzed text field, weighed for full text search, into a sparse vector. It has no parameters; how terms
 * weigh is said by the index.
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

/** Of {@linkcode textEmbedding}. What else a provider takes, such as `credential` or `url`, goes into `params`. */
export interface TextEmbeddingOptions<In extends string, Out extends string> extends FunctionOptions {
  /** A text field. */
  readonly input: In
  /** A vector field; its dimension is that of the model. */
  readonly output: Out
  /** Who embeds, such as `"openai"`, `"cohere"` or `"TEI"`; the server holds the credentials. */
  readonly provider: string
  /** The name of the model, where the provider has several. */
  readonly model?: string | undefined
}

/** Text into a dense vector, by a model that the server asks. */
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

/** Text into a MinHash signature, for near duplicates; the dimension is `num_hashes` times the bits of each. */
export const minHash = <const In extends string, const Out extends string>(
  options: { readonly input: In; readonly output: Out } & FunctionOptions,
): FunctionDefinition<"MinHash", In, Out> => make("MinHash", [options.input], [options.output], options)

/** Of {@linkcode rerank}. */
export interface RerankOptions<In extends string> extends FunctionOptions {
  /** The fields that the order depends on: the one that decays, or the text that the model reads. */
  readonly input?: ReadonlyArray<In> | undefined
  /** What orders again. */
  readonly reranker: "rrf" | "weighted" | "decay" | "boost" | "model"
}

/** Orders the hits of a search again. It gives no field, and belongs to a search rather than to a collection. */
export const rerank = <const In extends string = never>(
  options: RerankOptions<In>,
): FunctionDefinition<"Rerank", In, never> =>
  make("Rerank", options.input ?? [], [], {
    ...options,
    params: { reranker: options.reranker, ...options.params },
  })

/** A function of a kind that this version does not know. */
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
