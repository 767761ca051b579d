/** Compares one collection with its definition, and returns what makes them equal. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { isOlder } from "../contract/rpcs.ts"
import type { CallError, CodecError, ParamError } from "../errors.ts"
import { type CollectionDescription, descriptionOf } from "../operations/collections/description.ts"
import { findCollection } from "../operations/collections/findCollection.ts"
import { type FieldIndex, indexesOf, unreportedByLite, vectorTargets } from "../operations/collections/runCreate.ts"
import { runLoadState } from "../operations/collections/loadState.ts"
import { currentConnection } from "../operations/shared/currentConnection.ts"
import { describeIndexes, findIndex } from "../operations/shared/indexBuild.ts"
import { toRecord } from "../operations/shared/properties.ts"
import { isLite } from "../operations/shared/server.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { differences, indexDifferences, type Unreported } from "../schema/differences.ts"
import { createParts } from "../schema/encodeSchema.ts"
import type { AnyField } from "../schema/fieldTypes.ts"
import { type Change, type Conflict, type Difference, placeOf, quoted, type Step, stepOf } from "./steps.ts"

/** The errors of reading a server. */
export type ReadError = CallError | CodecError | ParamError

/** Where a collection is: its database, and that of the connection. */
export interface Place {
  readonly database: string
  readonly home: string
  /** Whether collections of the database are loaded. */
  readonly loads: boolean
}

/** Returns the steps that make a collection that is not on the server. */
export const creation = ({ database, home, loads }: Place, definition: AnyDefinition): Difference => {
  const { name: collection } = definition
  const of = { database, collection }
  const step = (change: Change, why: string) => stepOf(home, change, why)
  return {
    steps: [
      step({ kind: "CreateCollection", ...of, definition }, "it is not on the server"),
      ...indexesOf(definition).map(({ field, index }) =>
        step({ kind: "CreateIndex", ...of, field, index }, "the collection is new")
      ),
      ...(loads && isSearchable(definition) ? [step({ kind: "LoadCollection", ...of }, "the collection is new")] : []),
    ],
    drops: [],
    conflicts: [],
  }
}

/** Whether the collection can be loaded: every vector has an index. */
const isSearchable = (definition: AnyDefinition): boolean => {
  const targets = vectorTargets(definition)
  const fields = new Set(indexesOf(definition).map(({ field }) => field))
  return targets.length > 0 && targets.every((target) => fields.has(target))
}

/** Returns what a collection of a definition needs. The database exists. */
export const collectionDifference = (
  place: Place,
  definition: AnyDefinition,
): Effect.Effect<Difference, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { database, home } = place
    const { name: collection } = definition
    const connection = yield* currentConnection({ database })
    const reply = yield* findCollection(connection, collection, { database })
    if (reply === undefined) return creation(place, definition)
    const description = yield* Effect.fromResult(descriptionOf(reply))
    const what = `collection ${quoted(collection)}${placeOf(home, database)}`
    if (description.definition.name !== collection) {
      const why = `the name is an alias of ${quoted(description.definition.name)}`
      return { steps: [], drops: [], conflicts: [{ what, why }] }
    }
    const changes = yield* changesOf(connection, place, definition, description)
    const unreported: Unreported = isLite(connection) ? unreportedByLite : new Set()
    const conflicts = differences(definition, changes.reached, unreported).map((why): Conflict => ({ what, why }))
    const { state } = yield* runLoadState(collection, undefined, { database })
    return { ...withLoading(place, definition, changes, state === "NotLoad"), conflicts }
  })

/** The changes that a collection needs. */
interface Changes {
  /** Changes of the schema and the properties. */
  readonly alterations: ReadonlyArray<Step>
  /** Whether one of them needs the collection to be released. */
  readonly needsRelease: boolean
  /** Fields that are only on the server. */
  readonly drops: ReadonlyArray<Step>
  /** The definition that the collection has after all of these. */
  readonly reached: AnyDefinition
  /** Indexes that do not exist, and those that differ, with their differences. */
  readonly indexes: ReadonlyArray<MissingIndex | DifferentIndex>
}

type MissingIndex = FieldIndex & { readonly why?: undefined }
type DifferentIndex = FieldIndex & {
  readonly why: string
  readonly name: string
  readonly from: Readonly<Record<string, string>>
}

const changesOf = (
  connection: Connection.Connection,
  { database, home }: Place,
  definition: AnyDefinition,
  { definition: actual, raw }: CollectionDescription,
): Effect.Effect<Changes, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { name: collection } = definition
    const of = { database, collection }
    const { properties } = (yield* Effect.fromResult(createParts(definition))).request
    const altered = alteredProperties(toRecord(properties), raw)
    const keys = Object.keys(altered)
    const fields = fieldChanges(connection, definition, actual)
    const from = Object.fromEntries(keys.map((key) => [key, raw[key] ?? ""]))
    const why = keys.map((key) => `${key} is ${raw[key] ?? "not set"} on the server`).join(", ")
    const all = yield* describeIndexes(collection, undefined, { database })
    const { ttl, mmap, partitionKeyIsolation, allowInsertAutoId, properties: others } = definition.options
    const settable = { ttl, mmap, partitionKeyIsolation, allowInsertAutoId, properties: others }
    return {
      alterations: [
        ...(keys.length === 0
          ? []
          : [stepOf(home, { kind: "AlterCollection", ...of, properties: altered, from }, why)]),
        ...fields.changes.map(({ change, why }) => stepOf(home, { ...of, ...change }, why)),
      ],
      needsRelease: keys.includes("mmap.enabled"),
      drops: fields.dropped.map((field) =>
        stepOf(home, { kind: "DropField", ...of, field }, "it is only on the server", true)
      ),
      reached: { ...actual, fields: fields.reached, options: { ...actual.options, ...settable } },
      indexes: indexesOf(definition).flatMap(({ field, index }): ReadonlyArray<MissingIndex | DifferentIndex> => {
        const found = findIndex(all, field, index)
        if (found === undefined) return [{ field, index }]
        // milvus-lite names each index as its field.
        const unequal = indexDifferences(field, isLite(connection) ? { ...index, name: undefined } : index, found)
        if (unequal.length === 0) return []
        return [{ field, index, why: unequal.join("; "), name: found.index_name, from: toRecord(found.params) }]
      }),
    }
  })

