/**
 * What values of fields look like: when read, when written as rows, and when written as columns.
 *
 * | field | read | written | as a column, beside an array of what is written |
 * |---|---|---|---|
 * | Bool | `boolean` | `boolean` | `Uint8Array` of 0 and 1 |
 * | Int8, Int16, Int32 | `number` | `number` | `Int8Array`, `Int16Array`, `Int32Array` |
 * | Int64 | `bigint` | `bigint`, or a safe `number` | `BigInt64Array` |
 * | Float, Double | `number` | `number` | `Float32Array`, `Float64Array` |
 * | VarChar, Text | `string` | `string` | |
 * | Geometry, Timestamptz | `string` (WKT, ISO 8601) | `string` | |
 * | JSON | {@linkcode Json} | a JSON value: see `Json.stringify`; `null` only where the field is nullable | |
 * | Array | an array | an array, or a typed array | |
 * | FloatVector | `Float32Array` | numbers | `Float32Array`, rows times dimension |
 * | Float16Vector, BFloat16Vector | `Float32Array` | numbers, or a `Uint16Array` of bits | `Float32Array`, or a `Uint16Array` of bits |
 * | Int8Vector | `Int8Array` | numbers | `Int8Array` |
 * | BinaryVector | `Uint8Array`, eight bits a byte | bytes | `Uint8Array`, rows times dimension / 8 |
 * | SparseFloatVector | {@linkcode SparseVector} | {@linkcode SparseInput} | |
 *
 * @module
 */
import type { ArrayField, Field, Flag, Json, StructArrayField } from "./fieldTypes.ts"

/** A sparse vector: the value at `indices[i]` is `values[i]`, and zero elsewhere. Indices ascend. */
export interface SparseVector {
  /** Places, from 0 to 2^32 - 2, ascending. */
  readonly indices: Uint32Array
  /** The values at these places. */
  readonly values: Float32Array
}

/** How a sparse vector may be written, in any order: two lists of one length, pairs, a map, or an object by index. */
export type SparseInput =
  | ReadonlyArray<readonly [index: number, value: number]>
  | { readonly indices: ArrayLike<number>; readonly values: ArrayLike<number> }
  | ReadonlyMap<number, number>
  | { readonly [index: number]: number }

/** Numbers, as a plain or a typed array. */
export type Numbers = ReadonlyArray<number> | Float32Array | Float64Array

/** The bits of half-precision numbers, or numbers, which are rounded. */
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
  // A JSON `null` that another client wrote reads as `null` all the same, which no row of this one can have.
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

/** What a column, or an array of one row, may be beside an array of its values. */
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

/** What a field reads as, `null` aside. */
export type ReadValue<F extends Field> = F extends ArrayField<infer E> ? ReadonlyArray<ReadValue<E>>
  : F extends StructArrayField<infer M> ? ReadonlyArray<{ readonly [K in keyof M]: ReadValue<M[K]> }>
  : F["type"] extends keyof ReadByType ? ReadByType[F["type"]]
  : unknown

/** What may be written to a field, `null` aside. */
export type WrittenValue<F extends Field> = F extends ArrayField<infer E> ? ReadonlyArray<WrittenValue<E>> | Packed<E>
  : F extends StructArrayField<infer M> ? ReadonlyArray<{ readonly [K in keyof M]: WrittenValue<M[K]> }>
  : F["type"] extends keyof WrittenByType ? WrittenByType[F["type"]]
  : unknown

/** What a field reads as. */
export type Read<F extends Field> = ReadValue<F> | Null<F>

/**
 * What may be written to a field of one row. `null` of a JSON field is a missing value and not a JSON `null`, and so is only for
 * a nullable one.
 */
export type Written<F extends Field> = F["type"] extends "JSON"
  ? Flag<F["options"], "nullable"> extends true ? unknown : NonNullable<unknown>
  : WrittenValue<F> | Null<F>

/** What may be written to a field of many rows at once; a packed column has no `null`. */
export type Column<F extends Field> = ReadonlyArray<Written<F>> | Packed<F>
