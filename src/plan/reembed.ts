/**
 * Embeds a collection anew: a new collection is filled while the old one serves, compared with it, and put in its place
 * by an alias.
 *
 * The switch of the alias is the last step, and one call. Until then the old collection serves, whatever fails and
 * whenever the effect is interrupted. Every step looks at what is there, so that another run completes it.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { failParam, readName } from "../config/params.ts"
import { ParamError, type PartialCreate, type PartialWrite } from "../errors.ts"
import * as Collection from "../operations/Collection.ts"
import * as CollectionAlias from "../operations/CollectionAlias.ts"
import * as Index from "../operations/Index.ts"
import { operation } from "../operations/shared/operation.ts"
import { checkCount, checkRecord, readCollection } from "../operations/shared/options.ts"
import * as Vectors from "../operations/Vectors.ts"
import type { CollectionDefinition, KeyInput, Row, Upsertable } from "../schema/definition.ts"
import { isVector } from "../schema/typeNames.ts"
import type { ReadError } from "./collectionSteps.ts"
import { ReembedError } from "./errors.ts"

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

/** Options for {@linkcode reembed}. */
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
  /** Runs after each batch, with the number of rows so far. */
  readonly onBatch?: ((progress: ReembedProgress) => Effect.Effect<void>) | undefined
}

/** Progress of {@linkcode reembed}. */
export interface ReembedProgress {
  /** Rows that were embedded and copied. */
  readonly copied: number
  /** Rows that an earlier run copied. */
  readonly copiedBefore: number
}

/** Result of {@linkcode reembed}. */
export interface Reembedded extends ReembedProgress {
  /** Whether this run switched the alias; `false` if it led to the new collection already. */
  readonly switched: boolean
  /** Recall of the new collection; `undefined` if it was not compared. */
  readonly recall: number | undefined
}

/** The errors of {@linkcode reembed}, in addition to those of the embedding function. */
export type ReembedFailure = ReadError | PartialCreate | PartialWrite | ReembedError

/**
 * Fills a new collection with the rows of an old one and new vectors, compares the two, and switches the alias.
 *
 * 1. Creates the new collection with its indexes, and loads it.
 * 2. Copies the rows in batches. Rows whose keys the new collection has are not embedded again. Fields that the new
 *    collection does not have are left out.
 * 3. Waits for the indexes, and compares the numbers of rows, and the hits of the queries (`ReembedError`).
 * 4. Switches the alias. The old collection stays, for {@linkcode rollBack}; drop it when it is not needed any more.
 *
 * After a failure or an interruption the alias leads to the old collection, and another run continues. A run after the
 * switch does nothing. Rows that are written to the old collection meanwhile may be missing or old in the new one:
 * write them to both, or stop writing. Rows that were deleted from the old one meanwhile fail the comparison.
 *
 * Calls the RPCs of `Collection.create`, `Vectors.queryBatches`, `get`, `upsert`, `count` and `search`, `Index.wait`,
 * `ListAliases`, `DescribeAlias`, and `AlterAlias` or `CreateAlias`. Milvus 2.3 and later, and milvus-lite. Fails with
 * `ParamError` if the alias leads to a third collection.
 *
 * @example
 * ```ts ignore
 * yield* Schema.reembed({
 *   alias: "books",
 *   from: BooksV1,
 *   to: BooksV2,
 *   embed: (rows) => embedAll(rows.map(({ title }) => title)),
 *   recall: { queries, least: 0.9 },
 * })
 * ```
 */
export const reembed = <From extends CollectionDefinition, E, R>(
  options: ReembedOptions<From, E, R>,
): Effect.Effect<Reembedded, ReembedFailure | E, Connection.Connection | R> =>
  operation(
    "Schema.reembed",
    options?.to,
    undefined,
    Effect.gen(function* () {
      const { alias, from, to, field, key } = yield* Effect.fromResult(readOptions(options))
      const target = yield* findAlias(alias)
      if (target === to.name) return { switched: false, copied: 0, copiedBefore: 0, recall: undefined }
      yield* requireTarget(target, [from.name, undefined])
      yield* Collection.create(to)
      const progress = yield* copy(options, field, key)
      if (Object.keys(to.options.indexes ?? {}).length > 0) yield* Index.wait(to)
      yield* compareCounts(from, to)
      const { recall } = options
      const reached = recall === false ? undefined : yield* compareHits(from, to, field, recall)
      // Another client may have switched it meanwhile.
      yield* requireTarget(yield* findAlias(alias), [target])
      yield* target === undefined ? CollectionAlias.create(alias, to) : CollectionAlias.alter(alias, to)
      return { ...progress, switched: true, recall: reached }
    }),
  )

