/**
 * Mutants: changes of the sources that each break a guarantee, with the test that must fail. `mutations.ts` runs them.
 *
 * A mutant is a plausible mistake that the types allow. It names the text that it replaces, which must occur exactly once
 * in its file. A mutant whose text is gone is an error, as is one whose test does not exist.
 */
import { install as installGoawayGuard } from "../../src/workarounds/denoGoaway.ts"
import { planMutants } from "./planMutants.ts"

/** A change of the sources that breaks a guarantee. */
export interface Mutant {
  /** The guarantee that it breaks. */
  readonly guarantee: string
  /** The mistake. */
  readonly breaks: string
  /** Path of the file from the root of the project. */
  readonly file: string
  /** Text that occurs once in the file. */
  readonly find: string
  /** Replacement of the text. */
  readonly replace: string
  /** File and name of the test that fails. A part of the name is enough if it is unique in the file. */
  readonly test: readonly [path: string, name: string]
}

/** Returns mutants that break one guarantee. */
const against = (
  guarantee: string,
  ...mutants: ReadonlyArray<Omit<Mutant, "guarantee">>
): ReadonlyArray<Mutant> => mutants.map((mutant) => ({ guarantee, ...mutant }))

const connection = "tests/Connection_test.ts"
const channels = "tests/Connection_channels_test.ts"
const connectionCalls = "tests/Connection_calls_test.ts"
const calls = "tests/connection/calls_test.ts"
const pool = "tests/connection/pool_test.ts"
const servers = "tests/connection/servers_test.ts"
const primary = "tests/connection/primary_test.ts"
const connections = "tests/Connections_test.ts"
const search = "tests/operations/rows/search_test.ts"
const closableClient = "tests/workarounds/grpcClosableClient_test.ts"
const streams = "tests/connection/streams_test.ts"
const streamsRepeat = "tests/connection/streams_repeat_test.ts"
const pings = "tests/workarounds/grpcPings_test.ts"

