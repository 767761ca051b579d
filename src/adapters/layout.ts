/** The fields of a collection that a store of a framework uses, and the rows that it writes and reads. */
import { paramError } from "../config/params.ts"
import { describeValue, throwValue } from "../codec/errors.ts"
import type * as Collection from "../operations/Collection.ts"
import * as Field from "../schema/Field.ts"
import { computedFields } from "../schema/computedFields.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type * as Index from "../schema/indexes.ts"
import { own } from "../schema/own.ts"
import { isVector } from "../schema/typeNames.ts"
import { metadataPlaces } from "./metadataFields.ts"
import type { FindPlace } from "./metadataFilter.ts"

/** Names of fields. */
export interface FieldNames {
  /** The field of the text; `undefined` if rows have none. */
  readonly text: string | undefined
  /** The vector field. Default: the only one with dense vectors. */
  readonly vector: string | undefined
  /** The JSON field of the metadata. Default: `metadata` if it exists, or else a field or dynamic key for each key. */
  readonly metadata: string | undefined
}

/** The fields of a collection, as a store uses them. */
export interface Layout {
  /** The collection. */
  readonly definition: AnyDefinition
  /** The primary key. */
  readonly key: string
  /** The field of the text. */
  readonly text: string | undefined
  /** The vector field. */
  readonly vector: string
  /** The JSON field of the metadata; `undefined` if its keys are fields and dynamic keys. */
  readonly metadata: string | undefined
  /** The fields whose values a row has when it is read, and that are not written: functions compute them. */
  readonly computed: ReadonlySet<string>
  /** Where each key of the metadata is. */
  readonly find: FindPlace
  /** Output fields for the text and the metadata. */
  readonly outputs: ReadonlyArray<string>
}

/** Name of the JSON field of metadata, by default. */
const metadataName = "metadata"

/** Largest number of bytes of an id. */
const idBytes = 512
/** Largest number of bytes of a text that Milvus has. */
const textBytes = 65_535

/** Returns the definition of a collection for ids, vectors and metadata, and for texts if they have a field. */
export const makeDefinition = (
  name: string,
  dimension: number,
  { text, vector, metadata }: FieldNames,
  index: Index.Index,
  level: Collection.ConsistencyLevel,
): AnyDefinition => ({
  name,
  fields: {
    id: Field.varChar({ primaryKey: true, maxLength: idBytes }),
    ...text === undefined ? {} : { [text]: Field.varChar({ maxLength: textBytes }) },
    [metadata ?? metadataName]: Field.json(),
    [vector ?? "vector"]: Field.floatVector({ dimension }),
  },
  options: { indexes: { [vector ?? "vector"]: index }, consistencyLevel: level },
})

/** Finds the fields of a store in a collection. Throws `ParamError` if it does not have them. */
export const layoutOf = (definition: AnyDefinition, names: FieldNames): Layout => {
  const { fields, options } = definition
  const key = Object.keys(fields).find((name) => fields[name]?.options.primaryKey === true)
  if (key === undefined) throw paramError("collection", `"${definition.name}" to have a primary key`)
  const { text } = names
  if (text !== undefined && !["VarChar", "Text"].includes(own(fields, text)?.type ?? "")) {
    throw paramError("textField", `the name of a text field of "${definition.name}"`, text)
  }
  const vector = vectorOf(definition, names.vector)
  const metadata = metadataOf(definition, names.metadata)
  const computed = computedFields(options)
  const isMetadata = (name: string) => {
    const field = own(fields, name)
    return name !== text && name !== key && !computed.has(name) && field !== undefined && !isVector(field) &&
      field.type !== "ArrayOfStruct"
  }
  const outputs = metadata !== undefined
    ? [metadata]
    : [...Object.keys(fields).filter(isMetadata), ...options.dynamicFields === true ? ["$meta"] : []]
  return {
    definition,
    key,
    text,
    vector,
    metadata,
    computed,
    find: metadataPlaces(definition, metadata),
    outputs: text === undefined ? outputs : [text, ...outputs],
  }
}

/** The types of vectors that embedding models make, and that are read as numbers. */
const denseTypes: ReadonlySet<string> = new Set(["FloatVector", "Float16Vector", "BFloat16Vector"])

