/**
 * Why a FakeMilvus does not listen.
 *
 * @module
 */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import { oneLine, printable, withPrintableCause } from "../../text/printable.ts"

/** What {@linkcode FakeMilvusError} carries. */
export interface FakeMilvusErrorProps {
  /** The address that it should listen on. */
  readonly address: string
  /** What the operating system or the TLS library said. */
  readonly reason: string
  /** Their error. */
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

/** A FakeMilvus cannot listen: its port is taken, its host is not of this machine, or its certificate is none. */
export class FakeMilvusError extends FakeMilvusErrorBase {
  /** Makes an error of what it carries, with a cause whose text is printable. */
  constructor(props: FakeMilvusErrorProps) {
    super(withPrintableCause(props))
  }
  /** Never by itself: ask for another port or certificate. */
  get isRetryable(): boolean {
    return false
  }
  /** What failed and why, in one line. */
  override get message(): string {
    return printable(`FakeMilvus cannot listen on ${this.address}: ${oneLine(this.reason)}`)
  }
}