/** All mutants. */
export const mutants: ReadonlyArray<Mutant> = [
  ...planMutants,
  ...against(
    "A scope that closes for any reason leaves nothing open",
    {
      breaks: "the finalizer of a connection is left out",
      file: "src/Connection.ts",
      find: "yield* Scope.addFinalizer(scope, release(connection, servers))",
      replace: "yield* Effect.void",
      test: [channels, "A scope that closes for any reason leaves nothing open: interruption"],
    },
    {
      breaks: "the finalizer of a transport is left out",
      file: "src/grpc/transport.ts",
      find: "(transport) => transport.close,",
      replace: "() => Effect.void,",
      test: [channels, "A scope that closes for any reason leaves nothing open: success"],
    },
    {
      breaks: "a transport stays open after its last connection",
      file: "src/grpc/transport.ts",
      find: "RcMap.make({ lookup: open })",
      replace: `RcMap.make({ lookup: open, idleTimeToLive: "1 minute" })`,
      test: [channels, "A scope that closes for any reason leaves nothing open: defect"],
    },
    {
      breaks: "an interruption may happen between the acquisition of a slot and its finalizer",
      file: "src/connection/servers.ts",
      find: "return Effect.map(acquireSlot(config.address), () => {",
      replace:
        "return Effect.map(Effect.interruptible(Effect.andThen(acquireSlot(config.address), Effect.yieldNow)), () => {",
      test: [channels, "connect interrupted in its first event loop turns leaves nothing open"],
    },
    {
      breaks: "the slot of a connection is not released",
      file: "src/connection/servers.ts",
      find: "releaseSlot(pool.config.address)",
      replace: "void releaseSlot",
      test: [channels, "A scope that closes for any reason leaves nothing open: failure"],
    },
    {
      breaks: "a failed connect releases nothing until the scope of its caller closes",
      file: "src/Connection.ts",
      find: "(exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void,",
      replace: "() => Effect.void,",
      test: [channels, "a failed connect releases everything at once, although its scope stays open"],
    },
    {
      breaks: "the calls of a connection that closes continue if another connection uses its channel",
      file: "src/connection/calls.ts",
      find: "    this.#inFlight.cancelAll()\n",
      replace: "",
      test: [connectionCalls, "a scope that closes cancels its calls, also on a channel that another connection uses"],
    },
    {
      breaks: "calls that wait for another attempt continue when their connection closes",
      file: "src/connection/calls.ts",
      find: "if (this.#closing !== undefined) Deferred.doneUnsafe(this.#closing, Exit.fail(this.#closed()))",
      replace: "",
      test: [connectionCalls, "a scope that closes ends calls that wait"],
    },
    {
      breaks: "the successor of a channel is not closed with its transport",
      file: "src/grpc/transport.ts",
      find: "...this.#successor === undefined ? [] : [this.#successor], ",
      replace: "",
      test: [pool, "a scope that closes while a channel is replaced leaves nothing open"],
    },
  ),
  ...against(
    "Closing a channel ends everything that grpc-js does for it",
    {
      breaks: "a client that waits for its turn or its credentials starts to connect after its close",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "connecting.throwIfAborted()",
      replace: "",
      test: [closableClient, "closing a client that waits for its credentials starts no connection"],
    },
    {
      breaks: "a TCP connection that is being opened is not ended",
      file: "src/workarounds/grpcClosableClient.ts",
      find: `if (!isReady) connecting.abort(new Error("Channel closed while connecting"))`,
      replace: "",
      test: [closableClient, "a connection that is not accepted yet ends with its client"],
    },
    {
      breaks: "a client connects when its name is resolved after its close",
      file: "src/workarounds/grpcClosableClient.ts",
      find: `Reflect.set(Object(resolver), "listener", () => true)`,
      replace: "void resolver",
      test: [closableClient, "closing a client in the event loop turn in which it starts leaves nothing open"],
    },
    {
      breaks: "the timer of the next address is not cleared",
      file: "src/workarounds/grpcClosableClient.ts",
      find: `clearTimeout(get(policy, "connectionDelayTimeout") as undefined)`,
      replace: "void policy",
      test: [closableClient, "closing a client whose peer sends nothing leaves no socket and no timer"],
    },
    {
      breaks: "the timer of the backoff is not cleared",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "if (Predicate.isFunction(stop)) Reflect.apply(stop, backoff, [])",
      replace: "void stop",
      test: [closableClient, "closing a client that waits between two attempts leaves no timer"],
    },
    {
      breaks: "the socket of a session is not closed before its peer closes it",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "process.nextTick(() => socket.destroySoon())",
      replace: "",
      test: [closableClient, "closing a client that is ready, and whose peer is silent, leaves no socket"],
    },
    {
      breaks: "the close ends before its sockets are closed",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "if (sockets.size === 0) return onClosed()",
      replace: "if (sockets.size >= 0) return onClosed()",
      test: [closableClient, "close invokes its callback when no socket is left"],
    },
  ),
  ...against(
    "Interrupting a call cancels it on the server",
    {
      breaks: "an interrupted call is not cancelled",
      file: "src/grpc/call.ts",
      find: "        inFlight.remove(stop)\n        stop()",
      replace: "        inFlight.remove(stop)",
      test: [connectionCalls, "Interrupting a call cancels it on the server"],
    },
  ),
  ...against(
    "Nothing is retried that could be applied twice",
    {
      breaks: "a lost insert is retried",
      file: "src/retry/retryCall.ts",
      find: "return isIdempotent ? { spendsBudget: true, delayFactor: 1, minDelay } : undefined\n  }",
      replace: "return { spendsBudget: true, delayFactor: 1, minDelay }\n  }",
      test: [connectionCalls, "Nothing is retried that could be applied twice"],
    },
    {
      breaks: "a lost insert is reported as not sent",
      file: "src/grpc/call.ts",
      find: `isUnsent ? "NotSent" : progressOf(code, progress)`,
      replace: `"NotSent"`,
      test: [connectionCalls, "Nothing is retried that could be applied twice"],
    },
    {
      breaks: "a GOAWAY with a lower stream is not noticed",
      file: "src/workarounds/replyRules.ts",
      find: `if (typeof id === "number" && id > lastStream) return true`,
      replace: "if (id === undefined) return true",
      test: [
        "tests/workarounds/grpcStreams_test.ts",
        "rule 14: an insert is retried if a GOAWAY with an error names a lower stream",
      ],
    },
    {
      breaks: "only the first of many deadlines is noticed",
      file: "src/grpc/session.ts",
      find: "    this.#wakeAt(next)\n",
      replace: "",
      test: ["tests/grpc/sessionCall_test.ts", "many deadlines end each at its time, and leave no timer"],
    },
    {
      breaks: "a session that is not as expected is used",
      file: "src/workarounds/grpcSession.ts",
      find: "!Predicate.isString(authority) || !Predicate.isString(userAgent)",
      replace: "!Predicate.isString(authority)",
      test: [
        "tests/grpc/sessionCall_test.ts",
        "a session without the expected userAgent is not used, which is reported once",
      ],
    },
    {
      breaks: "a call whose deadline passed on the server is reported as not sent",
      file: "src/workarounds/replyRules.ts",
      find: `return !isAnswering && rstCode === refusedStream`,
      replace: "return !isAnswering",
      test: [connectionCalls, "a call is bounded by its timeout, or by the callTimeout of its connection"],
    },
    {
      breaks: "an insert is retried if Milvus reports `retriable`",
      file: "src/retry/retryCall.ts",
      find: `return isIdempotent || error.refusal === "NotReady" ?`,
      replace: "return isIdempotent || error.retriable ?",
      test: [calls, "Insert is not retried after retriable: true"],
    },
    {
      breaks: "an upsert counts as idempotent",
      file: "src/contract/rpcs.ts",
      find: `Upsert: writes("2.3.0"`,
      replace: `Upsert: reads("2.3.0"`,
      test: ["tests/contract/rpcs_test.ts", "isIdempotent is false for every RPC that changes data or settings"],
    },
  ),
  ...against(
    "A call is not retried if a retry cannot succeed, or the server forbids it",
    {
      breaks: "RESOURCE_EXHAUSTED is retried",
      file: "src/errors.ts",
      find: `if (this.code === "UNAVAILABLE") return true`,
      replace: `if (this.code === "UNAVAILABLE" || this.code === "RESOURCE_EXHAUSTED") return true`,
      test: [calls, "Query is not retried after RESOURCE_EXHAUSTED"],
    },
    {
      breaks: "an insert by a plain name is retried with a new definition after any failure",
      file: "src/operations/rows/write.ts",
      find: "failures.every(({ isOutdated }) => isOutdated)",
      replace: "true",
      test: [search, "an insert by a plain name is retried only for an outdated schema"],
    },
    {
      breaks: "a force-deny is retried",
      file: "src/errors.ts",
      find: `this.refusal === "ForceDeny" || this.refusal === "SchemaMismatch"`,
      replace: `this.refusal === "SchemaMismatch"`,
      test: [calls, "Query is not retried after force-deny"],
    },
    {
      breaks: "code 8 of an older server, an illegal index type, counts as a rate limit",
      file: "src/grpc/status.ts",
      find: "const refusal = refusalOf(status)",
      replace: "const refusal = refusalOf({ ...status, code })",
      test: [calls, "Insert is not retried after an illegal index type of an older server"],
    },
    {
      breaks: "a negative pushback does not prevent a retry",
      file: "src/grpc/call.ts",
      find: "? Number(given) : Infinity",
      replace: "? Number(given) : 0",
      test: [calls, "a retry waits for the pushback of the server, and a negative pushback prevents it"],
    },
    {
      breaks: "refused credentials are retried",
      file: "src/connection/notReady.ts",
      find: `mayBeMisclassified || kind === "Timeout"`,
      replace: `mayBeMisclassified || kind === "Unauthenticated" || kind === "Timeout"`,
      test: [connection, "connect fails with NotReady Unauthenticated when credentials are refused"],
    },
  ),
  ...against(
    "Retries do not overload a server that fails",
    {
      breaks: "the budget does not limit retries",
      file: "src/connection/calls.ts",
      find: "!this.#servers.budget.withdraw()",
      replace: "false",
      test: [calls, "calls do not retry more often than their budget allows"],
    },
    {
      breaks: "the budget does not refill over time",
      file: "src/retry/budget.ts",
      find: "this.deposit(Math.max(now - this.#countedAt, 0) / 1000 * trickle)",
      replace: "void trickle",
      test: [calls, "RetryBudget gains 10 retries a second"],
    },
    {
      breaks: "the budget does not refill with calls",
      file: "src/retry/budget.ts",
      find: "this.#balance = Math.min(reserve, this.#balance + retries)",
      replace: "this.#balance = Math.min(reserve, this.#balance)",
      test: [calls, "RetryBudget allows its reserve, then what calls deposit, up to its capacity"],
    },
    {
      breaks: "a retry of a call that was not sent spends the budget",
      file: "src/retry/retryCall.ts",
      find: `if (error.progress === "NotSent") return { spendsBudget: false,`,
      replace: `if (error.progress === "NotSent") return { spendsBudget: true,`,
      test: [
        calls,
        "a call whose stream the server refuses is retried without using the budget, also a write",
      ],
    },
  ),
  ...against(
    "Releasing never fails, and never takes longer than its bound",
    {
      breaks: "a drain does not wait for the calls in flight",
      file: "src/connection/calls.ts",
      find: "return Effect.timeoutOption(this.#inFlight.idle, bound)",
      replace: "return Effect.void",
      test: [connectionCalls, "drain refuses new calls at once and lets calls in flight end"],
    },
    {
      breaks: "a drain waits without a bound",
      file: "src/connection/calls.ts",
      find: "return Effect.timeoutOption(this.#inFlight.idle, bound)",
      replace: "return Effect.as(this.#inFlight.idle, bound)",
      test: [connectionCalls, "Releasing never fails, and never takes longer than its bound"],
    },
    {
      breaks: "a drain accepts new calls",
      file: "src/connection/calls.ts",
      find: "this.#isDraining = true\n      return Effect.timeoutOption",
      replace: "return Effect.timeoutOption",
      test: [connections, "disconnect refuses new calls at once and lets calls in flight end"],
    },
  ),
  ...against(
    "One deadline covers all attempts",
    {
      breaks: "each attempt has its own deadline",
      file: "src/connection/calls.ts",
      find: "          : this.#callSlowly(call, error)",
      replace: "          : Effect.andThen(Effect.sleep(5), this.make(method, request, options))",
      test: [calls, "one deadline covers all attempts, and a delay that would exceed it is not started"],
    },
    {
      breaks: "a call waits for its credential beyond its deadline",
      file: "src/connection/calls.ts",
      find: "return deadline === Infinity ? attempts : Effect.suspend",
      replace: "return deadline > 0 ? attempts : Effect.suspend",
      test: [pool, "waiting for a credential is bounded by the deadline of the call"],
    },
    {
      breaks: "connecting continues after `connectTimeout`",
      file: "src/connection/handshake.ts",
      find: "Effect.timeoutOrElse({ duration: remaining(), orElse",
      replace: "Effect.timeoutOrElse({ duration: Duration.sum(remaining(), Duration.seconds(5)), orElse",
      test: [connection, "connect reports the last failure other than its own timeout"],
    },
  ),
  ...against(
    "A connection is ready only if its server is healthy, and failures are not cached",
    {
      breaks: "the answer to CheckHealth is ignored",
      file: "src/connection/handshake.ts",
      find: "isHealthy ? Effect.void :",
      replace: "isHealthy !== undefined ? Effect.void :",
      test: [connection, "connect fails with NotReady Unhealthy when CheckHealth says no"],
    },
    {
      breaks: "an answer to CheckHealth is cached",
      file: "src/grpc/singleFlight.ts",
      find: "this.#running.delete(key)",
      replace: "",
      test: [connection, "connect retries while the server is not healthy yet"],
    },
    {
      breaks: "the failure of a repeated handshake is cached",
      file: "src/connection/pool.ts",
      find: "pooled.renewal = undefined\n",
      replace: "",
      test: [
        connectionCalls,
        "a call whose repeated handshake fails ends with NotReady, and the next call tries again",
      ],
    },
    {
      breaks: "a handshake that started before a call fails the call",
      file: "src/connection/pool.ts",
      find: "const isShared = pooled.renewal !== undefined",
      replace: "const isShared = false",
      test: [connectionCalls, "a call does not fail with a handshake that started before it"],
    },
  ),
  ...against(
    "A wait ends when the work is done, and not earlier",
    {
      breaks: "a wait for an index does not include the rows that were written after its creation",
      file: "src/operations/shared/indexBuild.ts",
      find: "(pending_index_rows <= 0n || indexed_rows >= goal)",
      replace: "goal >= 0n",
      test: [
        "tests/operations/shared/waiting_test.ts",
        "rule 7: waiting for an index waits for the rows that were written after it, and not for still later ones",
      ],
    },
  ),
  ...against(
    "The database of a call is in its request",
    {
      breaks: "the request does not name a database",
      file: "src/connection/pool.ts",
      find: "Call.attempt(call, inDatabase)",
      replace: "Call.attempt(call, request)",
      test: ["tests/connection/requestDatabase_test.ts", "a call in a database names it in its request"],
    },
  ),
  ...against(
    "After a lost session the handshake is repeated once, before the next call",
    {
      breaks: "it is not repeated",
      file: "src/connection/pool.ts",
      find: "return this.sessionAtHandshake === this.transport.lostSessions",
      replace: "return this.sessionAtHandshake >= 0",
      test: [connectionCalls, "after a lost session the handshake is repeated once before the next call"],
    },
    {
      breaks: "it is repeated for every call that waits",
      file: "src/connection/pool.ts",
      find: "if (pooled.renewal !== undefined) return restore(Deferred.await(pooled.renewal))",
      replace: "",
      test: [connectionCalls, "after a lost session the handshake is repeated once before the next call"],
    },
    {
      breaks: "the interruption of a call that waits ends the handshake of the others",
      file: "src/connection/pool.ts",
      find: "Effect.forkIn(this.#runHandshake(pooled), this.scope), (fiber)",
      replace: "Effect.forkChild(this.#runHandshake(pooled)), (fiber)",
      test: [connectionCalls, "after a lost session the handshake is repeated once before the next call"],
    },
    {
      breaks: "the channel reconnects only at the next call",
      file: "src/grpc/transport.ts",
      find: "this.lostSessions++\n      this.connect()",
      replace: "this.lostSessions++",
      test: [connectionCalls, "a transport reconnects by itself after a lost session"],
    },
  ),
  ...against(
    "One holder's close, failure or credentials never affect another holder",
    {
      breaks: "the headers of a call are stored on the shared transport",
      file: "src/connection/pool.ts",
      find: "const headers = { authorization, database, identifier, trace }",
      replace: `const headers = Reflect.get(transport, "headers") ?? { authorization, database, identifier, trace }
      Reflect.set(transport, "headers", headers)`,
      test: [channels, "One holder's close, failure or credentials never affect another holder"],
    },
    {
      breaks: "connections with other credentials share an answer to CheckHealth",
      file: "src/connection/pool.ts",
      find: "JSON.stringify([authorization, this.config.database,",
      replace: "JSON.stringify([this.config.database,",
      test: [connection, "concurrent connects call CheckHealth once, and one that is interrupted or closed"],
    },
    {
      breaks: "a connection that closes cancels the CheckHealth that others wait for",
      file: "src/connection/pool.ts",
      find: "const inFlight = isShared ? untracked : this.#inFlight",
      replace: "const inFlight = isShared && false ? untracked : this.#inFlight",
      test: [connection, "concurrent connects call CheckHealth once, and one that is interrupted or closed"],
    },
  ),
  ...against(
    "Another server takes the place of one that is lost",
    {
      breaks: "a server that failed is not released",
      file: "src/connection/servers.ts",
      find: "Exit.isSuccess(exit) && this.#take(pool, search) ? Effect.void : release(pool),",
      replace: "Exit.isSuccess(exit) && this.#take(pool, search) ? Effect.void : Effect.void,",
      test: [servers, "connect fails with the failure of each address within one connectTimeout, and leaves nothing"],
    },
    {
      breaks: "the next server is tried only after the last attempt on the one before it",
      file: "src/connection/handshake.ts",
      find: "          onFailedAttempt?.()\n",
      replace: "",
      test: [servers, "the next address is tried at once after a failed attempt"],
    },
    {
      breaks: "a server that does not answer delays the next one",
      file: "src/connection/servers.ts",
      find: "Effect.raceFirst(Deferred.await(firstFailure), Effect.sleep(headStart))",
      replace: "Deferred.await(firstFailure)",
      test: [servers, "the next address is tried after a head start if there is no answer"],
    },
    {
      breaks: "every call that waits starts its own search",
      file: "src/connection/servers.ts",
      find: "this.#search === undefined ? begin : Effect.succeed(this.#search),",
      replace: "begin,",
      test: [servers, "calls that wait for another server share one search"],
    },
    {
      breaks: "a connection without calls stays on a lost server",
      file: "src/connection/servers.ts",
      find: "if (!pool.isReady) Effect.runFork(Effect.ignore(this.#failOver))",
      replace: "",
      test: [servers, "a connection finds another server while it is idle"],
    },
    {
      breaks: "the calls on a server that was replaced are cancelled",
      file: "src/connection/servers.ts",
      find: "Effect.ensuring(restore(pool.idle), release(pool))",
      replace: "Effect.ensuring(restore(Effect.void), release(pool))",
      test: [
        servers,
        "calls on a server that shuts down end there while others go to the next, and then it is released",
      ],
    },
    {
      breaks: "what was read from another server stays cached",
      file: "src/connection/footprint.ts",
      find: "    this.schemaChanges++\n    this.servers++",
      replace: "    this.servers++",
      test: [servers, "another server takes the place of one that is lost, which the connection and its registry show"],
    },
  ),
  ...against(
    "A connection follows the primary of a global cluster",
    {
      breaks: "any cluster that accepts reads counts as the primary",
      file: "src/connection/topology.ts",
      find: "const writable = 0b10",
      replace: "const writable = 0b01",
      test: [primary, "connect uses the cluster that is the primary in the topology, and opens nothing to the others"],
    },
    {
      breaks: "a write that the old primary refused is retried",
      file: "src/connection/calls.ts",
      find: "return isRefusedByOldPrimary && canRepeat",
      replace: "return isRefusedByOldPrimary",
      test: [primary, "a write that the old primary refuses is not repeated, and moves the connection to the new one"],
    },
    {
      breaks: "a write that the old primary refused does not request the topology",
      file: "src/connection/primary.ts",
      find: "if (isDemotion(error) || error._tag",
      replace: "if (error._tag",
      test: [primary, "a write that the old primary refuses is not repeated, and moves the connection to the new one"],
    },
    {
      breaks: "an older topology replaces the known one",
      file: "src/connection/primary.ts",
      find: "const isKnown = version < this.#version ||",
      replace: "const isKnown =",
      test: [primary, "the topology is requested in an interval, and the calls on an old primary end there"],
    },
    {
      breaks: "a search requests the topology only once",
      file: "src/connection/primary.ts",
      find: "return retry === false ? used : Effect.raceFirst(used, Effect.flatMap(next(config.address), attempt))",
      replace: "return used",
      test: [
        primary,
        "a primary that is lost is replaced by the one that is promoted, within the deadline of the calls",
      ],
    },
    {
      breaks: "without a topology, the known primary is not tried",
      file: "src/connection/primary.ts",
      find: "if (known !== undefined) return Effect.succeed",
      replace: "if (known === null) return Effect.succeed",
      test: [primary, "a primary that is back after a lost session is used, even if the topology cannot be read"],
    },
    {
      breaks: "the host of the certificate of the endpoint is not checked",
      file: "src/connection/topology.ts",
      find: "checkServerIdentity(tls?.serverName ?? host, certificate)",
      replace: "void certificate",
      test: [primary, "the topology is requested over TLS, which the primary uses too, whatever the scheme"],
    },
  ),
  ...against(
    "A credential is requested at each use, and once more if it is refused",
    {
      breaks: "it is requested once, and cached",
      file: "src/connection/credentials.ts",
      find: "const value = Redacted.value(secret)",
      replace: `const kept = Reflect.get(secret, "kept")
  const value: Secret = kept ?? Redacted.value(secret)
  if (kept === undefined && Effect.isEffect(value)) {
    Reflect.set(secret, "kept", Effect.runSync(Effect.cached(value as Effect.Effect<string>)))
  }`,
      test: [connection, "a token Effect is run at each use"],
    },
    {
      breaks: "it is not requested again after a refusal",
      file: "src/connection/pool.ts",
      find: "isExpired(error) ? authorized : Effect.fail(error)",
      replace: "Effect.fail(error)",
      test: [pool, "an expired credential is requested again once, and Insert is sent with the new one"],
    },
    {
      breaks: "it is requested a third time",
      file: "src/connection/pool.ts",
      find: "return Effect.catch(authorized, (error) => isExpired(error) ? authorized : Effect.fail(error))",
      replace: "return Effect.retry(authorized, { times: 2, while: isExpired })",
      test: [pool, "a call fails if its credential is refused twice, and no third one is requested"],
    },
  ),
  ...against(
    "Secrets are never shown",
    {
      breaks: "an error holds the failed call and its headers",
      file: "src/grpc/call.ts",
      find: "translate(status, progress, isBlind, channel, attempt)",
      replace: "translate(Object.assign(status, { attempt }), progress, isBlind, channel, attempt)",
      test: [connection, "secrets never show in a connection, its errors or their causes"],
    },
    {
      breaks: "the span of a call contains its request",
      file: "src/connection/observedCall.ts",
      find: "  collection: collectionIn(request),",
      replace: "  collection: JSON.stringify(request),",
      test: ["tests/telemetry/spans_test.ts", "a call by connection.call is an operation named after its RPC"],
    },
    {
      breaks: "the span of a failed operation has the message of its error",
      file: "src/telemetry/outcome.ts",
      find: "return Exit.fail(new SpanFailure(name, outcome))",
      replace: "return Exit.fail(Object.assign(new SpanFailure(name, outcome), { message: String(exit.cause) }))",
      test: ["tests/telemetry/otlp_test.ts", "spans, metrics and logs reach a collector as the conventions say"],
    },
  ),
  ...against(
    "A pool spreads calls, and replaces channels that do not work",
    {
      breaks: "it always uses its first channel",
      file: "src/connection/pool.ts",
      find: "if (transports.length === 1) return only!",
      replace: "if (transports.length >= 1) return only!",
      test: [pool, "QueuePool spreads calls over its channels, and uses the one with the fewest calls in flight"],
    },
    {
      breaks: "it uses its channels in turn, whatever their calls in flight",
      file: "src/connection/pool.ts",
      find: "rank * 1e6 + channel.inFlight",
      replace: "rank * 1e6 + 0 * channel.inFlight",
      test: [pool, "QueuePool spreads calls over its channels, and uses the one with the fewest calls in flight"],
    },
    {
      breaks: "a channel whose peer is silent is not replaced",
      file: "src/grpc/transport.ts",
      find: "this.#replacedAt = Date.now()\n    this.#openSuccessor()",
      replace: "",
      test: [pool, "QueuePool replaces a channel whose peer is silent, and the calls on the other channels succeed"],
    },
    {
      breaks: "calls without an answer do not count if there is one channel",
      file: "src/grpc/transport.ts",
      find: "if (channel === this.#current && channel.consecutiveTimeouts >= unansweredBound) this.replace()",
      replace: "void channel",
      test: [pool, "a channel whose peer is silent is replaced after three calls without an answer"],
    },
    {
      breaks: "a channel of the maximum age is closed with its calls in flight",
      file: "src/grpc/transport.ts",
      find: "old.whenIdle(() => old.close(() => this.#leaving.delete(old)))",
      replace: "old.close(() => this.#leaving.delete(old))",
      test: [pool, "a pool replaces channels of the maximum age, and the calls in flight on them complete"],
    },
    {
      breaks: "its channels share one session",
      file: "src/grpc/transport.ts",
      find: `"grpc.use_local_subchannel_pool": 1`,
      replace: `"grpc.use_local_subchannel_pool": 0`,
      test: [channels, "QueuePool opens poolSize channels"],
    },
    {
      breaks: "a channel that is stuck in CONNECTING is not replaced",
      file: "src/grpc/transport.ts",
      find: "this.#stuckTimer = setTimeout(() => this.#replaceStuck(), connectingBound)",
      replace: "this.#stuckTimer = undefined",
      test: [pool, "a channel whose peer accepts and sends nothing is replaced, and leaves nothing open"],
    },
  ),
  ...against(
    "65,536 connections to an address and not one more; a registry's limit is exact",
    {
      breaks: "one more connection is allowed",
      file: "src/connection/limit.ts",
      find: "if (open >= maxConnections)",
      replace: "if (open > maxConnections)",
      test: ["tests/connection/limit_test.ts", "acquireSlot allows 65,536 connections to an address, and not one more"],
    },
    {
      breaks: "a registry allows one more connection",
      file: "src/Connections.ts",
      find: "if (this.#openCount >= this.#limit)",
      replace: "if (this.#openCount > this.#limit)",
      test: [connections, "layer narrows the limit for its own aliases, exactly"],
    },
  ),
  ...against(
    "An alias is connected once, and a failed connect leaves the registry as it was",
    {
      breaks: "concurrent connects of an alias do not wait for each other",
      file: "src/Connections.ts",
      find: "Effect.ensuring(lock.semaphore.withPermits(1)(effect), leave)",
      replace: "Effect.ensuring(effect, leave)",
      test: [
        connections,
        "concurrent connects of one alias open one connection, also if one that waits is interrupted",
      ],
    },
    {
      breaks: "an alias is remembered before it is connected",
      file: "src/Connections.ts",
      find: "      this.#openCount++\n",
      replace: "      this.#openCount++\n      this.remember(alias, config)\n",
      test: [connections, "a failed connect leaves the registry as it was"],
    },
    {
      breaks: "a failed connect keeps its slot",
      file: "src/Connections.ts",
      find: "        () => Effect.sync(() => this.#openCount--),\n",
      replace: "        () => Effect.void,\n",
      test: [connections, "a connect that fails releases its slot"],
    },
  ),
  ...(installGoawayGuard()
    ? against("The process survives a server's GOAWAY", {
      breaks: "the patch is not applied",
      file: "src/workarounds/denoGoaway.ts",
      find: "    patch(prototype)\n",
      replace: "",
      test: [
        "tests/workarounds/denoGoaway_test.ts",
        "the process survives a server's GOAWAY to idle, running, refused and failed calls",
      ],
    })
    : []),
  ...against(
    "An idle connection stays open, without output",
    {
      breaks: "milvus-lite receives the pings of Milvus",
      file: "src/connection/handshake.ts",
      find: 'isVersion(version) && deployMode !== "embedded"',
      replace: 'isVersion(version) || deployMode === "embedded"',
      test: [pings, 'a server {"build_tags":"milvus_lite","deploy_mode":"embedded"} gets no pings'],
    },
    {
      breaks: "an idle Milvus receives no pings, so its loss is not noticed",
      file: "src/workarounds/grpcPings.ts",
      find: "    Reflect.apply(start, transport, [])\n",
      replace: "",
      test: [pings, "the loss of a Milvus is noticed while no call is made"],
    },
    {
      breaks: "a server that ended a session because of pings receives them again",
      file: "src/grpc/transport.ts",
      find: "      refusingPings.add(this.#address)\n",
      replace: "",
      test: [pings, "a server that ended a session because of pings gets none afterwards"],
    },
    {
      breaks: "messages of grpc-js go to stderr",
      file: "src/grpc/grpcLog.ts",
      find: "  grpc.setLogger({ error: log, info: log, debug: log })\n",
      replace: "  void log\n",
      test: ["tests/grpc/quiet_test.ts", "messages of grpc-js go to the loggers of the program that connected"],
    },
  ),
  ...against(
    "Text of a server is shown in a harmless form, and secrets stay private",
    {
      breaks: "bidirectional controls stay in messages",
      file: "src/text/printable.ts",
      find: "\\p{Bidi_Control}",
      replace: "",
      test: ["tests/errors_test.ts", "a message has no character that a terminal acts on"],
    },
    {
      breaks: "credentials go over the network in plain text, without a warning",
      file: "src/Connection.ts",
      find: "    for (const config of servers.configs) yield* warnOfPlainCredentials(config)\n",
      replace: "    for (const config of servers.configs.slice(1)) yield* warnOfPlainCredentials(config)\n",
      test: [
        "tests/connection/plain_credentials_test.ts",
        "a warning is logged if credentials of any form go to another machine in plain text",
      ],
    },
  ),
  ...against(
    "A request arrives as it was given",
    {
      breaks: "the memory of a request is used again before it is sent",
      file: "src/grpc/sessionCall.ts",
      find: "if (isSent && this.frame !== undefined)",
      replace: "if (this.frame !== undefined)",
      test: ["tests/grpc/frameMemory_test.ts", "answers before it has read it"],
    },
    {
      breaks: "memory that is used again stays among what is spare",
      file: "src/grpc/frameMemory.ts",
      find: "    spare.splice(at, 1)\n    if",
      replace: "    if",
      test: ["tests/grpc/frameMemory_test.ts", "memory is taken for a frame of at most its size"],
    },
  ),
  ...against(
    "A stream uses bounded memory, ends with its reader, and is retried only if it was not sent",
    {
      breaks: "a request is read before the one before it was written",
      file: "src/grpc/stream.ts",
      find: "{ callback: () => resume(Effect.void) }, message)",
      replace: "{}, message)\n        resume(Effect.void)",
      test: [streams, "a slow server slows the requests"],
    },
    {
      breaks: "a call continues after its stream",
      file: "src/connection/streams.ts",
      find: "Effect.sync(() => call?.cancel())",
      replace: "Effect.void",
      test: [streams, "a stream that is interrupted, or not read to its end, is cancelled on the server"],
    },
    {
      breaks: "replies before a failure are dropped",
      file: "src/workarounds/grpcStreams.ts",
      find: "if (this.#onOpen === undefined) return Reflect",
      replace: "return Reflect",
      test: [streams, "a failure of the server comes after the replies before it"],
    },
    {
      breaks: "a stream is retried although requests were read",
      file: "src/connection/streams.ts",
      find: "mayRepeat: () => !hasTaken",
      replace: "mayRepeat: () => true",
      test: [streamsRepeat, "a stream whose requests were read does not start again"],
    },
    {
      breaks: "a stream is retried after an answer",
      file: "src/connection/calls.ts",
      find: "if (opening !== undefined && !(isNotSent(error) && opening.mayRepeat())) return undefined",
      replace: "",
      test: [streamsRepeat, "a stream that the server answers with an error does not start again"],
    },
  ),
  ...against(
    "FakeMilvus and FaultProxy do what their documentation promises",
    {
      breaks: "`cutAfter` lets one byte more through",
      file: "src/testing/proxy/rule.ts",
      find: "quota: fault.bytes, thereafter",
      replace: "quota: fault.bytes + 1, thereafter",
      test: ["tests/testing/FaultProxy_test.ts", "cutAfter cuts by reset after exactly so many bytes (toServer)"],
    },
    {
      breaks: "a crash does not cut the sessions",
      file: "src/testing/FakeMilvus.ts",
      find: "        servers.delete(server)\n        return cut(server)",
      replace: "        servers.delete(server)\n        return Effect.void",
      test: [
        "tests/testing/FakeMilvus_test.ts",
        "crash cuts every session, and restart brings it back on the same port",
      ],
    },
    {
      breaks: "the log of FakeMilvus contains passwords",
      file: "src/testing/fake/control/callLog.ts",
      find: "this.#calls.set(id, redact(call))",
      replace: "this.#calls.set(id, call)",
      test: ["tests/testing/FakeMilvus_control_test.ts", "a secret is in no log, and where it is asked for"],
    },
    {
      breaks: "a FakeMilvus with authorization serves a user whose password has changed",
      file: "src/testing/fake/handlers/accessControl.ts",
      find: "return access.isAuthentic(user, password)",
      replace: "return access.hasUser(user)",
      test: [
        "tests/testing/FakeMilvus_access_test.ts",
        "a connection is no longer served when its password changes, whatever handler the RPC has",
      ],
    },
    {
      breaks: "a compaction of a FakeMilvus keeps deleted rows",
      file: "src/testing/fake/state/segmentStore.ts",
      find: "target.rows += source.rows - source.deleted",
      replace: "target.rows += source.rows",
      test: [
        "tests/testing/FakeMilvus_operations_test.ts",
        "a compaction runs for 100 ms by Effect's clock, and takes deleted rows away",
      ],
    },
    {
      breaks: "a FakeMilvus finds nulls by `is not null`",
      file: "src/testing/fake/query/compileFilter.ts",
      find: "return condition((cells) => (cellOf(column, cells) === null) !== isNot)",
      replace: "return condition((cells) => cellOf(column, cells) === null)",
      test: [
        "tests/filter/where_servers_test.ts",
        "FakeMilvus: conditions on nullable fields find the rows that they describe",
      ],
    },
  ),
  ...against(
    "What is made from texts is whole, and what a model may do is bounded",
    {
      breaks: "vectors of another dimension are written",
      file: "src/ai/embed.ts",
      find: "const wrong = vectors.find(({ length }) => length !== dimension)",
      replace: "const wrong = vectors.find(({ length }) => length < 0)",
      test: ["tests/ai/Texts_test.ts", "vectors that do not fit are a failure of the model"],
    },
    {
      breaks: "the rows of a failure are counted from its batch",
      file: "src/ai/writeTexts.ts",
      find: "new EmbeddingError({ collection: definition.name, rows: range, cause })",
      replace: "new EmbeddingError({ collection: definition.name, rows: [0, to - from], cause })",
      test: [
        "tests/ai/Texts_test.ts",
        "a failure of the model in a later batch is a PartialWrite with exactly the rows that are on the server",
      ],
    },
    {
      breaks: "a row that changes meanwhile is written with the vector of its former text",
      file: "src/ai/writeTexts.ts",
      find: "return { rows: complete, texts }",
      replace: "return { rows, texts }",
      test: ["tests/ai/Texts_test.ts", "a row that changes while its text is embedded is written as it was"],
    },
    {
      breaks: "reads of another filter are gathered",
      file: "src/operations/rows/gather.ts",
      find: "return Result.isSuccess(text) ? { text: text.success } : identityOf(value)",
      replace: "return Result.isSuccess(text) ? {} : identityOf(value)",
      test: ["tests/operations/rows/resolver_test.ts", "equal reads are one call"],
    },
    {
      breaks: "reads of another principal are gathered",
      file: "src/operations/rows/gather.ts",
      find: "keyOfValue(fiber.getRef(CurrentPrincipal)),",
      replace: "keyOfValue(CurrentPrincipal.key),",
      test: ["tests/operations/rows/resolver_test.ts", "reads of two principals are not gathered"],
    },
    {
      breaks: "a call goes on although all of its callers are interrupted",
      file: "src/operations/rows/gather.ts",
      find: "this.#isGone = true\n    this.#listener?.()",
      replace: "this.#isGone = true",
      test: ["tests/operations/rows/resolver_test.ts", "an interrupted read leaves the others"],
    },
    {
      breaks: "a request of several reads is as large as they are",
      file: "src/operations/rows/gather.ts",
      find: " || totalBytes > mostBytes",
      replace: "",
      test: [
        "tests/operations/rows/resolver_test.ts",
        "reads that together are larger than 32 MiB are several calls",
      ],
    },
    {
      breaks: "the documents of a tool have any size",
      file: "src/ai/SearchTool.ts",
      find: "fitting(documents, maxBytes)",
      replace: "fitting(documents, Infinity)",
      test: ["tests/ai/SearchTool_test.ts", "the size of the documents is bounded"],
    },
    {
      breaks: "`mcp` listens for other machines without a token",
      file: "src/cli/commands/mcp.ts",
      find: "token === undefined && !isLoopback(address.host)",
      replace: 'token === undefined && address.host === ""',
      test: ["tests/cli/mcp_test.ts", "with a token, mcp answers over HTTP only to those who have it"],
    },
    {
      breaks: "`mcp` answers requests with another token",
      file: "src/cli/mcp/http.ts",
      find: "!isBearer(headers.authorization, Redacted.value(token))",
      replace: "headers.authorization === undefined",
      test: ["tests/cli/mcp_test.ts", "with a token, mcp answers over HTTP only to those who have it"],
    },
    {
      breaks: "`mcp` serves tools that write without `--write`",
      file: "src/cli/mcp/serve.ts",
      find: "const tools = write\n",
      replace: "const tools = write || endpoint === undefined\n",
      test: ["tests/cli/mcp_test.ts", "mcp ends with its input, and does not start without a server"],
    },
  ),
]
