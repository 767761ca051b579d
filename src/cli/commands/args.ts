/** What commands share: arguments, lists, details, and operations that are loaded when they are needed. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { parsePort } from "../../config/address.ts"
import type { CallError } from "../../errors.ts"
import { type InputFormat, inputFormats } from "../input/source.ts"
import { type Printing, printRows } from "../output/print.ts"
import type { CellKind, Row } from "../output/writer.ts"

const isNotBlank = (text: string): boolean => text.trim() !== ""

/** An argument that has to be given. A blank one is refused: it is often a variable that is not set, and some servers take it for all. */
export const argument = (name: string, description: string): Argument.Argument<string> =>
  Argument.String(name).pipe(
    Argument.filter(isNotBlank, () => "text that is not blank"),
    Argument.withDescription(description),
  )

/** An argument that may be left out, and is not blank. */
export const optionalArgument = (name: string, description: string): Argument.Argument<string | undefined> =>
  argument(name, description).pipe(Argument.optional, Argument.map(Option.getOrUndefined))

/** The alias of a connection. */
export const aliasArgument = (description: string): Argument.Argument<string> =>
  Argument.String("alias").pipe(Argument.withDescription(description))

/** The collection that a command is about. */
export const collectionArgument: Argument.Argument<string> = argument("collection", "The collection")

/** A flag with text that is not blank, which may be left out. */
export const textFlag = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  Flag.filter(
    anyTextFlag(name, metavar, description),
    (text) => text === undefined || isNotBlank(text),
    () => "text that is not blank",
  )

/** A flag with any text, which may be left out. */
export const anyTextFlag = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  Flag.String(name).pipe(
    Flag.withDescription(description),
    Flag.withMetavar(metavar),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  )

/** The flag `--filter`. */
export const filterFlag: Flag.Flag<string | undefined> = textFlag("filter", "CONDITION", "Only rows that match")

/** A flag with a whole number from `least` on, which may be left out. */
export const countFlag = (name: string, description: string, least: 0 | 1 = 1): Flag.Flag<number | undefined> =>
  Flag.filterMap(
    anyTextFlag(name, "N", description),
    (text) => {
      if (text === undefined) return Option.some(undefined)
      const count = /^\d{1,10}$/.test(text) ? Number(text) : NaN
      return count >= least && count < 2 ** 31 ? Option.some(count) : Option.none()
    },
    () => `a whole number from ${least} to 2147483647`,
  )

/** A flag with a port, which may be left out. */
export const portFlag = (description: string): Flag.Flag<string | undefined> =>
  Flag.filter(
    anyTextFlag("port", "PORT", description),
    (text) => text === undefined || parsePort(text) !== undefined,
    () => "a port from 1 to 65535",
  )

/** The flag `--format`, which may be left out. */
export const formatFlag = (description: string): Flag.Flag<InputFormat | undefined> =>
  Flag.Literals("format", inputFormats).pipe(
    Flag.withDescription(description),
    Flag.withMetavar("FORMAT"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  )

/** A flag that is there or not. */
export const switchFlag = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

/** A flag that may come several times, with text that is not blank. */
export const manyFlag = (name: string, metavar: string, description: string): Flag.Flag<ReadonlyArray<string>> =>
  Flag.String(name).pipe(
    Flag.filter(isNotBlank, () => "text that is not blank"),
    Flag.withDescription(description),
    Flag.withMetavar(metavar),
    Flag.atLeast(0),
  )

/** A flag with names between commas. An empty list is refused: it reads as none, and servers take it for all. */
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
    () => "names with commas between, none of them blank",
  )

/** Prints rows that are all there. */
export const printAll = (
  columns: ReadonlyArray<string>,
  rows: Iterable<Row>,
  noun: string,
  kindOf?: (name: string) => CellKind,
): Effect.Effect<void, never, Printing> => printRows(columns, Stream.fromIterable(rows), noun, kindOf)

/** A record with values whose names the server chooses: one that the record has gets a `$`, so that both are shown. */
export const withOthers = (record: Row, others: Row): Row => ({
  ...record,
  ...Object.fromEntries(
    Object.entries(others).map(([name, value]) => [Object.hasOwn(record, name) ? `$${name}` : name, value]),
  ),
})

/** A moment of Milvus, in milliseconds since 1970; 0 is none. */
export const toDate = (milliseconds: bigint | undefined): Date | undefined =>
  milliseconds === undefined || milliseconds <= 0n ? undefined : new Date(Number(milliseconds))

/** What a server does not know is left out. */
export const ifSupported = <A, R>(effect: Effect.Effect<A, CallError, R>): Effect.Effect<A | undefined, CallError, R> =>
  Effect.catchIf(
    effect,
    (error) => error._tag === "RpcError" && (error.code === "UNIMPLEMENTED" || error.code === "PERMISSION_DENIED"),
    () => Effect.succeed(undefined),
  )

/** `Collection`, which takes a while to load. */
export const collectionOperations = Effect.promise(() => import("../../operations/Collection.ts"))
/** `Index`, likewise. */
export const indexOperations = Effect.promise(() => import("../../operations/Index.ts"))
/** `Vectors`, likewise. */
export const vectorOperations = Effect.promise(() => import("../../operations/Vectors.ts"))
