/**
 * Gathers reads that run concurrently into one request, with Effect's `RequestResolver`.
 *
 * - Reads are gathered if they differ only in what they look for: same connection, database, principal, collection and
 *   options. Filters are compared by their text, and values whose content is hidden by their identity.
 * - Each read is checked before it is gathered, so that one that is refused fails alone.
 * - A read that is interrupted leaves the others as they are. If all of a request are interrupted, so is its call.
 * - The request runs in a fiber of its own, with the context of the first of its callers.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { identity } from "effect/Function"
import * as Pipeable from "effect/Pipeable"
import * as Request from "effect/Request"
import type * as RequestResolver from "effect/RequestResolver"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { CurrentPrincipal } from "../../connection/currentPrincipal.ts"
import { describeValue, throwValue } from "../../codec/errors.ts"
import { isFilter, toExpression } from "../../filter/Filter.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { checkCount, checkRecord } from "../shared/options.ts"
import { accepted, type DataError, tryEncode } from "./read.ts"

/** A read that can be gathered with others of the same key into one request. */
export interface Gathered<Input, Output> extends Request.Request<Output, DataError> {
  /** Keys or queries of this read. */
  readonly input: Input
  /** Number of keys or queries in it. */
  readonly size: number
  /** About the size of a request with this read alone, in bytes. */
  readonly bytes: number
  /** Equal for reads that can be gathered. */
  readonly key: string
  /** Maximum size of a request, if the resolver sets none. */
  readonly most: number
  /** Reads for several callers at once. */
  readonly run: (inputs: ReadonlyArray<Input>) => Effect.Effect<ReadonlyArray<Output>, DataError>
  readonly caller: Caller
}

/** Whether the caller of a read still waits for it. */
class Caller {
  #isGone = false
  #listener: (() => void) | undefined

  /** Called when the caller is interrupted. */
  leave(): void {
    this.#isGone = true
    this.#listener?.()
  }

