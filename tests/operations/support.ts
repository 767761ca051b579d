/**
 * The servers that operations are tested on, with two clients of each: the second one changes things behind the first.
 */
import * as Effect from "effect/Effect"
import { Collection, Connection, Field, Index } from "../../mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { type MilvusServer, shared, startMilvus, startMilvusLite } from "../support/milvus.ts"

/** Two connections to one server. */
export interface Two {
  /** Runs on the connection under test. */
  readonly mine: <A, E>(effect: Effect.Effect<A, E, Connection.Connection>) => Effect.Effect<A, E>
  /** Runs on a connection of another client. */
  readonly other: <A, E>(effect: Effect.Effect<A, E, Connection.Connection>) => Effect.Effect<A, E>
}

const withTwo = <A, E>(address: string, use: (two: Two) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.gen(function* () {
    const [one, another] = [yield* Connection.connect(address), yield* Connection.connect(address)]
    return yield* use({
      mine: (effect) => Effect.provideService(effect, Connection.Connection, one),
      other: (effect) => Effect.provideService(effect, Connection.Connection, another),
    })
  }))

/** Runs a program with two clients of a server. */
export type Run = <A, E>(use: (two: Two) => Effect.Effect<A, E>) => Promise<A>

const on = (server: () => MilvusServer): Run => (use) => Effect.runPromise(withTwo(server().address, use))

/** Runs a program with two clients of a FakeMilvus. */
export const onFake = <A, E>(
  use: (two: Two, fake: FakeMilvus.FakeMilvus) => Effect.Effect<A, E>,
  options?: FakeMilvus.Options,
): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make(options)
    return yield* withTwo(fake.address, (two) => use(two, fake))
  })))

/** Every server that the tests have, each started when it is first used by a file. */
export const servers = (): Readonly<Record<"FakeMilvus" | "milvus-lite" | "Milvus 2.3.5", Run>> => ({
  "FakeMilvus": (use) => onFake(use),
  "milvus-lite": on(shared(startMilvusLite)),
  "Milvus 2.3.5": on(shared(startMilvus)),
})

/** A collection with an Int64 key and a vector. */
export const simple = <const Key extends string = "id">(
  name: string,
  options: {
    readonly key?: Key
    readonly dimension?: number
    readonly more?: Collection.AnyDefinition["fields"]
    readonly dynamic?: boolean
    readonly level?: "Strong" | "Session" | "Bounded" | "Eventually"
  } = {},
): Collection.AnyDefinition =>
  // Cast: the shape is what matters here, and it is made at run time.
  Collection.define(name, {
    [options.key ?? "id"]: Field.int64({ primaryKey: true }),
    v: Field.floatVector({ dimension: options.dimension ?? 2 }),
    ...options.more,
  } as never, {
    indexes: { v: Index.flat({ metric: "L2" }) },
    consistencyLevel: options.level ?? "Strong",
    dynamicFields: options.dynamic ?? false,
  } as never) as unknown as Collection.AnyDefinition

/** A name of its own for each collection of a file. */
export const namer = (prefix: string) => {
  let count = 0
  return () => `${prefix}_${++count}`
}
