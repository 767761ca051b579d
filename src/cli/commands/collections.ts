/** Commands for collections: `list`, `describe`, `create`, `alter`, `drop`, `load`, `release`, `rename`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type * as Connection from "../../Connection.ts"
import type { CallError, ParamError } from "../../errors.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { AnyField } from "../../schema/fieldTypes.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { UsageError } from "../errors.ts"
import { printDetails, printDone } from "../output/print.ts"
import { longWait, waitFor } from "../jobs.ts"
import type { Terminal } from "../screen.ts"
import { defaultMetric, eachOnce, fieldRows, makeIndex, parseField, parseIndex } from "../schemaSyntax.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { alterProperties, propertyFlags } from "../alterProperties.ts"
import {
  anyTextFlag,
  argument,
  collectionArgument,
  collectionOperations,
  countFlag,
  ifSupported,
  indexOperations,
  manyFlag,
  namesFlag,
  printAll,
  switchFlag,
  textFlag,
  vectorOperations,
} from "./args.ts"

/** `list collections`. */
export const list = Command.make(
  "collections",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listDetails } = yield* collectionOperations
      const rows = (yield* listDetails()).map(({ name, percent, created }) => ({
        name,
        loaded: percent >= 100 ? "yes" : percent === 0 ? "no" : `${percent} %`,
        created,
      }))
      yield* printAll(["name", "loaded", "created"], rows, "collections")
    })),
).pipe(Command.withDescription("List the collections of the database"))

/** `describe collection`. */
export const describe = Command.make(
  "collection",
  { collection: collectionArgument, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Collection = yield* collectionOperations
      const Index = yield* indexOperations
      const { definition, id, aliases, created, raw } = yield* Collection.describe(collection)
      const rows = yield* rowsIn(collection)
      const load = yield* ifSupported(Collection.loadState(collection))
      const indexes = yield* Index.describe(collection)
      const { description, consistencyLevel = "Bounded", shards, dynamicFields = false } = definition.options
      yield* printDetails({
        name: definition.name,
        id,
        description,
        rows,
        load: load === undefined ? undefined : load.state === "Loading" ? `${load.percent} %` : String(load.state),
        consistency: consistencyLevel,
        shards,
        "dynamic fields": dynamicFields,
        aliases: aliases.length === 0 ? undefined : aliases,
        created,
        properties: Object.keys(raw).length === 0 ? undefined : raw,
      }, {
        fields: { columns: ["field", "type", "options", "description"], rows: fieldRows(definition) },
        indexes: {
          columns: ["index", "field", "type", "metric", "state"],
          rows: indexes.map(({ name, field, type, metric, state }) => ({ index: name, field, type, metric, state })),
        },
      })
    })),
).pipe(Command.withDescription("Show fields, indexes and state of a collection"))

/** Returns the number of rows: counted if the collection is loaded, else from the statistics of the server. */
const rowsIn = (collection: string) =>
  Effect.flatMap(vectorOperations, ({ count }) => count(collection, undefined, { consistency: "Strong" })).pipe(
    // For example because it is not loaded. Other errors, such as a lost connection, are not retried here.
    Effect.catchTag(
      "ServerError",
      () =>
        Effect.map(
          Effect.flatMap(collectionOperations, ({ statistics }) => statistics(collection)),
          ({ rows }) => rows,
        ),
    ),
  )

