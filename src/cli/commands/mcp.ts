/** `mcp`: serves the collections of a server as tools, by the Model Context Protocol. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parsePort } from "../../config/address.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { anyTextFlag, countFlag, switchFlag } from "./args.ts"

const httpFlag = Flag.filterMap(
  anyTextFlag("http", "PORT", "Serve over HTTP on this port of 127.0.0.1, instead of the standard input and output"),
  (text) => {
    const port = text === undefined ? undefined : parsePort(text)
    return text !== undefined && port === undefined ? Option.none() : Option.some(port)
  },
  () => "a port from 1 to 65535",
)

const defaultRows = 100
const defaultBytes = 100_000

/** `mcp`. */
export const mcp = Command.make(
  "mcp",
  {
    http: httpFlag,
    write: switchFlag("write", "Also serve tools that insert and delete rows"),
    maxRows: countFlag("max-rows", `Maximum number of rows of a reply, and of an insert (default: ${defaultRows})`),
    maxBytes: countFlag("max-bytes", `Maximum size of a reply as JSON, in bytes (default: ${defaultBytes})`),
    target: targetFlags,
  },
  ({ http, write, maxRows = defaultRows, maxBytes = defaultBytes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      // Loaded on demand, since no other command needs it.
      const { serve } = yield* Effect.promise(() => import("../mcp/serve.ts"))
      yield* serve({ port: http, write, maxRows, maxBytes })
    })),
).pipe(
  Command.withDescription("Serve collections as tools of the Model Context Protocol, until the input ends"),
  Command.withExamples([
    { command: "mcp --uri http://localhost:19530" },
    { command: "mcp --http 8808 --write --max-rows 20" },
  ]),
)
