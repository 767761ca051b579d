/** Turns rows into columns, as typed arrays if possible. */
import type { AnyDefinition } from "../../src/schema/decodeSchema.ts"
import type { Field } from "../../src/schema/fieldTypes.ts"
import type { Row } from "./types_exact.ts"

type Columns = { readonly [name: string]: ReadonlyArray<unknown> | ArrayBufferView }

/** Fields that the rows leave out have no column. All dynamic keys go into `$meta`. */
export const columnsOf = ({ fields, options }: AnyDefinition, rows: ReadonlyArray<Row>): Columns => ({
  ...Object.fromEntries(
    Object.entries(fields).filter(([name]) => Object.hasOwn(rows[0]!, name)).map((
      [name, field],
    ) => [name, packed(field, rows.map((row) => row[name]))]),
  ),
  ...(options.dynamicFields === true
    ? { $meta: rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !(name in fields)))) }
    : {}),
})

// Casts: the type of the field determines the type of the values.
const packed = ({ type }: Field, values: ReadonlyArray<unknown>): ReadonlyArray<unknown> | ArrayBufferView => {
  if (values.some((value) => value === null)) return values
  switch (type) {
    case "Bool":
      return Uint8Array.from(values as ReadonlyArray<boolean>, Number)
    case "Int8":
      return Int8Array.from(values as ReadonlyArray<number>)
    case "Int16":
      return Int16Array.from(values as ReadonlyArray<number>)
    case "Int32":
      return Int32Array.from(values as ReadonlyArray<number>)
    case "Int64":
      return BigInt64Array.from(values as ReadonlyArray<number | bigint>, BigInt)
    case "Float":
      return Float32Array.from(values as ReadonlyArray<number>)
    case "Double":
      return Float64Array.from(values as ReadonlyArray<number>)
    case "FloatVector":
    case "Float16Vector":
      return Float32Array.from((values as ReadonlyArray<Float32Array>).flatMap((vector) => [...vector]))
    case "BinaryVector":
      return Uint8Array.from((values as ReadonlyArray<Uint8Array>).flatMap((vector) => [...vector]))
    default:
      return values
  }
}
