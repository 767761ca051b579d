/** Runs effects as promises, and streams as async iterables, until a signal aborts. */
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"

/** Options of every method. */
export interface AbortOptions {
  /** Cancels the operation when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Programs without Effect have no logger. Warnings become warnings of the process, which the runtime writes to stderr
 * by default. Other log entries are dropped.
 */
const loggers: ReadonlySet<Logger.Logger<unknown, void>> = new Set([
  Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn") process.emitWarning(String(message), "MilvusWarning")
  }),
])

/** Runs an effect as a promise that rejects with the typed error itself, or with the reason of the signal. */
export const run = async <A, E>(effect: Effect.Effect<A, E>, options: AbortOptions | undefined): Promise<A> => {
  const signal = options?.signal
  signal?.throwIfAborted()
  const exit = await Effect.runPromiseExit(
    Effect.provideService(effect, Logger.CurrentLoggers, loggers),
    signal === undefined ? {} : { signal },
  )
  if (Exit.isSuccess(exit)) return exit.value
  for (const reason of exit.cause.reasons) {
    if (reason._tag === "Fail") throw reason.error
    if (reason._tag === "Die") throw reason.defect
  }
  throw signal?.aborted ? signal.reason : new DOMException("The operation was interrupted", "AbortError")
}

/** Fails with the reason of the signal when it aborts, and never ends otherwise. */
export const failOnAbort = (signal: AbortSignal | undefined): Effect.Effect<never, unknown> =>
  signal === undefined ? Effect.never : Effect.callback((resume) => {
    const abort = () => resume(Effect.fail(signal.reason))
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })

/** Returns the elements of a stream, until it ends or the signal aborts. */
export const iterate = <A, E>(
  stream: Stream.Stream<A, E>,
  options: AbortOptions | undefined,
): AsyncIterable<A> => Stream.toAsyncIterable(Stream.interruptWhen(stream, failOnAbort(options?.signal)))
