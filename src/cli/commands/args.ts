/** Shared by commands: arguments, flags, printing of lists, and operations that are loaded on demand. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { parsePort } from "../../config/address.ts"
import type { CallError, ParamError } from "../../errors.ts"
import { parseDuration } from "../duration.ts"
import { type InputFormat, inputFormats } from "../input/source.ts"
import { type Printing, printRows } from "../output/print.ts"
import type { CellKind, Row } from "../output/writer.ts"

const isNotBlank = (text: string): boolean => text.trim() !== ""

/**
 * Makes a required argument. Rejects a blank one: it is often an unset variable, and some servers treat it as "all".
 */
export const argument = (name: string, description: string): Argument.Argument<string> =>
  Argument.String(name).pipe(
    Argument.filter(isNotBlank, () => "non-blank text"),
    Argument.withDescription(description),
  )

/** Makes an optional argument. Rejects a blank one. */
export const optionalArgument = (name: string, description: string): Argument.Argument<string | undefined> =>
  argument(name, description).pipe(Argument.optional, Argument.map(Option.getOrUndefined))

/** Makes the argument for the alias of a connection. */
export const aliasArgument = (description: string): Argument.Argument<string> =>
  Argument.String("alias").pipe(Argument.withDescription(description))

/** Argument for the collection of a command. */
export const collectionArgument: Argument.Argument<string> = argument("collection", "The collection")

/** Makes a required argument with the id of a job. */
export const idArgument = (description: string): Argument.Argument<bigint> =>
  Argument.String("id").pipe(
    Argument.filterMap(
      (text) => {
        const id = /^\d{1,19}$/.test(text) ? BigInt(text) : 0n
        return id > 0n && BigInt.asIntN(64, id) === id ? Option.some(id) : Option.none()
      },
      () => "a positive 64-bit integer",
    ),
    Argument.withDescription(description),
  )

/** Makes an optional flag with non-blank text. */
export const textFlag = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  Flag.filter(
    anyTextFlag(name, metavar, description),
    (text) => text === undefined || isNotBlank(text),
    () => "non-blank text",
  )

/** Makes an optional flag with any text. */
export const anyTextFlag = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  Flag.String(name).pipe(
    Flag.withDescription(description),
    Flag.withMetavar(metavar),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  )

/** Flag `--filter`. */
export const filterFlag: Flag.Flag<string | undefined> = textFlag("filter", "CONDITION", "Only rows that match")

/** Makes an optional flag with an integer from `least` to 2^31 - 1. */
export const countFlag = (name: string, description: string, least: 0 | 1 = 1): Flag.Flag<number | undefined> =>
  Flag.filterMap(
    anyTextFlag(name, "N", description),
    (text) => {
      if (text === undefined) return Option.some(undefined)
      const count = /^\d{1,10}$/.test(text) ? Number(text) : NaN
      return count >= least && count < 2 ** 31 ? Option.some(count) : Option.none()
    },
    () => `an integer from ${least} to 2147483647`,
  )

/** Makes an optional flag with a duration of whole seconds. */
export const secondsFlag = (name: string, description: string): Flag.Flag<Duration.Duration | undefined> =>
  Flag.filterMap(
    anyTextFlag(name, "TIME", description),
    (text) => {
      if (text === undefined) return Option.some(undefined)
      const milliseconds = parseDuration(text)
      return milliseconds === undefined || milliseconds % 1000 !== 0
        ? Option.none()
        : Option.some(Duration.millis(milliseconds))
    },
    () => "a duration of whole seconds, such as 30s, 12h or 7d",
  )

/** Makes the optional flag `--port`. */
export const portFlag = (description: string): Flag.Flag<string | undefined> =>
  Flag.filter(
    anyTextFlag("port", "PORT", description),
    (text) => text === undefined || parsePort(text) !== undefined,
    () => "a port from 1 to 65535",
  )

