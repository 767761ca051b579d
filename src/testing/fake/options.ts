/** Options of a fake server. */
import type * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import type { Handlers } from "./control/overrides.ts"

/** TLS options of a server, as PEM text (not paths). */
export interface TlsOptions {
  /** The certificate chain. */
  readonly certificate: string | Uint8Array
  /** The private key of the certificate, unencrypted. */
  readonly key: string | Uint8Array | Redacted.Redacted<string>
  /**
   * A certificate authority. Only clients with a certificate that it signed can connect.
   *
   * @default any client can connect
   */
  readonly ca?: string | Uint8Array | undefined
}

/** Options for `make`. */
export interface Options {
  /**
   * The address to listen on: an IP address of this machine, `"localhost"` (127.0.0.1), or `"unix:/path"`.
   *
   * @default "127.0.0.1"
   */
  readonly host?: string | undefined
  /**
   * The port to listen on.
   *
   * @default a free port
   */
  readonly port?: number | undefined
  /**
   * TLS of the server.
   *
   * @default plain text
   */
  readonly tls?: TlsOptions | undefined
  /**
   * The version that the server reports. A version before 2.4 also refuses what only later versions support.
   *
   * @default "v2.6.2"
   */
  readonly version?: string | undefined
  /**
   * Whether every call needs the credentials of a user. At first there is the user `root` with the password `Milvus`;
   * `CreateCredential` creates others. What a user may do is not checked: privileges are recorded, and not enforced.
   *
   * @default false
   */
  readonly authorization?: boolean | undefined
  /**
   * The number of query nodes. A collection can be loaded with as many replicas.
   *
   * @default 1
   */
  readonly queryNodes?: number | undefined
  /**
   * Files in the storage of the server, by their paths, which `Import` reads: rows as JSON, or an array of NumPy for
   * each field.
   *
   * @default no files
   */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined
  /** Handlers that replace the default ones. `reset` restores them. */
  readonly handlers?: Handlers | undefined
  /**
   * Delay of every answer.
   *
   * @default no delay
   */
  readonly delay?: Duration.Input | undefined
}
