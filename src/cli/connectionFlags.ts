/**
 * The connection flags of a command, and the connection that they select.
 *
 * In the shell, a command uses the live connection of `-a`, or of the alias in use. Outside of the shell, it opens a
 * connection of its own: the saved one of `-a`, else the one of the environment, else 127.0.0.1:19530. Other connection
 * flags override parts of that; with them, a command opens a connection of its own in the shell too.
 */
import { resolve } from "node:path"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Connection from "../Connection.ts"
import { AliasError, type ConnectError } from "../errors.ts"
import type { CommandError, UsageError } from "./errors.ts"
import { readSaved } from "./savedConnections.ts"
import { type Terminal, warn } from "./screen.ts"
import { defaultAlias, ShellConnections } from "./shellConnections.ts"
import {
  type ConnectionSpec,
  environmentSpec,
  merge,
  paramsOf,
  warnAboutPlainText,
  withAddress,
} from "./connectionSpec.ts"

const anyText = (name: string, description: string): Flag.Flag<string | undefined> =>
  Flag.String(name).pipe(Flag.withDescription(description), Flag.optional, Flag.map(Option.getOrUndefined))

/** Rejects a blank value: it is often an unset variable, and would mean the default. */
const optional = (name: string, description: string): Flag.Flag<string | undefined> =>
  Flag.filter(
    anyText(name, description),
    (text) => text === undefined || text.trim() !== "",
    () => "non-blank text",
  )

