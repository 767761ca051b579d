/** Definitions for tests of what a server keeps, with every option of fields and collections. */
import { Collection, Field, Functions, Index } from "../../mod.ts"

/** The fields that all of them have, or most. */
export const fields = {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 100 }),
  vector: Field.floatVector({ dimension: 2 }),
}
/** An index that every server has. */
export const flat: Index.Index<"FLAT", "L2"> = Index.flat({ metric: "L2" })

/** A collection with two vectors and their indexes. */
export const Books = Collection.define("books", { ...fields, other: Field.floatVector({ dimension: 3 }) }, {
  indexes: { vector: flat, other: Index.hnsw({ metric: "IP", M: 8, efConstruction: 64 }) },
})

/** Every option of a field or a collection that a server may keep, each in a definition of its own. */
export const definitions: Readonly<Record<string, Collection.AnyDefinition>> = Object.fromEntries(
  Object.entries(
    {
      plain: [fields, {}],
      descriptions: [{ ...fields, text: Field.varChar({ maxLength: 9, description: "a text" }) }, {
        description: "all",
      }],
      automatic: [{ ...fields, id: Field.int64({ primaryKey: true, autoId: true }) }, {}],
      given: [{ ...fields, id: Field.int64({ primaryKey: true, autoId: true }) }, { allowInsertAutoId: true }],
      text: [{ ...fields, id: Field.varChar({ primaryKey: true, maxLength: 30 }) }, {}],
      defaults: [{
        ...fields,
        a: Field.int8({ default: 5 }),
        b: Field.bool({ default: false }),
        c: Field.float({ default: 0.1 }),
        d: Field.double({ default: 0.1 }),
        e: Field.varChar({ maxLength: 5, default: "" }),
        f: Field.int64({ default: 2n ** 62n + 1n }),
      }, {}],
      partitioned: [{ ...fields, key: Field.int64({ partitionKey: true }) }, { partitions: 8 }],
      isolated: [{ ...fields, key: Field.varChar({ maxLength: 9, partitionKey: true }) }, {
        partitionKeyIsolation: true,
      }],
      clustered: [{ ...fields, key: Field.int64({ clusteringKey: true }) }, {}],
      dynamic: [fields, { dynamicFields: true }],
      eventually: [fields, { consistencyLevel: "Eventually" }],
      strong: [fields, { consistencyLevel: "Strong" }],
      shards: [fields, { shards: 2 }],
      ttl: [fields, { ttl: "90 seconds" }],
      mmap: [{ ...fields, x: Field.varChar({ maxLength: 5, mmap: true }) }, { mmap: true }],
      properties: [fields, { properties: { "collection.autocompaction.enabled": false, other: "1" } }],
      arrays: [{
        ...fields,
        a: Field.array(Field.int32(), { maxCapacity: 10 }),
        b: Field.array(Field.varChar({ maxLength: 8 }), { maxCapacity: 3 }),
      }, {}],
      json: [{ ...fields, json: Field.json() }, {}],
      clusters: [fields, { indexes: { vector: Index.ivfFlat({ metric: "L2", nlist: 16 }) } }],
      choice: [fields, { indexes: { vector: Index.auto({ metric: "COSINE" }) } }],
      graph: [fields, {
        indexes: { vector: Index.hnsw({ metric: "L2", M: 8, efConstruction: 20, name: "graph", mmap: true }) },
      }],
      objectKeys: [{ ...fields, constructor: Field.int32(), toString: Field.varChar({ maxLength: 4 }) }, {}],
      proto: [Object.fromEntries([...Object.entries(fields), ["__proto__", Field.int32()]]), {}],
      // Not of every server.
      analyzed: [{
        ...fields,
        text: Field.varChar({
          maxLength: 9,
          enableAnalyzer: true,
          enableMatch: true,
          analyzerParams: { type: "english" },
        }),
      }, {}],
      functions: [{
        ...fields,
        text: Field.varChar({ maxLength: 9, enableAnalyzer: true }),
        terms: Field.sparseFloatVector(),
      }, {
        functions: { terms: Functions.bm25({ input: "text", output: "terms" }) },
        indexes: { vector: flat, terms: Index.sparseInvertedIndex({ metric: "BM25", bm25_k1: 1.3 }) },
      }],
      halves: [{ id: fields.id, vector: Field.float16Vector({ dimension: 16 }) }, {}],
      bits: [{ id: fields.id, vector: Field.binaryVector({ dimension: 16 }) }, {
        indexes: { vector: Index.binFlat({ metric: "HAMMING" }) },
      }],
      two: [Books.fields, Books.options],
      scalar: [fields, { indexes: { vector: flat, title: Index.trie() } }],
      inverted: [fields, { indexes: { vector: flat, title: Index.inverted() } }],
    } satisfies Record<string, readonly [Field.Fields, Collection.CollectionOptions]>,
  ).map((
    [name, [fields, options]],
  ) => [name, { name: `again_${name}`, fields, options }]),
)
