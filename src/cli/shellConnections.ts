/** What commands share: the connections of this process by their aliases, and which of them is in use. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Connections from "../Connections.ts"
import type { ConnectionSpec } from "./connectionSpec.ts"

/** What commands share. */
export interface ShellConnections {
  /** Whether commands come one after the other, so that connections outlive them. */
  readonly isShell: boolean
  /** The connections by their aliases. */
  readonly connections: Connections.Connections
  /** What each alias was connected with. */
  readonly specs: Map<string, ConnectionSpec>
  /** The alias in use. */
  alias: string
}

/** The service through which commands find their session. */
export const ShellConnections: Context.Service<ShellConnections, ShellConnections> = Context.Service<ShellConnections>(
  "@effect-milvus/client/cli/ShellConnections",
)

/** The alias of those who name none. */
export const defaultAlias = "default"

/** A session without connections; what it gets is disconnected with the scope. */
export const makeShellConnections = (isShell: boolean): Effect.Effect<ShellConnections, never, Scope.Scope> =>
  Effect.map(
    // Made without options, which is why it cannot fail.
    Effect.orDie(Connections.make()),
    (connections) => ({ isShell, connections, specs: new Map(), alias: defaultAlias }),
  )
