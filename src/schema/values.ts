/**
 * The types of values of fields: when read, when written in rows, and when written as columns.
 *
 * | field | read | written | as a column, in addition to an array of written values |
 * |---|---|---|---|
 * | Bool | `boolean` | `boolean` | `Uint8Array` of 0 and 1 |
 * | Int8, Int16, Int32 | `number` | `number` | `Int8Array`, `Int16Array`, `Int32Array` |
 * | Int64 | `bigint` | `bigint`, or a safe `number` | `BigInt64Array` |
 * | Float, Double | `number` | `number` | `Float32Array`, `Float64Array` |
 * | VarChar, Text | `string` | `string` | |
 * | Geometry, Timestamptz | `string` (WKT, ISO 8601) | `string` | |
 * | JSON | {@linkcode Json} | a JSON value: see `Json.stringify`; `null` only if the field is nullable | |
 * | Array | an array | an array, or a typed array | |
 * | FloatVector | `Float32Array` | numbers | `Float32Array`, `[rows, dimension]` |
 * | Float16Vector, BFloat16Vector | `Float32Array` | numbers, or bits (`Uint16Array`) | `Float32Array`, or bits |
 * | Int8Vector | `Int8Array` | numbers | `Int8Array` |
 * | BinaryVector | `Uint8Array`, eight bits per byte | bytes | `Uint8Array`, `[rows, dimension / 8]` |
 * | SparseFloatVector | {@linkcode SparseVector} | {@linkcode SparseInput} | |
 */
import type { ArrayField, Field, Flag, Json, StructArrayField } from "./fieldTypes.ts"

/** A sparse vector: the value at `indices[i]` is `values[i]`, and zero elsewhere. Indices ascend. */
export interface SparseVector {
  /** Indices from 0 to 2^32 - 2, in ascending order. */
  readonly indices: Uint32Array
  /** The values at these indices. */
  readonly values: Float32Array
}

/** A sparse vector when written, in any order: two lists of equal length, pairs, a map, or an object by index. */
export type SparseInput =
  | ReadonlyArray<readonly [index: number, value: number]>
  | { readonly indices: ArrayLike<number>; readonly values: ArrayLike<number> }
  | ReadonlyMap<number, number>
  | { readonly [index: number]: number }

/** Numbers as an array or a typed array. */
export type Numbers = ReadonlyArray<number> | Float32Array | Float64Array

/** Bits of half-precision numbers (`Uint16Array`), or numbers, which are rounded. */
export type Halves = Numbers | Uint16Array

interface ReadByType {
  readonly Bool: boolean
  readonly Int8: number
  readonly Int16: number
  readonly Int32: number
  readonly Int64: bigint
  readonly Float: number
  readonly Double: number
  readonly VarChar: string
  readonly Text: string
  // A JSON `null` of another client is read as `null` nevertheless. This client cannot write one.
  readonly JSON: Exclude<Json, null>
  readonly Geometry: string
  readonly Timestamptz: string
  readonly FloatVector: Float32Array
  readonly Float16Vector: Float32Array
  readonly BFloat16Vector: Float32Array
  readonly BinaryVector: Uint8Array
  readonly Int8Vector: Int8Array
  readonly SparseFloatVector: SparseVector
}

interface WrittenByType {
  readonly Bool: boolean
  readonly Int8: number
  readonly Int16: number
  readonly Int32: number
  readonly Int64: number | bigint
  readonly Float: number
  readonly Double: number
  readonly VarChar: string
  readonly Text: string
  readonly JSON: unknown
  readonly Geometry: string
  readonly Timestamptz: string
  readonly FloatVector: Numbers
  readonly Float16Vector: Halves
  readonly BFloat16Vector: Halves
  readonly BinaryVector: Uint8Array | ReadonlyArray<number>
  readonly Int8Vector: Int8Array | ReadonlyArray<number>
  readonly SparseFloatVector: SparseInput
}

/** The typed arrays that a column, or an array in one row, may be. */
interface PackedByType {
  readonly Bool: Uint8Array
  readonly Int8: Int8Array | Int16Array | Int32Array
  readonly Int16: Int8Array | Int16Array | Int32Array
  readonly Int32: Int8Array | Int16Array | Int32Array
  readonly Int64: BigInt64Array
  readonly Float: Float32Array | Float64Array
  readonly Double: Float32Array | Float64Array
  readonly FloatVector: Float32Array
  readonly Float16Vector: Float32Array | Uint16Array
  readonly BFloat16Vector: Float32Array | Uint16Array
  readonly BinaryVector: Uint8Array
  readonly Int8Vector: Int8Array
}

type Packed<F extends Field> = F["type"] extends keyof PackedByType ? PackedByType[F["type"]] : never

type Null<F extends Field> = Flag<F["options"], "nullable"> extends true ? null : never

/** A value of a field when read, without `null`. */
export type ReadValue<F extends Field> = F extends ArrayField<infer E> ? ReadonlyArray<ReadValue<E>>
  : F extends StructArrayField<infer M> ? ReadonlyArray<{ readonly [K in keyof M]: ReadValue<M[K]> }>
  : F["type"] extends keyof ReadByType ? ReadByType[F["type"]]
  : unknown

/** A value of a field when written, without `null`. */
export type WrittenValue<F extends Field> = F extends ArrayField<infer E> ? ReadonlyArray<WrittenValue<E>> | Packed<E>
  : F extends StructArrayField<infer M> ? ReadonlyArray<{ readonly [K in keyof M]: WrittenValue<M[K]> }>
  : F["type"] extends keyof WrittenByType ? WrittenByType[F["type"]]
  : unknown

/** A value of a field when read. */
export type Read<F extends Field> = ReadValue<F> | Null<F>

/**
 * A value of a field when written. `null` of a JSON field is a missing value, not a JSON `null`, and so is only allowed
 * if the field is nullable.
 */
export type Written<F extends Field> = F["type"] extends "JSON"
  ? Flag<F["options"], "nullable"> extends true ? unknown : NonNullable<unknown>
  : WrittenValue<F> | Null<F>

/**
 * Values of a field in many rows: an array with one value per row, or a typed array, which has no `null`. For vectors
 * it has the shape `[rows, dimension]`, or `[rows, dimension / 8]` bytes for binary ones.
 */
export type Column<F extends Field> = ReadonlyArray<Written<F>> | Packed<F>
