/**
 * Typed arrays of zeros. Those of few elements are views of a shared piece of memory, because memory of its own for
 * each column is a large part of the cost of encoding one row. A place in it is used once.
 */

const pieceSize = 16_384
const largestSmall = 64

let piece = new ArrayBuffer(pieceSize)
let used = 0

/** A kind of typed array. */
interface ArrayType<A> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): A
  new (buffer: ArrayBuffer, at: number, length: number): A
}

/** Returns a typed array of so many zeros. */
export const zeros = <A>(Type: ArrayType<A>, count: number): A => {
  if (count > largestSmall) return new Type(count)
  const size = count * Type.BYTES_PER_ELEMENT
  if (used + size > pieceSize) {
    piece = new ArrayBuffer(pieceSize)
    used = 0
  }
  const at = used
  // The next one begins at a multiple of 8.
  used += size + 7 & ~7
  return new Type(piece, at, count)
}
