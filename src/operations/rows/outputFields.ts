/**
 * Output fields of a read: the names for the request, and the selection of these fields from the reply.
 *
 * Servers send more than was asked for, such as all keys of the dynamic field for one of them, or all fields if none
 * was asked for.
 */
import type { Column } from "../../codec/mod.ts"
import { throwValue } from "../../codec/errors.ts"
import type * as Connection from "../../Connection.ts"
import { isLite } from "../shared/server.ts"
import { computedFields } from "../../schema/computedFields.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import { vectorTypes } from "../../schema/typeNames.ts"

/** Output fields of a read. */
export interface Outputs {
  /** Names in the request. */
  readonly requested: ReadonlyArray<string>
  /** Names that the caller asked for; `undefined` for all fields. */
  readonly names: ReadonlySet<string> | undefined
}

/** Name of the dynamic field. */
const dynamicField = "$meta"

/** Returns the output fields for a request, with `key` in addition if it is given. */
export const outputsOf = (
  connection: Connection.Connection,
  definition: AnyDefinition | undefined,
  given: ReadonlyArray<string>,
  key?: string,
): Outputs => {
  if (given.length === 0) return { requested: key === undefined ? [] : [key], names: new Set() }
  // milvus-lite would send only the keys that are asked for. It is asked for the whole dynamic field, so that the
  // column is the same on every server.
  const hasDynamic = isLite(connection) && definition?.options.dynamicFields === true
  const isSent = (name: string) =>
    isReadable(name) && !(hasDynamic && isName.test(name) && !Object.hasOwn(definition.fields, name))
  // A name that is not an identifier is a key of the dynamic field. Some servers refuse such names: they are asked for
  // the whole field.
  const sent = given.map((name) => isSent(name) ? name : dynamicField)
  const requested = [...new Set(key === undefined || given.includes("*") ? sent : [...sent, key])]
  return { requested, names: given.includes("*") ? undefined : new Set(given) }
}

const isName = /^[A-Za-z_]\w*$/

/** Whether a name is that of a field, of a member of an array of structs, or one with a special meaning. */
const isReadable = (name: string): boolean =>
  /^[A-Za-z_]\w*(\[[A-Za-z_]\w*\])?$/.test(name) || name === "*" || name === dynamicField || name === "count(*)"

/** Part of a reply that the caller gets. */
export interface Selection {
  /** Columns of the fields that were asked for, and of the dynamic field if one of its keys was. */
  readonly columns: ReadonlyArray<Column>
  /** Keys of the dynamic field; `undefined` for all. */
  readonly dynamicKeys: ReadonlySet<string> | undefined
}

/**
 * Selects the part of a reply that was asked for, with the columns of `keys` in addition. Throws `CodecError` if the
 * server did not send a field that was asked for.
 */
export const selectOutputs = (
  { names }: Outputs,
  columns: ReadonlyArray<Column>,
  rows: number,
  collection: string,
  keys: ReadonlySet<string>,
): Selection => {
  if (names === undefined) return { columns, dynamicKeys: undefined }
  if (names.size === 0 && keys.size === 0) return nothing
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

const nothing: Selection = { columns: [], dynamicKeys: new Set() }

/** Part of a reply that identifies the primary key. */
interface KeyedReply {
  /** Name of the primary key; empty if the server does not send it. */
  readonly primaryFieldName: string
  readonly fields: ReadonlyArray<Column>
}

/** Checks that the primary key of the collection on the server is that of the definition. Throws `CodecError`. */
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
  const actual = primaryFieldName === "" ? "a reply without it" : `the primary key "${primaryFieldName}" on the server`
  throwValue(key, undefined, `the primary key of "${definition.name}"`, actual)
}

/**
 * Checks that the fields of a reply have the types of the definition and, if all fields were asked for, that none is
 * missing. Throws `CodecError`.
 */
export const checkColumns = (
  { fields, name: collection, options }: AnyDefinition,
  { names }: Outputs,
  columns: ReadonlyArray<Column>,
): void => {
  for (const { fieldName, isDynamic, type } of columns) {
    const field = Object.hasOwn(fields, fieldName) && !isDynamic ? fields[fieldName] : undefined
    if (field === undefined || type === field.type || !compared.has(type) || !compared.has(field.type)) continue
    throwValue(fieldName, undefined, `a field of type ${field.type}`, `type ${type} on the server`)
  }
  if (names !== undefined || columns.length === 0) return
  const sent = new Set(columns.map(({ fieldName }) => fieldName))
  const computed = computedFields(options)
  const missing = Object.keys(fields).find((name) => !sent.has(name) && !computed.has(name))
  if (missing !== undefined) throwValue(missing, undefined, `a field of "${collection}" on the server`)
}

/** Types that are read differently from one another. */
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
