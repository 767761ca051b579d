/**
 * Milvus as a vector store of [Mastra](https://mastra.ai). Needs `@mastra/core`, which is installed apart from this
 * package.
 *
 * @module
 */
export * from "./MilvusVector.ts"
export type { StoreConsistency } from "../adapters/checkArguments.ts"
export type * from "../adapters/metadataTypes.ts"
export type { ConnectionSource } from "../adapters/ownConnection.ts"
