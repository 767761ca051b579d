/** Streams rows from a file or from the standard input. Memory does not grow with the size of the file. */
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

/** Formats of rows. */
export const inputFormats = ["json", "ndjson", "csv"] as const

/** Format of rows in a file. */
export type InputFormat = typeof inputFormats[number]

/** Source of rows. */
export interface Source {
  /** Name in messages. */
  readonly name: string
  /** Whether the text is an argument of the command. */
  readonly isArgument?: boolean
  /** Size in bytes; `undefined` if unknown. */
  readonly bytes: number | undefined
  /** UTF-8 text in pieces. */
  readonly chunks: Stream.Stream<Uint8Array, CommandError>
}

/** Opens a file. `-` is the standard input, which is not available in the shell, because commands come from there. */
export const openSource = (path: string): Effect.Effect<Source, UsageError | CommandError, ShellConnections> =>
  Effect.gen(function* () {
    if (path === "-") {
      if ((yield* ShellConnections).isShell || process.stdin.isTTY === true) {
        return yield* new UsageError({ reason: "no input rows", hint: "give a file, or pipe the rows in" })
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
    if (found.isDirectory()) return yield* new UsageError({ reason: `${path}: expected a file, got a folder` })
    return { name: path, bytes: found.size, chunks: readable(path, () => createReadStream(path)) }
  })

/** Makes a source of a text. */
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

/** Returns the format of a file by its extension; `undefined` if the extension is unknown. */
export const formatOf = (path: string): InputFormat | undefined => {
  const extension = extname(path).toLowerCase()
  if (extension === ".jsonl") return "ndjson"
  return inputFormats.find((format) => extension === `.${format}`)
}

const parserOf: Record<InputFormat, () => Parser> = { json: jsonArrayParser, ndjson: ndjsonParser, csv: csvParser }

/** Streams the rows of a source. Calls `onBytes` with the number of bytes read so far. */
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

/** Runs a parser. Turns format errors and invalid UTF-8 into a `CommandError`. */
export const tryParse = <A>(name: string, parse: () => A): Effect.Effect<A, CommandError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(parse())
    } catch (error) {
      if (error instanceof FormatProblem) {
        return Effect.fail(new CommandError({ reason: `${name}, line ${error.line}: ${error.problem}` }))
      }
      // Only the text decoder throws TypeError, and only for invalid UTF-8.
      if (error instanceof TypeError) {
        return Effect.fail(new CommandError({ reason: `${name} is not valid UTF-8`, cause: error }))
      }
      throw error
    }
  })
