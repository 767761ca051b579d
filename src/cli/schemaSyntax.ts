/** Fields and indexes as people write them in a shell: `title VarChar(200) nullable`, `vector HNSW COSINE M=16`. */
import * as Effect from "effect/Effect"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { AnyField, ArrayField, FieldOptions } from "../schema/fieldTypes.ts"
import { isVector, scalarTypes, vectorTypes } from "../schema/typeNames.ts"
import type { OtherIndex } from "../schema/indexTypes.ts"
import { UsageError } from "./errors.ts"

const options: Readonly<Record<string, FieldOptions>> = {
  primary: { primaryKey: true },
  auto: { autoId: true },
  nullable: { nullable: true },
  partition: { partitionKey: true },
  clustering: { clusteringKey: true },
  analyzer: { enableAnalyzer: true },
  match: { enableMatch: true },
}

const fieldForms =
  'NAME TYPE [primary] [auto] [nullable] [partition], such as "id Int64 primary" or "title VarChar(200)"'

/** `title VarChar(200) nullable`. */
export const parseField = (text: string): Effect.Effect<readonly [name: string, field: AnyField], UsageError> => {
  const [name = "", type = "", ...words] = text.trim().split(/\s+/)
  const base = typeOf(type)
  const unknown = words.find((word) => !Object.hasOwn(options, word.toLowerCase()))
  if (name === "" || base === undefined || unknown !== undefined) {
    const what = base === undefined
      ? `"${type}" is no type: ${[...scalarTypes, ...vectorTypes].join(", ")}, Array<TYPE>(N)`
      : `"${unknown}" is unknown`
    return Effect.fail(
      new UsageError({
        reason: `--field "${text}": ${name === "" ? "it is empty" : what}`,
        hint: `write ${fieldForms}`,
      }),
    )
  }
  const all = Object.assign({}, base.options, ...words.map((word) => options[word.toLowerCase()]))
  // Cast: what does not fit the type is refused where the collection is created.
  return Effect.succeed([name, { ...base, options: all } as AnyField])
}

const typeOf = (text: string): AnyField | undefined => {
  const [, element, capacity] = /^array<(.+)>\((\d+)\)$/i.exec(text) ?? []
  if (element !== undefined) {
    const inner = typeOf(element)
    // Cast: as above.
    return inner === undefined
      ? undefined
      : { type: "Array", element: inner, options: { maxCapacity: Number(capacity) } } as AnyField
  }
  const [, name = "", size] = /^(\w+)(?:\((\d+)\))?$/.exec(text) ?? []
  const type = [...scalarTypes, ...vectorTypes].find((type) => type.toLowerCase() === name.toLowerCase())
  if (type === undefined) return undefined
  if (size === undefined) return { type, options: {} }
  if (type === "VarChar") return { type, options: { maxLength: Number(size) } }
  // Other types have no size, and a sparse vector has no dimension.
  return isVector({ type }) && type !== "SparseFloatVector" ? { type, options: { dimension: Number(size) } } : undefined
}

/** `vector HNSW COSINE M=16`; the type is AUTOINDEX where it is left out. */
export const parseIndex = (text: string): Effect.Effect<readonly [field: string, index: OtherIndex], UsageError> => {
  const [field = "", ...words] = text.trim().split(/\s+/)
  const [type = "AUTOINDEX", metric, ...others] = words.filter((word) => !word.includes("="))
  return field === "" || others.length > 0
    ? Effect.fail(
      new UsageError({
        reason: field === "" ? "--index is empty" : `--index "${text}": "${others.join(" ")}" is too much`,
        hint: 'write "FIELD [TYPE] [METRIC] [KEY=VALUE ...]"',
      }),
    )
    : Effect.map(
      parseParams(words.filter((word) => word.includes("="))),
      (params) => [field, makeIndex(type, metric, params)],
    )
}

/** An index of any type. */
export const makeIndex = (type: string, metric: string | undefined, params: OtherIndex["params"]): OtherIndex => ({
  // Trie is the only one that is not written in capitals.
  type: /^trie$/i.test(type) ? "Trie" : type.toUpperCase(),
  ...(metric === undefined ? {} : { metric: metric.toUpperCase() }),
  params,
  other: true,
})

/** `KEY=VALUE`, each key once. */
export const parsePairs = (
  pairs: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<readonly [key: string, value: string]>, UsageError> => {
  const wrong = pairs.find((pair) => !/^[^=]+=/.test(pair))
  if (wrong !== undefined) {
    return Effect.fail(new UsageError({ reason: `"${wrong}" is no parameter`, hint: "write KEY=VALUE, such as M=16" }))
  }
  return eachOnce(
    pairs.map((pair) => {
      const at = pair.indexOf("=")
      return [pair.slice(0, at), pair.slice(at + 1)] as const
    }),
    "parameter",
  )
}

/** `M=16`: numbers and booleans are what they look like, as long as a number has the same digits. */
export const parseParams = (pairs: ReadonlyArray<string>): Effect.Effect<OtherIndex["params"], UsageError> =>
  Effect.map(
    parsePairs(pairs),
    (entries) => Object.fromEntries(entries.map(([key, value]) => [key, paramOf(value)])),
  )

const paramOf = (text: string): string | number | boolean => {
  if (text === "true" || text === "false") return text === "true"
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
  // An integer that a number does not hold stays text, which is what servers get in the end.
  return isNumber && (!/^-?\d+$/.test(text) || Number.isSafeInteger(Number(text))) ? Number(text) : text
}

/** Entries whose keys differ: the first of two would be lost without a word. */
export const eachOnce = <Value>(
  entries: ReadonlyArray<readonly [key: string, value: Value]>,
  noun: string,
): Effect.Effect<ReadonlyArray<readonly [key: string, value: Value]>, UsageError> => {
  const keys = entries.map(([key]) => key)
  const twice = keys.find((key, at) => keys.indexOf(key) !== at)
  return twice === undefined
    ? Effect.succeed(entries)
    : Effect.fail(new UsageError({ reason: `expected each ${noun} once, got "${twice}" twice` }))
}

/** The metric for who names none: Milvus wants one for each index of vectors. */
export const defaultMetric = (field: AnyField | undefined): string | undefined => {
  switch (field?.type) {
    case "BinaryVector":
      return "HAMMING"
    case "SparseFloatVector":
      return "IP"
    default:
      return field !== undefined && isVector(field) ? "COSINE" : undefined
  }
}

/** A type as it is written. */
export const typeText = (field: AnyField | ArrayField["element"]): string => {
  const { maxLength, dimension, maxCapacity } = field.options
  // Cast: what has an element is an array.
  if (field.type === "Array") return `Array<${typeText((field as ArrayField).element)}>(${maxCapacity})`
  const size = maxLength ?? dimension
  const name = field.type === "Other" && "dataType" in field ? String(field.dataType) : field.type
  return size === undefined ? name : `${name}(${size})`
}

/** What stands beside the type. */
export const fieldMarks = ({ options: given }: AnyField): string =>
  Object.entries(options).filter(([, option]) =>
    // Cast: the keys of options.
    Object.keys(option).every((name) => given[name as keyof FieldOptions] === true)
  ).map(([word]) => word).join(" ")

/** The fields of a definition as rows. */
export const fieldRows = ({ fields }: AnyDefinition) =>
  Object.entries(fields).map(([name, field]) => ({
    field: name,
    type: typeText(field),
    options: fieldMarks(field),
    description: field.options.description,
  }))
