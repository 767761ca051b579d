import { assert, assertEquals, assertGreaterOrEqual, assertMatch } from "@std/assert"
import { Collection, Connection, Index, Vectors } from "../../mod.ts"
import type { Methods } from "../../src/contract/messages.gen.ts"
import { isIdempotent, missingVersion, type Rpc, rpcs } from "../../src/contract/rpcs.ts"

const test = (name: string, fn: () => void | Promise<void>) =>
  Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn })

const rows: ReadonlyArray<readonly [name: string, row: Rpc]> = Object.entries(rpcs)

test("rpcs has a row for every unary RPC of the descriptor, in the order of their names", async () => {
  const { default: descriptor } = await import("../../src/contract/descriptor.json", { with: { type: "json" } })
  const { methods } = descriptor.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
  const unary = Object.entries(methods).filter(([, method]) => !("responseStream" in method)).map(([name]) => name)
  assertEquals(rows.map(([name]) => name), unary.toSorted())
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

const namespaces: Readonly<Record<string, object>> = { Connection, Collection, Index, Vectors }

test("every operation that a row names is exported", () => {
  for (const [name, { operation }] of rows) {
    if (operation === undefined) continue
    const [namespace = "", member = ""] = operation.split(".")
    assertEquals(typeof Reflect.get(namespaces[namespace] ?? {}, member), "function", `${name}: ${operation}`)
  }
})

/** Operations that make only RPCs of another operation, by one of those RPCs. */
const derived: Readonly<Record<string, keyof Methods>> = {
  "Index.building": "DescribeIndex",
  "Index.wait": "DescribeIndex",
  "Vectors.count": "Query",
  "Vectors.get": "Query",
  "Vectors.queryBatches": "Query",
  "Vectors.searchBatches": "Search",
}

/** Exports that make no RPC. Those of `Index` that are missing here are constructors of an index, which are functions too. */
const local: ReadonlySet<string> = new Set(["Collection.define", "Collection.fromServer"])

test("every exported operation is named by a row, or makes only RPCs of operations that are", () => {
  const named = new Set(rows.flatMap(([, { operation }]) => operation ?? []))
  const operations = ["Collection", "Vectors"].flatMap((namespace) =>
    Object.entries(namespaces[namespace] ?? {}).filter(([, member]) => typeof member === "function")
      .map(([name]) => `${namespace}.${name}`)
  ).concat(["create", "wait", "building", "describe", "drop"].map((name) => `Index.${name}`))
  const unnamed = operations.filter((name) => !named.has(name) && !local.has(name) && !Object.hasOwn(derived, name))
  assertEquals(unnamed, [])
  for (const [operation, rpc] of Object.entries(derived)) {
    assert(operations.includes(operation) && !named.has(operation), operation)
    assert(rpcs[rpc].operation !== undefined, rpc)
  }
})
