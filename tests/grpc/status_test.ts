/** The status of every reply is checked, in every field in which the contract has one. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import descriptor from "../../src/contract/descriptor.json" with { type: "json" }
import type { Methods } from "../../src/contract/messages.gen.ts"
import { run } from "../support/effects.ts"
import { startServer, success } from "../support/server.ts"
import { test } from "../support/test.ts"

interface Node {
  readonly nested?: Readonly<Record<string, Node>>
  /** Values of an enum. */
  readonly values?: object
  /** Methods of a service. */
  readonly methods?: object
  readonly fields?: Readonly<
    Record<string, { readonly type: string; readonly rule?: string; readonly keyType?: string }>
  >
}

/** Messages of the contract by their full names. */
const messages = new Map<string, Node>()
const collect = (node: Node, name: string): void => {
  if (node.fields !== undefined) messages.set(name, node)
  for (const [inner, child] of Object.entries(node.nested ?? {})) collect(child, `${name}.${inner}`)
}
collect(descriptor, "")

/** Returns the full name of a type of the contract, or `undefined` if it is not a message. */
const resolve = (type: string, scope: string): string | undefined => {
  for (let outer = scope; outer !== ""; outer = outer.slice(0, outer.lastIndexOf("."))) {
    if (messages.has(`${outer}.${type}`)) return `${outer}.${type}`
  }
  return messages.has(`.${type}`) ? `.${type}` : undefined
}

/** A field on the path to a status. */
type Step = readonly [name: string, isRepeated: boolean]

/** Returns all paths from a message to a status. */
const waysFrom = (message: string, seen: ReadonlyArray<string> = []): ReadonlyArray<ReadonlyArray<Step>> => {
  if (message === ".milvus.proto.common.Status") return [[]]
  if (seen.includes(message)) return []
  return Object.entries(messages.get(message)?.fields ?? {}).flatMap(([name, { type, rule, keyType }]) => {
    assertEquals(keyType !== undefined && /Status/.test(type), false, "a map of statuses")
    const inner = resolve(type, message)
    if (inner === undefined) return []
    return waysFrom(inner, [...seen, message]).map((
      rest,
    ): ReadonlyArray<Step> => [[name, rule === "repeated"], ...rest])
  })
}

const service = ".milvus.proto.milvus.MilvusService"
const { methods } = descriptor.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
const unary = Object.entries(methods).filter(([, method]) =>
  !("requestStream" in method && method.requestStream) && !("responseStream" in method && method.responseStream)
)

/** Paths to every status of every reply. */
const cases = unary.flatMap(([name, { responseType }]) =>
  waysFrom(resolve(responseType, service)!).map((way) => ({ method: name as keyof Methods, way }))
)

/** Returns a reply with this status at the end of a path. In a list, the parts before it are successful. */
const replyOf = ([step, ...rest]: ReadonlyArray<Step>, status: object): object => {
  if (step === undefined) return status
  const [name, isRepeated] = step
  return { [name]: isRepeated ? [replyOf(rest, success), replyOf(rest, status)] : replyOf(rest, status) }
}

const refusals = [
  { error_code: "UnexpectedError", code: 0, reason: "by the legacy code" },
  { error_code: "Success", code: 65535, reason: "by the code" },
]

test("rule 10: a call fails if any status in its reply is an error", async () => {
  assert(cases.length > 130, "the contract has statuses")
  const placesOf = (rpc: keyof Methods) =>
    cases.filter(({ method }) => method === rpc).map(({ way }) => way.map(([name]) => name).join("."))
  // The only reply whose status has another name, and a batch, which has one status for each part.
  assertEquals(placesOf("AlterCollectionSchema"), ["alter_status"])
  assertEquals(placesOf("BatchDescribeCollection"), ["status", "responses.status"])
  let reply: object = {}
  await using server = await startServer({
    handlers: Object.fromEntries(unary.map(([name]) => [name, () => reply])),
  })
  const { Connect, CheckHealth, GetVersion, ...others } = server.handlers
  const handshake = { Connect: () => ({ status: success }), CheckHealth: () => ({ status: success, isHealthy: true }) }
  assert(Connect && CheckHealth && GetVersion)
  Object.assign(server.handlers, others, handshake, { GetVersion: () => ({ status: success, version: "v2.6.2" }) })
  await run(Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, retry: false })
    const answering = () => reply
    Object.assign(server.handlers, { Connect: answering, CheckHealth: answering, GetVersion: answering })
    for (const { method, way } of cases) {
      const what = `${method} ${way.map(([name]) => name).join(".")}`
      for (const refusal of refusals) {
        reply = replyOf(way, refusal)
        const error = yield* Effect.flip(connection.call(method, {}))
        assert(error._tag === "ServerError", `${what}: ${error.message}`)
        assertStringIncludes(error.reason, refusal.reason, what)
        // In a batch, the part is named.
        for (const [name, isRepeated] of way) if (isRepeated) assertStringIncludes(error.reason, `${name}[1]: `)
      }
      reply = replyOf(way, success)
      yield* connection.call(method, {})
    }
  }))
})

test("rule 10: only the replies of Dummy and GetReplicateInfo have no status", () => {
  const having = new Set(cases.map(({ method }) => method))
  const lacking = unary.map(([name]) => name).filter((name) => !having.has(name as keyof Methods))
  assertEquals(lacking.toSorted(), ["Dummy", "GetReplicateInfo"])
})
