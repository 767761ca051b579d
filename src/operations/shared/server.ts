/** What kind of server a connection is to, as far as operations have to know it. */
import type * as Connection from "../../Connection.ts"

/** Whether the server is milvus-lite. */
export const isLite = ({ server }: Connection.Connection): boolean => server.buildTags === "milvus_lite"

/**
 * Whether the server is a Milvus of a version or later; `otherwise` for a server that does not count by Milvus's
 * versions.
 */
export const isAtLeast = (
  { server: { version } }: Connection.Connection,
  major: number,
  minor: number,
  otherwise: boolean,
): boolean => {
  const [, one, two] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  if (one === undefined) return otherwise
  return Number(one) > major || Number(one) === major && Number(two) >= minor
}
