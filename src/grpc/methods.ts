/**
 * Makes the codecs of RPCs and messages from the descriptors that `deno task proto` generates.
 *
 * There are two descriptors, because loading takes time that a short script notices: a small one with the three RPCs of
 * the handshake, whose codec is `smallMessages.ts`, and the whole contract, loaded with proto-loader when something
 * else is first needed. Both are JSON modules, so they load from the same place as the library itself.
 */
import type { Buffer } from "node:buffer"
import type * as protoLoader from "@grpc/proto-loader"
import * as Effect from "effect/Effect"
import type { SizedMessage } from "../codec/protobuf/writer.ts"
import core from "../contract/descriptor.core.json" with { type: "json" }
import { type FieldShape, type Shape, Shapes, type StatusPath, statusPaths } from "../contract/shapes.ts"
import { decodeSmall, encodeSmall } from "./smallMessages.ts"
import { checkMessage } from "./wellFormed.ts"

/** Encodes and decodes one message. */
export interface Codec {
  /** Throws if the value does not fit the message. */
  readonly serialize: (value: object) => Uint8Array
  /** Throws if the bytes are not such a message. */
  readonly deserialize: (bytes: Uint8Array) => object
}

/** One RPC: its path and the codecs of its two messages. */
export interface Method {
  readonly path: string
  /** Encodes a request; one of rows only when it is written. Throws if it does not fit the message. */
  readonly serialize: (request: object) => Uint8Array | SizedMessage
  /** Decodes a reply. Throws if the bytes are not such a message. */
  readonly deserialize: (reply: Uint8Array) => object
  /** Maximum length of the reply in bytes, if lower than that of any message. */
  readonly maxReply?: number
  /** Paths of the statuses in the reply. */
  readonly statuses: ReadonlyArray<StatusPath>
  /** The field of the request that names the database, if it has one. */
  readonly databaseField?: string
}

/** A streaming RPC. */
export interface StreamingMethod extends Method {
  /** Whether its requests are a stream too. */
  readonly requestStream: boolean
}

const serviceName = "milvus.proto.milvus.MilvusService"

/**
 * Parses a descriptor.
 *
 * Cast, twice: the types of proto-loader lack the shape that a JSON module has for TypeScript, and `BigInt`, which
 * protobufjs accepts in addition to `String` and `Number`.
 */
const define = ({ fromJSON }: typeof protoLoader, json: unknown): protoLoader.PackageDefinition =>
  fromJSON(json as Parameters<typeof fromJSON>[0], {
    longs: BigInt as unknown as typeof Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })

/** Cast: the type of an entry of a package definition is one of three; this one is a service. */
const serviceOf = (definition: protoLoader.PackageDefinition): protoLoader.ServiceDefinition =>
  definition[serviceName] as protoLoader.ServiceDefinition

/** The part of a descriptor's service that is used here. */
interface Service {
  readonly methods: { readonly [name: string]: { readonly requestType: string; readonly responseType: string } }
}

interface MethodMaps {
  readonly unary: ReadonlyMap<string, Method>
  readonly streaming: ReadonlyMap<string, StreamingMethod>
}

/** Makes an RPC. `codec` decodes only bytes that are a message of its replies. */
const methodOf = (
  path: string,
  response: Shape,
  status: Shape,
  { serialize, deserialize }: Pick<Method, "serialize" | "deserialize">,
): Method => ({
  path,
  serialize,
  deserialize: (bytes) => {
    checkMessage(bytes, response)
    return deserialize(bytes)
  },
  statuses: statusPaths(response, status),
})

/** Makes the RPCs of the whole contract, except those of the handshake. */
const methodsOf = (
  definition: protoLoader.PackageDefinition,
  json: object,
  { methods }: Service,
): MethodMaps => {
  const shapes = new Shapes(json)
  const status = shapes.get("milvus.proto.common.Status", "")
  const unary = new Map<string, Method>()
  const streaming = new Map<string, StreamingMethod>()
  for (const [name, method] of Object.entries(serviceOf(definition))) {
    const types = methods[name]
    if (types === undefined || Object.hasOwn(coreService.methods, name)) continue
    const databaseField = databaseFieldOf(shapes.get(types.requestType, serviceName))
    const common: Method = {
      ...methodOf(method.path, shapes.get(types.responseType, serviceName), status, {
        serialize: method.requestSerialize,
        // Cast: it only reads the bytes.
        deserialize: (bytes) => method.responseDeserialize(bytes as Buffer),
      }),
      ...(databaseField === undefined ? {} : { databaseField }),
    }
    // No RPC streams only its requests.
    if (method.responseStream) streaming.set(name, { ...common, requestStream: method.requestStream })
    else unary.set(name, common)
  }
  return { unary, streaming }
}

