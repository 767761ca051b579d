/**
 * Compares a definition with the collection of the same name on a server.
 *
 * Everything that decides which rows are valid, and how they are read, must be equal. Options that only tune the server
 * (descriptions, memory mapping, further parameters) are compared if both sides set them, because servers omit or add
 * them.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { parseJson } from "../codec/parseJson.ts"
import { stringifyJson } from "../codec/stringifyJson.ts"
import type { AnyDefinition } from "./decodeSchema.ts"
import type { CollectionDefinition, CollectionOptions } from "./definition.ts"
import type { AnyField, FieldOptions } from "./fieldTypes.ts"
import type { FunctionDefinition } from "./Functions.ts"
import type { Index } from "./indexTypes.ts"
import type { KeyValuePair } from "./schemaMessages.ts"

/** Options that a server reports with the same value for every collection, so that they are not compared. */
export type Unreported = ReadonlySet<keyof CollectionOptions>

/** Returns the differences, one text each. The result is empty if the collection matches the definition. */
export const differences = (
  wanted: CollectionDefinition,
  actual: AnyDefinition,
  unreported: Unreported,
): ReadonlyArray<string> => [
  ...fieldDifferences(wanted, actual),
  ...recordDifferences("function", wanted.options.functions ?? {}, actual.options.functions ?? {}, functionDifferences),
  ...optionDifferences(wanted.options, actual.options, unreported),
]

const fieldDifferences = (wanted: CollectionDefinition, actual: AnyDefinition): ReadonlyArray<string> =>
  recordDifferences("field", wanted.fields, actual.fields, (what, mine, theirs) => {
    const own = shapeDifferences(what, mine, theirs)
    if ("element" in mine && "element" in theirs) {
      return [...own, ...shapeDifferences(`${what}: element`, mine.element, theirs.element)]
    }
    if (!("members" in mine && "members" in theirs)) return own
    return [...own, ...recordDifferences(`${what}: member`, mine.members, theirs.members, shapeDifferences)]
  })

/** A field without its elements or members. */
type Shape = Pick<AnyField, "options"> & { readonly type: string; readonly dataType?: string | number }

const shapeDifferences = (what: string, wanted: Shape, actual: Shape): ReadonlyArray<string> => {
  const [mine, theirs] = [sizeOf(wanted), sizeOf(actual)]
  // milvus-lite does not report the size of the elements of an array.
  const isSameSize = mine === undefined || theirs === undefined || mine === theirs
  if (nameOf(wanted) !== nameOf(actual) || !isSameSize) {
    return [unequal(`${what} is`, typeText(actual), typeText(wanted))]
  }
  return [...required, ...tuning].flatMap((name) => {
    const [mine, theirs] = [wanted.options[name], actual.options[name]]
    if (name !== "default" && isUnset(mine) && isUnset(theirs)) return []
    if (tuning.has(name) && (isUnset(mine) || isUnset(theirs))) return []
    // A server stores a default in the precision of the field's type, and JSON as text.
    const isRounded = wanted.type === "Float" && typeof mine === "number"
    const show = name.endsWith("Params") ? jsonText : text
    return show(isRounded ? Math.fround(mine) : mine) === show(isRounded ? Math.fround(Number(theirs)) : theirs)
      ? []
      : [unequal(`${what}: ${name} is`, show(theirs), show(mine))]
  })
}

const nameOf = ({ type, dataType = type }: Shape): string => String(dataType)
const sizeOf = ({ options: { dimension, maxLength } }: Shape): number | undefined => dimension ?? maxLength

/** Returns the type with its size, such as `VarChar(100)`, `FloatVector(768)` or `Array`. */
const typeText = (shape: Shape): string => {
  const size = sizeOf(shape)
  return size === undefined ? nameOf(shape) : `${nameOf(shape)}(${size})`
}

const required: ReadonlySet<keyof FieldOptions> = new Set<keyof FieldOptions>([
  "primaryKey",
  "autoId",
  "nullable",
  "default",
  "partitionKey",
  "maxCapacity",
  "enableAnalyzer",
  "enableMatch",
  "analyzerParams",
  "multiAnalyzerParams",
  "externalField",
])

const tuning: ReadonlySet<keyof FieldOptions> = new Set<keyof FieldOptions>([
  "description",
  "clusteringKey",
  "mmap",
  "warmup",
])

