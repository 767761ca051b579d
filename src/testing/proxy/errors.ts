/** The error of a proxy that cannot listen. */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "../../text/printable.ts"

/** Properties of a {@linkcode FaultProxyError}. */
export interface FaultProxyErrorProps {
  /** The host on which it could not listen. */
  readonly host: string
  /** The port on which it could not listen. */
  readonly port: number
  /** The reason, in one line. */
  readonly reason: string
  /** The error of the operating system, if it reported one. */
  readonly cause?: unknown
}

const FaultProxyErrorBase: new (
  props: FaultProxyErrorProps,
) => Cause.YieldableError & FaultProxyErrorProps & { readonly _tag: "FaultProxyError" } = Schema.TaggedError<
  FaultProxyError
>()(
  "FaultProxyError",
  {
    host: Schema.String,
    port: Schema.Number,
    reason: Schema.String,
    cause: Schema.optional(Schema.Defect()),
  },
)

/** The proxy cannot listen: another process has its port, or a permission of Deno is missing. */
export class FaultProxyError extends FaultProxyErrorBase {
  /** Creates an error. The text of its cause is made printable. */
  constructor(props: FaultProxyErrorProps) {
    super(withPrintableCause(props))
  }
  /** Whether another process has the port and may release it. */
  get isRetryable(): boolean {
    return isInUse(this.cause)
  }
  /** The failure and its reason, in one line. */
  override get message(): string {
    return printable(`cannot listen on ${this.host}:${this.port}: ${oneLine(this.reason)}`)
  }
}

const isInUse = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE"
