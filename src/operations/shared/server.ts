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
  const [, one, two] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  if (one === undefined) return otherwise
  return Number(one) > major || Number(one) === major && Number(two) >= minor
}
