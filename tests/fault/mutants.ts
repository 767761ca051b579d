/**
 * Each guarantee, broken on purpose: where, how, and the test that is to notice. `mutations.ts` runs them.
 *
 * A mutant is a mistake that somebody could make, and that types allow. It is told by the text that it takes the place of, so
 * that it does not outlive the code that it breaks: text that is not in its file exactly once is an error.
 */
import { install as installGoawayGuard } from "../../src/workarounds/denoGoaway.ts"

/** One mistake. */
export interface Mutant {
  /** What it violates. */
  readonly guarantee: string
  /** What is wrong, in words. */
  readonly breaks: string
  /** From the root of the project on. */
  readonly file: string
  /** Text that is in the file once. */
  readonly find: string
  /** What takes its place. */
  readonly replace: string
  /** The test that fails, by its file and its name, or what tells it from the others in the file. */
  readonly test: readonly [path: string, name: string]
}

/** Mistakes against one guarantee. */
const against = (
  guarantee: string,
  ...mutants: ReadonlyArray<Omit<Mutant, "guarantee">>
): ReadonlyArray<Mutant> => mutants.map((mutant) => ({ guarantee, ...mutant }))

const connection = "tests/Connection_test.ts"
const channels = "tests/Connection_channels_test.ts"
const connectionCalls = "tests/Connection_calls_test.ts"
const calls = "tests/connection/calls_test.ts"
const session = "tests/connection/pool_test.ts"
const servers = "tests/connection/servers_test.ts"
const primary = "tests/connection/primary_test.ts"
const connections = "tests/Connections_test.ts"
const search = "tests/operations/rows/search_test.ts"
const leftovers = "tests/workarounds/grpcClosableClient_test.ts"
const streams = "tests/connection/streams_test.ts"
const repeated = "tests/connection/streams_repeat_test.ts"
const pings = "tests/workarounds/grpcPings_test.ts"

