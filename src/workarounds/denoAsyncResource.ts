/**
 * Keeps loops of calls from growing under Deno 2.8 and later, by 0.4 KB each time that a fiber waits.
 *
 * Effect makes an `AsyncResource` whenever a fiber waits, and `node:http2` makes one for each request; each is made inside the
 * scope of the one before. Deno puts the resource that is running into the context that a new one captures, so each holds all
 * those before it: a loop that calls a thousand times holds thousands of them, until its fiber ends. (Node and Bun keep no
 * such chain.)
 *
 * What a scope restores are the values of `AsyncLocalStorage`. Until somebody in the process uses one, there is nothing to
 * restore, and these two kinds of resources enter no scope here. From then on all is as Deno and Effect have it, growth
 * included. Deno's own OpenTelemetry has such values too: where it is on, nothing is changed.
 *
 * When it can go: once a chain of resources does not grow on the oldest supported Deno.
 * `tests/workarounds/denoAsyncResource_test.ts` shows what grows without this.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"
import process from "node:process"

/** What a waiting fiber and a request of http2 are called. */
const types: ReadonlySet<unknown> = new Set(["effect/Fiber", "PendingRequest"])

type Method = (this: unknown, ...args: ReadonlyArray<unknown>) => unknown

/** Lets a function notice the calls of a method. */
const before = (prototype: object, name: string, notice: () => void): void => {
  const method: unknown = Reflect.get(prototype, name)
  if (typeof method !== "function") return
  const noticed: Method = function (...args) {
    notice()
    return Reflect.apply(method, this, args)
  }
  Reflect.set(prototype, name, noticed)
}

const guard = (): void => {
  let isUsed = false
  for (const name of ["run", "enterWith", "getStore"]) before(AsyncLocalStorage.prototype, name, () => isUsed = true)
  const { runInAsyncScope } = AsyncResource.prototype
  const withoutScope: Method = function (run, self, ...args) {
    // `type` is a property of Deno's.
    const isOurs = !isUsed && types.has(Reflect.get(Object(this), "type"))
    return isOurs && typeof run === "function"
      ? Reflect.apply(run, self, args)
      : Reflect.apply(runInAsyncScope, this, [run, self, ...args])
  }
  Reflect.set(AsyncResource.prototype, "runInAsyncScope", withoutScope)
}

/** Asked only where that raises no question to the user. */
const hasTelemetry = (deno: typeof Deno): boolean =>
  deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" }).state === "granted" &&
  process.env["OTEL_DENO"] !== undefined

const deno = globalThis.Deno
if (deno !== undefined && !hasTelemetry(deno)) guard()
