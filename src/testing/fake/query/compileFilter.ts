/** Compiles the tree of a filter to a test of rows, and refuses what Milvus refuses. */
import { throwFilter } from "../fakeStatus.ts"
import { textOf } from "../state/jsonCell.ts"
import type { Layout } from "../state/layout.ts"
import { calculate } from "./filterArithmetic.ts"
import { containsTest, listTest, listValues } from "./filterFunctions.ts"
import {
  both,
  cellOf,
  type Cells,
  type Column,
  compare,
  either,
  elementsOf,
  holds,
  jsonOf,
  jsonValueOf,
  kindOfValue,
  negated,
  resultIfMissing,
  scalarOf,
  type Templates,
  type Test,
} from "./filterOperands.ts"
import type { Node, Value } from "./filterSyntax.ts"
import { isOldPattern, likePattern } from "./likePattern.ts"
import {
  type Arithmetic,
  type Condition,
  condition,
  FilterTerms,
  isNumeric,
  type Part,
  roundFor,
} from "./filterTerms.ts"

/** Compiles a tree for a collection. */
export const compileFilter = (text: string, node: Node, layout: Layout, templates: Templates): Condition => {
  const part = new Compiler(new FilterTerms(text, layout, templates)).part(node)
  return part.is === "test" ? part : throwFilter(text, "predicate is not a boolean expression")
}

class Compiler {
  constructor(readonly terms: FilterTerms) {}

  part(node: Node): Part {
    switch (node.kind) {
      case "value":
        return { is: "value", value: node.value }
      case "list":
        return { is: "list", items: node.items.map((item) => this.part(item)) }
      case "template":
        return this.terms.template(node.name)
      case "field":
        return { is: "column", column: this.terms.column(node.name, node.path) }
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
      case "null":
        return this.#null(this.part(node.of), node.isNot)
      case "call":
        return this.#call(node.name, node.of.map((it) => this.part(it)))
    }
  }

  #unary(sign: string, part: Part): Part {
    return sign === "not" ? condition(negated(this.#test(part))) : this.terms.signed(sign, part)
  }

  #binary(sign: string, left: Part, right: Part): Part {
    switch (sign) {
      case "and":
        return condition(both(this.#test(left), this.#test(right)))
      case "or":
        return condition(either(this.#test(left), this.#test(right)))
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
        return this.terms.arithmetic(sign, left, right)
      default:
        return this.#throwInvalid(`${sign} is not supported`)
    }
  }

  #test(part: Part): Test {
    return part.is === "test" ? part.test : this.#throwInvalid("a condition is expected")
  }

  // ---- Conditions

  #comparison(sign: string, left: Part, right: Part): Part {
    if (left.is === "value" && right.is === "value") return this.#constants(sign, left.value, right.value)
    if (left.is === "value") return this.#comparison(mirrored.get(sign) ?? sign, right, left)
    if (left.is === "list" && right.is === "column") return this.#lists(sign, right.column, left.items)
    if (left.is === "column" && right.is === "list") return this.#lists(sign, left.column, right.items)
    if (left.is === "column" && right.is === "column") return this.#columns(sign, left.column, right.column)
    if (right.is !== "value") return this.#throwInvalid("these sides cannot be compared")
    switch (left.is) {
      case "column":
        return this.#columnWith(sign, left.column, right.value)
      case "arithmetic":
        return this.#arithmeticWith(sign, left, right.value)
      case "length": {
        const { value } = right
        if (sign !== "==" && sign !== "!=" || typeof value !== "bigint") {
          return this.#throwInvalid("array_length is compared with == and !=")
        }
        const length = lengthOf(left.column)
        return condition((cells) => holds(sign, compare(length(cells), value)))
      }
      default:
        return this.#throwInvalid("one side of a comparison has to be a field")
    }
  }

  #constants(sign: string, a: Value, b: Value): Part {
    const [one, other] = [kindOfValue(a), kindOfValue(b)]
    if (one !== other && !(isNumeric(one) && isNumeric(other))) {
      return this.#throwInvalid("these constants cannot be compared")
    }
    return { is: "value", value: holds(sign, compare(a, b)) }
  }

  /** Compares an Array, or a list in JSON, with a list of constants. */
  #lists(sign: string, column: Column, items: ReadonlyArray<Part>): Part {
    const values = listValues(items) ?? this.#throwInvalid("a list of constants is expected")
    const isArray = column.field.type === "Array" && column.path.length === 0
    const isPath = column.kind === "json" && column.path.length > 0
    if (values.length === 0 || sign !== "==" && sign !== "!=") {
      this.#throwInvalid("a list is compared with == and !=, and is not empty")
    }
    if (!isArray && !isPath) this.#throwInvalid(`the field ${column.field.name} has no lists`)
    if (new Set(values.map(kindOfValue)).size > 1) this.#throwInvalid("a list has values of one type")
    return condition(listTest(column, values, sign === "!=", (reason) => this.#throwInvalid(reason)))
  }

  #columnWith(sign: string, given: Column, value: Value): Part {
    const column = this.terms.scalarColumn(given)
    if (column.kind === "json") {
      const read = jsonOf(column)
      const isNot = sign === "!="
      return condition((cells) => {
        const found = jsonValueOf(read(cells), value)
        return found === undefined ? isNot : holds(sign, compare(found, value))
      })
    }
    const wanted = this.terms.cast(column, value)
    const read = scalarOf(column)
    const isKey = sign === "==" && column.field === this.terms.layout.primary &&
      (typeof wanted === "bigint" || typeof wanted === "string")
    const test: Test = (cells) => {
      const found = read(cells)
      return found === undefined ? resultIfMissing(column) : holds(sign, compare(found, wanted))
    }
    return { is: "test", test, keys: isKey ? [wanted] : undefined }
  }

  #columns(sign: string, a: Column, b: Column): Part {
    const [left, right] = [this.terms.scalarColumn(a), this.terms.scalarColumn(b)]
    const areNumeric = isNumeric(left.kind) && isNumeric(right.kind)
    if (left.kind === "json" || right.kind === "json" || left.path.length > 0 || right.path.length > 0) {
      return this.#throwInvalid("JSON and elements are not compared with columns")
    }
    if (!areNumeric && left.kind !== right.kind) return this.#throwInvalid("these fields cannot be compared")
    const [one, other] = [scalarOf(left), scalarOf(right)]
    return condition((cells) => {
      const [x, y] = [one(cells), other(cells)]
      return x === undefined || y === undefined ? undefined : holds(sign, compare(x, y))
    })
  }

