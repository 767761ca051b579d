/** Milvus's names of the options that are sent as key-value pairs, in the order of the newest pymilvus. */
import type { CollectionOptions } from "./definition.ts"
import type { FieldOptions } from "./fieldTypes.ts"

/** Options with Milvus's name of each. */
export type WireNames<Options> = ReadonlyArray<readonly [option: keyof Options, key: string]>

/** Type parameters of a field. */
export const typeParamNames: WireNames<FieldOptions> = [
  ["mmap", "mmap.enabled"],
  ["warmup", "warmup"],
  ["dimension", "dim"],
  ["maxLength", "max_length"],
  ["maxCapacity", "max_capacity"],
  ["enableMatch", "enable_match"],
  ["enableAnalyzer", "enable_analyzer"],
  ["analyzerParams", "analyzer_params"],
  ["multiAnalyzerParams", "multi_analyzer_params"],
]

/** Properties of a collection. */
export const propertyNames: WireNames<CollectionOptions> = [
  ["ttl", "collection.ttl.seconds"],
  ["mmap", "mmap.enabled"],
  ["partitionKeyIsolation", "partitionkey.isolation"],
  ["allowInsertAutoId", "allow_insert_auto_id"],
]

/** Returns the key-value pairs of the options that are set. */
export const pairsOf = <Options extends object>(
  names: WireNames<Options>,
  options: Options,
): ReadonlyArray<readonly [key: string, value: unknown]> =>
  names.flatMap(([option, key]) => options[option] === undefined ? [] : [[key, options[option]] as const])
