/** `mcp`: serves the collections of a server as tools, by the Model Context Protocol. */
import process from "node:process"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { parsePort } from "../../config/address.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { UsageError } from "../errors.ts"
import { anyTextFlag, countFlag, switchFlag } from "./args.ts"

const httpFlag = Flag.filterMap(
  anyTextFlag(
    "http",
    "[HOST:]PORT",
    "Serve over HTTP on this port of 127.0.0.1 or of another host, instead of the standard input and output",
  ),
  (text) => {
    if (text === undefined) return Option.some(undefined)
    const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]\s]+)):)?(\d+)$/.exec(text) ?? []
    const port = parsePort(digits)
    return port === undefined ? Option.none() : Option.some({ host: bracketed ?? plain ?? "127.0.0.1", port })
  },
  () => "a port from 1 to 65535, or host:port",
)

const isLoopback = (host: string): boolean => /^(127(\.\d{1,3}){3}|localhost|::1)$/i.test(host)

/** Returns where to listen, with the token that clients need. */
const endpointOf = (address: { readonly host: string; readonly port: number }) => {
  const token = process.env["MILVUS_MCP_TOKEN"] || undefined
  return token === undefined && !isLoopback(address.host)
    ? Effect.fail(
      new UsageError({
        reason: `anyone could reach ${address.host} without a token`,
        hint: "set MILVUS_MCP_TOKEN, or listen on 127.0.0.1",
      }),
    )
    : Effect.succeed({ ...address, token: token === undefined ? undefined : Redacted.make(token) })
}

const defaultRows = 100
const defaultBytes = 100_000
/** Room for a sentence. */
const leastBytes = 1000

/** `mcp`. */
export const mcp = Command.make(
  "mcp",
  {
    http: httpFlag,
    write: switchFlag("write", "Also serve tools that insert and delete rows"),
    maxRows: countFlag("max-rows", `Maximum number of rows of a reply, and of an insert (default: ${defaultRows})`),
    maxBytes: Flag.filter(
      countFlag("max-bytes", `Maximum size of a reply as JSON, in bytes (default: ${defaultBytes})`),
      (bytes) => bytes === undefined || bytes >= leastBytes,
      () => `at least ${leastBytes}`,
    ),
    target: targetFlags,
  },
  ({ http, write, maxRows = defaultRows, maxBytes = defaultBytes, target }) =>
    Effect.gen(function* () {
      const endpoint = http === undefined ? undefined : yield* endpointOf(http)
      yield* withConnection(target)(Effect.gen(function* () {
        // Loaded on demand, since no other command needs it.
        const { serve } = yield* Effect.promise(() => import("../mcp/serve.ts"))
        yield* serve({ endpoint, write, maxRows, maxBytes })
      }))
    }),
).pipe(
  Command.withDescription("Serve collections as tools of the Model Context Protocol, until the input ends"),
  Command.withExamples([
    { command: "mcp --uri http://localhost:19530" },
    { command: "mcp --http 8808 --write --max-rows 20" },
  ]),
)
