/**
 * Milvus for Effect: connections as scoped resources with typed errors; collections, indexes and vectors, typed from their
 * definition on; and every RPC of Milvus as a typed Effect.
 *
 * @module
 */
export * as ConnectionConfig from "./src/ConnectionConfig.ts"
export * as Connection from "./src/Connection.ts"
export * as Connections from "./src/Connections.ts"
export * from "./src/errors.ts"
export * as Field from "./src/schema/Field.ts"
export { type Filter, filter } from "./src/filter/Filter.ts"
export * as Json from "./src/Json.ts"
export * as Message from "./src/Message.ts"
export * as Analyzer from "./src/operations/Analyzer.ts"
export * as Collection from "./src/operations/Collection.ts"
export * as CollectionAlias from "./src/operations/CollectionAlias.ts"
export * as Database from "./src/operations/Database.ts"
export * as ExternalCollection from "./src/operations/ExternalCollection.ts"
export * as FileResource from "./src/operations/FileResource.ts"
export * as Import from "./src/operations/Import.ts"
export * as Index from "./src/operations/Index.ts"
export * as Namespace from "./src/operations/Namespace.ts"
export * as Partition from "./src/operations/Partition.ts"
export * as Prewarm from "./src/operations/Prewarm.ts"
export * as Replica from "./src/operations/Replica.ts"
export * as Replication from "./src/operations/Replication.ts"
export * as ResourceGroup from "./src/operations/ResourceGroup.ts"
export * as Snapshot from "./src/operations/Snapshot.ts"
export * as Vectors from "./src/operations/Vectors.ts"
export * as FunctionChain from "./src/schema/FunctionChain.ts"
export * as Functions from "./src/schema/Functions.ts"
