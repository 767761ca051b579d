/** This library, with promises. */
import { connect } from "../../../src/promise.ts"
import type { Peer } from "./Peer.ts"

const open: Peer = async (address) => {
  const milvus = await connect(address)
  return { getVersion: () => milvus.call("GetVersion", {}), close: () => milvus.close() }
}

export default open
