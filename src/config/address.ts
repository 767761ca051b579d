/**
 * Parses all forms of a server address into one. Pure: it makes no use of the network.
 *
 * The forms are `host`, `host:port`, `[v6]:port`, `http://`, `https://`, `tcp://` (as http), `unix:/path` and
 * `unix:///path`. A URI may carry `user:password@` and `/database`, both percent-encoded.
 */
import { isIPv4, isIPv6 } from "node:net"
import { domainToASCII } from "node:url"

/** Port of Milvus, used if an address has no port. */
export const defaultPort = 19530
const httpsPort = 443

/** The parts of an address. */
export interface Address {
  /** `"host:port"`, `"[v6]:port"` or `"unix:/path"`, as the transport expects it. */
  readonly target: string
  /** The host without brackets, or the path of a unix socket. */
  readonly host: string
  /** 1 to 65535; 0 for a unix socket. */
  readonly port: number
}

/** An address with the other parts that a URI may have. */
export interface ParsedAddress extends Address {
  /** Whether the scheme implies TLS. `undefined` if the text has no scheme. */
  readonly secure: boolean | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly database: string | undefined
}

/** The failure of every function of this file, with the expected form. */
export class AddressProblem {
  constructor(readonly expected: string) {}
}

const forms = '"host:port", "[v6]:port", "http://...", "https://...", "tcp://..." or "unix:/path"'

/** Reads an address or a URI. */
export const parseAddress = (text: string): ParsedAddress | AddressProblem => {
  if (isFilePath(text)) {
    return new AddressProblem(
      `${forms}; use Embedded.connect(path) for a file, or connect(path) of the promise API`,
    )
  }
  // deno-lint-ignore no-control-regex -- control characters are to be rejected
  if (/[\s\u0000-\u001f\u007f]/.test(text)) return new AddressProblem(`${forms}, without whitespace`)
  const unix = /^unix:(?:\/\/)?(\/[^/].*)$/i.exec(text)
  if (unix !== null) return { ...unixAddress(unix[1]!), ...noOtherParts }
  if (/^unix:(?!\d+$)/i.test(text)) return new AddressProblem('"unix:/path" or "unix:///path"')
  const uri = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)([?#].*)?$/is.exec(text)
  if (uri !== null) return parseUri(uri[1]!.toLowerCase(), uri[2]!, uri[3]!, uri[4] !== undefined)
  if (/[?#@]/.test(text)) return new AddressProblem(`${forms}; query, fragment and user info are not supported`)
  const address = parseAuthority(text, defaultPort)
  return address instanceof AddressProblem ? address : { ...address, ...noOtherParts }
}

/** Whether a text without a scheme is the path of a local database, as in `"./demo.db"`. */
export const isFilePath = (text: string): boolean =>
  !/^[a-z][a-z0-9+.-]*:\/\/|^unix:/i.test(text) && (/[/\\]/.test(text) || /\.db$/i.test(text))

/** Whether traffic to an address stays on this machine: a unix socket, `localhost`, 127.0.0.0/8 and `::1`. */
export const isLocal = ({ host, port }: Pick<Address, "host" | "port">): boolean =>
  port === 0 || /^(.+\.)?localhost\.?$/.test(host) || host === "::1" || isIPv4(host) && host.startsWith("127.") ||
  // 127.0.0.0/8 as an IPv6 address.
  /^::ffff:7f[\da-f]{2}:/.test(host)

/** Returns the address of a host and a port. */
export const makeAddress = (host: string, port: number): Address | AddressProblem => {
  const name = parseHost(host)
  if (name instanceof AddressProblem) return name
  return { target: name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`, host: name, port }
}

/** Parses a port: a number or decimal digits, 1 to 65535. */
export const parsePort = (port: unknown): number | undefined => {
  const value = typeof port === "string" && /^\d{1,8}$/.test(port) ? Number(port) : port
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535 ? value : undefined
}

const encodedParts = "user, password and database are percent-encoded"

const noOtherParts = { secure: undefined, user: undefined, password: undefined, database: undefined } as const

const unixAddress = (path: string): Address => ({ target: `unix:${path}`, host: path, port: 0 })

const parseUri = (
  scheme: string,
  authority: string,
  path: string,
  hasQuery: boolean,
): ParsedAddress | AddressProblem => {
  if (scheme !== "http" && scheme !== "https" && scheme !== "tcp") {
    return new AddressProblem('the scheme "http", "https", "tcp" or "unix"')
  }
  if (hasQuery) return new AddressProblem("a URI without query or fragment")
  const secure = scheme === "https"
  const at = authority.lastIndexOf("@")
  const address = parseAuthority(authority.slice(at + 1), secure ? httpsPort : defaultPort)
  if (address instanceof AddressProblem) return address
  const credentials = at === -1 ? [] : splitOnce(authority.slice(0, at), ":")
  const segments = path.split("/").filter((segment) => segment !== "")
  // As in "http://root:443/rest@host", where a slash in the password ends the host too early.
  if (path.includes("@")) return new AddressProblem(`a URI whose ${encodedParts}`)
  if (segments.length > 1) return new AddressProblem("a URI with at most one path segment (the database)")
  const [user, password, database] = [credentials[0], credentials[1], segments[0]].map(decodePercent)
  if (user === malformed || password === malformed || database === malformed) {
    return new AddressProblem(`a URI whose ${encodedParts}`)
  }
  return { ...address, secure, user, password, database }
}

const parseAuthority = (text: string, portIfAbsent: number): Address | AddressProblem => {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text)
  if (match === null) return new AddressProblem(`${forms}; write IPv6 addresses in brackets`)
  const port = match[2] === undefined ? portIfAbsent : parsePort(match[2])
  if (port === undefined) return new AddressProblem("a port from 1 to 65535")
  const host = match[1]!
  if (host.startsWith("[") && !isIPv6(host.slice(1, -1))) return new AddressProblem("a valid IPv6 address in brackets")
  return makeAddress(host, port)
}

/** Returns the canonical form of a host: lower case, ASCII, an IPv6 address without brackets. */
const parseHost = (host: string): string | AddressProblem => {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host
  if (isIPv6(bare)) return canonicalIPv6(bare)
  // deno-lint-ignore no-control-regex -- the ASCII range, NUL included
  const ascii = /^[\x00-\x7f]*$/.test(bare) ? bare.toLowerCase() : domainToASCII(bare)
  const labels =
    /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/
  return host === bare && labels.test(ascii) ? ascii : new AddressProblem("a host name, an IPv4 or an IPv6 address")
}

/** Returns the shortest form in lower case, as in URLs. A zone, such as "eth0", is unchanged. */
const canonicalIPv6 = (text: string): string => {
  const [address, zone] = splitOnce(text, "%")
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  return zone === undefined ? canonical : `${canonical}%${zone}`
}

const splitOnce = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const malformed = Symbol()

const decodePercent = (text: string | undefined): string | undefined | typeof malformed => {
  if (text === undefined || text === "") return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    return malformed
  }
}
