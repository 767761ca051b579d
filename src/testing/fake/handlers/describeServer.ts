/** What a FakeMilvus says of itself. */
import { databaseOf, type HandlerContext, type SyncHandlers } from "./handler.ts"

/** What CheckHealth says. */
export interface Health {
  /** Whether Milvus can serve. */
  readonly isHealthy: boolean
  /** Why it cannot. */
  readonly reasons?: ReadonlyArray<string> | undefined
}

/** What a server says of itself; may change while it runs. */
export interface Identity {
  version: string
  health: Health
}

/** The RPCs with which clients connect. */
export const handshake = (identity: Identity, { store }: HandlerContext): SyncHandlers => {
  let identifiers = 0n
  return {
    Connect: (_request, call) => {
      // Milvus refuses a connection to an unknown database here.
      databaseOf(store, { db_name: "" }, call)
      return {
        identifier: ++identifiers,
        server_info: { build_tags: identity.version, deploy_mode: "STANDALONE" },
      }
    },
    GetVersion: () => ({ version: identity.version }),
    CheckHealth: () => ({ ...identity.health }),
  }
}
