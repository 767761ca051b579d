/**
 * Bytes of numbers: the wire is little-endian, whatever the machine is.
 *
 * A packed `repeated float` is, on a little-endian machine, the memory of a `Float32Array`. On a big-endian one the same
 * code copies first and then turns each number around in place.
 */

/** Whether the memory of this machine is that of the wire. */
export const isLittleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** A typed array whose memory goes over the wire. */
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array

/** The memory of a typed array, as a view: whoever writes into one writes into the other. */
export const bytesOf = (values: Numbers): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** Turns each number of `width` bytes around, in place, in `bytes[start, end)`. */
export const swap = (bytes: Uint8Array, start: number, end: number, width: number): void => {
  for (let at = start; at + width <= end; at += width) bytes.subarray(at, at + width).reverse()
}

/** Copies the memory of `values` to `at`, in the order of the wire. */
export const copyNumbers = (
  to: Uint8Array,
  at: number,
  values: Numbers,
  littleEndian: boolean = isLittleEndian,
): void => {
  to.set(bytesOf(values), at)
  if (!littleEndian) swap(to, at, at + values.byteLength, values.BYTES_PER_ELEMENT)
}

/** Copies `bytes[start, end)` of the wire to the memory of `values`, from its element `at` on. */
export const fillNumbers = (
  values: Numbers,
  at: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  littleEndian: boolean = isLittleEndian,
): void => {
  const memory = bytesOf(values)
  const first = at * values.BYTES_PER_ELEMENT
  memory.set(bytes.subarray(start, end), first)
  if (!littleEndian) swap(memory, first, first + end - start, values.BYTES_PER_ELEMENT)
}

/** Whether `bytes[start, ...)` can be seen as numbers of `width` bytes where it lies. */
export const canView = (bytes: Uint8Array, start: number, width: number): boolean =>
  isLittleEndian && (bytes.byteOffset + start) % width === 0
