/** The collections of the cross-checks. Together they have every type that their server accepts. */
import * as Field from "../../src/schema/Field.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Index from "../../src/operations/Index.ts"
import type { SparseVector } from "../../src/schema/values.ts"
import * as values from "./types_values.ts"

/** A collection, and the values that its fields have in turn. */
export interface Sample {
  readonly definition: Collection.AnyDefinition
  readonly values: values.Values
  /** Query of a search that finds every row. Absent if the server searches at random. */
  readonly query?: { readonly field: string; readonly vector: Float32Array | Uint8Array | SparseVector }
}

const id = Field.int64({ primaryKey: true })
const name = Field.varChar({ primaryKey: true, maxLength: 310 })
const vector = Field.floatVector({ dimension: 4 })
const nothing = { field: "vector", vector: new Float32Array(4) }
/** Uses the inner product, so that the greatest floats are as near as others to a query of zeros. */
const flat = Index.flat({ metric: "IP" })
const sparse = Index.sparseInvertedIndex({ metric: "IP" })
const strong = { consistencyLevel: "Strong" } as const

/** Collections for milvus-lite 3.2.2. */
export const liteSamples: ReadonlyArray<Sample> = [
  {
    definition: Collection.define("scalars", {
      id,
      vector,
      ...values.scalars(),
      ...values.newScalars(),
      ...values.defaults,
    }, { ...strong, indexes: { vector: flat } }),
    values: {
      ...values.scalarValues,
      ...values.newScalarValues,
      ...values.defaultValues,
      vector: values.floatVectors,
    },
    query: nothing,
  },
  {
    definition: Collection.define("nulls", {
      id,
      vector,
      ...values.scalars({ nullable: true }),
      ...values.newScalars({ nullable: true }),
    }, { ...strong, indexes: { vector: flat } }),
    values: { ...values.withNulls({ ...values.scalarValues, ...values.newScalarValues }), vector: values.floatVectors },
    query: nothing,
  },
  {
    definition: Collection.define("vectors", { name, vector, other: vector, sparse: Field.sparseFloatVector() }, {
      ...strong,
      dynamicFields: true,
      indexes: { vector: flat, other: flat, sparse },
    }),
    values: {
      vector: [...values.floatVectors, ...values.notFiniteVectors],
      other: values.floatVectors.toReversed(),
      sparse: values.sparseVectors,
      ...values.dynamicValues,
    },
    query: { field: "sparse", vector: { indices: Uint32Array.of(7), values: Float32Array.of(1) } },
  },
]

/** Collections for Milvus 2.3.5, each with one vector. `halves` comes last: see {@linkcode Sample.query}. */
export const standaloneSamples: ReadonlyArray<Sample> = [
  {
    definition: Collection.define("scalars", { id, vector, ...values.scalars(), ...values.defaults }, {
      ...strong,
      dynamicFields: true,
      indexes: { vector: flat },
    }),
    values: {
      ...values.scalarValues,
      ...values.defaultValues,
      // Its JSON is an object.
      json: values.scalarValues.json.filter((value) => !Array.isArray(value)),
      vector: values.floatVectors,
      ...values.dynamicValues,
    },
    query: nothing,
  },
  {
    definition: Collection.define("bits", { name, vector: Field.binaryVector({ dimension: 16 }) }, {
      ...strong,
      indexes: { vector: Index.binFlat({ metric: "HAMMING" }) },
    }),
    values: { vector: values.binaryVectors },
    query: { field: "vector", vector: new Uint8Array(2) },
  },
  {
    definition: Collection.define("halves", { id, vector: Field.float16Vector({ dimension: 4 }) }, {
      ...strong,
      indexes: { vector: flat },
    }),
    values: { vector: values.float16Vectors },
    // Milvus 2.3.5 keeps halves, but compares them as if they were floats.
  },
]
