import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert"
import * as mod from "../../mod.ts"
import type { Methods } from "../../src/contract/messages.gen.ts"
import { isIdempotent, missingVersion, type Rpc, rpcs } from "../../src/contract/rpcs.ts"
import { test } from "../support/test.ts"

const rows: ReadonlyArray<readonly [name: string, row: Rpc]> = Object.entries(rpcs)

test("rpcs has a row for every RPC of the descriptor, in the order of their names", async () => {
  const { default: descriptor } = await import("../../src/contract/descriptor.json", { with: { type: "json" } })
  const { methods } = descriptor.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
  assertEquals(rows.map(([name]) => name), Object.keys(methods).toSorted())
  for (const [name, { since, reason }] of rows) {
    assertMatch(since, /^\d+\.\d+\.\d+$/, name)
    assertMatch(reason, /^[A-Z].*\.$/, name)
  }
})

test("isIdempotent is false for every RPC that changes data or settings", () => {
  const idempotent = Object.keys(rpcs).filter(isIdempotent)
  assertGreaterOrEqual(idempotent.length, 70)
  const changing = /^(Add|Alter|Create|Delete|Drop|Import|Insert|Operate|Release|Rename|Restore|Transfer|Update|Upsert)/
  assertEquals(idempotent.filter((name) => changing.test(name)), [])
  assertEquals(isIdempotent("toString" satisfies string as keyof Methods), false)
})

test("missingVersion returns the first version of an RPC if the server is older", () => {
  assertEquals(missingVersion("HybridSearch", "v2.3.5"), "2.4.0")
  assertEquals(missingVersion("HybridSearch", "2.3.22-gpu"), "2.4.0")
  assertEquals(missingVersion("TruncateCollection", "v2.6.9"), "2.6.11")
  assertEquals(missingVersion("CreateSnapshot", "v2.6.20"), "3.0.0")
})

test("missingVersion returns undefined if the server has the RPC, or if its version is not known", () => {
  assertEquals(missingVersion("HybridSearch", "v2.4.0"), undefined)
  assertEquals(missingVersion("TruncateCollection", "v2.6.11"), undefined)
  assertEquals(missingVersion("HybridSearch", "v3.0.0-beta"), undefined)
  assertEquals(missingVersion("TruncateCollection", "2.6-20260101-abcdef"), undefined)
  for (const server of ["", "milvus_lite-2.3.2", "master"]) {
    assertEquals(missingVersion("HybridSearch", server), undefined)
  }
  assertEquals(missingVersion("toString", "v2.3.5"), undefined)
})

const namespaces: Readonly<Record<string, object>> = { ...mod }

test("every operation that a row names is exported", () => {
  for (const [name, { operation }] of rows) {
    assert(operation !== undefined, `${name} has no operation`)
    const [namespace = "", member = ""] = operation.split(".")
    assertEquals(typeof Reflect.get(namespaces[namespace] ?? {}, member), "function", `${name}: ${operation}`)
  }
})

/** Exports that make no RPC of their own: constructors, and those that change how the calls of an effect are made. */
const local: ReadonlySet<string> = new Set([
  "Collection.define",
  "Database.withDatabase",
  "RowPolicy.withPrincipal",
  "RowPolicy.withoutPolicies",
])

test("the documentation of every operation names the RPCs that it makes", async () => {
  const folder = new URL("../../src/operations/", import.meta.url)
  let found = 0
  for await (const { name: file } of Deno.readDir(folder)) {
    if (!file.endsWith(".ts")) continue
    const text = await Deno.readTextFile(new URL(file, folder))
    // A documented export whose type is a function to an Effect or a Stream, up to the next one.
    for (const [, doc = "", name = "", code = ""] of text.matchAll(exported)) {
      const operation = `${file.slice(0, -3)}.${name}`
      if (local.has(operation) || !/\b(Effect\.Effect|Stream\.Stream)</.test(code.split(/\n\n/)[0] ?? "")) continue
      found++
      const named = [...doc.matchAll(/`(\w+)`/g)].some(([, rpc = ""]) => Object.hasOwn(rpcs, rpc))
      const refers = /@linkcode \w+/.test(doc)
      assert(named || refers, `${operation} does not say which RPCs it makes`)
    }
  }
  assertGreaterOrEqual(found, 25)
})

const exported = /\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+)((?:(?!\n\/\*\*)[^])*)/g
