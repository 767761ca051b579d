/** What the engines and the server that is started by them agree on. */
import type * as Effect from "effect/Effect"

/** Where a server works. */
export interface ServerPaths {
  /** Removed at the end, by us or by the supervisor. */
  readonly temporary: string
  readonly dataDirectory: string
  readonly log: string
}

/** How a server is started. */
export interface Launch {
  readonly script: string
  /** The script's argument. */
  readonly parameters: object
  /** Done when the server that has answered is ready. */
  readonly ready: Effect.Effect<void>
}
