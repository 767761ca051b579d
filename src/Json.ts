/**
 * JSON of rows, hits and JSON fields, which have values that `JSON.stringify` does not take (`bigint`) or changes
 * (typed arrays).
 *
 * {@linkcode stringify} and {@linkcode parse} keep every digit of 64-bit integers, for programs that read them, such as
 * `effect-milvus import`. {@linkcode plain} is for programs that read JSON as JavaScript does: it makes a value that
 * `JSON.stringify`, `Response.json` and others take. All of them take whole results too.
 *
 * @example
 * ```ts
 * import { Json } from "@effect-milvus/client"
 *
 * const row = { id: 9007199254740993n, year: 1815n, vector: new Float32Array([0.5, 1]) }
 * console.log(Json.stringify(row)) // {"id":9007199254740993,"year":1815,"vector":[0.5,1]}
 * console.log(JSON.stringify(Json.plain(row))) // {"id":"9007199254740993","year":1815,"vector":[0.5,1]}
 * ```
 *
 * @module
 */
import { JsonSyntaxError, parseJson } from "./codec/parseJson.ts"
import { jsonOfField, plainJson, throwNotJson } from "./codec/stringifyJson.ts"
import { CodecError } from "./errors.ts"
import type { Json } from "./schema/fieldTypes.ts"

/** What {@linkcode parse} gives: what JSON can say, with integers beyond 2^53 as `bigint`. */
export type Value = Json

/** What {@linkcode plain} gives: what `JSON.stringify` writes and `JSON.parse` reads without a change. */
export type Plain = null | boolean | number | string | ReadonlyArray<Plain> | { readonly [key: string]: Plain }

/**
 * Reads JSON text as JSON fields are read: as `JSON.parse`, except that an integer beyond 2^53 is a `bigint` with all
 * its digits. A number with a fraction or an exponent is a `number`, also where its value is an integer, and
 * `Infinity` where it is beyond the range. Of a key that comes twice, the last value counts; `__proto__` is a key like
 * any other.
 *
 * @throws {CodecError} For text that is not JSON, with the position of the mistake.
 *
 * @example
 * ```ts
 * import { Json } from "@effect-milvus/client"
 *
 * console.log(Json.parse("[9007199254740993, 7, 0.5]")) // [ 9007199254740993n, 7, 0.5 ]
 * ```
 */
export const parse = (text: string): Value => {
  try {
    // Cast: what JSON text is the text of.
    return parseJson(text) as Value
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new CodecError({ field: "text", expected: "JSON text", actual: `an error ${error.message}` })
  }
}

/**
 * Writes a value as JSON text, as it is written to JSON fields, so that {@linkcode parse} gives the same value:
 *
 * - a `bigint` as an integer; -0 and integers beyond 2^53 that are a `number` with `.0`, so that they are read as such;
 * - an array, and a typed array as a list of its numbers;
 * - an object that has no class: its keys, except those whose value is `undefined`, and symbols;
 * - an object with `toJSON`, such as a `Date`, as `JSON.stringify` does; rows and results of queries and searches as
 *   lists.
 *
 * @throws {CodecError} For what JSON cannot hold, with its place in the value: `NaN` and infinite numbers, `undefined`
 * in a list, functions, symbols, `Set`, `Map` and instances of other classes, an invalid `Date`, text with a lone
 * surrogate, and what is nested more than 1000 deep, as a cycle is.
 *
 * @example
 * ```ts
 * import { Json } from "@effect-milvus/client"
 *
 * console.log(Json.stringify({ ids: new BigInt64Array([9007199254740993n]) })) // {"ids":[9007199254740993]}
 * ```
 */
export const stringify = (value: unknown): string => jsonOfField(value, "value")

/**
 * Makes a value that `JSON.stringify` takes and does not change: as {@linkcode stringify} writes it, but what a number
 * does not hold is text: a `bigint` beyond 2^53 by its digits, and `"NaN"`, `"Infinity"` and `"-Infinity"`. Any other
 * `bigint` is a number.
 *
 * @throws {CodecError} For the rest of what {@linkcode stringify} refuses.
 *
 * @example
 * ```ts
 * import { Json } from "@effect-milvus/client"
 *
 * const hit = { id: 7n, score: 0.25, row: { title: "Emma", vector: new Float32Array([0.5, 1]) } }
 * const response = Response.json(Json.plain(hit))
 * console.log(await response.text()) // {"id":7,"score":0.25,"row":{"title":"Emma","vector":[0.5,1]}}
 * ```
 */
export const plain = (value: unknown): Plain => {
  try {
    // Cast: what JSON.parse gives.
    return plainJson(value) as Plain
  } catch (error) {
    return throwNotJson(error, "value")
  }
}
