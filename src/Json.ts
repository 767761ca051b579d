/**
 * JSON for rows, hits and JSON fields, which contain values that `JSON.stringify` refuses (`bigint`) or changes (typed
 * arrays).
 *
 * {@linkcode stringify} and {@linkcode parse} keep every digit of 64-bit integers, for programs that can read them,
 * such as `effect-milvus import`. {@linkcode plain} is for programs that read JSON numbers as JavaScript does: it
 * returns a value for `JSON.stringify`, `Response.json` and similar functions. All three accept whole results, too.
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

/** A value that {@linkcode parse} returns: any JSON value, with integers beyond 2^53 as `bigint`. */
export type Value = Json

/** A value that {@linkcode plain} returns: `JSON.stringify` and `JSON.parse` keep it unchanged. */
export type Plain = null | boolean | number | string | ReadonlyArray<Plain> | { readonly [key: string]: Plain }

/**
 * Parses JSON text in the same way as JSON fields: like `JSON.parse`, except that an integer beyond 2^53 is a `bigint`
 * with all its digits. A number with a fraction or an exponent is a `number` even if its value is an integer, and
 * `Infinity` if it is out of range. If a key occurs twice, the last value is used. `__proto__` is a key like any other.
 *
 * @throws {CodecError} If the text is not JSON; the message has the position of the error.
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
    // Cast: the parser only returns values of this type.
    return parseJson(text) as Value
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new CodecError({ field: "text", expected: "JSON text", actual: `an error ${error.message}` })
  }
}

/**
 * Writes a value as JSON text, in the same way as JSON fields are written. {@linkcode parse} returns the same value:
 *
 * - a `bigint` is written as an integer; a `number` that is -0 or an integer beyond 2^53 is written with `.0`, so that
 *   it is parsed as a `number`;
 * - an array is written as a list, and a typed array as a list of its numbers;
 * - a plain object is written with its own keys, except symbols and keys whose value is `undefined`;
 * - an object with `toJSON`, such as a `Date`, is written as `JSON.stringify` writes it; rows and the results of
 *   queries and searches are written as lists.
 *
 * @throws {CodecError} If JSON cannot represent a part of the value; the message has its path. This applies to `NaN`
 * and infinite numbers, `undefined` in a list, functions, symbols, `Set`, `Map` and instances of other classes, an
 * invalid `Date`, text with a lone surrogate, and values nested more than 1000 levels deep, cycles included.
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
 * Returns a copy of a value that `JSON.stringify` writes unchanged. It has the form that {@linkcode stringify} writes,
 * but values that a JavaScript number cannot represent become text: a `bigint` beyond 2^53 becomes its digits, and
 * non-finite numbers become `"NaN"`, `"Infinity"` and `"-Infinity"`. Any other `bigint` becomes a number.
 *
 * @throws {CodecError} If the value contains anything else that {@linkcode stringify} refuses.
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
    // Cast: values that were parsed from JSON, without `bigint`.
    return plainJson(value) as Plain
  } catch (error) {
    return throwNotJson(error, "value")
  }
}