/** Options for {@linkcode rollBack}. */
export interface RollBackOptions {
  /** The alias. */
  readonly alias: string
  /** The old collection, which serves again. */
  readonly from: Collection.CollectionRef
  /** The new collection, to which the alias leads now. */
  readonly to: Collection.CollectionRef
}

/**
 * Switches an alias from the new collection back to the old one, which is loaded first. Does nothing if the alias leads
 * to the old one already. Rows that were written to the new collection meanwhile are not in the old one.
 *
 * Calls `ListAliases`, `DescribeAlias`, `LoadCollection`, `GetLoadingProgress` and `AlterAlias`. Fails with
 * `ParamError` if the alias leads to a third collection.
 */
export const rollBack = (options: RollBackOptions): Effect.Effect<void, ReadError, Connection.Connection> =>
  operation(
    "Schema.rollBack",
    options?.from,
    undefined,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkRecord("options", options, ["alias", "from", "to"]))
      const alias = yield* Effect.fromResult(readName("alias", options.alias))
      const from = yield* Effect.fromResult(readCollection(options.from))
      const to = yield* Effect.fromResult(readCollection(options.to))
      const target = yield* findAlias(alias)
      if (target === from) return
      yield* requireTarget(target, [to])
      yield* Collection.load(from)
      yield* CollectionAlias.alter(alias, from)
    }),
  )

/** Returns the collection of an alias; `undefined` if it does not exist. */
const findAlias = (alias: string): Effect.Effect<string | undefined, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    if (!(yield* CollectionAlias.list()).includes(alias)) return undefined
    return (yield* CollectionAlias.describe(alias)).collection
  })

const requireTarget = (
  target: string | undefined,
  names: ReadonlyArray<string | undefined>,
): Effect.Effect<void, ParamError> => {
  if (names.includes(target)) return Effect.void
  const named = names.filter((name) => name !== undefined).map((name) => JSON.stringify(name))
  const actual = target === undefined ? "one that does not exist" : `one of ${JSON.stringify(target)}`
  const expected = `an alias of ${named.join(" or ")}`
  return Effect.fail(new ParamError({ parameter: "alias", expected, actual }))
}

/** The keys of the rows and the vectors of the new collection, which are the same for each batch. */
interface Names {
  /** Fields that are copied. */
  readonly fields: ReadonlySet<string>
  /** Whether other keys of rows are copied. */
  readonly isDynamic: boolean
}

const copy = <From extends CollectionDefinition, E, R>(
  { from, to, embed, batchSize = 100, onBatch }: ReembedOptions<From, E, R>,
  field: string,
  key: string,
): Effect.Effect<ReembedProgress, ReembedFailure | E, Connection.Connection | R> =>
  Effect.gen(function* () {
    const computed = outputsOf(to)
    const names: Names = {
      fields: new Set(Object.keys(to.fields).filter((name) => name !== field && !computed.has(name))),
      isDynamic: to.options.dynamicFields === true,
    }
    let [copied, copiedBefore] = [0, 0]
    // Strong, so that rows that were written a moment ago are copied.
    const batches = Vectors.queryBatches(from, undefined, { batchSize, consistency: "Strong" })
    yield* Stream.runForEach(batches, ({ rows }) =>
      Effect.gen(function* () {
        // Cast: a query of all fields has the rows of the definition.
        const all = rows.toArray() as unknown as ReadonlyArray<Row<From>>
        const missing = yield* missingOf(to, key, all)
        if (missing.length > 0) {
          const vectors = yield* embed(missing)
          if (!Array.isArray(vectors) || vectors.length !== missing.length) {
            const actual = Array.isArray(vectors) ? String(vectors.length) : typeof vectors
            return yield* new ParamError({
              parameter: "embed",
              expected: `${missing.length} vectors, one a row`,
              actual,
            })
          }
          const written = missing.map((row, at) => rowOf(row, field, vectors[at], names, from))
          // Cast: the rows are checked against the definition when they are encoded.
          yield* Vectors.upsert(to, written as unknown as ReadonlyArray<Upsertable<CollectionDefinition>>)
        }
        copied += missing.length
        copiedBefore += all.length - missing.length
        if (onBatch !== undefined) yield* onBatch({ copied, copiedBefore })
      }))
    return { copied, copiedBefore }
  })

