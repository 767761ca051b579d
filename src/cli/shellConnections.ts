/** State that commands share: the connections of this process by alias, and what the shell is set to. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Connections from "../Connections.ts"
import type { ConnectionSpec } from "./connectionSpec.ts"

/** Connections of this process. */
export interface ShellConnections {
  /** Whether this is the shell, in which connections outlive a command. */
  readonly isShell: boolean
  /** Connections by alias. */
  readonly connections: Connections.Connections
  /** Spec with which each alias was connected. */
  readonly specs: Map<string, ConnectionSpec>
  /** Databases that `use` chose, by alias, in place of those that the aliases were connected with. */
  readonly databases: Map<string, string>
  /** Lines that were typed, oldest first. */
  readonly lines: Array<string>
  /** Alias in use. */
  alias: string
  /** Format of results that `set output` chose; `undefined` for the default. */
  output: string | undefined
}

/** Service tag of {@linkcode ShellConnections}. */
export const ShellConnections: Context.Service<ShellConnections, ShellConnections> = Context.Service<ShellConnections>(
  "@effect-milvus/client/cli/ShellConnections",
)

/** Alias that is used if none is given. */
export const defaultAlias = "default"

/** Makes an empty set of connections. Connections that are added later close with the scope. */
export const makeShellConnections = (isShell: boolean): Effect.Effect<ShellConnections, never, Scope.Scope> =>
  Effect.map(
    // Without options, this cannot fail.
    Effect.orDie(Connections.make()),
    (connections) => ({
      isShell,
      connections,
      specs: new Map(),
      databases: new Map(),
      lines: [],
      alias: defaultAlias,
      output: undefined,
    }),
  )
