/** `embedded start`: a local Milvus in the foreground. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import { printDone } from "../output/print.ts"
import { note } from "../screen.ts"
import { portFlag, switchFlag, textFlag } from "./args.ts"

const start = Command.make("start", {
  data: textFlag("data", "FOLDER", "Where the data is kept (default: a temporary folder)"),
  port: portFlag("Its port (default: a free one)").pipe(Flag.withAlias("p")),
  engine: Flag.Literals("engine", ["milvus-lite", "milvus"]).pipe(
    Flag.withDescription("The light one, or the standalone server 2.3.5"),
    Flag.withMetavar("ENGINE"),
    Flag.withDefault<"milvus-lite" | "milvus">("milvus-lite"),
  ),
  python: textFlag("python", "PATH", "The Python to use"),
  install: switchFlag("install", "Make a private Python environment for it, where there is none"),
  authorization: switchFlag("authorization", "Want credentials: root with Milvus, at first (engine milvus)"),
}, ({ data, authorization, install, ...options }) =>
  Effect.scoped(Effect.gen(function* () {
    // Loaded only here: other commands start no process.
    const Embedded = yield* Effect.promise(() => import("../../Embedded.ts"))
    yield* note(`Starting ${options.engine} ...`)
    const server = yield* Embedded.start({
      ...options,
      dataDirectory: data,
      // What is left out is not asked for.
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
