/** The queries of a search: vectors, texts, lists of vectors, or keys of rows. */
import * as Effect from "effect/Effect"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type { IdsInput, Queries, SearchInput, SparseRow } from "../../codec/mod.ts"
import type * as Connection from "../../Connection.ts"
import type { Unsupported } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { AnyField, Field } from "../../schema/fieldTypes.ts"
import { isVector } from "../../schema/typeNames.ts"
import { requireMilvus } from "../shared/currentConnection.ts"

/**
 * Queries of a search, one entry for each:
 *
 * - vectors, each of shape `[dimension]`;
 * - texts, for a field whose vectors a function computes (Milvus 2.5 and later);
 * - lists of vectors, for a vector of an array of structs, such as `chunks[vector]` (Milvus 2.6.4 and later);
 * - a column of the codec (`{ type: "FloatVector", dimension, values }`, with `values` of shape `[queries,
 *   dimension]`);
 * - primary keys of rows, whose vectors are the queries (Milvus 2.6.9 and later).
 */
export type SearchData =
  | ReadonlyArray<QueryVector>
  | ReadonlyArray<string>
  | ReadonlyArray<EmbeddingList>
  | Queries
  | { readonly ids: IdsInput }

/**
 * A query vector: numbers of shape `[dimension]`; bits in bytes of shape `[dimension / 8]`; or a sparse vector, with a
 * value for each index.
 */
export type QueryVector =
  | ReadonlyArray<number>
  | Float32Array
  | Float64Array
  | Uint16Array
  | Uint8Array
  | Int8Array
  | SparseRow

/**
 * Vectors that are one query together, of shape `[vectors, dimension]`. A row is compared with all of its vectors, such
 * as by the metric `MAX_SIM`.
 */
export type EmbeddingList = ReadonlyArray<Exclude<QueryVector, SparseRow>>

/** Fails if the server does not have queries of this kind. */
export const requireQueries = (
  connection: Connection.Connection,
  method: "Search" | "HybridSearch",
  data: unknown,
  field: string | undefined,
): Effect.Effect<void, Unsupported> => {
  if (Array.isArray(data)) {
    return isMember(field) && isEmbeddingLists(data) ? requireMilvus(connection, method, "data", "2.6.4") : Effect.void
  }
  return typeof data === "object" && data !== null && "ids" in data
    ? requireMilvus(connection, method, "ids", "2.6.9")
    : Effect.void
}

/** Builds the queries of a search. Vectors get the type of the searched field. */
export const queriesOf = (
  definition: AnyDefinition,
  data: SearchData,
  field: string | undefined,
): Pick<SearchInput, "queries" | "ids"> => {
  const expected = "a list of vectors or of texts, one for each query"
  if (typeof data !== "object" || data === null) {
    return throwValue("data", undefined, expected, describeValue(data))
  }
  if (!isList(data)) {
    if ("ids" in data) return { ids: data.ids }
    return "type" in data ? { queries: data } : throwValue("data", undefined, expected, "one vector; write [vector]")
  }
  if (data.length === 0) return throwValue("data", undefined, `${expected}, at least one`, "an empty list")
  if (isTexts(data)) return { queries: { type: "VarChar", values: data } }
  if (typeof data[0] === "number") {
    return throwValue("data", undefined, expected, "one vector; write [vector]")
  }
  if (isMember(field)) return { queries: memberQueries(memberOf(definition, field), field, data) }
  const { type, options } = searchedField(definition, field)
  // Cast: each vector is checked when it is encoded.
  return { queries: { type, dimension: options.dimension, rows: data } as Queries }
}

/** Returns the queries of a vector of an array of structs: vectors, or lists of vectors. */
const memberQueries = (
  { type, options: { dimension } }: Field,
  field: string,
  data: ReadonlyArray<unknown>,
): Queries => {
  if (!isEmbeddingLists(data)) {
    // Cast: each vector is checked when it is encoded.
    return { type, dimension, rows: data } as Queries
  }
  data.forEach((list, query) => {
    if (Array.isArray(list) && list.length > 0) return
    throwValue("data", query, `a list of vectors for "${field}", at least one`, describeValue(list))
  })
  // Cast: as above.
  return { type: "ArrayOfVector", elementType: type, dimension, rows: data } as Queries
}

/** Whether queries are lists of vectors, as the first one is. */
const isEmbeddingLists = ([first]: ReadonlyArray<unknown>): boolean =>
  Array.isArray(first) && typeof first[0] !== "number"

/** Whether a field is a member of an array of structs, such as `chunks[vector]`. */
const isMember = (field: string | undefined): field is string => field !== undefined && field.endsWith("]")

const memberOf = ({ fields, name }: AnyDefinition, field: string): Field => {
  const [, struct = "", member = ""] = /^(.*)\[(.*)\]$/.exec(field) ?? []
  const found = Object.hasOwn(fields, struct) ? fields[struct] : undefined
  const vector = found !== undefined && "members" in found && Object.hasOwn(found.members, member)
    ? found.members[member]
    : undefined
  return vector !== undefined && isVector(vector)
    ? vector
    : throwValue(field, undefined, `an existing vector field of "${name}"`)
}

/** Returns the searched field: the first vector field if none is named, which a server refuses if there are several. */
const searchedField = ({ fields, name }: AnyDefinition, field: string | undefined): AnyField => {
  const vectors = Object.entries(fields).filter(([, field]) => isVector(field))
  const [, found] = vectors.find(([name]) => field === undefined || name === field) ?? []
  if (found !== undefined) return found
  return field === undefined
    ? throwValue(name, undefined, "at least one vector field")
    : throwValue(field, undefined, `an existing vector field of "${name}"`)
}

/** Queries that are one value each. */
export type QueryList = ReadonlyArray<QueryVector> | ReadonlyArray<string> | ReadonlyArray<EmbeddingList>

/** Whether queries are a list with one value for each. */
export const isList = (data: SearchData): data is QueryList => Array.isArray(data)

/** Returns the kind of the queries of a list, which is that of the first one. */
export const kindOf = (data: QueryList): "texts" | "lists" | "vectors" =>
  isTexts(data) ? "texts" : isEmbeddingLists(data) ? "lists" : "vectors"

const isTexts = (data: QueryList): data is ReadonlyArray<string> => typeof data[0] === "string"
