/** The types of the promise form: those of derived modules are exactly what would be written by hand. */
import type * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { CallError, Collection, Connection, Index, Vectors } from "../../mod.ts"
import type { Job } from "../../src/operations/shared/job.ts"
import { type Forms, type Promised, promised } from "../../src/promise/promised.ts"
import type {
  AbortOptions,
  Milvus,
  PromisedCollection,
  PromisedIndex,
  PromisedJob,
  PromisedVectors,
} from "../../src/promise.ts"
import { test } from "../support/test.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <_T extends true>(): void => {}

type CallOptions = Connection.CallOptions & AbortOptions
type Ref = Collection.CollectionRef

interface CollectionByHand {
  readonly create: (
    definition: Collection.CollectionDefinition,
    options?: Collection.CreateOptions & AbortOptions,
  ) => Promise<void>
  readonly describe: (collection: Ref, options?: CallOptions) => Promise<Collection.CollectionDescription>
  readonly fromServer: (name: string, options?: AbortOptions) => Promise<Collection.AnyDefinition>
  readonly has: (collection: Ref, options?: CallOptions) => Promise<boolean>
  readonly drop: (collection: Ref, options?: CallOptions) => Promise<void>
  readonly rename: (
    collection: Ref,
    name: string,
    options?: Collection.RenameOptions & AbortOptions,
  ) => Promise<void>
  readonly list: (options?: CallOptions) => Promise<ReadonlyArray<string>>
  readonly statistics: (collection: Ref, options?: CallOptions) => Promise<{ readonly rows: number }>
  readonly load: (collection: Ref, options?: Collection.LoadOptions & AbortOptions) => Promise<void>
  readonly loading: (collection: Ref, options?: Collection.LoadOptions & AbortOptions) => AsyncIterable<number>
  readonly release: (collection: Ref, options?: Collection.ReleaseOptions & AbortOptions) => Promise<void>
}

interface IndexByHand {
  readonly create: (
    collection: Ref,
    field: string,
    index: Index.Index,
    options?: Index.CreateIndexOptions & AbortOptions,
  ) => Promise<void>
  readonly wait: (collection: Ref, field?: string, options?: Index.WaitOptions & AbortOptions) => Promise<void>
  readonly building: (
    collection: Ref,
    field?: string,
    options?: Index.WaitOptions & AbortOptions,
  ) => AsyncIterable<ReadonlyArray<Index.IndexProgress>>
  readonly describe: (
    collection: Ref,
    field?: string,
    options?: CallOptions,
  ) => Promise<ReadonlyArray<Index.IndexDescription>>
  readonly drop: (collection: Ref, name: string, options?: CallOptions) => Promise<void>
}

/** The members of `A` that `B` has with the same type. A module may have others. */
type Same<A, B extends A> = { readonly [Name in keyof A]: Equal<A[Name], B[Name]> }[keyof A]

test("derived signatures are exactly those that were written by hand", () => {
  holds<Same<CollectionByHand, PromisedCollection>>()
  holds<Same<IndexByHand, PromisedIndex>>()
  holds<Equal<Milvus["collection"], PromisedCollection>>()
  holds<Equal<Milvus["index"], PromisedIndex>>()
})

test("the promise form of Vectors, which is written by hand, has every operation of the module", () => {
  holds<Equal<Exclude<keyof Forms<typeof Vectors>, keyof PromisedVectors>, never>>()
})

interface Options extends Connection.CallOptions {
  readonly size?: number
}
type Operation<A> = Effect.Effect<A, CallError, Connection.Connection>

/** The types of a module with each kind of export. */
interface Module {
  readonly define: <const Name extends string>(name: Name) => { readonly name: Name }
  readonly within: (name: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  readonly capacity: number
  readonly Current: Context.Reference<string | undefined>
  readonly Service: Context.Service<Connection.Connection, Connection.Connection>
  readonly noOptions: (name?: string) => Operation<void>
  readonly nothing: () => Operation<void>
  readonly required: (options: Options & { readonly limit: number }) => Operation<"a" | undefined>
  readonly properties: (properties: Readonly<Record<string, string>>) => Operation<void>
  readonly start: (files: ReadonlyArray<string>, options?: Options) => Operation<Job<bigint, number, string>>
  readonly find: (id: bigint, options?: Options) => Operation<Job<bigint, number, string> | undefined>
  readonly version: Operation<string>
  readonly states: Stream.Stream<number, never, Connection.Connection>
  readonly generic: <A>(value: A) => Operation<A>
  readonly related: <const A extends string>(one: A, all: ReadonlyArray<NoInfer<A>>) => Operation<void>
  readonly overloaded: { (name: string): Operation<string>; (id: bigint): Operation<bigint> }
  readonly scoped: (name: string) => Effect.Effect<void, CallError, Connection.Connection | Scope.Scope>
  readonly wrapped: <A, E, R>(name: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface ModuleByHand {
  readonly noOptions: (name?: string, options?: AbortOptions) => Promise<void>
  readonly nothing: (options?: AbortOptions) => Promise<void>
  readonly required: (options: Options & { readonly limit: number } & AbortOptions) => Promise<"a" | undefined>
  readonly properties: (properties: Readonly<Record<string, string>>, options?: AbortOptions) => Promise<void>
  readonly start: (
    files: ReadonlyArray<string>,
    options?: Options & AbortOptions,
  ) => Promise<PromisedJob<bigint, number, string>>
  readonly find: (
    id: bigint,
    options?: Options & AbortOptions,
  ) => Promise<PromisedJob<bigint, number, string> | undefined>
  readonly version: (options?: AbortOptions) => Promise<string>
  readonly states: (options?: AbortOptions) => AsyncIterable<number>
}

test("each kind of operation has its type, and what cannot be derived or is not an operation is left out", () => {
  holds<Equal<Promised<Module>, ModuleByHand>>()
  type Underivable = "generic" | "related" | "overloaded" | "scoped" | "wrapped"
  holds<Equal<Forms<Module>[Underivable], "none">>()
  holds<Equal<keyof Forms<Module>, keyof ModuleByHand | Underivable>>()
})

/** Never run: what the compiler refuses. */
export const types = async (milvus: Milvus, load: () => Promise<Pick<Module, "version" | "states" | "generic">>) => {
  promised(load, { version: "promise", states: "iterable", generic: "none" })
  // @ts-expect-error: an operation is missing
  promised(load, { version: "promise", states: "iterable" })
  // @ts-expect-error: a stream is not a promise
  promised(load, { version: "promise", states: "promise", generic: "none" })
  // @ts-expect-error: an operation without a form that can be derived
  promised(load, { version: "promise", states: "iterable", generic: "promise" })
  // @ts-expect-error: an operation that can be derived is not left out
  promised(load, { version: "none", states: "iterable", generic: "none" })
  // @ts-expect-error: not an operation of the module
  promised(load, { version: "promise", states: "iterable", generic: "none", create: "promise" })
  await milvus.collection.list(undefined)
  await milvus.index.wait("a", undefined, undefined)
  // @ts-expect-error: a constructor is not on a connection
  milvus.collection.define
  // @ts-expect-error: not an option
  await milvus.collection.list({ signals: new AbortController().signal })
  // @ts-expect-error: not a signal
  await milvus.collection.list({ signal: "soon" })
  // @ts-expect-error: not an iterable
  for await (const _ of milvus.collection.load("a")) break
}
