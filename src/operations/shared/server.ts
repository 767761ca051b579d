/** The kind and the version of the server, as far as operations depend on them. */
import type * as Connection from "../../Connection.ts"

/** Whether the server is milvus-lite. */
export const isLite = ({ server }: Connection.Connection): boolean => server.buildTags === "milvus_lite"

/**
 * Whether the server has a version of Milvus or a later one; `otherwise` for a server whose version is not one of
 * Milvus.
 */
export const isAtLeast = (
  { server: { version } }: Connection.Connection,
  major: number,
  minor: number,
  otherwise: boolean,
): boolean => {
  const [one, two] = version === last.version ? last.numbers : (last = readVersion(version)).numbers
  if (one === undefined || two === undefined) return otherwise
  return one > major || one === major && two >= minor
}

interface Version {
  readonly version: string
  /** Major and minor; none if it is not a version of Milvus. */
  readonly numbers: ReadonlyArray<number>
}

const readVersion = (version: string): Version => {
  const [, ...numbers] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  return { version, numbers: numbers.map(Number) }
}

/** The version that was read last: usually all connections have servers of the same one. */
let last: Version = { version: "", numbers: [] }
