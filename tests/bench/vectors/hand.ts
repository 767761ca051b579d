/** Requests written by hand: what encoding costs at least. They check nothing. */
import { Buffer } from "node:buffer"
import { collection, type Row } from "./Peer.ts"

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

export const insertRequest = (ids: BigInt64Array, vectors: Float32Array, dimension: number): Buffer => {
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

export const searchRequest = (vectors: Float32Array, queries: number, limit: number): Buffer => {
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

/** Fields of {@linkcode Row} with a type of protobuf, by data type: the number of the type and of its array. */
const scalars = { Int64: [5, 3], Int32: [4, 2], Bool: [1, 1], Double: [11, 5], VarChar: [21, 6] } as const

/** Encodes an insert of one row of ten fields. */
export const insertRowRequest = (row: Row): Buffer => {
  const to = new Hand(Buffer.allocUnsafe(512 + row.vector.length * 4 + row.title.length * 2 + row.author.length * 2))
  to.text(3, collection)
  const scalar = (name: string, type: keyof typeof scalars, size: number, write: () => void) => {
    const [number, array] = scalars[type]
    const data = sized(size)
    const field = 2 + sized(name.length) + sized(sized(data))
    to.tag(5, tags.length).varint(field).int(1, number).text(2, name)
    to.tag(3, tags.length).varint(sized(data)).tag(array, tags.length).varint(data).tag(1, tags.length).varint(size)
    write()
  }
  const double = (value: number) => () => void (to.at = to.bytes.writeDoubleLE(value, to.at))
  const text = (value: string) => () => void (to.at += to.bytes.write(value, to.at, "utf8"))
  scalar("id", "Int64", varintSize(row.id), () => to.varint(row.id))
  scalar("year", "Int32", varintSize(row.year), () => to.varint(row.year))
  scalar("pages", "Int64", varintSize(row.pages), () => to.varint(row.pages))
  scalar("sold", "Int64", varintSize(row.sold), () => to.varint(row.sold))
  scalar("price", "Double", 8, double(row.price))
  scalar("rating", "Double", 8, double(row.rating))
  scalar("inPrint", "Bool", 1, () => to.varint(row.inPrint ? 1 : 0))
  scalar("title", "VarChar", Buffer.byteLength(row.title), text(row.title))
  scalar("author", "VarChar", Buffer.byteLength(row.author), text(row.author))
  const floats = row.vector.length * 4
  const vector = 1 + varintSize(row.vector.length) + sized(sized(floats))
  to.tag(5, tags.length).varint(10 + sized(vector)).int(1, 101).text(2, "vector").tag(4, tags.length).varint(vector)
  to.int(1, row.vector.length).tag(2, tags.length).varint(sized(floats)).tag(1, tags.length).varint(floats)
  for (const value of row.vector) to.at = to.bytes.writeFloatLE(value, to.at)
  return to.int(7, 1).bytes.subarray(0, to.at)
}