/** Makes the optional flag `--format`. */
export const formatFlag = (description: string): Flag.Flag<InputFormat | undefined> =>
  Flag.Literals("format", inputFormats).pipe(
    Flag.withDescription(description),
    Flag.withMetavar("FORMAT"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  )

/** Makes a boolean flag, `false` by default. */
export const switchFlag = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

/** Makes a repeatable flag with non-blank text. */
export const manyFlag = (name: string, metavar: string, description: string): Flag.Flag<ReadonlyArray<string>> =>
  Flag.String(name).pipe(
    Flag.filter(isNotBlank, () => "non-blank text"),
    Flag.withDescription(description),
    Flag.withMetavar(metavar),
    Flag.atLeast(0),
  )

/** Makes an optional flag with comma-separated names. Rejects an empty list, which servers would treat as "all". */
export const namesFlag = (
  name: string,
  metavar: string,
  description: string,
): Flag.Flag<ReadonlyArray<string> | undefined> =>
  Flag.filterMap(
    anyTextFlag(name, metavar, description),
    (text) => {
      const names = text?.split(",").map((name) => name.trim())
      return names?.includes("") ? Option.none() : Option.some(names)
    },
    () => "comma-separated names, none of them blank",
  )

/** Prints rows that are all in memory. */
export const printAll = (
  columns: ReadonlyArray<string>,
  rows: Iterable<Row>,
  noun: string,
  kindOf?: (name: string) => CellKind,
): Effect.Effect<void, never, Printing> => printRows(columns, Stream.fromIterable(rows), noun, kindOf)

/**
 * Adds values with names that the server chooses to a record. A name that the record has already gets the prefix `$`.
 */
export const withOthers = (record: Row, others: Row): Row => ({
  ...record,
  ...Object.fromEntries(
    Object.entries(others).map(([name, value]) => [Object.hasOwn(record, name) ? `$${name}` : name, value]),
  ),
})

/** Converts a timestamp of Milvus, in milliseconds since 1970, to a date; `undefined` for 0. */
export const toDate = (milliseconds: bigint | undefined): Date | undefined =>
  milliseconds === undefined || milliseconds <= 0n ? undefined : new Date(Number(milliseconds))

/** Returns `undefined` instead of failing if the server does not support a call, or the user may not make it. */
export const ifSupported = <A, E extends CallError | ParamError, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<A | undefined, E, R> =>
  Effect.catchIf(
    effect,
    (error) =>
      error._tag === "Unsupported" ||
      error._tag === "RpcError" && (error.code === "UNIMPLEMENTED" || error.code === "PERMISSION_DENIED"),
    () => Effect.succeed(undefined),
  )

/** `Analyzer`, loaded on demand because loading takes time. */
export const analyzerOperations = Effect.promise(() => import("../../operations/Analyzer.ts"))
/** `Collection`, loaded on demand. */
export const collectionOperations = Effect.promise(() => import("../../operations/Collection.ts"))
/** `CollectionAlias`, loaded on demand. */
export const aliasOperations = Effect.promise(() => import("../../operations/CollectionAlias.ts"))
/** `Database`, loaded on demand. */
export const databaseOperations = Effect.promise(() => import("../../operations/Database.ts"))
/** `ExternalCollection`, loaded on demand. */
export const externalOperations = Effect.promise(() => import("../../operations/ExternalCollection.ts"))
/** `FileResource`, loaded on demand. */
export const fileOperations = Effect.promise(() => import("../../operations/FileResource.ts"))
/** `Import`, loaded on demand. */
export const importOperations = Effect.promise(() => import("../../operations/Import.ts"))
/** `Index`, loaded on demand. */
export const indexOperations = Effect.promise(() => import("../../operations/Index.ts"))
/** `Maintenance`, loaded on demand. */
export const maintenanceOperations = Effect.promise(() => import("../../operations/Maintenance.ts"))
/** `Namespace`, loaded on demand. */
export const namespaceOperations = Effect.promise(() => import("../../operations/Namespace.ts"))
/** `Partition`, loaded on demand. */
export const partitionOperations = Effect.promise(() => import("../../operations/Partition.ts"))
/** `Prewarm`, loaded on demand. */
export const prewarmOperations = Effect.promise(() => import("../../operations/Prewarm.ts"))
/** `Privilege`, loaded on demand. */
export const privilegeOperations = Effect.promise(() => import("../../operations/Privilege.ts"))
/** `Replica`, loaded on demand. */
export const replicaOperations = Effect.promise(() => import("../../operations/Replica.ts"))
/** `ResourceGroup`, loaded on demand. */
export const resourceGroupOperations = Effect.promise(() => import("../../operations/ResourceGroup.ts"))
/** `Role`, loaded on demand. */
export const roleOperations = Effect.promise(() => import("../../operations/Role.ts"))
/** `RowPolicy`, loaded on demand. */
export const rowPolicyOperations = Effect.promise(() => import("../../operations/RowPolicy.ts"))
/** `Snapshot`, loaded on demand. */
export const snapshotOperations = Effect.promise(() => import("../../operations/Snapshot.ts"))
/** `System`, loaded on demand. */
export const systemOperations = Effect.promise(() => import("../../operations/System.ts"))
/** `User`, loaded on demand. */
export const userOperations = Effect.promise(() => import("../../operations/User.ts"))
/** `Vectors`, loaded on demand. */
export const vectorOperations = Effect.promise(() => import("../../operations/Vectors.ts"))
