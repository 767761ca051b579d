/** Only grpc-js, with the channel options of this library and hand-made bytes of these messages. */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import { readHits } from "../../minimal.ts"
import { insertRequest, insertRowRequest, searchRequest } from "../hand.ts"
import { type Peer, rowOf, vectorsOf } from "../Peer.ts"

const open: Peer = async (address, { rows, dimension, queries, limit }) => {
  const client = new grpc.Client(address, grpc.credentials.createInsecure(), {
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": -1,
    "grpc.enable_retries": 0,
    "grpc.enable_channelz": 0,
    "grpc-node.flow_control_window": 16 * 1024 * 1024,
  })
  const call = (name: string, request: () => Buffer) =>
    new Promise<Buffer>((resolve, reject) =>
      client.makeUnaryRequest<Buffer, Buffer>(
        `/milvus.proto.milvus.MilvusService/${name}`,
        (bytes) => bytes,
        (bytes) => bytes,
        request(),
        new grpc.Metadata(),
        { deadline: Date.now() + 60_000 },
        (error, reply) => error === null ? resolve(reply!) : reject(error),
      )
    )
  await call("GetVersion", () => Buffer.alloc(0))
  const ids = BigInt64Array.from({ length: rows }, (_, at) => BigInt(at))
  const vectors = vectorsOf(rows, dimension)
  const wanted = vectorsOf(queries, dimension)
  return {
    insertRow: () => call("Insert", () => insertRowRequest(rowOf())),
    insert: () => call("Insert", () => insertRequest(ids, vectors, dimension)),
    search: async () => readHits(await call("Search", () => searchRequest(wanted, queries, limit))),
    // Cast: it is a result of `search`.
    hits: (result) => (result as ReturnType<typeof readHits>).ids!.length,
    close: () => Promise.resolve(client.close()),
  }
}

export default open
