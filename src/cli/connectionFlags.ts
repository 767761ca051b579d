/**
 * Which connection a command means.
 *
 * In the shell: that of `-a`, or of the alias in use. Otherwise a connection of its own: that of `-a` as it was saved, or what the
 * environment says, or 127.0.0.1:19530. Flags that say more go over that, and in the shell too they make a connection of its own.
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

/** A blank one is refused: it is often a variable that is not set, and would mean the default. */
const optional = (name: string, description: string): Flag.Flag<string | undefined> =>
  Flag.filter(
    anyText(name, description),
    (text) => text === undefined || text.trim() !== "",
    () => "text that is not blank",
  )

/** The flags of each command that talks to a server. */
export const targetFlags = {
  alias: anyText("alias", "Connection by its alias: saved, or live in the shell (default: default)").pipe(
    Flag.withAlias("a"),
    Flag.withMetavar("ALIAS"),
  ),
  host: optional("host", "Host (default: 127.0.0.1)").pipe(Flag.withAlias("h"), Flag.withMetavar("HOST")),
  port: optional("port", "Port (default: 19530)").pipe(Flag.withAlias("p"), Flag.withMetavar("PORT")),
  uri: optional("uri", "Address as one, instead of host and port: https://example.com:443/sales").pipe(
    Flag.withMetavar("URI"),
  ),
  token: optional("token", "API key, or user:password. Others on this machine see it: prefer MILVUS_TOKEN").pipe(
    Flag.withMetavar("TOKEN"),
  ),
  tokenCommand: optional("token-command", "Command that prints the token, such as 'pass show milvus'").pipe(
    Flag.withMetavar("COMMAND"),
  ),
  user: optional("user", "User of the password").pipe(Flag.withMetavar("USER")),
  password: anyText("password", "Password; asked for where it is empty").pipe(Flag.withMetavar("PASSWORD")),
  database: optional("database", "Database (default: default)").pipe(Flag.withMetavar("NAME")),
  tls: Flag.Boolean("tls").pipe(
    Flag.withDescription("Use TLS; https:// implies it"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  ),
  ca: optional("ca", "File with the authorities to trust (PEM)").pipe(Flag.withMetavar("FILE")),
  cert: optional("cert", "File with the client's certificate (PEM)").pipe(Flag.withMetavar("FILE")),
  key: optional("key", "File with the client's private key (PEM)").pipe(Flag.withMetavar("FILE")),
  timeout: optional("timeout", "Wait so long for a server that is not ready: 500ms, 10s, 2m").pipe(
    Flag.withMetavar("TIME"),
  ),
} as const

/** What the flags say. */
export type Target = Command.Command.Config.Infer<typeof targetFlags>

/** The names of the flags, for help that tells them once. */
export const targetFlagNames: ReadonlySet<string> = new Set(
  Object.keys(targetFlags).map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)),
)

/** What connecting can fail with here. */
export type TargetError = ConnectError | AliasError | UsageError | CommandError

/** What the flags say of the connection, the alias aside. Paths hold wherever they are used later. */
export const specOf = ({ alias: _, token, password, ca, cert, key, ...rest }: Target): ConnectionSpec => ({
  // Cast: what is left is what is defined.
  ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as ConnectionSpec,
  ...(ca === undefined ? {} : { ca: resolve(ca) }),
  ...(cert === undefined ? {} : { cert: resolve(cert) }),
  ...(key === undefined ? {} : { key: resolve(key) }),
  ...(token === undefined ? {} : { token: Redacted.make(token) }),
  ...(password === undefined ? {} : { password: Redacted.make(password) }),
})

/** What is known of an alias; undefined if nothing is. An alias that was named wins over the environment. */
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

/** How to connect an alias: what the flags say over what is known. Undefined if neither says anything. */
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

/** The connection that a command means; it lives as long as the session, or as the scope. */
export const openConnection = (
  target: Target,
): Effect.Effect<Connection.Connection, TargetError, ShellConnections | Terminal | Scope.Scope> =>
  Effect.gen(function* () {
    const session = yield* ShellConnections
    const alias = target.alias ?? session.alias
    const spec = specOf(target)
    const said = Object.keys(spec)
    const isPlain = said.length === 0
    if (yield* session.connections.has(alias)) {
      const live = yield* session.connections.get(alias)
      if (isPlain) return live
      // The same in another database: by the same credentials, which need not be asked for again.
      if (said.every((name) => name === "database")) {
        return yield* Connection.fromConfig({ ...live.config, database: target.database ?? live.config.database })
      }
    }
    // What was not connected by hand is, where it was saved.
    if (session.isShell && isPlain && alias === defaultAlias) return yield* new AliasError({ alias, kind: "NotFound" })
    const whole = yield* resolveSpec(alias, target.alias !== undefined, spec)
    if (whole === undefined) {
      return yield* new AliasError({ alias, kind: session.isShell ? "NotFound" : "NotConfigured" })
    }
    if (!session.isShell || !isPlain) {
      const params = yield* paramsOf(whole)
      yield* warnAboutPlainText(params)
      return yield* Connection.connect(params)
    }
    const [connection] = yield* connectAlias(alias, whole)
    return connection
  })

/** Connects an alias of the session; says how long it took. */
export const connectAlias = (
  alias: string,
  spec: ConnectionSpec,
): Effect.Effect<readonly [Connection.Connection, Duration.Duration], TargetError, ShellConnections | Terminal> =>
  Effect.gen(function* () {
    const session = yield* ShellConnections
    // Before the clock starts: it may ask somebody.
    const params = yield* paramsOf(spec)
    yield* warnAboutPlainText(params)
    const [time, connection] = yield* Effect.timed(session.connections.connect({ alias, ...params }))
    session.specs.set(alias, spec)
    return [connection, time]
  })

/** Runs with the connection that a command means. */
export const withConnection = (target: Target) =>
<A, E, R>(
  effect: Effect.Effect<A, E, R>,
): Effect.Effect<
  A,
  E | TargetError,
  Exclude<Exclude<R, Connection.Connection>, Scope.Scope> | ShellConnections | Terminal
> =>
  Effect.scoped(
    Effect.flatMap(
      openConnection(target),
      (connection) => Effect.provideService(effect, Connection.Connection, connection),
    ),
  )
