/** Encodes the values for the placeholders of a filter: `schema.TemplateValue`. */
import { describeValue, throwValue } from "../errors.ts"
import { jsonOfField } from "../stringifyJson.ts"
import { packedBool, packedInt64, packedNumbers } from "../protobuf/packed.ts"
import { checkedBools, checkedDoubles, checkedInt64s, textList } from "../columns/scalars.ts"
import {
  bytes,
  concat,
  emitInt64,
  emitText,
  emitUint,
  emptyFragment,
  type Fragment,
  message,
  varintSize,
} from "../protobuf/writer.ts"

/**
 * A value for the placeholder `{name}` of a filter. A number is sent as an integer if it is a safe integer, otherwise
 * as a double; `{ double: 1 }` is the double 1. The elements of an array are sent as one type: if any number is not an
 * integer, all are sent as doubles. An array of several types is sent as JSON.
 */
export type TemplateValue =
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | { readonly double: number }
  | BigInt64Array
  | Float64Array
  | ReadonlyArray<TemplateElement>

/** An element of an array in a {@linkcode TemplateValue}. */
export type TemplateElement = boolean | number | bigint | string | ReadonlyArray<TemplateElement>

const maxDepth = 32

/** Returns values as a `map<string, schema.TemplateValue>` in the field `field`. */
export const templatePart = (
  field: number,
  values: Readonly<Record<string, TemplateValue>> | undefined,
): Fragment =>
  values === undefined ? emptyFragment : concat(
    Object.entries(values).map(([key, value]) =>
      message(field, [emitText(1, key, "template"), message(2, [valuePart(value, key)])])
    ),
  )

const valuePart = (value: TemplateValue, key: string): Fragment => {
  if (typeof value === "boolean") return emitUint(1, value ? 1 : 0)
  if (typeof value === "bigint") return emitInt64(2, checkedInt64s([value], key)[0]!)
  if (typeof value === "number") {
    return isInteger(value) ? emitInt64(2, BigInt(value)) : double(3, value)
  }
  if (typeof value === "string") return emitText(4, value, key)
  if (value instanceof Uint8Array) return bytes(6, value)
  if (typeof value === "object" && value !== null && "double" in value) {
    return typeof value.double === "number" ? double(3, value.double) : throwValue(key, undefined, "a number")
  }
  if (value instanceof BigInt64Array) return message(5, [message(2, [packedInt64(1, value)])])
  if (value instanceof Float64Array) return message(5, [message(3, [packedNumbers(1, value)])])
  return Array.isArray(value)
    ? message(5, arrayPart(value, key, 0))
    : throwValue(key, undefined, expected, describeValue(value))
}

const expected = "a boolean, number, bigint, string, bytes, or an array of them"

/** Returns the content of a `schema.TemplateArrayValue`. */
const arrayPart = (values: ReadonlyArray<unknown>, key: string, depth: number): ReadonlyArray<Fragment> => {
  if (depth > maxDepth) return throwValue(key, undefined, `at most ${maxDepth} nested arrays`)
  if (values.length === 0) return []
  if (all(values, isBoolean)) return [message(1, [packedBool(1, checkedBools(values, key))])]
  if (all(values, isNumeric)) {
    if (values.every((value) => typeof value === "bigint" || isInteger(value))) {
      return [message(2, [packedInt64(1, checkedInt64s(values, key))])]
    }
    // A bigint that is not equal to any double is sent as JSON below, with its digits.
    const numbers = values.map(Number)
    // deno-lint-ignore eqeqeq -- compares a number with a bigint
    if (numbers.every((number, at) => number == values[at] || Number.isNaN(number))) {
      return [message(3, [packedNumbers(1, checkedDoubles(numbers, key))])]
    }
  }
  if (all(values, isString)) return [message(4, [textList(1, values, key)])]
  if (all(values, isArray)) return [message(5, values.map((value) => message(1, arrayPart(value, key, depth + 1))))]
  return [message(6, [textList(1, values.map((value, at) => jsonOfField(value, key, at)), key)])]
}

const all = <A>(values: ReadonlyArray<unknown>, is: (value: unknown) => value is A): values is ReadonlyArray<A> =>
  values.every(is)
const isBoolean = (value: unknown): value is boolean => typeof value === "boolean"
const isString = (value: unknown): value is string => typeof value === "string"
const isArray = (value: unknown): value is ReadonlyArray<unknown> => Array.isArray(value)
const isNumeric = (value: unknown): value is number | bigint => typeof value === "number" || typeof value === "bigint"

/** Whether a number is sent as an integer. -0 is not, because it would lose its sign. */
const isInteger = (value: number): boolean => Number.isSafeInteger(value) && !Object.is(value, -0)

const double = (field: number, value: number): Fragment => ({
  size: varintSize(field * 8 + 1) + 8,
  write: (to) => {
    to.varint(field * 8 + 1)
    new DataView(to.bytes.buffer, to.bytes.byteOffset).setFloat64(to.at, value, true)
    to.at += 8
  },
})
