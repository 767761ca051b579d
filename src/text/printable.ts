/**
 * Makes text of servers and files safe to print on a terminal, in a log or in an error.
 *
 * Characters that a terminal or a log would interpret are escaped: control characters (including ESC, BEL, line ends
 * and DEL), bidirectional controls, line and paragraph separators, and lone surrogates. All other text is unchanged.
 */

const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Returns the text on one line, with each unprintable character escaped, for example ESC as `\u001b`. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Returns the text as one printable line of at most 500 characters; each run of white space becomes a space. */
export const oneLine = (text: string): string => {
  const line = printable(text.replace(/\s+/g, " ").trim())
  return line.length > 500 ? `${[...line.slice(0, 500)].slice(0, -1).join("")}…` : line
}

/**
 * Returns the properties of an error with a printable cause, because consoles and `Cause.pretty` print causes in full.
 * A cause whose text is printable is kept. Any other cause is replaced by a copy of the same class and properties.
 */
export const withPrintableCause = <Props extends { readonly cause?: unknown }>(props: Props): Props => {
  try {
    const cause = printableCause(props.cause)
    return cause === props.cause ? props : { ...props, cause }
  } catch {
    // A proxy or a getter may throw when it is read. Consoles cannot print such a cause either.
    return props
  }
}

/** Maximum depth of nested causes; deeper causes are dropped. */
const deepest = 8

const printableCause = (cause: unknown, depth = 0): unknown => {
  if (typeof cause === "string") return printableLines(cause)
  if (typeof cause !== "object" || cause === null) return cause
  const isError = cause instanceof Error
  const changed: Record<string, unknown> = {}
  // The properties that an error prints are not enumerable.
  for (const name of isError ? ["name", "message", "stack", ...Object.keys(cause)] : Object.keys(cause)) {
    const value: unknown = Reflect.get(cause, name)
    if (typeof value === "string" && printableLines(value) !== value) changed[name] = printableLines(value)
  }
  if (isError && cause.cause !== undefined) {
    const inner = depth < deepest ? printableCause(cause.cause, depth + 1) : undefined
    if (inner !== cause.cause) changed["cause"] = inner
  }
  if (Object.keys(changed).length === 0) return cause
  const copy: object = isError
    ? Object.create(cause)
    : Object.assign(Object.create(Object.getPrototypeOf(cause)), cause)
  for (const [name, value] of Object.entries(changed)) {
    Object.defineProperty(copy, name, { value, enumerable: !isError, configurable: true, writable: true })
  }
  return copy
}

/** Returns printable text that keeps its line breaks, as a stack trace needs. */
const printableLines = (text: string): string => text.split("\n").map(printable).join("\n")
