/** Only grpc-js, with the channel options of this library and hand-made bytes of these messages. */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import { readHits } from "../../minimal.ts"
import { collection, type Peer, vectorsOf } from "../Peer.ts"

const tags = { int: 0, length: 2 }

/** Writes the fields of a message into given bytes. */
class Hand {
  at = 0
  constructor(readonly bytes: Buffer) {}
  varint(value: number): this {
    let rest = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.bytes[this.at++] = rest % 128 | 128
    this.bytes[this.at++] = rest
    return this
  }
  tag(field: number, type: number): this {
    return this.varint(field * 8 + type)
  }
  int(field: number, value: number): this {
    return this.tag(field, tags.int).varint(value)
  }
  text(field: number, text: string): this {
    this.tag(field, tags.length).varint(text.length)
    this.at += this.bytes.write(text, this.at, "latin1")
    return this
  }
  bytesOf(field: number, bytes: Uint8Array): this {
    this.tag(field, tags.length).varint(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
    return this
  }
}

const varintSize = (value: number): number => value < 128 ? 1 : 1 + varintSize(Math.floor(value / 128))
/** Encodes a field with a tag of one byte. */
const sized = (size: number): number => 1 + varintSize(size) + size

const insertRequest = (ids: BigInt64Array, vectors: Float32Array, dimension: number): Buffer => {
  const words = new Int32Array(ids.buffer)
  let idBytes = 0
  for (let at = 0; at < words.length; at += 2) idBytes += varintSize(words[at]!)
  const longs = sized(idBytes)
  const idField = 2 + sized(2) + sized(sized(longs))
  const floats = sized(vectors.byteLength)
  const vector = 1 + varintSize(dimension) + sized(floats)
  const vectorField = 2 + sized(6) + sized(vector)
  const rows = ids.length
  const size = sized(collection.length) + sized(idField) + sized(vectorField) + 1 + varintSize(rows)
  const to = new Hand(Buffer.allocUnsafeSlow(size))
  to.text(3, collection)
  to.tag(5, tags.length).varint(idField).int(1, 5).text(2, "id")
  to.tag(3, tags.length).varint(sized(longs)).tag(3, tags.length).varint(longs).tag(1, tags.length).varint(idBytes)
  for (let at = 0; at < words.length; at += 2) to.varint(words[at]!)
  to.tag(5, tags.length).varint(vectorField).int(1, 101).text(2, "vector")
  to.tag(4, tags.length).varint(vector).int(1, dimension).tag(2, tags.length).varint(floats)
  to.bytesOf(1, new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength)).int(7, rows)
  return to.bytes
}

const searchRequest = (vectors: Float32Array, queries: number, limit: number): Buffer => {
  const memory = new Uint8Array(vectors.buffer)
  const width = memory.length / queries
  const values = sized(2) + 2 + queries * sized(width)
  const parameters = {
    anns_field: "vector",
    topk: `${limit}`,
    metric_type: "COSINE",
    params: "{}",
    round_decimal: "-1",
  }
  const to = new Hand(Buffer.allocUnsafeSlow(memory.length + queries * 8 + 512))
  to.text(3, collection).tag(6, tags.length).varint(sized(values)).tag(1, tags.length).varint(values)
  to.text(1, "$0").int(2, 101)
  for (let at = 0; at < queries; at++) to.bytesOf(3, memory.subarray(at * width, (at + 1) * width))
  to.int(7, 1)
  for (const [key, value] of Object.entries(parameters)) {
    to.tag(9, tags.length).varint(sized(key.length) + sized(value.length)).text(1, key).text(2, value)
  }
  to.int(12, queries).int(15, 1)
  return to.bytes.subarray(0, to.at)
}

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
    insert: () => call("Insert", () => insertRequest(ids, vectors, dimension)),
    search: async () => readHits(await call("Search", () => searchRequest(wanted, queries, limit))),
    // Cast: it is a result of `search`.
    hits: (result) => (result as ReturnType<typeof readHits>).ids!.length,
    close: () => Promise.resolve(client.close()),
  }
}

export default open
