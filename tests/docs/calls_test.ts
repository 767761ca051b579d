/** The calls that the pages for those who come from other clients show. */
import { assertEquals } from "@std/assert"
// The compiler checks each call, as an Effect and in the promise form.
import type * as _ from "../../docs/calls.gen.ts"
import { calls } from "../../docs/calls.ts"
import { type Counterpart, nodeSdk, pymilvus } from "../../docs/methods.ts"
import { test } from "../support/test.ts"

const counterparts: ReadonlyArray<Counterpart> = [...Object.values(pymilvus), ...Object.values(nodeSdk)]

test("every operation that replaces a method has a call, which begins with its name", () => {
  for (const { use, call = calls[use ?? ""] } of counterparts) {
    if (use !== undefined) assertEquals(call?.slice(0, use.length), use)
  }
  for (const [name, call] of Object.entries(calls)) assertEquals(call.slice(0, name.length), name)
})

test("every call is of an operation that a page has", () => {
  const used = new Set(counterparts.map(({ use }) => use))
  assertEquals(Object.keys(calls).filter((name) => !used.has(name)), [])
})
