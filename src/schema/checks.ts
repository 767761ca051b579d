/**
 * Types that check a definition at compile time. `validate.ts` checks the same at run time, for definitions whose types
 * are not known: those of a server, or from JavaScript.
 *
 * A mistake is reported as a missing property whose name is the rule that is broken.
 */
import type { AnyField, Fields, Flag, NamesOf, StructArrayField, VectorType } from "./fieldTypes.ts"
import type { FunctionDefinition } from "./Functions.ts"
import type {
  BinaryIndexType,
  BinaryMetric,
  DenseIndexType,
  DenseMetric,
  GraphIndexType,
  Index,
  JsonIndex,
  ListMetric,
  OtherIndex,
  SparseIndexType,
  SparseMetric,
} from "./indexTypes.ts"

/** The names of the fields with an option that is `true`. */
export type Flagged<F extends Fields, Name extends "primaryKey" | "partitionKey" | "clusteringKey" | "autoId"> = {
  readonly [K in keyof F & string]: Flag<F[K]["options"], Name> extends true ? K : never
}[keyof F & string]

type IsUnion<T, Whole = T> = [T] extends [never] ? false
  : T extends unknown ? [Whole] extends [T] ? false : true
  : never

type Invalid<Rule extends string> = { readonly [P in Rule]: never }

/** Checks the fields. Checks nothing if their names are not known. */
export type CheckFields<F extends Fields, O> = string extends keyof F ? unknown
  :
    & ([Flagged<F, "primaryKey">] extends [never]
      ? O extends { readonly externalSource: string } ? unknown : Invalid<"a collection has a primary key">
      : unknown)
    & (true extends IsUnion<Flagged<F, "primaryKey">> ? Invalid<"a collection has one primary key, not more"> : unknown)
    & (true extends IsUnion<Flagged<F, "partitionKey">> ? Invalid<"a collection has at most one partition key">
      : unknown)
    & (true extends IsUnion<Flagged<F, "clusteringKey">> ? Invalid<"a collection has at most one clustering key">
      : unknown)

type KeyNames<F extends Fields> = Flagged<F, "primaryKey" | "partitionKey" | "clusteringKey">
type TextNames<F extends Fields> = NamesOf<F, "VarChar" | "Text">
type OutputNames<F extends Fields, Type extends VectorType> = Exclude<NamesOf<F, Type>, KeyNames<F>>

/** The functions of the known kinds that the fields allow. */
export type FunctionFor<F extends Fields> =
  | FunctionDefinition<"BM25", TextNames<F>, OutputNames<F, "SparseFloatVector">>
  | FunctionDefinition<"TextEmbedding", TextNames<F>, OutputNames<F, "FloatVector" | "Int8Vector">>
  | FunctionDefinition<"MinHash", TextNames<F>, OutputNames<F, "BinaryVector">>
  | FunctionDefinition<"Rerank", keyof F & string, never>

type DenseTypes = "FloatVector" | "Float16Vector" | "BFloat16Vector"
type NumberTypes = "Int8" | "Int16" | "Int32" | "Int64" | "Float" | "Double"

type VectorIndexFor<Type, Extra extends string = never> = Type extends DenseTypes
  ? Index<DenseIndexType | "AUTOINDEX", DenseMetric | Extra>
  : Type extends "Int8Vector" ? Index<GraphIndexType | "AUTOINDEX", DenseMetric | Extra>
  : Type extends "BinaryVector" ? Index<BinaryIndexType | ListType<Extra> | "AUTOINDEX", BinaryMetric | Extra>
  : Type extends "SparseFloatVector" ? Index<SparseIndexType | "AUTOINDEX", SparseMetric | Extra>
  : never

/** Lists of binary vectors may have a graph index as well. */
type ListType<Extra extends string> = [Extra] extends [never] ? never : "HNSW"

type ScalarIndexFor<Type, Key extends boolean> = Type extends "VarChar" ?
    | Index<"INVERTED" | "STL_SORT" | "Trie" | "NGRAM" | "FMINDEX" | "AUTOINDEX", never>
    | BitmapFor<Key>
  : Type extends "Text" ? Index<"INVERTED" | "AUTOINDEX", never>
  : Type extends "Int8" | "Int16" | "Int32" | "Int64" ?
      | Index<"INVERTED" | "STL_SORT" | "AUTOINDEX", never>
      | BitmapFor<Key>
  : Type extends NumberTypes | "Timestamptz" ? Index<"INVERTED" | "STL_SORT" | "AUTOINDEX", never>
  : Type extends "Bool" ? Index<"INVERTED" | "BITMAP" | "AUTOINDEX", never>
  : Type extends "JSON" ? JsonIndex | Index<"AUTOINDEX", never>
  : Type extends "Array" ? Index<"INVERTED" | "BITMAP" | "AUTOINDEX", never>
  : Type extends "Geometry" ? Index<"RTREE" | "AUTOINDEX", never>
  : never

type BitmapFor<Key extends boolean> = Key extends true ? never : Index<"BITMAP", never>

/** The indexes that a field may have. */
export type IndexFor<F extends AnyField> =
  | OtherIndex
  | (F["type"] extends VectorType ? VectorIndexFor<F["type"]>
    : ScalarIndexFor<F["type"], Flag<F["options"], "primaryKey">>)

type Members<F extends AnyField> = F extends StructArrayField<infer M> ? M : never

/** The members of arrays of structs as targets of an index, in Milvus's notation: `chunks[vector]`. */
export type MemberTarget<F extends Fields> = {
  readonly [K in keyof F & string]: `${K}[${keyof Members<F[K]> & string}]`
}[keyof F & string]

type MemberIndex<F extends Fields, Target> = Target extends `${infer K}[${infer M}]`
  ? K extends keyof F ? M extends keyof Members<F[K]> ?
        | OtherIndex
        | VectorIndexFor<Members<F[K]>[M]["type"], ListMetric>
        | ScalarIndexFor<Members<F[K]>[M]["type"], false>
    : never
  : never
  : never

type OneOrMore<T> = T | ReadonlyArray<T>

/** Checks functions and indexes against the fields. Checks nothing if the fields are not known. */
export type CheckOptions<F extends Fields, O> = string extends keyof F ? unknown : {
  readonly functions?: O extends { readonly functions: infer Fs }
    ? { readonly [K in keyof Fs]: CheckFunction<F, Fs[K]> }
    : unknown
  readonly indexes?: O extends { readonly indexes: infer Is } ? {
      readonly [K in keyof Is]: K extends keyof F ? OneOrMore<IndexFor<F[K]>>
        : K extends MemberTarget<F> ? OneOrMore<MemberIndex<F, K>>
        : O extends { readonly dynamicFields: true } ? OneOrMore<JsonIndex | OtherIndex>
        : never
    }
    : unknown
}

/** Checks a function by its kind, so that a known kind is never accepted as another one. */
type CheckFunction<F extends Fields, Fn> = Fn extends { readonly type: infer Type }
  ? Extract<FunctionFor<F>, { readonly type: Type }> extends infer Known
    ? [Known] extends [never] ? FunctionDefinition<string, keyof F & string, keyof F & string> : Known
  : never
  : never
