/**
 * Checks the options of a definition at run time, for definitions that the compiler did not check. Rejects, by its
 * name, an option that is unknown, or whose value would be lost or changed on the way to the server.
 */
import type { ConsistencyLevel } from "../codec/messages/searchRequest.ts"
import type { CollectionOptions } from "./definition.ts"
import type { FieldOptions, Warmup } from "./fieldTypes.ts"

/** A mistake in an option. */
export interface OptionProblem {
  /** Name of the option. */
  readonly name: string
  /** The expected value. */
  readonly expected: string
}

/** Returns the first option of a field that is unknown or has a value of another type. */
export const fieldOptionProblem = (options: FieldOptions): OptionProblem | undefined => problem(options, fieldTypes)

/** Returns the first option of a collection that is unknown or has a value of another type. */
export const collectionOptionProblem = (options: CollectionOptions): OptionProblem | undefined =>
  problem(options, collectionTypes)

/** Whether a value is a string without lone surrogates, which UTF-8 cannot encode. */
export const isText = (value: unknown): value is string => typeof value === "string" && value.isWellFormed()

interface OptionType {
  readonly expected: string
  readonly is: (value: unknown) => boolean
}

type Types<Options> = { readonly [Name in keyof Options]-?: OptionType }

const problem = <Options extends object>(options: Options, types: Types<Options>): OptionProblem | undefined => {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (!Object.hasOwn(types, name)) return { name, expected: `a known option (${Object.keys(types).join(", ")})` }
    // Cast: `hasOwn` has checked that it is one of the names.
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
const text: OptionType = { expected: "a well-formed string", is: isText }
const record: OptionType = { expected: "an object", is: isRecord }
/** An option that `validate` checks on its own. */
const unchecked: OptionType = { expected: "a value", is: () => true }

const oneOf = <Value extends string>(...values: ReadonlyArray<Value>): OptionType => ({
  expected: `one of ${values.join(", ")}`,
  // Cast: `includes` accepts any value at run time.
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
  default: unchecked,
  partitionKey: flag,
  clusteringKey: flag,
  dimension: unchecked,
  maxLength: unchecked,
  maxCapacity: unchecked,
  enableAnalyzer: flag,
  enableMatch: flag,
  analyzerParams: record,
  multiAnalyzerParams: record,
  mmap: flag,
  warmup: oneOf<Warmup>("sync", "async", "disable"),
  externalField: text,
  params: recordOf("an object of strings", isText),
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
  shards: unchecked,
  partitions: unchecked,
  ttl: unchecked,
  mmap: flag,
  partitionKeyIsolation: flag,
  allowInsertAutoId: flag,
  properties: recordOf("an object of strings, numbers and booleans", isProperty),
  externalSource: text,
  externalSpec: text,
  fileResourceIds: {
    expected: "an array of integers",
    is: (value) => Array.isArray(value) && Array.from(value).every(isId),
  },
  namespaces: flag,
}
