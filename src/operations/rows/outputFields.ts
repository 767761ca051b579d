/**
 * The fields that a read asks for, and what of a reply they are: servers send more than was asked for, such as every
 * key of the dynamic field for one of them, or all fields for none.
 */
import type { Column } from "../../codec/mod.ts"
import { throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import { isLite } from "../shared/server.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { vectorTypes } from "../../schema/typeNames.ts"

/** What a read asks for. */
export interface Outputs {
  /** The names as they are sent. */
  readonly requested: ReadonlyArray<string>
  /** The names that the caller gave; `undefined` for all fields. */
  readonly names: ReadonlySet<string> | undefined
}

/** The name of the dynamic field. */
const dynamicField = "$meta"

/** What to ask a server for: `key` too, if it is given. */
export const outputsOf = (
  connection: Connection.Connection,
  definition: AnyDefinition | undefined,
  given: ReadonlyArray<string>,
  key?: string,
): Outputs => {
  // milvus-lite would send the keys alone that are asked for: the column of the dynamic field is alike on every server.
  const hasDynamic = isLite(connection) && definition?.options.dynamicFields === true
  const isSent = (name: string) =>
    isReadable(name) && !(hasDynamic && isName.test(name) && !Object.hasOwn(definition.fields, name))
  // What is not an identifier is a key of the dynamic field, which some servers cannot be asked for by such a name.
  const sent = given.map((name) => isSent(name) ? name : dynamicField)
  const requested = [...new Set(key === undefined || given.includes("*") ? sent : [...sent, key])]
  return { requested, names: given.includes("*") ? undefined : new Set(given) }
}

const isName = /^[A-Za-z_]\w*$/

/** A name of a field, or of a member of an array of structs, or one with a meaning of its own. */
const isReadable = (name: string): boolean =>
  /^[A-Za-z_]\w*(\[[A-Za-z_]\w*\])?$/.test(name) || name === "*" || name === dynamicField || name === "count(*)"

/** What of a reply the caller gets. */
export interface Selection {
  /** Columns of fields that were asked for, and of the dynamic one if one of its keys was. */
  readonly columns: ReadonlyArray<Column>
  /** The keys of the dynamic field; `undefined` for all. */
  readonly dynamicKeys: ReadonlySet<string> | undefined
}

/**
 * The part of a reply that was asked for, with the columns of `keys` too. Throws `CodecError` if a field is missing
 * that a server ought to have sent.
 */
export const selectOutputs = (
  { names }: Outputs,
  columns: ReadonlyArray<Column>,
  rows: number,
  collection: string,
  keys: ReadonlySet<string>,
): Selection => {
  if (names === undefined) return { columns, dynamicKeys: undefined }
  const fields = new Set(columns.filter(({ isDynamic }) => !isDynamic).map(({ fieldName }) => fieldName))
  const structs = new Set([...names].map((name) => name.split("[")[0]!))
  const isField = (name: string) => fields.has(name) || isReadable(name) && fields.has(name.split("[")[0]!)
  const dynamic = [...names].filter((name) => !isField(name))
  const hasDynamic = columns.some(({ isDynamic }) => isDynamic)
  const [unknown] = dynamic
  if (unknown !== undefined && !hasDynamic && columns.length + rows > 0) {
    throwValue(unknown, undefined, `a field of "${collection}" on the server`)
  }
  return {
    columns: columns.filter(({ fieldName, isDynamic }) =>
      isDynamic ? dynamic.length > 0 : names.has(fieldName) || structs.has(fieldName) || keys.has(fieldName)
    ),
    dynamicKeys: names.has(dynamicField) ? undefined : new Set(dynamic),
  }
}

/** What a reply says of the primary key. */
interface KeyedReply {
  /** The name of the primary key; empty if the server does not send it. */
  readonly primaryFieldName: string
  readonly fields: ReadonlyArray<Column>
}

/** Refuses a reply of a collection whose primary key has another name than the definition says. Throws `CodecError`. */
export const checkKey = (
  definition: AnyDefinition,
  key: string,
  { primaryFieldName, fields }: KeyedReply,
  hasColumn: boolean,
): void => {
  const isOther = primaryFieldName === ""
    ? hasColumn && fields.length > 0 && !fields.some((column) => column.fieldName === key && !column.isDynamic)
    : primaryFieldName !== key
  if (!isOther) return
  const actual = primaryFieldName === "" ? "does not have it" : `has the primary key "${primaryFieldName}"`
  throwValue(key, undefined, `the primary key of "${definition.name}", but the collection on the server ${actual}`)
}

/**
 * Refuses a reply whose fields are not of the types of the definition or, if all fields were asked for, has not all of
 * them. Throws `CodecError`.
 */
export const checkColumns = (
  { fields, name: collection, options }: AnyDefinition,
  { names }: Outputs,
  columns: ReadonlyArray<Column>,
): void => {
  for (const { fieldName, isDynamic, type } of columns) {
    const field = Object.hasOwn(fields, fieldName) && !isDynamic ? fields[fieldName] : undefined
    if (field === undefined || type === field.type || !compared.has(type) || !compared.has(field.type)) continue
    throwValue(fieldName, undefined, `a field of type ${field.type}; on the server it is one of type ${type}`)
  }
  if (names !== undefined || columns.length === 0) return
  const sent = new Set(columns.map(({ fieldName }) => fieldName))
  const computed = new Set(Object.values(options.functions ?? {}).flatMap(({ output }) => output))
  const missing = Object.keys(fields).find((name) => !sent.has(name) && !computed.has(name))
  if (missing !== undefined) throwValue(missing, undefined, `a field of "${collection}" on the server`)
}

/** Types of which each is read differently. */
const compared: ReadonlySet<string> = new Set([
  "Bool",
  "Int8",
  "Int16",
  "Int32",
  "Int64",
  "Float",
  "Double",
  "VarChar",
  "JSON",
  "Array",
  ...vectorTypes,
])
