/** Writes a file in pieces. The file appears at its path only when it is complete. */
import { open, rename, rm, stat } from "node:fs/promises"
import { dirname } from "node:path"
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { CommandError, UsageError } from "./errors.ts"
import { isMissing, messageOf } from "./savedConnections.ts"

/** Writes a piece. */
export type Write = (piece: string | Uint8Array) => Effect.Effect<void, CommandError>

/** Options for {@linkcode withFileWriter}. */
export interface FileWriterOptions {
  /**
   * Whether only the user of this process may read the file.
   *
   * @default false
   */
  readonly isSecret?: boolean | undefined
}

/** Runs `use` with a temporary file next to `path`. Moves it to `path` on success, and removes it on failure. */
export const withFileWriter = <A, E, R>(
  path: string,
  use: (write: Write) => Effect.Effect<A, E, R>,
  { isSecret = false }: FileWriterOptions = {},
): Effect.Effect<A, E | CommandError | UsageError, R> => {
  const temporary = `${path}.${process.pid}.partial`
  const failure = (cause: unknown) =>
    new CommandError({
      reason: `${path} cannot be written: ${messageOf(cause).replace(/, [a-z]+ '.*$/s, "")}`,
      hint: isMissing(cause) ? `create the folder first: ${dirname(path)}` : undefined,
      cause,
    })
  const attempt = <A>(work: () => Promise<A>) => Effect.tryPromise({ try: work, catch: failure })
  return Effect.acquireUseRelease(
    Effect.gen(function* () {
      const found = yield* Effect.promise(() => stat(path).catch(() => undefined))
      if (found?.isDirectory()) return yield* new UsageError({ reason: `${path}: expected a file, got a folder` })
      return yield* attempt(() => open(temporary, "w", isSecret ? 0o600 : 0o666))
    }),
    (file) =>
      use((piece) => Effect.asVoid(attempt(() => file.appendFile(piece)))).pipe(
        Effect.tap(() => attempt(() => file.sync().then(() => file.close()))),
        Effect.tap(() => attempt(() => rename(temporary, path))),
      ),
    (file, exit) =>
      Exit.isSuccess(exit)
        ? Effect.void
        : Effect.promise(() => file.close().catch(() => {}).then(() => rm(temporary, { force: true }).catch(() => {}))),
  )
}
