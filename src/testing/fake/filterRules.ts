/** What may stand where in a filter, and what it means: a tree becomes a test of rows, or is refused. */
import type { TemplateValue } from "../../wire/messages.gen.ts"
import { calculated, integerArithmetic, numberArithmetic } from "./filterArithmetic.ts"
import { containsTest, listTest, listValues } from "./filterFunctions.ts"
import {
  absent,
  both,
  cellOf,
  type Column,
  compare,
  either,
  elementsOf,
  holds,
  jsonOf,
  jsonValueOf,
  type Key,
  type Kind,
  kindOfType,
  kindOfValue,
  negated,
  scalarOf,
  type Templates,
  type Test,
} from "./filterOperands.ts"
import type { Node, Step, Value } from "./filterSyntax.ts"
import { type Marked, textOf } from "./jsonCell.ts"
import { type Field, fieldNamed, type Layout } from "./layout.ts"
import { refuseFilter } from "./status.ts"

/** A part of a filter that is understood. */
type Part =
  | { readonly is: "value"; readonly value: Value }
  | { readonly is: "list"; readonly items: ReadonlyArray<Part> }
  | { readonly is: "column"; readonly column: Column }
  | { readonly is: "arithmetic"; readonly column: Column; readonly sign: string; readonly by: bigint | number }
  | { readonly is: "length"; readonly column: Column }
  | { readonly is: "test"; readonly test: Test; readonly keys?: ReadonlyArray<Key> | undefined }

/** A filter as a test of rows. */
export interface Compiled {
  readonly test: Test
  /** The keys, if it is nothing but a list of them. */
  readonly keys: ReadonlyArray<Key> | undefined
}

/** Checks a tree against a collection, and gives its test. */
export const compileFilter = (text: string, node: Node, layout: Layout, templates: Templates): Compiled => {
  const part = new Rules(text, layout, templates).part(node)
  if (part.is !== "test") return refuseFilter(text, "predicate is not a boolean expression")
  return { test: part.test, keys: part.keys }
}

class Rules {
  constructor(readonly text: string, readonly layout: Layout, readonly templates: Templates) {}

  part(node: Node): Part {
    switch (node.kind) {
      case "value":
        return { is: "value", value: node.value }
      case "list":
        return { is: "list", items: node.items.map((item) => this.part(item)) }
      case "template":
        return this.#template(node.name)
      case "field":
        return { is: "column", column: this.#column(node.name, node.path) }
      case "unary":
        return this.#unary(node.sign, this.part(node.of))
      case "binary":
        return this.#binary(node.sign, this.part(node.left), this.part(node.right))
      case "range":
        return this.#range(node.signs, this.part(node.low), this.part(node.field), this.part(node.high))
      case "in":
        return this.#in(this.part(node.of), this.part(node.list), node.isNot)
      case "like":
        return this.#like(this.part(node.of), node.pattern)
      case "call":
        return this.#call(node.name, node.of.map((it) => this.part(it)))
    }
  }

  // ---- Operands

  /** A field by its name and path; a name that is none's is a key of the dynamic field. */
  #column(name: string, path: ReadonlyArray<Step>): Column {
    const field = fieldNamed(this.layout, name)
    const { dynamic } = this.layout
    if (field === undefined) {
      return dynamic === undefined
        ? this.#refuse(`field ${name} not exist`)
        : { kind: "json", field: dynamic, path: [name, ...path] }
    }
    if (field.type === "Array") {
      const kind = kindOfType(field.schema.element_type)
      const isElement = path.length === 1 && typeof path[0] === "bigint"
      if (kind === undefined || path.length > 0 && !isElement) {
        this.#refuse(`no path into the Array ${name} but an index`)
      }
      return { kind, field, path }
    }
    const kind = kindOfType(field.type)
    if (kind === undefined) return this.#refuse(`field ${name} of the type ${field.type} cannot be compared`)
    if (kind !== "json" && path.length > 0) this.#refuse(`${field.type} data type not supported accessed with []`)
    return { kind, field, path }
  }

