/**
 * Converts between the memory of typed arrays and the bytes of a message, which are little-endian on every machine.
 *
 * On a little-endian machine, a packed `repeated float` is the memory of a `Float32Array`. On a big-endian machine, the
 * same code copies the bytes and then reverses those of each number in place.
 */

/** Whether this machine is little-endian, like the wire format. */
export const isLittleEndian: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** A typed array whose memory is sent. */
export type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array

/** Returns the memory of a typed array as a view: a write to one changes the other. */
export const bytesOf = (values: Numbers): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** Reverses the bytes of each number of `width` bytes in `bytes[start, end)`, in place. */
export const swap = (bytes: Uint8Array, start: number, end: number, width: number): void => {
  for (let at = start; at + width <= end; at += width) bytes.subarray(at, at + width).reverse()
}

/** Copies the memory of `values` to `to`, from byte `at` on, in little-endian order. */
export const copyNumbers = (
  to: Uint8Array,
  at: number,
  values: Numbers,
  littleEndian: boolean = isLittleEndian,
): void => {
  to.set(bytesOf(values), at)
  if (!littleEndian) swap(to, at, at + values.byteLength, values.BYTES_PER_ELEMENT)
}

/** Copies the little-endian `bytes[start, end)` to the memory of `values`, from its element `at` on. */
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

/** Whether `bytes` from `start` on can be viewed, without a copy, as numbers of `width` bytes. */
export const canView = (bytes: Uint8Array, start: number, width: number): boolean =>
  isLittleEndian && (bytes.byteOffset + start) % width === 0