  #arithmeticWith(
    sign: string,
    { column, sign: operation, by }: Arithmetic,
    value: Value,
  ): Part {
    if (sign !== "==" && sign !== "!=") return this.#throwInvalid(`${sign} is not supported with arithmetic`)
    if (typeof value === "string" || typeof value === "boolean") {
      return this.#throwInvalid("arithmetic is compared with a number")
    }
    const isNot = sign === "!="
    if (column.kind === "json") {
      const read = jsonOf(column)
      const isWhole = typeof by === "bigint"
      if (isWhole && typeof value === "number") return this.#throwInvalid("cannot cast value to Int64")
      return condition((cells) => {
        const found = jsonValueOf(read(cells), isWhole ? 0n : 0)
        return found === undefined ? isNot : holds(sign, compare(calculate(operation, found, by), value))
      })
    }
    const wanted = this.terms.cast(column, value)
    const read = scalarOf(column)
    const operand = typeof by === "number" || column.kind === "float" ? roundFor(column.field, Number(by)) : by
    return condition((cells) => {
      const found = read(cells)
      if (found === undefined) return resultIfMissing(column)
      const result = calculate(operation, found, operand)
      return holds(sign, compare(typeof result === "number" ? roundFor(column.field, result) : result, wanted))
    })
  }

  #range([first, second]: readonly [string, string], low: Part, field: Part, high: Part): Part {
    if (field.is !== "column" || low.is !== "value" || high.is !== "value") {
      return this.#throwInvalid("a range is a field between constants")
    }
    if (typeof low.value === "boolean" || typeof high.value === "boolean") {
      return this.#throwInvalid("a range of booleans")
    }
    if (field.column.kind === "json" && kindOfValue(low.value) !== kindOfValue(high.value)) {
      return this.#throwInvalid("a range in JSON has two values of one type")
    }
    const one = this.#comparison(mirrored.get(first) ?? first, field, low)
    const other = this.#comparison(second, field, high)
    return condition(both(this.#test(one), this.#test(other)))
  }

  #in(of: Part, list: Part, isNot: boolean): Part {
    if (of.is !== "column" || list.is !== "list") return this.#throwInvalid("'in' needs a field and a list")
    const column = this.terms.scalarColumn(of.column)
    const values = listValues(list.items) ?? this.#throwInvalid("a list of constants is expected")
    if (column.kind === "json") {
      const read = jsonOf(column)
      if (new Set(values.map(kindOfValue)).size > 1) this.#throwInvalid("a list for JSON has values of one type")
      const test: Test = (cells) => {
        const found = read(cells)
        return values.some((value) => {
          const it = jsonValueOf(found, value)
          return it !== undefined && compare(it, value) === 0
        })
      }
      return condition(isNot ? negated(test) : test)
    }
    const wanted = values.map((value) => this.terms.cast(column, value))
    const set = new Set(wanted)
    const read = scalarOf(column)
    const test: Test = (cells) => {
      const found = read(cells)
      return found === undefined ? resultIfMissing(column) : set.has(found)
    }
    if (isNot) return condition(negated(test))
    const isKeys = column.field === this.terms.layout.primary
    const keys = isKeys ? wanted.filter((it) => typeof it === "bigint" || typeof it === "string") : undefined
    return { is: "test", test, keys }
  }

  #like(of: Part, pattern: string): Part {
    if (of.is !== "column") return this.#throwInvalid("'like' needs a field")
    const column = this.terms.scalarColumn(of.column)
    if (column.kind !== "text" && column.kind !== "json") {
      this.#throwInvalid("like operation on non-string or no-json field is unsupported")
    }
    if (this.terms.layout.isOld && !isOldPattern(pattern)) {
      this.#throwInvalid(
        `unsupported pattern: ${pattern}, only a prefix like ab% and text without wildcards are supported`,
      )
    }
    const matches = likePattern(pattern) ?? this.#throwInvalid(`unsupported pattern: ${pattern}`)
    if (column.kind === "json") {
      const read = jsonOf(column)
      return condition((cells) => {
        const found = textOf(read(cells))
        return found !== undefined && matches(found)
      })
    }
    const read = scalarOf(column)
    return condition((cells) => {
      const found = read(cells)
      return typeof found === "string" ? matches(found) : resultIfMissing(column)
    })
  }

  /** Tests for null. A path into JSON is null if nothing or a null is there. */
  #null(of: Part, isNot: boolean): Part {
    if (of.is !== "column") return this.#throwInvalid("'is null' needs a field")
    const { column } = of
    if (column.path.length === 0) return condition((cells) => (cellOf(column, cells) === null) !== isNot)
    if (column.kind !== "json") this.#throwInvalid("'is null' is not supported on elements of an Array")
    const read = jsonOf(column)
    return condition((cells) => ((read(cells) ?? null) === null) !== isNot)
  }

  #call(name: string, of: ReadonlyArray<Part>): Part {
    const [first, second] = of
    if (first?.is !== "column") return this.#throwInvalid(`${name} needs a field`)
    const { column } = first
    if (name === "exists") {
      if (column.kind !== "json" || column.path.length === 0) this.#throwInvalid("exists is for paths into JSON")
      const read = jsonOf(column)
      return condition((cells) => read(cells) !== undefined)
    }
    const isArray = column.field.type === "Array" && column.path.length === 0
    if (!isArray && (column.kind !== "json" || column.path.length === 0)) {
      this.#throwInvalid(`${name} is for JSON and Array fields`)
    }
    if (name === "array_length") return { is: "length", column }
    return condition(containsTest(name, column, second, (reason) => this.#throwInvalid(reason)))
  }

  #throwInvalid(reason: string): never {
    return this.terms.throwInvalid(reason)
  }
}

/** The operators after their sides are exchanged. */
const mirrored: ReadonlyMap<string, string> = new Map([["<", ">"], [">", "<"], ["<=", ">="], [">=", "<="]])

/** Returns a function that counts the elements of a list. The count of any other value is 0. */
const lengthOf = (column: Column): (cells: Cells) => bigint => {
  if (column.kind !== "json" || column.field.type === "Array") {
    return (cells) => BigInt(elementsOf(cellOf(column, cells)).length)
  }
  const read = jsonOf(column)
  return (cells) => {
    const value = read(cells)
    return BigInt(Array.isArray(value) ? value.length : 0)
  }
}
