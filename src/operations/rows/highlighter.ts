/** Checks and encodes the highlighter of a search, which marks the parts of texts that a query matches. */
import * as Effect from "effect/Effect"
import { describeValue, throwValue } from "../../codec/errors.ts"
import { stringifyJson } from "../../codec/stringifyJson.ts"
import type { CodecError } from "../../errors.ts"
import * as Message from "../../Message.ts"
import { checkCount, checkFlag, checkOptions, readName } from "../shared/options.ts"
import { accepted, tryEncode } from "./read.ts"

/** Highlighter of a search. */
export type Highlighter<Field extends string = string> = LexicalHighlighter<Field> | SemanticHighlighter<Field>

/** Text that is put around each match: one for all matches, or several by turns. */
export interface HighlightTags {
  /**
   * Texts before a match.
   *
   * @default ["<em>"]
   */
  readonly preTags?: ReadonlyArray<string> | undefined
  /**
   * Texts after a match.
   *
   * @default ["</em>"]
   */
  readonly postTags?: ReadonlyArray<string> | undefined
}

/** Marks terms. At least one of `searchText` and `queries` is required. */
export interface LexicalHighlighter<Field extends string = string> extends HighlightTags {
  readonly type: "lexical"
  /**
   * Whether the texts that are searched for are marked, in the field which the function of the searched field reads.
   *
   * @default false
   */
  readonly searchText?: boolean | undefined
  /** Texts to mark in fields, in addition. */
  readonly queries?: ReadonlyArray<HighlightQuery<Field>> | undefined
  /**
   * Number of characters before the first match at which a fragment begins.
   *
   * @default 0
   */
  readonly fragmentOffset?: number | undefined
  /**
   * Maximum number of characters of a fragment.
   *
   * @default 100
   */
  readonly fragmentSize?: number | undefined
  /**
   * Maximum number of fragments of a text.
   *
   * @default 5
   */
  readonly fragments?: number | undefined
}

/** Text to mark in a field, which has an analyzer. */
export interface HighlightQuery<Field extends string = string> {
  /** The text field. */
  readonly field: Field
  /** The text, which is analyzed as the texts of the field are. */
  readonly text: string
  /** @default "TextMatch" */
  readonly type?: "TextMatch" | undefined
}

/** Marks sentences that a model finds close to a query. Zilliz Cloud, which runs the models. */
export interface SemanticHighlighter<Field extends string = string> extends HighlightTags {
  readonly type: "semantic"
  /** Texts to compare with, one for each query of the search. */
  readonly queries: ReadonlyArray<string>
  /** The text fields. */
  readonly fields: ReadonlyArray<Field>
  /** Least score of a sentence that is marked, from 0 to 1. Default: that of the model. */
  readonly threshold?: number | undefined
  /** Whether only the marked parts are returned. Default: decided by the server. */
  readonly highlightOnly?: boolean | undefined
  /** The deployed model. */
  readonly modelDeploymentId?: string | undefined
  /** Maximum number of texts that the model gets at once. Default: decided by the server. */
  readonly maxClientBatchSize?: number | undefined
}

/** Encodes a highlighter as a message. */
export const highlighter = (given: Highlighter): Effect.Effect<Uint8Array, CodecError> =>
  Effect.flatMap(
    tryEncode(() => ({
      type: given?.type === "semantic" ? "Semantic" as const : "Lexical" as const,
      params: Object.entries(paramsOf(given)).flatMap(([key, value]) =>
        value === undefined ? [] : [{ key, value: typeof value === "object" ? stringifyJson(value) : `${value}` }]
      ),
    })),
    (message) => Message.encode("milvus.proto.common.Highlighter", message),
  )

const option = "highlighter"

