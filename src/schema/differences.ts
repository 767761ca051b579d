/**
 * How a definition differs from what a server reports of the collection of that name.
 *
 * Everything that decides which rows fit, and what is read, must be equal. What only tunes the server (texts for
 * people, mapping from disk, further parameters) is compared if both sides name it: servers leave such things out, or
 * add them.
 *
 * @module
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

/** Options that a server reports alike for every collection, so that they are not compared. */
export type Unreported = ReadonlySet<keyof CollectionOptions>

/** The differences, one text each; none if the collection is what the definition says. */
export const differences = (
  wanted: CollectionDefinition,
  there: AnyDefinition,
  unreported: Unreported,
): ReadonlyArray<string> => [
  ...fieldDifferences(wanted, there),
  ...recordDifferences("function", wanted.options.functions ?? {}, there.options.functions ?? {}, functionDifferences),
  ...optionDifferences(wanted.options, there.options, unreported),
]

const fieldDifferences = (wanted: CollectionDefinition, there: AnyDefinition): ReadonlyArray<string> =>
  recordDifferences("field", wanted.fields, there.fields, (what, mine, theirs) => {
    const own = shapeDifferences(what, mine, theirs)
    if ("element" in mine && "element" in theirs) {
      return [...own, ...shapeDifferences(`${what}: element`, mine.element, theirs.element)]
    }
    if (!("members" in mine && "members" in theirs)) return own
    return [...own, ...recordDifferences(`${what}: member`, mine.members, theirs.members, shapeDifferences)]
  })

/** A field, aside from what is inside of it. */
type Shape = Pick<AnyField, "options"> & { readonly type: string; readonly dataType?: string | number }

const shapeDifferences = (what: string, wanted: Shape, there: Shape): ReadonlyArray<string> => {
  const [mine, theirs] = [sizeOf(wanted), sizeOf(there)]
  // milvus-lite does not report the size of what is inside of an array.
  const isSize = mine === undefined || theirs === undefined || mine === theirs
  if (nameOf(wanted) !== nameOf(there) || !isSize) return [unequal(`${what} is`, typeText(there), typeText(wanted))]
  return [...required, ...tuning].flatMap((name) => {
    const [mine, theirs] = [wanted.options[name], there.options[name]]
    if (name !== "default" && isUnset(mine) && isUnset(theirs)) return []
    if (tuning.has(name) && (isUnset(mine) || isUnset(theirs))) return []
    // A server keeps a default as the type of the field can, and JSON as text.
    const isRounded = wanted.type === "Float" && typeof mine === "number"
    const show = name.endsWith("Params") ? jsonText : text
    return show(isRounded ? Math.fround(mine) : mine) === show(isRounded ? Math.fround(Number(theirs)) : theirs)
      ? []
      : [unequal(`${what}: ${name} is`, show(theirs), show(mine))]
  })
}

const nameOf = ({ type, dataType = type }: Shape): string => String(dataType)
const sizeOf = ({ options: { dimension, maxLength } }: Shape): number | undefined => dimension ?? maxLength

/** Such as `VarChar(100)`, `FloatVector(768)` or `Array`. */
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
  there: CollectionOptions,
  unreported: Unreported,
): ReadonlyArray<string> => {
  const compare = (name: string, mine: unknown, theirs: unknown): ReadonlyArray<string> =>
    text(mine) === text(theirs) ? [] : [unequal(`${name} is`, text(theirs), text(mine))]
  const compareReported = (name: keyof CollectionOptions, mine: unknown, theirs: unknown) =>
    isUnset(mine) || isUnset(theirs) || unreported.has(name) ? [] : compare(name, mine, theirs)
  const properties = new Map(Object.entries(there.properties ?? {}))
  return [
    ...compare("dynamicFields", wanted.dynamicFields ?? false, there.dynamicFields ?? false),
    ...compareReported("consistencyLevel", wanted.consistencyLevel ?? "Bounded", there.consistencyLevel ?? "Bounded"),
    ...compare("ttl", ttlText(wanted.ttl), ttlText(there.ttl)),
    ...compare("allowInsertAutoId", wanted.allowInsertAutoId ?? false, there.allowInsertAutoId ?? false),
    ...compare("externalSource", wanted.externalSource ?? "", there.externalSource ?? ""),
    ...compare("externalSpec", wanted.externalSpec ?? "", there.externalSpec ?? ""),
    ...compare("namespaces", wanted.namespaces ?? false, there.namespaces ?? false),
    ...compareReported("description", wanted.description, there.description),
    ...compareReported("shards", wanted.shards, there.shards),
    ...compareReported("partitions", wanted.partitions, there.partitions),
    ...compareReported("mmap", wanted.mmap, there.mmap),
    ...compareReported("partitionKeyIsolation", wanted.partitionKeyIsolation, there.partitionKeyIsolation),
    ...Object.entries(wanted.properties ?? {}).flatMap(([key, value]) =>
      properties.has(key) ? compare(`property "${key}"`, String(value), String(properties.get(key))) : []
    ),
  ]
}

