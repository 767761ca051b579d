/**
 * The filter functions that search lists: `json_contains`, `array_contains`, their `_all` and `_any`, and comparisons
 * with lists.
 */
import {
  cellOf,
  type Cells,
  type Column,
  compare,
  elementsOf,
  jsonOf,
  kindOfValue,
  type Test,
} from "./filterOperands.ts"
import type { Value } from "./filterSyntax.ts"
import { integerOf, type Marked, numberOf, textOf } from "../state/jsonCell.ts"

/** The constant to search for, or a list of constants. */
export type Wanted = Value | ReadonlyArray<Wanted>

/** An argument of a function, if it consists of constants. */
interface Argument {
  readonly is: string
  readonly value?: Value
  readonly items?: ReadonlyArray<Argument>
}

/** Returns the values of a list, or `undefined` if not all its items are constants. */
export const listValues = (items: ReadonlyArray<Argument>): ReadonlyArray<Value> | undefined => {
  const values = items.flatMap(({ value }) => value === undefined ? [] : [value])
  return values.length === items.length ? values : undefined
}

const wantedOf = ({ value, items }: Argument): Wanted | undefined => {
  if (value !== undefined) return value
  const inner = items?.map(wantedOf)
  return inner === undefined || inner.includes(undefined) ? undefined : inner.filter((it) => it !== undefined)
}

/** Returns the test of a function: whether a list contains a value, all values, or any of them. */
export const containsTest = (
  name: string,
  column: Column,
  given: Argument | undefined,
  throwInvalid: (reason: string) => never,
): Test => {
  const wanted = given && wantedOf(given)
  if (wanted === undefined) return throwInvalid(`${name} needs constants`)
  const isSingle = /contains$/.test(name)
  if (!isSingle && !Array.isArray(wanted)) return throwInvalid(`${name} operation element must be an array`)
  const all = isSingle || !Array.isArray(wanted) ? [wanted] : wanted
  if (isSingle && Array.isArray(wanted) && wanted.some(Array.isArray)) return throwInvalid(`${name} of lists in lists`)
  if (isEmptyList(wanted)) return throwInvalid("a list that is looked for is not empty")
  const membership = column.field.type === "Array" ? inArray(column, all, throwInvalid) : inJson(column)
  const isAll = /all$/.test(name)
  return (cells) => {
    const contains = membership(cells)
    return contains !== undefined && (isAll ? all.every(contains) : all.some(contains))
  }
}

/**
 * Returns the test whether a list is equal to the wanted one. A value that is not a list is neither equal nor unequal.
 */
export const listTest = (
  column: Column,
  wanted: ReadonlyArray<Value>,
  isNot: boolean,
  throwInvalid: (reason: string) => never,
): Test => {
  if (column.field.type === "Array") {
    checkElements(column, wanted, throwInvalid)
    return (cells) => {
      const elements = elementsOf(cellOf(column, cells))
      const isSame = elements.length === wanted.length &&
        elements.every((it, index) => compare(it, wanted[index] ?? "") === 0)
      return isSame !== isNot
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

/** Returns a function that searches the list of a row, or `undefined` if the row has no list. */
type Membership = (cells: Cells) => ((wanted: Wanted) => boolean) | undefined

const inArray = (column: Column, all: ReadonlyArray<Wanted>, throwInvalid: (reason: string) => never): Membership => {
  checkElements(column, all, throwInvalid)
  return (cells) => {
    const elements = elementsOf(cellOf(column, cells))
    return (wanted) => typeof wanted !== "object" && elements.some((it) => compare(it, wanted) === 0)
  }
}

/** Refuses values that the elements of an Array cannot have. */
const checkElements = (column: Column, all: ReadonlyArray<Wanted>, throwInvalid: (reason: string) => never): void => {
  const fits = (wanted: Wanted) => {
    if (typeof wanted === "object") return false
    const kind = kindOfValue(wanted)
    return kind === column.kind || kind === "integer" && column.kind === "float"
  }
  if (!all.every(fits)) throwInvalid("the values are not those of the Array")
  if (new Set(all.map((wanted) => typeof wanted)).size > 1) throwInvalid("a list has values of one type")
}

const inJson = (column: Column): Membership => {
  const read = jsonOf(column)
  return (cells) => {
    const list = read(cells)
    if (!Array.isArray(list)) return undefined
    // Cast: `isArray` does not narrow a read-only array.
    const elements = list as ReadonlyArray<Marked>
    return (wanted) => elements.some((element) => isEqual(element, wanted))
  }
}

/**
 * Whether a value of JSON is equal to a constant. An integer matches only integers; a float also matches an equal
 * integer.
 */
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
