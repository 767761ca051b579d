/** The Node SDK. */
import type { Peer } from "./Peer.ts"

const version = "3.0.6"

/** The specifier is made at run time, so that neither the lock file nor the type check sees this package. */
const open: Peer = async (address) => {
  const { MilvusClient } = await import(`npm:@zilliz/milvus2-sdk-node@${version}`)
  const client = new MilvusClient({ address, logLevel: "error" })
  await client.connectPromise
  await client.checkHealth()
  return { getVersion: () => client.getVersion(), close: () => client.closeConnection() }
}

export default open
