/**
 * Why a local server does not run, and what to do about it.
 *
 * @module
 */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "../text/printable.ts"

/** Which server: the light one, or the real standalone Milvus. */
export type Engine = "milvus-lite" | "milvus"

/**
 * Why a local server does not run.
 *
 * - `PythonNotFound`: no Python that can run the engine is found.
 * - `PackageNotFound`: no Python that is found has the engine's package; `command` installs it.
 * - `InstallFailed`: installing the package, which was asked for, failed.
 * - `DataDirectory`: the data directory cannot be made or used, or another server is using it.
 * - `PortTaken`: another process has the port.
 * - `StartFailed`: the server ended before it was ready.
 * - `StartTimeout`: the server was not ready in time.
 */
export type EmbeddedErrorKind =
  | "PythonNotFound"
  | "PackageNotFound"
  | "InstallFailed"
  | "DataDirectory"
  | "PortTaken"
  | "StartFailed"
  | "StartTimeout"

/** What {@linkcode EmbeddedError} carries. */
export interface EmbeddedErrorProps {
  /** The server that does not run. */
  readonly engine: Engine
  /** Why. */
  readonly kind: EmbeddedErrorKind
  /** The same in words, with the paths, the ports and the Pythons that it is about. */
  readonly reason: string
  /** The command to run, where one helps. */
  readonly command?: string | undefined
  /** The end of what the server or the installer printed, where it ran. */
  readonly log?: string | undefined
  /** The error of the operating system, where there is one. */
  readonly cause?: unknown
}

const EmbeddedErrorBase: new (
  props: EmbeddedErrorProps,
) => Cause.YieldableError & EmbeddedErrorProps & { readonly _tag: "EmbeddedError" } = Schema.TaggedError<
  EmbeddedError
>()("EmbeddedError", {
  engine: Schema.Literals(["milvus-lite", "milvus"]),
  kind: Schema.Literals([
    "PythonNotFound",
    "PackageNotFound",
    "InstallFailed",
    "DataDirectory",
    "PortTaken",
    "StartFailed",
    "StartTimeout",
  ]),
  reason: Schema.String,
  command: Schema.optional(Schema.String),
  log: Schema.optional(Schema.String),
  cause: Schema.optional(Schema.Defect()),
})

/** A local server does not run. `kind` says why, and `command` what to run where that helps. */
export class EmbeddedError extends EmbeddedErrorBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: EmbeddedErrorProps) {
    super(withPrintableCause(props))
  }
  /** True where time may help: `PortTaken` and `StartTimeout`. */
  get isRetryable(): boolean {
    return this.kind === "PortTaken" || this.kind === "StartTimeout"
  }
  /** What failed and why, in one line. */
  override get message(): string {
    const help = this.command === undefined ? "" : `; run: ${this.command}`
    const last = oneLine(this.log?.trimEnd().split(/[\r\n]/).at(-1) ?? "")
    const log = last === "" ? "" : `; its log ends with: ${last}`
    return printable(`no ${this.engine} server (${this.kind}): ${this.reason}${help}${log}`)
  }
}
