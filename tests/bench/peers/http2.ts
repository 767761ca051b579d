/** Only `node:http2`, with requests and replies that are written by hand: what a call costs at least. */
import { Buffer } from "node:buffer"
import http2 from "node:http2"
import type { Peer } from "./Peer.ts"

const service = "/milvus.proto.milvus.MilvusService/"

/** A frame of gRPC with a short message. */
const frameOf = (message: Uint8Array): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message])

const empty = frameOf(new Uint8Array())

/** `ConnectRequest` with the name and the version of the client. */
const connectRequest = frameOf(Buffer.from([18, 10, 10, 4, ...Buffer.from("bare"), 18, 2, ...Buffer.from("1.")]))

/** Reads `GetVersionResponse`: a status, which must have no reason, and the version. */
const versionOf = (reply: Buffer): string => {
  let at = 5
  let version = ""
  while (at < reply.length) {
    const tag = reply[at]!
    const length = reply[at + 1]!
    if (tag === 18) version = reply.toString("utf8", at + 2, at + 2 + length)
    at += 2 + length
  }
  return version
}

const open: Peer = async (address) => {
  const session = http2.connect(`http://${address}`)
  await new Promise((resolve, reject) => session.once("connect", resolve).once("error", reject))
  const call = (method: string, frame: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      const stream = session.request({
        ":method": "POST",
        ":authority": address,
        ":path": service + method,
        "content-type": "application/grpc",
        te: "trailers",
        "grpc-timeout": "60000m",
      })
      let reply: Buffer = empty
      stream.on("data", (data: Buffer) => reply = data)
      stream.on("error", reject)
      stream.on("trailers", (trailers) => {
        if (trailers["grpc-status"] === "0") resolve(reply)
        else reject(new Error(`status ${trailers["grpc-status"]}`))
      })
      stream.end(frame)
    })
  await Promise.all([call("Connect", connectRequest), call("CheckHealth", empty)])
  return {
    getVersion: async () => versionOf(await call("GetVersion", empty)),
    close: () => new Promise((resolve) => session.close(() => resolve())),
  }
}

export default open
