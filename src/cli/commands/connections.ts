/** `list connections` and `drop connection`, for live and saved connections. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { printDone, printRows } from "../output/print.ts"
import { forget, readSaved, type SavedConnection } from "../savedConnections.ts"
import { ShellConnections } from "../shellConnections.ts"
import { aliasArgument } from "./args.ts"

const addressOf = ({ uri, host, port }: SavedConnection): string => uri ?? `${host ?? "127.0.0.1"}:${port ?? 19530}`

/** `list connections`. */
export const list = Command.make("connections", {}, () =>
  Effect.gen(function* () {
    const shellState = yield* ShellConnections
    const live = yield* shellState.connections.list
    const saved = yield* readSaved
    const aliases = [...new Set([...live.map(({ alias }) => alias), ...saved.keys()])]
    const rows = aliases.map((alias) => {
      const found = live.find((each) => each.alias === alias)
      const kept = saved.get(alias)
      return {
        alias,
        address: found?.address ?? (kept === undefined ? undefined : addressOf(kept)),
        state: found?.isConnected ? "connected" : "not connected",
        saved: kept === undefined ? "no" : "yes",
        ...(shellState.isShell ? { "in use": alias === shellState.alias ? "yes" : "no" } : {}),
      }
    })
    const columns = ["alias", "address", "state", "saved", ...(shellState.isShell ? ["in use"] : [])]
    yield* printRows(columns, Stream.fromIterable(rows), "connections")
  })).pipe(Command.withDescription("List live and saved connections"))

/** `drop connection`. */
export const drop = Command.make("connection", {
  alias: aliasArgument("Alias"),
}, ({ alias }) =>
  Effect.gen(function* () {
    const { connections, databases, specs } = yield* ShellConnections
    const wasSaved = yield* forget(alias)
    yield* connections.remove(alias)
    specs.delete(alias)
    databases.delete(alias)
    yield* printDone(wasSaved ? `${alias}: no longer saved` : `${alias}: was not saved`, { alias, wasSaved })
  })).pipe(Command.withDescription("Remove a saved connection, and close it"))
