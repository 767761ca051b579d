/**
 * The npm package next to the newest versions of frameworks on Node: their own types take the stores, and a program of
 * theirs runs with one.
 */
import { assertEquals } from "@std/assert"
import { makeProject } from "../support/npmProject.ts"
import { serveFake, succeed, writeFiles } from "../support/package.ts"
import { test } from "../support/test.ts"

const program = (address: string) => `
import { MilvusVectorStore } from "@effect-milvus/client/langchain"
import { MilvusVector } from "@effect-milvus/client/mastra"
import { Document } from "@langchain/core/documents"
import { SyntheticEmbeddings } from "@langchain/core/utils/testing"
import type { VectorStore } from "@langchain/core/vectorstores"
import type { MastraVector } from "@mastra/core/vector"

const chain: MilvusVectorStore = await MilvusVectorStore.fromDocuments(
  [new Document({ pageContent: "rice", metadata: { lang: "en" } }), new Document({ pageContent: "reis" })],
  new SyntheticEmbeddings({ vectorSize: 8 }),
  { milvus: "${address}", collection: "chain" },
)
const generic: VectorStore = chain
const retriever = generic.asRetriever({ k: 2, filter: { lang: { $ne: "en" } } })
console.log((await retriever.invoke("reis")).map(({ pageContent }) => pageContent).join())
await chain.close()

const mastra: MastraVector<any> = new MilvusVector({ id: "milvus", milvus: "${address}" })
await mastra.createIndex({ indexName: "mastra", dimension: 2 })
await mastra.upsert({ indexName: "mastra", vectors: [[1, 0], [0, 1]], ids: ["a", "b"] })
console.log((await mastra.query({ indexName: "mastra", queryVector: [0, 1], topK: 1 })).map(({ id }) => id).join())
await (mastra as MilvusVector).close()
`

test("the stores have the types of their frameworks in an npm project, and run on Node", async () => {
  await using fake = await serveFake()
  await using project = await makeProject([
    "@langchain/core",
    "@mastra/core",
    "zod",
    "typescript@5.9.3",
    "@types/node@20",
  ])
  await writeFiles(project.path, {
    "program.mts": program(fake.address),
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        module: "nodenext",
        target: "es2022",
        lib: ["es2023", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
        types: ["node"],
        skipLibCheck: true,
      },
      files: ["program.mts"],
    }),
  })
  await succeed("node", ["node_modules/typescript/bin/tsc", "--project", "."], { cwd: project.path })
  assertEquals(await succeed("node", ["program.mjs"], { cwd: project.path }), "reis\nb")
})
