/** Serves tools over the standard input and output, until the input ends, or over HTTP. */
import * as McpProtocol from "effect/ai/McpProtocol"
import * as McpServer from "effect/ai/McpServer"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Connection from "../../Connection.ts"
import { sdkVersion } from "../../connection/handshake.ts"
import { Terminal } from "../screen.ts"
import { handlers, type Limits, readToolkit, toolkit } from "./handlers.ts"
import { type Endpoint, serveHttp } from "./http.ts"
import { stdio } from "./stdio.ts"

/** Options for {@linkcode serve}. */
export interface ServeOptions extends Limits {
  /** Where to listen for HTTP; `undefined` for the standard input and output. */
  readonly endpoint: Endpoint | undefined
  /** Whether tools that change rows are served. */
  readonly write: boolean
}

/** The path of the server over HTTP. */
export const path = "/mcp"

/** Serves the collections of a connection. */
export const serve = ({ endpoint, write, ...limits }: ServeOptions) =>
  Effect.gen(function* () {
    const connection = yield* Connection.Connection
    const all = handlers(connection, limits)
    const tools = write
      ? Layer.provide(McpServer.toolkit(toolkit), toolkit.toLayer(all))
      : Layer.provide(McpServer.toolkit(readToolkit), readToolkit.toLayer(all))
    const options = {
      name: "effect-milvus",
      version: sdkVersion,
      instructions: "Collections of a Milvus vector database. Describe a collection before you search it.",
      protocols,
      registrations: tools,
    } as const
    if (endpoint !== undefined) return yield* serveHttp(McpServer.layerHttp({ ...options, path }), endpoint, path)
    const layer = Layer.provide(McpServer.layerStdio(options), stdio(yield* Terminal))
    // It interrupts itself when the input ends.
    const exit = yield* Fiber.await(yield* Effect.forkChild(Layer.launch(layer)))
    if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.failCause(exit.cause)
  })

/** Versions of the protocol, the newest first. */
const protocols = [
  McpProtocol.v2026_07_28,
  McpProtocol.v2025_11_25,
  McpProtocol.v2025_06_18,
  McpProtocol.v2025_03_26,
] as const