const vectorOf = ({ name, fields }: AnyDefinition, given: string | undefined): string => {
  const dense = Object.keys(fields).filter((field) => denseTypes.has(fields[field]?.type ?? ""))
  const [first] = dense
  if (given !== undefined) {
    if (!dense.includes(given)) {
      throw paramError("vectorField", `the name of a field of "${name}" with dense vectors`, given)
    }
    return given
  }
  if (first === undefined) throw paramError("collection", `"${name}" to have a field with dense vectors`)
  if (dense.length > 1) throw paramError("vectorField", `one of ${dense.join(", ")}`)
  return first
}

const metadataOf = ({ name, fields }: AnyDefinition, given: string | undefined): string | undefined => {
  if (own(fields, given ?? metadataName)?.type === "JSON") return given ?? metadataName
  if (given !== undefined) throw paramError("metadataField", `the name of a JSON field of "${name}"`, given)
  return undefined
}

/** A document to write. */
export interface Entry {
  /** The id; `undefined` if Milvus generates it. */
  readonly id: string | undefined
  /** The text, if rows have one. */
  readonly text: string | undefined
  /** The vector. */
  readonly vector: ReadonlyArray<number>
  /** The metadata. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Returns the row of a document. Throws `CodecError` if a key of the metadata is the name of another field. */
export const rowOf = (
  layout: Layout,
  { id, text, vector, metadata }: Entry,
  row: number,
): Readonly<Record<string, unknown>> => ({
  ...valuesOf(layout, metadata, row),
  ...id === undefined ? {} : { [layout.key]: keyOf(layout, id, row) },
  ...layout.text === undefined ? {} : { [layout.text]: text },
  [layout.vector]: vector,
})

/** Returns the values of metadata by field. */
const valuesOf = (layout: Layout, metadata: Entry["metadata"], row: number): Readonly<Record<string, unknown>> => {
  if (layout.metadata !== undefined) return { [layout.metadata]: metadata }
  const taken = [layout.key, layout.text, layout.vector].find((name) =>
    name !== undefined && Object.hasOwn(metadata, name)
  )
  return taken === undefined
    ? metadata
    : throwValue(taken, row, "metadata without the name of this field; a JSON field of metadata may have any key")
}

/** Returns an id as a primary key. Throws `CodecError` if it is not one. */
export const keyOf = ({ definition, key }: Layout, id: unknown, row?: number): string | bigint => {
  if (definition.fields[key]?.type !== "Int64") {
    return typeof id === "string" ? id : throwValue(key, row, "an id that is text", describeValue(id))
  }
  return typeof id === "string" && /^(0|-?[1-9]\d{0,18})$/.test(id)
    ? BigInt(id)
    : throwValue(key, row, "the digits of a 64-bit integer, as the primary key of the collection", describeValue(id))
}

/** Whether Milvus generates the ids. */
export const hasAutoId = ({ definition, key }: Layout): boolean => definition.fields[key]?.options.autoId === true

/** Returns the row that replaces one that was read. It keeps all values that neither change nor are computed. */
export const changedRow = (
  layout: Layout,
  before: Readonly<Record<string, unknown>>,
  { vector, metadata }: { readonly [name in "vector" | "metadata"]?: Entry[name] | undefined },
  row: number,
): Readonly<Record<string, unknown>> => {
  const { definition: { fields }, computed, outputs, text } = layout
  const isReplaced = (name: string) =>
    metadata !== undefined && layout.metadata === undefined && name !== text &&
    (outputs.includes(name) || !Object.hasOwn(fields, name))
  return {
    ...Object.fromEntries(Object.entries(before).filter(([name]) => !computed.has(name) && !isReplaced(name))),
    ...metadata === undefined ? {} : valuesOf(layout, metadata, row),
    ...vector === undefined ? {} : { [layout.vector]: vector },
  }
}

/** Says why ids are refused where Milvus generates them. */
export const generatedIds = ({ definition }: Layout): string =>
  `no ids: Milvus generates those of "${definition.name}", and gives a row that is replaced a new one`

/** Returns the metadata of a row that was read. */
export const metadataIn = (layout: Layout, row: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { metadata, key, text, vector } = layout
  if (metadata === undefined) {
    return Object.fromEntries(Object.entries(row).filter(([name]) => name !== key && name !== text && name !== vector))
  }
  const value = row[metadata]
  // Cast: an object has values by name. Another client may have written a list, or none.
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {}
}
