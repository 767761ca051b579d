/**
 * A script, by promises: a collection, rows, a search and a query. The connection is closed at the end of the block.
 *
 * `deno run -A examples/script.ts [HOST:PORT]`; the address is `localhost:19530` by default, and a path such as
 * `./demo.db` starts a local Milvus.
 */
import { Collection, Field, filter, Index } from "@effect-milvus/client"
import { connect } from "@effect-milvus/client/promise"

const Films = Collection.define("script_films", {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 200 }),
  year: Field.int16(),
  vector: Field.floatVector({ dimension: 3 }),
}, { indexes: { vector: Index.auto({ metric: "COSINE" }) }, consistencyLevel: "Strong" })

await using milvus = await connect(Deno.args[0] ?? "localhost:19530")
await milvus.collection.create(Films)
await milvus.vectors.upsert(Films, [
  { id: 1, title: "Ikiru", year: 1952, vector: [1, 0, 0] },
  { id: 2, title: "Playtime", year: 1967, vector: [0, 1, 0] },
  { id: 3, title: "Stalker", year: 1979, vector: [0.8, 0, 0.6] },
])

const found = await milvus.vectors.search(Films, [[1, 0, 0]], { limit: 2, outputFields: ["title", "year"] })
for (const { score, row } of found.hits()) console.log(row.title, row.year, score.toFixed(2))

const { rows } = await milvus.vectors.query(Films, filter`year >= ${1960} and title like ${"S%"}`, {
  outputFields: ["title"],
})
for (const { title } of rows) console.log(title)

await milvus.collection.drop(Films)
