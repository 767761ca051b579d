/** Decodes the parameters of a connection that give its server, or several servers. */
import * as Result from "effect/Result"
import { type Address, AddressProblem, defaultPort, makeAddress, parseAddress, parsePort } from "./address.ts"
import { type Decoded, failParam, type Params, tryOrUndefined } from "./params.ts"

const localhost: Address = { target: `localhost:${defaultPort}`, host: "localhost", port: defaultPort }

/** The address of a server, with what a URI has besides. */
export interface ReadAddress extends Address {
  readonly secure: boolean | undefined
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly database?: string | undefined
  /** The targets of all servers, if there are several. */
  readonly all?: ReadonlyArray<string>
}

/** Decodes the parameters that give the server: one of `address`, `addresses`, `uri`, and `host` with `port`. */
export const readAddress = (given: Params): Decoded<ReadAddress> => {
  const [name, second] = ["address", "addresses", "uri", "host", "port"].filter((name) => given[name] !== undefined)
  if (name === undefined) return Result.succeed({ ...localhost, secure: undefined })
  if (second !== undefined && !(name === "host" && second === "port")) {
    return failParam(second, `only one of address, addresses, uri, host/port; got also "${name}"`)
  }
  const value = given[name]
  if (name === "addresses") return readAddresses(value)
  if (name === "address" || name === "uri") return readOneAddress(name, value)
  const host = given["host"] ?? (given["host"] === undefined ? localhost.host : null)
  if (typeof host !== "string") return failParam("host", "a string", host)
  const port = given["port"] === undefined ? defaultPort : parsePort(given["port"])
  const address = makeAddress(host, port ?? defaultPort)
  if (address instanceof AddressProblem) {
    return failParam("host", address.expected, host.includes("@") ? undefined : host)
  }
  if (port === undefined) return failParam("port", "a port from 1 to 65535", given["port"])
  return Result.succeed({ ...address, secure: undefined })
}

const readOneAddress = (name: string, value: unknown): Decoded<ReadAddress> => {
  if (typeof value !== "string" || value === "") return failParam(name, "a string", value)
  const address = parseAddress(value)
  return address instanceof AddressProblem
    ? failParam(name, address.expected, shownAddress(value))
    : Result.succeed(address)
}

/** Not shown if it is a URI, which may hold a password. */
const shownAddress = (value: string): string | undefined => /[@/]/.test(value) ? undefined : value

const readAddresses = (value: unknown): Decoded<ReadAddress> =>
  Result.gen(function* () {
    const given: ReadonlyArray<unknown> = tryOrUndefined(() => Array.isArray(value) ? [...value] : undefined) ?? []
    const all: Array<ReadAddress> = []
    for (const [at, text] of given.entries()) {
      const name = `addresses[${at}]`
      const address = yield* readOneAddress(name, text)
      const isSame = (part: "secure" | "user" | "password" | "database") => address[part] === (all[0] ?? address)[part]
      if (!isSame("secure") || !isSame("user") || !isSame("password") || !isSame("database")) {
        return yield* failParam(name, "the scheme, user, password and database of addresses[0]")
      }
      if (all.some(({ target }) => target === address.target)) {
        return yield* failParam(name, "an address that is not in the list yet", address.target)
      }
      all.push(address)
    }
    const [first] = all
    if (first === undefined) {
      return yield* failParam("addresses", 'at least one address, such as ["host1:19530", "host2:19530"]', value)
    }
    return { ...first, all: all.map(({ target }) => target) }
  })