  #template(name: string): Part {
    const value = Object.hasOwn(this.templates, name) ? this.templates[name] : undefined
    return (value && templatePart(value)) ?? this.#refuse(`the placeholder ${name} has no value`)
  }

  #unary(sign: string, part: Part): Part {
    if (sign === "not") return { is: "test", test: negated(this.#test(part)) }
    if (sign === "+" && part.is === "column" && isNumber(this.#whole(part.column).kind)) return part
    if (part.is !== "value" || typeof part.value === "string" || typeof part.value === "boolean" || sign === "~") {
      return this.#refuse(`unexpected op: ${sign}`)
    }
    return { is: "value", value: sign === "-" ? this.#int64(-part.value) : part.value }
  }

  #binary(sign: string, left: Part, right: Part): Part {
    switch (sign) {
      case "and":
        return { is: "test", test: both(this.#test(left), this.#test(right)) }
      case "or":
        return { is: "test", test: either(this.#test(left), this.#test(right)) }
      case "==":
      case "!=":
      case "<":
      case "<=":
      case ">":
      case ">=":
        return this.#comparison(sign, left, right)
      case "+":
      case "-":
      case "*":
      case "/":
      case "%":
        return this.#arithmetic(sign, left, right)
      default:
        return this.#refuse(`${sign} is not supported`)
    }
  }

  #test(part: Part): Test {
    return part.is === "test" ? part.test : this.#refuse("a condition is expected")
  }

  #arithmetic(sign: string, left: Part, right: Part): Part {
    if (left.is === "value" && right.is === "value") {
      return { is: "value", value: this.#folded(sign, left.value, right.value) }
    }
    // Only these do not care for the order.
    if (left.is === "value" && right.is === "column" && (sign === "+" || sign === "*")) {
      return this.#arithmetic(sign, right, left)
    }
    if (left.is !== "column" || right.is !== "value") {
      return this.#refuse("arithmetic needs one field and one constant")
    }
    const { kind } = this.#whole(left.column)
    const by = right.value
    if (typeof by === "string" || typeof by === "boolean" || kind === "text" || kind === "bool") {
      return this.#refuse(`'${sign}' can only be used between numbers`)
    }
    if (Number(by) === 0 && (sign === "/" || sign === "%")) return this.#refuse("division by zero")
    if (kind === "integer" && typeof by === "number") return this.#refuse("a fraction with a field of integers")
    if (sign === "%" && (kind === "float" || typeof by === "number")) {
      return this.#refuse("modulo can only apply on integer types")
    }
    return { is: "arithmetic", column: left.column, sign, by }
  }

  #folded(sign: string, a: Value, b: Value): Value {
    if (typeof a === "string" || typeof b === "string" || typeof a === "boolean" || typeof b === "boolean") {
      return this.#refuse(`'${sign}' can only be used between numbers`)
    }
    if (typeof a === "bigint" && typeof b === "bigint") {
      if (b === 0n && (sign === "/" || sign === "%")) this.#refuse("division by zero")
      return this.#int64(integerArithmetic(sign, a, b))
    }
    return numberArithmetic(sign, Number(a), Number(b))
  }

  #int64(value: bigint | number): bigint | number {
    return typeof value === "number" || BigInt.asIntN(64, value) === value ? value : this.#refuse("value out of range")
  }

  // ---- Conditions

  #comparison(sign: string, left: Part, right: Part): Part {
    if (left.is === "value" && right.is !== "value") return this.#comparison(mirrored.get(sign) ?? sign, right, left)
    if (left.is === "value" && right.is === "value") return this.#constants(sign, left.value, right.value)
    if (left.is === "list" && right.is === "column") return this.#lists(sign, right.column, left.items)
    if (left.is === "column" && right.is === "list") return this.#lists(sign, left.column, right.items)
    if (left.is === "column" && right.is === "column") return this.#columns(sign, left.column, right.column)
    if (right.is !== "value") return this.#refuse("these sides cannot be compared")
    switch (left.is) {
      case "column":
        return this.#columnWith(sign, left.column, right.value)
      case "arithmetic":
        return this.#arithmeticWith(sign, left, right.value)
      case "length": {
        const { value } = right
        if (sign !== "==" && sign !== "!=" || typeof value !== "bigint") {
          return this.#refuse("array_length is compared with == and !=")
        }
        const length = lengthOf(left.column)
        return { is: "test", test: (cells) => holds(sign, compare(length(cells), value)) }
      }
      default:
        return this.#refuse("one side of a comparison has to be a field")
    }
  }

  #constants(sign: string, a: Value, b: Value): Part {
    const [one, other] = [kindOfValue(a), kindOfValue(b)]
    if (one !== other && !(isNumber(one) && isNumber(other))) return this.#refuse("these constants cannot be compared")
    return { is: "value", value: holds(sign, compare(a, b)) }
  }

  /** A list in JSON, or an Array, against a list of constants. */
  #lists(sign: string, column: Column, items: ReadonlyArray<Part>): Part {
    const values = listValues(items) ?? this.#refuse("a list of constants is expected")
    const isArray = column.field.type === "Array" && column.path.length === 0
    const isPath = column.kind === "json" && column.path.length > 0
    if (values.length === 0 || sign !== "==" && sign !== "!=") {
      this.#refuse("a list is compared with == and !=, and is not empty")
    }
    if (!isArray && !isPath) this.#refuse(`the field ${column.field.name} has no lists`)
    if (new Set(values.map(kindOfValue)).size > 1) this.#refuse("a list has values of one type")
    return { is: "test", test: listTest(column, values, sign === "!=", (reason) => this.#refuse(reason)) }
  }

  #columnWith(sign: string, given: Column, value: Value): Part {
    const column = this.#whole(given)
    if (column.kind === "json") {
      const read = jsonOf(column)
      const isNot = sign === "!="
      return {
        is: "test",
        test: (cells) => {
          const found = jsonValueOf(read(cells), value)
          return found === undefined ? isNot : holds(sign, compare(found, value))
        },
      }
    }
    const wanted = this.#cast(column, value)
    const read = scalarOf(column)
    const { primary } = this.layout
    const isKeys = sign === "==" && column.field === primary &&
      (typeof wanted === "bigint" || typeof wanted === "string")
    return {
      is: "test",
      test: (cells) => {
        const found = read(cells)
        return found === undefined ? absent(column) : holds(sign, compare(found, wanted))
      },
      ...(isKeys ? { keys: [wanted] } : {}),
    }
  }

  #columns(sign: string, a: Column, b: Column): Part {
    const [left, right] = [this.#whole(a), this.#whole(b)]
    const isNumeric = isNumber(left.kind) && isNumber(right.kind)
    if (left.kind === "json" || right.kind === "json" || left.path.length > 0 || right.path.length > 0) {
      return this.#refuse("JSON and elements are not compared with columns")
    }
    if (!isNumeric && left.kind !== right.kind) return this.#refuse("these fields cannot be compared")
    const [one, other] = [scalarOf(left), scalarOf(right)]
    return {
      is: "test",
      test: (cells) => {
        const [x, y] = [one(cells), other(cells)]
        return x === undefined || y === undefined ? undefined : holds(sign, compare(x, y))
      },
    }
  }

  #arithmeticWith(
    sign: string,
    { column, sign: operation, by }: Extract<Part, { is: "arithmetic" }>,
    value: Value,
  ): Part {
    if (sign !== "==" && sign !== "!=") return this.#refuse(`${sign} is not supported with arithmetic`)
    if (typeof value === "string" || typeof value === "boolean") {
      return this.#refuse("arithmetic is compared with a number")
    }
    const isNot = sign === "!="
    if (column.kind === "json") {
      const read = jsonOf(column)
      const isWhole = typeof by === "bigint"
      if (isWhole && typeof value === "number") return this.#refuse("cannot cast value to Int64")
      return {
        is: "test",
        test: (cells) => {
          const found = jsonValueOf(read(cells), isWhole ? 0n : 0)
          if (found === undefined) return isNot
          return holds(sign, compare(calculated(operation, found, by), value))
        },
      }
    }
    const wanted = this.#cast(column, value)
    const read = scalarOf(column)
    const operand = typeof by === "number" || column.kind === "float" ? rounded(column.field, Number(by)) : by
    return {
      is: "test",
      test: (cells) => {
        const found = read(cells)
        if (found === undefined) return absent(column)
        const result = calculated(operation, found, operand)
        return holds(sign, compare(typeof result === "number" ? rounded(column.field, result) : result, wanted))
      },
    }
  }

  #range([first, second]: readonly [string, string], low: Part, field: Part, high: Part): Part {
    if (field.is !== "column" || low.is !== "value" || high.is !== "value") {
      return this.#refuse("a range is a field between constants")
    }
    if (typeof low.value === "boolean" || typeof high.value === "boolean") return this.#refuse("a range of booleans")
    if (field.column.kind === "json" && kindOfValue(low.value) !== kindOfValue(high.value)) {
      return this.#refuse("a range in JSON has two values of one type")
    }
    const one = this.#comparison(mirrored.get(first) ?? first, field, low)
    const other = this.#comparison(second, field, high)
    return { is: "test", test: both(this.#test(one), this.#test(other)) }
  }

  #in(of: Part, list: Part, isNot: boolean): Part {
    if (of.is !== "column" || list.is !== "list") return this.#refuse("'in' needs a field and a list")
    const column = this.#whole(of.column)
    const values = listValues(list.items) ?? this.#refuse("a list of constants is expected")
    if (column.kind === "json") {
      const read = jsonOf(column)
      if (new Set(values.map(kindOfValue)).size > 1) this.#refuse("a list for JSON has values of one type")
      const test: Test = (cells) => {
        const found = read(cells)
        return values.some((value) => {
          const it = jsonValueOf(found, value)
          return it !== undefined && compare(it, value) === 0
        })
      }
      return { is: "test", test: isNot ? negated(test) : test }
    }
    const wanted = values.map((value) => this.#cast(column, value))
    const set = new Set(wanted)
    const read = scalarOf(column)
    const test: Test = (cells) => {
      const found = read(cells)
      return found === undefined ? absent(column) : set.has(found)
    }
    const isKeys = !isNot && column.field === this.layout.primary
    return {
      is: "test",
      test: isNot ? negated(test) : test,
      ...(isKeys ? { keys: wanted.filter((it) => typeof it === "bigint" || typeof it === "string") } : {}),
    }
  }

  #like(of: Part, pattern: string): Part {
    if (of.is !== "column") return this.#refuse("'like' needs a field")
    const column = this.#whole(of.column)
    if (column.kind !== "text" && column.kind !== "json") {
      this.#refuse("like operation on non-string or no-json field is unsupported")
    }
    const [start = "", ...others] = pattern.split("%")
    const isPrefix = pattern.endsWith("%") && others.every((part) => part === "")
    // An empty pattern and `_` mean one thing to Milvus 2.3 and another to later versions.
    if (!isPrefix && pattern.includes("%") || /[_\\]/.test(pattern) || pattern === "") {
      this.#refuse(
        `unsupported pattern: ${pattern}, only a prefix like ab% and text without wildcards are supported`,
      )
    }
    const matches = (text: string) => isPrefix ? text.startsWith(start) : text === pattern
    if (column.kind === "json") {
      const read = jsonOf(column)
      return { is: "test", test: (cells) => matchesText(textOf(read(cells)), matches) ?? false }
    }
    const read = scalarOf(column)
    return {
      is: "test",
      test: (cells) => {
        const found = read(cells)
        return typeof found === "string" ? matches(found) : absent(column)
      },
    }
  }

  #call(name: string, of: ReadonlyArray<Part>): Part {
    const [first, second] = of
    if (first?.is !== "column") return this.#refuse(`${name} needs a field`)
    const { column } = first
    if (name === "exists") {
      if (column.kind !== "json" || column.path.length === 0) this.#refuse("exists is for paths into JSON")
      const read = jsonOf(column)
      return { is: "test", test: (cells) => read(cells) !== undefined }
    }
    const isArray = column.field.type === "Array" && column.path.length === 0
    if (!isArray && (column.kind !== "json" || column.path.length === 0)) {
      this.#refuse(`${name} is for JSON and Array fields`)
    }
    if (name === "array_length") return { is: "length", column }
    return { is: "test", test: containsTest(name, column, second, (reason) => this.#refuse(reason)) }
  }

  /** A column that has one value in a row. */
  #whole(column: Column): Column {
    if (column.path.length > 0) return column
    const isPlain = column.kind !== "json" && column.field.type !== "Array"
    return isPlain ? column : this.#refuse(`can not compare the field ${column.field.name} directly`)
  }

  /** A constant as a value of a column. */
  #cast({ kind, field }: Column, value: Value): Value {
    const given = kindOfValue(value)
    // An element of an Array is compared as a double.
    if (kind === "float" && (given === "integer" || given === "float")) return rounded(field, Number(value))
    if (kind !== given) this.#refuse(`cannot cast value to ${field.type}`)
    return value
  }

  #refuse(reason: string): never {
    return refuseFilter(this.text, reason)
  }
}

