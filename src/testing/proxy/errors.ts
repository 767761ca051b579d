/**
 * Why a proxy does not listen.
 *
 * @module
 */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "../../text/printable.ts"

/** What {@linkcode FaultProxyError} carries. */
export interface FaultProxyErrorProps {
  /** Where it should listen. */
  readonly host: string
  /** Where it should listen. */
  readonly port: number
  /** Why it cannot, in one line. */
  readonly reason: string
  /** The error of the operating system, where there is one. */
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

/** The proxy cannot listen: another process has its port, or Deno is not allowed to. */
export class FaultProxyError extends FaultProxyErrorBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: FaultProxyErrorProps) {
    super(withPrintableCause(props))
  }
  /** True where another process has the port, and may give it back. */
  get isRetryable(): boolean {
    return isInUse(this.cause)
  }
  /** What failed and why, in one line. */
  override get message(): string {
    return printable(`cannot listen on ${this.host}:${this.port}: ${oneLine(this.reason)}`)
  }
}

const isInUse = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE"
