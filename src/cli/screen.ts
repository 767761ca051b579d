/**
 * The two outputs and the person in front of them.
 *
 * - What is written waits until the other side takes it, so that memory stays bounded.
 * - Where the other side is gone (`| head`), what writes is interrupted, and nothing is said about it.
 */
import process from "node:process"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { printable } from "../text/printable.ts"

/** One of the outputs. */
export interface Output {
  /** Whether a person looks at it. */
  readonly isTerminal: boolean
  /** Whether text may be coloured. */
  readonly hasColor: boolean
  /** How many columns a line has. */
  readonly columns: number
  /** Whether the other side is gone. */
  readonly isClosed: boolean
  /** Writes a text; ends when more can be written. */
  readonly write: (text: string) => Effect.Effect<void>
}

/** How a question is asked. */
export interface AskOptions {
  /** Whether the answer stays invisible. Default `false`. */
  readonly isHidden?: boolean | undefined
}

/** The terminal, or what stands in its place. */
export interface Terminal {
  /** For results. */
  readonly out: Output
  /** For all else: errors, questions, progress. */
  readonly err: Output
  /** Whether there is a person to ask. */
  readonly canAsk: boolean
  /** Asks for one line. Interrupts on Ctrl-C; gives `""` on Ctrl-D. */
  readonly ask: (question: string, options?: AskOptions) => Effect.Effect<string>
}

/** The service through which commands find their screen. */
export const Terminal: Context.Service<Terminal, Terminal> = Context.Service<Terminal>(
  "@effect-milvus/client/cli/Terminal",
)

/** The streams of this process. `ask` asks where there is somebody. */
export const processTerminal = (ask: Terminal["ask"]): Terminal => ({
  out: makeOutput(process.stdout),
  err: makeOutput(process.stderr),
  canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
  ask,
})

/** Where no terminal tells. */
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
      // A pseudo-terminal whose size nobody set has none.
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

/** How text may look. */
export type Style = keyof typeof codes

/** A text in a style, where the output shows styles. */
export const styled = ({ hasColor }: Pick<Output, "hasColor">, style: Style, text: string): string =>
  hasColor && text !== "" ? `\x1b[${codes[style]}m${text}\x1b[0m` : text

// deno-lint-ignore no-control-regex -- what `styled` makes
const kept = /\r?\n|\x1b\[\d+m/y

/** A text in which only line ends, and styles where they are shown, have an effect on a terminal. */
const harmless = (text: string, hasColor: boolean): string => {
  const safe = printable(text)
  if (safe === text) return text
  let result = ""
  for (let at = 0; at < text.length;) {
    kept.lastIndex = at
    const [found] = kept.exec(text) ?? []
    const isKept = found !== undefined && (hasColor || !found.startsWith("\x1b"))
    // By characters: a pair of surrogates is one.
    const piece = isKept ? found : String.fromCodePoint(text.codePointAt(at)!)
    result += isKept ? piece : printable(piece)
    at += piece.length
  }
  return result
}

/**
 * Writes text for people. Nothing but line ends and {@linkcode styled} has an effect on the terminal: what comes from servers,
 * files and the environment is in it, and each line of theirs is made `printable` where it is put in.
 */
export const print = (output: Output, text: string): Effect.Effect<void> =>
  output.write(harmless(text, output.hasColor))

/** Writes text for programs: exactly into a pipe or a file, and as {@linkcode print} does on a terminal. */
export const sendData = (output: Output, text: string): Effect.Effect<void> =>
  output.write(output.isTerminal ? harmless(text, false) : text)

/** Replaces the line that the cursor of a terminal is in. */
export const replaceLine = (output: Output, text: string): Effect.Effect<void> =>
  output.write(`\r\x1b[K\x1b[?25l${harmless(text, output.hasColor)}`)

/** Removes what {@linkcode replaceLine} wrote. */
export const clearLine = (output: Output): Effect.Effect<void> => output.write("\r\x1b[K\x1b[?25h")

/** Writes one line next to the results. */
export const note = (text: string): Effect.Effect<void, never, Terminal> =>
  Terminal.use(({ err }) => print(err, `${printable(text)}\n`))

/** Writes a warning: one line. */
export const warn = (text: string): Effect.Effect<void, never, Terminal> =>
  Terminal.use(({ err }) => print(err, `${styled(err, "yellow", "warning:")} ${printable(text)}\n`))
