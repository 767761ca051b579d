/**
 * Hash values of the rows of a collection, of constant size: the rows are put into groups by their keys, and a group
 * has the sum of the hash values of its rows. Two digests tell the groups in which a row was added, changed or removed.
 */

/** A digest of rows. */
export interface Digest {
  /** Two sums of 32 bits for each group. */
  readonly sums: Uint32Array
}

const groups = 65536

/** Makes the digest of no rows. */
export const emptyDigest = (): Digest => ({ sums: new Uint32Array(2 * groups) })

/** Returns the group of a key. */
export const groupOf = (key: unknown): number => hash(textOf(key), 0x811c9dc5) % groups

/** Adds a row. */
export const addRow = ({ sums }: Digest, key: unknown, row: object): void => {
  const text = textOf(Object.entries(row).toSorted(([a], [b]) => a < b ? -1 : 1))
  const at = 2 * groupOf(key)
  sums[at] = (sums[at] ?? 0) + hash(text, 0x9e3779b9)
  sums[at + 1] = (sums[at + 1] ?? 0) + hash(text, 0x85ebca6b)
}

/** Returns the groups that differ. Each has at least one row that was added, changed or removed. */
export const changedIn = (before: Digest, after: Digest): ReadonlySet<number> => {
  const changed = new Set<number>()
  for (const [at, sum] of after.sums.entries()) if (sum !== before.sums[at]) changed.add(at >> 1)
  return changed
}

/** Returns the same text for equal values of rows, and different ones for others. A `bigint` equals its number. */
export const textOf = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "number" || typeof inner === "bigint") return `#${Object.is(inner, -0) ? "-0" : inner}`
    if (typeof inner === "string") return `$${inner}`
    return ArrayBuffer.isView(inner) && "length" in inner ? [...numbersOf(inner)] : inner
  }) ?? ""

// Cast: a view with a length is a typed array.
const numbersOf = (view: ArrayBufferView) => view as unknown as Iterable<number | bigint>

/** Returns a hash value of 32 bits: FNV-1a with a last mix, as in MurmurHash3. */
const hash = (text: string, seed: number): number => {
  let sum = seed
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193)
  sum = Math.imul(sum ^ sum >>> 16, 0x85ebca6b)
  sum = Math.imul(sum ^ sum >>> 13, 0xc2b2ae35)
  return (sum ^ sum >>> 16) >>> 0
}
