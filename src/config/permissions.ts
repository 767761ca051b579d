/** What Deno was not allowed to do, which the errors of the transport hardly tell. */
import process from "node:process"

/** What to run Deno with, where it may not reach a server; `undefined` where it may, and on other runtimes. */
export const missingNetPermission = (host: string, port: number): string | undefined => {
  const permissions = globalThis.Deno?.permissions
  if (permissions === undefined || port === 0) return undefined
  const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
  const { state } = permissions.querySync({ name: "net", host: target })
  return state === "granted" ? undefined : `Deno may not connect there: run it with --allow-net=${target}`
}

/** The variables of the environment that may be read. Each is asked for by itself, as a permission names them. */
export const readableEnvironment = (names: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => {
    try {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    } catch {
      return []
    }
  }))
