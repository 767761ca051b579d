/** Parses and prints fields and indexes in shell syntax: `title VarChar(200) nullable`, `vector HNSW COSINE M=16`. */
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

/** Parses a field: `title VarChar(200) nullable`. */
export const parseField = (text: string): Effect.Effect<readonly [name: string, field: AnyField], UsageError> => {
  const [name = "", type = "", ...words] = text.trim().split(/\s+/)
  const base = typeOf(type)
  const unknown = words.find((word) => !Object.hasOwn(options, word.toLowerCase()))
  if (name === "" || base === undefined || unknown !== undefined) {
    const what = base === undefined
      ? `"${type}" is not a type; types: ${[...scalarTypes, ...vectorTypes].join(", ")}, Array<TYPE>(N)`
      : `"${unknown}" is not an option`
    return Effect.fail(
      new UsageError({
        reason: `--field "${text}": ${name === "" ? "the value is empty" : what}`,
        hint: `write ${fieldForms}`,
      }),
    )
  }
  const all = Object.assign({}, base.options, ...words.map((word) => options[word.toLowerCase()]))
  // Cast: options that do not fit the type are rejected when the collection is created.
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
  // Other types do not have a size, and a sparse vector does not have a dimension.
  return isVector({ type }) && type !== "SparseFloatVector" ? { type, options: { dimension: Number(size) } } : undefined
}

/** Parses an index: `vector HNSW COSINE M=16`. The type defaults to AUTOINDEX. */
export const parseIndex = (text: string): Effect.Effect<readonly [field: string, index: OtherIndex], UsageError> => {
  const [field = "", ...words] = text.trim().split(/\s+/)
  const [type = "AUTOINDEX", metric, ...others] = words.filter((word) => !word.includes("="))
  return field === "" || others.length > 0
    ? Effect.fail(
      new UsageError({
        reason: field === "" ? "--index is empty" : `--index "${text}": unexpected "${others.join(" ")}"`,
        hint: 'write "FIELD [TYPE] [METRIC] [KEY=VALUE ...]"',
      }),
    )
    : Effect.map(
      parseParams(words.filter((word) => word.includes("="))),
      (params) => [field, makeIndex(type, metric, params)],
    )
}

/** Makes an index of any type. */
export const makeIndex = (type: string, metric: string | undefined, params: OtherIndex["params"]): OtherIndex => ({
  // Trie is the only type that Milvus does not write in capitals.
  type: /^trie$/i.test(type) ? "Trie" : type.toUpperCase(),
  ...(metric === undefined ? {} : { metric: metric.toUpperCase() }),
  params,
  other: true,
})

/** Parses `KEY=VALUE` pairs. Each key may occur once. */
export const parsePairs = (
  pairs: ReadonlyArray<string>,
): Effect.Effect<ReadonlyArray<readonly [key: string, value: string]>, UsageError> => {
  const wrong = pairs.find((pair) => !/^[^=]+=/.test(pair))
  if (wrong !== undefined) {
    return Effect.fail(
      new UsageError({ reason: `"${wrong}" is not a parameter`, hint: "write KEY=VALUE, such as M=16" }),
    )
  }
  return eachOnce(
    pairs.map((pair) => {
      const at = pair.indexOf("=")
      return [pair.slice(0, at), pair.slice(at + 1)] as const
    }),
    "parameter",
  )
}

/** Parses `M=16`. Values that look like numbers or booleans become such, if a number keeps all digits. */
export const parseParams = (pairs: ReadonlyArray<string>): Effect.Effect<OtherIndex["params"], UsageError> =>
  Effect.map(
    parsePairs(pairs),
    (entries) => Object.fromEntries(entries.map(([key, value]) => [key, paramOf(value)])),
  )

const paramOf = (text: string): string | number | boolean => {
  if (text === "true" || text === "false") return text === "true"
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text) && Number.isFinite(Number(text))
  // An integer beyond the safe range stays text, which is the form in which servers get it anyway.
  return isNumber && (!/^-?\d+$/.test(text) || Number.isSafeInteger(Number(text))) ? Number(text) : text
}

/** Fails if a key occurs twice: otherwise the first value would be lost silently. */
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

/** Returns the default metric of a field: Milvus requires one for each vector index. */
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

/** Returns a type in shell syntax. */
export const typeText = (field: AnyField | ArrayField["element"]): string => {
  const { maxLength, dimension, maxCapacity } = field.options
  // Cast: the type "Array" implies an array field.
  if (field.type === "Array") return `Array<${typeText((field as ArrayField).element)}>(${maxCapacity})`
  const size = maxLength ?? dimension
  const name = field.type === "Other" && "dataType" in field ? String(field.dataType) : field.type
  return size === undefined ? name : `${name}(${size})`
}

/** Returns the options of a field in shell syntax. */
export const fieldMarks = ({ options: given }: AnyField): string =>
  Object.entries(options).filter(([, option]) =>
    // Cast: these are the keys of an options object.
    Object.keys(option).every((name) => given[name as keyof FieldOptions] === true)
  ).map(([word]) => word).join(" ")

/** Returns the fields of a definition as rows of a table. */
export const fieldRows = ({ fields }: AnyDefinition) =>
  Object.entries(fields).map(([name, field]) => ({
    field: name,
    type: typeText(field),
    options: fieldMarks(field),
    description: field.options.description,
  }))
