/** The error of texts that the embedding model did not embed. */
import type * as Cause from "effect/Cause"
import * as Schema from "effect/Schema"
import type * as AiError from "effect/ai/AiError"
import { oneLine, withPrintableCause } from "../text/printable.ts"

/** Properties of {@linkcode EmbeddingError}. */
export interface EmbeddingErrorProps {
  /** The collection. */
  readonly collection: string
  /** The rows whose texts were not embedded, as a range `[from, to)` that counts from 0; absent for a query. */
  readonly rows?: readonly [from: number, to: number] | undefined
  /** The error of the embedding model. */
  readonly cause: AiError.AiError
}

const EmbeddingErrorBase: new (
  props: EmbeddingErrorProps,
) => Cause.YieldableError & EmbeddingErrorProps & { readonly _tag: "EmbeddingError" } = Schema.TaggedError<
  EmbeddingError
>()("EmbeddingError", {
  collection: Schema.String,
  rows: Schema.optional(Schema.Tuple([Schema.Number, Schema.Number])),
  cause: Schema.declare((cause: unknown): cause is AiError.AiError => cause instanceof Error),
})

/** The embedding model failed, or returned vectors that do not fit. The texts that it was given were not written. */
export class EmbeddingError extends EmbeddingErrorBase {
  /** Creates an error from its properties; the text of its cause is made printable. */
  constructor(props: EmbeddingErrorProps) {
    super(withPrintableCause(props))
  }
  /** Whether the model reports that the same request may succeed later. */
  get isRetryable(): boolean {
    return this.cause.isRetryable
  }
  /** Describes what failed and why, in one line. */
  override get message(): string {
    const what = this.rows === undefined ? "a query of" : `rows ${this.rows[0]} to ${this.rows[1] - 1} of`
    return oneLine(`${what} "${this.collection}" could not be embedded: ${this.cause.message}`)
  }
}
