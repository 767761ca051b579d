/** Arithmetic in filters, with the results of Milvus. */
import type { Value } from "./filterSyntax.ts"

/** Calculates with integers. A quotient is truncated toward 0. */
export const integerArithmetic = (sign: string, a: bigint, b: bigint): bigint => {
  switch (sign) {
    case "+":
      return a + b
    case "-":
      return a - b
    case "*":
      return a * b
    case "/":
      return a / b
    default:
      return a % b
  }
}

/** Calculates with 64-bit floats. */
export const numberArithmetic = (sign: string, a: number, b: number): number => {
  switch (sign) {
    case "+":
      return a + b
    case "-":
      return a - b
    case "*":
      return a * b
    case "/":
      return a / b
    default:
      return a % b
  }
}

/**
 * Calculates with a value of a row and a constant. Like Milvus, `%` is calculated with floats and then truncated to an
 * integer.
 */
export const calculate = (sign: string, value: Value, by: bigint | number): bigint | number => {
  if (sign === "%") return Math.trunc(Number(value) % Number(by))
  if (typeof value === "bigint" && typeof by === "bigint") return BigInt.asIntN(64, integerArithmetic(sign, value, by))
  return numberArithmetic(sign, Number(value), Number(by))
}
