/** Decodes the TLS options of a caller. PEM text is parsed here, because the transport does not check it. */
import { createPrivateKey, X509Certificate } from "node:crypto"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { AddressProblem, defaultPort, makeAddress } from "./address.ts"
import {
  BooleanParam,
  type Decoded,
  failParam,
  failUnknownParam,
  read,
  readRecord,
  tryOrUndefined,
  unwrapRedacted,
} from "./params.ts"

/** Options of TLS. Certificates and keys are PEM text, not paths. */
export interface TlsParams {
  /** The certificates of the authorities to trust, instead of those of the runtime. */
  readonly ca?: string | Uint8Array | undefined
  /** The client's certificate chain, for mutual TLS. Requires `key`. */
  readonly certificate?: string | Uint8Array | undefined
  /** The client's private key, unencrypted. Requires `certificate`. */
  readonly key?: string | Uint8Array | Redacted.Redacted<string> | undefined
  /** The name that the server's certificate must carry, if it is not the host. */
  readonly serverName?: string | undefined
  /**
   * Whether the server's certificate is verified. `false` accepts any certificate, and is meant for tests.
   *
   * @default true
   */
  readonly verify?: boolean | undefined
}

/** Decoded {@linkcode TlsParams}. */
export interface Tls {
  /** PEM text of the authorities to trust. */
  readonly ca: string | undefined
  /** PEM text of the client's certificate chain. */
  readonly certificate: string | undefined
  /** PEM text of the client's private key. */
  readonly key: Redacted.Redacted<string> | undefined
  /** The name that the server's certificate must carry. */
  readonly serverName: string | undefined
  /** Whether the server's certificate is verified. */
  readonly verify: boolean
}

const defaultTls: Tls = { ca: undefined, certificate: undefined, key: undefined, serverName: undefined, verify: true }

const tlsNames: ReadonlySet<string> = new Set<keyof TlsParams>(["ca", "certificate", "key", "serverName", "verify"])

/** Decodes the parameter `tls`. The result is `undefined` if TLS is not used. */
export const readTls = (value: unknown, secureByScheme: boolean | undefined): Decoded<Tls | undefined> =>
  Result.gen(function* () {
    if (value === undefined) return secureByScheme === true ? defaultTls : undefined
    if (value === true) return defaultTls
    if (value === false) {
      return secureByScheme === true
        ? yield* failParam("tls", 'not false with an "https://" address', value)
        : undefined
    }
    const expected = "true, false, or { ca, certificate, key, serverName, verify }"
    // Not shown: it may be a key.
    if (typeof value === "string") return yield* failParam("tls", expected)
    const given = yield* readRecord("tls", value, expected)
    yield* failUnknownParam("tls.", given, tlsNames)
    const ca = yield* readPem("tls.ca", given["ca"], isCertificate, "certificates as PEM text, not a path")
    const certificate = yield* readPem(
      "tls.certificate",
      given["certificate"],
      isCertificate,
      "a certificate as PEM text, not a path",
    )
    const key = yield* readPem("tls.key", given["key"], isPrivateKey, "an unencrypted private key as PEM text")
    if ((certificate === undefined) !== (key === undefined)) {
      return yield* key === undefined
        ? failParam("tls.key", "`tls.key` to be set together with `tls.certificate`")
        : failParam("tls.certificate", "`tls.certificate` to be set together with `tls.key`")
    }
    if (certificate !== undefined && key !== undefined && !belongTogether(certificate, key)) {
      return yield* failParam("tls.key", "the private key that matches `tls.certificate`")
    }
    const serverName = given["serverName"] === undefined ? undefined : yield* readServerName(given["serverName"])
    const verify = yield* read("tls.verify", BooleanParam, given["verify"], true)
    return { ca, certificate, key: key === undefined ? undefined : Redacted.make(key), serverName, verify }
  })

const readServerName = (value: unknown): Decoded<string> => {
  const address = typeof value === "string" ? makeAddress(value, defaultPort) : new AddressProblem("")
  return address instanceof AddressProblem
    ? failParam("tls.serverName", "a host name", value)
    : Result.succeed(address.host)
}

const readPem = (
  parameter: string,
  value: unknown,
  isValid: (pem: string) => boolean,
  expected: string,
): Decoded<string | undefined> => {
  if (value === undefined) return Result.succeed(undefined)
  const pem = tryOrUndefined(() =>
    value instanceof Uint8Array ? new TextDecoder().decode(value) : unwrapRedacted(value)
  )
  return typeof pem === "string" && tryOrUndefined(() => isValid(pem)) === true
    ? Result.succeed(pem)
    : failParam(parameter, expected)
}

// Parsed here because the transport accepts any text and fails much later, as if the server were at fault.
const isCertificate = (pem: string): boolean => {
  const begin = "-----BEGIN CERTIFICATE-----"
  return pem.split(begin).slice(1).map((rest) => new X509Certificate(begin + rest)).length > 0
}
const isPrivateKey = (pem: string): boolean => {
  createPrivateKey(pem)
  return true
}

/** Whether the key matches the first certificate, which is the client's own. */
const belongTogether = (certificate: string, key: string): boolean =>
  tryOrUndefined(() => new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))) !== false