const optionDifferences = (
  wanted: CollectionOptions,
  actual: CollectionOptions,
  unreported: Unreported,
): ReadonlyArray<string> => {
  const compare = (name: string, mine: unknown, theirs: unknown): ReadonlyArray<string> =>
    text(mine) === text(theirs) ? [] : [unequal(`${name} is`, text(theirs), text(mine))]
  const compareReported = (name: keyof CollectionOptions, mine: unknown, theirs: unknown) =>
    isUnset(mine) || isUnset(theirs) || unreported.has(name) ? [] : compare(name, mine, theirs)
  const properties = new Map(Object.entries(actual.properties ?? {}))
  return [
    ...compare("dynamicFields", wanted.dynamicFields ?? false, actual.dynamicFields ?? false),
    ...compareReported("consistencyLevel", wanted.consistencyLevel ?? "Bounded", actual.consistencyLevel ?? "Bounded"),
    ...compare("ttl", ttlText(wanted.ttl), ttlText(actual.ttl)),
    ...compare("allowInsertAutoId", wanted.allowInsertAutoId ?? false, actual.allowInsertAutoId ?? false),
    ...compare("externalSource", wanted.externalSource ?? "", actual.externalSource ?? ""),
    ...compare("externalSpec", wanted.externalSpec ?? "", actual.externalSpec ?? ""),
    ...compare("namespaces", wanted.namespaces ?? false, actual.namespaces ?? false),
    ...compareReported("description", wanted.description, actual.description),
    ...compareReported("shards", wanted.shards, actual.shards),
    ...compareReported("partitions", wanted.partitions, actual.partitions),
    ...compareReported("mmap", wanted.mmap, actual.mmap),
    ...compareReported("partitionKeyIsolation", wanted.partitionKeyIsolation, actual.partitionKeyIsolation),
    ...Object.entries(wanted.properties ?? {}).flatMap(([key, value]) =>
      properties.has(key) ? compare(`property "${key}"`, String(value), String(properties.get(key))) : []
    ),
  ]
}

/** Returns a TTL as text. With 0, as without a TTL, rows never expire. */
const ttlText = (ttl: Duration.Input | undefined): string => {
  const duration = ttl === undefined ? Duration.zero : Option.getOrElse(Duration.fromInput(ttl), () => Duration.zero)
  return Duration.isZero(duration) ? "none" : `${Duration.toSeconds(duration)} s`
}

const recordDifferences = <A>(
  what: string,
  wanted: Readonly<Record<string, A>>,
  actual: Readonly<Record<string, A>>,
  compare: (what: string, wanted: A, actual: A) => ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const [mine, theirs] = [new Map(Object.entries(wanted)), new Map(Object.entries(actual))]
  return [...new Set([...mine.keys(), ...theirs.keys()])].flatMap((name) => {
    const [one, other] = [mine.get(name), theirs.get(name)]
    if (one === undefined) return [`${what} "${name}" is only on the server`]
    if (other === undefined) return [`${what} "${name}" is not on the server`]
    return compare(`${what} "${name}"`, one, other)
  })
}

const functionDifferences = (what: string, wanted: FunctionDefinition, actual: FunctionDefinition) => {
  const show = ({ type, input, output, params = {} }: FunctionDefinition): string =>
    text([type, input, output, Object.entries(params).map(([key, value]) => `${key}=${jsonText(value)}`).toSorted()])
  return show(wanted) === show(actual) ? [] : [unequal(`${what} is`, show(actual), show(wanted))]
}

/** Returns the differences between an index of the definition and one of the server. */
export const indexDifferences = (
  field: string,
  wanted: Index,
  actual: { readonly index_name: string; readonly params: ReadonlyArray<KeyValuePair> },
): ReadonlyArray<string> => {
  const theirs = indexParams(actual.params)
  const compare = (name: string, mine: unknown, other: string | undefined): ReadonlyArray<string> =>
    mine === undefined || other === undefined || String(mine) === other
      ? []
      : [unequal(`index of "${field}": ${name} is`, other, String(mine))]
  return [
    ...compare("name", wanted.name, actual.index_name),
    // The server reports AUTOINDEX either as such, or as the type that it chose.
    ...wanted.type === "AUTOINDEX" ? [] : compare("type", wanted.type, theirs.get("index_type")),
    ...compare("metric", wanted.metric, theirs.get("metric_type")),
    ...Object.entries(wanted.params).flatMap(([key, value]) => compare(key, value, theirs.get(key))),
  ]
}

/** Decodes the parameters of an index. Some servers send each build parameter, others all of them as one JSON text. */
export const indexParams = (pairs: ReadonlyArray<KeyValuePair>): ReadonlyMap<string, string> => {
  const all = new Map(pairs.map(({ key, value }) => [key, value]))
  const params = parsed(all.get("params") ?? "")
  if (typeof params !== "object" || params === null) return all
  return new Map([...Object.entries(params).map(([key, value]) => [key, String(value)] as const), ...all])
}

const unequal = (what: string, actual: string, wanted: string): string =>
  `${what} ${actual} on the server, ${wanted} in the definition`

/** Whether a server may report the value for an option that was never set. */
const isUnset = (value: unknown): boolean => value === undefined || value === false || value === ""

/** Returns the same text for equal values, in any order of their keys. Whole numbers may be bigints. */
const text = (value: unknown): string => {
  if (value === undefined) return "not set"
  if (typeof value === "bigint" || typeof value === "number") return String(value)
  return stringifyJson(sorted(value))
}

const sorted = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const entries = Object.entries(value).map(([key, inner]) => [key, sorted(inner)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : 1))
}

/** Like {@linkcode text}, for a value or the JSON text of it from a server. */
const jsonText = (value: unknown): string => text(typeof value === "string" ? parsed(value) ?? value : value)

const parsed = (value: string): unknown => {
  try {
    return parseJson(value)
  } catch {
    return undefined
  }
}
