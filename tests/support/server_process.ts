/**
 * A healthy MilvusService in a process of its own, with fixed replies: for tests and benchmarks in which the server
 * must not take the time of the client. It ends when its standard input ends, and so with the process that started it.
 */
import { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import * as Effect from "effect/Effect"
import { Message } from "../../mod.ts"
import { install } from "../../src/workarounds/denoGoaway.ts"
import { success } from "./server.ts"

export interface ServerProcess extends AsyncDisposable {
  readonly address: string
  readonly host: string
  readonly port: number
  /** Kills it and starts another on the same port. */
  readonly restart: () => Promise<void>
}

export const startServerProcess = async (): Promise<ServerProcess> => {
  let process = await launch(0)
  const { port } = process
  return {
    address: `127.0.0.1:${port}`,
    host: "127.0.0.1",
    port,
    restart: async () => {
      await process.kill()
      process = await launch(port)
    },
    [Symbol.asyncDispose]: () => process.end(),
  }
}

const launch = async (wanted: number) => {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", import.meta.filename!, `${wanted}`],
    stdin: "piped",
    stdout: "piped",
  }).spawn()
  const reader = process.stdout.getReader()
  const { value } = await reader.read()
  const port = Number(new TextDecoder().decode(value))
  if (!Number.isInteger(port) || port <= 0) throw new Error("the server process did not start")
  const end = async () => {
    await process.stdin.close().catch(() => {})
    await reader.cancel()
    await process.status
  }
  return { port, end, kill: () => (process.kill("SIGKILL"), end()) }
}

const serve = async (port: number): Promise<number> => {
  const status = success as { readonly error_code: "Success" }
  const replies = {
    Connect: await Effect.runPromise(Message.encode("milvus.proto.milvus.ConnectResponse", {
      status,
      identifier: 7n,
      server_info: { build_tags: "v2.6.2", deploy_mode: "STANDALONE" },
    })),
    GetVersion: await Effect.runPromise(
      Message.encode("milvus.proto.milvus.GetVersionResponse", { status, version: "v2.6.2" }),
    ),
    CheckHealth: await Effect.runPromise(
      Message.encode("milvus.proto.milvus.CheckHealthResponse", { status, isHealthy: true }),
    ),
  }
  install()
  const server = new grpc.Server()
  const identity = (bytes: Uint8Array) => Buffer.from(bytes)
  for (const [name, reply] of Object.entries(replies)) {
    server.register(
      `/milvus.proto.milvus.MilvusService/${name}`,
      (_call: unknown, callback: grpc.sendUnaryData<Uint8Array>) => callback(null, reply),
      identity,
      identity,
      "unary",
    )
  }
  return await new Promise((resolve, reject) =>
    server.bindAsync(
      `127.0.0.1:${port}`,
      grpc.ServerCredentials.createInsecure(),
      (error, port) => error === null ? resolve(port) : reject(error),
    )
  )
}

if (import.meta.main) {
  console.log(await serve(Number(Deno.args[0])))
  for await (const _ of Deno.stdin.readable);
  Deno.exit()
}
