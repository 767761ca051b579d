/** Compiles the terms of a filter that are not conditions: columns, placeholders, signs, and arithmetic. */
import type { TemplateValue } from "../../../contract/messages.gen.ts"
import * as Json from "../../../Json.ts"
import { throwFilter } from "../fakeStatus.ts"
import { type Field, fieldNamed, type Layout } from "../state/layout.ts"
import { integerArithmetic, numberArithmetic } from "./filterArithmetic.ts"
import {
  type Column,
  type Key,
  type Kind,
  kindOfType,
  kindOfValue,
  type Templates,
  type Test,
} from "./filterOperands.ts"
import type { Step, Value } from "./filterSyntax.ts"

/** A compiled part of a filter. */
export type Part =
  | { readonly is: "value"; readonly value: Value }
  | { readonly is: "list"; readonly items: ReadonlyArray<Part> }
  | { readonly is: "column"; readonly column: Column }
  | Arithmetic
  | { readonly is: "length"; readonly column: Column }
  | Condition

/** A column with an operator and a constant. */
export interface Arithmetic {
  readonly is: "arithmetic"
  readonly column: Column
  readonly sign: string
  readonly by: bigint | number
}

/** A test of rows. */
export interface Condition {
  readonly is: "test"
  readonly test: Test
  /** The primary keys, if the condition is only a list of them. */
  readonly keys?: ReadonlyArray<Key> | undefined
}

/** Makes a condition of a test. */
export const condition = (test: Test): Condition => ({ is: "test", test })

/** Compiles the terms of one filter. All methods refuse what Milvus refuses. */
export class FilterTerms {
  constructor(readonly text: string, readonly layout: Layout, readonly templates: Templates) {}

  /** Resolves a name and a path to a column. A name that no field has is a key of the dynamic field. */
  column(name: string, path: ReadonlyArray<Step>): Column {
    const field = fieldNamed(this.layout, name)
    const { dynamic } = this.layout
    if (field === undefined) {
      return dynamic === undefined
        ? this.throwInvalid(`field ${name} not exist`)
        : { kind: "json", field: dynamic, path: [name, ...path] }
    }
    if (field.type === "Array") {
      const kind = kindOfType(field.schema.element_type)
      const isElement = path.length === 1 && typeof path[0] === "bigint"
      if (kind === undefined || path.length > 0 && !isElement) {
        this.throwInvalid(`the path of the Array ${name} has to be one index`)
      }
      return { kind, field, path }
    }
    const kind = kindOfType(field.type)
    if (kind === undefined) return this.throwInvalid(`field ${name} of the type ${field.type} cannot be compared`)
    if (kind !== "json" && path.length > 0) this.throwInvalid(`${field.type} data type not supported accessed with []`)
    return { kind, field, path }
  }

  /** Returns a column if it has one value in each row. A whole Array or JSON document has not. */
  scalarColumn(column: Column): Column {
    if (column.path.length > 0) return column
    const isScalar = column.kind !== "json" && column.field.type !== "Array"
    return isScalar ? column : this.throwInvalid(`can not compare the field ${column.field.name} directly`)
  }

  /** Converts a constant to the type of a column. */
  cast({ kind, field }: Column, value: Value): Value {
    const given = kindOfValue(value)
    // Milvus compares an element of an Array as a double.
    if (kind === "float" && (given === "integer" || given === "float")) return roundFor(field, Number(value))
    if (kind !== given) this.throwInvalid(`cannot cast value to ${field.type}`)
    return value
  }

  /** Returns the value of a placeholder. */
  template(name: string): Part {
    const value = Object.hasOwn(this.templates, name) ? this.templates[name] : undefined
    return (value && templatePart(value)) ?? this.throwInvalid(`the placeholder ${name} has no value`)
  }

