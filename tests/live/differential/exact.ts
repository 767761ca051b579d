/** Rows that have to be read after a write, in the exact form of `pymilvus_peer.py`. */
import type { AnyDefinition } from "../../../src/schema/decodeSchema.ts"
import type { Exact } from "../pymilvus_peer.ts"
import { exact, exactJson, type Row } from "../types_exact.ts"

/** Returns rows as texts that are equal if all their bits are, in an order that does not depend on their source. */
export const canonical = (rows: ReadonlyArray<{ readonly [name: string]: Exact }>): ReadonlyArray<string> =>
  rows.map((row) => stable(row)).toSorted()

const stable = (value: Exact): string => {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(stable).join()}]`
  const entries = Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1)
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${stable(each)}`).join()}}`
}

/** Returns a row as it has to be read: with defaults, with null for missing values, and with its generated key. */
export const expectedRow = (
  { fields }: AnyDefinition,
  row: Row,
  id: bigint | string | undefined,
): { readonly [name: string]: Exact } => {
  const declared = Object.entries(fields).map(([name, field]) => {
    const given = Object.hasOwn(row, name) ? row[name] : undefined
    const isAutomatic = field.options.autoId === true
    const value = isAutomatic ? id ?? null : given ?? field.options.default ?? null
    return [name, exact(field, value)] as const
  })
  const dynamic = Object.entries(row).filter(([name, value]) => !Object.hasOwn(fields, name) && value !== undefined)
  return Object.fromEntries([...declared, ...dynamic.map(([name, value]) => [name, exactJson(value)] as const)])
}
