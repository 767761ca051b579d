/** The functions that look for values in lists: `json_contains`, `array_contains`, and their `_all` and `_any`. */
import { cellOf, type Column, compare, elementsOf, jsonOf, kindOfValue, type Test } from "./filterOperands.ts"
import type { Value } from "./filterSyntax.ts"
import { integerOf, type Marked, numberOf, textOf } from "./jsonCell.ts"

/** What is to be found: a constant or a list of such. */
export type Wanted = Value | ReadonlyArray<Wanted>

interface Given {
  readonly is: string
  readonly value?: Value
  readonly items?: ReadonlyArray<Given>
}

/** The values of a list that has nothing but constants in it. */
export const listValues = (items: ReadonlyArray<Given>): ReadonlyArray<Value> | undefined => {
  const values = items.flatMap(({ value }) => value === undefined ? [] : [value])
  return values.length === items.length ? values : undefined
}

const wantedOf = ({ value, items }: Given): Wanted | undefined => {
  if (value !== undefined) return value
  const inner = items?.map(wantedOf)
  return inner === undefined || inner.includes(undefined) ? undefined : inner.filter((it) => it !== undefined)
}

/** Whether a list holds a value, all values, or any of them. */
export const containsTest = (
  name: string,
  column: Column,
  given: Given | undefined,
  refuse: (reason: string) => never,
): Test => {
  const wanted = given && wantedOf(given)
  if (wanted === undefined) return refuse(`${name} needs constants`)
  const isOne = /contains$/.test(name)
  if (!isOne && !Array.isArray(wanted)) return refuse(`${name} operation element must be an array`)
  const all = isOne || !Array.isArray(wanted) ? [wanted] : wanted
  if (isOne && Array.isArray(wanted) && wanted.some(Array.isArray)) return refuse(`${name} of lists in lists`)
  if (isEmptyList(wanted)) return refuse("a list that is looked for is not empty")
  const has = column.field.type === "Array" ? inArray(column, all, refuse) : inJson(column)
  const isAll = /all$/.test(name)
  return (cells) => {
    const elements = has(cells)
    return elements !== undefined && (isAll ? all.every(elements) : all.some(elements))
  }
}

/** Whether a list is the wanted one. What is not a list is neither equal nor unequal. */
export const listTest = (
  column: Column,
  wanted: ReadonlyArray<Value>,
  isNot: boolean,
  refuse: (reason: string) => never,
): Test => {
  if (column.field.type === "Array") {
    inArray(column, wanted, refuse)
    return (cells) => {
      const elements = elementsOf(cellOf(column, cells))
      const is = elements.length === wanted.length && elements.every((it, at) => compare(it, wanted[at] ?? "") === 0)
      return is !== isNot
    }
  }
  const read = jsonOf(column)
  return (cells) => {
    const list = read(cells)
    return Array.isArray(list) && isEqual(list, wanted) !== isNot
  }
}

const isEmptyList = (wanted: Wanted): boolean =>
  Array.isArray(wanted) && (wanted.length === 0 || wanted.some(isEmptyList))

type Has = (cells: Parameters<Test>[0]) => ((wanted: Wanted) => boolean) | undefined

const inArray = (column: Column, all: ReadonlyArray<Wanted>, refuse: (reason: string) => never): Has => {
  const fits = (wanted: Wanted) => {
    if (typeof wanted === "object") return false
    const kind = kindOfValue(wanted)
    return kind === column.kind || kind === "integer" && column.kind === "float"
  }
  if (!all.every(fits)) refuse("the values are not those of the Array")
  if (new Set(all.map((wanted) => typeof wanted)).size > 1) refuse("a list has values of one type")
  return (cells) => {
    const elements = elementsOf(cellOf(column, cells))
    return (wanted) => typeof wanted !== "object" && elements.some((it) => compare(it, wanted) === 0)
  }
}

const inJson = (column: Column): Has => {
  const read = jsonOf(column)
  return (cells) => {
    const list = read(cells)
    if (!Array.isArray(list)) return undefined
    // Cast: `isArray` does not narrow a read-only array.
    const elements = list as ReadonlyArray<Marked>
    return (wanted) => elements.some((element) => isEqual(element, wanted))
  }
}

/** An integer is found as one only; a fraction also as an integer. */
const isEqual = (element: Marked, wanted: Wanted): boolean => {
  switch (typeof wanted) {
    case "bigint":
      return integerOf(element) === wanted
    case "number":
      return numberOf(element) === wanted
    case "string":
      return textOf(element) === wanted
    case "boolean":
      return element === wanted
    default:
      return Array.isArray(element) && element.length === wanted.length &&
        wanted.every((it, index) => isEqual(element[index] ?? null, it))
  }
}
