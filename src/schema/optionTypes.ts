/**
 * What each option of a definition may be, for definitions whose types the compiler did not see: an option that is not known,
 * or whose value would be lost or changed on its way to the server, is refused by its name.
 *
 * @module
 */
import type { ConsistencyLevel } from "../codec/messages/searchRequest.ts"
import type { CollectionOptions } from "./definition.ts"
import type { FieldOptions, Warmup } from "./fieldTypes.ts"

/** A mistake in an option. */
export interface OptionProblem {
  /** Which one. */
  readonly name: string
  /** What would have been right. */
  readonly expected: string
}

/** The first option of a field that is not known, or is not of its type. */
export const fieldOptionProblem = (options: FieldOptions): OptionProblem | undefined => problem(options, fieldTypes)

/** The first option of a collection that is not known, or is not of its type. */
export const collectionOptionProblem = (options: CollectionOptions): OptionProblem | undefined =>
  problem(options, collectionTypes)

/** Whether a value is text that UTF-8 holds. */
export const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed()

interface OptionType {
  readonly expected: string
  readonly is: (value: unknown) => boolean
}

type Types<Options> = { readonly [Name in keyof Options]-?: OptionType }

const problem = <Options extends object>(options: Options, types: Types<Options>): OptionProblem | undefined => {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (!Object.hasOwn(types, name)) return { name, expected: `one of the options ${Object.keys(types).join(", ")}` }
    // Cast: it is one of the names.
    const { expected, is } = types[name as keyof Options]
    if (!is(value)) return { name, expected }
  }
  return undefined
}

const isRecord = (value: unknown): value is { readonly [name: string]: unknown } => {
  if (typeof value !== "object" || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const flag: OptionType = { expected: "true or false", is: (value) => typeof value === "boolean" }
const text: OptionType = { expected: "well-formed text", is: isText }
const record: OptionType = { expected: "an object by names", is: isRecord }
/** Looked at more closely in another place. */
const any: OptionType = { expected: "a value", is: () => true }

const oneOf = <Value extends string>(...values: ReadonlyArray<Value>): OptionType => ({
  expected: `one of ${values.join(", ")}`,
  // Cast: any value can be looked for.
  is: (value) => values.includes(value as Value),
})

const recordOf = (expected: string, is: (value: unknown) => boolean): OptionType => ({
  expected,
  is: (value) => isRecord(value) && Object.entries(value).every(([key, each]) => isText(key) && is(each)),
})

const fieldTypes: Types<FieldOptions> = {
  description: text,
  primaryKey: flag,
  autoId: flag,
  nullable: flag,
  default: any,
  partitionKey: flag,
  clusteringKey: flag,
  dimension: any,
  maxLength: any,
  maxCapacity: any,
  enableAnalyzer: flag,
  enableMatch: flag,
  analyzerParams: record,
  multiAnalyzerParams: record,
  mmap: flag,
  warmup: oneOf<Warmup>("sync", "async", "disable"),
  externalField: text,
  params: recordOf("an object of texts", isText),
}

const isProperty = (value: unknown): boolean => typeof value === "boolean" || Number.isFinite(value) || isText(value)

const isId = (value: unknown): boolean =>
  typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value)

const collectionTypes: Types<CollectionOptions> = {
  description: text,
  dynamicFields: flag,
  functions: record,
  indexes: record,
  consistencyLevel: oneOf<ConsistencyLevel>("Strong", "Session", "Bounded", "Eventually", "Customized"),
  shards: any,
  partitions: any,
  ttl: any,
  mmap: flag,
  partitionKeyIsolation: flag,
  allowInsertAutoId: flag,
  properties: recordOf("an object of texts, numbers and booleans", isProperty),
  externalSource: text,
  externalSpec: text,
  fileResourceIds: {
    expected: "an array of integers",
    is: (value) => Array.isArray(value) && Array.from(value).every(isId),
  },
  namespaces: flag,
}
