/** Generates random definitions and rows that a server can store, on which the two clients are compared. */
import * as Field from "../../../src/schema/Field.ts"
import * as Collection from "../../../src/operations/Collection.ts"
import * as Index from "../../../src/operations/Index.ts"
import type { Row } from "../types_exact.ts"
import * as pools from "../types_values.ts"
import { makeRandom, type Random } from "./random.ts"

/** A write: the definition, the rows, and how they are written. */
export interface Case {
  readonly seed: number
  readonly definition: Collection.AnyDefinition
  readonly rows: ReadonlyArray<Row>
  readonly how: "insert" | "upsert"
  /** The rows as columns; absent if they are written as rows. */
  readonly columns: Readonly<Record<string, ReadonlyArray<unknown> | ArrayBufferView>> | undefined
}

/** The types that a server stores. */
export interface Abilities {
  readonly isLite: boolean
}

/** Names with a meaning in JavaScript, Python or Milvus. The last ones cannot be names of fields. */
const fieldNames = [
  ..."constructor __proto__ toString hasOwnProperty valueOf prototype length name meta _meta self values item keys"
    .split(" "),
  ..."A_very_long_name_of_a_field_with_61_characters_in_it_0123456 _ x1 Title title TITLE count_ row rows data".split(
    " ",
  ),
]
const refusedNames = ["$meta", "a b", 'quote"d', "ü", "", "1st", "a.b"]
const dynamicNames = [
  ..."constructor __proto__ toString hasOwnProperty length 0 1e3 $meta.x meta _meta then".split(" "),
  ...["a b", 'quote"d', "quote'd", "schlüssel 🦕", "a.b", "a[0]", "a\\b", " ", "\n", "Title", "null", "true"],
]

/** Returns the case of a seed. */
export const generate = (seed: number, abilities: Abilities): Case => {
  const random = makeRandom(seed)
  const definition = makeDefinition(random, abilities, seed)
  const rows = uniqueRows(
    definition,
    Array.from({ length: 1 + random.int(6) }, () => makeRow(random, definition, abilities)),
  )
  const spoiled = random.chance(0.1) ? spoil(random, definition, rows) : rows
  const how = random.chance(0.3) ? "upsert" : "insert"
  const columns = random.chance(0.5) ? makeColumns(random, definition, spoiled) : undefined
  return { seed, definition, rows: spoiled, how, columns }
}

const makeDefinition = (random: Random, { isLite }: Abilities, seed: number): Collection.AnyDefinition => {
  const names = shuffled(random, fieldNames)
  const refused = shuffled(random, refusedNames)
  const take = () => (random.chance(0.005) ? refused : names).pop()!
  const key = random.chance(0.6)
    ? Field.int64({ primaryKey: true, autoId: random.chance(0.3) })
    : Field.varChar({ primaryKey: true, maxLength: 400, autoId: random.chance(0.05) })
  const fields: Array<readonly [string, Field.AnyField]> = [[take(), key]]
  const indexes: Array<readonly [string, Index.Index]> = []
  const vectors = isLite ? 1 + random.int(3) : 1
  for (let at = 0; at < vectors; at++) {
    const [field, index] = makeVector(random, isLite)
    const name = take()
    fields.push([name, field])
    indexes.push([name, index])
  }
  let hasPartitionKey = false
  for (let left = random.int(7); left > 0; left--) {
    const isPartitionKey: boolean = !hasPartitionKey && random.chance(0.1)
    hasPartitionKey ||= isPartitionKey
    fields.push([take(), isPartitionKey ? makePartitionKey(random) : makeScalar(random, isLite)])
  }
  // Cast: the types are for definitions in source code.
  return Collection.define(
    `differential_${seed}`,
    Object.fromEntries(shuffled(random, fields)),
    {
      indexes: Object.fromEntries(indexes),
      consistencyLevel: "Strong",
      dynamicFields: random.chance(0.5),
    } as object,
  ) as Collection.AnyDefinition
}

const makeVector = (random: Random, isLite: boolean): readonly [Field.AnyField, Index.Index] => {
  const flat = Index.flat({ metric: "L2" })
  if (random.chance(0.25)) {
    return isLite
      ? [Field.sparseFloatVector(), Index.sparseInvertedIndex({ metric: "IP" })]
      : [Field.binaryVector({ dimension: 16 }), Index.binFlat({ metric: "HAMMING" })]
  }
  return [Field.floatVector({ dimension: 4 }), flat]
}

