/** The error of a local server that does not run. Its `kind` is the reason, and `command` what to run to fix it. */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "../text/printable.ts"

/** Server to run: milvus-lite, or the standalone Milvus. */
export type Engine = "milvus-lite" | "milvus"

/**
 * Reason of an {@linkcode EmbeddedError}:
 *
 * - `PythonNotFound`: no Python was found that can run the engine.
 * - `PackageNotFound`: no Python that was found has the package of the engine; `command` installs it.
 * - `InstallFailed`: the installation that `install` requested failed.
 * - `DataDirectory`: the data directory cannot be created or used, or another server is using it.
 * - `PortTaken`: another process uses the port.
 * - `StartFailed`: the server exited before it was ready.
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

/** Properties of {@linkcode EmbeddedError}. */
export interface EmbeddedErrorProps {
  /** Server that does not run. */
  readonly engine: Engine
  /** Reason of the failure. */
  readonly kind: EmbeddedErrorKind
  /** Description of the reason, with the paths, ports and Pythons involved. */
  readonly reason: string
  /** Command that fixes the problem, if known. */
  readonly command?: string | undefined
  /** End of the output of the server or the installer, if it ran. */
  readonly log?: string | undefined
  /** Error of the operating system, if any. */
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

/** A local server does not run. `kind` is the reason, and `command` is the command that fixes it, if known. */
export class EmbeddedError extends EmbeddedErrorBase {
  /** Makes an error from its properties. Control characters in the text of the cause are replaced. */
  constructor(props: EmbeddedErrorProps) {
    super(withPrintableCause(props))
  }
  /** Whether a later attempt may succeed: `PortTaken` and `StartTimeout`. */
  get isRetryable(): boolean {
    return this.kind === "PortTaken" || this.kind === "StartTimeout"
  }
  /** One line that states what failed and why. */
  override get message(): string {
    const help = this.command === undefined ? "" : `; run: ${this.command}`
    const last = oneLine(this.log?.trimEnd().split(/[\r\n]/).at(-1) ?? "")
    const log = last === "" ? "" : `; its log ends with: ${last}`
    return printable(`no ${this.engine} server (${this.kind}): ${this.reason}${help}${log}`)
  }
}