/** 0 and none are for ever. */
const ttlText = (ttl: Duration.Input | undefined): string => {
  const duration = ttl === undefined ? Duration.zero : Option.getOrElse(Duration.fromInput(ttl), () => Duration.zero)
  return Duration.isZero(duration) ? "none" : `${Duration.toSeconds(duration)} s`
}

const recordDifferences = <A>(
  what: string,
  wanted: Readonly<Record<string, A>>,
  there: Readonly<Record<string, A>>,
  compare: (what: string, wanted: A, there: A) => ReadonlyArray<string>,
): ReadonlyArray<string> => {
  const [mine, theirs] = [new Map(Object.entries(wanted)), new Map(Object.entries(there))]
  return [...new Set([...mine.keys(), ...theirs.keys()])].flatMap((name) => {
    const [one, other] = [mine.get(name), theirs.get(name)]
    if (one === undefined) return [`${what} "${name}" is only on the server`]
    if (other === undefined) return [`${what} "${name}" is not on the server`]
    return compare(`${what} "${name}"`, one, other)
  })
}

const functionDifferences = (what: string, wanted: FunctionDefinition, there: FunctionDefinition) => {
  const show = ({ type, input, output, params = {} }: FunctionDefinition): string =>
    text([type, input, output, Object.entries(params).map(([key, value]) => `${key}=${jsonText(value)}`).toSorted()])
  return show(wanted) === show(there) ? [] : [unequal(`${what} is`, show(there), show(wanted))]
}

/** The differences of the indexes of a field; none for an index that the server does not have. */
export const indexDifferences = (
  field: string,
  wanted: Index,
  there: { readonly index_name: string; readonly params: ReadonlyArray<KeyValuePair> },
): ReadonlyArray<string> => {
  const theirs = indexParams(there.params)
  const compare = (name: string, mine: unknown, other: string | undefined): ReadonlyArray<string> =>
    mine === undefined || other === undefined || String(mine) === other
      ? []
      : [unequal(`index of "${field}": ${name} is`, other, String(mine))]
  return [
    ...compare("name", wanted.name, there.index_name),
    // The server's choice is reported as such, or as what it chose.
    ...wanted.type === "AUTOINDEX" ? [] : compare("type", wanted.type, theirs.get("index_type")),
    ...compare("metric", wanted.metric, theirs.get("metric_type")),
    ...Object.entries(wanted.params).flatMap(([key, value]) => compare(key, value, theirs.get(key))),
  ]
}

/** What a server reports of an index: some write the build parameters one by one, and some as one JSON text. */
export const indexParams = (pairs: ReadonlyArray<KeyValuePair>): ReadonlyMap<string, string> => {
  const all = new Map(pairs.map(({ key, value }) => [key, value]))
  const params = parsed(all.get("params") ?? "")
  if (typeof params !== "object" || params === null) return all
  return new Map([...Object.entries(params).map(([key, value]) => [key, String(value)] as const), ...all])
}

const unequal = (what: string, there: string, wanted: string): string =>
  `${what} ${there} on the server, ${wanted} in the definition`

/** What a server reports like something that was never asked for. */
const isUnset = (value: unknown): boolean => value === undefined || value === false || value === ""

/** Equal for equal values, whatever the order of their keys; whole numbers may be bigints. */
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

/** As {@linkcode text}, of a value or of the JSON that a server made of it. */
const jsonText = (value: unknown): string => text(typeof value === "string" ? parsed(value) ?? value : value)

const parsed = (value: string): unknown => {
  try {
    return parseJson(value)
  } catch {
    return undefined
  }
}
