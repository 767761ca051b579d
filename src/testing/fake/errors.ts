/** The error of a FakeMilvus that cannot listen. */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "../../text/printable.ts"

/** Properties of a {@linkcode FakeMilvusError}. */
export interface FakeMilvusErrorProps {
  /** The address on which it could not listen. */
  readonly address: string
  /** The reason that the operating system or the TLS library gave. */
  readonly reason: string
  /** The error of the operating system or the TLS library. */
  readonly cause?: unknown
}

const FakeMilvusErrorBase: new (
  props: FakeMilvusErrorProps,
) => Cause.YieldableError & FakeMilvusErrorProps & { readonly _tag: "FakeMilvusError" } = Schema.TaggedError<
  FakeMilvusError
>()("FakeMilvusError", {
  address: Schema.String,
  reason: Schema.String,
  cause: Schema.optional(Schema.Defect()),
})

/** A FakeMilvus cannot listen: its port is taken, its host is not of this machine, or its certificate is not valid. */
export class FakeMilvusError extends FakeMilvusErrorBase {
  /** Creates an error. The text of its cause is made printable. */
  constructor(props: FakeMilvusErrorProps) {
    super(withPrintableCause(props))
  }
  /** Always `false`: use another port, host or certificate. */
  get isRetryable(): boolean {
    return false
  }
  /** The failure and its reason, in one line. */
  override get message(): string {
    return printable(`FakeMilvus cannot listen on ${this.address}: ${oneLine(this.reason)}`)
  }
}
