/** The script of `oneshot.ts` with only grpc-js and the same small contract. */
import * as grpc from "@grpc/grpc-js"
import * as protoLoader from "@grpc/proto-loader"
import core from "../../src/contract/descriptor.core.json" with { type: "json" }

const definition = protoLoader.fromJSON(core as unknown as Parameters<typeof protoLoader.fromJSON>[0], {})
const Service = grpc.makeGenericClientConstructor(
  definition["milvus.proto.milvus.MilvusService"] as protoLoader.ServiceDefinition,
  "MilvusService",
)
const client = new Service(Deno.args[0]!, grpc.credentials.createInsecure())
// Cast: the types of a generic client have no methods.
const call = (name: string): Promise<{ readonly version?: string }> =>
  new Promise((resolve, reject) =>
    (client[name] as unknown as (request: object, callback: grpc.requestCallback<object>) => void).call(
      client,
      {},
      (error, reply) => error === null ? resolve(reply!) : reject(error),
    )
  )
await call("Connect")
await call("CheckHealth")
console.log((await call("GetVersion")).version)
client.close()
