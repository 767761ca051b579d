/**
 * Collections whose vectors are made from texts, by the `EmbeddingModel` of Effect.
 *
 * {@linkcode make} takes the definition of a collection, and which vector field is made from which text field. It
 * checks that the vectors of the model fit these fields. Rows are then written without vectors, and searched by texts;
 * to read and delete rows, use `Vectors` with the definition.
 *
 * @example
 * ```ts
 * import { Collection, Field, Index } from "@effect-milvus/client"
 * import { Texts } from "@effect-milvus/client/ai"
 * import * as Context from "effect/Context"
 * import * as Effect from "effect/Effect"
 * import * as Layer from "effect/Layer"
 *
 * const Notes = Collection.define("notes", {
 *   id: Field.int64({ primaryKey: true }),
 *   text: Field.varChar({ maxLength: 2000 }),
 *   vector: Field.floatVector({ dimension: 384 }),
 * }, { indexes: { vector: Index.auto({ metric: "COSINE" }) } })
 *
 * const makeNotes = Texts.make(Notes, { vector: "text" })
 *
 * class NoteTexts extends Context.Service<NoteTexts, Effect.Success<typeof makeNotes>>()("NoteTexts") {
 *   static readonly layer = Layer.effect(NoteTexts, makeNotes)
 * }
 *
 * export const program = Effect.gen(function* () {
 *   const notes = yield* NoteTexts
 *   yield* notes.insert([{ id: 1, text: "Rain is expected in the evening." }])
 *   const found = yield* notes.search(["Do I need an umbrella?"], { limit: 1, outputFields: ["text"] })
 *   for (const { row } of found.hits()) console.log(row.text)
 * })
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as EmbeddingModel from "effect/ai/EmbeddingModel"
import { describeValue, throwValue } from "../codec/errors.ts"
import * as Connection from "../Connection.ts"
import type { ParamError } from "../errors.ts"
import type { SearchOptions } from "../operations/rows/buildSearch.ts"
import { type DataError, isBlank, tryEncode } from "../operations/rows/read.ts"
import type { SearchResult } from "../operations/rows/results.ts"
import type { WriteResult } from "../operations/rows/write.ts"
import * as Vectors from "../operations/Vectors.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { CollectionDefinition, Computed, Insertable, Untyped, Upsertable } from "../schema/definition.ts"
import type { NamesOf } from "../schema/fieldTypes.ts"
import type { Exact } from "../schema/fieldOptions.ts"
import type { OutputField, Selected } from "../schema/selection.ts"
import { embedQuery, type Vector } from "./embed.ts"
import { EmbeddingError } from "./errors.ts"
import { readSources, type Source } from "./sources.ts"
import { type TextWriteError, type TextWriteOptions, writeTexts } from "./writeTexts.ts"

export type { TextWriteError, TextWriteOptions, Vector }

/** The names of the fields for dense vectors that may be made from texts. */
export type VectorName<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : Exclude<NamesOf<D["fields"], "FloatVector" | "Float16Vector" | "BFloat16Vector">, Computed<D>>

/** The names of the text fields. */
export type TextName<D extends CollectionDefinition> = Untyped<D["fields"]> extends true ? string
  : NamesOf<D["fields"], "VarChar" | "Text">

/** By vector field, the text field that its vectors are made from. */
export type Embeds<D extends CollectionDefinition> = { readonly [V in VectorName<D>]?: TextName<D> | undefined }

/** A row without the vectors that are made from texts. */
export type WithoutVectors<Row, E> = { readonly [K in keyof Row as K extends keyof E ? never : K]: Row[K] }

/** Options for `search`. Only fields whose vectors are made from texts can be searched. */
export type TextSearchOptions<D extends CollectionDefinition, E> = SearchOptions<D, keyof E & string>

/** Errors that a search by texts fails with. */
export type TextSearchError = DataError | EmbeddingError

