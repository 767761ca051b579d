/** Generates definitions with rows: every type of field, unusual names, and omitted values. */
import * as Arbitrary from "effect/Arbitrary"
import * as Field from "../../src/schema/Field.ts"
import type { AnyRow } from "../../src/schema/columns.ts"
import type { AnyDefinition } from "../../src/schema/decodeSchema.ts"
import {
  bool,
  double,
  float,
  int16,
  int32,
  int64,
  int8,
  integer,
  list,
  nullable,
  oneOf,
  pick,
  text,
} from "../codec/support.ts"

/** A type of field: its constructor, and values that it stores exactly. */
interface Kind {
  readonly make: (options: object) => Field.AnyField
  readonly value: Arbitrary.Arbitrary<unknown>
  /** A default, if the type supports one. */
  readonly default?: unknown
}

const vector = <A>(element: Arbitrary.Arbitrary<A>, length: number, make: (values: Array<A>) => unknown) =>
  Arbitrary.map(Arbitrary.array(element, { minLength: length, maxLength: length }), make)

/** JavaScript engines may change the payload of a NaN outside a typed array. */
const oneNaN = (value: number): number => Number.isNaN(value) ? NaN : value

const exact = pick(0, 1, -1, 0.5, -0.25, 100)
const sparse = Arbitrary.map(
  list(Arbitrary.all([integer(0, 2 ** 32 - 2), exact]), 6),
  (pairs) => [...new Map(pairs)].sort(([a], [b]) => a - b),
)
const json = oneOf<unknown>(int32, text, pick<unknown>({}, [], { a: { b: [1, "é"] } }, true, ""))
const members = {
  a: Field.int64(),
  constructor: Field.varChar({ maxLength: 20_000 }),
  v: Field.floatVector({ dimension: 2 }),
}
const struct = Arbitrary.map(
  Arbitrary.all([int64, text, exact]),
  ([a, constructor, v]) => ({ a, constructor, v: Float32Array.of(v, -v) }),
)

// Cast: each constructor gets the options that are made for it.
// deno-lint-ignore no-explicit-any -- the types of constructors are the subject of other tests
const options = (given: object): any => given

export const kinds: Readonly<Record<string, Kind>> = {
  Bool: { make: (o) => Field.bool(options(o)), value: bool, default: true },
  Int8: { make: (o) => Field.int8(options(o)), value: int8, default: -128 },
  Int16: { make: (o) => Field.int16(options(o)), value: int16, default: 0 },
  Int32: { make: (o) => Field.int32(options(o)), value: int32, default: 7 },
  Int64: { make: (o) => Field.int64(options(o)), value: int64, default: 2n ** 60n },
  Float: { make: (o) => Field.float(options(o)), value: Arbitrary.map(float, oneNaN), default: 0.5 },
  Double: { make: (o) => Field.double(options(o)), value: Arbitrary.map(double, oneNaN), default: 0.1 },
  VarChar: { make: (o) => Field.varChar(options({ maxLength: 20_000, ...o })), value: text, default: "x" },
  Text: { make: (o) => Field.text(options(o)), value: text },
  JSON: { make: (o) => Field.json(options(o)), value: json },
  Geometry: { make: (o) => Field.geometry(options(o)), value: pick("POINT (1 2)", "POINT (3 4)") },
  Timestamptz: { make: (o) => Field.timestamptz(options(o)), value: pick("2025-05-01T23:59:59+08:00") },
  Array: {
    make: (o) => Field.array(Field.varChar({ maxLength: 20_000 }), options({ maxCapacity: 6, ...o })),
    value: list(text, 6),
  },
  ArrayOfStruct: {
    make: (o) => Field.structArray(members, options({ maxCapacity: 4, ...o })),
    value: list(struct, 4),
  },
  FloatVector: {
    make: (o) => Field.floatVector(options({ dimension: 3, ...o })),
    value: vector(Arbitrary.map(float, oneNaN), 3, (values) => Float32Array.from(values)),
  },
  Float16Vector: {
    make: (o) => Field.float16Vector(options({ dimension: 3, ...o })),
    value: vector(exact, 3, (values) => Float32Array.from(values)),
  },
  BFloat16Vector: {
    make: (o) => Field.bfloat16Vector(options({ dimension: 3, ...o })),
    value: vector(exact, 3, (values) => Float32Array.from(values)),
  },
  Int8Vector: {
    make: (o) => Field.int8Vector(options({ dimension: 3, ...o })),
    value: vector(int8, 3, (values) => Int8Array.from(values)),
  },
  BinaryVector: {
    make: (o) => Field.binaryVector(options({ dimension: 16, ...o })),
    value: vector(integer(0, 255), 2, (values) => Uint8Array.from(values)),
  },
  SparseFloatVector: {
    make: (o) => Field.sparseFloatVector(options(o)),
    value: Arbitrary.map(sparse, (pairs) => ({
      indices: Uint32Array.from(pairs, ([index]) => index),
      values: Float32Array.from(pairs, ([, value]) => value),
    })),
  },
}

