/**
 * Text of servers and files, fit to be shown: on a terminal, in a log or in an error.
 *
 * What a terminal or a log would act on becomes visible text: control characters (ESC, BEL, line ends and DEL among them),
 * bidirectional controls, line and paragraph separators, and halves of surrogate pairs. All other text stays as it is.
 */

const unprintable = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/gu

/** Returns the text on one line, with `\u001b` in place of an escape character, and so on. */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Returns a message of another program on one line of 500 characters at most, and printable; white space becomes a space. */
export const oneLine = (text: string): string => {
  const line = printable(text.replace(/\s+/g, " ").trim())
  return line.length > 500 ? `${[...line.slice(0, 500)].slice(0, -1).join("")}…` : line
}

/**
 * Returns an error's properties with a cause that may be shown: consoles and `Cause.pretty` print causes with all their text.
 * A cause whose text is printable stays itself. In place of another one is one of the same class, with the same properties.
 */
export const withPrintableCause = <Props extends { readonly cause?: unknown }>(props: Props): Props => {
  try {
    const cause = printableCause(props.cause)
    return cause === props.cause ? props : { ...props, cause }
  } catch {
    // Looking at a proxy, or by a getter, may throw: that cannot be shown either.
    return props
  }
}

/** Causes of causes are looked at so deep, and left out below. */
const deepest = 8

const printableCause = (cause: unknown, depth = 0): unknown => {
  if (typeof cause === "string") return printableLines(cause)
  if (typeof cause !== "object" || cause === null) return cause
  const isError = cause instanceof Error
  const changed: Record<string, unknown> = {}
  // What an error shows is not enumerable.
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

/** A stack has lines. */
const printableLines = (text: string): string => text.split("\n").map(printable).join("\n")
