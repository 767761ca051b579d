/**
 * The codec of every RPC and message, out of the descriptors that `deno task proto` prints.
 *
 * There are two, because loading costs time that a short script feels: a small one with the three RPCs of the handshake,
 * and the whole contract, loaded when something else is first needed. Both are JSON modules, so that they load wherever
 * the library itself was loaded from.
 */
import * as protoLoader from "@grpc/proto-loader"
import * as Effect from "effect/Effect"
import type { Draft } from "../codec/writer.ts"
import core from "./descriptor.core.json" with { type: "json" }
import { messageOf } from "./late.ts"

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

const methodsOf = (definition: protoLoader.PackageDefinition): ReadonlyMap<string, Method> =>
  new Map(
    Object.entries(serviceOf(definition)).flatMap(([name, method]) =>
      method.requestStream || method.responseStream ? [] : [[name, {
        path: method.path,
        serialize: method.requestSerialize,
        deserialize: method.responseDeserialize,
      }]]
    ),
  )

let coreMethods: ReadonlyMap<string, Method> | undefined
let whole:
  | { readonly definition: protoLoader.PackageDefinition; readonly methods: ReadonlyMap<string, Method> }
  | undefined

/** An RPC by its name, as far as what is loaded knows it; `undefined` asks for {@linkcode load}. */
export const method = (name: string): Method | undefined => {
  coreMethods ??= methodsOf(define(core))
  return whole?.methods.get(name) ?? coreMethods.get(name)
}

/** An RPC whose request is encoded already, or is a draft, and whose reply is read by a function of its own. */
export const encoded = (name: string, decode: (bytes: Uint8Array) => object): Method => ({
  path: `/${serviceName}/${name}`,
  // Cast: it is one of the two.
  serialize: (request) => messageOf(request as Uint8Array | Draft),
  deserialize: decode,
})

/** Loads the whole contract, once. */
export const load: Effect.Effect<void> = Effect.suspend(() =>
  whole !== undefined ? Effect.void : Effect.map(
    Effect.promise(() => import("./descriptor.json", { with: { type: "json" } })),
    (module) => {
      if (whole !== undefined) return
      const definition = define(module.default)
      whole = { definition, methods: methodsOf(definition) }
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
