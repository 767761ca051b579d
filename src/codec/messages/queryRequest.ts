/** Encodes `milvus.QueryRequest`. */
import {
  consistencyPart,
  guaranteePart,
  type KeyValues,
  keyValues,
  namespacePart,
  type ReadInput,
} from "./searchRequest.ts"
import { templatePart, type TemplateValue } from "./filterTemplate.ts"
import { type SizedMessage, sizedMessage, text, texts, toBytes } from "../protobuf/writer.ts"

/** A query for the rows that match a filter. */
export interface QueryInput extends ReadInput {
  /** The filter; empty for all rows. */
  readonly filter: string
  /** Values for the placeholders of the filter. */
  readonly filterValues?: Readonly<Record<string, TemplateValue>> | undefined
  /** `limit`, `offset`, `ignore_growing` and others. */
  readonly queryParams?: KeyValues | undefined
}

/** Encodes a `milvus.QueryRequest`. Throws `CodecError` if a value does not fit. */
export const encodeQuery = (input: QueryInput): Uint8Array<ArrayBuffer> => toBytes(draftQuery(input))

/** Drafts a `milvus.QueryRequest`. Throws `CodecError` if a value does not fit. */
export const draftQuery = (input: QueryInput): SizedMessage =>
  sizedMessage("QueryRequest", [
    text(2, input.databaseName ?? "", "databaseName"),
    text(3, input.collectionName, "collectionName"),
    text(4, input.filter, "filter"),
    texts(5, input.outputFields ?? [], "outputFields"),
    texts(6, input.partitionNames ?? [], "partitionNames"),
    guaranteePart(8, input.guaranteeTimestamp),
    keyValues(9, input.queryParams ?? [], "queryParams"),
    consistencyPart(11, input.consistencyLevel),
    templatePart(13, input.filterValues),
    namespacePart(14, input.namespace),
  ])