/** Returns the rows whose keys the new collection does not have. */
const missingOf = <A>(
  to: CollectionDefinition,
  key: string,
  rows: ReadonlyArray<A>,
): Effect.Effect<ReadonlyArray<A>, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const idOf = (row: unknown) => valueOf(row, key)
    // Cast: keys that were read are those of rows.
    const ids = rows.map(idOf) as ReadonlyArray<KeyInput<CollectionDefinition>>
    const found = yield* Vectors.get(to, ids, { outputFields: [key], consistency: "Strong" })
    const existing = new Set([...found.rows].map(idOf))
    return rows.filter((row) => !existing.has(idOf(row)))
  })

// Cast: a row is an object with the fields as keys.
const valueOf = (row: unknown, key: string): unknown => (row as Readonly<Record<string, unknown>>)[key]

/** Returns the row of the new collection. Keys that are not fields of the old one are dynamic. */
const rowOf = (
  row: object,
  field: string,
  vector: unknown,
  { fields, isDynamic }: Names,
  from: CollectionDefinition,
): object => ({
  ...Object.fromEntries(
    Object.entries(row).filter(([name]) => fields.has(name) || isDynamic && !Object.hasOwn(from.fields, name)),
  ),
  [field]: vector,
})

const compareCounts = (
  from: CollectionDefinition,
  to: CollectionDefinition,
): Effect.Effect<void, ReadError | ReembedError, Connection.Connection> =>
  Effect.gen(function* () {
    const count = (collection: CollectionDefinition) => Vectors.count(collection, undefined, { consistency: "Strong" })
    const [expected, actual] = [yield* count(from), yield* count(to)]
    if (actual === expected) return
    return yield* new ReembedError({ kind: "Count", from: from.name, to: to.name, expected, actual })
  })

/** Returns the mean recall of the queries. Fails if it is too low. */
const compareHits = (
  from: CollectionDefinition,
  to: CollectionDefinition,
  field: string,
  { queries, limit = 10, least }: RecallOptions,
): Effect.Effect<number, ReadError | ReembedError, Connection.Connection> =>
  Effect.gen(function* () {
    // Cast: vectors of one type, which the search checks against the field.
    const find = (collection: CollectionDefinition, vectors: ReadonlyArray<Vectors.QueryVector>) =>
      Vectors.search(collection, vectors, { field, limit, consistency: "Strong" } as Vectors.SearchOptions)
    const open = queries.filter(({ relevant }) => relevant === undefined)
    const before = open.length === 0 ? undefined : yield* find(from, open.map(({ from }) => from))
    const after = yield* find(to, queries.map(({ to }) => to))
    const recalls = queries.map((query, at) => {
      const hits = before?.hits(open.indexOf(query))
      const expected = (query.relevant ?? [...hits ?? []].map(({ id }) => id)).map(String)
      const found = new Set([...after.hits(at)].map(({ id }) => String(id)))
      // Without rows to find, none is missing.
      return expected.length === 0 ? 1 : expected.filter((id) => found.has(id)).length / expected.length
    })
    const actual = recalls.reduce((sum, one) => sum + one, 0) / recalls.length
    if (actual >= least) return actual
    return yield* new ReembedError({ kind: "Recall", from: from.name, to: to.name, expected: least, actual })
  })

const outputsOf = ({ options }: CollectionDefinition): ReadonlySet<string> =>
  new Set(Object.values(options.functions ?? {}).flatMap(({ output }) => output))

const optionNames = ["alias", "from", "to", "field", "embed", "batchSize", "recall", "onBatch"]

const readOptions = <From extends CollectionDefinition, E, R>(options: ReembedOptions<From, E, R>) =>
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
    const computed = outputsOf(to)
    const vectors = Object.keys(to.fields).filter((name) => isVectorIn(to, name) && !computed.has(name))
    const { field = vectors.length === 1 ? vectors[0] : undefined } = options
    if (field === undefined || !vectors.includes(field) || !isVectorIn(from, field)) {
      return yield* failParam("field", "a vector field of both collections that no function computes", options.field)
    }
    if (typeof options.embed !== "function") return yield* failParam("embed", "a function", options.embed)
    yield* checkCount("batchSize", options.batchSize)
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