/** Names that objects inherit, or that resemble another syntax. */
export const oddNames: ReadonlyArray<string> = [
  "constructor",
  "__proto__",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "0",
  "length",
  "meta",
  "$meta2",
  'a "quoted" one',
  "it's",
  "größe 尺寸",
  " ",
]

/** Whether rows have a value of a field. */
type Presence = "required" | "nullable" | "default"

interface GeneratedField {
  readonly name: string
  readonly field: Field.AnyField
  /** One value per row; `undefined` if the row omits the field. */
  readonly values: ReadonlyArray<unknown>
}

/** A definition, its rows, and the same data by field. */
export interface Generated {
  readonly definition: AnyDefinition
  readonly rows: ReadonlyArray<AnyRow>
  readonly fields: ReadonlyArray<GeneratedField>
  readonly extras: ReadonlyArray<AnyRow>
}

const fieldOf = (name: string, kind: Kind, presence: Presence, rows: number): Arbitrary.Arbitrary<GeneratedField> => {
  const of = presence === "default" && kind.default === undefined ? "required" : presence
  const value = of === "nullable"
    ? oneOf(nullable(kind.value), pick(undefined))
    : of === "default"
    ? oneOf<unknown>(kind.value, pick(undefined))
    : kind.value
  const options = of === "nullable" ? { nullable: true } : of === "default" ? { default: kind.default } : {}
  return Arbitrary.map(
    Arbitrary.array(value, { minLength: rows, maxLength: rows }),
    (values) => ({ name, field: kind.make(options), values }),
  )
}

const extra = Arbitrary.map(
  list(Arbitrary.all([pick("extra", "prototype", "10", "x y"), oneOf<unknown>(int16, text)]), 3),
  (entries): AnyRow => Object.fromEntries(entries),
)

/** Covers every kind of field. The key is `id`. */
export const generated: Arbitrary.Arbitrary<Generated> = Arbitrary.flatMap(
  Arbitrary.all([
    integer(1, 6),
    list(Arbitrary.all([pick(...Object.values(kinds)), pick<Presence>("nullable", "required", "default")]), 5),
    integer(0, oddNames.length - 1),
    bool,
  ]),
  ([rows, chosen, from, dynamicFields]) =>
    Arbitrary.map(
      Arbitrary.all([
        Arbitrary.array(int64, { minLength: rows, maxLength: rows }),
        Arbitrary.array(extra, { minLength: rows, maxLength: rows }),
        ...chosen.map(([kind, presence], at) =>
          fieldOf(oddNames[(from + at) % oddNames.length]!, kind, presence, rows)
        ),
      ]),
      ([ids, extras, ...others]) => {
        const fields = [
          { name: "id", field: Field.int64({ primaryKey: true }), values: ids },
          // Cast: the elements after the first two.
          ...others as ReadonlyArray<GeneratedField>,
        ]
        return {
          definition: {
            name: "generated",
            fields: Object.fromEntries(fields.map(({ name, field }) => [name, field])),
            options: { dynamicFields },
          },
          fields,
          extras: dynamicFields ? extras : [],
          rows: ids.map((_, row) =>
            Object.fromEntries([
              ...fields.flatMap(({ name, values }) => values[row] === undefined ? [] : [[name, values[row]]]),
              ...dynamicFields ? Object.entries(extras[row]!) : [],
            ])
          ),
        }
      },
    ),
)
