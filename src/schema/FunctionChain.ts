/**
 * Function chains: pipelines that rerank the hits of a search. Each operation of a chain maps columns to a new one,
 * sorts the hits, or limits their number. Milvus 3.0 and later.
 *
 * Columns are fields of the collection, those that earlier operations of the chain made, `$score` and `$id`. In the
 * options of a search, a column that is not one of these is a compile error.
 *
 * @module
 */

/** When a chain runs: on the nodes that search (`L0Rerank`, `L1Rerank`), or on all hits together (`L2Rerank`). */
export type Stage = "Ingestion" | "PreProcess" | "L0Rerank" | "L1Rerank" | "L2Rerank" | "PostProcess"

/** A parameter of a function. Whole numbers are sent as integers, except those of a `Float64Array`. */
export type Param =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float64Array
  | ReadonlyArray<Param>
  | { readonly [name: string]: Param }

/** An argument of a function: a column, or a value. */
export type Argument<Column extends string = string> =
  | { readonly column: Column }
  | { readonly literal: Param }

/** A function with its arguments. */
export interface Expression<out Column extends string = string> {
  /** Name of the function. */
  readonly name: string
  /** Arguments, in order. */
  readonly args: ReadonlyArray<Argument<Column>>
  /** Parameters, with Milvus's names. */
  readonly params: Readonly<Record<string, Param>>
}

/** An operation of a chain. */
export interface Operation<out In extends string = string, out Out extends string = string> {
  /** Name of the operation, such as `"map"`. */
  readonly operation: string
  /** The function of a `"map"`. */
  readonly expression?: Expression<In> | undefined
  /** Columns that it reads. Those of the function are not repeated here. */
  readonly inputs: ReadonlyArray<In>
  /** Columns that it makes. */
  readonly outputs: ReadonlyArray<Out>
  /** Parameters, with Milvus's names. */
  readonly params: Readonly<Record<string, Param>>
}

/** A chain of operations. `Field` are the names of the fields that it reads. */
export interface FunctionChain<out Field extends string = string> {
  /** When it runs. */
  readonly stage: Stage
  /** Name of the chain. */
  readonly name?: string | undefined
  /** The operations, in order. */
  readonly operations: ReadonlyArray<Operation>
  /** The fields of the collection that it reads. */
  readonly fields: ReadonlyArray<Field>
}

/** The fields that operations read: their columns, without those that operations make and those of the search. */
export type FieldsOf<Operations extends ReadonlyArray<Operation>> = Exclude<
  Operations[number] extends Operation<infer In, string> ? In : never,
  Operations[number]["outputs"][number] | `$${string}`
>

/**
 * Makes a chain.
 *
 * @example
 * ```ts
 * import { FunctionChain } from "@effect-milvus/client"
 *
 * const fresh = FunctionChain.make("L2Rerank", [
 *   FunctionChain.map(
 *     "freshness",
 *     FunctionChain.decay("published", { function: "exp", origin: 1700000000, scale: 86400 }),
 *   ),
 *   FunctionChain.map(
 *     "$score",
 *     FunctionChain.numCombine(["$score", "freshness"], { mode: "weighted", weights: [0.7, 0.3] }),
 *   ),
 *   FunctionChain.sort("$score", { tieBreak: "$id" }),
 *   FunctionChain.limit(10),
 * ])
 * console.log(fresh.fields) // ["published"]
 * ```
 */
export const make = <const Operations extends ReadonlyArray<Operation>>(
  stage: Stage,
  operations: Operations,
  options?: { readonly name?: string | undefined },
): FunctionChain<FieldsOf<Operations>> => {
  const made = new Set<string>()
  const fields = new Set<string>()
  for (const { expression, inputs, outputs } of operations) {
    const columns = (expression?.args ?? []).flatMap((arg) => "column" in arg ? [arg.column] : [])
    for (const name of [...columns, ...inputs]) if (!made.has(name) && !name.startsWith("$")) fields.add(name)
    for (const name of outputs) made.add(name)
  }
  return {
    stage,
    operations,
    // Cast: the type has these names, except those that an operation both reads and makes.
    fields: [...fields] as ReadonlyArray<string> as ReadonlyArray<FieldsOf<Operations> & string>,
    ...(options?.name === undefined ? {} : { name: options.name }),
  }
}

/** Makes an operation that computes a column; `"$score"` is the score of the hit. */
export const map = <const Out extends string, const In extends string>(
  output: Out,
  expression: Expression<In>,
): Operation<In, Out> => ({ operation: "map", expression, inputs: [], outputs: [output], params: {} })

/** Options of {@linkcode sort}. */
export interface SortOptions<Column extends string = string> {
  /**
   * Whether the greatest value comes first.
   *
   * @default true
   */
  readonly descending?: boolean | undefined
  /** Column that orders hits with equal values. */
  readonly tieBreak?: Column | undefined
}

