/** `watch`: prints the states of a connection, line by line, until Ctrl-C. */
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Connection from "../../Connection.ts"
import { printable } from "../output/cells.ts"
import { OutputFormat } from "../output/print.ts"
import { csvWriter, ndjsonWriter } from "../output/writer.ts"
import { print, sendData, styled, Terminal } from "../screen.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { countFlag } from "./args.ts"

const columns = ["time", "address", "state"]

/** `watch`. */
export const watch = Command.make("watch", {
  count: countFlag("count", "Stop after this number of states"),
  target: targetFlags,
}, ({ count = Infinity, target }) =>
  withConnection(target)(Effect.gen(function* () {
    const { changes, config } = yield* Connection.Connection
    const { out } = yield* Terminal
    const format = yield* OutputFormat
    // The stream does not end: a JSON array would never be complete.
    const writer = format === "csv" ? csvWriter(columns) : ndjsonWriter()
    yield* Stream.runForEach(Stream.take(changes, count), (state) => {
      const time = new Date()
      if (format !== "table") return sendData(out, writer.rows([{ time, address: config.address, state }]))
      const clock = time.toTimeString().slice(0, 8)
      return print(
        out,
        `${clock}  ${printable(config.address)}  ${styled(out, state === "Ready" ? "green" : "yellow", state)}\n`,
      )
    })
  }))).pipe(Command.withDescription("Print the state of a connection whenever it changes, until Ctrl-C"))
