/** The sockets of a process, as the operating system lists them in /proc (Linux), and ways to wait for a condition. */
import * as Effect from "effect/Effect"

const established = "01"
const listening = "0A"
/** 127.0.0.1, ::ffff:127.0.0.1 and ::1, as /proc writes them. */
const loopback = ["0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"]

/**
 * Counts the TCP sockets of this process whose remote end is PORT on the loopback, in any state, opening and
 * half-closed ones included. It does not count sockets that a server in this process accepted, nor those in TIME_WAIT,
 * which no process holds.
 */
export function openSockets(port: number, options?: { readonly established?: boolean }): number {
  const held = heldInodes("self")
  return connections().filter(({ remote, state, inode }) =>
    loopback.includes(remote.host) && remote.port === port && state !== listening &&
    (!options?.established || state === established) && held.has(inode)
  ).length
}

/** Whether the process with this PID listens on the port. */
export function listens(pid: number, port: number): boolean {
  const held = heldInodes(pid)
  return connections().some(({ local, state, inode }) => local.port === port && state === listening && held.has(inode))
}

/**
 * Calls the check until it neither throws nor returns `false`, and returns its value. Throws with the last failure
 * after the timeout, which is in milliseconds (default: 5,000).
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options?: { readonly timeout?: number; readonly interval?: number },
): Promise<T> {
  const { timeout = 5_000, interval = 10 } = options ?? {}
  const end = performance.now() + timeout
  while (true) {
    let failure: unknown
    try {
      const value = await check()
      if (value !== false) return value
    } catch (error) {
      failure = error
    }
    if (performance.now() >= end) {
      const reason = failure instanceof Error ? failure.message : String(failure ?? check)
      throw new Error(`not within ${timeout} ms: ${reason}`, { cause: failure })
    }
    await new Promise((resolve) => setTimeout(resolve, interval))
  }
}

/** {@linkcode eventually} as an Effect: waits until the condition holds. A timeout is a defect. */
export function until<T>(
  condition: () => T | Promise<T>,
  options?: { readonly timeout?: number; readonly interval?: number },
): Effect.Effect<T> {
  return Effect.promise(() => eventually(condition, options))
}

function connections() {
  const lines = ["tcp", "tcp6"].flatMap((name) =>
    read(() => Deno.readTextFileSync(`/proc/self/net/${name}`), "").split("\n").slice(1)
  )
  return lines.filter((line) => line !== "").map((line) => {
    const [, local = "", remote = "", state = "", , , , , , inode = ""] = line.trim().split(/\s+/)
    return { local: endpoint(local), remote: endpoint(remote), state, inode }
  })
}

function endpoint(text: string) {
  const [host = "", port = ""] = text.split(":")
  return { host, port: Number.parseInt(port, 16) }
}

function heldInodes(pid: number | "self"): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`
  const held = new Set<string>()
  for (const { name } of read(() => [...Deno.readDirSync(folder)], [])) {
    const target = read(() => Deno.readLinkSync(`${folder}/${name}`), "")
    if (target.startsWith("socket:[")) held.add(target.slice("socket:[".length, -1))
  }
  return held
}

/** A descriptor or a process may be gone when it is read, and tcp6 is absent without IPv6. */
function read<T>(get: () => T, absent: T): T {
  try {
    return get()
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return absent
    throw error
  }
}
