/** Interface between the engines and the server process. */
import type * as Effect from "effect/Effect"

/** Paths of a server. */
export interface ServerPaths {
  /** Folder that is removed at the end, by this process or by the supervisor. */
  readonly temporary: string
  readonly dataDirectory: string
  readonly log: string
}

/** Instructions to start a server. */
export interface Launch {
  /** Python script that runs the server. */
  readonly script: string
  /** Argument of the script. */
  readonly parameters: object
  /** Completes when the server, which has sent its answer, is ready. */
  readonly ready: Effect.Effect<void>
}
