/**
 * Derives the promise form of a module of operations, so that no signature is written twice.
 *
 * - The types come from the module: {@linkcode Promised}.
 * - The operations are listed by name, each with its form, since the module is loaded only when one of them is called.
 *   The list is checked against the module: an operation that is missing, or has a wrong form, does not compile.
 * - The result is a plain object with these names and nothing else.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { failUnknownParam } from "../config/params.ts"
import type * as Connection from "../Connection.ts"
import type { ParamError } from "../errors.ts"
import { type Bridge, bridge, hasSignal, loadOnce, oncePer, type Services, withoutSignal } from "./bridge.ts"
import type { AbortOptions } from "./run.ts"

/**
 * A module of operations as promises. An operation that returns an `Effect` returns a promise, and one that returns a
 * `Stream` an async iterable. Each takes `signal` with its options, which come last, and rejects with the error that
 * the operation fails with. A job becomes a {@linkcode PromisedJob}. What is not an operation, such as a constructor
 * or a service, is left out.
 */
export type Promised<Module> = {
  readonly [Name in keyof Module as Named<Name, FormOf<Module[Name]>>]: PromisedOperation<Module[Name]>
}

/** A job of the server, such as an import, as promises. */
export interface PromisedJob<Id, State, Result> {
  /** The id of the job on the server. */
  readonly id: Id
  /** Yields the state of the job now and at each change, until it is done. Rejects if the job fails. */
  readonly progress: (options?: AbortOptions) => AsyncIterable<State>
  /** Waits until the job is done. Rejects if the job fails. Aborting ends the wait, not the job. */
  readonly await: (options?: AbortOptions) => Promise<Result>
}

/**
 * The form of each operation of a module: `"promise"` or `"iterable"`. It is `"none"` if the form cannot be derived,
 * since the operation is overloaded, has type parameters, or needs more than a connection. Such an operation is
 * left out, and can be written by hand, as in `vectors.ts`.
 */
export type Forms<Module> = {
  readonly [Name in keyof Module as [FormOf<Module[Name]>] extends [never] ? never : Name]: FormOf<Module[Name]>
}

type Form = "promise" | "iterable" | "none"

/** The form of an export; `never` if it is not an operation. */
type FormOf<Export> = Export extends Context.Key<unknown, unknown> ? never
  : Export extends (...args: infer Args) => infer Result
  // Inference replaces type parameters by their constraints, and takes one of several overloads.
    ? IsSame<Export, (...args: Args) => Result> extends true ? FormOfValue<Result>
    : [FormOfValue<Result>] extends [never] ? never
    : "none"
  : FormOfValue<Export>

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false

type FormOfValue<Value> = Value extends Stream.Stream<unknown, unknown, Connection.Connection> ? "iterable"
  : Value extends Effect.Effect<unknown, unknown, Connection.Connection> ? "promise"
  : Value extends Stream.Stream<unknown, unknown, unknown> | Effect.Effect<unknown, unknown, unknown> ? "none"
  : never

/** A name, if it is that of an operation whose form can be derived. */
type Named<Name, F extends Form> = { promise: Name; iterable: Name; none: never }[F]

type PromisedOperation<Operation> = Operation extends (...args: infer Args) => infer Result
  ? (...args: WithSignal<Args>) => PromisedValue<Result>
  : (options?: AbortOptions) => PromisedValue<Operation>

type PromisedValue<Value> = Value extends Stream.Stream<infer A, unknown, unknown> ? AsyncIterable<A>
  : Value extends Effect.Effect<infer A, unknown, unknown> ? Promise<PromisedResult<A>>
  : never

type PromisedResult<A> = A extends Job<infer Id, infer State, infer Result> ? PromisedJob<Id, State, Result> : A

/** A job, as `operations/shared/job.ts` makes it. */
interface Job<Id, State, Result> {
  readonly id: Id
  readonly progress: Stream.Stream<State, unknown, Connection.Connection>
  readonly await: Effect.Effect<Result, unknown, Connection.Connection>
}

