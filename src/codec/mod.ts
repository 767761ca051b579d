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
export * from "./column.ts"
export * from "./columnInput.ts"
export { checkVectorRows } from "./checkVectorRows.ts"
export { type ColumnType, dataTypes, vectorLength } from "./dataType.ts"
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./half.ts"
export type { Highlight } from "./highlight.ts"
export type { Ids, IdsInput } from "./ids.ts"
export {
  draftInsert,
  draftUpsert,
  encodeInsert,
  encodeUpsert,
  type InsertInput,
  type PartialUpdate,
  type UpsertInput,
} from "./insert.ts"
export { BytesList } from "./lists.ts"
export { decodeMutationResult, type MutationResult } from "./mutationResult.ts"
export { vectorIndex } from "./nulls.ts"
export type { Queries } from "./placeholder.ts"
export { encodeQuery, type QueryInput } from "./query.ts"
export { decodeQueryResults, type QueryResults } from "./queryResults.ts"
export { valuesOf, vectorAt } from "./rows.ts"
export type { BoolInput, Int64Input, IntInput, Null, NumberInput } from "./scalars.ts"
export {
  type ConsistencyLevel,
  encodeHybridSearch,
  encodeSearch,
  type HybridSearchInput,
  type KeyValues,
  type ReadInput,
  type SearchInput,
} from "./search.ts"
export { type SearchParams, searchParams } from "./searchParams.ts"
export { decodeSearchResults, type SearchIterator, type SearchResults } from "./searchResults.ts"
export type { SparseRow } from "./sparse.ts"
export type { Status } from "./status.ts"
export type { TemplateElement, TemplateValue } from "./template.ts"
export type { Draft } from "./writer.ts"
