/**
 * Milvus as a vector store of [LangChain.js](https://js.langchain.com). Needs `@langchain/core`, which is installed
 * apart from this package.
 *
 * @module
 */
export * from "./MilvusVectorStore.ts"
export type { StoreConsistency } from "../adapters/checkArguments.ts"
export type * from "../adapters/metadataTypes.ts"
export type { ConnectionSource } from "../adapters/ownConnection.ts"
