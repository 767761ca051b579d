import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"
import { Connection } from "../../mod.ts"
import { startServer, success } from "../support/server.ts"
import { test } from "../support/test.ts"

test("each call has one span, named as OpenTelemetry names it, without payload and secret", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => ({ status: success, db_names: ["d"] }) } })
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span(options) {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect({ address: server.address, token: "hunter2" })
    yield* connection.call("ListDatabases", {})
    yield* Effect.flip(connection.call("DropCollection", { collection_name: "payload" }))
  })
  await Effect.runPromise(Effect.withTracer(Effect.scoped(program), tracer))
  assertEquals(spans.map(({ name, kind }) => [name, kind]), [
    ["milvus.proto.milvus.MilvusService/ListDatabases", "client"],
    ["milvus.proto.milvus.MilvusService/DropCollection", "client"],
  ])
  assertEquals(Object.fromEntries(spans[0]!.attributes), {
    "rpc.system": "grpc",
    "rpc.service": "milvus.proto.milvus.MilvusService",
    "rpc.method": "ListDatabases",
    "server.address": server.address,
  })
  assertEquals(spans.map(({ status }) => status._tag === "Ended" && status.exit._tag), ["Success", "Failure"])
  const shown = Deno.inspect(spans, { depth: 20 })
  assert(!shown.includes("hunter2") && !shown.includes("payload"), shown)
})

test("each call is counted and timed, by its method and outcome", async () => {
  await using server = await startServer({ handlers: { ListDatabases: () => ({ status: success }) } })
  const program = Effect.gen(function* () {
    const connection = yield* Connection.connect(server.address)
    yield* connection.call("ListDatabases", {})
    yield* connection.call("ListDatabases", {})
    yield* Effect.flip(connection.call("DropCollection", {}))
    return yield* Metric.snapshot
  })
  const snapshots = await Effect.runPromise(
    Effect.provideService(Effect.scoped(program), Metric.MetricRegistry, new Map()),
  )
  const counted = snapshots.filter(({ id }) => id === "rpc.client.duration").map(({ attributes, state }) => {
    const of = attributes as Readonly<Record<string, string>>
    return [of["rpc.method"], of["rpc.grpc.status_code"], "count" in state && state.count]
  })
  assertEquals(counted, [["ListDatabases", "OK", 2], ["DropCollection", "UNIMPLEMENTED", 1]])
})
