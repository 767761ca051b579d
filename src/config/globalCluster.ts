/** Decodes the parameter `globalCluster`, and recognizes the address of a global cluster. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import type { Address } from "./address.ts"
import { type Decoded, failParam, failUnknownParam, readDuration, readRecord } from "./params.ts"

/** Options of a global cluster. */
export interface GlobalClusterParams {
  /**
   * Time between two requests of the topology while nothing fails. At least 1 s.
   *
   * @default 5 minutes
   */
  readonly refreshInterval?: Duration.Input | undefined
}

/** Decoded {@linkcode GlobalClusterParams}, with the endpoint that reports the topology. */
export interface GlobalCluster {
  /** `"host:port"` of the endpoint. */
  readonly address: string
  /** Whether the endpoint is asked by HTTPS. */
  readonly secure: boolean
  /** Time between two requests of the topology while nothing fails. */
  readonly refreshInterval: Duration.Duration
}

/** Decodes the parameter `globalCluster`. Without it, the host of a single address decides. */
export const readGlobalCluster = (
  value: unknown,
  { target: address, host, port }: Address,
  { secure, isSingle }: { readonly secure: boolean; readonly isSingle: boolean },
): Decoded<GlobalCluster | false> =>
  Result.gen(function* () {
    const isPossible = isSingle && port !== 0
    const isGlobal = value === undefined ? isPossible && host.includes("global-cluster") : value !== false
    if (!isGlobal) return false
    const given = value === undefined || value === true
      ? {}
      : yield* readRecord("globalCluster", value, "true, false, or { refreshInterval }")
    yield* failUnknownParam("globalCluster.", given, names)
    const refreshInterval = yield* readDuration(
      "globalCluster.refreshInterval",
      given["refreshInterval"],
      defaultRefreshInterval,
      minRefreshInterval,
    )
    if (!isPossible) return yield* failParam("globalCluster", "one address, of a host and a port")
    return { address, secure, refreshInterval }
  })

const names: ReadonlySet<string> = new Set<keyof GlobalClusterParams>(["refreshInterval"])
const defaultRefreshInterval = Duration.minutes(5)
const minRefreshInterval = Duration.seconds(1)
