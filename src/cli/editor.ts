/**
 * Lines that a person types, with history and completion, by the runtime's own line editor.
 *
 * The terminal belongs to the editor from its making to the end of its scope: Ctrl-C comes as a key, also while nothing is
 * asked for, and what is typed ahead is kept for the next question.
 */
import process from "node:process"
import * as readline from "node:readline"
import { Writable } from "node:stream"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { AskOptions } from "./screen.ts"

/** What fits at the end of a line, and the part of it that is replaced. */
export type Completions = readonly [found: ReadonlyArray<string>, part: string]

/** What can be set for an editor. */
export interface EditorOptions {
  /** Lines of before, the newest first. */
  readonly history?: ReadonlyArray<string> | undefined
  /** What fits at the end of a line. */
  readonly complete?: ((line: string) => Promise<Completions>) | undefined
  /** Where the line is shown. */
  readonly output: NodeJS.WriteStream
}

/** The line editor. */
export interface Editor {
  /** The next line; none at Ctrl-D. Ctrl-C begins it anew. */
  readonly line: (prompt: string) => Effect.Effect<Option.Option<string>>
  /** The answer to a question, which is kept out of the history. Interrupts on Ctrl-C; gives `""` on Ctrl-D. */
  readonly ask: (question: string, options?: AskOptions) => Effect.Effect<string>
  /** Runs with Ctrl-C going to `listener`. */
  readonly onInterrupt: <A, E, R>(listener: () => void, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Opens the editor. */
export const open = (options: EditorOptions): Effect.Effect<Editor, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new LineEditor(options)),
    (editor) => Effect.sync(() => editor.close()),
  )

/** Asks one question, where no editor is open. */
export const askOnce = (question: string, options?: AskOptions): Effect.Effect<string> =>
  Effect.scoped(Effect.flatMap(open({ output: process.stderr }), (editor) => editor.ask(question, options)))

class LineEditor implements Editor {
  readonly #interface: readline.Interface
  readonly #output: MutableOutput
  /** Lines that came while none was asked for. */
  readonly #ahead: Array<string> = []
  #isClosed = false
  #onLine: ((line: string | undefined) => void) | undefined
  #onInterrupt: (() => void) | undefined

  constructor({ history = [], complete, output }: EditorOptions) {
    this.#output = new MutableOutput(output)
    this.#interface = readline.createInterface({
      input: process.stdin,
      output: this.#output,
      terminal: true,
      history: [...history],
      historySize: 1000,
      removeHistoryDuplicates: true,
      ...(complete === undefined ? {} : {
        completer: (line: string, done: (error: Error | null, found: [Array<string>, string]) => void) => {
          complete(line).then(([found, part]) => done(null, [[...found], part]), () => done(null, [[], line]))
        },
      }),
    })
    this.#interface.on("line", (line) => {
      if (this.#onLine === undefined) this.#ahead.push(line)
      else this.#onLine(line)
    })
    this.#interface.on("SIGINT", () => this.#onInterrupt?.())
    this.#interface.on("close", () => {
      this.#isClosed = true
      this.#onLine?.(undefined)
    })
  }

  readonly line: Editor["line"] = (prompt) =>
    Effect.callback<Option.Option<string>>((resume) => {
      const next = this.#ahead.shift()
      if (next !== undefined || this.#isClosed) return resume(Effect.succeed(Option.fromUndefinedOr(next)))
      this.#interface.setPrompt(prompt)
      this.#interface.prompt(true)
      this.#onLine = (line) => {
        this.#onLine = this.#onInterrupt = undefined
        resume(Effect.succeed(Option.fromUndefinedOr(line)))
      }
      this.#onInterrupt = () => {
        this.#clear()
        this.#interface.prompt()
      }
      return Effect.sync(() => this.#onLine = this.#onInterrupt = undefined)
    })

  readonly ask: Editor["ask"] = (question, options) =>
    Effect.callback<string>((resume) => {
      if (this.#isClosed) return resume(Effect.succeed(""))
      const interrupt = this.#onInterrupt
      let isOver = false
      const over = () => {
        if (isOver) return
        isOver = true
        this.#onLine = undefined
        this.#onInterrupt = interrupt
        if (options?.isHidden) {
          this.#output.isMuted = false
          this.#output.write("\n")
        }
      }
      const cancel = new AbortController()
      const answer = (line: string | undefined) => {
        over()
        // The editor remembers each line, and none but commands are for remembering.
        this.#forget(line)
        resume(Effect.succeed(line ?? ""))
      }
      this.#onLine = answer
      this.#interface.question(question, { signal: cancel.signal }, answer)
      this.#output.isMuted = options?.isHidden === true
      this.#onInterrupt = () => {
        over()
        cancel.abort()
        // Within a command, it is for who waits for the command.
        if (interrupt === undefined) this.#clear()
        else interrupt()
        resume(Effect.interrupt)
      }
      return Effect.sync(() => {
        over()
        cancel.abort()
      })
    })

  readonly onInterrupt: Editor["onInterrupt"] = (listener, effect) =>
    Effect.suspend(() => {
      this.#onInterrupt = () => {
        this.#clear()
        listener()
      }
      return Effect.ensuring(effect, Effect.sync(() => this.#onInterrupt = undefined))
    })

  close(): void {
    this.#interface.close()
  }

  /** Leaves the line as it is on the screen, and begins an empty one. */
  #clear(): void {
    this.#output.write("^C\n")
    const isMuted = this.#output.isMuted
    this.#output.isMuted = true
    this.#interface.write(null, { ctrl: true, name: "e" })
    this.#interface.write(null, { ctrl: true, name: "u" })
    this.#output.isMuted = isMuted
  }

  #forget(line: string | undefined): void {
    // Cast: the runtimes have it, and their types do not.
    const { history } = this.#interface as unknown as { readonly history?: Array<string> }
    if (history?.[0] === line) history?.shift()
  }
}

/** A terminal that shows nothing while it is muted. */
class MutableOutput extends Writable {
  isMuted = false
  readonly #terminal: NodeJS.WriteStream
  constructor(terminal: NodeJS.WriteStream) {
    super({ decodeStrings: false })
    this.#terminal = terminal
  }
  /** What the line editor wraps its lines by. */
  get columns(): number {
    return this.#terminal.columns
  }
  override _write(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    if (this.isMuted) return done()
    this.#terminal.write(chunk)
    done()
  }
}
