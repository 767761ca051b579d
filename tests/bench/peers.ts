/**
 * The clients that are measured, each behind the same few functions: this library by its two APIs, grpc-js alone with the same
 * contract through proto-loader, and the Node SDK.
 */
import * as grpc from "@grpc/grpc-js"
import * as protoLoader from "@grpc/proto-loader"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { Connection } from "../../mod.ts"
import core from "../../src/wire/descriptor.core.json" with { type: "json" }
import { connect } from "../../src/promise.ts"

/** A client that is ready: it said who it is, and the server said that it is healthy. */
export interface Client {
  getVersion(): Promise<unknown>
  close(): Promise<void>
  /** `getVersion` in so many loops until `count` calls are made; where the client has a way of its own to do that. */
  load?(loops: number, count: number): Promise<void>
}

export type Peer = (address: string) => Promise<Client>

const ours: Peer = async (address) => {
  const scope = Scope.makeUnsafe()
  const connection = await Effect.runPromise(Scope.provide(Connection.connect(address), scope))
  const call = connection.call("GetVersion", {})
  return {
    getVersion: () => Effect.runPromise(call),
    close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    load: (loops, count) => {
      let left = count
      const loop = Effect.whileLoop({ while: () => left-- > 0, body: () => call, step: () => {} })
      return Effect.runPromise(
        Effect.all(Array.from({ length: loops }, () => loop), { concurrency: loops, discard: true }),
      )
    },
  }
}

const promise: Peer = async (address) => {
  const milvus = await connect(address)
  return { getVersion: () => milvus.call("GetVersion", {}), close: () => milvus.close() }
}

/** Casts: the types of proto-loader know neither a JSON module nor `BigInt`; those of a generic client know no methods. */
const bare: Peer = async (address) => {
  service ??= protoLoader.fromJSON(core as unknown as Parameters<typeof protoLoader.fromJSON>[0], {
    longs: BigInt as unknown as typeof Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })["milvus.proto.milvus.MilvusService"] as protoLoader.ServiceDefinition
  const Service = grpc.makeGenericClientConstructor(service, "MilvusService")
  const client = new Service(address, grpc.credentials.createInsecure())
  type Method = (
    request: object,
    metadata: grpc.Metadata,
    options: object,
    callback: (error: Error | null, reply: object) => void,
  ) => void
  const call = (name: string, request: object) =>
    new Promise((resolve, reject) =>
      (client[name] as unknown as Method).call(
        client,
        request,
        new grpc.Metadata(),
        { deadline: Date.now() + 60_000 },
        (error, reply) => error === null ? resolve(reply) : reject(error),
      )
    )
  await call("Connect", { client_info: { sdk_type: "bare", sdk_version: "1", local_time: "", user: "", host: "" } })
  await call("CheckHealth", {})
  return { getVersion: () => call("GetVersion", {}), close: () => Promise.resolve(client.close()) }
}

let service: protoLoader.ServiceDefinition | undefined

/** The specifier is put together at run time, so that neither the lock file nor the type check knows this package. */
const sdk: Peer = async (address) => {
  const { MilvusClient } = await import(`npm:@zilliz/milvus2-sdk-node@${sdkVersion}`)
  const client = new MilvusClient({ address, logLevel: "error" })
  await client.connectPromise
  await client.checkHealth()
  return { getVersion: () => client.getVersion(), close: () => client.closeConnection() }
}

export const sdkVersion = "3.0.6"

export const peers = { ours, promise, bare, sdk }
export type PeerName = keyof typeof peers
