/** The types of rows, options and results that are public as members of `Vectors`. */
export type { AggregationValue, Bucket, BucketHit } from "../../codec/mod.ts"
export type { SearchParamsOf } from "../../schema/searchOptions.ts"
export type {
  Aggregated,
  AggregateOutput,
  ArrayName,
  FieldName,
  FieldPath,
  OutputField,
  Selected,
} from "../../schema/selection.ts"
export type {
  DefaultField,
  FieldSearchOptions,
  GroupBy,
  GroupByJson,
  SearchField,
  SearchOptions,
} from "./buildSearch.ts"
export type { Cost } from "./cost.ts"
export type { FunctionChains } from "./functionChains.ts"
export type { GetResolver, GetResolverOptions } from "./gatherGet.ts"
export type { SearchResolver, SearchResolverOptions } from "./gatherSearch.ts"
export type {
  Highlighter,
  HighlightQuery,
  HighlightTags,
  LexicalHighlighter,
  SemanticHighlighter,
} from "./highlighter.ts"
export type { All, ByFilter, ByIds, Selection } from "./primaryKey.ts"
export type { QueryBatchOptions } from "./queryIterator.ts"
export type { DataError, OrderBy, ReadOptions } from "./read.ts"
export type { Hit, HitHighlight, QueryResult, SearchResult } from "./results.ts"
export type { Rows } from "./rowView.ts"
export type { DeleteOptions } from "./runDelete.ts"
export type { AggregateOptions, GetOptions, QueryOptions } from "./runQuery.ts"
export type { HybridOptions, SearchPart } from "./runSearch.ts"
export type { PartialUpsertOptions, WriteOptions } from "./runWrite.ts"
export type { BucketMetric, BucketOrder, SearchAggregation, TopHits } from "./searchAggregation.ts"
export type { SearchBatchOptions } from "./searchIterator.ts"
export type { EmbeddingList, QueryVector, SearchData } from "./searchQueries.ts"
export type { Reranker, RerankFunctions, RrfStrategy, WeightedStrategy } from "./searchRanking.ts"
export type { WriteProgress, WriteResult } from "./write.ts"
