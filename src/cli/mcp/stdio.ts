/** The standard input and output of the process, as Effect's `Stdio`. */
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PlatformError from "effect/PlatformError"
import * as Sink from "effect/Sink"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import type { Terminal } from "../screen.ts"

/** Provides the standard streams. Results are written to the output of a terminal, which waits for its reader. */
export const stdio = ({ out }: Terminal): Layer.Layer<Stdio.Stdio> => {
  const decoder = new TextDecoder()
  const write = (chunk: string | Uint8Array) =>
    out.write(typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))
  return Layer.succeed(
    Stdio.Stdio,
    Stdio.make({
      args: Effect.succeed([]),
      stdin: Stream.fromAsyncIterable<Uint8Array, PlatformError.PlatformError>(process.stdin, readError),
      stdout: () => Sink.forEach(write),
      stderr: () => Sink.drain,
    }),
  )
}

const readError = (cause: unknown): PlatformError.PlatformError =>
  PlatformError.systemError({ module: "Stdio", method: "stdin", _tag: "Unknown", cause })