/** `create collection`. */
export const create = Command.make("collection", {
  collection: collectionArgument,
  fields: manyFlag(
    "field",
    "TEXT",
    'Field; may be repeated: "id Int64 primary auto", "title VarChar(200)", "v FloatVector(768)"',
  ),
  indexes: manyFlag("index", "TEXT", 'Index; may be repeated: "v HNSW COSINE M=16 efConstruction=200"'),
  dimension: countFlag("dimension", "Instead of --field: an Int64 id, and a FloatVector of this dimension"),
  dynamic: switchFlag("dynamic", "Allow rows to have keys that are not fields"),
  shards: countFlag("shards", "Number of shards that writes are spread over"),
  consistency: textFlag("consistency", "LEVEL", "Strong, Session, Bounded or Eventually"),
  description: anyTextFlag("description", "TEXT", "Description of the collection"),
  target: targetFlags,
}, ({ collection, target, ...input }) =>
  Effect.gen(function* () {
    const definition = yield* definitionOf(collection, input)
    yield* withConnection(target)(Effect.flatMap(collectionOperations, ({ create }) => create(definition)))
    yield* printDone(`created collection ${collection}`, { created: collection })
  })).pipe(
    Command.withDescription("Create a collection and its indexes; loads it if every vector field has an index"),
    Command.withExamples([
      { command: "create collection books --dimension 768" },
      {
        command:
          'create collection books --field "id Int64 primary" --field "title VarChar(200)" --field "v FloatVector(4)" --index "v HNSW COSINE"',
      },
    ]),
  )

interface Definition {
  readonly fields: ReadonlyArray<string>
  readonly indexes: ReadonlyArray<string>
  readonly dimension: number | undefined
  readonly dynamic: boolean
  readonly shards: number | undefined
  readonly consistency: string | undefined
  readonly description: string | undefined
}

/** Makes a definition from the flags, before any connection is opened. */
const definitionOf = (name: string, input: Definition): Effect.Effect<AnyDefinition, UsageError> =>
  Effect.gen(function* () {
    const { dimension, description, shards, dynamic } = input
    const consistencyLevel = yield* levelOf(input.consistency)
    const options = { description, shards, consistencyLevel }
    if (input.fields.length > 0) {
      if (dimension !== undefined) {
        return yield* new UsageError({ reason: "expected --field or --dimension, got both" })
      }
      const fields: Readonly<Record<string, AnyField>> = Object.fromEntries(
        yield* eachOnce(yield* Effect.forEach(input.fields, parseField), "field"),
      )
      const parsed = yield* eachOnce(yield* Effect.forEach(input.indexes, parseIndex), "field with an index")
      const indexes = parsed.map(([field, { type, metric, params }]) => {
        const indexed = Object.hasOwn(fields, field) ? fields[field] : undefined
        return [field, makeIndex(type, metric ?? defaultMetric(indexed), params)] as const
      })
      return { name, fields, options: { ...options, dynamicFields: dynamic, indexes: Object.fromEntries(indexes) } }
    }
    if (dimension === undefined) {
      return yield* new UsageError({ reason: "missing fields", hint: "give --field for each field, or --dimension" })
    }
    if (input.indexes.length > 0) {
      return yield* new UsageError({
        reason: "--index: not allowed with --dimension, which creates an index itself",
        hint: "use --field instead of --dimension",
      })
    }
    return {
      name,
      fields: {
        id: { type: "Int64", options: { primaryKey: true } },
        vector: { type: "FloatVector", options: { dimension } },
      },
      options: { ...options, dynamicFields: true, indexes: { vector: makeIndex("AUTOINDEX", "COSINE", {}) } },
    }
  })

const levels = ["Strong", "Session", "Bounded", "Eventually"] as const

const levelOf = (text: string | undefined): Effect.Effect<AnyDefinition["options"]["consistencyLevel"], UsageError> => {
  const level = levels.find((level) => level.toLowerCase() === text?.toLowerCase())
  return text === undefined || level !== undefined
    ? Effect.succeed(level)
    : Effect.fail(new UsageError({ reason: `--consistency: expected ${levels.join(", ")}, got "${text}"` }))
}

/** `alter collection`. */
export const alter = Command.make(
  "collection",
  { collection: collectionArgument, ...propertyFlags, target: targetFlags },
  ({ collection, target, ...flags }) =>
    alterProperties(flags, (change) =>
      withConnection(target)(Effect.gen(function* () {
        const { alter, dropProperties } = yield* collectionOperations
        if ("set" in change) yield* alter(collection, change.set)
        else yield* dropProperties(collection, change.drop)
        yield* printDone(`altered collection ${collection}`, { altered: collection })
      }))),
).pipe(
  Command.withDescription("Set or drop properties of a collection"),
  Command.withExamples([{ command: "alter collection books --property collection.ttl.seconds=3600" }]),
)

