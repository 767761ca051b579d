/** Only `node:http2`, with messages written and read by hand: what a call costs at least. */
import { Buffer } from "node:buffer"
import http2 from "node:http2"
import { readHits } from "../../minimal.ts"
import { insertRequest, insertRowRequest, searchRequest } from "../hand.ts"
import { type Peer, rowOf, vectorsOf } from "../Peer.ts"

const open: Peer = async (address, { rows, dimension, queries, limit }) => {
  const session = http2.connect(`http://${address}`, { settings: { initialWindowSize: 16 * 1024 * 1024 } })
  await new Promise((resolve, reject) => session.once("remoteSettings", resolve).once("error", reject))
  session.setLocalWindowSize(16 * 1024 * 1024)
  const call = (name: string, message: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":authority": address,
        ":path": `/milvus.proto.milvus.MilvusService/${name}`,
        "content-type": "application/grpc",
        te: "trailers",
        "grpc-timeout": "60000m",
      })
      const parts: Array<Buffer> = []
      stream.on("data", (data: Buffer) => parts.push(data))
      stream.on("error", reject)
      stream.on("trailers", (trailers) => {
        if (trailers["grpc-status"] !== "0") return reject(new Error(`status ${trailers["grpc-status"]}`))
        resolve((parts.length === 1 ? parts[0]! : Buffer.concat(parts)).subarray(5))
      })
      const head = Buffer.alloc(5)
      head.writeUInt32BE(message.length, 1)
      if (message.length < 16_384) stream.end(Buffer.concat([head, message]))
      else {
        stream.write(head)
        stream.end(message)
      }
    })
  await call("GetVersion", Buffer.alloc(0))
  const ids = BigInt64Array.from({ length: rows }, (_, at) => BigInt(at))
  const vectors = vectorsOf(rows, dimension)
  const wanted = vectorsOf(queries, dimension)
  return {
    insert: () => call("Insert", insertRequest(ids, vectors, dimension)),
    insertRow: () => call("Insert", insertRowRequest(rowOf())),
    search: async () => readHits(await call("Search", searchRequest(wanted, queries, limit))),
    // Cast: it is a result of `search`.
    hits: (result) => (result as ReturnType<typeof readHits>).ids!.length,
    close: () => new Promise((resolve) => session.close(() => resolve())),
  }
}

export default open
