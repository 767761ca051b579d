/**
 * Encodes and decodes the messages of Milvus that carry rows or vectors, column by column. All other messages of the
 * contract have a generic codec.
 *
 * The functions are pure. They throw only {@linkcode CodecError}: for values that do not fit their field, and for
 * bytes, whatever they are, that are not the expected message.
 *
 * Encoding computes the size first, then writes once into one buffer, which the caller owns. grpc-js needs a Node
 * `Buffer`: `Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)` creates one over the same memory.
 *
 * Decoding takes one pass. Numbers become typed arrays; bytes, and sometimes numbers, are views of the reply, which
 * must not be written to while its columns are in use. Wrong lengths in a reply cannot make it use more memory than a
 * small multiple of its own size.
 */
export { CodecError } from "../errors.ts"
export * from "./columns/column.ts"
export * from "./columns/columnInput.ts"
export { checkVectorRows } from "./columns/checkVectorRows.ts"
export { type ColumnType, dataTypes, vectorLength } from "./columns/dataType.ts"
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./columns/float16.ts"
export type { AggregationValue, Bucket, BucketHit } from "./messages/aggregation.ts"
export type { Highlight } from "./messages/highlight.ts"
export type { Ids, IdsInput } from "./messages/ids.ts"
export {
  draftInsert,
  draftUpsert,
  encodeInsert,
  encodeUpsert,
  type InsertInput,
  type PartialUpdate,
  type UpsertInput,
} from "./messages/insert.ts"
export { BytesList } from "./protobuf/lists.ts"
export { decodeMutationResult, type MutationResult } from "./messages/mutationResult.ts"
export { vectorIndex } from "./columns/nulls.ts"
export type { Queries } from "./messages/placeholderGroup.ts"
export { draftQuery, encodeQuery, type QueryInput } from "./messages/queryRequest.ts"
export { decodeQueryResults, type QueryResults } from "./messages/queryResults.ts"
export { valuesOf, vectorAt } from "./columns/columnValues.ts"
export { selectRows } from "./columns/selectRows.ts"
export type { BoolInput, Int64Input, IntInput, Null, NumberInput } from "./columns/scalars.ts"
export {
  type ConsistencyLevel,
  draftHybridSearch,
  draftSearch,
  encodeHybridSearch,
  encodeSearch,
  type HybridSearchInput,
  type KeyValues,
  type ReadInput,
  type SearchInput,
} from "./messages/searchRequest.ts"
export { type SearchParams, searchParams } from "./messages/encodeSearchParams.ts"
export { decodeSearchResults, type SearchIterator, type SearchResults } from "./messages/searchResults.ts"
export type { SparseRow } from "./columns/sparse.ts"
export type { Status } from "./messages/milvusStatus.ts"
export type { TemplateElement, TemplateValue } from "./messages/filterTemplate.ts"
export type { SizedMessage } from "./protobuf/writer.ts"
