/**
 * A stand-in for Milvus in a separate process. It answers an insert or a search when its last byte arrives, always with
 * the same bytes. It neither decodes nor keeps anything, so that only the cost of the client shows. It ends with its
 * parent.
 */
import { Buffer } from "node:buffer"
import * as http2 from "node:http2"
import * as Effect from "effect/Effect"
import { Message } from "../../../mod.ts"
import { install } from "../../../src/workarounds/denoGoaway.ts"
import { collection, type Shape } from "./Peer.ts"

export interface NullServer extends AsyncDisposable {
  readonly address: string
  /** Number of bytes of its reply to a search. */
  readonly searchBytes: number
}

export const startNullServer = async (shape: Shape): Promise<NullServer> => {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", import.meta.filename!, JSON.stringify(shape)],
    stdin: "piped",
    stdout: "piped",
  }).spawn()
  const reader = process.stdout.getReader()
  const { value } = await reader.read()
  if (value === undefined) throw new Error("the null server did not start")
  return {
    ...JSON.parse(new TextDecoder().decode(value)),
    async [Symbol.asyncDispose]() {
      await process.stdin.close()
      await reader.cancel()
      await process.status
    },
  }
}

/** Returns ids of the size that Milvus generates. */
const idsOf = (count: number) => ({
  int_id: { data: Array.from({ length: count }, (_, at) => 450_000_000_000_000_000n + BigInt(at) * 7n) },
})

/** The status of success, which the Node SDK requires. */
const status = {}

const repliesTo = ({ rows, dimension, queries, limit }: Shape) =>
  Effect.gen(function* () {
    const hits = Array.from({ length: queries * limit }, (_, at) => 1 / (at % limit + 1))
    const mutation = yield* Message.encode("milvus.proto.milvus.MutationResult", {
      status,
      IDs: idsOf(rows),
      succ_index: Array.from({ length: rows }, (_, at) => at),
      insert_cnt: BigInt(rows),
      timestamp: 455_000_000_000_000_000n,
    })
    const search = yield* Message.encode("milvus.proto.milvus.SearchResults", {
      status,
      collection_name: collection,
      results: {
        num_queries: BigInt(queries),
        top_k: BigInt(limit),
        scores: hits,
        ids: idsOf(hits.length),
        topks: Array.from({ length: queries }, () => BigInt(limit)),
        primary_field_name: "id",
      },
    })
    const describe = yield* Message.encode("milvus.proto.milvus.DescribeCollectionResponse", {
      status,
      collection_name: collection,
      schema: {
        name: collection,
        fields: [
          { fieldID: 100n, name: "id", is_primary_key: true, data_type: "Int64" },
          {
            fieldID: 101n,
            name: "vector",
            data_type: "FloatVector",
            type_params: [{ key: "dim", value: `${dimension}` }],
          },
        ],
      },
    })
    const connect = yield* Message.encode("milvus.proto.milvus.ConnectResponse", {
      status,
      identifier: 7n,
      server_info: { build_tags: "v2.6.2", deploy_mode: "STANDALONE" },
    })
    const version = yield* Message.encode("milvus.proto.milvus.GetVersionResponse", { status, version: "v2.6.2" })
    const health = yield* Message.encode("milvus.proto.milvus.CheckHealthResponse", { status, isHealthy: true })
    return {
      Insert: mutation,
      Upsert: mutation,
      Search: search,
      DescribeCollection: describe,
      Connect: connect,
      GetVersion: version,
      CheckHealth: health,
    }
  })

const framed = (message: Uint8Array): Buffer => {
  const frame = Buffer.alloc(message.length + 5)
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, 5)
  return frame
}

const serve = async (shape: Shape): Promise<void> => {
  const replies = await Effect.runPromise(repliesTo(shape))
  const frames = new Map(
    Object.entries(replies).map(([name, reply]) => [`/milvus.proto.milvus.MilvusService/${name}`, framed(reply)]),
  )
  // An empty reply is a success for every other RPC.
  const nothing = framed(new Uint8Array(0))
  install()
  const server = http2.createServer({ settings: { initialWindowSize: 2 ** 26 } })
  server.on("session", (session) => session.setLocalWindowSize(2 ** 26))
  server.on("stream", (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    let size = 0
    let expected = 0
    stream.on("error", () => {})
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": size === expected + 5 ? "0" : "13" }))
    stream.on("data", (bytes: Buffer) => {
      // Only the prefix of the frame is read, which has the length and may arrive in pieces.
      for (let at = Math.max(1 - size, 0); size + at < 5 && at < bytes.length; at++) {
        expected = expected * 256 + bytes[at]!
      }
      size += bytes.length
    })
    stream.on("end", () => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true })
      stream.end(frames.get(String(headers[":path"])) ?? nothing)
    })
  })
  server.listen(0, "127.0.0.1", () => {
    const at = server.address()
    if (at === null || typeof at === "string") throw new Error("it listens nowhere")
    console.log(JSON.stringify({ address: `127.0.0.1:${at.port}`, searchBytes: replies.Search.length }))
  })
}

if (import.meta.main) {
  await serve(JSON.parse(Deno.args[0]!))
  for await (const _ of Deno.stdin.readable);
  Deno.exit()
}
