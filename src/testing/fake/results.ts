/** What Query and Search have in common: parameters as they come, and fields of rows as they go. */
import type { FieldData, KeyValuePair } from "../../wire/messages.gen.ts"
import type { Collection, Row } from "./collection.ts"
import { writeColumn } from "./columns.ts"
import type { Partially } from "./contract.ts"
import type { Key } from "./filters.ts"
import { type Field, fieldNamed, type Layout, valueOf } from "./layout.ts"
import { refuseParameter, refuseUnexpected, refuseUnknown } from "./status.ts"

/** The largest window into the results. */
export const windowBound = 16_384

/** Primary keys as Milvus sends them. */
export const idsOf = (primary: Field, keys: ReadonlyArray<Key>) =>
  primary.type === "Int64"
    ? { int_id: { data: keys.filter((key) => typeof key === "bigint") } }
    : { str_id: { data: keys.filter((key) => typeof key === "string") } }

/** A parameter may change what is found: one that is not known is refused. */
export const onlyKnown = (what: string, given: ReadonlyArray<KeyValuePair>, known: ReadonlyArray<string>): void => {
  const other = given.find(({ key }) => !known.includes(key))
  if (other !== undefined) refuseUnknown(`the ${what} "${other.key}"`)
}

/** Refuses an iterator whose collection is another one by now. */
export const checkIdentity = ({ id }: Collection, pairs: ReadonlyArray<KeyValuePair>): void => {
  if ((valueOf(pairs, "collection_id") ?? `${id}`) === `${id}`) return
  refuseParameter(
    "Input collection id is not consistent to collectionID in the context, alias or database may have changed",
  )
}

/** An integer. */
export const readCount = (pairs: ReadonlyArray<KeyValuePair>, key: string): number | undefined => {
  const text = valueOf(pairs, key)
  if (text === undefined) return undefined
  return /^[-+]?\d{1,18}$/.test(text) ? Number(text) : refuseUnexpected(`${key} [${text}] is invalid`)
}

/** The fields of names, with `*` for all; a name that is no field's is for the dynamic one, which comes whole. */
export const outputs = ({ layout }: Collection, given: ReadonlyArray<string>) => {
  const names = [...new Set(given.flatMap((name) => name === "*" ? layout.fields.map((field) => field.name) : [name]))]
  const fields = new Set(
    names.map((name) => fieldNamed(layout, name) ?? dynamicOf(layout, name)),
  )
  return { names, fields: [...fields] }
}

/** The dynamic field, for the name of a key or a path that begins with one. */
const dynamicOf = ({ dynamic }: Layout, name: string): Field => {
  if (dynamic === undefined) return refuseUnexpected(`field ${name} not exist`)
  return /^[A-Za-z_$]\w*(\[.+\])*$/.test(name) ? dynamic : refuseUnexpected(`parse output field name failed: ${name}`)
}

/** A column for each field. */
export const columns = (fields: ReadonlyArray<Field>, rows: ReadonlyArray<Row>): ReadonlyArray<Partially<FieldData>> =>
  fields.map((field) => writeColumn(field, rows.map((row) => row.cells.get(field.name) ?? null)))
