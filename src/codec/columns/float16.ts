/**
 * Converts numbers to and from 16 bits: half precision (IEEE 754 binary16: 5 bits of exponent, 10 of fraction) and
 * bfloat16 (8 and 7).
 *
 * Narrowing rounds to nearest, ties to even, and rounds a JavaScript number once, without an intermediate 32-bit float.
 * Numbers that are too large become infinite. NaN stays NaN, with the upper bits of its payload. Widening is exact.
 */

const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)
const highWord = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0

/** Returns the bits of a number in a format with `fraction` bits of fraction and the exponent bias `bias`. */
const narrow = (value: number, fraction: number, bias: number): number => {
  double[0] = value
  const high = words[highWord]!
  // Of the bits below the upper 20 bits of the fraction, it only matters whether any is set.
  const rest = words[1 - highWord] === 0 ? 0 : 1
  const sign = high >>> 16 & 0x8000
  const exponent = (high >>> 20 & 0x7ff) - 1023
  const bits = high & 0xfffff | rest
  const cut = 20 - fraction
  if (exponent > bias) {
    const infinity = sign | (bias * 2 + 1) << fraction
    return exponent === 1024 && bits !== 0 ? infinity | 1 << fraction - 1 | (high & 0xfffff) >>> cut : infinity
  }
  if (exponent > -bias) return sign | roundOff((exponent + bias) << 20 | bits, cut)
  // Subnormal: the leading one becomes part of the fraction.
  const lost = cut + 1 - bias - exponent
  return lost > 21 ? sign : sign | roundOff(bits | 0x100000, lost)
}

/** Shifts `cut` bits out and rounds to nearest, ties to even. A carry correctly increments the exponent. */
const roundOff = (bits: number, cut: number): number => {
  const kept = bits >>> cut
  const lost = bits & (1 << cut) - 1
  const half = 1 << cut - 1
  return lost > half || lost === half && (kept & 1) === 1 ? kept + 1 : kept
}

/** Returns the bits of a number in half precision. */
export const toFloat16 = (value: number): number => narrow(value, 10, 15)

/** Returns the bits of a number in bfloat16. */
export const toBfloat16 = (value: number): number => narrow(value, 7, 127)

const narrowAll = (values: ArrayLike<number>, convert: (value: number) => number): Uint16Array => {
  const bits = new Uint16Array(values.length)
  for (let at = 0; at < bits.length; at++) bits[at] = convert(values[at]!)
  return bits
}

/** Converts numbers to the bits of half-precision numbers. */
export const float32ToFloat16 = (values: ArrayLike<number>): Uint16Array => narrowAll(values, toFloat16)

/** Converts numbers to the bits of bfloat16 numbers. */
export const float32ToBfloat16 = (values: ArrayLike<number>): Uint16Array => narrowAll(values, toBfloat16)

/** Converts the bits of half-precision numbers to numbers. The result is exact. */
export const float16ToFloat32 = (bits: Uint16Array): Float32Array => {
  const wide = new Uint32Array(bits.length)
  for (let at = 0; at < wide.length; at++) {
    const half = bits[at]!
    const sign = (half & 0x8000) << 16
    const exponent = half >>> 10 & 0x1f
    let fraction = half & 0x3ff
    if (exponent === 0x1f) wide[at] = sign | 0x7f800000 | fraction << 13
    else if (exponent !== 0) wide[at] = sign | exponent + 112 << 23 | fraction << 13
    else if (fraction === 0) wide[at] = sign
    else {
      // Subnormal in half precision, but normal as a 32-bit float.
      const shift = Math.clz32(fraction) - 21
      fraction = fraction << shift & 0x3ff
      wide[at] = sign | 113 - shift << 23 | fraction << 13
    }
  }
  return new Float32Array(wide.buffer)
}

/**
 * Converts the bits of bfloat16 numbers, which are the upper halves of 32-bit floats, to numbers. The result is exact.
 */
export const bfloat16ToFloat32 = (bits: Uint16Array): Float32Array => {
  const wide = new Uint32Array(bits.length)
  for (let at = 0; at < wide.length; at++) wide[at] = bits[at]! << 16
  return new Float32Array(wide.buffer)
}