  /** Compiles a term with the sign `+` or `-`; `~` is refused. */
  signed(sign: string, part: Part): Part {
    if (sign === "+" && part.is === "column" && isNumeric(this.scalarColumn(part.column).kind)) return part
    if (part.is !== "value" || typeof part.value === "string" || typeof part.value === "boolean" || sign === "~") {
      return this.throwInvalid(`unexpected op: ${sign}`)
    }
    return { is: "value", value: sign === "-" ? this.#int64(-part.value) : part.value }
  }

  /** Compiles arithmetic: of constants to a constant, or of one column and one constant. */
  arithmetic(sign: string, left: Part, right: Part): Part {
    if (left.is === "value" && right.is === "value") {
      return { is: "value", value: this.#fold(sign, left.value, right.value) }
    }
    // Only these operators are commutative.
    if (left.is === "value" && right.is === "column" && (sign === "+" || sign === "*")) {
      return this.arithmetic(sign, right, left)
    }
    if (left.is !== "column" || right.is !== "value") {
      return this.throwInvalid("arithmetic needs one field and one constant")
    }
    const { kind } = this.scalarColumn(left.column)
    const by = right.value
    if (typeof by === "string" || typeof by === "boolean" || kind === "text" || kind === "bool") {
      return this.throwInvalid(`'${sign}' can only be used between numbers`)
    }
    if (Number(by) === 0 && (sign === "/" || sign === "%")) return this.throwInvalid("division by zero")
    if (kind === "integer" && typeof by === "number") {
      return this.throwInvalid("a field of integers cannot be calculated with a fraction")
    }
    if (sign === "%" && (kind === "float" || typeof by === "number")) {
      return this.throwInvalid("modulo can only apply on integer types")
    }
    return { is: "arithmetic", column: left.column, sign, by }
  }

  throwInvalid(reason: string): never {
    return throwFilter(this.text, reason)
  }

  /** Calculates with two constants. */
  #fold(sign: string, a: Value, b: Value): Value {
    if (typeof a === "string" || typeof b === "string" || typeof a === "boolean" || typeof b === "boolean") {
      return this.throwInvalid(`'${sign}' can only be used between numbers`)
    }
    if (typeof a === "bigint" && typeof b === "bigint") {
      if (b === 0n && (sign === "/" || sign === "%")) this.throwInvalid("division by zero")
      return this.#int64(integerArithmetic(sign, a, b))
    }
    return numberArithmetic(sign, Number(a), Number(b))
  }

  #int64(value: bigint | number): bigint | number {
    const fits = typeof value === "number" || BigInt.asIntN(64, value) === value
    return fits ? value : this.throwInvalid("value out of range")
  }
}

/** Rounds a number to 32 bits if the field has them. */
export const roundFor = (field: Field, value: number): number => field.type === "Float" ? Math.fround(value) : value

/** Whether a kind is that of numbers. */
export const isNumeric = (kind: Kind): boolean => kind === "integer" || kind === "float"

const templatePart = ({ array_val, ...value }: TemplateValue): Part | undefined => {
  if (array_val !== undefined) {
    const { bool_data, long_data, double_data, string_data, array_data, json_data } = array_val
    const items = bool_data?.data ?? long_data?.data ?? double_data?.data ?? string_data?.data
    if (items !== undefined) return { is: "list", items: items.map((item) => ({ is: "value", value: item })) }
    const parts = array_data?.data.map((array) => templatePart({ array_val: array })) ??
      json_data?.data.map((json) => jsonPart(Json.parse(new TextDecoder().decode(json))))
    return parts?.every((part) => part !== undefined) === true ? { is: "list", items: parts } : undefined
  }
  const scalar = value.bool_val ?? value.int64_val ?? value.float_val ?? value.string_val
  return scalar === undefined ? undefined : { is: "value", value: scalar }
}

/** Returns an element of a list of several types, which is sent as JSON. */
const jsonPart = (json: unknown): Part | undefined => {
  if (Array.isArray(json)) {
    const items = json.map(jsonPart)
    return items.every((item) => item !== undefined) ? { is: "list", items } : undefined
  }
  if (typeof json === "number") return { is: "value", value: Number.isSafeInteger(json) ? BigInt(json) : json }
  return typeof json === "string" || typeof json === "boolean" || typeof json === "bigint"
    ? { is: "value", value: json }
    : undefined
}
