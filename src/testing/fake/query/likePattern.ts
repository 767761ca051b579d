/** Patterns of `like`. */

/** Whether Milvus 2.3 and later versions agree on a pattern: it is a prefix, or has no special characters. */
export const isOldPattern = (pattern: string): boolean => pattern !== "" && /^[^%_\\]*%*$/.test(pattern)

/**
 * Returns a test of texts: `%` stands for any text, `_` for any character, and `\` makes the next character an ordinary
 * one. Returns `undefined` if nothing follows a `\`.
 */
export const likePattern = (pattern: string): ((text: string) => boolean) | undefined => {
  if (/(^|[^\\])(\\\\)*\\$/.test(pattern)) return undefined
  const source = pattern.replace(/\\(.)|%|_|[^\\%_]+/gsu, (part, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped)
    return part === "%" ? ".*" : part === "_" ? "." : literal(part)
  })
  const expression = new RegExp(`^${source}$`, "su")
  return (text) => expression.test(text)
}

/** Returns a text as a part of a regular expression that matches only itself. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
