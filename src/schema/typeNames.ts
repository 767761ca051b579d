/** The types of fields as values, for code that reads them at run time. */
import type { FieldType, ScalarType, VectorType } from "./fieldTypes.ts"

/** The types of single values. */
export const scalarTypes: ReadonlyArray<ScalarType> = [
  "Bool",
  "Int8",
  "Int16",
  "Int32",
  "Int64",
  "Float",
  "Double",
  "VarChar",
  "Text",
  "JSON",
  "Geometry",
  "Timestamptz",
]

/** The types of vectors. */
export const vectorTypes: ReadonlyArray<VectorType> = [
  "FloatVector",
  "BinaryVector",
  "Float16Vector",
  "BFloat16Vector",
  "Int8Vector",
  "SparseFloatVector",
]

/** Whether a field holds vectors. */
export const isVector = ({ type }: { readonly type: FieldType }): boolean => vectors.has(type)

const vectors: ReadonlySet<string> = new Set(vectorTypes)
