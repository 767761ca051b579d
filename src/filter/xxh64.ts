/**
 * The hash function XXH64 with seed 0 (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), in 32-bit
 * halves, since arithmetic on `bigint` allocates.
 */

/** A hash, as two unsigned halves. It is overwritten by the next call. */
export interface Hash {
  high: number
  low: number
}

/** An unsigned 64-bit integer, as two halves. */
type Mutable64 = Hash

const [p1High, p1Low] = [0x9e3779b1, 0x85ebca87]
const [p2High, p2Low] = [0xc2b2ae3d, 0x27d4eb4f]
const [p3High, p3Low] = [0x165667b1, 0x9e3779f9]
const [p4High, p4Low] = [0x85ebca77, 0xc2b2ae63]
const [p5High, p5Low] = [0x27d4eb2f, 0x165667c5]

/** Returns the hash of bytes. It is overwritten by the next call. */
export const xxh64 = (bytes: Uint8Array): Hash => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { length } = bytes
  let at = 0
  if (length < 32) set(hash, p5High, p5Low)
  else {
    const [one, two, three, four] = lanes
    set(one, p1High, p1Low)
    add(one, p2High, p2Low)
    set(two, p2High, p2Low)
    set(three, 0, 0)
    set(four, ~p1High, ~p1Low)
    add(four, 0, 1)
    for (; at + 32 <= length; at += 32) {
      for (let lane = 0; lane < 4; lane++) mixLane(lanes[lane] ?? one, view, at + 8 * lane)
    }
    set(hash, 0, 0)
    for (let lane = 0; lane < 4; lane++) {
      copy(scratch, lanes[lane] ?? one)
      rotate(scratch, rotations[lane] ?? 0)
      add(hash, scratch.high, scratch.low)
    }
    for (const lane of lanes) {
      multiply(lane, p2High, p2Low)
      rotate(lane, 31)
      multiply(lane, p1High, p1Low)
      xor(hash, lane.high, lane.low)
      multiply(hash, p1High, p1Low)
      add(hash, p4High, p4Low)
    }
  }
  add(hash, 0, length)
  for (; at + 8 <= length; at += 8) {
    set(scratch, 0, 0)
    mixLane(scratch, view, at)
    xor(hash, scratch.high, scratch.low)
    rotate(hash, 27)
    multiply(hash, p1High, p1Low)
    add(hash, p4High, p4Low)
  }
  if (at + 4 <= length) {
    set(scratch, 0, view.getUint32(at, true))
    multiply(scratch, p1High, p1Low)
    xor(hash, scratch.high, scratch.low)
    rotate(hash, 23)
    multiply(hash, p2High, p2Low)
    add(hash, p3High, p3Low)
    at += 4
  }
  for (; at < length; at++) {
    set(scratch, 0, view.getUint8(at))
    multiply(scratch, p5High, p5Low)
    xor(hash, scratch.high, scratch.low)
    rotate(hash, 11)
    multiply(hash, p1High, p1Low)
  }
  xorShift(hash, 33)
  multiply(hash, p2High, p2Low)
  xorShift(hash, 29)
  multiply(hash, p3High, p3Low)
  xorShift(hash, 32)
  return hash
}

/** Adds 8 bytes to a lane. */
const mixLane = (lane: Mutable64, view: DataView, at: number): void => {
  set(input, view.getUint32(at + 4, true), view.getUint32(at, true))
  multiply(input, p2High, p2Low)
  add(lane, input.high, input.low)
  rotate(lane, 31)
  multiply(lane, p1High, p1Low)
}

// Used by one call at a time, so that hashing allocates nothing.
const make = (): Mutable64 => ({ high: 0, low: 0 })
const [hash, scratch, input] = [make(), make(), make()]
const lanes = [make(), make(), make(), make()] as const
const rotations = [1, 7, 12, 18]

const set = (to: Mutable64, high: number, low: number): void => {
  to.high = high >>> 0
  to.low = low >>> 0
}

const copy = (to: Mutable64, from: Mutable64): void => set(to, from.high, from.low)

const xor = (to: Mutable64, high: number, low: number): void => set(to, to.high ^ high, to.low ^ low)

const add = (to: Mutable64, high: number, low: number): void => {
  const sum = to.low + (low >>> 0)
  set(to, to.high + high + (sum > 0xffffffff ? 1 : 0), sum)
}

/** Multiplies modulo 2^64. The low halves are multiplied in parts of 16 bits, which keeps all products exact. */
const multiply = (to: Mutable64, high: number, low: number): void => {
  const a = to.low & 0xffff
  const b = low & 0xffff
  const least = a * b
  const cross = a * (low >>> 16)
  const other = (to.low >>> 16) * b
  const middle = (least >>> 16) + (cross & 0xffff) + (other & 0xffff)
  const carried = (to.low >>> 16) * (low >>> 16) + (cross >>> 16) + (other >>> 16) + (middle >>> 16)
  set(to, carried + Math.imul(to.high, low) + Math.imul(to.low, high), middle << 16 | least & 0xffff)
}

/** Rotates to the left by 1 to 31 bits. */
const rotate = (to: Mutable64, bits: number): void => {
  const { high, low } = to
  set(to, high << bits | low >>> 32 - bits, low << bits | high >>> 32 - bits)
}

/** Combines with itself, shifted to the right by 29, 32 or 33 bits. */
const xorShift = (to: Mutable64, bits: number): void => {
  const { high, low } = to
  if (bits >= 32) xor(to, 0, bits === 32 ? high : high >>> bits - 32)
  else xor(to, high >>> bits, low >>> bits | high << 32 - bits)
}
