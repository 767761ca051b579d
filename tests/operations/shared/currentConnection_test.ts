/** The connection of operations: wrapped, mocked, and on servers that lack an RPC. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Collection, Connection, RpcError, Vectors } from "../../../mod.ts"
import { test } from "../../support/test.ts"
import { onFake, simple } from "../support.ts"

test("every operation makes its calls by the call of a wrapped connection", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      const connection = yield* Connection.Connection
      const seen: Array<string> = []
      const wrapped = Connection.wrap(connection, (method, request, options) => {
        seen.push(method)
        return connection.call(method, request, options)
      })
      const before = (yield* fake.calls).length
      yield* Effect.provideService(
        Effect.gen(function* () {
          const C = simple("books")
          yield* Collection.create(C)
          const rows = [{ id: 2n ** 60n, v: [1, 0] }, { id: 2, v: [0, 1] }]
          assertEquals((yield* Vectors.insert(C, rows)).ids, BigInt64Array.of(2n ** 60n, 2n))
          yield* Vectors.upsert("books", [{ id: 2, v: [0, 2] }])
          assertEquals((yield* Vectors.search(C, [[1, 0]], { limit: 1 })).ids, BigInt64Array.of(2n ** 60n))
          const [found] = (yield* Vectors.query(C, "id == 2")).rows
          assertEquals([found?.id, found?.v], [2n, Float32Array.of(0, 2)])
          assertEquals((yield* Stream.runCollect(Vectors.queryBatches(C, undefined, { batchSize: 1 }))).length, 2)
          yield* Vectors.delete(C, { ids: [2] })
          yield* Collection.drop(C)
        }),
        Connection.Connection,
        wrapped,
      )
      assertEquals(seen, (yield* fake.calls).slice(before).map(({ method }) => method))
      assertEquals([wrapped.server, yield* wrapped.state], [connection.server, "Ready"])
    }))
  ))

test("operations run on a connection that a test makes of its public members", () =>
  onFake(({ mine }) =>
    mine(Effect.gen(function* () {
      const { config, server } = yield* Connection.Connection
      const asked: Array<unknown> = []
      const mock: Connection.Connection = {
        alias: undefined,
        config,
        server,
        call: (method, request) => {
          asked.push([method, request])
          // Cast: the only reply of this mock.
          return Effect.succeed({
            status: { error_code: "Success", code: 0, reason: "" },
            succ_index: [0],
            insert_cnt: 1n,
            IDs: { id_field: "int_id", int_id: { data: [7n] } },
          } as never)
        },
        state: Effect.succeed("Ready"),
        stream: () => Stream.empty,
        changes: Stream.empty,
      }
      const inserted = yield* Effect.provideService(
        Vectors.insert(simple("books"), [{ id: 7, v: [1, 2] }]),
        Connection.Connection,
        mock,
      )
      assertEquals(inserted.ids, BigInt64Array.of(7n))
      const [[method, request]] = asked as [[string, Connection.Methods["Insert"]["request"]]]
      assertEquals([method, request.collection_name, request.num_rows], ["Insert", "books", 1])
      assertEquals(request.fields_data?.length, 2)
      yield* Connection.drain(mock)
    }))
  ))

test("an RPC that the server answers with UNIMPLEMENTED is Unsupported, by the name of the operation", () =>
  onFake(({ mine }, fake) =>
    mine(Effect.gen(function* () {
      yield* fake.fail("ShowCollections", { code: "UNIMPLEMENTED", details: "unknown method" })
      yield* fake.fail("Insert", { code: "UNIMPLEMENTED", details: "unknown method" })
      const listing = yield* Effect.flip(Collection.list())
      assert(listing._tag === "Unsupported", listing.message)
      assertEquals([listing.operation, listing.needs, listing.option], ["Collection.list", undefined, undefined])
      assert(listing.cause instanceof RpcError && listing.cause.details === "unknown method")
      const inserting = yield* Effect.flip(Vectors.insert(simple("books"), [{ id: 7, v: [1, 2] }]))
      assertEquals([inserting._tag, "operation" in inserting && inserting.operation], ["Unsupported", "Vectors.insert"])
      // `call` is for what this library does not know: it has the error of gRPC.
      const raw = yield* Effect.flip(Connection.Connection.use(({ call }) => call("ShowCollections", {})))
      assertEquals([raw._tag, "code" in raw && raw.code], ["RpcError", "UNIMPLEMENTED"])
    }))
  ))
