/** Rows out of a file, or out of the standard input, as a stream: what is in memory does not grow with the file. */
import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { extname } from "node:path"
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { CommandError, UsageError } from "../errors.ts"
import { messageOf } from "../savedConnections.ts"
import { ShellConnections } from "../shellConnections.ts"
import { csvParser } from "./csv.ts"
import { jsonArrayParser } from "./jsonArray.ts"
import { ndjsonParser } from "./ndjson.ts"
import { FormatProblem, type ParsedRow, type Parser } from "./parser.ts"

/** The formats that rows come in. */
export const inputFormats = ["json", "ndjson", "csv"] as const

/** How rows are written in a file. */
export type InputFormat = typeof inputFormats[number]

/** Where rows come from. */
export interface Source {
  /** What it is called in messages. */
  readonly name: string
  /** Whether it is an argument of the command itself. */
  readonly isArgument?: boolean
  /** How large it is; undefined where that is not known. */
  readonly bytes: number | undefined
  /** Its text by pieces. */
  readonly chunks: Stream.Stream<Uint8Array, CommandError>
}

/** A file; `-` is the standard input, which in the shell has the commands. */
export const openSource = (path: string): Effect.Effect<Source, UsageError | CommandError, ShellConnections> =>
  Effect.gen(function* () {
    if (path === "-") {
      if ((yield* ShellConnections).isShell || process.stdin.isTTY === true) {
        return yield* new UsageError({ reason: "there are no rows", hint: "give a file, or rows by a pipe" })
      }
      return {
        name: "the standard input",
        bytes: undefined,
        chunks: readable("the standard input", () => process.stdin),
      }
    }
    const found = yield* Effect.tryPromise({
      try: () => stat(path),
      catch: (cause) => new UsageError({ reason: `${path} cannot be read: ${messageOf(cause)}` }),
    })
    if (found.isDirectory()) return yield* new UsageError({ reason: `${path} is a folder, and no file` })
    return { name: path, bytes: found.size, chunks: readable(path, () => createReadStream(path)) }
  })

/** Text as a source. */
export const textSource = (name: string, text: string): Source => ({
  name,
  isArgument: true,
  bytes: undefined,
  chunks: Stream.sync(() => new TextEncoder().encode(text)),
})

const readable = (name: string, open: () => AsyncIterable<Uint8Array>): Stream.Stream<Uint8Array, CommandError> =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable(
      open(),
      (cause) => new CommandError({ reason: `${name} cannot be read: ${messageOf(cause)}`, cause }),
    )
  )

/** The format of a file by its name; undefined where the name does not tell. */
export const formatOf = (path: string): InputFormat | undefined => {
  const extension = extname(path).toLowerCase()
  if (extension === ".jsonl") return "ndjson"
  return inputFormats.find((format) => extension === `.${format}`)
}

const parserOf: Record<InputFormat, () => Parser> = { json: jsonArrayParser, ndjson: ndjsonParser, csv: csvParser }

/** The rows of a source. `onBytes` is told how much has been read. */
export const rowsOf = (
  { name, chunks }: Source,
  format: InputFormat,
  onBytes: (bytes: number) => Effect.Effect<void>,
): Stream.Stream<ParsedRow, CommandError> =>
  Stream.suspend(() => {
    const parser = parserOf[format]()
    const text = new TextDecoder("utf-8", { fatal: true })
    let bytes = 0
    const pushed = Stream.mapEffect(chunks, (chunk) => {
      bytes += chunk.length
      return Effect.tap(tryParse(name, () => parser.push(text.decode(chunk, { stream: true }))), () => onBytes(bytes))
    })
    const ended = Stream.fromEffect(tryParse(name, () => [...parser.push(text.decode()), ...parser.end()]))
    return Stream.flattenIterable(Stream.concat(pushed, ended))
  })

/** Runs what may find a problem in the text. */
export const tryParse = <A>(name: string, parse: () => A): Effect.Effect<A, CommandError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(parse())
    } catch (error) {
      if (error instanceof FormatProblem) {
        return Effect.fail(new CommandError({ reason: `${name}, line ${error.line}: ${error.problem}` }))
      }
      // The decoder knows no other complaint.
      if (error instanceof TypeError) {
        return Effect.fail(new CommandError({ reason: `${name} is no text in UTF-8`, cause: error }))
      }
      throw error
    }
  })