/** Connection flags, shared by all commands that call a server. */
export const targetFlags = {
  alias: anyText("alias", "Alias of a connection: saved, or live in the shell (default: default)").pipe(
    Flag.withAlias("a"),
    Flag.withMetavar("ALIAS"),
  ),
  host: optional("host", "Host (default: 127.0.0.1)").pipe(Flag.withAlias("h"), Flag.withMetavar("HOST")),
  port: optional("port", "Port (default: 19530)").pipe(Flag.withAlias("p"), Flag.withMetavar("PORT")),
  uri: optional("uri", "Address as a URI, instead of host and port: https://example.com:443/sales").pipe(
    Flag.withMetavar("URI"),
  ),
  token: optional("token", "API key, or user:password. Other users of this machine can see it: use MILVUS_TOKEN").pipe(
    Flag.withMetavar("TOKEN"),
  ),
  tokenCommand: optional("token-command", "Command that prints the token, such as 'pass show milvus'").pipe(
    Flag.withMetavar("COMMAND"),
  ),
  user: optional("user", "User name").pipe(Flag.withMetavar("USER")),
  password: anyText("password", "Password; asked for if it is empty").pipe(Flag.withMetavar("PASSWORD")),
  database: optional("database", "Database (default: default)").pipe(Flag.withMetavar("NAME")),
  tls: Flag.Boolean("tls").pipe(
    Flag.withDescription("Use TLS (implied by https://)"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  ),
  ca: optional("ca", "File with the trusted certificate authorities (PEM)").pipe(Flag.withMetavar("FILE")),
  cert: optional("cert", "File with the client certificate (PEM)").pipe(Flag.withMetavar("FILE")),
  key: optional("key", "File with the private key of the client (PEM)").pipe(Flag.withMetavar("FILE")),
  timeout: optional("timeout", "How long to wait for a server that is not ready: 500ms, 10s, 2m").pipe(
    Flag.withMetavar("TIME"),
  ),
} as const

/** Values of the connection flags. */
export type Target = Command.Command.Config.Infer<typeof targetFlags>

/** Names of the connection flags; help texts explain them in one place. */
export const targetFlagNames: ReadonlySet<string> = new Set(
  Object.keys(targetFlags).map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
)

/** Errors of opening the connection of a command. */
export type TargetError = ConnectError | AliasError | UsageError | CommandError

/** Returns the flags without the alias as a spec. Paths become absolute, so that they hold in any working directory. */
export const specOf = ({ alias: _, token, password, ca, cert, key, ...rest }: Target): ConnectionSpec => ({
  // Cast: only the defined values are left.
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as ConnectionSpec,
  ...(ca === undefined ? {} : { ca: resolve(ca) }),
  ...(cert === undefined ? {} : { cert: resolve(cert) }),
  ...(key === undefined ? {} : { key: resolve(key) }),
  ...(token === undefined ? {} : { token: Redacted.make(token) }),
  ...(password === undefined ? {} : { password: Redacted.make(password) }),
})

/**
 * Returns the known spec of an alias: live, of the environment, or saved; `undefined` if the alias is unknown. An alias
 * that was given explicitly takes precedence over the environment.
 */
const knownSpec = (
  alias: string,
  isNamed: boolean,
  environment: ConnectionSpec,
): Effect.Effect<ConnectionSpec | undefined, CommandError, ShellConnections> =>
  Effect.gen(function* () {
    const { specs } = yield* ShellConnections
    const live = specs.get(alias)
    if (live !== undefined) return live
    if (alias === defaultAlias && environment.uri !== undefined && !isNamed) return environment
    const saved = (yield* readSaved).get(alias)
    if (saved !== undefined) return withAddress(saved)
    return alias === defaultAlias ? environment : undefined
  })

/** Returns the spec of an alias, overridden by the flags; `undefined` if the alias is unknown and no flag is set. */
export const resolveSpec = (
  alias: string,
  isNamed: boolean,
  flags: ConnectionSpec,
): Effect.Effect<ConnectionSpec | undefined, CommandError, ShellConnections | Terminal> =>
  Effect.gen(function* () {
    const environment = yield* environmentSpec
    const known = yield* knownSpec(alias, isNamed, environment)
    if (known === undefined && Object.keys(flags).length === 0) return undefined
    const { spec, target, unsent } = merge(known, flags, environment)
    for (const home of unsent) yield* warn(`credentials for ${home} are not sent to ${target}`)
    return spec
  })

/**
 * Returns the connection of a command. It lives as long as the shell if it has an alias there, else as the scope.
 * `readiness` applies to a connection that lives as long as the scope.
 */
export const openConnection = (
  target: Target,
  readiness?: "connected",
): Effect.Effect<Connection.Connection, TargetError, ShellConnections | Terminal | Scope.Scope> =>
  Effect.gen(function* () {
    const shellState = yield* ShellConnections
    const alias = target.alias ?? shellState.alias
    const database = chosenDatabase(shellState, alias, target)
    const spec = { ...(database === undefined ? {} : { database }), ...specOf(target) }
    const names = Object.keys(spec)
    const isPlain = names.length === 0
    if (yield* shellState.connections.has(alias)) {
      const live = yield* shellState.connections.get(alias)
      if (isPlain) return live
      // Only the database differs: reuse the credentials instead of asking for them again.
      if (names.every((name) => name === "database")) {
        return yield* Connection.fromConfig({ ...live.config, database: spec.database ?? live.config.database })
      }
    }
    // In the shell, the default alias has to be connected explicitly; other aliases connect if they are saved.
    if (shellState.isShell && isPlain && alias === defaultAlias) {
      return yield* new AliasError({ alias, kind: "NotFound" })
    }
    const whole = yield* resolveSpec(alias, target.alias !== undefined, spec)
    if (whole === undefined) {
      return yield* new AliasError({ alias, kind: shellState.isShell ? "NotFound" : "NotConfigured" })
    }
    if (!shellState.isShell || !isPlain) {
      const params = yield* paramsOf(whole)
      yield* warnAboutPlainText(params)
      return yield* Connection.connect({ ...params, readiness })
    }
    const [connection] = yield* connectAlias(alias, whole)
    return connection
  })

/** Returns the database that `use` chose for an alias; `undefined` if the flags name another server. */
const chosenDatabase = ({ databases }: ShellConnections, alias: string, { host, port, uri }: Target) =>
  host === undefined && port === undefined && uri === undefined ? databases.get(alias) : undefined

/** Connects an alias of the shell. Returns the connection and the time that it took. */
export const connectAlias = (
  alias: string,
  spec: ConnectionSpec,
): Effect.Effect<readonly [Connection.Connection, Duration.Duration], TargetError, ShellConnections | Terminal> =>
  Effect.gen(function* () {
    const shellState = yield* ShellConnections
    // Before the clock starts: this may ask the user for a secret.
    const params = yield* paramsOf(spec)
    yield* warnAboutPlainText(params)
    const [time, connection] = yield* Effect.timed(shellState.connections.connect({ alias, ...params }))
    shellState.specs.set(alias, spec)
    // That of the connection holds again.
    shellState.databases.delete(alias)
    return [connection, time]
  })

/** Provides an effect with the connection of a command. */
export const withConnection = (target: Target, readiness?: "connected") =>
<A, E, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<
  A,
  E | TargetError,
  Exclude<Exclude<R, Connection.Connection>, Scope.Scope> | ShellConnections | Terminal
> =>
  Effect.scoped(
    Effect.flatMap(
      openConnection(target, readiness),
      (connection) => Effect.provideService(effect, Connection.Connection, connection),
    ),
  )
