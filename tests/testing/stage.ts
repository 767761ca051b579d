/** A FaultProxy in front of a raw server, for the tests of FaultProxy, with what they assert about its clients. */
import { assertEquals, assertInstanceOf } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { FaultProxy } from "../../src/testing/mod.ts"
import { type Client, connectTo, type RawServer, rawServer } from "../support/peers.ts"
import { eventually } from "../support/sockets.ts"

/** A proxy in front of a server. Each of its Effects is run by itself. */
export interface Stage extends AsyncDisposable {
  readonly proxy: FaultProxy.FaultProxy
  readonly server: RawServer
  readonly set: (fault: FaultProxy.Fault) => Promise<void>
  readonly heal: () => Promise<void>
  /** Closes the proxy alone. */
  readonly close: () => Promise<void>
}

/** Starts a server and a proxy in front of it. */
export async function setUp(options: Partial<FaultProxy.Options> = {}, serve?: Parameters<typeof rawServer>[0]) {
  const server = await rawServer(serve)
  const scope = await Effect.runPromise(Scope.make())
  const proxy = await Effect.runPromise(Scope.provide(FaultProxy.make({ target: server, ...options }), scope))
  const close = () => Effect.runPromise(Scope.close(scope, Exit.void))
  const stage: Stage = {
    proxy,
    server,
    set: (fault) => Effect.runPromise(proxy.set(fault)),
    heal: () => Effect.runPromise(proxy.heal),
    close,
    async [Symbol.asyncDispose]() {
      await close()
      await server[Symbol.asyncDispose]()
    },
  }
  return stage
}

export const get = <A>(effect: Effect.Effect<A>): A => Effect.runSync(effect)
export const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
export const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
export const bytes = (text: string) => new TextEncoder().encode(text)

/** Returns bytes in which no sequence repeats. */
export const pattern = (size: number): Uint8Array => {
  const words = new Uint32Array(Math.ceil(size / 4))
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 2654435761)
  return new Uint8Array(words.buffer, 0, size)
}

/** Compares bytes without printing megabytes if they differ. */
export const assertBytes = (actual: Uint8Array, expected: Uint8Array) => {
  assertEquals(actual.length, expected.length)
  const at = actual.findIndex((byte, i) => byte !== expected[i])
  assertEquals(at, -1, `they differ at ${at}`)
}

export const receives = (client: { readonly received: Uint8Array }, size: number) =>
  eventually(() => assertEquals(client.received.length, size))

export const echoes = async (client: Client, message: string) => {
  const before = client.received.length
  await client.write(bytes(message))
  await receives(client, before + message.length)
  assertEquals(text(client.received.subarray(before)), message)
}

export const refused = async (port: number) => {
  const error = await connectTo(port).then(() => undefined, (error) => error)
  assertInstanceOf(error, Deno.errors.ConnectionRefused)
}

/** Asserts that a client receives nothing. There is no event to wait for. */
export const staysSilent = async (client: Client, received = client.received.length) => {
  await sleep(100)
  assertEquals([client.received.length, client.outcome], [received, undefined])
}
