/**
 * The hot messages of Milvus, as bytes: requests that carry rows or vectors out, replies that carry them in, by columns.
 *
 * Pure functions, which throw {@linkcode CodecError}: for values that do not fit their field, and for bytes that are not
 * the message, whatever they are. Every other message of the contract has a generic codec.
 *
 * Out: sized first, then written once into one buffer, which is the caller's. grpc-js wants it as a node `Buffer`:
 * `Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)` is one over the same memory. In: one pass; numbers
 * become typed arrays, bytes stay where they are, so that a reply must not be written to while its columns are in use. A
 * reply that lies about its lengths costs no more memory than some times its own size.
 *
 * @module
 */
export { CodecError } from "../errors.ts"
export * from "./columns/column.ts"
export * from "./columns/columnInput.ts"
export { checkVectorRows } from "./columns/checkVectorRows.ts"
export { type ColumnType, dataTypes, vectorLength } from "./columns/dataType.ts"
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./columns/float16.ts"
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
export { encodeQuery, type QueryInput } from "./messages/queryRequest.ts"
export { decodeQueryResults, type QueryResults } from "./messages/queryResults.ts"
export { valuesOf, vectorAt } from "./columns/columnValues.ts"
export type { BoolInput, Int64Input, IntInput, Null, NumberInput } from "./columns/scalars.ts"
export {
  type ConsistencyLevel,
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
