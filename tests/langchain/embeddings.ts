/** Embeddings of LangChain.js by the hashes of words. */
import { Embeddings } from "@langchain/core/embeddings"
import { embed } from "../support/hashing.ts"

export class HashingEmbeddings extends Embeddings {
  constructor() {
    super({})
  }
  override embedDocuments(texts: Array<string>): Promise<Array<Array<number>>> {
    return Promise.resolve(texts.map(embed))
  }
  override embedQuery(text: string): Promise<Array<number>> {
    return Promise.resolve(embed(text))
  }
}