/**
 * Returns the properties to set. Those that decide about rows are set to their defaults if the definition does not have
 * them. Milvus reports neither a flag that is off nor a TTL of 0 if it was never set.
 */
const alteredProperties = (
  wanted: Readonly<Record<string, string>>,
  raw: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const all = { "collection.ttl.seconds": "0", allow_insert_auto_id: "false", ...wanted }
  const isUnset = (value: string | undefined) => value === undefined || value === "0" || value === "false"
  return Object.fromEntries(
    Object.entries(all).filter(([key, value]) => raw[key] !== value && !(isUnset(raw[key]) && isUnset(value))),
  )
}

/** A change of a field without its collection. */
type FieldChange = {
  readonly change:
    | { readonly kind: "AddField"; readonly field: string; readonly definition: AnyField }
    | {
      readonly kind: "AlterField"
      readonly field: string
      readonly properties: Readonly<Record<string, string>>
      readonly from: Readonly<Record<string, string>>
    }
  readonly why: string
}

/** Returns the changes of fields that the server can make, and the fields after them. */
const fieldChanges = (connection: Connection.Connection, wanted: AnyDefinition, actual: AnyDefinition) => {
  const { server: { version } } = connection
  const has = (since: string) => !isLite(connection) && !isOlder(version, since)
  const used = [wanted, actual].flatMap(({ options }) => Object.values(options.functions ?? {}))
    .flatMap(({ input, output }) => [...input, ...output])
  const reached: Record<string, AnyField> = { ...actual.fields }
  const changes: Array<FieldChange> = []
  for (const [field, definition] of Object.entries(wanted.fields)) {
    const theirs = reached[field]
    const { nullable, primaryKey } = definition.options
    if (theirs === undefined) {
      const canAdd = nullable === true && primaryKey !== true && !used.includes(field) &&
        has(definition.type === "ArrayOfStruct" ? "3.0.0" : "2.6.0")
      if (!canAdd) continue
      changes.push({ change: { kind: "AddField", field, definition }, why: "it is not on the server" })
      reached[field] = definition
      continue
    }
    const [mine, before] = [definition.options.maxLength, theirs.options.maxLength]
    const isText = definition.type === "VarChar" && theirs.type === "VarChar"
    if (isText && mine !== undefined && before !== undefined && mine > before && has("2.4.18")) {
      const change = { max_length: String(mine) }
      const why = `the maximum length is ${before} on the server`
      changes.push({
        change: { kind: "AlterField", field, properties: change, from: { max_length: String(before) } },
        why,
      })
      reached[field] = { ...theirs, options: { ...theirs.options, maxLength: mine } }
    }
  }
  const dropped = Object.keys(actual.fields).filter((field) =>
    !Object.hasOwn(wanted.fields, field) && !used.includes(field) && has("3.0.0")
  )
  for (const field of dropped) delete reached[field]
  return { changes, dropped, reached }
}

/** Orders the changes, with a release before those that need it, and a load after all. */
const withLoading = (
  { database, home, loads }: Place,
  definition: AnyDefinition,
  { alterations, needsRelease, drops, indexes }: Changes,
  isReleased: boolean,
): Omit<Difference, "conflicts"> => {
  const of = { database, collection: definition.name }
  const step = (change: Change, why: string, drops = false) => stepOf(home, change, why, drops)
  const isReplaced = indexes.some(({ why }) => why !== undefined)
  const releases = !isReleased && (needsRelease || isReplaced)
  // A replacement as a whole is made only if an index may be dropped.
  const isDrop = releases && !needsRelease
  const isLoaded = isSearchable(definition) && (isReleased ? loads : releases)
  return {
    steps: [
      ...(releases
        ? [
          step(
            { kind: "ReleaseCollection", ...of },
            "a change below needs it; it cannot be searched meanwhile",
            isDrop,
          ),
        ]
        : []),
      ...alterations,
      ...indexes.flatMap((one) => {
        const { field, index } = one
        const create: Change = { kind: "CreateIndex", ...of, field, index }
        if (one.why === undefined) return [step(create, "it is not on the server")]
        const { name, from, why } = one
        return [step({ kind: "DropIndex", ...of, field, index: name, from }, why, true), step(create, why, true)]
      }),
      ...(isLoaded
        ? [
          step(
            { kind: "LoadCollection", ...of },
            isReleased ? "it is not loaded" : "it was released for a change above",
            isDrop,
          ),
        ]
        : []),
    ],
    drops,
  }
}
