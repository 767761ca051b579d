/** A file that is written piece by piece, and stands in its place when it is complete, and not before. */
import { createWriteStream } from "node:fs"
import { rename, rm } from "node:fs/promises"
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { TaskError } from "./failures.ts"
import { messageOf } from "./saved.ts"

/** Writes a piece. */
export type Write = (text: string) => Effect.Effect<void, TaskError>

/** Runs with a file beside its place, and moves it there where all went well. */
export const writingFile = <A, E, R>(
  path: string,
  use: (write: Write) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | TaskError, R> => {
  const temporary = `${path}.${process.pid}.partial`
  const failure = (cause: unknown) => new TaskError({ reason: `${path} cannot be written: ${messageOf(cause)}`, cause })
  const attempt = (work: () => Promise<unknown>) => Effect.asVoid(Effect.tryPromise({ try: work, catch: failure }))
  return Effect.acquireUseRelease(
    Effect.sync(() => {
      const stream = createWriteStream(temporary)
      let broken: Error | undefined
      stream.on("error", (error) => broken = error)
      return { stream, broken: () => broken }
    }),
    ({ stream, broken }) => {
      const write: Write = (text) =>
        Effect.callback((resume) => {
          stream.write(text, (error) => {
            const cause = error ?? broken()
            resume(cause ? Effect.fail(failure(cause)) : Effect.void)
          })
        })
      const end = attempt(() =>
        new Promise<void>((resolve, reject) => stream.once("error", reject).end(() => resolve()))
      )
      return use(write).pipe(Effect.tap(() => end), Effect.tap(() => attempt(() => rename(temporary, path))))
    },
    ({ stream }, exit) =>
      Exit.isSuccess(exit) ? Effect.void : Effect.promise(() => {
        stream.destroy()
        return rm(temporary, { force: true }).catch(() => {})
      }),
  )
}
