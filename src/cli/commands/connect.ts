/** Commands for the connections of this process: `connect`, `disconnect`, `use` and `ping`. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Connection from "../../Connection.ts"
import { AliasError } from "../../errors.ts"
import { UsageError } from "../errors.ts"
import { printDone, printRecord } from "../output/print.ts"
import { save as saveConnection } from "../savedConnections.ts"
import { note } from "../screen.ts"
import { defaultAlias, ShellConnections } from "../shellConnections.ts"
import { connectAlias, resolveSpec, specOf, targetFlags, withConnection } from "../connectionFlags.ts"
import { withoutSecrets } from "../connectionSpec.ts"
import { aliasArgument, ifSupported, switchFlag, systemOperations, textFlag } from "./args.ts"

/** `connect`, and `connect -D`. */
export const connect = Command.make("connect", {
  target: targetFlags,
  disconnect: switchFlag("disconnect", "Disconnect the alias instead").pipe(Flag.withAlias("D")),
  save: switchFlag("save", "Save the connection in the configuration folder, without secrets"),
}, ({ target, disconnect, save }) =>
  Effect.gen(function* () {
    const shellState = yield* ShellConnections
    const alias = target.alias ?? defaultAlias
    if (disconnect) return yield* disconnectAlias(alias)
    const spec = yield* resolveSpec(alias, target.alias !== undefined, specOf(target))
    if (spec === undefined) return yield* new AliasError({ alias, kind: "NotConfigured" })
    const [{ config, server }, time] = yield* connectAlias(alias, spec)
    const milliseconds = Math.round(Duration.toMillis(time))
    shellState.alias = alias
    if (save) {
      const saved = withoutSecrets(spec)
      yield* saveConnection(alias, saved)
      if (saved.needs !== undefined) {
        const others = saved.needs === "token" ? "MILVUS_TOKEN or --token-command" : "MILVUS_PASSWORD"
        yield* note(`The ${saved.needs} is not saved; set ${others}, or enter it when asked.`)
      }
    }
    const what = save ? "connected and saved" : "connected"
    const where = config.database === "default" ? config.address : `${config.address}/${config.database}`
    yield* printDone(
      `${alias}: ${what}, ${where}, Milvus ${server.version || "of an unknown version"}, ${milliseconds} ms`,
      {
        alias,
        address: config.address,
        database: config.database,
        version: server.version,
        milliseconds,
        saved: save,
      },
    )
  })).pipe(
    Command.withDescription("Connect to Milvus under an alias, or disconnect it with -D"),
    Command.withExamples([
      { command: "connect -h localhost -p 19530 -a default" },
      { command: "connect -D" },
      { command: "connect --uri https://example.com --token-command 'pass show milvus' -a prod --save" },
    ]),
  )

/** `disconnect`. */
export const disconnect = Command.make("disconnect", {
  alias: aliasArgument("Alias (default: the one in use)").pipe(
    Argument.optional,
    Argument.map(Option.getOrUndefined),
  ),
}, ({ alias }) => Effect.flatMap(ShellConnections, (shellState) => disconnectAlias(alias ?? shellState.alias)))
  .pipe(
    Command.withDescription("Disconnect an alias"),
  )

/** Disconnects an alias. Succeeds if it is not connected, because the result is the same. */
const disconnectAlias = (alias: string) =>
  Effect.gen(function* () {
    const { connections, databases } = yield* ShellConnections
    const wasConnected = yield* connections.has(alias)
    databases.delete(alias)
    yield* connections.disconnect(alias)
    yield* printDone(wasConnected ? `${alias}: disconnected` : `${alias}: was not connected`, { alias, wasConnected })
  })

/** `use`, in the shell. */
export const use = Command.make("use", {
  alias: aliasArgument("Alias that is connected or saved (default: the one in use)").pipe(
    Argument.optional,
    Argument.map(Option.getOrUndefined),
  ),
  database: textFlag("database", "NAME", "Database of the commands that follow, on this alias"),
}, ({ alias: given, database }) =>
  Effect.gen(function* () {
    const shellState = yield* ShellConnections
    if (given === undefined && database === undefined) {
      return yield* new UsageError({ reason: "expected an alias or --database, got none", hint: "write use ALIAS" })
    }
    const alias = given ?? shellState.alias
    if (!(yield* shellState.connections.has(alias))) {
      const known = yield* resolveSpec(alias, true, {})
      if (known === undefined || Object.keys(known).length === 0) {
        return yield* new AliasError({ alias, kind: "NotFound" })
      }
      yield* connectAlias(alias, known)
    }
    if (database !== undefined) {
      const { config } = yield* shellState.connections.get(alias)
      // Fails if the server does not know the database.
      yield* Effect.scoped(Connection.fromConfig({ ...config, database }))
      shellState.databases.set(alias, database)
    }
    shellState.alias = alias
  })).pipe(
    Command.withDescription("Switch to an alias, or to another database; connects the alias if it is saved"),
    Command.withExamples([{ command: "use prod" }, { command: "use --database library" }]),
  )

/** `ping`. */
export const ping = Command.make(
  "ping",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { config, server } = yield* Connection.Connection
      const System = yield* systemOperations
      const start = performance.now()
      const version = yield* System.version()
      const milliseconds = Math.round((performance.now() - start) * 10) / 10
      const health = yield* System.health().pipe(
        Effect.map(({ isHealthy, reasons }) => isHealthy ? "healthy" : `unhealthy: ${reasons.join("; ")}`),
        // Older servers lack the call, and some users lack the privilege.
        ifSupported,
        Effect.map((health) => health ?? "unknown"),
      )
      yield* printRecord({
        address: config.address,
        version: version || server.version,
        mode: server.deployMode || undefined,
        health,
        "latency ms": milliseconds,
      })
    })),
).pipe(Command.withDescription("Check a server: latency, version, health"))