/** `truncate`. */
export const truncate = Command.make(
  "truncate",
  { collection: collectionArgument, yes: yesFlag, target: targetFlags },
  ({ collection, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe, truncate } = yield* collectionOperations
      yield* describe(collection)
      const rows = yield* rowsIn(collection)
      yield* confirm(yes, `Remove ALL ${rows.toLocaleString("en")} rows of ${collection}?`)
      yield* truncate(collection)
      yield* printDone(`truncated collection ${collection}`, { truncated: collection })
    })),
).pipe(Command.withDescription("Remove all rows of a collection at once; `delete --all` works on every server"))

/** `drop collection`. */
export const drop = Command.make(
  "collection",
  { collection: collectionArgument, yes: yesFlag, target: targetFlags },
  ({ collection, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { describe, drop } = yield* collectionOperations
      // Fails if the collection does not exist, unlike the drop of the server.
      yield* describe(collection)
      const rows = yield* rowsIn(collection)
      yield* confirm(yes, `Drop the collection ${collection} with ${rows.toLocaleString("en")} rows?`)
      yield* drop(collection)
      yield* printDone(`dropped collection ${collection}`, { dropped: collection })
    })),
).pipe(Command.withDescription("Drop a collection with all its rows"))

const partitionsFlag = namesFlag("partitions", "A,B", "Only these partitions")

/** `load collection`. */
export const load = Command.make("collection", {
  collection: collectionArgument,
  replicas: countFlag("replicas", "Number of replicas (default: 1)"),
  partitions: partitionsFlag,
  target: targetFlags,
}, ({ collection, replicas, partitions, target }) =>
  withConnection(target)(
    Effect.andThen(
      loading(collection, { replicas, partitions }),
      printDone(`loaded collection ${collection}`, { loaded: collection }),
    ),
  )).pipe(Command.withDescription("Load a collection into memory, and wait until it can be searched"))

/** Loads a collection, and shows the progress. */
export const loading = (
  collection: string,
  options: { readonly replicas?: number | undefined; readonly partitions?: ReadonlyArray<string> | undefined },
): Effect.Effect<void, CallError | ParamError, Connection.Connection | Terminal> =>
  Effect.gen(function* () {
    const { loading } = yield* collectionOperations
    const words = options.partitions?.length === 1 ? `partition ${collection} ${options.partitions[0]}` : [
      `collection ${collection}`,
      ...(options.partitions === undefined ? [] : [`--partitions ${options.partitions.join(",")}`]),
      ...(options.replicas === undefined ? [] : [`--replicas ${options.replicas}`]),
    ].join(" ")
    yield* waitFor(
      loading(collection, { ...options, ...longWait }),
      { name: `load of ${collection}`, resume: `load ${words}` },
      (percent) => ({ part: percent / 100, about: "" }),
    )
  })

/** `release collection`. */
export const release = Command.make(
  "collection",
  { collection: collectionArgument, partitions: partitionsFlag, target: targetFlags },
  ({ collection, partitions, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { release } = yield* collectionOperations
      yield* release(collection, { partitions })
      yield* printDone(`released collection ${collection}`, { released: collection })
    })),
).pipe(Command.withDescription("Release a collection from memory; its rows stay on the disk"))

/** `rename collection`. */
export const rename = Command.make(
  "collection",
  {
    collection: collectionArgument,
    name: argument("new-name", "New name"),
    intoDatabase: textFlag("into-database", "NAME", "Move the collection into this database"),
    target: targetFlags,
  },
  ({ collection, name, intoDatabase, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { rename } = yield* collectionOperations
      yield* rename(collection, name, { intoDatabase })
      const where = intoDatabase === undefined ? name : `${name} in database ${intoDatabase}`
      yield* printDone(`renamed collection ${collection} to ${where}`, {
        renamed: collection,
        to: name,
        database: intoDatabase,
      })
    })),
).pipe(Command.withDescription("Rename a collection, or move it into another database"))
