/** Commands for the server itself: `health` and `metrics`. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { CommandError } from "../errors.ts"
import { OutputFormat, printDetails, printRecord } from "../output/print.ts"
import type { Row } from "../output/writer.ts"
import { ifSupported, printAll, systemOperations } from "./args.ts"

/** `health`. */
export const health = Command.make(
  "health",
  { target: targetFlags },
  ({ target }) =>
    // A server that is not healthy is asked as well.
    withConnection(target, "connected")(Effect.gen(function* () {
      const System = yield* systemOperations
      const { isHealthy, reasons, quotas } = yield* System.health()
      const version = yield* System.version()
      const components = (yield* ifSupported(System.components())) ?? []
      yield* printDetails({
        version,
        healthy: isHealthy,
        reasons: reasons.length === 0 ? undefined : reasons,
        quotas: quotas.length === 0 ? undefined : quotas.map(String),
      }, {
        components: {
          columns: ["component", "node", "state"],
          rows: components.map(({ role, node, state }) => ({ component: role, node, state })),
        },
      })
      // For probes, which look at the exit code.
      if (!isHealthy) return yield* new CommandError({ reason: "the server is not healthy" })
    })),
).pipe(Command.withDescription("Show whether a server is healthy, why not, and its quotas; exit code 1 if not"))

/** `metrics`. */
export const metrics = Command.make(
  "metrics",
  { target: targetFlags },
  ({ target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { metrics } = yield* systemOperations
      const { values } = yield* metrics()
      const format = yield* OutputFormat
      if (format === "json" || format === "ndjson") return yield* printRecord(recordOf(values))
      const nodes = recordOf(values)["nodes_info"]
      yield* printAll(
        ["node", "cores", "cpu %", "memory used", "memory", "disk used", "disk"],
        (Array.isArray(nodes) ? nodes : []).map(nodeRow),
        "nodes",
      )
    })),
).pipe(
  Command.withDescription("Show processor, memory and disk of the nodes in bytes; -o json for all metrics"),
)

const nodeRow = (node: unknown): Row => {
  const infos = recordOf(recordOf(node)["infos"])
  const hardware = recordOf(infos["hardware_infos"])
  return {
    node: infos["name"],
    cores: hardware["cpu_core_count"],
    "cpu %": hardware["cpu_core_usage"],
    "memory used": hardware["memory_usage"],
    memory: hardware["memory"],
    "disk used": hardware["disk_usage"],
    disk: hardware["disk"],
  }
}

/** Returns an object as a record; an empty one for anything else. */
const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  // Cast: any object can be read by the names of its properties.
  typeof value === "object" && value !== null ? value as Readonly<Record<string, unknown>> : {}
