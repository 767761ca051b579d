/** This library, with Effect and objects whose vectors are `number[]`. */
import { type Peer, vectorsOf } from "../Peer.ts"
import { withInput } from "./ours.ts"

const peer: Peer = withInput(({ rows, dimension }) => {
  const values = vectorsOf(rows, dimension)
  return Array.from({ length: rows }, (_, id) => ({
    id,
    vector: Array.from(values.subarray(id * dimension, (id + 1) * dimension)),
  }))
})

export default peer
