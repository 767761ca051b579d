/** Cases of one kind, which share collections and run one after the other. */
import type { Method, Outcome, Request, Server } from "./server.ts"

export interface Case {
  readonly name: string
  readonly run: (server: Server) => Promise<Outcome>
  /** Takes back what the case did, if it was accepted. */
  readonly undo?: (server: Server) => Promise<unknown>
}

export interface Lane {
  readonly name: string
  readonly prepare?: (server: Server) => Promise<unknown>
  readonly cases: ReadonlyArray<Case>
}

/** One call. */
export const call = <M extends Method>(name: string, method: M, request: Request<M>, undo?: Case["undo"]): Case => ({
  name: `${method}: ${name}`,
  run: (server) => server.reply(method, request),
  ...(undo === undefined ? {} : { undo }),
})
