/** Checks the permissions of Deno, because the errors of the transport rarely name a missing one. */
import process from "node:process"

/**
 * Returns the permission that Deno lacks to connect to a server, with the flag that grants it. Returns `undefined` if
 * the permission is granted, and on other runtimes.
 */
export const missingNetPermission = (host: string, port: number): string | undefined => {
  const permissions = globalThis.Deno?.permissions
  if (permissions === undefined || port === 0) return undefined
  const target = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`
  const { state } = permissions.querySync({ name: "net", host: target })
  return state === "granted" ? undefined : `Deno may not connect there: run it with --allow-net=${target}`
}

/**
 * Returns the environment variables that may be read. Each is read on its own, because permissions are per variable.
 */
export const readableEnvironment = (names: ReadonlyArray<string>): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => {
    try {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    } catch {
      return []
    }
  }))
