import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { AsyncLocalStorage } from "node:async_hooks"
import { EventEmitter } from "node:events"
import { Connection } from "../../mod.ts"
import { run } from "../support/effects.ts"
import { startServer } from "../support/server.ts"
import { eventually } from "../support/sockets.ts"
import { test } from "../support/test.ts"

// It needs the first connection of the process, so no other test of this file connects.
test("a value of AsyncLocalStorage is kept when the first connection opens inside of run", async () => {
  await using milvus = await startServer()
  const storage = new AsyncLocalStorage<string>()
  const emitter = new EventEmitter()
  const store = storage.run("mine", () =>
    run(Effect.scoped(Effect.gen(function* () {
      yield* Connection.connect({ port: milvus.port })
      yield* Effect.callback<void>((resume) => void emitter.once("wake", () => resume(Effect.void)))
      return storage.getStore()
    }))))
  await eventually(() => emitter.listenerCount("wake") === 1)
  emitter.emit("wake")
  assertEquals(await store, "mine")
})

test("importing the library leaves the native handles of HTTP/2 as they are", async () => {
  const script = `
    import "${new URL("../../mod.ts", import.meta.url)}"
    import http2 from "node:http2"
    import { Duplex } from "node:stream"
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
    const session = http2.connect("http://localhost", { createConnection: () => socket })
    const patched = Symbol.for("effect-milvus/goaway")
    console.log(Object.getOwnPropertySymbols(session).some((symbol) => patched in Object(Reflect.get(session, symbol))))
    session.destroy()`
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", `--config=${new URL("../../deno.json", import.meta.url).pathname}`, script],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  assertEquals(new TextDecoder().decode(stdout).trim(), "false", new TextDecoder().decode(stderr))
})
