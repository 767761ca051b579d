/**
 * The client process of denoGoaway_test.ts: `goaway_client.ts PORT ROUNDS guard|bare`. In each round, three clients on
 * bare grpc-js call, make the server send GOAWAY in one of its ways, and call again, which reconnects. It collects
 * garbage in between (`--v8-flags=--expose-gc`), and prints how many rounds it survived. If the patch is active, no
 * session may be open at the end (Deno 2.9.3 leaks them all).
 */
import "../support/calls.ts"
import * as grpc from "@grpc/grpc-js"
import http2 from "node:http2"

const [port, rounds, mode] = Deno.args
const guarded = mode === "guard" && (await import("../../src/workarounds/denoGoaway.ts")).install()

const sessions: Array<WeakRef<http2.ClientHttp2Session>> = []
http2.connect = new Proxy(http2.connect, {
  apply(connect, self, args) {
    const session: http2.ClientHttp2Session = Reflect.apply(connect, self, args)
    sessions.push(new WeakRef(session))
    return session
  },
})

const gc: unknown = Reflect.get(globalThis, "gc")
const collect = (): void => {
  if (typeof gc === "function") gc()
}
const same = (bytes: Buffer): Buffer => bytes

const call = (client: grpc.Client, method: string): Promise<grpc.status> =>
  new Promise((resolve) =>
    client.makeUnaryRequest(method, same, same, Buffer.alloc(0), { deadline: Date.now() + 20_000 }, (error) => {
      resolve(error === null ? grpc.status.OK : error.code)
    })
  )
const calls = (client: grpc.Client, method: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => call(client, method)))

const ways = ["after", "during", "refuse", "error"]
for (let round = 0; round < Number(rounds); round++) {
  const clients = Array.from(
    { length: 3 },
    () =>
      new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
        "grpc.use_local_subchannel_pool": 1,
        "grpc.initial_reconnect_backoff_ms": 50,
        "grpc.max_reconnect_backoff_ms": 100,
      }),
  )
  for (const [i, client] of clients.entries()) {
    await calls(client, "/goaway/never", 1 + i * 4)
    await calls(client, `/goaway/${ways[round % ways.length]}`, 1 + i * 2)
    if (round % clients.length === i) collect()
    // A call may still go to the session that just got a GOAWAY; the next one must find a new session.
    for (let attempt = 0; await call(client, "/goaway/never") !== grpc.status.OK; attempt++) {
      if (attempt === 20) throw new Error(`no new session after /goaway/${ways[round % ways.length]}`)
      // Time for the GOAWAY, which has no event in grpc-js.
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  for (const client of clients) client.close()
  collect()
  console.log(round + 1)
}

const left = (): number => sessions.filter((session) => session.deref() !== undefined).length
for (let attempt = 0; guarded && left() > 0; attempt++) {
  if (attempt === 100) throw new Error(`${left()} of ${sessions.length} sessions left`)
  // Time for the sessions to close, which grpc-js does not report.
  await new Promise((resolve) => setTimeout(resolve, 20))
  collect()
}
if (sessions.length < Number(rounds) * 3) throw new Error(`only ${sessions.length} sessions seen`)
