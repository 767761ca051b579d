/**
 * Texts in, texts out: collections whose vectors are made from texts by the `EmbeddingModel` of Effect, retrievers of
 * documents for a question, and tools by which a language model searches.
 *
 * No other entry point imports this one, and only the command line imports `effect/ai` too.
 *
 * @module
 */
export { EmbeddingError, type EmbeddingErrorProps } from "./errors.ts"
export * as Relevance from "./Relevance.ts"
export * as Retriever from "./Retriever.ts"
export * as SearchTool from "./SearchTool.ts"
export * as Texts from "./Texts.ts"
