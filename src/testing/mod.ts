/**
 * Servers and networks for tests: without a Milvus, or with one that is hard to reach.
 *
 * @module
 */
export * as FakeMilvus from "./FakeMilvus.ts"
export * as FaultProxy from "./FaultProxy.ts"
