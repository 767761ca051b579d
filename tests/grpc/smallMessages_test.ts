/** The codec of small messages gives what proto-loader gives, for the messages of the handshake. */
import { Buffer } from "node:buffer"
import * as protoLoader from "@grpc/proto-loader"
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert"
import * as Arbitrary from "effect/Arbitrary"
import core from "../../src/contract/descriptor.core.json" with { type: "json" }
import { type FieldShape, type Shape, Shapes } from "../../src/contract/shapes.ts"
import { decodeSmall, encodeSmall } from "../../src/grpc/smallMessages.ts"
import { bool, holds, int32, int64, list, oneOf, pick, text } from "../codec/support.ts"
import { test } from "../support/test.ts"

const scope = "milvus.proto.milvus.MilvusService"

/** Casts: as in `src/grpc/methods.ts`. */
const service = protoLoader.fromJSON(core as unknown as Parameters<typeof protoLoader.fromJSON>[0], {
  longs: BigInt as unknown as typeof Number,
  enums: String,
  defaults: true,
  oneofs: true,
})[scope] as protoLoader.ServiceDefinition
const shapes = new Shapes(core)
const { methods } = core.nested.milvus.nested.proto.nested.milvus.nested.MilvusService

/** Values of a field, of all that its type allows. */
const valueOf = (field: FieldShape): Arbitrary.Arbitrary<unknown> => {
  const { type, message, enumNames } = field
  if (message !== undefined) return messageOf(message)
  if (enumNames !== undefined) return pick(...enumNames.values())
  if (type === "string") return oneOf(text, pick("__proto__", "constructor", ""))
  if (type === "bool") return bool
  if (type === "int32") return int32
  return type === "uint64" ? Arbitrary.map(int64, (value) => BigInt.asUintN(64, value)) : int64
}

const fieldOf = (field: FieldShape): Arbitrary.Arbitrary<unknown> => {
  // Casts: what `valueOf` makes for an entry of a map.
  if (field.isMap) {
    return Arbitrary.map(
      list(messageOf(field.message!), 4),
      (entries) =>
        Object.fromEntries(
          entries.map((it) => [(it as { key?: string }).key ?? "", (it as { value?: string }).value ?? ""]),
        ),
    )
  }
  return field.isRepeated ? list(valueOf(field), 4) : valueOf(field)
}

/** Messages of a shape, each with some of the fields. */
const messageOf = ({ fields }: Shape): Arbitrary.Arbitrary<object> =>
  Arbitrary.map(
    Arbitrary.all([...fields.values()].map((field) => Arbitrary.all([bool, fieldOf(field)]))),
    (values) =>
      Object.fromEntries(
        [...fields.values()].flatMap(({ name }, at) => values[at]![0] ? [[name, values[at]![1]]] : []),
      ),
  )

for (const [name, { requestType, responseType }] of Object.entries(methods)) {
  const loaded = service[name]!

  test(`replies of ${name} are decoded as by proto-loader`, () => {
    const shape = shapes.get(responseType, scope)
    return holds(messageOf(shape), (value) => {
      const bytes = loaded.responseSerialize(value)
      assertEquals(decodeSmall(responseType, shape, bytes), loaded.responseDeserialize(bytes))
    })
  })

  test(`requests of ${name} are encoded so that proto-loader reads the same`, () => {
    const shape = shapes.get(requestType, scope)
    return holds(messageOf(shape), (value) => {
      const bytes = Buffer.from(encodeSmall(requestType, shape, value))
      assertEquals(loaded.requestDeserialize(bytes), loaded.requestDeserialize(loaded.requestSerialize(value)))
    })
  })
}

test("unknown enum values and unknown fields are decoded as by proto-loader, and numbers that are not packed", () => {
  const shape = shapes.get("CheckHealthResponse", scope)
  for (const bytes of [[32, 77], [34, 3, 1, 2, 99], [32, 1, 32, 2], [120, 5, 16, 1], [10, 2, 8, 50], [10, 0]]) {
    const reply = Buffer.from(bytes)
    assertEquals(decodeSmall("CheckHealthResponse", shape, reply), service["CheckHealth"]!.responseDeserialize(reply))
  }
})

test("a request whose values do not fit is refused by the name of the field", () => {
  const shape = shapes.get("ConnectRequest", scope)
  const wrong: ReadonlyArray<readonly [object, string]> = [
    [{ client_info: 5 }, "client_info"],
    [{ client_info: { sdk_type: 5 } }, "sdk_type"],
    [{ client_info: { reserved: { a: 1 } } }, "value"],
    [{ base: { msgID: 1.5 } }, "msgID"],
    [{ base: { msg_type: "Nothing" } }, "msg_type"],
    [{ base: { replicateInfo: { isReplicate: 1 } } }, "isReplicate"],
  ]
  for (const [request, field] of wrong) {
    assertStringIncludes(String(assertThrows(() => encodeSmall("ConnectRequest", shape, request))), field)
  }
})
