/** Encodes the queries of a search: `common.PlaceholderGroup`. */
import type { DenseVectorInput, SparseVectorInput, VectorArrayInput } from "../columns/columnInput.ts"
import { dataTypes, vectorSize } from "../columns/dataType.ts"
import { type DenseVectors, denseVectors, pairList, sparseVectors, vectorArrays } from "../columns/encodeVectors.ts"
import { textList } from "../columns/scalars.ts"
import { concat, emitText, type Fragment, fragment, message, uint } from "../protobuf/writer.ts"

/**
 * Queries, one in each row: vectors of the type of the field; texts, for a field that a function computes from text; or
 * arrays of vectors, for a field of arrays of vectors.
 */
export type Queries =
  | DenseVectorInput
  | SparseVectorInput
  | VectorArrayInput
  | { readonly type: "VarChar"; readonly values: ReadonlyArray<string> }

/** The type of an array of vectors is the number of the vectors' type plus this. */
const embeddingList = 200

/** Returns queries as the field `field` of a search, and their number. */
export const placeholderPart = (
  field: number,
  queries: Queries,
): { readonly count: number; readonly part: Fragment } => {
  const { count, type, values } = valuesOf(queries)
  const part = message(field, [message(1, [emitText(1, "$0", "tag"), uint(2, type), values])])
  return { count, part }
}

const name = "queries"

const valuesOf = (queries: Queries): { readonly count: number; readonly type: number; readonly values: Fragment } => {
  switch (queries.type) {
    case "VarChar":
      return { count: queries.values.length, type: dataTypes.VarChar, values: textList(3, queries.values, name) }
    case "SparseFloatVector": {
      const { rows, sent } = sparseVectors(queries, name, undefined)
      return { count: sent.length, type: dataTypes.SparseFloatVector, values: pairList(3, rows, sent) }
    }
    case "ArrayOfVector": {
      const { vectors, ranges } = vectorArrays(queries, name, undefined)
      const values = concat(ranges.map(([start, end]) => range(vectors, start, end)))
      return { count: ranges.length, type: dataTypes[vectors.type] + embeddingList, values }
    }
    default: {
      const vectors = denseVectors(queries, name, undefined)
      const values = concat(Array.from({ length: vectors.count }, (_, at) => range(vectors, at, at + 1)))
      return { count: vectors.count, type: dataTypes[vectors.type], values }
    }
  }
}

const range = (vectors: DenseVectors, start: number, end: number): Fragment =>
  fragment(3, vectorSize(vectors.type, vectors.dimension) * (end - start), (to) => vectors.write(to, start, end))
