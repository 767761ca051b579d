/** Copies rows of a collection to one with new vectors. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { ParamError, type PartialWrite } from "../errors.ts"
import * as Vectors from "../operations/Vectors.ts"
import { computedFields } from "../schema/computedFields.ts"
import type { CollectionDefinition, KeyInput, Row, Upsertable } from "../schema/definition.ts"
import type { ReadError } from "./collectionSteps.ts"
import { addRow, type Digest, emptyDigest, groupOf, textOf } from "./digest.ts"
import type { ReembedOptions, ReembedProgress } from "./reembedOptions.ts"

/** A copy of one collection, with what all its passes share. */
export interface CopyOf<From extends CollectionDefinition, E, R> {
  readonly options: ReembedOptions<From, E, R>
  /** The vector field that is embedded. */
  readonly field: string
  readonly key: string
  /** Rows so far. */
  progress: ReembedProgress
}

/** Reads the old collection, and returns the digest of its rows. */
export const readDigest = <From extends CollectionDefinition, E, R>(
  copy: CopyOf<From, E, R>,
): Effect.Effect<Digest, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const digest = emptyDigest()
    yield* Stream.runForEach(batchesOf(copy), (rows) => Effect.sync(() => addRows(digest, copy.key, rows)))
    return digest
  })

/**
 * Copies the rows of the old collection that the new one does not have, or not with these values. With groups, copies
 * all their rows instead. Returns the digest of the rows that were read.
 */
export const copyChanged = <From extends CollectionDefinition, E, R>(
  copy: CopyOf<From, E, R>,
  changed: ReadonlySet<number> | undefined,
): Effect.Effect<Digest, ReadError | PartialWrite | E, Connection.Connection | R> =>
  Effect.gen(function* () {
    const { options: { onBatch }, key } = copy
    const digest = emptyDigest()
    yield* Stream.runForEach(batchesOf(copy), (all) =>
      Effect.gen(function* () {
        addRows(digest, key, all)
        const rows = changed === undefined
          ? yield* differing(copy, all)
          : all.filter((row) => changed.has(groupOf(valueOf(row, key))))
        if (rows.length > 0) yield* embedRows(copy, rows)
        const { copied, copiedBefore } = copy.progress
        const kept = changed === undefined ? all.length - rows.length : 0
        copy.progress = { copied: copied + rows.length, copiedBefore: copiedBefore + kept }
        if (onBatch !== undefined && (changed === undefined || rows.length > 0)) yield* onBatch(copy.progress)
      }))
    return digest
  })

const batchesOf = <From extends CollectionDefinition, E, R>({ options }: CopyOf<From, E, R>) => {
  const { from, batchSize = 100 } = options
  // Strong, so that rows that were written a moment ago are read.
  const batches = Vectors.queryBatches(from, undefined, { batchSize, consistency: "Strong" })
  // Cast: a query of all fields has the rows of the definition.
  return Stream.map(batches, ({ rows }) => rows.toArray() as unknown as ReadonlyArray<Row<From>>)
}

const addRows = (digest: Digest, key: string, rows: ReadonlyArray<object>): void => {
  for (const row of rows) addRow(digest, valueOf(row, key), row)
}

const embedRows = <From extends CollectionDefinition, E, R>(
  copy: CopyOf<From, E, R>,
  rows: ReadonlyArray<Row<From>>,
): Effect.Effect<void, ReadError | PartialWrite | E, Connection.Connection | R> =>
  Effect.gen(function* () {
    const { options: { to, embed }, field } = copy
    const vectors = yield* embed(rows)
    if (!Array.isArray(vectors) || vectors.length !== rows.length) {
      const actual = Array.isArray(vectors) ? String(vectors.length) : typeof vectors
      return yield* new ParamError({ parameter: "embed", expected: `${rows.length} vectors, one a row`, actual })
    }
    const written = rows.map((row, at) => ({ ...copiedPart(copy, row), [field]: vectors[at] }))
    // Cast: the rows are checked against the definition when they are encoded.
    yield* Vectors.upsert(to, written as unknown as ReadonlyArray<Upsertable<CollectionDefinition>>)
  })

/** Returns the fields of a row that are copied. Keys that are not fields of the old collection are dynamic. */
const copiedPart = <From extends CollectionDefinition, E, R>(
  { options: { from, to }, field }: CopyOf<From, E, R>,
  row: object,
): object => {
  const computed = computedFields(to.options)
  const isCopied = (name: string) =>
    Object.hasOwn(to.fields, name)
      ? name !== field && !computed.has(name)
      : to.options.dynamicFields === true && !Object.hasOwn(from.fields, name)
  return Object.fromEntries(Object.entries(row).filter(([name]) => isCopied(name)))
}

/** Returns the rows that the new collection does not have, or not with equal fields of those that are copied. */
const differing = <From extends CollectionDefinition, E, R>(
  copy: CopyOf<From, E, R>,
  rows: ReadonlyArray<Row<From>>,
): Effect.Effect<ReadonlyArray<Row<From>>, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { options: { from, to }, key } = copy
    const found = yield* getRows(to, key, rows, ["*"])
    return rows.filter((row) => {
      const theirs = found.get(valueOf(row, key))
      if (theirs === undefined) return true
      const mine = copiedPart(copy, row)
      // Fields that only the new collection has say nothing about the old one.
      const names = [...Object.keys(mine), ...Object.keys(theirs).filter((name) => !Object.hasOwn(to.fields, name))]
      return names.some((name) =>
        !Object.hasOwn(from.fields, name) && !Object.hasOwn(theirs, name) ||
        textOf(valueOf(mine, name)) !== textOf(valueOf(theirs, name))
      )
    })
  })

/** Returns the keys of rows that a collection does not have. */
export const rowsMissingIn = (
  collection: CollectionDefinition,
  key: string,
  rows: ReadonlyArray<object>,
): Effect.Effect<ReadonlyArray<KeyInput<CollectionDefinition>>, ReadError, Connection.Connection> =>
  Effect.map(getRows(collection, key, rows, [key]), (found) => keysOf(key, rows).filter((id) => !found.has(id)))

const getRows = (
  collection: CollectionDefinition,
  key: string,
  rows: ReadonlyArray<object>,
  outputFields: ReadonlyArray<string>,
): Effect.Effect<ReadonlyMap<unknown, object>, ReadError, Connection.Connection> =>
  Effect.map(
    Vectors.get(collection, keysOf(key, rows), { outputFields, consistency: "Strong" }),
    (found) => new Map([...found.rows].map((row) => [valueOf(row, key), row])),
  )

// Cast: keys that were read are those of rows.
const keysOf = (key: string, rows: ReadonlyArray<object>) =>
  rows.map((row) => valueOf(row, key)) as ReadonlyArray<KeyInput<CollectionDefinition>>

// Cast: a row is an object with the fields as keys.
const valueOf = (row: object, key: string): unknown => (row as Readonly<Record<string, unknown>>)[key]
