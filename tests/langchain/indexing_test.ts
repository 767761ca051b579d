/** The indexing of LangChain.js keeps documents in the store in step with their sources. */
import { Document } from "@langchain/core/documents"
import { index, RecordManager } from "@langchain/core/indexing"
import { assertEquals } from "@std/assert"
import { MilvusVectorStore } from "../../src/langchain/mod.ts"
import { onQuick } from "../adapters/support.ts"
import { namer } from "../operations/support.ts"
import { HashingEmbeddings } from "./embeddings.ts"

const name = namer("indexing")

/** Records in memory: what was indexed, from which source, and when. */
class MemoryRecords extends RecordManager {
  override lc_namespace = ["tests"]
  readonly #records = new Map<string, { readonly group: string | null; readonly at: number }>()
  #time = 0

  override createSchema(): Promise<void> {
    return Promise.resolve()
  }
  override getTime(): Promise<number> {
    return Promise.resolve(++this.#time)
  }
  override update(keys: Array<string>, options: { readonly groupIds?: Array<string | null> } = {}): Promise<void> {
    keys.forEach((key, i) => this.#records.set(key, { group: options.groupIds?.[i] ?? null, at: ++this.#time }))
    return Promise.resolve()
  }
  override exists(keys: Array<string>): Promise<Array<boolean>> {
    return Promise.resolve(keys.map((key) => this.#records.has(key)))
  }
  override listKeys(options: {
    readonly before?: number
    readonly after?: number
    readonly groupIds?: Array<string | null>
    readonly limit?: number
  }): Promise<Array<string>> {
    const { before = Infinity, after = -Infinity, groupIds, limit } = options
    const found = [...this.#records].filter(([, { group, at }]) =>
      at < before && at > after && (groupIds === undefined || groupIds.includes(group))
    )
    return Promise.resolve(found.map(([key]) => key).slice(0, limit))
  }
  override deleteKeys(keys: Array<string>): Promise<void> {
    for (const key of keys) this.#records.delete(key)
    return Promise.resolve()
  }
}

const from = (source: string, ...texts: ReadonlyArray<string>) =>
  texts.map((pageContent) => new Document({ pageContent, metadata: { source } }))

onQuick("documents are added, skipped, replaced and deleted as their sources change", async (milvus) => {
  await using vectorStore = new MilvusVectorStore(new HashingEmbeddings(), { milvus, collection: name() })
  const recordManager = new MemoryRecords()
  const run = (docsSource: Array<Document>, cleanup: "incremental" | "full") =>
    index({ docsSource, recordManager, vectorStore, options: { cleanup, sourceIdKey: "source" } })
  const texts = async () =>
    (await vectorStore.similaritySearch("the", 10)).map(({ pageContent }) => pageContent).toSorted()

  const both = [...from("a", "the cat", "the dog"), ...from("b", "the fish")]
  assertEquals(await run(both, "incremental"), { numAdded: 3, numDeleted: 0, numUpdated: 0, numSkipped: 0 })
  assertEquals(await run(both, "incremental"), { numAdded: 0, numDeleted: 0, numUpdated: 0, numSkipped: 3 })
  const changed = from("a", "the cat", "the bird")
  assertEquals(await run(changed, "incremental"), { numAdded: 1, numDeleted: 1, numUpdated: 0, numSkipped: 1 })
  assertEquals(await texts(), ["the bird", "the cat", "the fish"])
  assertEquals((await run(from("b", "the fish"), "full")).numDeleted, 2)
  assertEquals(await texts(), ["the fish"])
})
