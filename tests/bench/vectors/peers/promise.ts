/** This library, with promises and columns. */
import { Collection, Field } from "../../../../mod.ts"
import { connect } from "../../../../src/promise.ts"
import { collection, type Peer, rowOf, vectorsOf } from "../Peer.ts"
import { Books } from "../books.ts"

const open: Peer = async (address, { rows, dimension, queries, limit }) => {
  const milvus = await connect(address)
  const Bench = Collection.define(collection, {
    id: Field.int64({ primaryKey: true }),
    vector: Field.floatVector({ dimension }),
  })
  const data = {
    id: BigInt64Array.from({ length: rows }, (_, at) => BigInt(at)),
    vector: vectorsOf(rows, dimension),
  }
  const wanted = { type: "FloatVector", dimension, values: vectorsOf(queries, dimension) } as const
  return {
    insertRow: () => milvus.vectors.insert(Books, [rowOf()]),
    insert: () => milvus.vectors.insert(Bench, data),
    search: () => milvus.vectors.search(Bench, wanted, { field: "vector", limit, metric: "COSINE" }),
    // Cast: it is a result of `search`.
    hits: (result) => (result as { readonly ids: { readonly length: number } }).ids.length,
    close: () => milvus.close(),
  }
}

export default open
