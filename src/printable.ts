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
