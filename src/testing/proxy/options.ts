/** Decodes the options of a proxy. Unknown options are refused. */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import { type Address, AddressProblem, makeAddress, parseAddress, parsePort } from "../../config/address.ts"
import * as Decode from "../../config/params.ts"
import { type Fault, none } from "./fault.ts"

/** The decoded options. */
export interface Settings {
  readonly target: Address
  /** `undefined` for a free port. */
  readonly port: number | undefined
  readonly fault: Fault
}

const names: ReadonlySet<string> = new Set(["target", "port", "fault"])

/** Decodes and checks the options of a proxy. */
export const decode = (options: unknown): Decode.Decoded<Settings> =>
  Result.gen(function* () {
    const given = yield* Decode.readRecord("options", options, "a plain object with a target")
    yield* Decode.failUnknownParam("", given, names)
    const target = yield* readTarget(given["target"])
    const port = given["port"] === undefined ? undefined : parsePort(given["port"])
    if (given["port"] !== undefined && port === undefined) {
      return yield* Decode.failParam("port", "a port from 1 to 65535", given["port"])
    }
    const fault = given["fault"] ?? none
    if (!isFault(fault)) return yield* Decode.failParam("fault", "a fault, such as FaultProxy.blackhole", fault)
    return { target, port, fault }
  })

const readTarget = (value: unknown): Decode.Decoded<Address> => {
  const address = typeof value === "string" ? parseAddress(value) : readParts(value)
  return address instanceof AddressProblem
    ? Decode.failParam("target", address.expected, value)
    : Result.succeed({ target: address.target, host: address.host, port: address.port })
}

/** Reads the address of any object that has a host and a port, such as a server. */
const readParts = (value: unknown): Address | AddressProblem => {
  if (!Predicate.hasProperty(value, "host") || !Predicate.hasProperty(value, "port")) return expected
  const port = parsePort(value.port)
  return typeof value.host !== "string" || port === undefined ? expected : makeAddress(value.host, port)
}

const expected = new AddressProblem('"host:port", or an object with a host and a port')

/**
 * Whether a value is a fault. The constructors have checked its properties; this finds a constructor that was passed
 * without being called.
 */
const isFault = (value: unknown): value is Fault => Predicate.isObject(value) && Predicate.hasProperty(value, "_tag")
