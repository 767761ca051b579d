/**
 * Replication between Milvus clusters: its configuration, and how far it is.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite does not replicate (`Unsupported`).
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import { operate } from "./shared/operate.ts"
import { checkFlag, optionNames } from "./shared/options.ts"
import { currentConnection } from "./shared/currentConnection.ts"
import { readId, timestampToDate } from "./shared/decode.ts"
import { streamOperation } from "./shared/operation.ts"

/** A cluster that takes part. */
export interface Cluster {
  /** The id of the cluster. */
  readonly id: string
  /** The URI at which the other clusters reach it. */
  readonly uri: string
  /** The token with which they connect; empty for none. */
  readonly token: string | Redacted.Redacted<string>
  /** The physical channels of its log. */
  readonly channels: ReadonlyArray<string>
}

/** Configuration of the replication. */
export interface ReplicationConfig {
  /** The clusters. */
  readonly clusters: ReadonlyArray<Cluster>
  /** Which cluster replicates to which, by their ids. */
  readonly topology: ReadonlyArray<{ readonly source: string; readonly target: string }>
}

/** Options for {@linkcode configure}. */
export interface ConfigureOptions extends Connection.CallOptions {
  /**
   * Whether a secondary cluster becomes primary even if the primary cannot be reached. What was not replicated is lost.
   *
   * @default false
   */
  readonly forcePromote?: boolean | undefined
}

const configureOptionNames = optionNames<ConfigureOptions>("forcePromote")

/**
 * Replaces the configuration of the replication.
 *
 * Calls `UpdateReplicateConfiguration`. Milvus 2.6.2 and later.
 */
export const configure = (
  config: ReplicationConfig,
  options?: ConfigureOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("UpdateReplicateConfiguration", options, () =>
    Result.gen(function* () {
      yield* checkFlag("forcePromote", options?.forcePromote)
      const clusters = yield* readList("config.clusters", config?.clusters, encodeCluster)
      const topology = yield* readList("config.topology", config?.topology, encodeEdge)
      const ids = new Set(clusters.map(({ cluster_id }) => cluster_id))
      if (ids.size < clusters.length) return yield* failParam("config.clusters", "clusters with different ids")
      for (const { source_cluster_id, target_cluster_id } of topology) {
        for (const id of [source_cluster_id, target_cluster_id]) {
          if (!ids.has(id)) return yield* failParam("config.topology", "ids of config.clusters", id)
        }
      }
      return {
        replicate_configuration: { clusters, cross_cluster_topology: topology },
        force_promote: options?.forcePromote ?? false,
      }
    }), { options: configureOptionNames }))

const readList = <A>(
  parameter: string,
  given: unknown,
  decode: (parameter: string, one: Readonly<Record<string, unknown>>) => Decoded<A>,
): Decoded<ReadonlyArray<A>> =>
  Result.gen(function* () {
    if (!Array.isArray(given)) return yield* failParam(parameter, "a list", given)
    const decoded: Array<A> = []
    for (const [index, one] of given.entries()) {
      const name = `${parameter}[${index}]`
      if (typeof one !== "object" || one === null) return yield* failParam(name, "an object", one)
      decoded.push(yield* decode(name, one))
    }
    return decoded
  })

const encodeCluster = (parameter: string, { id, uri, token = "", channels }: Readonly<Record<string, unknown>>) =>
  Result.gen(function* () {
    const plain = Redacted.isRedacted(token) ? Redacted.value(token) : token
    // Without the value, which is a secret.
    if (typeof plain !== "string") return yield* failParam(`${parameter}.token`, "text, perhaps Redacted")
    if (!Array.isArray(channels) || channels.length === 0) {
      return yield* failParam(`${parameter}.channels`, "a list of at least one channel", channels)
    }
    const pchannels: Array<string> = []
    for (const [index, channel] of channels.entries()) {
      pchannels.push(yield* readName(`${parameter}.channels[${index}]`, channel))
    }
    return {
      cluster_id: yield* readName(`${parameter}.id`, id),
      connection_param: { uri: yield* readName(`${parameter}.uri`, uri), token: plain },
      pchannels,
    }
  })

const encodeEdge = (parameter: string, { source, target }: Readonly<Record<string, unknown>>) =>
  Result.gen(function* () {
    return {
      source_cluster_id: yield* readName(`${parameter}.source`, source),
      target_cluster_id: yield* readName(`${parameter}.target`, target),
    }
  })

/**
 * Returns the configuration of the replication; tokens are `Redacted`.
 *
 * Calls `GetReplicateConfiguration`. Milvus 2.6.12 and later.
 */
export const config = (
  options?: Connection.CallOptions,
): Effect.Effect<ReplicationConfig, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetReplicateConfiguration", options, () => Result.succeed({})),
    ({ configuration }) => ({
      clusters: (configuration?.clusters ?? []).map(({ cluster_id, connection_param, pchannels }) => ({
        id: cluster_id,
        uri: connection_param?.uri ?? "",
        token: Redacted.make(connection_param?.token ?? ""),
        channels: pchannels,
      })),
      topology: (configuration?.cross_cluster_topology ?? []).map(({ source_cluster_id, target_cluster_id }) => ({
        source: source_cluster_id,
        target: target_cluster_id,
      })),
    }),
  )

/** A position in the log of a channel. */
export interface Checkpoint {
  /** The cluster. */
  readonly cluster: string
  /** The physical channel. */
  readonly channel: string
  /** The message, as the log of the cluster names it. */
  readonly messageId: string | undefined
  /** The time of the message, as a Milvus timestamp. */
  readonly timestamp: bigint
  /** The time of the message. */
  readonly time: Date | undefined
}

