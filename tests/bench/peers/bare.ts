/** Only grpc-js, with the same small contract through proto-loader. */
import * as grpc from "@grpc/grpc-js"
import * as protoLoader from "@grpc/proto-loader"
import core from "../../../src/contract/descriptor.core.json" with { type: "json" }
import type { Peer } from "./Peer.ts"

let service: protoLoader.ServiceDefinition | undefined

/** Casts: proto-loader's types have neither JSON modules nor `BigInt`; those of a generic client have no methods. */
const open: Peer = async (address) => {
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

export default open