const makePartitionKey = (random: Random): Field.AnyField =>
  random.chance(0.5) ? Field.int64({ partitionKey: true }) : Field.varChar({ partitionKey: true, maxLength: 400 })

const makeScalar = (random: Random, isLite: boolean): Field.AnyField => {
  const nullable = isLite && random.chance(0.35)
  const all: Readonly<Record<string, Field.AnyField>> = {
    ...pools.scalars({ nullable }),
    ...(isLite ? pools.newScalars({ nullable }) : {}),
    ...(random.chance(0.3) ? pools.defaults : {}),
  }
  return random.pick(Object.values(all))
}

/** Extreme values of each type. JSON is an object if the server is an older one. */
const valueOf = (random: Random, field: Field.AnyField, isLite: boolean): unknown => {
  switch (field.type) {
    case "FloatVector":
      return random.chance(0.5)
        ? random.pick(pools.floatVectors)
        : Float32Array.from({ length: 4 }, () => random.next() * 2 - 1)
    case "BinaryVector":
      return random.pick(pools.binaryVectors)
    case "SparseFloatVector":
      return random.pick(pools.sparseVectors)
    case "JSON":
      return isLite && random.chance(0.3) ? [makeJson(random, 2), makeJson(random, 2)] : makeObject(random, 3)
    case "Array": {
      const element = "element" in field ? field.element : undefined
      const pool = element === undefined ? [] : poolOf(element)
      return Array.from({ length: random.int(5) }, () => random.pick(pool))
    }
    default:
      return random.pick(poolOf(field))
  }
}

const poolOf = ({ type }: { readonly type: string }): ReadonlyArray<unknown> => {
  const name = `${type[0]!.toLowerCase()}${type.slice(1)}`
  const pool = ({ ...pools.scalarValues, ...pools.newScalarValues } as pools.Values)[name]
  if (pool === undefined) throw new Error(`there are no values of the type ${type}`)
  return pool
}

const makeJson = (random: Random, depth: number): unknown => {
  const choice = random.int(depth > 0 ? 9 : 7)
  switch (choice) {
    case 0:
      return null
    case 1:
      return random.chance(0.5)
    case 2:
      return random.int(2 ** 31)
    case 3:
      return random.next() * 1e6
    case 4:
      return random.pick([2n ** 53n + 1n, -(2n ** 63n), 2n ** 63n - 1n, 9007199254740993n, 12n])
    case 5:
      return random.pick(["", "text", "🦕 ü", 'quote"d', "\\", "\u2028", "null"])
    case 6:
      return random.pick([
        Int32Array.of(1, -2),
        Float64Array.of(0.1, -1e300),
        Uint8Array.of(),
        BigInt64Array.of(2n ** 60n + 1n),
      ])
    case 7:
      return Array.from({ length: random.int(4) }, () => makeJson(random, depth - 1))
    default:
      return makeObject(random, depth - 1)
  }
}

const makeObject = (random: Random, depth: number): object =>
  Object.fromEntries(
    Array.from({ length: random.int(4) }, () => [random.pick(dynamicNames), makeJson(random, depth)]),
  )

const makeRow = (random: Random, { fields, options }: Collection.AnyDefinition, { isLite }: Abilities): Row => {
  const entries: Array<readonly [string, unknown]> = []
  for (const [name, field] of Object.entries(fields)) {
    if (field.options.autoId === true) continue
    if (field.options.nullable === true && random.chance(0.4)) {
      if (random.chance(0.5)) entries.push([name, random.chance(0.5) ? null : undefined])
    } else if (field.options.default === undefined || random.chance(0.5)) {
      entries.push([name, valueOf(random, field, isLite)])
    }
  }
  if (options.dynamicFields === true) {
    for (let left = random.int(4); left > 0; left--) {
      const name = random.pick(dynamicNames)
      if (!Object.hasOwn(fields, name)) entries.push([name, makeJson(random, 2)])
    }
  }
  return Object.fromEntries(shuffled(random, entries))
}