/** Parameters with `signal` among the options, or with options for it, if the last parameter is not options. */
type WithSignal<Args extends ReadonlyArray<unknown>> = IsOptions<Last<Args>> extends true
  ? { [Index in keyof Args]: Index extends LastIndex<Args> ? AndSignal<Args[Index]> : Args[Index] }
  : [...Args, options?: AbortOptions]

type Last<Args extends ReadonlyArray<unknown>> = Required<Args> extends readonly [...infer _, infer L] ? L : never
type LastIndex<Args extends ReadonlyArray<unknown>> = Required<Args> extends readonly [unknown, ...infer Rest]
  ? `${Rest["length"]}`
  : never

/** Whether a type is that of options, which every call has, and not a record of any names. */
type IsOptions<T> = [T] extends [never] ? false
  : string extends keyof NonNullable<T> ? false
  : "timeout" extends keyof NonNullable<T> ? true
  : false

type AndSignal<Options> = undefined extends Options ? (NonNullable<Options> & AbortOptions) | undefined
  : Options & AbortOptions

/**
 * Makes the promise form of a module: a function from a connection to its operations. `load` imports the module, when
 * the first operation is called. A connection always has the same object.
 */
export const promised = <Module extends object>(
  load: () => Promise<Module>,
  forms: Forms<Module>,
): (services: Services) => Promised<Module> => {
  const loadModule = loadOnce(load)
  return oncePer((services) => {
    const on = bridge(services, loadModule)
    const operations = {}
    for (const [name, form] of Object.entries<Form>(forms)) {
      // A computed name is also the name of the function, for stack traces and consoles.
      if (form !== "none") Object.assign(operations, { [name]: (...args: Args) => start(on, name, form, args) })
    }
    // Cast: `forms` gives each operation the form that it has in `Promised`.
    return operations as Promised<Module>
  })
}

type Args = ReadonlyArray<unknown>

/** Starts an operation of a module, in its form. */
const start = (on: Bridge<object>, name: string, form: "promise" | "iterable", given: Args): unknown => {
  const { args, options } = splitSignal(given)
  return form === "promise"
    // Casts: by its form, which `Forms` checks, the value is an effect, or else a stream.
    ? on.by(
      (module) =>
        Effect.flatMap(
          valueOf(module, name, args),
          (effect) => Effect.map(effect as AnyEffect, (result) => isJob(result) ? promisedJob(on, result) : result),
        ),
      options,
    )
    : on.each(
      (module) => Stream.unwrap(Effect.map(valueOf(module, name, args), (stream) => stream as AnyStream)),
      options,
    )
}

type AnyEffect = Effect.Effect<unknown, unknown, Connection.Connection>
type AnyStream = Stream.Stream<unknown, unknown, Connection.Connection>

/** Takes the signal out of the options, which are the last argument. */
const splitSignal = (given: Args): { readonly args: Args; readonly options: AbortOptions | undefined } => {
  const last = given.findLastIndex((arg) => arg !== undefined)
  const options = given[last]
  return hasSignal(options)
    ? { args: given.with(last, withoutSignal(options)), options }
    : { args: given, options: undefined }
}

/** Returns the effect or the stream of an operation. */
const valueOf = (module: object, name: string, args: Args): Effect.Effect<unknown, ParamError> => {
  const operation: unknown = Reflect.get(module, name)
  if (typeof operation === "function") return Effect.sync(() => operation(...args))
  // Cast: any value can be read by property names.
  const options = (args[0] ?? {}) as { readonly [name: string]: unknown }
  return Effect.fromResult(Result.map(failUnknownParam("", options, constantOptionNames), () => operation))
}

/** The option names of an operation that is not a function. */
const constantOptionNames: ReadonlySet<string> = new Set(["signal"])

const isJob = (result: unknown): result is Job<unknown, unknown, unknown> =>
  typeof result === "object" && result !== null && "id" in result &&
  "progress" in result && Stream.isStream(result.progress) && "await" in result && Effect.isEffect(result.await)

const promisedJob = <Id, State, Result>(
  on: Bridge<object>,
  { id, progress, await: result }: Job<Id, State, Result>,
): PromisedJob<Id, State, Result> => ({
  id,
  progress: (options) => on.each(() => progress, options),
  await: (options) => on.by(() => result, options),
})