const paramsOf = (given: Highlighter): Readonly<Record<string, unknown>> => {
  if (typeof given !== "object" || given === null || given.type !== "lexical" && given.type !== "semantic") {
    return throwValue(option, undefined, `an object with the type "lexical" or "semantic"`, describeValue(given))
  }
  accepted(checkOptions(given, given.type === "lexical" ? lexicalNames : semanticNames))
  for (const name of ["preTags", "postTags"] as const) {
    if (given[name] !== undefined) checkTexts(name, given[name])
  }
  return {
    ...(given.type === "lexical" ? lexicalParams(given) : semanticParams(given)),
    pre_tags: given.preTags,
    post_tags: given.postTags,
  }
}

const lexicalParams = (given: LexicalHighlighter) => {
  const { searchText, queries, fragmentOffset, fragmentSize, fragments } = given
  accepted(checkFlag(`${option}.searchText`, searchText))
  accepted(checkCount(`${option}.fragmentOffset`, fragmentOffset, 0))
  accepted(checkCount(`${option}.fragmentSize`, fragmentSize))
  accepted(checkCount(`${option}.fragments`, fragments))
  if (searchText !== true && queries === undefined) {
    throwValue(option, undefined, "`searchText: true` or `queries`, or there is nothing to mark")
  }
  return {
    fragment_offset: fragmentOffset,
    fragment_size: fragmentSize,
    num_of_fragments: fragments,
    highlight_query: queries === undefined ? undefined : queryParams(queries),
    highlight_search_text: searchText,
  }
}

const queryParams = (queries: unknown) => {
  const name = `${option}.queries`
  if (!Array.isArray(queries) || queries.length === 0) {
    return throwValue(name, undefined, "a list of at least one query", describeValue(queries))
  }
  return queries.map((query: unknown, index) => {
    const { field, text, type = "TextMatch", ...others } = Object(query)
    const path = `${name}[${index}]`
    accepted(readName(`${path}.field`, field))
    accepted(readName(`${path}.text`, text))
    if (type !== "TextMatch") throwValue(`${path}.type`, undefined, `"TextMatch"`, describeValue(type))
    const [unknown] = Object.keys(others)
    if (unknown !== undefined) throwValue(`${path}.${unknown}`, undefined, "a known parameter (field, text, type)")
    return { type, field, text }
  })
}

const semanticParams = (given: SemanticHighlighter) => {
  const { queries, fields, threshold, highlightOnly, modelDeploymentId, maxClientBatchSize } = given
  for (const [name, values] of Object.entries({ queries, fields })) {
    checkTexts(name, values)
  }
  if (threshold !== undefined && !(Number.isFinite(threshold) && threshold >= 0 && threshold <= 1)) {
    throwValue(`${option}.threshold`, undefined, "a number from 0 to 1", describeValue(threshold))
  }
  accepted(checkFlag(`${option}.highlightOnly`, highlightOnly))
  accepted(checkCount(`${option}.maxClientBatchSize`, maxClientBatchSize))
  if (modelDeploymentId !== undefined) accepted(readName(`${option}.modelDeploymentId`, modelDeploymentId))
  return {
    queries,
    input_fields: fields,
    threshold,
    highlight_only: highlightOnly,
    model_deployment_id: modelDeploymentId,
    max_client_batch_size: maxClientBatchSize,
  }
}

const checkTexts = (name: string, texts: unknown): void => {
  if (Array.isArray(texts) && texts.length > 0 && texts.every((text) => typeof text === "string")) return
  throwValue(`${option}.${name}`, undefined, "a list of at least one text", describeValue(texts))
}

const tags = ["type", "preTags", "postTags"]
const lexicalNames: ReadonlySet<string> = new Set([
  ...tags,
  "searchText",
  "queries",
  "fragmentOffset",
  "fragmentSize",
  "fragments",
])
const semanticNames: ReadonlySet<string> = new Set([
  ...tags,
  "queries",
  "fields",
  "threshold",
  "highlightOnly",
  "modelDeploymentId",
  "maxClientBatchSize",
])
