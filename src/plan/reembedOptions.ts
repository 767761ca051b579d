/** The options of `reembed`. */
import type * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { failParam, readName } from "../config/params.ts"
import { checkCount, checkFlag, checkRecord, readCollection } from "../operations/shared/options.ts"
import type * as Vectors from "../operations/Vectors.ts"
import { computedFields } from "../schema/computedFields.ts"
import type { CollectionDefinition, Row } from "../schema/definition.ts"
import { isVector } from "../schema/typeNames.ts"

/** A query by which the two collections are compared. */
export interface RecallQuery {
  /** The query, embedded as the rows of the old collection are. */
  readonly from: Vectors.QueryVector
  /** The query, embedded as the rows of the new collection are. */
  readonly to: Vectors.QueryVector
  /**
   * Primary keys of the rows that should be found.
   *
   * @default Those that the old collection finds.
   */
  readonly relevant?: ReadonlyArray<bigint | number | string> | undefined
}

/** Options for comparing the collections by searches. */
export interface RecallOptions {
  /** The queries, at least one. */
  readonly queries: ReadonlyArray<RecallQuery>
  /**
   * Number of hits of each query.
   *
   * @default 10
   */
  readonly limit?: number | undefined
  /** The least recall of the new collection, from 0 to 1: the part of the rows to find that it finds. */
  readonly least: number
}

/** Options for `reembed`. */
export interface ReembedOptions<From extends CollectionDefinition, E, R> {
  /** The alias by which the collection is read. It is created if it does not exist. */
  readonly alias: string
  /** The collection that serves. */
  readonly from: From
  /** The new collection. Its primary key is that of the old one, and not generated. */
  readonly to: CollectionDefinition
  /**
   * The vector field of both collections.
   *
   * @default The only vector field of the new collection that no function computes.
   */
  readonly field?: string | undefined
  /** Embeds rows of the old collection: returns one vector for each. */
  readonly embed: (rows: ReadonlyArray<Row<From>>) => Effect.Effect<ReadonlyArray<Vectors.QueryVector>, E, R>
  /**
   * Number of rows that are embedded at a time.
   *
   * @default 100
   */
  readonly batchSize?: number | undefined
  /** Options for comparing the collections by searches; `false` to count only their rows. */
  readonly recall: RecallOptions | false
  /**
   * Whether rows that only the new collection has are deleted from it, such as those that were deleted from the old one
   * meanwhile. Otherwise they fail the comparison.
   *
   * @default false
   */
  readonly allowDelete?: boolean | undefined
  /** Runs after each batch, with the number of rows so far. */
  readonly onBatch?: ((progress: ReembedProgress) => Effect.Effect<void>) | undefined
}

/** Progress of `reembed`. */
export interface ReembedProgress {
  /** Rows that were embedded and copied. One that was changed meanwhile, and is copied again, counts again. */
  readonly copied: number
  /** Rows that an earlier run copied. */
  readonly copiedBefore: number
}

const optionNames = ["alias", "from", "to", "field", "embed", "batchSize", "recall", "allowDelete", "onBatch"]

/** Reads the options, and finds the vector field and the primary key. */
export const readOptions = <From extends CollectionDefinition, E, R>(options: ReembedOptions<From, E, R>) =>
  Result.gen(function* () {
    yield* checkRecord("options", options, optionNames)
    const { from, to, recall } = options
    const alias = yield* readName("alias", options.alias)
    for (const [name, definition] of Object.entries({ from, to })) {
      const isDefinition = typeof definition === "object" && definition !== null &&
        typeof definition.fields === "object" && typeof definition.options === "object"
      if (!isDefinition) return yield* failParam(name, "a definition of a collection", definition)
      yield* readCollection(definition)
    }
    if (from.name === to.name) return yield* failParam("to", "another collection than the old one", to.name)
    const key = keyIn(to)
    if (key === undefined || to.fields[key]?.options.autoId === true || keyIn(from) !== key) {
      return yield* failParam("to", "a collection with the primary key of the old one, which is not generated")
    }
    const computed = computedFields(to.options)
    const vectors = Object.keys(to.fields).filter((name) => isVectorIn(to, name) && !computed.has(name))
    const { field = vectors.length === 1 ? vectors[0] : undefined } = options
    if (field === undefined || !vectors.includes(field) || !isVectorIn(from, field)) {
      return yield* failParam("field", "a vector field of both collections that no function computes", options.field)
    }
    if (typeof options.embed !== "function") return yield* failParam("embed", "a function", options.embed)
    yield* checkCount("batchSize", options.batchSize)
    yield* checkFlag("allowDelete", options.allowDelete)
    if (recall !== false) yield* checkRecall(recall)
    return { alias, from, to, field, key }
  })

const checkRecall = (recall: RecallOptions) =>
  Result.gen(function* () {
    yield* checkRecord("recall", recall, ["queries", "limit", "least"])
    const { queries, limit, least } = recall
    if (!Array.isArray(queries) || queries.length === 0) {
      return yield* failParam("recall.queries", "a list of at least one query", queries)
    }
    for (const [at, query] of queries.entries()) {
      yield* checkRecord(`recall.queries[${at}]`, query, ["from", "to", "relevant"])
    }
    yield* checkCount("recall.limit", limit)
    if (typeof least !== "number" || !(least >= 0 && least <= 1)) {
      return yield* failParam("recall.least", "a number from 0 to 1", least)
    }
  })

const keyIn = ({ fields }: CollectionDefinition): string | undefined =>
  Object.keys(fields).find((name) => fields[name]?.options.primaryKey === true)

const isVectorIn = ({ fields }: CollectionDefinition, name: string): boolean => {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  return field !== undefined && field.type !== "ArrayOfStruct" && isVector(field)
}
