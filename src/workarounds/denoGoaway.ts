/**
 * Keeps Deno alive when a server sends GOAWAY.
 *
 * What: since Deno 2.9.4, destroying an HTTP/2 session frees nghttp2's state at once. On GOAWAY, `node:http2` does so
 * while nghttp2 is still reading that frame, and nghttp2 continues in freed memory: the whole process aborts (exit code
 * 134) or segfaults, and nothing can catch it. This patch delays the native `destroy` until nghttp2 has returned, later
 * in the same task; the order of everything else stays. The class of the native handles is patched, once: no session,
 * socket or listener is wrapped or kept, and it does not matter which code calls `http2.connect`, or when.
 *
 * Versions: Deno 2.9.4 and later, denoland/deno#36788. On older Deno, Node and Bun, {@linkcode install} does nothing.
 *
 * When it can go: when the issue is closed, the first fixed version goes into `FIXED`; when no supported Deno is older
 * than that, the file goes. `tests/workarounds/denoGoaway_test.ts` fails on a version that counts as affected but does
 * not crash any more.
 */
import http2 from "node:http2"
import { Duplex } from "node:stream"

type Version = readonly [number, number, number]
type Native = (this: object, ...args: Array<unknown>) => unknown

const AFFECTED: Version = [2, 9, 4]
/** The issue is open: no release has the fix yet. */
const FIXED: Version = [Infinity, 0, 0]

const before = (a: ReadonlyArray<number>, b: Version): boolean => {
  const at = b.findIndex((part, i) => part !== a[i])
  return at !== -1 && (a[at] ?? 0) < (b[at] ?? 0)
}

/** The methods of a native handle in which nghttp2 runs and may call back into JavaScript. */
const ENTRIES = ["receive", "sendPending", "getOutgoingChunk", "goaway"]
const PATCHED = Symbol.for("effect-milvus/goaway")

type Prototype = Record<PropertyKey, unknown>

/** Returns the prototype of the native handles, found by its methods in a session without a peer. */
const handlePrototype = (): Prototype | undefined => {
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  const session = http2.connect("http://localhost", { createConnection: () => socket })
  const prototypes = Object.getOwnPropertySymbols(session)
    .map((symbol): Prototype | null => Object.getPrototypeOf(Object(Reflect.get(session, symbol))))
    .filter((it) => it !== null)
  session.destroy()
  return prototypes.find((it) => ["destroy", ...ENTRIES].every((name) => typeof it[name] === "function"))
}

const patch = (prototype: Prototype): void => {
  let depth = 0
  const waiting: Array<() => void> = []
  const replace = (name: string, by: (native: Native) => Native) =>
    Reflect.set(prototype, name, by(prototype[name] as Native)) // cast: `handlePrototype` saw that it is a function
  for (const name of ENTRIES) {
    replace(name, (native) =>
      // None of them takes more, and a rest parameter would cost as much as all else here.
      function (first, second, third) {
        depth++
        try {
          return native.call(this, first, second, third)
        } finally {
          depth--
          while (depth === 0 && waiting.length > 0) waiting.shift()!()
        }
      })
  }
  replace("destroy", (native) =>
    function (...args) {
      return depth === 0 ? native.apply(this, args) : void waiting.push(() => native.apply(this, args))
    })
}

let isActive: boolean | undefined

/** Patches the native handles of this process or worker, once. Returns whether the patch is active. */
export const install = (): boolean => isActive ??= tryInstall()

const tryInstall = (): boolean => {
  const deno = globalThis.Deno?.version.deno.split(/[.+-]/).slice(0, 3).map(Number)
  const prototype = deno && !before(deno, AFFECTED) && before(deno, FIXED) ? handlePrototype() : undefined
  // Another copy of this library in the same process may have patched it.
  if (prototype !== undefined && prototype[PATCHED] === undefined && Reflect.set(prototype, PATCHED, true)) {
    patch(prototype)
  }
  return prototype?.[PATCHED] === true
}
