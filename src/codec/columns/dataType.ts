/** The data types of the contract (`schema.DataType`), by name and number. */

/** Types whose values are integers of 8 to 32 bits. */
export type IntType = "Int8" | "Int16" | "Int32"
/** Types whose values are strings. */
export type TextType = "VarChar" | "Text" | "String"
/** Types of dense vectors. */
export type DenseVectorType = "FloatVector" | "BinaryVector" | "Float16Vector" | "BFloat16Vector" | "Int8Vector"
/** Types of the elements of an array. */
export type ElementType = "Bool" | IntType | "Int64" | "Float" | "Double" | TextType

/** Every type of column that can be encoded and decoded. */
export type ColumnType =
  | ElementType
  | "JSON"
  | "Array"
  | "Geometry"
  | "Timestamptz"
  | "Date"
  | "Time"
  | "Mol"
  | DenseVectorType
  | "SparseFloatVector"
  | "ArrayOfVector"
  | "ArrayOfStruct"

/** The numbers of the types in the contract. */
export const dataTypes: Readonly<Record<ColumnType, number>> = {
  Bool: 1,
  Int8: 2,
  Int16: 3,
  Int32: 4,
  Int64: 5,
  Float: 10,
  Double: 11,
  String: 20,
  VarChar: 21,
  Array: 22,
  JSON: 23,
  Geometry: 24,
  Text: 25,
  Timestamptz: 26,
  Mol: 27,
  Date: 28,
  Time: 29,
  BinaryVector: 100,
  FloatVector: 101,
  Float16Vector: 102,
  BFloat16Vector: 103,
  SparseFloatVector: 104,
  Int8Vector: 105,
  ArrayOfVector: 106,
  ArrayOfStruct: 200,
}

/** Returns the type with a number; `undefined` for types of a later Milvus. */
export const dataTypeOf = (number: number): ColumnType | undefined => names[number]

const names: ReadonlyArray<ColumnType | undefined> = (() => {
  const byNumber: Array<ColumnType | undefined> = []
  // Cast: the keys of the record above.
  for (const name of Object.keys(dataTypes) as Array<ColumnType>) byNumber[dataTypes[name]] = name
  return byNumber
})()

/** Returns the number of bytes of a dense vector. The dimension of a BinaryVector is in bits. */
export const vectorSize = (type: DenseVectorType, dimension: number): number => {
  switch (type) {
    case "FloatVector":
      return dimension * 4
    case "BinaryVector":
      return dimension / 8
    case "Int8Vector":
      return dimension
    default:
      return dimension * 2
  }
}

/** Returns the number of elements of a dense vector in its typed array: bytes of eight bits each for a BinaryVector. */
export const vectorLength = (type: DenseVectorType, dimension: number): number =>
  type === "BinaryVector" ? dimension / 8 : dimension

/**
 * Returns the number of vectors in `length` elements; -1 if it is not a whole number, or the dimension is not valid.
 */
export const vectorCount = (type: DenseVectorType, dimension: number, length: number): number => {
  if (length === 0) return 0
  if (type === "BinaryVector" && dimension % 8 !== 0) return -1
  const width = vectorLength(type, dimension)
  return width > 0 && length % width === 0 ? length / width : -1
}
