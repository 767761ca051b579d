/** The default handlers of a FakeMilvus. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Descriptor from "../../../grpc/methods.ts"
import type { Messages } from "../../../contract/messages.gen.ts"
import { flushes, reads, writes } from "./rowOperations.ts"
import { type Files, imports } from "./importTasks.ts"
import { compactions, segments } from "./segmentOperations.ts"
import { obsolete, serverState } from "./serverState.ts"
import { aliases, collections, databases } from "./catalog.ts"
import { privileges, roles, users } from "./accessControl.ts"
import { handshake, type Identity } from "./describeServer.ts"
import { type HandlerContext, toEffectHandlers } from "./handler.ts"
import type { Handlers } from "../control/overrides.ts"
import { indexes, loading, partitions } from "./loading.ts"
import { replicas, resourceGroups } from "./placement.ts"
import type { AccessControl } from "../state/rbac.ts"
import { ResourceGroups } from "../state/replicas.ts"
import { Store } from "../state/store.ts"

/** Creates the default handlers with an empty store. */
export const defaultHandlers = (
  identity: Identity,
  access: AccessControl,
  queryNodes: number,
  files: Files,
): Effect.Effect<Handlers> =>
  Effect.gen(function* () {
    const context: HandlerContext = {
      store: new Store(yield* Clock.currentTimeMillis),
      access,
      groups: new ResourceGroups(queryNodes),
      isOld: () => /^v?2\.[0-3](\.|$)/.test(identity.version),
      readSchema: yield* decoderOf("milvus.proto.schema.CollectionSchema"),
      readPlaceholders: yield* decoderOf("milvus.proto.common.PlaceholderGroup"),
    }
    return toEffectHandlers({
      ...handshake(identity, context),
      ...databases(context),
      ...collections(context),
      ...aliases(context),
      ...partitions(context),
      ...indexes(context),
      ...loading(context),
      ...writes(context),
      ...reads(context),
      ...flushes(context),
      ...users(context),
      ...roles(context),
      ...privileges(context),
      ...resourceGroups(context),
      ...replicas(context),
      ...segments(context),
      ...compactions(context),
      ...imports(context, files),
      ...serverState(identity, context),
      ...obsolete(),
    })
  })

const decoderOf = <N extends keyof Messages>(name: N): Effect.Effect<(bytes: Uint8Array) => Messages[N]["output"]> =>
  Effect.flatMap(
    Descriptor.codec(name),
    (codec) =>
      codec === undefined
        ? Effect.die(new Error(`the contract has no ${name}`))
        // Cast: the codec that was found by the name decodes the message of that name.
        : Effect.succeed((bytes: Uint8Array) => codec.deserialize(bytes) as Messages[N]["output"]),
  )
