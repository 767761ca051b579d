// deno-lint-ignore-file no-import-prefix -- needed by tests alone, whereas deno.json is what users get
/**
 * Certificates for the TLS tests. They are made in memory: nothing is on disk, and nothing expires between two runs.
 */
import { generateKeyPairSync } from "node:crypto"
// @ts-types="npm:@types/node-forge@1.3.14"
import forge from "npm:node-forge@1.4.3"

/** A certificate and its private key, both PEM. */
export interface Identity {
  readonly certificate: string
  readonly key: string
}

/** Authorities and identities for the tests, all as PEM. */
export interface Certificates {
  /** The authority that signed every identity except `stranger`. */
  readonly ca: string
  /** An authority that is unrelated to the first. */
  readonly otherCa: string
  /** For localhost, 127.0.0.1 and ::1. */
  readonly server: Identity
  /** Like `server`, but for elsewhere.test and 192.0.2.1. */
  readonly wrongHost: Identity
  /** Like `server`, but expired. */
  readonly expired: Identity
  readonly client: Identity
  /** A client that `otherCa` signed. */
  readonly stranger: Identity
}

/** Returns the certificates of this process. The first call makes them, which takes half a second. */
export function certificates(): Certificates {
  return made ??= make()
}

let made: Certificates | undefined

function make(): Certificates {
  const ca = authority("effect-milvus test CA")
  const otherCa = authority("effect-milvus unrelated CA")
  const here = { usage: "serverAuth", names: ["localhost"], addresses: ["127.0.0.1", "::1"] } as const
  const elsewhere = { usage: "serverAuth", names: ["elsewhere.test"], addresses: ["192.0.2.1"] } as const
  return {
    ca: ca.certificate,
    otherCa: otherCa.certificate,
    server: ca.issue("server", here),
    wrongHost: ca.issue("elsewhere", elsewhere),
    expired: ca.issue("expired", { ...here, until: -day }),
    client: ca.issue("client", { usage: "clientAuth" }),
    stranger: otherCa.issue("stranger", { usage: "clientAuth" }),
  }
}

const day = 24 * 60 * 60 * 1000

interface Subject {
  readonly usage: "serverAuth" | "clientAuth"
  readonly names?: ReadonlyArray<string>
  readonly addresses?: ReadonlyArray<string>
  /** End of validity, in milliseconds from now. @default one day */
  readonly until?: number
}

interface Authority {
  readonly certificate: string
  issue(name: string, subject: Subject): Identity
}

function authority(name: string): Authority {
  const keys = makeKeys()
  const own = unsigned(keys, name, day)
  own.setIssuer(own.subject.attributes)
  own.setExtensions([
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    { name: "subjectKeyIdentifier" },
  ])
  own.sign(keys.privateKey, forge.md.sha256.create())
  return {
    certificate: forge.pki.certificateToPem(own),
    issue(name, { usage, names = [], addresses = [], until = day }) {
      const leaf = makeKeys()
      const certificate = unsigned(leaf, name, until)
      certificate.setIssuer(own.subject.attributes)
      const altNames = [...names.map((value) => ({ type: 2, value })), ...addresses.map((ip) => ({ type: 7, ip }))]
      certificate.setExtensions([
        { name: "basicConstraints", cA: false, critical: true },
        { name: "keyUsage", digitalSignature: true, keyEncipherment: true, critical: true },
        { name: "extKeyUsage", [usage]: true },
        ...altNames.length > 0 ? [{ name: "subjectAltName", altNames }] : [],
      ])
      certificate.sign(keys.privateKey, forge.md.sha256.create())
      return {
        certificate: forge.pki.certificateToPem(certificate),
        key: forge.pki.privateKeyToPem(leaf.privateKey),
      }
    },
  }
}

function unsigned(keys: forge.pki.rsa.KeyPair, name: string, until: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = keys.publicKey
  // A serial number has to be positive as a signed number.
  certificate.serialNumber = `01${forge.util.bytesToHex(forge.random.getBytesSync(15))}`
  certificate.validity.notBefore = new Date(Date.now() - 2 * day)
  certificate.validity.notAfter = new Date(Date.now() + until)
  certificate.setSubject([{ name: "commonName", value: name }])
  return certificate
}

/** Makes keys with the cryptography of the runtime. That of forge, in JavaScript, takes seconds. */
function makeKeys(): forge.pki.rsa.KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  })
  return { publicKey: forge.pki.publicKeyFromPem(publicKey), privateKey: forge.pki.privateKeyFromPem(privateKey) }
}
