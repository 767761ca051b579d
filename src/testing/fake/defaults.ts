/** What a FakeMilvus answers by itself. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Descriptor from "../../wire/descriptor.ts"
import type { Messages } from "../../wire/messages.gen.ts"
import { flushes, reads, writes } from "./data.ts"
import { aliases, collections, databases } from "./definitions.ts"
import { handshake, type Identity } from "./handshake.ts"
import { lift, type Tools } from "./plain.ts"
import type { Handlers } from "./script.ts"
import { indexes, loading, partitions } from "./serving.ts"
import { Store } from "./store.ts"

/** The handlers over an empty store. */
export const defaultHandlers = (identity: Identity): Effect.Effect<Handlers> =>
  Effect.gen(function* () {
    const tools: Tools = {
      store: new Store(yield* Clock.currentTimeMillis),
      isOld: () => /^v?2\.[0-3](\.|$)/.test(identity.version),
      readSchema: yield* reader("milvus.proto.schema.CollectionSchema"),
      readPlaceholders: yield* reader("milvus.proto.common.PlaceholderGroup"),
    }
    return lift({
      ...handshake(identity, tools),
      ...databases(tools),
      ...collections(tools),
      ...aliases(tools),
      ...partitions(tools),
      ...indexes(tools),
      ...loading(tools),
      ...writes(tools),
      ...reads(tools),
      ...flushes(tools),
    })
  })

const reader = <N extends keyof Messages>(name: N): Effect.Effect<(bytes: Uint8Array) => Messages[N]["output"]> =>
  Effect.flatMap(
    Descriptor.codec(name),
    (codec) =>
      codec === undefined
        ? Effect.die(new Error(`the contract has no ${name}`))
        // Cast: the codec of the name gives the message of the name.
        : Effect.succeed((bytes: Uint8Array) => codec.deserialize(bytes) as Messages[N]["output"]),
  )
