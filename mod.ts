/**
 * Milvus for Effect: connections as scoped resources with typed errors, and every RPC of Milvus as a typed Effect over
 * them.
 *
 * @module
 */
export * as ConnectionConfig from "./src/ConnectionConfig.ts"
export * as Connection from "./src/Connection.ts"
export * as Connections from "./src/Connections.ts"
export * from "./src/errors.ts"
export * as Message from "./src/Message.ts"