/** A collection whose vectors are made from texts, with the connection and the model of {@linkcode make}. */
export interface Texts<D extends CollectionDefinition = AnyDefinition, E = Embeds<D>> {
  /** The definition of the collection. */
  readonly collection: D
  /** By vector field, the text field that its vectors are made from. */
  readonly embeds: E
  /**
   * Inserts rows, whose vectors are made from their texts. Each distinct text of a batch is embedded once. A row
   * without a text has no vector if its vector field is nullable; a blank text is refused.
   *
   * All rows are checked before the model is called, as `Vectors.insert` does. Rows are embedded and written in batches
   * of `batchRows`, `concurrency` of them at a time.
   *
   * If a batch fails after others were acknowledged, the insert fails with `PartialWrite`, which has the acknowledged
   * rows; these stay on the server. Its cause is the error of the batch: an `EmbeddingError`, which has the rows of the
   * batch, or that of `Vectors.insert`. If the effect is interrupted, `onInterrupt` receives the same.
   */
  readonly insert: (
    rows: ReadonlyArray<WithoutVectors<Insertable<D>, E>>,
    options?: TextWriteOptions,
  ) => Effect.Effect<WriteResult, TextWriteError>
  /** Inserts rows and replaces those with the same primary keys. Otherwise as `insert`. */
  readonly upsert: (
    rows: ReadonlyArray<WithoutVectors<Upsertable<D>, E>>,
    options?: TextWriteOptions,
  ) => Effect.Effect<WriteResult, TextWriteError>
  /**
   * Searches for the rows whose texts are nearest to each query, as `Vectors.search` does. Queries that are embedded at
   * the same time, also by other fibers, are one request of the model. `field` is required if several fields are made
   * from texts.
   */
  readonly search: <const O extends ReadonlyArray<OutputField<D>> = []>(
    queries: ReadonlyArray<string>,
    options: TextSearchOptions<D, E> & { readonly outputFields?: O | undefined },
  ) => Effect.Effect<SearchResult<Selected<D, O>>, TextSearchError>
  /** Embeds a query: for `Vectors.hybridSearch`, or to compare vectors. A blank query is refused. */
  readonly embed: (query: string) => Effect.Effect<Vector, TextSearchError>
}

/**
 * Makes a collection whose vectors are made from texts. Calls nothing.
 *
 * Fails with `ParamError` if a field does not exist or is of another type, or if its dimension is not that of the model
 * (`EmbeddingModel.Dimensions`). In a layer, `Layer.effect(Notes, Texts.make(...))`, that is when the layer is built.
 */
export const make = <const D extends CollectionDefinition, const E extends Embeds<D>>(
  collection: D,
  embeds: Exact<E, Embeds<D>>,
): Effect.Effect<
  Texts<D, E>,
  ParamError,
  Connection.Connection | EmbeddingModel.EmbeddingModel | EmbeddingModel.Dimensions
> =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const model = yield* EmbeddingModel.EmbeddingModel
    const dimension = yield* EmbeddingModel.Dimensions
    // Cast: operations handle every definition alike; only the caller needs the types of its fields.
    const definition = collection as CollectionDefinition as AnyDefinition
    const sources = yield* Effect.fromResult(readSources(definition, embeds, dimension))
    const target = { definition, model, dimension, sources }
    const use = Effect.provideService(Connection.Connection, connection)
    const embed = (query: string): Effect.Effect<Vector, TextSearchError> =>
      Effect.flatMap(tryEncode(() => checkQuery(query)), () =>
        Effect.mapError(
          embedQuery(model, dimension, query),
          (cause) => new EmbeddingError({ collection: definition.name, cause }),
        ))
    const search = (queries: ReadonlyArray<string>, options: SearchOptions) =>
      Effect.gen(function* () {
        const field = yield* tryEncode(() => {
          if (!Array.isArray(queries)) throwValue("queries", undefined, "a list of texts", describeValue(queries))
          queries.forEach(checkQuery)
          return fieldOf(sources, options?.field)
        })
        const vectors = yield* Effect.forEach(queries, embed, { concurrency: "unbounded" })
        return yield* Vectors.search(definition, vectors, { ...options, field })
      })
    // Cast: the methods handle every definition alike, and check rows and options at run time.
    return {
      collection,
      embeds,
      insert: (rows: unknown, options?: TextWriteOptions) => use(writeTexts("Insert", target, rows, options)),
      upsert: (rows: unknown, options?: TextWriteOptions) => use(writeTexts("Upsert", target, rows, options)),
      search: (queries: ReadonlyArray<string>, options: SearchOptions) => use(search(queries, options)),
      embed,
    } as unknown as Texts<D, E>
  })

const checkQuery = (query: unknown, index?: number): void => {
  if (typeof query === "string" && !isBlank(query)) return
  throwValue("queries", index, "a text to embed", typeof query === "string" ? "a blank string" : describeValue(query))
}

/** Returns the field to search: the given one, or the only one whose vectors are made from texts. */
const fieldOf = (sources: ReadonlyArray<Source>, given: string | undefined): string => {
  const names = sources.map(({ vector }) => vector)
  const [only] = names
  if (given === undefined && names.length === 1 && only !== undefined) return only
  return given !== undefined && names.includes(given)
    ? given
    : throwValue("field", undefined, `one of ${names.join(", ")}`, describeValue(given))
}
