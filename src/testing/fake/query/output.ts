/** Shared by Query and Search: reads parameters, and writes the fields of rows. */
import type { FieldData, KeyValuePair } from "../../../contract/messages.gen.ts"
import type { Collection, Row } from "../state/collection.ts"
import { writeColumn } from "../state/storedColumns.ts"
import type { DeepPartial } from "../contract.ts"
import type { Key } from "./filterParser.ts"
import { type Field, fieldNamed, type Layout, valueOf } from "../state/layout.ts"
import { throwParameter, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"

/** Maximum of offset plus limit, and of the number of query vectors. */
export const maxWindow = 16_384

/** Converts primary keys to the message in which Milvus sends them. */
export const idsOf = (primary: Field, keys: ReadonlyArray<Key>) =>
  primary.type === "Int64"
    ? { int_id: { data: keys.filter((key) => typeof key === "bigint") } }
    : { str_id: { data: keys.filter((key) => typeof key === "string") } }

/** Refuses unknown parameters, because they may change the result. */
export const checkParams = (kind: string, given: ReadonlyArray<KeyValuePair>, known: ReadonlyArray<string>): void => {
  const other = given.find(({ key }) => !known.includes(key))
  if (other !== undefined) throwUnsupported(`the ${kind} "${other.key}"`)
}

/** Refuses an iterator that began on another collection. */
export const checkIdentity = ({ id }: Collection, pairs: ReadonlyArray<KeyValuePair>): void => {
  if ((valueOf(pairs, "collection_id") ?? `${id}`) === `${id}`) return
  throwParameter(
    "Input collection id is not consistent to collectionID in the context, alias or database may have changed",
  )
}

/** Reads an integer parameter. */
export const readCount = (pairs: ReadonlyArray<KeyValuePair>, key: string): number | undefined => {
  const text = valueOf(pairs, key)
  if (text === undefined) return undefined
  return /^[-+]?\d{1,18}$/.test(text) ? Number(text) : throwUnexpected(`${key} [${text}] is invalid`)
}

/** Resolves output names to fields. `*` means all fields. Names of dynamic keys resolve to the whole dynamic field. */
export const outputs = ({ layout }: Collection, given: ReadonlyArray<string>) => {
  const names = [...new Set(given.flatMap((name) => name === "*" ? layout.fields.map((field) => field.name) : [name]))]
  const fields = new Set(
    names.map((name) => fieldNamed(layout, name) ?? dynamicOf(layout, name)),
  )
  return { names, fields: [...fields] }
}

/** Returns the dynamic field for a key or a path that begins with one. */
const dynamicOf = ({ dynamic }: Layout, name: string): Field => {
  if (dynamic === undefined) return throwUnexpected(`field ${name} not exist`)
  return /^[A-Za-z_$]\w*(\[.+\])*$/.test(name) ? dynamic : throwUnexpected(`parse output field name failed: ${name}`)
}

/** Returns a column for each field. */
export const columns = (
  fields: ReadonlyArray<Field>,
  rows: ReadonlyArray<Row>,
): ReadonlyArray<DeepPartial<FieldData>> =>
  fields.map((field) => writeColumn(field, rows.map((row) => row.cells.get(field.name) ?? null)))
