/**
 * The terminal: both outputs, and questions to the user.
 *
 * - A write waits until the reader accepts it, so that memory stays bounded.
 * - If the reader is gone (`| head`), the writer is interrupted silently.
 */
import process from "node:process"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { printable } from "../text/printable.ts"

/** An output stream. */
export interface Output {
  /** Whether the stream is a terminal. */
  readonly isTerminal: boolean
  /** Whether text may be coloured. */
  readonly hasColor: boolean
  /** Columns of a line. */
  readonly columns: number
  /** Whether the reader is gone. */
  readonly isClosed: boolean
  /** Writes a text, and completes when more can be written. */
  readonly write: (text: string) => Effect.Effect<void>
}

/** Options for {@linkcode Terminal.ask}. */
export interface AskOptions {
  /**
   * Whether the answer is hidden while it is typed.
   *
   * @default false
   */
  readonly isHidden?: boolean | undefined
}

/** The standard streams, which may be a terminal. */
export interface Terminal {
  /** Output for results. */
  readonly out: Output
  /** Output for errors, questions and progress. */
  readonly err: Output
  /** Whether input and error output are a terminal, so that the user can be asked. */
  readonly canAsk: boolean
  /** Asks for one line. Interrupts on Ctrl-C; returns `""` on Ctrl-D. */
  readonly ask: (question: string, options?: AskOptions) => Effect.Effect<string>
}

/** Service tag of {@linkcode Terminal}. */
export const Terminal: Context.Service<Terminal, Terminal> = Context.Service<Terminal>(
  "@effect-milvus/client/cli/Terminal",
)

/** Returns the streams of this process. `ask` is used if there is a terminal. */
export const processTerminal = (ask: Terminal["ask"]): Terminal => ({
  out: makeOutput(process.stdout),
  err: makeOutput(process.stderr),
  canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
  ask,
})

/** Width if the terminal does not report one. */
const defaultColumns = 80

const makeOutput = (stream: NodeJS.WriteStream): Output => {
  let isClosed = false
  stream.on("error", () => isClosed = true)
  const { NO_COLOR, TERM, COLUMNS } = process.env
  const isTerminal = stream.isTTY === true
  return {
    isTerminal,
    hasColor: isTerminal && !NO_COLOR && TERM !== "dumb",
    get columns() {
      // A pseudo-terminal without a configured size reports 0.
      return stream.columns || Number(COLUMNS) || defaultColumns
    },
    get isClosed() {
      return isClosed
    },
    write: (text) =>
      Effect.callback<void>((resume) => {
        if (isClosed) return resume(Effect.interrupt)
        if (text === "" || stream.write(text)) return resume(Effect.void)
        const go = () => resume(isClosed ? Effect.interrupt : Effect.void)
        stream.once("drain", go).once("error", go)
        return Effect.sync(() => void stream.off("drain", go).off("error", go))
      }),
  }
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

/** Styles of text. */
export type Style = keyof typeof codes

/** Returns a text in a style if the output has colours, else the text itself. */
export const styled = ({ hasColor }: Pick<Output, "hasColor">, style: Style, text: string): string =>
  hasColor && text !== "" ? `\x1b[${codes[style]}m${text}\x1b[0m` : text

// deno-lint-ignore no-control-regex -- matches the output of `styled`
const kept = /\r?\n|\x1b\[\d+m/y

/** Makes a text harmless: only line ends, and styles if the output has colours, have an effect on a terminal. */
const harmless = (text: string, hasColor: boolean): string => {
  const safe = printable(text)
  if (safe === text) return text
  let result = ""
  for (let at = 0; at < text.length;) {
    kept.lastIndex = at
    const [found] = kept.exec(text) ?? []
    const isKept = found !== undefined && (hasColor || !found.startsWith("\x1b"))
    // By code points: a surrogate pair is one character.
    const piece = isKept ? found : String.fromCodePoint(text.codePointAt(at)!)
    result += isKept ? piece : printable(piece)
    at += piece.length
  }
  return result
}

/**
 * Writes text for people. Only line ends and {@linkcode styled} have an effect on the terminal. The text may contain
 * data from servers, files and the environment; callers make each line of it `printable` before they insert it.
 */
export const print = (output: Output, text: string): Effect.Effect<void> =>
  output.write(harmless(text, output.hasColor))

/** Writes text for programs: unchanged into a pipe or a file, and like {@linkcode print} on a terminal. */
export const sendData = (output: Output, text: string): Effect.Effect<void> =>
  output.write(output.isTerminal ? harmless(text, false) : text)

/** Replaces the line of the cursor on a terminal. */
export const replaceLine = (output: Output, text: string): Effect.Effect<void> =>
  output.write(`\r\x1b[K\x1b[?25l${harmless(text, output.hasColor)}`)

/** Removes the line that {@linkcode replaceLine} wrote. */
export const clearLine = (output: Output): Effect.Effect<void> => output.write("\r\x1b[K\x1b[?25h")

/** Clears the screen and what was scrolled off it. Without a terminal, it does nothing. */
export const clearScreen = (output: Output): Effect.Effect<void> =>
  output.isTerminal ? output.write("\x1b[H\x1b[2J\x1b[3J") : Effect.void

/** Writes one line to the error output. */
export const note = (text: string): Effect.Effect<void, never, Terminal> =>
  Terminal.use(({ err }) => print(err, `${printable(text)}\n`))

/** Writes a one-line warning to the error output. */
export const warn = (text: string): Effect.Effect<void, never, Terminal> =>
  Terminal.use(({ err }) => print(err, `${styled(err, "yellow", "warning:")} ${printable(text)}\n`))
