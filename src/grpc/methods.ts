/**
 * The codec of every RPC and message, out of the descriptors that `deno task proto` prints.
 *
 * There are two, because loading costs time that a short script feels: a small one with the three RPCs of the handshake,
 * and the whole contract, loaded when something else is first needed. Both are JSON modules, so that they load wherever
 * the library itself was loaded from.
 */
import * as protoLoader from "@grpc/proto-loader"
import * as Effect from "effect/Effect"
import type { SizedMessage } from "../codec/protobuf/writer.ts"
import core from "../contract/descriptor.core.json" with { type: "json" }
import { messageOf } from "../workarounds/grpcLazyMessage.ts"
import { type Shape, Shapes, type StatusPath, statusPaths } from "../contract/shapes.ts"
import { checkMessage } from "./wellFormed.ts"

/** How one message is written and read. */
export interface Codec {
  /** Throws where the value does not fit. */
  readonly serialize: (value: object) => Uint8Array
  /** Throws where the bytes are not such a message. */
  readonly deserialize: (bytes: Uint8Array) => object
}

/** One RPC: its path and the codecs of its two messages. */
export interface Method {
  readonly path: string
  readonly serialize: protoLoader.Serialize<object>
  readonly deserialize: protoLoader.Deserialize<object>
  /** The most bytes that its reply can have, if less than any message. */
  readonly maxReply?: number
  /** Where its reply has a status. */
  readonly statuses: ReadonlyArray<StatusPath>
}

const serviceName = "milvus.proto.milvus.MilvusService"

/**
 * Cast twice: the types of proto-loader know neither the shape that a JSON module has for TypeScript, nor `BigInt`, which
 * protobufjs takes beside `String` and `Number`.
 */
const define = (json: unknown): protoLoader.PackageDefinition =>
  protoLoader.fromJSON(json as Parameters<typeof protoLoader.fromJSON>[0], {
    longs: BigInt as unknown as typeof Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })

/** Cast: an entry of a package definition does not say which of its three kinds it is; this one is a service. */
const serviceOf = (definition: protoLoader.PackageDefinition): protoLoader.ServiceDefinition =>
  definition[serviceName] as protoLoader.ServiceDefinition

/** What of the JSON of a descriptor is used here, beside its messages. */
interface Service {
  readonly methods: { readonly [name: string]: { readonly responseType: string } }
}

const methodsOf = (
  definition: protoLoader.PackageDefinition,
  json: object,
  { methods }: Service,
): ReadonlyMap<string, Method> => {
  const shapes = new Shapes(json)
  const status = shapes.get("milvus.proto.common.Status", "")
  return new Map(
    Object.entries(serviceOf(definition)).flatMap(([name, method]) => {
      const responseType = methods[name]?.responseType
      if (method.requestStream || method.responseStream || responseType === undefined) return []
      const shape = shapes.get(responseType, serviceName)
      return [[name, {
        path: method.path,
        serialize: method.requestSerialize,
        deserialize: (bytes) => {
          checkMessage(bytes, shape)
          return method.responseDeserialize(bytes)
        },
        statuses: statusPaths(shape, status),
        ...Object.hasOwn(coreService.methods, name) ? { maxReply: maxHandshakeReply } : {},
      }]]
    }),
  )
}

const coreService: Service = core.nested.milvus.nested.proto.nested.milvus.nested.MilvusService

/** In bytes, far more than a server has to say of itself. */
const maxHandshakeReply = 4 * 2 ** 20

let coreMethods: ReadonlyMap<string, Method> | undefined
let whole:
  | { readonly definition: protoLoader.PackageDefinition; readonly methods: ReadonlyMap<string, Method> }
  | undefined

/** An RPC by its name, as far as what is loaded knows it; `undefined` asks for {@linkcode load}. */
export const method = (name: string): Method | undefined => {
  coreMethods ??= methodsOf(define(core), core, coreService)
  return whole?.methods.get(name) ?? coreMethods.get(name)
}

let encodedShape: Shape | undefined

/** What all replies that are read by functions of their own have in common; they look at the rest themselves. */
const hasStatus = (): Shape => {
  if (encodedShape !== undefined) return encodedShape
  const message = new Shapes(core).get("milvus.proto.common.Status", "")
  const status = { name: "status", isRepeated: false, wireType: 2, isString: false, isLong: false, message } as const
  return encodedShape = { fields: new Map([[1, status]]) }
}

/** An RPC whose request is encoded already, or is a draft, and whose reply is read by a function of its own. */
export const encoded = (name: string, decode: (bytes: Uint8Array) => object): Method => ({
  path: `/${serviceName}/${name}`,
  // Cast: it is one of the two.
  serialize: (request) => messageOf(request as Uint8Array | SizedMessage),
  deserialize: (bytes) => {
    checkMessage(bytes, hasStatus())
    return decode(bytes)
  },
  statuses: [["status"]],
})

/** Loads the whole contract, once. */
export const load: Effect.Effect<void> = Effect.suspend(() =>
  whole !== undefined ? Effect.void : Effect.map(
    Effect.promise(() => import("../contract/descriptor.json", { with: { type: "json" } })),
    (module) => {
      if (whole !== undefined) return
      const json = module.default
      const definition = define(json)
      const service = json.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
      whole = { definition, methods: methodsOf(definition, json, service) }
    },
  )
)

/** The whole service with both sides of every RPC, for who serves it. */
export const service: Effect.Effect<protoLoader.ServiceDefinition> = Effect.map(
  load,
  () => serviceOf(whole!.definition),
)

/** The codec of a message by its full name, such as `"milvus.proto.schema.CollectionSchema"`. */
export const codec = (name: string): Effect.Effect<Codec | undefined> =>
  Effect.map(load, () => {
    const found = Object.hasOwn(whole!.definition, name) ? whole!.definition[name] : undefined
    // Cast: what has `serialize` is a message.
    return found !== undefined && "serialize" in found ? found as unknown as Codec : undefined
  })
