/**
 * Reads lines from a terminal, with history and completion, through the line editor of the runtime.
 *
 * The editor owns the terminal until its scope closes: Ctrl-C arrives as a key even while no line is requested, and
 * input that is typed ahead is kept for the next request.
 */
import process from "node:process"
import * as readline from "node:readline"
import { Writable } from "node:stream"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { AskOptions } from "./screen.ts"

/** Completions of the end of a line, and the part of the line that they replace. */
export type Completions = readonly [found: ReadonlyArray<string>, part: string]

/** Options for {@linkcode open}. */
export interface EditorOptions {
  /** Earlier lines, newest first. */
  readonly history?: ReadonlyArray<string> | undefined
  /** Completes a line. */
  readonly complete?: ((line: string) => Promise<Completions>) | undefined
  /** Terminal that shows the line. */
  readonly output: NodeJS.WriteStream
}

/** A line editor. */
export interface Editor {
  /** Reads a line; `None` on Ctrl-D. Ctrl-C discards the input and starts over. */
  readonly line: (prompt: string) => Effect.Effect<Option.Option<string>>
  /** Asks a question. The answer does not go into the history. Interrupts on Ctrl-C; returns `""` on Ctrl-D. */
  readonly ask: (question: string, options?: AskOptions) => Effect.Effect<string>
  /** Runs an effect, and calls `listener` on Ctrl-C meanwhile. */
  readonly onInterrupt: <A, E, R>(listener: () => void, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Opens an editor for the scope. */
export const open = (options: EditorOptions): Effect.Effect<Editor, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new LineEditor(options)),
    (editor) => Effect.sync(() => editor.close()),
  )

/** Asks one question when no editor is open. */
export const askOnce = (question: string, options?: AskOptions): Effect.Effect<string> =>
  Effect.scoped(Effect.flatMap(open({ output: process.stderr }), (editor) => editor.ask(question, options)))

class LineEditor implements Editor {
  readonly #interface: readline.Interface
  readonly #output: MutableOutput
  /** Lines that were typed while none was requested. */
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
      let isDone = false
      const finish = () => {
        if (isDone) return
        isDone = true
        this.#onLine = undefined
        this.#onInterrupt = interrupt
        if (options?.isHidden) {
          this.#output.isMuted = false
          this.#output.write("\n")
        }
      }
      const cancel = new AbortController()
      const answer = (line: string | undefined) => {
        finish()
        // The line editor puts every line into its history; only commands belong there.
        this.#forget(line)
        resume(Effect.succeed(line ?? ""))
      }
      this.#onLine = answer
      this.#interface.question(question, { signal: cancel.signal }, answer)
      this.#output.isMuted = options?.isHidden === true
      this.#onInterrupt = () => {
        finish()
        cancel.abort()
        // A question of a running command: Ctrl-C cancels the command.
        if (interrupt === undefined) this.#clear()
        else interrupt()
        resume(Effect.interrupt)
      }
      return Effect.sync(() => {
        finish()
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

  /** Leaves the current line on the screen, and starts an empty one. */
  #clear(): void {
    this.#output.write("^C\n")
    const isMuted = this.#output.isMuted
    this.#output.isMuted = true
    this.#interface.write(null, { ctrl: true, name: "e" })
    this.#interface.write(null, { ctrl: true, name: "u" })
    this.#output.isMuted = isMuted
  }

  #forget(line: string | undefined): void {
    // Cast: the runtimes have `history`, but their types lack it.
    const { history } = this.#interface as unknown as { readonly history?: Array<string> }
    if (history?.[0] === line) history?.shift()
  }
}

/** Writes to a terminal, except while muted. */
class MutableOutput extends Writable {
  isMuted = false
  readonly #terminal: NodeJS.WriteStream
  constructor(terminal: NodeJS.WriteStream) {
    super({ decodeStrings: false })
    this.#terminal = terminal
  }
  /** Width by which the line editor wraps lines. */
  get columns(): number {
    return this.#terminal.columns
  }
  override _write(chunk: string | Uint8Array, _encoding: string, done: () => void): void {
    if (this.isMuted) return done()
    this.#terminal.write(chunk)
    done()
  }
}
