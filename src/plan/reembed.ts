/**
 * Embeds a collection anew: a new collection is filled while the old one serves, compared with it, and put in its place
 * by an alias.
 *
 * The switch of the alias is the last step, and one call. Until then the old collection serves, whatever fails and
 * whenever the effect is interrupted. Every step looks at what is there, so that another run completes it.
 */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { readName } from "../config/params.ts"
import { ParamError, type PartialCreate, type PartialWrite } from "../errors.ts"
import * as Collection from "../operations/Collection.ts"
import * as CollectionAlias from "../operations/CollectionAlias.ts"
import * as Index from "../operations/Index.ts"
import { operation } from "../operations/shared/operation.ts"
import { checkRecord, readCollection } from "../operations/shared/options.ts"
import * as Vectors from "../operations/Vectors.ts"
import type { CollectionDefinition } from "../schema/definition.ts"
import type { ReadError } from "./collectionSteps.ts"
import { copyChanged, type CopyOf, readDigest } from "./copyRows.ts"
import { changedIn } from "./digest.ts"
import { ReembedError } from "./errors.ts"
import { findExtra } from "./extraRows.ts"
import { readOptions, type RecallOptions, type ReembedOptions, type ReembedProgress } from "./reembedOptions.ts"

export type { RecallOptions, RecallQuery, ReembedOptions, ReembedProgress } from "./reembedOptions.ts"

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
 * 2. Copies the rows in batches. A row that the new collection has, with equal fields, is not embedded again. Fields
 *    that the new collection does not have are left out.
 * 3. Waits for the indexes, and compares the hits of the queries.
 * 4. Reads the old collection again, and copies what was inserted or changed meanwhile, until nothing is. Compares the
 *    numbers of rows.
 * 5. Switches the alias. The old collection stays, for {@linkcode rollBack}; drop it when it is not needed any more.
 * 6. Reads the old collection once more. Rows that were changed just before the switch are not in the new one, which
 *    is a `ReembedError` of kind `Late`: roll back and run again, or write these rows again.
 *
 * The rows are compared by hash values, which take 512 KB for any number of rows. With a changed row, some others may
 * be embedded again. Rows that were deleted from the old collection meanwhile fail the comparison (`ReembedError` of
 * kind `Count`), unless `allowDelete` is set. What another client writes to the old collection by its own name, after
 * the last read, is not seen.
 *
 * After a failure or an interruption before the switch the alias leads to the old collection, and another run
 * continues: it sees rows that were changed between the runs by the fields that both collections have. A run after the
 * switch does nothing.
 *
 * Calls the RPCs of `Collection.create`, `Vectors.queryBatches`, `get`, `upsert`, `delete`, `count` and `search`,
 * `Index.wait`, `ListAliases`, `DescribeAlias`, and `AlterAlias` or `CreateAlias`. Milvus 2.3 and later, and
 * milvus-lite. Fails with `ParamError` if the alias leads to a third collection.
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
      const copy: CopyOf<From, E, R> = { options, field, key, progress: { copied: 0, copiedBefore: 0 } }
      let seen = yield* copyChanged(copy, undefined)
      if (Object.keys(to.options.indexes ?? {}).length > 0) yield* Index.wait(to)
      const { recall } = options
      const reached = recall === false ? undefined : yield* compareHits(from, to, field, recall)
      for (let reads = 1;; reads++) {
        const changed = changedIn(seen, yield* readDigest(copy))
        if (changed.size === 0) break
        if (reads === maxReads) return yield* failWith("Changing", options, 0, changed.size)
        seen = yield* copyChanged(copy, changed)
      }
      yield* compareCounts(options, key)
      // Another client may have switched it meanwhile.
      yield* requireTarget(yield* findAlias(alias), [target])
      yield* target === undefined ? CollectionAlias.create(alias, to) : CollectionAlias.alter(alias, to)
      const late = changedIn(seen, yield* readDigest(copy)).size
      if (late > 0) return yield* failWith("Late", options, 0, late)
      return { ...copy.progress, switched: true, recall: reached }
    }),
  )

/** Number of times that rows which were changed meanwhile are looked for. */
const maxReads = 5

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

const failWith = (
  kind: ReembedError["kind"],
  { from, to }: { readonly from: CollectionDefinition; readonly to: CollectionDefinition },
  expected: number,
  actual: number,
  keys?: ReadonlyArray<string>,
) => Effect.fail(new ReembedError({ kind, from: from.name, to: to.name, expected, actual, keys }))

/** Compares the numbers of rows, after those that only the new collection has were deleted if that is allowed. */
const compareCounts = <From extends CollectionDefinition, E, R>(
  options: ReembedOptions<From, E, R>,
  key: string,
): Effect.Effect<void, ReadError | PartialWrite | ReembedError, Connection.Connection> =>
  Effect.gen(function* () {
    const { from, to, allowDelete = false } = options
    const count = (collection: CollectionDefinition) => Vectors.count(collection, undefined, { consistency: "Strong" })
    const counts = Effect.all([count(from), count(to)])
    let [expected, actual] = yield* counts
    if (actual === expected) return
    const extra = yield* findExtra(from, to, key, allowDelete)
    if (allowDelete) [expected, actual] = yield* counts
    if (actual !== expected) return yield* failWith("Count", options, expected, actual, extra)
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
    return yield* failWith("Recall", { from, to }, least, actual)
  })