/** Makes the RPCs of the handshake. */
const coreMethodsOf = (): ReadonlyMap<string, Method> => {
  const shapes = new Shapes(core)
  const status = shapes.get("milvus.proto.common.Status", "")
  return new Map(
    Object.entries(coreService.methods).map(([name, { requestType, responseType }]) => {
      const request = shapes.get(requestType, serviceName)
      const response = shapes.get(responseType, serviceName)
      const method = methodOf(`/${serviceName}/${name}`, response, status, {
        serialize: (value) => encodeSmall(requestType, request, value),
        deserialize: (bytes) => decodeSmall(responseType, response, bytes),
      })
      return [name, { ...method, maxReply: maxHandshakeReply }]
    }),
  )
}

/** Returns the name of the field for the database in a request; the contract writes it in two ways. */
const databaseFieldOf = ({ fields }: Shape): string | undefined =>
  [...fields.values()].find(({ name }) => name === "db_name" || name === "dbName")?.name

const coreService: Service = core.nested.milvus.nested.proto.nested.milvus.nested.MilvusService

/** Maximum length of a reply in the handshake, in bytes: far more than a server reports about itself. */
const maxHandshakeReply = 4 * 2 ** 20

let coreMethods: ReadonlyMap<string, Method> | undefined
let whole:
  | { readonly definition: protoLoader.PackageDefinition; readonly methods: MethodMaps }
  | undefined

/** Returns an RPC by its name. `undefined` if it is not loaded yet (see {@linkcode load}), or does not exist. */
export const method = (name: string): Method | undefined => {
  coreMethods ??= coreMethodsOf()
  return coreMethods.get(name) ?? whole?.methods.unary.get(name)
}

/** Returns a streaming RPC by its name. `undefined` if it is not loaded yet, or does not exist. */
export const streamingMethod = (name: string): StreamingMethod | undefined => whole?.methods.streaming.get(name)

let encodedShape: Shape | undefined

/** Shape of a reply that has its own decoder: its status is checked here, the rest by the decoder. */
const statusOnlyShape = (): Shape => {
  if (encodedShape !== undefined) return encodedShape
  const message = new Shapes(core).get("milvus.proto.common.Status", "")
  const status: FieldShape = {
    name: "status",
    type: "Status",
    isRepeated: false,
    isMap: false,
    enumNames: undefined,
    wireType: 2,
    isLong: false,
    message,
  }
  return encodedShape = { fields: new Map([[1, status]]) }
}

/** Returns an RPC whose request is encoded already, or is sized, and whose reply is read by `decode`. */
export const encoded = (name: string, decode: (bytes: Uint8Array) => object): Method => ({
  path: `/${serviceName}/${name}`,
  // Cast: `Connection.callEncoded` takes only these two.
  serialize: (request) => request as Uint8Array | SizedMessage,
  deserialize: (bytes) => {
    checkMessage(bytes, statusOnlyShape())
    return decode(bytes)
  },
  statuses: [["status"]],
})

/** Loads the whole contract once. */
export const load: Effect.Effect<void> = Effect.suspend(() =>
  whole !== undefined ? Effect.void : Effect.map(
    Effect.promise(() =>
      Promise.all([
        import("@grpc/proto-loader"),
        import("../contract/descriptor.json", { with: { type: "json" } }),
      ])
    ),
    ([loader, { default: json }]) => {
      if (whole !== undefined) return
      const definition = define(loader, json)
      const service = json.nested.milvus.nested.proto.nested.milvus.nested.MilvusService
      whole = { definition, methods: methodsOf(definition, json, service) }
    },
  )
)

/** The whole service, with both sides of every RPC, for servers. */
export const service: Effect.Effect<protoLoader.ServiceDefinition> = Effect.map(
  load,
  () => serviceOf(whole!.definition),
)

/** Returns the codec of a message by its full name, such as `"milvus.proto.schema.CollectionSchema"`. */
export const codec = (name: string): Effect.Effect<Codec | undefined> =>
  Effect.map(load, () => {
    const found = Object.hasOwn(whole!.definition, name) ? whole!.definition[name] : undefined
    // Cast: only messages have `serialize`.
    return found !== undefined && "serialize" in found ? found as unknown as Codec : undefined
  })