/** Makes rows with different keys, because the server may keep either of two rows with equal keys. */
const uniqueRows = ({ fields }: Collection.AnyDefinition, rows: ReadonlyArray<Row>): ReadonlyArray<Row> => {
  const key = Object.keys(fields).find((name) => fields[name]!.options.primaryKey === true)!
  if (fields[key]!.options.autoId === true) return rows
  const seen = new Set<unknown>()
  const unique = rows.filter((row) => {
    const id = typeof row[key] === "number" ? BigInt(row[key]) : row[key]
    // Milvus 2.3.5 treats the least and the greatest key of 64 bits differently.
    if (seen.has(id) || pools.outerKeys.includes(id as bigint)) return false
    seen.add(id)
    return true
  })
  return unique.length > 0 ? unique : [{ ...rows[0]!, [key]: 1n }]
}

/** Replaces one value by a value that its field does not accept. */
const spoil = (
  random: Random,
  { fields, options }: Collection.AnyDefinition,
  rows: ReadonlyArray<Row>,
): ReadonlyArray<Row> => {
  if (rows.length === 0) return rows
  const at = random.int(rows.length)
  const [name, field] = random.pick(Object.entries(fields).filter(([, { options }]) => options.autoId !== true))
  const { [name]: _, ...without } = rows[at]!
  const wrong = wrongValue(random, field)
  const row = random.chance(0.2) && options.dynamicFields !== true
    ? { ...rows[at]!, unknown_field: 1 }
    : wrong === missing
    ? without
    : { ...without, [name]: wrong }
  return rows.with(at, row)
}

const missing = Symbol("missing")

const wrongValue = (random: Random, { type, options }: Field.AnyField): unknown => {
  const isOptional = options.nullable === true || options.default !== undefined
  const absent = isOptional ? [] : [null, missing]
  switch (type) {
    case "Int8":
      return random.pick([128, -129, ...absent])
    case "Int16":
      return random.pick([2 ** 15, -(2 ** 15) - 1, ...absent])
    case "Int32":
      return random.pick([2 ** 31, -(2 ** 31) - 1, ...absent])
    case "Int64":
      return random.pick([2n ** 63n, -(2n ** 63n) - 1n, ...absent])
    case "VarChar":
      return random.pick(["語".repeat(140), ...absent])
    case "FloatVector":
      return random.pick([Float32Array.of(1, 2, 3), Float32Array.of(1, 2, 3, 4, 5), new Float32Array(), ...absent])
    case "BinaryVector":
      return random.pick([Uint8Array.of(1), Uint8Array.of(1, 2, 3), ...absent])
    default:
      return random.pick(absent.length === 0 ? [missing] : absent)
  }
}

const makeColumns = (
  random: Random,
  { fields, options }: Collection.AnyDefinition,
  rows: ReadonlyArray<Row>,
): NonNullable<Case["columns"]> => {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const isExtra = (name: string) => options.dynamicFields === true && !Object.hasOwn(fields, name)
  const columns = names.filter((name) => !isExtra(name)).map((name) => {
    const values = rows.map((row) => Object.hasOwn(row, name) ? row[name] : undefined)
    return [name, random.chance(0.5) ? packed(fields, name, values) : values] as const
  })
  const extras = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => isExtra(name))))
  return Object.fromEntries([
    ...shuffled(random, columns),
    ...(options.dynamicFields === true ? [["$meta", extras] as const] : []),
  ])
}

/** Returns values as one typed array, if it holds them exactly. */
const packed = (
  fields: Collection.AnyDefinition["fields"],
  name: string,
  values: ReadonlyArray<unknown>,
): ReadonlyArray<unknown> | ArrayBufferView => {
  const type = Object.hasOwn(fields, name) ? fields[name]!.type : undefined
  const isNumbers = values.every((value) => typeof value === "number")
  switch (type) {
    case "Int32":
      return isNumbers && values.every((value) => value === (value as number | 0))
        ? Int32Array.from(values as Array<number>)
        : values
    case "Double":
      return isNumbers ? Float64Array.from(values as Array<number>) : values
    case "Float":
      return isNumbers ? Float32Array.from(values as Array<number>) : values
    case "FloatVector":
      return values.every((value) => value instanceof Float32Array && value.length === 4)
        ? Float32Array.from((values as Array<Float32Array>).flatMap((vector) => [...vector]))
        : values
    default:
      return values
  }
}

const shuffled = <A>(random: Random, values: ReadonlyArray<A>): Array<A> => {
  const rest = [...values]
  return values.map(() => rest.splice(random.int(rest.length), 1)[0]!)
}
