/** Writes of any values to a FakeMilvus, for the tests of what is refused before anything is sent. */
import * as Effect from "effect/Effect"
import type { Connection } from "../../../mod.ts"
import * as Field from "../../../src/schema/Field.ts"
import { FakeMilvus } from "../../../src/testing/mod.ts"
import { effectTest } from "../../support/test.ts"

type Services = Connection.Connection | FakeMilvus.FakeMilvus

/** Registers a test on a FakeMilvus with a connection. */
export const onFake = (name: string, program: () => Effect.Effect<void, unknown, Services>) =>
  effectTest(name, Effect.provide(Effect.suspend(program), FakeMilvus.layerConnected()))

/** Number of inserts and upserts that the server received. */
export const writes = Effect.gen(function* () {
  const fake = yield* FakeMilvus.FakeMilvus
  return (yield* fake.calls).filter(({ method }) => method === "Insert" || method === "Upsert").length
})

/** Returns a value that every type accepts, as a program without types has it. */
// deno-lint-ignore no-explicit-any -- values of any type are the subject of these tests
export const untyped = (value: unknown): any => value

export const id = Field.int64({ primaryKey: true })

/** Returns a definition with one field besides the primary key. */
export const named = (name: string, field: Field.AnyField, options: object = {}) => ({
  name: "values",
  fields: { id, [name]: field },
  options,
})

/** An object whose property throws. */
export const throwing = Object.defineProperty({}, "a", {
  enumerable: true,
  get: () => {
    throw new TypeError("a getter of the caller")
  },
})