/** As a value of a field of 32 bits is. */
const rounded = (field: Field, value: number): number => field.type === "Float" ? Math.fround(value) : value

const isNumber = (kind: Kind): boolean => kind === "integer" || kind === "float"

const mirrored: ReadonlyMap<string, string> = new Map([["<", ">"], [">", "<"], ["<=", ">="], [">=", "<="]])

/** How many elements there are; 0 for what is not a list. */
const lengthOf = (column: Column) => {
  if (column.kind !== "json" || column.field.type === "Array") {
    return (cells: Parameters<Test>[0]) => BigInt(elementsOf(cellOf(column, cells)).length)
  }
  const read = jsonOf(column)
  return (cells: Parameters<Test>[0]) => {
    const found: Marked | undefined = read(cells)
    return BigInt(Array.isArray(found) ? found.length : 0)
  }
}

const matchesText = (text: string | undefined, matches: (text: string) => boolean): boolean | undefined =>
  text === undefined ? undefined : matches(text)

const templatePart = ({ array_val, ...value }: TemplateValue): Part | undefined => {
  if (array_val !== undefined) {
    const items = array_val.bool_data?.data ?? array_val.long_data?.data ?? array_val.double_data?.data ??
      array_val.string_data?.data
    return items && { is: "list", items: items.map((item) => ({ is: "value", value: item })) }
  }
  const scalar = value.bool_val ?? value.int64_val ?? value.float_val ?? value.string_val
  return scalar === undefined ? undefined : { is: "value", value: scalar }
}