/** Makes an operation that sorts the hits by a column. */
export const sort = <const By extends string, const Tie extends string = never>(
  by: By,
  options?: SortOptions<Tie>,
): Operation<NoInfer<By | Tie>, never> => {
  const { descending = true, tieBreak } = options ?? {}
  return {
    operation: "sort",
    inputs: tieBreak === undefined ? [by] : [by, tieBreak],
    outputs: [],
    params: { column: by, desc: descending, ...(tieBreak === undefined ? {} : { tie_break_col: tieBreak }) },
  }
}

/** Makes an operation that keeps `count` hits, after `offset` others. */
export const limit = (
  count: number,
  options?: {
    /** @default 0 */
    readonly offset?: number | undefined
  },
): Operation<never, never> => ({
  operation: "limit",
  inputs: [],
  outputs: [],
  params: { limit: count, offset: options?.offset ?? 0 },
})

/** Makes an operation of another kind, such as those that only a newer Milvus knows. */
export const otherOperation = <const In extends string = never, const Out extends string = never>(
  operation: string,
  options?: {
    readonly expression?: Expression<In> | undefined
    readonly inputs?: ReadonlyArray<In> | undefined
    readonly outputs?: ReadonlyArray<Out> | undefined
    readonly params?: Readonly<Record<string, Param>> | undefined
  },
): Operation<NoInfer<In>, NoInfer<Out>> => ({
  operation,
  ...(options?.expression === undefined ? {} : { expression: options.expression }),
  inputs: options?.inputs ?? [],
  outputs: options?.outputs ?? [],
  params: options?.params ?? {},
})

/** Mode of {@linkcode numCombine}. `"weighted"` is the sum by weights, one for each column. */
export type Combination =
  | { readonly mode?: "sum" | "multiply" | "max" | "min" | "avg" | undefined }
  | { readonly mode: "weighted"; readonly weights: ReadonlyArray<number> }

/**
 * Makes a function that combines at least two numeric columns.
 *
 * @param how Default: their sum.
 */
export const numCombine = <const Column extends string>(
  columns: ReadonlyArray<Column>,
  how: Combination = {},
): Expression<Column> => ({
  name: "num_combine",
  args: columns.map((column) => ({ column })),
  params: {
    mode: how.mode ?? "sum",
    ...("weights" in how ? { weights: Float64Array.from(how.weights) } : {}),
  },
})

/** Options of {@linkcode decay}. */
export interface DecayOptions {
  /** Shape of the curve. */
  readonly function: "gauss" | "exp" | "linear"
  /** Value with the score 1. */
  readonly origin: number
  /** Distance from `origin`, `offset` included, at which the score is `decay`. */
  readonly scale: number
  /**
   * Distance from `origin` up to which the score is 1.
   *
   * @default 0
   */
  readonly offset?: number | undefined
  /**
   * The score at `scale`, between 0 and 1.
   *
   * @default 0.5
   */
  readonly decay?: number | undefined
}

/** Makes a function whose score is the smaller, the farther a numeric column is from `origin`. */
export const decay = <const Column extends string>(column: Column, options: DecayOptions): Expression<Column> => ({
  name: "decay",
  args: [{ column }],
  params: {
    function: options.function,
    origin: options.origin,
    scale: options.scale,
    offset: options.offset ?? 0,
    decay: options.decay ?? 0.5,
  },
})

/** Makes a function that rounds a column to a number of decimals, 0 to 6. */
export const roundDecimal = <const Column extends string>(column: Column, decimals: number): Expression<Column> => ({
  name: "round_decimal",
  args: [{ column }],
  params: { decimal: decimals },
})

/** Options of {@linkcode xgboost}. */
export interface XgboostOptions {
  /** Name of the file resource that holds the model, in the format UBJ. */
  readonly modelResource: string
  /**
   * Whether the objective of the model transforms its output (`"default"`), or not (`"raw"`).
   *
   * @default "default"
   */
  readonly output?: "default" | "raw" | undefined
}

/** Makes a function that scores columns with an XGBoost model. The columns have the order of the model's features. */
export const xgboost = <const Column extends string>(
  features: ReadonlyArray<Column>,
  options: XgboostOptions,
): Expression<Column> => ({
  name: "xgboost",
  args: features.map((column) => ({ column })),
  params: { model_resource: options.modelResource, output: options.output ?? "default" },
})

/** Options of {@linkcode rerankModel}. */
export interface RerankModelOptions {
  /** Texts that the column is compared with, one for each query of the search. */
  readonly queries: ReadonlyArray<string>
  /** Parameters of the provider, with Milvus's names, such as `{ provider: "voyageai", model: "rerank-2.5-lite" }`. */
  readonly params?: Readonly<Record<string, Param>> | undefined
}

/** Makes a function that scores a text column with the model of a provider. The server holds the credentials. */
export const rerankModel = <const Column extends string>(
  column: Column,
  options: RerankModelOptions,
): Expression<Column> => ({
  name: "rerank_model",
  args: [{ column }],
  params: { queries: options.queries, ...options.params },
})

/** Makes a function that this version does not know. */
export const otherFunction = <const Column extends string = never>(
  name: string,
  args: ReadonlyArray<Argument<Column>>,
  params: Readonly<Record<string, Param>> = {},
): Expression<NoInfer<Column>> => ({ name, args, params })
