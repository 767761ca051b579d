/** Checks of replies: one message, or the messages of a stream, uncompressed, well-formed and of bounded length. */
import { Buffer } from "node:buffer"
import { assert, assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert"
import descriptor from "../../src/contract/descriptor.json" with { type: "json" }
import { ReplyFault, ReplyReader } from "../../src/workarounds/grpcReply.ts"
import { Shapes } from "../../src/contract/shapes.ts"
import { checkMessage } from "../../src/grpc/wellFormed.ts"
import { field } from "../fault/hostile_server.ts"
import { test } from "../support/test.ts"

const framed = (body: Uint8Array, flag = 0, length = body.length) => {
  const head = Buffer.alloc(5)
  head.writeUInt8(flag, 0)
  head.writeUInt32BE(length, 1)
  return Buffer.concat([head, body])
}

/** Reads bytes in chunks of this length. Returns the messages, and why the rest was rejected. */
const read = (bytes: Uint8Array, pieces: number, limit = 1000, isStream = false) => {
  let refused: string | undefined
  const reader = new ReplyReader(limit, (isTooLong, fault) => {
    assertEquals(refused, undefined, "refused once")
    refused = `${isTooLong ? "too long: " : ""}${fault.message}`
  }, isStream)
  const messages: Array<Buffer> = []
  for (let at = 0; at < bytes.length; at += pieces) {
    messages.push(...reader.write(Buffer.from(bytes.subarray(at, at + pieces))))
  }
  return { messages, refused }
}

test("rule 13: ReplyReader reads one message, whatever the chunks", () => {
  for (let length = 0; length <= 40; length++) {
    const bytes = framed(crypto.getRandomValues(new Uint8Array(length)))
    for (let pieces = 1; pieces <= bytes.length; pieces++) {
      const { messages, refused } = read(bytes, pieces)
      assertEquals([messages.map((message) => [...message]), refused], [[[...bytes]], undefined])
    }
  }
})

test("rule 13: ReplyReader rejects everything else, whatever the chunks", () => {
  const body = new Uint8Array(20)
  const wrong: Readonly<Record<string, Uint8Array>> = {
    "more than one message": Buffer.concat([framed(body), framed(body)]),
    "is compressed": framed(body, 1),
    "the unknown flag 2": framed(body, 2),
    "the unknown flag 255": framed(body, 255),
    "too long: the reply has 1001 bytes": framed(body, 0, 1001),
    "too long: the reply has 4294967295 bytes": framed(body, 0, 2 ** 32 - 1),
  }
  for (const [why, bytes] of Object.entries(wrong)) {
    for (let pieces = 1; pieces <= bytes.length; pieces++) {
      const { messages, refused } = read(bytes, pieces)
      assertStringIncludes(refused ?? "", why)
      assert(messages.length <= 1)
    }
  }
})

test("rule 13: ReplyReader of a stream reads every message before one that it rejects", () => {
  const bodies = [0, 1, 30, 0, 0, 7].map((length) => crypto.getRandomValues(new Uint8Array(length)))
  const whole = bodies.map((body) => framed(body))
  const wrong: ReadonlyArray<readonly [Uint8Array, string | undefined]> = [
    [new Uint8Array(), undefined],
    [framed(new Uint8Array(3), 1), "is compressed"],
    [framed(new Uint8Array(3), 0, 1001), "too long: the reply has 1001 bytes"],
  ]
  for (const [last, why] of wrong) {
    const bytes = Buffer.concat([...whole, last])
    for (let pieces = 1; pieces <= bytes.length; pieces++) {
      const { messages, refused } = read(bytes, pieces, 1000, true)
      assertEquals(messages.map((message) => [...message]), whole.map((message) => [...message]))
      if (why === undefined) assertEquals(refused, undefined)
      else assertStringIncludes(refused ?? "", why)
    }
  }
})

test("rule 13: ReplyReader holds no bytes after its release", () => {
  const reader = new ReplyReader(1000, () => {})
  reader.write(framed(new Uint8Array(10), 0, 20))
  reader.release()
  assertEquals(reader.write(Buffer.alloc(100)), [])
})

const refuses = (check: () => void, why: string): void => {
  const fault = assertThrows(check)
  assertInstanceOf(fault, ReplyFault)
  assertStringIncludes(fault.message, why)
}

const shapes = new Shapes(descriptor)
const shape = (name: string) => shapes.get(name, "milvus.proto.milvus")
const check = (bytes: ReadonlyArray<number> | Uint8Array, name = "ConnectResponse") =>
  checkMessage(Uint8Array.from(bytes), shape(name))

test("rule 13: checkMessage accepts what protobuf allows", () => {
  check([])
  check([24, 1])
  // A varint may have up to ten bytes.
  check([24, ...Array<number>(9).fill(255), 1])
  // Unknown fields of each wire type.
  check([0xa0, 6, 1, 0xa2, 6, 1, 0xff, 0xa1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0xa5, 6, 0, 0, 0, 0])
  // Repeated numbers, packed and not.
  check(field(3, new Uint8Array([1, 2, 3])), "MutationResult")
  check([24, 1, 24, 2], "MutationResult")
  check(field(1, field(2, new TextEncoder().encode("naïve 🐟"))))
})

test("rule 13: checkMessage rejects bytes that are not a message of the type", () => {
  const wrong: ReadonlyArray<readonly [bytes: ReadonlyArray<number> | Uint8Array, name?: string]> = [
    [[10]],
    [[10, 5, 1]],
    [[10, 255, 255, 255, 255, 15]],
    [[10, ...Array<number>(8).fill(255), 127]],
    [[24, 128]],
    [[24, ...Array<number>(10).fill(255), 1]],
    [[8, 1]],
    [[9, 0, 0, 0, 0, 0, 0, 0, 0]],
    [[11]],
    [[12]],
    [[14]],
    [[15]],
    [[2, 0]],
    [[0, 0]],
    [[0xa1, 6, 0]],
    [field(1, field(2, new Uint8Array([0xff])))],
    [field(1, field(2, new Uint8Array([0xed, 0xa0, 0x80])))],
    [field(1, field(2, new Uint8Array([0xc0, 0x80])))],
    // A value that exceeds its message.
    [[10, 2, 18, 5, 1, 1, 1, 1, 1]],
    [field(3, new Uint8Array([1, 255])), "MutationResult"],
  ]
  for (const [bytes, name] of wrong) refuses(() => check(bytes, name), "")
})

test("rule 13: checkMessage rejects messages that are nested too deeply", () => {
  const nested = (depth: number): Uint8Array => {
    let bytes: Uint8Array = new Uint8Array()
    // The fields of a field of structs may be structs too.
    for (let level = 0; level < depth; level++) bytes = field(8, field(1, bytes))
    return bytes
  }
  const fieldData = shapes.get("milvus.proto.schema.FieldData", "")
  checkMessage(nested(40), fieldData)
  refuses(() => checkMessage(nested(60), fieldData), "nest too deeply")
  refuses(() => checkMessage(nested(5000), fieldData), "nest too deeply")
})

test("rule 13: checkMessage rejects small messages that would decode to very many objects", () => {
  // Empty messages, and numbers of one byte that become bigints.
  const empty = new Uint8Array(8 * 2 ** 20)
  for (let at = 0; at < empty.length; at += 2) empty[at] = 18
  refuses(() => checkMessage(empty, shape("BatchDescribeCollectionResponse")), "much more memory")
  const numbers = field(3, new Uint8Array(16 * 2 ** 20))
  refuses(() => checkMessage(numbers, shape("ShowCollectionsResponse")), "much more memory")
  // A large valid reply is accepted.
  const names = Array.from({ length: 65_536 }, (_, at) => field(2, new TextEncoder().encode(`collection ${at}`)))
  checkMessage(Buffer.concat([...names, field(3, new Uint8Array(65_536))]), shape("ShowCollectionsResponse"))
})
