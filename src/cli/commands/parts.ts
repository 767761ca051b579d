/** What commands share: arguments, lists, details, and operations that are loaded when they are needed. */
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { CallError } from "../../errors.ts"
import { type Printing, printRows } from "../output/print.ts"
import type { CellKind, Row } from "../output/writer.ts"

/** An argument that has to be given. */
export const argument = (name: string, description: string): Argument.Argument<string> =>
  Argument.String(name).pipe(Argument.withDescription(description))

/** An argument that may be left out. */
export const optionalArgument = (name: string, description: string): Argument.Argument<string | undefined> =>
  Argument.String(name).pipe(
    Argument.withDescription(description),
    Argument.optional,
    Argument.map(Option.getOrUndefined),
  )

/** The collection that a command is about. */
export const collectionArgument: Argument.Argument<string> = argument("collection", "The collection")

/** A flag with text, which may be left out. */
export const textFlag = (name: string, metavar: string, description: string): Flag.Flag<string | undefined> =>
  Flag.String(name).pipe(
    Flag.withDescription(description),
    Flag.withMetavar(metavar),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  )

/** A flag with a whole number, which may be left out. */
export const countFlag = (name: string, description: string): Flag.Flag<number | undefined> =>
  Flag.Int(name).pipe(
    Flag.filter((count) => count >= 0, () => "a number from 0 on"),
    Flag.withDescription(description),
    Flag.withMetavar("N"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  )

/** A flag that is there or not. */
export const switchFlag = (name: string, description: string): Flag.Flag<boolean> =>
  Flag.Boolean(name).pipe(Flag.withDescription(description), Flag.withoutNegation, Flag.withDefault(false))

/** A flag that may come several times. */
export const manyFlag = (name: string, metavar: string, description: string): Flag.Flag<ReadonlyArray<string>> =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.withMetavar(metavar), Flag.atLeast(0))

/** A flag with names between commas. */
export const namesFlag = (
  name: string,
  metavar: string,
  description: string,
): Flag.Flag<ReadonlyArray<string> | undefined> => Flag.map(textFlag(name, metavar, description), split)

const split = (text: string | undefined): ReadonlyArray<string> | undefined =>
  text?.split(",").map((name) => name.trim()).filter((name) => name !== "")

/** Prints rows that are all there. */
export const printAll = (
  columns: ReadonlyArray<string>,
  rows: Iterable<Row>,
  noun: string,
  kindOf?: (name: string) => CellKind,
): Effect.Effect<void, never, Printing> => printRows(columns, Stream.fromIterable(rows), noun, kindOf)

/** A moment of Milvus, in milliseconds since 1970; 0 is none. */
export const momentOf = (milliseconds: bigint | undefined): Date | undefined =>
  milliseconds === undefined || milliseconds <= 0n ? undefined : new Date(Number(milliseconds))

/** What a server does not know is left out. */
export const ifKnown = <A, R>(effect: Effect.Effect<A, CallError, R>): Effect.Effect<A | undefined, CallError, R> =>
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