/** Progress of the replication of a channel. */
export interface ReplicationProgress {
  /** The last message that was replicated; `undefined` if none was. */
  readonly checkpoint: Checkpoint | undefined
  /** From where messages have to be saved after a forced promotion; `undefined` if there is nothing to save. */
  readonly salvageCheckpoint: Checkpoint | undefined
}

/**
 * Returns how far the replication from a cluster is, for one of its channels. It is asked of the cluster that it goes
 * to.
 *
 * Calls `GetReplicateInfo`. Milvus 2.6.2 and later.
 */
export const progress = (
  source: string,
  channel: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReplicationProgress, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetReplicateInfo", options, () =>
      Result.gen(function* () {
        return {
          source_cluster_id: yield* readName("source", source),
          target_pchannel: yield* readName("channel", channel),
        }
      })),
    ({ checkpoint, salvage_checkpoint }) => ({
      checkpoint: checkpointOf(checkpoint),
      salvageCheckpoint: checkpointOf(salvage_checkpoint),
    }),
  )

const checkpointOf = (
  given: Connection.Methods["GetReplicateInfo"]["response"]["checkpoint"],
): Checkpoint | undefined =>
  given === null ? undefined : {
    cluster: given.cluster_id,
    channel: given.pchannel,
    messageId: given.message_id?.id,
    timestamp: given.time_tick,
    time: timestampToDate(given.time_tick),
  }

/**
 * Writes messages of another cluster's log to a channel, and returns the position after them.
 *
 * Calls `ReplicateMessage`. Milvus 2.3.2 and later, for programs that replicate clusters of Milvus before 2.6.
 *
 * @deprecated Milvus 2.6 replicates by streams.
 */
export const replicateMessages = (
  request: Connection.Methods["ReplicateMessage"]["request"],
  options?: Connection.CallOptions,
): Effect.Effect<string, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ReplicateMessage", options, () =>
      Result.map(readName("request.channel_name", request?.channel_name), () =>
        request)),
    ({ position }) =>
      position,
  )

/** A message of the log of a channel. */
export interface LogMessage {
  /** The message, as the log of the cluster names it. */
  readonly id: string
  /** The content. */
  readonly payload: Uint8Array
  /** The properties, unchanged. */
  readonly properties: Readonly<Record<string, string>>
}

/** Which messages {@linkcode dumpMessages} reads. */
export interface DumpRange {
  /** The physical channel. */
  readonly channel: string
  /** The message to begin with, and the kind of the log, such as `"WoodPecker"`. */
  readonly from: { readonly id: string; readonly log: Exclude<WalName, number> }
  /**
   * The time from which messages are read, as a Milvus timestamp.
   *
   * @default That of the message to begin with.
   */
  readonly start?: bigint | undefined
  /** The time up to which messages are read, as a Milvus timestamp. Without it, the stream does not end. */
  readonly end?: bigint | undefined
  /**
   * Whether the message to begin with is read as well.
   *
   * @default false
   */
  readonly inclusive?: boolean | undefined
}

type WalName = NonNullable<
  NonNullable<Connection.StreamingMethods["DumpMessages"]["request"]["start_message_id"]>["WAL_name"]
>

/**
 * Reads messages of the log of a channel, such as those to be saved after a forced promotion.
 *
 * Calls `DumpMessages`, which streams. Milvus 2.6.14 and later. It is cancelled on the server when the stream is
 * interrupted or not read to its end.
 */
export const dumpMessages = (
  { channel, from, start, end, inclusive }: DumpRange,
  options?: Connection.StreamOptions,
): Stream.Stream<LogMessage, CallError | ParamError, Connection.Connection> =>
  streamOperation(
    "Replication.dumpMessages",
    undefined,
    options,
    Stream.unwrap(Effect.gen(function* () {
      const request = yield* Effect.fromResult(Result.gen(function* () {
        yield* checkFlag("inclusive", inclusive)
        return {
          pchannel: yield* readName("channel", channel),
          start_message_id: { id: yield* readName("from.id", from?.id), WAL_name: from.log },
          ...(start === undefined ? {} : { start_timetick: yield* readId("start", start) }),
          ...(end === undefined ? {} : { end_timetick: yield* readId("end", end) }),
          include_start_message: inclusive ?? false,
        }
      }))
      const connection = yield* currentConnection(options)
      return connection.stream("DumpMessages", request, options)
    })).pipe(
      Stream.filterMap(({ message }) =>
        message === undefined
          ? Result.fail(undefined)
          : Result.succeed({ id: message.id?.id ?? "", payload: message.payload, properties: message.properties })
      ),
    ),
  )

/**
 * Replicates messages of another cluster's log to this one: sends them as they come, and emits how far the cluster is.
 *
 * Calls `CreateReplicateStream`, which streams both ways. Milvus 2.6.2 and later. A failure of `messages` is a failure
 * of the stream. If it ends before the last confirmation, what was not confirmed may have been applied.
 */
export const replicate = <E, R>(
  messages: Stream.Stream<Connection.StreamingMethods["CreateReplicateStream"]["request"], E, R>,
  options?: Connection.StreamOptions,
): Stream.Stream<
  Connection.StreamingMethods["CreateReplicateStream"]["response"],
  CallError | E,
  Connection.Connection | R
> =>
  streamOperation(
    "Replication.replicate",
    undefined,
    options,
    Stream.unwrap(
      Effect.map(currentConnection(options), ({ stream }) => stream("CreateReplicateStream", messages, options)),
    ),
  )
