/** Commands for indexes: `list`, `describe`, `create`, `alter`, `drop`. Milvus cannot rename them. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { confirm, yesFlag } from "../confirm.ts"
import { CommandError } from "../errors.ts"
import { longWait, waitFor } from "../jobs.ts"
import { printDone, printRecord } from "../output/print.ts"
import { defaultMetric, makeIndex, parseParams } from "../schemaSyntax.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { alterProperties, propertyFlags } from "../alterProperties.ts"
import {
  argument,
  collectionArgument,
  collectionOperations,
  indexOperations,
  manyFlag,
  optionalArgument,
  printAll,
  switchFlag,
  textFlag,
  withOthers,
} from "./args.ts"

const collection = collectionArgument
const index = argument("index", "Name of the index (by default the name of its field)")

/** `list indexes`. */
export const list = Command.make(
  "indexes",
  { collection, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Index = yield* indexOperations
      const all = yield* Index.describe(collection)
      const rows = all.map(({ params: _, ...row }) => row)
      yield* printAll(["name", "field", "type", "metric", "state", "indexed", "rows"], rows, "indexes")
    })),
).pipe(Command.withDescription("List the indexes of a collection"))

/** Waits until the index of a field is built. */
const waitForIndex = (collection: string, field: string, index: string) =>
  Effect.flatMap(indexOperations, ({ building }) =>
    waitFor(
      building(collection, field, longWait),
      { name: `index ${index}`, resume: `describe index ${collection} ${index} --wait` },
      (indexes) => {
        const [indexed, rows] = [sum(indexes.map(({ indexed }) => indexed)), sum(indexes.map(({ rows }) => rows))]
        return { part: rows === 0 ? undefined : indexed / rows, about: `${indexed.toLocaleString("en")} rows` }
      },
    ))

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, each) => total + each, 0)

/** `describe index`. */
export const describe = Command.make(
  "index",
  {
    collection,
    index,
    wait: switchFlag("wait", "Wait until the index is built"),
    target: targetFlags,
  },
  ({ collection, index, wait, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Index = yield* indexOperations
      const find = Effect.map(Index.describe(collection), (all) => all.find(({ name }) => name === index))
      const before = yield* find
      if (wait && before !== undefined) yield* waitForIndex(collection, before.field, index)
      const found = wait ? yield* find : before
      if (found === undefined) {
        return yield* new CommandError({
          reason: `${collection} has no index "${index}"`,
          hint: `see which exist: list indexes ${collection}`,
        })
      }
      const { params, ...rest } = found
      yield* printRecord(withOthers(rest, params))
    })),
).pipe(Command.withDescription("Show parameters and state of an index"))

/** `create index`. */
export const create = Command.make(
  "index",
  {
    collection,
    field: argument("field", "Field to index"),
    type: optionalArgument("type", "HNSW, IVF_FLAT, INVERTED and others (default: AUTOINDEX)"),
    metric: textFlag("metric", "METRIC", "COSINE, L2, IP and others (default: by the field type)"),
    params: manyFlag("param", "KEY=VALUE", "Build parameter, such as M=16; may be repeated"),
    name: textFlag("name", "NAME", "Name of the index (default: the name of the field)"),
    wait: switchFlag("wait", "Wait until the index is built"),
    target: targetFlags,
  },
  ({ collection, field, type = "AUTOINDEX", metric, name, wait, target, ...input }) =>
    Effect.flatMap(parseParams(input.params), (params) =>
      withConnection(target)(Effect.gen(function* () {
        const Collection = yield* collectionOperations
        const Index = yield* indexOperations
        const { fields } = (yield* Collection.describe(collection)).definition
        const made = makeIndex(
          type,
          metric ?? defaultMetric(Object.hasOwn(fields, field) ? fields[field] : undefined),
          params,
        )
        yield* Index.create(collection, field, made, { name })
        if (wait) yield* waitForIndex(collection, field, name ?? field)
        yield* printDone(`created index ${name ?? field} of ${collection}`, { created: name ?? field, collection })
      }))),
).pipe(
  Command.withDescription("Create an index on a field"),
  Command.withExamples([{ command: "create index books vector HNSW --metric COSINE --param M=16" }]),
)

/** `alter index`. */
export const alter = Command.make(
  "index",
  { collection, index, ...propertyFlags, target: targetFlags },
  ({ collection, index, target, ...flags }) =>
    alterProperties(flags, (change) =>
      withConnection(target)(Effect.gen(function* () {
        const Index = yield* indexOperations
        if ("set" in change) yield* Index.alter(collection, index, change.set)
        else yield* Index.dropProperties(collection, index, change.drop)
        yield* printDone(`altered index ${index} of ${collection}`, { altered: index, collection })
      }))),
).pipe(
  Command.withDescription("Set or drop properties of an index; release the collection first"),
  Command.withExamples([{ command: "alter index books vector --property mmap.enabled=true" }]),
)

/** `drop index`. */
export const drop = Command.make(
  "index",
  { collection, index, yes: yesFlag, target: targetFlags },
  ({ collection, index, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const Index = yield* indexOperations
      yield* confirm(yes, `Drop the index ${index} of ${collection}?`)
      yield* Index.drop(collection, index)
      yield* printDone(`dropped index ${index} of ${collection}`, { dropped: index, collection })
    })),
).pipe(Command.withDescription("Drop an index; release the collection first"))