/** All of them. */
export const mutants: ReadonlyArray<Mutant> = [
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
      breaks: "a transport lives on after its last holder",
      file: "src/grpc/transport.ts",
      find: "RcMap.make({ lookup: open })",
      replace: `RcMap.make({ lookup: open, idleTimeToLive: "1 minute" })`,
      test: [channels, "A scope that closes for any reason leaves nothing open: defect"],
    },
    {
      breaks: "an interruption may come between the taking of a place and the promise to give it back",
      file: "src/connection/servers.ts",
      find: "return Effect.map(acquireSlot(config.address), () => {",
      replace:
        "return Effect.map(Effect.interruptible(Effect.andThen(acquireSlot(config.address), Effect.yieldNow)), () => {",
      test: [channels, "connect interrupted in the turns in which it starts leaves nothing open"],
    },
    {
      breaks: "the place among the 65,536 is not given back",
      file: "src/connection/servers.ts",
      find: "releaseSlot(pool.config.address)",
      replace: "void releaseSlot",
      test: [channels, "A scope that closes for any reason leaves nothing open: failure"],
    },
    {
      breaks: "a connect that fails keeps what it holds until the scope of its caller closes",
      file: "src/Connection.ts",
      find: "(exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void,",
      replace: "() => Effect.void,",
      test: [channels, "a failed connect gives everything back at once, though its scope goes on"],
    },
    {
      breaks: "the calls of a connection that closes go on, where another holds its channel",
      file: "src/connection/calls.ts",
      find: "    this.#inFlight.cancelAll()\n",
      replace: "",
      test: [connectionCalls, "a scope that closes cancels its calls, also on a channel that another holds"],
    },
    {
      breaks: "calls that wait for another attempt go on when their connection closes",
      file: "src/connection/calls.ts",
      find: "if (this.#closing !== undefined) Deferred.doneUnsafe(this.#closing, Exit.fail(this.#closed()))",
      replace: "",
      test: [connectionCalls, "a scope that closes ends calls that wait"],
    },
    {
      breaks: "the channel that is to take the place of another is not closed with its transport",
      file: "src/grpc/transport.ts",
      find: "...this.#successor === undefined ? [] : [this.#successor], ",
      replace: "",
      test: [session, "a scope that closes while a channel is replaced leaves nothing open"],
    },
  ),
  ...against(
    "Closing a channel ends all that grpc-js was doing for it",
    {
      breaks: "what waits for its turn, or for its credentials, begins to connect after the close",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "connecting.throwIfAborted()",
      replace: "",
      test: [leftovers, "closing a client that waits for its credentials begins no connection"],
    },
    {
      breaks: "a TCP connection that is being made is not told to end",
      file: "src/workarounds/grpcClosableClient.ts",
      find: `if (!isReady) connecting.abort(new Error("Channel closed while connecting"))`,
      replace: "",
      test: [leftovers, "a connection that is not accepted yet ends with its client"],
    },
    {
      breaks: "a name that is being looked up starts to connect when it is found",
      file: "src/workarounds/grpcClosableClient.ts",
      find: `Reflect.set(Object(resolver), "listener", () => true)`,
      replace: "void resolver",
      test: [leftovers, "closing a client in the turn in which it starts leaves nothing"],
    },
    {
      breaks: "the timer of the turn to the next address runs on",
      file: "src/workarounds/grpcClosableClient.ts",
      find: `clearTimeout(get(policy, "connectionDelayTimeout") as undefined)`,
      replace: "void policy",
      test: [leftovers, "closing a client whose peer never speaks leaves no socket and no timer"],
    },
    {
      breaks: "the timer of the backoff runs on",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "if (Predicate.isFunction(stop)) Reflect.apply(stop, backoff, [])",
      replace: "void stop",
      test: [leftovers, "closing a client that waits between two attempts leaves no timer"],
    },
    {
      breaks: "the socket of a session waits for its peer",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "process.nextTick(() => socket.destroySoon())",
      replace: "",
      test: [leftovers, "closing a client that is ready, and whose peer went silent, leaves no socket"],
    },
    {
      breaks: "the close is over before the sockets are",
      file: "src/workarounds/grpcClosableClient.ts",
      find: "if (sockets.size === 0) return onClosed()",
      replace: "if (sockets.size >= 0) return onClosed()",
      test: [leftovers, "close calls back when no socket is left"],
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
      breaks: "an insert that was lost is made again",
      file: "src/retry/retryCall.ts",
      find: "return isIdempotent ? { spendsBudget: true, delayFactor: 1, minDelay } : undefined\n  }",
      replace: "return { spendsBudget: true, delayFactor: 1, minDelay }\n  }",
      test: [connectionCalls, "Nothing is retried that could be applied twice"],
    },
    {
      breaks: "an insert that was lost is reported as one that never left",
      file: "src/grpc/call.ts",
      find: `isUnsent ? "NotSent" : progressOf(code, record)`,
      replace: `"NotSent"`,
      test: [connectionCalls, "Nothing is retried that could be applied twice"],
    },
    {
      breaks: "a call whose deadline passed on the server is reported as one that never left",
      file: "src/workarounds/grpcStreams.ts",
      find: `=== undefined && get(stream, "rstCode") === refusedStream`,
      replace: "=== undefined",
      test: [connectionCalls, "a call is bounded by its timeout, or by the callTimeout of its connection"],
    },
    {
      breaks: "an insert is made again where Milvus says `retriable`",
      file: "src/retry/retryCall.ts",
      find: `return isIdempotent || error.refusal === "NotReady" ?`,
      replace: "return isIdempotent || error.retriable ?",
      test: [calls, "Insert is not made again after retriable: true"],
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
    "What a retry cannot mend, or is asked not to, is not tried again",
    {
      breaks: "RESOURCE_EXHAUSTED is tried again",
      file: "src/errors.ts",
      find: `if (this.code === "UNAVAILABLE") return true`,
      replace: `if (this.code === "UNAVAILABLE" || this.code === "RESOURCE_EXHAUSTED") return true`,
      test: [calls, "Query is not made again after RESOURCE_EXHAUSTED"],
    },
    {
      breaks: "an insert by a plain name is made again, by a new definition, whatever it failed for",
      file: "src/operations/rows/write.ts",
      find: "failures.every(({ isOutdated }) => isOutdated)",
      replace: "true",
      test: [search, "an insert by a plain name is made again for an outdated schema alone"],
    },
    {
      breaks: "a force-deny is tried again",
      file: "src/errors.ts",
      find: `this.refusal === "ForceDeny" || this.refusal === "SchemaMismatch"`,
      replace: `this.refusal === "SchemaMismatch"`,
      test: [calls, "Query is not made again after force-deny"],
    },
    {
      breaks: "the code 8 of an older server, an illegal index type, is taken for a rate limit",
      file: "src/grpc/status.ts",
      find: "const refusal = refusalOf(status)",
      replace: "const refusal = refusalOf({ ...status, code })",
      test: [calls, "Insert is not made again after an illegal index type of an older server"],
    },
    {
      breaks: "a server that asks to be left alone is asked again",
      file: "src/grpc/call.ts",
      find: "? Number(given) : Infinity",
      replace: "? Number(given) : 0",
      test: [calls, "a server that asks for patience gets it, and one that asks to be left alone too"],
    },
    {
      breaks: "refused credentials are tried again",
      file: "src/connection/notReady.ts",
      find: `mayBeMisclassified || kind === "Timeout"`,
      replace: `mayBeMisclassified || kind === "Unauthenticated" || kind === "Timeout"`,
      test: [connection, "connect fails with NotReady Unauthenticated when credentials are refused"],
    },
  ),
  ...against(
    "Retries do not storm a server that is sick",
    {
      breaks: "there is no budget",
      file: "src/connection/calls.ts",
      find: "!this.#servers.budget.withdraw()",
      replace: "false",
      test: [calls, "a call gets no more retries than the budget has"],
    },
    {
      breaks: "the budget does not refill by itself",
      file: "src/retry/budget.ts",
      find: "this.deposit(Math.max(now - this.#countedAt, 0) / 1000 * trickle)",
      replace: "void trickle",
      test: [calls, "RetryBudget fills up by itself, by 10 a second"],
    },
    {
      breaks: "the budget does not refill by calls",
      file: "src/retry/budget.ts",
      find: "this.#balance = Math.min(reserve, this.#balance + retries)",
      replace: "this.#balance = Math.min(reserve, this.#balance)",
      test: [calls, "RetryBudget gives its reserve, then what calls put in, and no more than it can hold"],
    },
    {
      breaks: "a call that never left counts against the budget",
      file: "src/retry/retryCall.ts",
      find: `if (error.progress === "NotSent") return { spendsBudget: false,`,
      replace: `if (error.progress === "NotSent") return { spendsBudget: true,`,
      test: [
        calls,
        "a call that the server refuses to take is made again, a write too, and costs nothing of the budget",
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
      breaks: "a drain has no bound",
      file: "src/connection/calls.ts",
      find: "return Effect.timeoutOption(this.#inFlight.idle, bound)",
      replace: "return Effect.as(this.#inFlight.idle, bound)",
      test: [connectionCalls, "Releasing never fails, and never takes longer than its bound"],
    },
    {
      breaks: "a drain takes new calls",
      file: "src/connection/calls.ts",
      find: "this.#isDraining = true\n      return Effect.timeoutOption",
      replace: "return Effect.timeoutOption",
      test: [connections, "disconnect refuses new calls at once and lets calls in flight end"],
    },
  ),
  ...against(
    "One deadline covers all attempts",
    {
      breaks: "each attempt has a deadline of its own",
      file: "src/connection/calls.ts",
      find: "          : this.#callSlowly(call, error)",
      replace: "          : Effect.andThen(Effect.sleep(5), this.make(method, request, options))",
      test: [calls, "one deadline covers all attempts, and a pause that would pass it is not begun"],
    },
    {
      breaks: "a call waits for its credential beyond its deadline",
      file: "src/connection/calls.ts",
      find: "return deadline === Infinity ? attempts : Effect.suspend",
      replace: "return deadline > 0 ? attempts : Effect.suspend",
      test: [session, "the credential that comes too late is bounded by the deadline of the call"],
    },
    {
      breaks: "connecting goes on beyond `connectTimeout`",
      file: "src/connection/handshake.ts",
      find: "Effect.timeoutOrElse({ duration: remaining(), orElse",
      replace: "Effect.timeoutOrElse({ duration: Duration.sum(remaining(), Duration.seconds(5)), orElse",
      test: [connection, "connect gives the kind of the last attempt that failed for a reason of its own"],
    },
  ),
  ...against(
    "Ready is who is healthy, and a failure is not kept",
    {
      breaks: "what CheckHealth says does not count",
      file: "src/connection/handshake.ts",
      find: "isHealthy ? Effect.void :",
      replace: "isHealthy !== undefined ? Effect.void :",
      test: [connection, "connect fails with NotReady Unhealthy when CheckHealth says no"],
    },
    {
      breaks: "an answer to CheckHealth is kept",
      file: "src/grpc/singleFlight.ts",
      find: "this.#running.delete(key)",
      replace: "",
      test: [connection, "connect tries again what passes with time"],
    },
    {
      breaks: "a repeated handshake that failed is kept",
      file: "src/connection/pool.ts",
      find: "pooled.renewal = undefined\n",
      replace: "",
      test: [
        connectionCalls,
        "a call whose repeated handshake fails ends with NotReady, and the next call tries again",
      ],
    },
    {
      breaks: "a handshake that others began earlier fails the calls after it",
      file: "src/connection/pool.ts",
      find: "const isShared = pooled.renewal !== undefined",
      replace: "const isShared = false",
      test: [connectionCalls, "a call does not fail by a handshake that others began before it"],
    },
  ),
  ...against(
    "A wait ends when the work is done, and not before",
    {
      breaks: "a wait for an index is not for the rows that were written after it",
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
      breaks: "the request names none",
      file: "src/connection/pool.ts",
      find: "Call.attempt(call, inDatabase)",
      replace: "Call.attempt(call, request)",
      test: ["tests/connection/requestDatabase_test.ts", "a call in a database names it in its request"],
    },
  ),
  ...against(
    "After a lost session the handshake is done again before the next call, once",
    {
      breaks: "it is not repeated",
      file: "src/connection/pool.ts",
      find: "return this.sessionAtHandshake === this.transport.lostSessions",
      replace: "return this.sessionAtHandshake >= 0",
      test: [connectionCalls, "after a lost session the handshake is repeated before the next call, once"],
    },
    {
      breaks: "it is repeated for each call that waits",
      file: "src/connection/pool.ts",
      find: "if (pooled.renewal !== undefined) return restore(Deferred.await(pooled.renewal))",
      replace: "",
      test: [connectionCalls, "after a lost session the handshake is repeated before the next call, once"],
    },
    {
      breaks: "a call that is interrupted while it waits ends it for the others",
      file: "src/connection/pool.ts",
      find: "Effect.forkIn(this.#runHandshake(pooled), this.scope), (fiber)",
      replace: "Effect.forkChild(this.#runHandshake(pooled)), (fiber)",
      test: [connectionCalls, "after a lost session the handshake is repeated before the next call, once"],
    },
    {
      breaks: "the channel waits for a call before it connects again",
      file: "src/grpc/transport.ts",
      find: "this.lostSessions++\n      this.connect()",
      replace: "this.lostSessions++",
      test: [connectionCalls, "a transport reconnects by itself after a lost session"],
    },
  ),
  ...against(
    "One holder's close, failure or credentials never affect another holder",
    {
      breaks: "what goes with a call is kept on the shared transport",
      file: "src/connection/pool.ts",
      find: "const headers = { authorization, database, identifier }",
      replace: `const headers = Reflect.get(transport, "headers") ?? { authorization, database, identifier }
      Reflect.set(transport, "headers", headers)`,
      test: [channels, "One holder's close, failure or credentials never affect another holder"],
    },
    {
      breaks: "the answer to CheckHealth is that of another credential",
      file: "src/connection/pool.ts",
      find: "JSON.stringify([authorization, this.config.database,",
      replace: "JSON.stringify([this.config.database,",
      test: [connection, "many that connect at the same time ask for health once; one that gives up or closes"],
    },
    {
      breaks: "one that closes cancels the question about health that others wait for",
      file: "src/connection/pool.ts",
      find: "const inFlight = isShared ? untracked : this.#inFlight",
      replace: "const inFlight = isShared && false ? untracked : this.#inFlight",
      test: [connection, "many that connect at the same time ask for health once; one that gives up or closes"],
    },
  ),
  ...against(
    "Another server takes the place of one that is lost",
    {
      breaks: "a server that was tried in vain is not released",
      file: "src/connection/servers.ts",
      find: "Exit.isSuccess(exit) && this.#take(pool, search) ? Effect.void : release(pool),",
      replace: "Exit.isSuccess(exit) && this.#take(pool, search) ? Effect.void : Effect.void,",
      test: [servers, "connect fails with the failure of each address within one connectTimeout, and leaves nothing"],
    },
    {
      breaks: "the next server is tried only once the one before it has failed for good",
      file: "src/connection/handshake.ts",
      find: "          onFailedAttempt?.()\n",
      replace: "",
      test: [servers, "the next address is tried at once after a failed attempt"],
    },
    {
      breaks: "a server that does not answer is waited for",
      file: "src/connection/servers.ts",
      find: "Effect.raceFirst(Deferred.await(firstFailure), Effect.sleep(headStart))",
      replace: "Deferred.await(firstFailure)",
      test: [servers, "the next address is tried after a head start if there is no answer"],
    },
    {
      breaks: "each call that waits searches for itself",
      file: "src/connection/servers.ts",
      find: "this.#search === undefined ? begin : Effect.succeed(this.#search),",
      replace: "begin,",
      test: [servers, "calls that wait for another server share one search"],
    },
    {
      breaks: "a connection without calls stays with a server that is lost",
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
      breaks: "what was read from another server is kept",
      file: "src/connection/footprint.ts",
      find: "    this.schemaChanges++\n    this.servers++",
      replace: "    this.servers++",
      test: [servers, "another server takes the place of one that is lost, which the connection and its registry show"],
    },
  ),
  ...against(
    "A connection follows the primary of a global cluster",
    {
      breaks: "any cluster that takes reads is the primary",
      file: "src/connection/topology.ts",
      find: "const writable = 0b10",
      replace: "const writable = 0b01",
      test: [primary, "connect uses the cluster that the topology has for the primary, and nothing of the others"],
    },
    {
      breaks: "a write that the old primary refused is made again",
      file: "src/connection/calls.ts",
      find: "return isRefusedByOldPrimary && canRepeat",
      replace: "return isRefusedByOldPrimary",
      test: [primary, "a write that the old primary refuses is not repeated, and moves the connection to the new one"],
    },
    {
      breaks: "a write that the old primary refused is no reason to ask for the topology",
      file: "src/connection/primary.ts",
      find: "if (isDemotion(error) || error._tag",
      replace: "if (error._tag",
      test: [primary, "a write that the old primary refuses is not repeated, and moves the connection to the new one"],
    },
    {
      breaks: "a topology that is older than the known one is followed",
      file: "src/connection/primary.ts",
      find: "const isKnown = version < this.#version ||",
      replace: "const isKnown =",
      test: [primary, "the topology is requested in an interval, and the calls on an old primary end there"],
    },
    {
      breaks: "a search asks for the topology once",
      file: "src/connection/primary.ts",
      find: "return retry === false ? used : Effect.raceFirst(used, Effect.flatMap(next(config.address), attempt))",
      replace: "return used",
      test: [
        primary,
        "a primary that is lost is replaced by the one that is promoted, within the deadline of the calls",
      ],
    },
    {
      breaks: "without a topology, the primary that is known is not tried",
      file: "src/connection/primary.ts",
      find: "if (known !== undefined) return Effect.succeed",
      replace: "if (known === null) return Effect.succeed",
      test: [primary, "a primary that is back after a lost session is used, though the topology cannot be had"],
    },
    {
      breaks: "the certificate of the endpoint is that of any host",
      file: "src/connection/topology.ts",
      find: "checkServerIdentity(tls?.serverName ?? host, certificate)",
      replace: "void certificate",
      test: [primary, "the topology is requested by TLS, and the primary gets it too, whatever the scheme"],
    },
  ),
  ...against(
    "A credential is asked for at each use, and once more where it is refused",
    {
      breaks: "it is asked for once, and kept",
      file: "src/connection/credentials.ts",
      find: "const value = Redacted.value(secret)",
      replace: `const kept = Reflect.get(secret, "kept")
  const value: Secret = kept ?? Redacted.value(secret)
  if (kept === undefined && Effect.isEffect(value)) {
    Reflect.set(secret, "kept", Effect.runSync(Effect.cached(value as Effect.Effect<string>)))
  }`,
      test: [connection, "a token Effect is asked again at each use"],
    },
    {
      breaks: "it is not asked for again where it is refused",
      file: "src/connection/pool.ts",
      find: "isExpired(error) ? authorized : Effect.fail(error)",
      replace: "Effect.fail(error)",
      test: [session, "an expired credential is asked for again once, and Insert is made with the new one"],
    },
    {
      breaks: "it is asked for a third time",
      file: "src/connection/pool.ts",
      find: "return Effect.catch(authorized, (error) => isExpired(error) ? authorized : Effect.fail(error))",
      replace: "return Effect.retry(authorized, { times: 2, while: isExpired })",
      test: [session, "a credential that is refused again is the answer, and is not asked for a third time"],
    },
  ),
  ...against(
    "Secrets are never shown",
    {
      breaks: "an error keeps the call that failed, with what went with it",
      file: "src/grpc/call.ts",
      find: "const error = translate(status, record, channel, attempt)",
      replace: "const error = translate(Object.assign(status, { attempt }), record, channel, attempt)",
      test: [connection, "secrets never show in a connection, its errors or their causes"],
    },
    {
      breaks: "the span of a call has its request",
      file: "src/Connection.ts",
      find: "      method,\n      this.config.address,\n",
      replace: "      method,\n      this.config.address + JSON.stringify(request),\n",
      test: [
        "tests/grpc/telemetry_test.ts",
        "each call has one span, named as OpenTelemetry names it, without payload",
      ],
    },
  ),
  ...against(
    "A pool spreads calls, and replaces what is of no use",
    {
      breaks: "it is always its first channel that is taken",
      file: "src/connection/pool.ts",
      find: "if (transports.length === 1) return only!",
      replace: "if (transports.length >= 1) return only!",
      test: [session, "QueuePool spreads calls over its channels, and takes the one with the fewest in flight"],
    },
    {
      breaks: "its channels take turns, however many calls are on them",
      file: "src/connection/pool.ts",
      find: "rank * 1e6 + channel.inFlight",
      replace: "rank * 1e6 + 0 * channel.inFlight",
      test: [session, "QueuePool spreads calls over its channels, and takes the one with the fewest in flight"],
    },
    {
      breaks: "a channel whose peer went silent is not replaced",
      file: "src/grpc/transport.ts",
      find: "this.#replacedAt = Date.now()\n    this.#openSuccessor()",
      replace: "",
      test: [session, "QueuePool replaces a channel whose peer went silent, and fails none of the calls on the others"],
    },
    {
      breaks: "calls without an answer do not count, where there is one channel",
      file: "src/grpc/transport.ts",
      find: "if (channel === this.#current && channel.consecutiveTimeouts >= unansweredBound) this.replace()",
      replace: "void channel",
      test: [session, "a channel whose peer went silent is replaced after three calls without an answer"],
    },
    {
      breaks: "a channel that is too old is closed under its calls",
      file: "src/grpc/transport.ts",
      find: "old.whenIdle(() => old.close(() => this.#leaving.delete(old)))",
      replace: "old.close(() => this.#leaving.delete(old))",
      test: [session, "a pool rotates its channels at their age, and a call under way ends in peace"],
    },
    {
      breaks: "its channels share one session",
      file: "src/grpc/transport.ts",
      find: `"grpc.use_local_subchannel_pool": 1`,
      replace: `"grpc.use_local_subchannel_pool": 0`,
      test: [channels, "QueuePool opens poolSize channels"],
    },
    {
      breaks: "a channel that is stuck in CONNECTING is waited on",
      file: "src/grpc/transport.ts",
      find: "this.#stuckTimer = setTimeout(() => this.#replaceStuck(), connectingBound)",
      replace: "this.#stuckTimer = undefined",
      test: [session, "a channel whose peer accepts and never speaks is replaced, and leaves nothing"],
    },
  ),
  ...against(
    "65,536 connections to an address and not one more; a registry's limit is exact",
    {
      breaks: "there is one place more",
      file: "src/connection/limit.ts",
      find: "if (open >= maxConnections)",
      replace: "if (open > maxConnections)",
      test: ["tests/connection/limit_test.ts", "acquireSlot gives 65,536 slots of an address, and not one more"],
    },
    {
      breaks: "a registry has one place more",
      file: "src/Connections.ts",
      find: "if (this.#openCount >= this.#limit)",
      replace: "if (this.#openCount > this.#limit)",
      test: [connections, "layer narrows the limit for its own aliases, exactly"],
    },
  ),
  ...against(
    "An alias is connected once, and a failed connect leaves the registry as it was",
    {
      breaks: "who connects an alias does not wait for who is at it",
      file: "src/Connections.ts",
      find: "Effect.ensuring(lock.semaphore.withPermits(1)(effect), leave)",
      replace: "Effect.ensuring(effect, leave)",
      test: [connections, "connecting one alias concurrently opens once, though one of those that wait gives up"],
    },
    {
      breaks: "an alias is remembered before it is connected",
      file: "src/Connections.ts",
      find: "      this.#openCount++\n",
      replace: "      this.#openCount++\n      this.remember(alias, config)\n",
      test: [connections, "a failed connect leaves the registry as it was"],
    },
    {
      breaks: "a failed connect keeps its place",
      file: "src/Connections.ts",
      find: "        () => Effect.sync(() => this.#openCount--),\n",
      replace: "        () => Effect.void,\n",
      test: [connections, "a connect that fails gives its place back"],
    },
  ),
  ...(installGoawayGuard()
    ? against("The process survives a server's GOAWAY", {
      breaks: "there is no guard",
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
    "An idle connection stays, quietly",
    {
      breaks: "milvus-lite gets the pings of Milvus",
      file: "src/connection/handshake.ts",
      find: 'isVersion(version) && deployMode !== "embedded"',
      replace: 'isVersion(version) || deployMode === "embedded"',
      test: [pings, 'a server {"build_tags":"milvus_lite","deploy_mode":"embedded"} gets no pings'],
    },
    {
      breaks: "an idle Milvus gets no pings, so that one that is gone is not noticed",
      file: "src/workarounds/grpcPings.ts",
      find: "    Reflect.apply(start, transport, [])\n",
      replace: "",
      test: [pings, "a Milvus that is gone is noticed while no call is made"],
    },
    {
      breaks: "a server that ended a session because of pings gets them again",
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
    "What others say is shown, and not acted on",
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
        "credentials over plain text to another machine are warned of",
      ],
    },
  ),
  ...against(
    "A stream holds little in memory, ends with its reader, and begins again only if it was never sent",
    {
      breaks: "a request is taken before the one before it is on its way",
      file: "src/grpc/stream.ts",
      find: "{ callback: () => resume(Effect.void) }, message)",
      replace: "{}, message)\n        resume(Effect.void)",
      test: [streams, "a slow server slows the requests"],
    },
    {
      breaks: "a call goes on after its stream",
      file: "src/connection/streams.ts",
      find: "Effect.sync(() => call?.cancel())",
      replace: "Effect.void",
      test: [streams, "a stream that is interrupted, or not read to its end, is cancelled on the server"],
    },
    {
      breaks: "replies before a failure are dropped",
      file: "src/workarounds/grpcStreams.ts",
      find: "if (!isStream) return",
      replace: "if (isStream || !isStream) return",
      test: [streams, "a failure of the server comes after the replies before it"],
    },
    {
      breaks: "a stream begins again though requests were taken",
      file: "src/connection/streams.ts",
      find: "mayRepeat: () => !hasTaken",
      replace: "mayRepeat: () => true",
      test: [repeated, "a stream whose requests were taken does not begin again"],
    },
    {
      breaks: "a stream begins again after an answer",
      file: "src/connection/calls.ts",
      find: "if (opening !== undefined && !(isNotSent(error) && opening.mayRepeat())) return undefined",
      replace: "",
      test: [repeated, "a stream that the server answers with a refusal does not begin again"],
    },
  ),
  ...against(
    "The testing kit does what it says",
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
      breaks: "the log of FakeMilvus shows passwords",
      file: "src/testing/fake/control/callLog.ts",
      find: "this.#calls.set(id, redact(call))",
      replace: "this.#calls.set(id, call)",
      test: ["tests/testing/FakeMilvus_control_test.ts", "a secret is in no log, and where it is asked for"],
    },
  ),
]
