/** A tracer that keeps the spans of a program. */
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

/** A tracer, with its spans in the order of their beginnings. */
export const recorder = (): { readonly tracer: Tracer.Tracer; readonly spans: Array<Tracer.NativeSpan> } => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span(options) {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    },
  })
  return { tracer, spans }
}

/** Whether a span is that of an operation. */
export const isOperation = ({ kind, attributes }: Tracer.Span): boolean =>
  kind === "client" && attributes.has("db.system.name")

/** The name of the parent of a span. */
export const parentOf = ({ parent }: Tracer.Span): string | undefined => {
  const found = Option.getOrUndefined(parent)
  return found?._tag === "Span" ? found.name : undefined
}
