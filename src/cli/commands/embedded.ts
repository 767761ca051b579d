/** `embedded start`: runs a local Milvus in the foreground. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { printDone } from "../output/print.ts"
import { note } from "../screen.ts"
import { portFlag, switchFlag, textFlag } from "./args.ts"

const start = Command.make("start", {
  data: textFlag("data", "FOLDER", "Data folder (default: a temporary one)"),
  port: portFlag("Port (default: a free one)").pipe(Flag.withAlias("p")),
  engine: Flag.Literals("engine", ["milvus-lite", "milvus"]).pipe(
    Flag.withDescription("milvus-lite (default), or milvus: the standalone server 2.3.5"),
    Flag.withMetavar("ENGINE"),
    Flag.withDefault<"milvus-lite" | "milvus">("milvus-lite"),
  ),
  python: textFlag("python", "PATH", "Python to use"),
  install: switchFlag("install", "Install the engine into a private Python environment if it is missing"),
  authorization: switchFlag(
    "authorization",
    "Require credentials, initially user root and password Milvus (engine milvus)",
  ),
}, ({ data, authorization, install, ...options }) =>
  Effect.scoped(Effect.gen(function* () {
    // Loaded on demand: only this command starts a process.
    const Embedded = yield* Effect.promise(() => import("../../Embedded.ts"))
    yield* note(`Starting ${options.engine} ...`)
    const server = yield* Embedded.start({
      ...options,
      dataDirectory: data,
      // A flag that is not set is omitted rather than false.
      install: install || undefined,
      authorization: authorization || undefined,
    })
    yield* printDone(
      `${server.engine} ${server.version} is ready at ${server.address}; its data is in ${server.dataDirectory}`,
      {
        address: server.address,
        engine: server.engine,
        version: server.version,
        pid: server.pid,
        data: server.dataDirectory,
      },
    )
    yield* note("Ctrl-C stops it.")
    yield* Effect.never
  }))).pipe(
    Command.withDescription("Run a local Milvus until Ctrl-C"),
    Command.withExamples([{ command: "embedded start --data ./milvus -p 19530" }]),
  )

/** `embedded`. */
export const embedded = Command.make("embedded").pipe(
  Command.withDescription("Run a local Milvus"),
  Command.withSubcommands([start]),
)
