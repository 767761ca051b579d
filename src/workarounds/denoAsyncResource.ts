/**
 * Keeps loops of calls from growing under Deno, by 0.4 KB each time that a fiber waits.
 *
 * What: Effect makes an `AsyncResource` whenever a fiber waits, and `node:http2` makes one for each request; each is
 * made inside the scope of the previous one. Deno puts the running resource into the context that a new one captures,
 * so each holds all previous ones: a loop that calls a thousand times holds thousands of them until its fiber ends.
 * (Node and Bun keep no such chain.)
 *
 * A scope restores the values of `AsyncLocalStorage`. Until the process uses one, there is nothing to restore, and
 * these two kinds of resources enter no scope here. From the first use on, everything is as Deno and Effect have it,
 * growth included. Deno's own OpenTelemetry has such values too: if it is on, nothing is changed.
 *
 * The first use has to be seen, so this patch is installed when the code that connects is imported, and not when the
 * first connection opens: a program may open that inside of `storage.run`, and its fibers would then lose the value.
 *
 * Versions: Deno 2.8 and later. On Node and Bun, {@linkcode install} does nothing.
 *
 * When it can go: once a chain of resources does not grow on the oldest supported Deno.
 * `tests/workarounds/denoAsyncResource_test.ts` shows what grows without this.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks"
import process from "node:process"

/** Types of the resources of a waiting fiber and of a request of http2. */
const types: ReadonlySet<unknown> = new Set(["effect/Fiber", "PendingRequest"])

type Method = (this: unknown, ...args: ReadonlyArray<unknown>) => unknown

/** Calls a function before each call of a method. */
const before = (prototype: object, name: string, notice: () => void): void => {
  const method: unknown = Reflect.get(prototype, name)
  if (typeof method !== "function") return
  const noticed: Method = function (...args) {
    notice()
    return Reflect.apply(method, this, args)
  }
  Reflect.set(prototype, name, noticed)
}

const patch = (): void => {
  let isUsed = false
  for (const name of ["run", "enterWith", "getStore"]) before(AsyncLocalStorage.prototype, name, () => isUsed = true)
  const { runInAsyncScope } = AsyncResource.prototype
  const withoutScope: Method = function (run, self, ...args) {
    // Only Deno's resources have a `type`.
    const isOurs = !isUsed && types.has(Reflect.get(Object(this), "type"))
    return isOurs && typeof run === "function"
      ? Reflect.apply(run, self, args)
      : Reflect.apply(runInAsyncScope, this, [run, self, ...args])
  }
  Reflect.set(AsyncResource.prototype, "runInAsyncScope", withoutScope)
}

/** Looks at the environment only if that does not prompt the user. */
const hasTelemetry = (deno: typeof Deno): boolean =>
  deno.permissions.querySync({ name: "env", variable: "OTEL_DENO" }).state === "granted" &&
  process.env["OTEL_DENO"] !== undefined

let isActive: boolean | undefined

/** Patches `AsyncLocalStorage` and `AsyncResource` of this process, once. Returns whether the patch is active. */
export const install = (): boolean => isActive ??= tryInstall()

const tryInstall = (): boolean => {
  const deno = globalThis.Deno
  if (deno === undefined || hasTelemetry(deno)) return false
  patch()
  return true
}
