/** Handlers of the RPCs by which a server describes itself: Connect, GetVersion and CheckHealth. */
import { databaseOf, type HandlerContext, type SyncHandlers } from "./handler.ts"

/** The answer of CheckHealth. */
export interface Health {
  /** Whether the server is healthy. */
  readonly isHealthy: boolean
  /** The reasons why it is not healthy. */
  readonly reasons?: ReadonlyArray<string> | undefined
}

/** The version and health that a server reports. Both may change while it runs. */
export interface Identity {
  version: string
  health: Health
}

/** Handlers of the RPCs that clients use to connect. */
export const handshake = (identity: Identity, { store }: HandlerContext): SyncHandlers => {
  let identifiers = 0n
  return {
    Connect: (_request, call) => {
      // Refuses a connection to an unknown database, as Milvus does.
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