  /** Calls `listener` when the caller leaves, or now if it has left. */
  onLeave(listener: () => void): void {
    this.#listener = listener
    if (this.#isGone) listener()
  }
}

/** A resolver for reads of one kind. */
export type GatheringResolver<Input, Output> = RequestResolver.RequestResolver<Gathered<Input, Output>>

/**
 * Makes a resolver whose requests have at most `most` keys or queries; a read with more is sent alone.
 *
 * Not made by `RequestResolver.make`, since the module of that function loads Effect's clients for SQL and Redis.
 */
export const gatheringResolver = <Input, Output>(most: number | undefined): GatheringResolver<Input, Output> =>
  new Resolver<Gathered<Input, Output>>(
    (entries) => Effect.forEach(partsOf(entries, most), runPart, { concurrency: "unbounded", discard: true }),
  )

// The properties are the object's own, since Effect's functions on resolvers copy them with a spread.
class Resolver<A extends Request.Any & { readonly key: string }> extends Pipeable.Class
  implements RequestResolver.RequestResolver<A> {
  readonly "~effect/RequestResolver" = { _A: identity<unknown> }
  readonly delay = Effect.yieldNow
  readonly preCheck = undefined
  readonly batchKey = ({ request }: Request.Entry<A>): string => request.key
  readonly collectWhile = (): boolean => true
  readonly runAll: RequestResolver.RequestResolver<A>["runAll"]

  constructor(runAll: RequestResolver.RequestResolver<A>["runAll"]) {
    super()
    this.runAll = runAll
  }
}

type Entries<Input, Output> = ReadonlyArray<Request.Entry<Gathered<Input, Output>>>

/** Maximum size of a request of several reads, in bytes. Milvus accepts 64 MiB. */
const mostBytes = 32 * 2 ** 20

/** Divides reads into requests by their size. */
const partsOf = <Input, Output>(
  entries: Entries<Input, Output>,
  most: number | undefined,
): ReadonlyArray<Entries<Input, Output>> => {
  const parts: Array<Array<Request.Entry<Gathered<Input, Output>>>> = []
  let [total, totalBytes] = [Infinity, 0]
  for (const entry of entries) {
    const { size, bytes } = entry.request
    total += size
    totalBytes += bytes
    if (total > (most ?? entry.request.most) || totalBytes > mostBytes) {
      parts.push([])
      total = size
      totalBytes = bytes
    }
    parts.at(-1)!.push(entry)
  }
  return parts
}

/** Makes one request, and completes each of its reads. */
const runPart = <Input, Output>(entries: Entries<Input, Output>): Effect.Effect<void> => {
  const reads = entries.map(({ request }) => request)
  const call = reads[0]!.run(reads.map(({ input }) => input))
  return Effect.raceFirst(call, allGone(reads)).pipe(
    Effect.exit,
    Effect.map((exit) =>
      entries.forEach((entry, at) =>
        entry.completeUnsafe(Exit.isSuccess(exit) ? Exit.succeed(exit.value[at]!) : Exit.failCause(exit.cause))
      )
    ),
  )
}

/** Is interrupted when the callers of all reads are. */
const allGone = (reads: ReadonlyArray<{ readonly caller: Caller }>): Effect.Effect<never> =>
  Effect.callback((resume) => {
    let waiting = reads.length
    for (const { caller } of reads) caller.onLeave(() => --waiting === 0 && resume(Effect.interrupt))
  })

/** Reads through a resolver. */
export const gather = <Input, Output>(
  resolver: GatheringResolver<Input, Output>,
  read: Pick<Gathered<Input, Output>, "input" | "size" | "bytes" | "key" | "most" | "run">,
): Effect.Effect<Output, DataError> =>
  Effect.suspend(() => {
    const caller = new Caller()
    const request = Request.of<Gathered<Input, Output>>()({ ...read, caller })
    return Effect.onInterrupt(Effect.request(request, resolver), () => Effect.sync(() => caller.leave()))
  })

/** Checks a resolver. Throws `CodecError`. */
export const checkResolver = (resolver: unknown, make: string): void => {
  if (typeof resolver === "object" && resolver !== null && "~effect/RequestResolver" in resolver) return
  throwValue("resolver", undefined, `a resolver made by ${make}`, describeValue(resolver))
}

/** Reads the maximum size of the requests of a resolver from its options. Throws `CodecError`. */
export const readMost = <Name extends string>(
  name: Name,
  options: { readonly [_ in Name]?: number | undefined },
): number | undefined => {
  accepted(checkRecord("options", options, [name]))
  accepted(checkCount(name, options[name]))
  return options[name]
}

/** Returns a text that is equal only for reads that can be gathered. */
export const gatherKey = (
  method: string,
  connection: Connection.Connection,
  collection: CollectionRef,
  options: object,
): Effect.Effect<string, DataError> =>
  Effect.withFiber((fiber) =>
    tryEncode(() => {
      const given = Object.entries(options).filter(([name, value]) => value !== undefined && name !== "resolver")
      return JSON.stringify([
        method,
        identityOf(connection),
        keyOfValue(fiber.getRef(CurrentPrincipal)),
        typeof collection === "string" ? collection : identityOf(collection),
        ...given.sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => [
          name,
          plainOptions.has(name) ? keyOfValue(value) : identityOfValue(value),
        ]),
      ])
    })
  )

/** Options whose content is compared. Others are objects whose content can be hidden in them. */
const plainOptions: ReadonlySet<string> = new Set([
  "filter",
  "groupBy",
  "orderBy",
  "outputFields",
  "params",
  "partitions",
  "timeFields",
])

/** Returns a value for JSON that is equal only for equal values. */
const keyOfValue = (value: unknown): unknown => {
  if (isFilter(value)) {
    const text = toExpression(value)
    return Result.isSuccess(text) ? { text: text.success } : identityOf(value)
  }
  if (Array.isArray(value)) return ["list", ...value.map(keyOfValue)]
  if (typeof value !== "object" || value === null) return identityOfValue(value)
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
    ? ["record", ...Object.entries(value).map(([name, one]) => [name, keyOfValue(one)])]
    : identityOf(value)
}

const identityOfValue = (value: unknown): unknown =>
  typeof value === "object" && value !== null || typeof value === "function"
    ? identityOf(value)
    : `${typeof value} ${String(value)}`

const identities = new WeakMap<object, number>()
let lastIdentity = 0

/** Returns a number for an object, which no other object has. */
const identityOf = (value: object): number => {
  const known = identities.get(value) ?? ++lastIdentity
  identities.set(value, known)
  return known
}
