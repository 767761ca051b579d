/**
 * Analyzers, which split texts into the tokens of full-text search.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite cannot run analyzers (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * const [tokens] = yield* Analyzer.run(["The quick brown fox"], { params: { type: "english" } })
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import { stringify } from "../Json.ts"
import type { CallError, ParamError } from "../errors.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { operate } from "./shared/operate.ts"
import { checkFlag, optionNames, readCollection, readNames } from "./shared/options.ts"

/** A token of a text. Offsets and positions are there if `details` was set, the hash if `hash` was set. */
export interface Token {
  /** The text of the token. */
  readonly token: string
  /** Offset of its first byte in the text, in bytes of UTF-8. */
  readonly start: number | undefined
  /** Offset after its last byte. */
  readonly end: number | undefined
  /** Position among the tokens, from 0. */
  readonly position: number | undefined
  /** Number of positions that it takes. */
  readonly positionLength: number | undefined
  /** Hash of the token, an unsigned integer of 32 bits. */
  readonly hash: number | undefined
}

/** Options for {@linkcode run}: either the analyzer itself, or the field that has it. */
export interface RunOptions extends Connection.CallOptions {
  /**
   * Parameters of the analyzer, as in `Field.varChar({ analyzer })`.
   *
   * @default The standard analyzer, unless a field is given.
   */
  readonly params?: Readonly<Record<string, unknown>> | undefined
  /** The collection whose field has the analyzer; with `field`. */
  readonly collection?: CollectionRef | undefined
  /** The field whose analyzer is used; with `collection`. */
  readonly field?: string | undefined
  /** Names of analyzers of a field with several: one for all texts, or one for each; with `field`. */
  readonly analyzerNames?: string | ReadonlyArray<string> | undefined
  /**
   * Whether tokens have offsets and positions.
   *
   * @default false
   */
  readonly details?: boolean | undefined
  /**
   * Whether tokens have their hash.
   *
   * @default false
   */
  readonly hash?: boolean | undefined
}

const runOptionNames = optionNames<RunOptions>("params", "collection", "field", "analyzerNames", "details", "hash")

/**
 * Returns the tokens of texts, in the order of the texts.
 *
 * Calls `RunAnalyzer`. Milvus 2.5.11 and later.
 */
export const run = (
  texts: ReadonlyArray<string>,
  options?: RunOptions,
): Effect.Effect<ReadonlyArray<ReadonlyArray<Token>>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("RunAnalyzer", options, () =>
      Result.gen(function* () {
        const { params, collection, field, analyzerNames, details = false, hash = false } = options ?? {}
        yield* checkFlag("details", options?.details)
        yield* checkFlag("hash", options?.hash)
        if ((collection === undefined) !== (field === undefined)) {
          const missing = field === undefined ? "field" : "collection"
          return yield* failParam(missing, "a value, since collection and field belong together")
        }
        if (params !== undefined && field !== undefined) {
          return yield* failParam("params", "to be omitted, since the field has an analyzer")
        }
        if (analyzerNames !== undefined && field === undefined) {
          return yield* failParam("analyzerNames", "to be omitted, since they are those of a field")
        }
        const names = yield* readNames(
          "analyzerNames",
          typeof analyzerNames === "string" ? [analyzerNames] : analyzerNames,
        )
        const encoded = yield* encodeTexts("texts", texts)
        if (names !== undefined && names.length !== 1 && names.length !== encoded.length) {
          return yield* failParam("analyzerNames", `one name, or one for each of ${encoded.length} texts`)
        }
        return {
          placeholder: encoded,
          with_detail: details,
          with_hash: hash,
          ...(params === undefined ? {} : { analyzer_params: yield* encodeParams(params) }),
          ...(collection === undefined ? {} : { collection_name: yield* readCollection(collection) }),
          ...(field === undefined ? {} : { field_name: yield* readName("field", field) }),
          ...(names === undefined ? {} : { analyzer_names: names }),
        }
      }), { options: runOptionNames }),
    ({ results }) => {
      const { details = false, hash = false } = options ?? {}
      return results.map(({ tokens }) =>
        tokens.map((token): Token => ({
          token: token.token,
          start: details ? Number(token.start_offset) : undefined,
          end: details ? Number(token.end_offset) : undefined,
          position: details ? Number(token.position) : undefined,
          positionLength: details ? Number(token.position_length) : undefined,
          hash: hash ? token.hash : undefined,
        }))
      )
    },
  )

const encodeTexts = (parameter: string, texts: unknown): Decoded<ReadonlyArray<Uint8Array>> =>
  Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === "string" && text.isWellFormed())
    ? Result.succeed(texts.map((text: string) => new TextEncoder().encode(text)))
    : failParam(parameter, "a list of at least one text, of well-formed Unicode", texts)

const encodeParams = (params: unknown): Decoded<string> => {
  const failed = failParam("params", "an object of parameters that JSON can hold", params)
  if (typeof params !== "object" || params === null || Array.isArray(params)) return failed
  return Result.match(Result.try(() => stringify(params)), {
    onFailure: () => failed,
    onSuccess: (text) => text === undefined ? failed : Result.succeed(text),
  })
}

/** Whether a text has the words of a phrase close enough to each other, and how close they are. */
export interface PhraseMatch {
  /** Whether the text has all tokens of the phrase. */
  readonly isMatch: boolean
  /** The least slop with which a phrase match finds the text; `undefined` if none does. */
  readonly slop: number | undefined
}

/** Options for {@linkcode phraseMatchSlop}. */
export interface PhraseOptions extends Connection.CallOptions {
  /**
   * Parameters of the analyzer.
   *
   * @default The standard analyzer.
   */
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

const phraseOptionNames = optionNames<PhraseOptions>("params")

/**
 * Returns for each text the least slop with which a phrase match finds it.
 *
 * Calls `ComputePhraseMatchSlop`. Milvus 3.0 and later.
 */
export const phraseMatchSlop = (
  phrase: string,
  texts: ReadonlyArray<string>,
  options?: PhraseOptions,
): Effect.Effect<ReadonlyArray<PhraseMatch>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ComputePhraseMatchSlop", options, () =>
      Result.gen(function* () {
        const params = options?.params
        yield* encodeTexts("texts", texts)
        return {
          query_text: yield* readName("phrase", phrase),
          data_texts: texts,
          ...(params === undefined ? {} : { analyzer_params: yield* encodeParams(params) }),
        }
      }), { options: phraseOptionNames }),
    ({ is_match, slops }) =>
      is_match.map((isMatch, at) => ({ isMatch, slop: isMatch ? Number(slops[at]) : undefined })),
  )
