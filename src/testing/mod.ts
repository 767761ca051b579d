/**
 * A Milvus server in the process of a test, and a network that fails on request.
 *
 * @module
 */
export * as FakeMilvus from "./FakeMilvus.ts"
export * as FaultProxy from "./FaultProxy.ts"
export { type RecallError, recallOf, type RecallOptions } from "./recallOf.ts"
