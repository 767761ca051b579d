/** Arithmetic of filters, as Milvus does it. */
import type { Value } from "./filterSyntax.ts"

/** Integers; a quotient is cut towards 0. */
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

/** Floats of 64 bits. */
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

/** A value of a row with a constant. Milvus makes the remainder of floats, and takes the integer of it. */
export const calculated = (sign: string, value: Value, by: bigint | number): bigint | number => {
  if (sign === "%") return Math.trunc(Number(value) % Number(by))
  if (typeof value === "bigint" && typeof by === "bigint") return BigInt.asIntN(64, integerArithmetic(sign, value, by))
  return numberArithmetic(sign, Number(value), Number(by))
}
