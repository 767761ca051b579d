/**
 * Checks the request of an operation against the one that pymilvus makes, or against a message of the contract, and what
 * the operation makes of a reply. For RPCs that no server of the tests has.
 */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { type Connection, Message } from "../../mod.ts"
import type { FakeMilvus } from "../../src/testing/mod.ts"
import { pythonWith } from "../support/python.ts"
import { test } from "../support/test.ts"
import { onFake } from "./support.ts"

/** An operation, its request, and its reply. */
export interface WireCase {
  /** The operation, such as `"Snapshot.create"`, and what is special about this case. */
  readonly name: string
  readonly method: FakeMilvus.Method
  readonly run: () => Effect.Effect<unknown, unknown, Connection.Connection>
  /** A Python expression for the request of pymilvus, in which `P` is `Prepare`, `m` `milvus_pb2`, `rg` and `c` `rg_pb2` and `common_pb2`. */
  readonly pymilvus?: string
  /** The request, if pymilvus makes none like it. Fields that are left out have their defaults. */
  readonly request?: object
  /** The reply; a status of success is added. */
  readonly reply?: object
  /** What the operation returns. */
  readonly result?: unknown
  /**
   * The version of the server.
   *
   * @default "v3.1.0"
   */
  readonly version?: string
  /** The replies of further RPCs that the operation makes. */
  readonly replies?: Readonly<Partial<Record<FakeMilvus.Method, object>>>
}

const script = `
import base64, json, sys
import numpy as np, pymilvus as py
from pymilvus import function_chain as chains
from pymilvus.client.prepare import Prepare as P
from pymilvus.grpc_gen import common_pb2 as c, milvus_pb2 as m, rg_pb2 as rg, schema_pb2 as s
for expression in json.load(sys.stdin):
    print(base64.b64encode(eval(expression).SerializeToString(deterministic=True)).decode())
`

/**
 * Evaluates Python expressions for messages of pymilvus 3.0.2, and returns their bytes. In addition to the names of
 * {@linkcode WireCase}, they have `py`, `chains` and `np` for `pymilvus`, `pymilvus.function_chain` and `numpy`.
 */
export async function pymilvusMessages(expressions: ReadonlyArray<string>): Promise<ReadonlyArray<Uint8Array>> {
  const command = new Deno.Command(await pythonWith("pymilvus"), {
    args: ["-c", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn()
  const writer = command.stdin.getWriter()
  await writer.write(new TextEncoder().encode(JSON.stringify(expressions)))
  await writer.close()
  const { success, stdout, stderr } = await command.output()
  if (!success) throw new Error(`pymilvus cannot make the requests:\n${new TextDecoder().decode(stderr)}`)
  const lines = new TextDecoder().decode(stdout).split("\n").slice(0, expressions.length)
  return lines.map((line) => Uint8Array.from(atob(line), (character) => character.charCodeAt(0)))
}

/** Registers the tests of a module. The server reports version 3.1, which has every RPC, unless a case has another. */
export function wireTests(module: string, cases: ReadonlyArray<WireCase>): void {
  test(`${module}: each request is the one of pymilvus or of the contract, and each reply is decoded`, async () => {
    const made = cases.filter(({ pymilvus }) => pymilvus !== undefined)
    const bytes = await pymilvusMessages(made.map(({ pymilvus }) => pymilvus!))
    for (const one of cases) {
      const { name, method, run, pymilvus, request = {}, reply = {}, result, replies = {}, version = "v3.1.0" } = one
      await onFake(({ mine }, fake) =>
        mine(Effect.gen(function* () {
          for (const [other, answer] of Object.entries(replies)) {
            // Casts: the keys are methods, and each reply is one of its method.
            yield* fake.handle(other as FakeMilvus.Method, () => Effect.succeed(answer as never))
          }
          // Taken from the handler: the log of calls hides secrets.
          let received: object = {}
          yield* fake.handle(method, (request) => {
            received = request
            return Effect.succeed(reply as never)
          })
          yield* fake.clearCalls
          const got = yield* run()
          const [call, ...more] = (yield* fake.calls).filter((call) => call.method === method)
          assertEquals([call?.method, replies[method] === undefined ? more.length : 0], [method, 0], name)
          const type = `milvus.proto.${requestType(method)}`
          const expected = pymilvus === undefined
            ? yield* Message.encode(type as never, request as never)
            : bytes[made.findIndex((one) => one.name === name)]!
          const { base: _, ...theirs } = (yield* Message.decode(type as never, expected)) as Record<string, unknown>
          const { base: __, ...mine } = received as Record<string, unknown>
          assertEquals(
            yield* withoutBytes(method, withoutBuffers(mine)),
            yield* withoutBytes(method, withoutBuffers(theirs)),
            `${name}: the request`,
          )
          if (result !== undefined) assertEquals(got, result, `${name}: the result`)
        })), { version })
    }
  })
}

/** Converts buffers, which messages have or not, to plain arrays of bytes. */
const withoutBuffers = (request: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(request).map((
      [name, value],
    ) => [name, Array.isArray(value) ? value.map(plainBytes) : plainBytes(value)]),
  )

const plainBytes = (value: unknown): unknown => value instanceof Uint8Array ? Uint8Array.from(value) : value

/** Decodes a message that a request has as bytes: defaults may be written out in it or not. */
const withoutBytes = (method: string, request: Record<string, unknown>) =>
  method === "AddCollectionField"
    ? Effect.map(
      // Cast: the contract has it as bytes.
      Message.decode("milvus.proto.schema.FieldSchema", request["schema"] as Uint8Array),
      (schema) => ({ ...request, schema }),
    )
    : Effect.succeed(request)

/** RPCs whose request is not named after them. */
const requestTypes: Readonly<Record<string, string>> = {
  GetCompactionStateWithPlans: "milvus.GetCompactionPlansRequest",
  BackupRBAC: "milvus.BackupRBACMetaRequest",
  RestoreRBAC: "milvus.RestoreRBACMetaRequest",
  ListIndexedSegment: "feder.ListIndexedSegmentRequest",
  DescribeSegmentIndexData: "feder.DescribeSegmentIndexDataRequest",
  Connect: "milvus.ConnectRequest",
  Dummy: "milvus.DummyRequest",
}

const requestType = (method: string): string => requestTypes[method] ?? `milvus.${method}Request`
