/** Effects as promises, and streams as async iterables, that end when a signal aborts. */
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Logger from "effect/Logger"
import * as Stream from "effect/Stream"

/** What every method takes. */
export interface AbortOptions {
  /** Cancels when it aborts. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A program without Effect has no logger: warnings become warnings of the process, which the runtime writes to stderr unless
 * it is told otherwise. There is nothing else that such a program would have to see.
 */
const loggers: ReadonlySet<Logger.Logger<unknown, void>> = new Set([
  Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn") process.emitWarning(String(message), "MilvusWarning")
  }),
])

/** Runs to a promise that rejects with the typed error itself, or with the signal's reason. */
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

/** Fails with the signal's reason when it aborts, and never ends otherwise. */
export const aborted = (signal: AbortSignal | undefined): Effect.Effect<never, unknown> =>
  signal === undefined ? Effect.never : Effect.callback((resume) => {
    const abort = () => resume(Effect.fail(signal.reason))
    if (signal.aborted) return abort()
    signal.addEventListener("abort", abort, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", abort))
  })

/** What a stream gives, until it ends or the signal aborts. */
export const iterate = <A, E>(
  stream: Stream.Stream<A, E>,
  options: AbortOptions | undefined,
): AsyncIterable<A> => Stream.toAsyncIterable(Stream.interruptWhen(stream, aborted(options?.signal)))
