/**
 * The client process of goaway_test.ts: `goaway_client.ts PORT ROUNDS [guard]`. Each round connects, calls, lets the server
 * send GOAWAY in one of its ways, reconnects through the same client, closes; with gc between (`--v8-flags=--expose-gc`).
 * It prints how many GOAWAYs it has survived, and exits with 0 after the last round.
 */
import * as grpc from "@grpc/grpc-js"

const [port, rounds, mode] = Deno.args
if (mode === "guard") await import("../../src/wire/goaway.ts")

const gc: unknown = Reflect.get(globalThis, "gc")
const collect = (): void => {
  if (typeof gc === "function") gc()
}
const pass = (bytes: Uint8Array) => bytes as Buffer // grpc-js asks for a Buffer by type only; it is empty here
const garbage: Array<Array<object>> = []

const call = (client: grpc.Client, method: string): Promise<number> =>
  new Promise((resolve) =>
    client.makeUnaryRequest(method, pass, pass, Buffer.alloc(0), { deadline: Date.now() + 10_000 }, (error) => {
      resolve(error === null ? grpc.status.OK : error.code)
    })
  )
const calls = (client: grpc.Client, method: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => call(client, method)))

const ways = ["after", "during", "refuse", "error"]
for (let round = 0; round < Number(rounds); round++) {
  const clients = Array.from({ length: 3 }, () =>
    new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 100,
    }))
  for (const [i, client] of clients.entries()) {
    await calls(client, "/goaway/never", 1 + i * 4)
    await calls(client, `/goaway/${ways[round % ways.length]}`, 1 + i * 2)
    garbage[i] = Array.from({ length: 20_000 }, () => ({ round }))
    const codes = await calls(client, "/goaway/never", 1)
    if (codes[0] !== grpc.status.OK && codes[0] !== grpc.status.UNAVAILABLE) throw new Error(`code ${codes[0]}`)
    if (round % 3 === i) collect()
  }
  for (const client of clients) client.close()
  collect()
  console.log(round + 1)
}
