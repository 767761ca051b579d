/** The Node SDK, with objects whose vectors are `number[]`, the only form that it accepts. */
import { collection, type Peer, vectorsOf } from "../Peer.ts"

const version = "3.0.6"

/** The specifier is made at run time, so that neither the lock file nor the type check sees this package. */
const open: Peer = async (address, { rows, dimension, queries, limit }) => {
  const { MilvusClient } = await import(`npm:@zilliz/milvus2-sdk-node@${version}`)
  const client = new MilvusClient({ address, logLevel: "error" })
  await client.connectPromise
  const listed = (count: number) => {
    const values = vectorsOf(count, dimension)
    return Array.from({ length: count }, (_, at) => Array.from(values.subarray(at * dimension, (at + 1) * dimension)))
  }
  const data = listed(rows).map((vector, id) => ({ id, vector }))
  const wanted = listed(queries)
  return {
    insert: () => client.insert({ collection_name: collection, data }),
    search: () =>
      client.search({ collection_name: collection, data: wanted, anns_field: "vector", limit, metric_type: "COSINE" }),
    // Cast: it is a result of `search`.
    hits: (result) => (result as { readonly results: ReadonlyArray<unknown> }).results.flat().length,
    close: () => client.closeConnection(),
  }
}

export default open
