/** A generator of random choices that a seed determines. */
export interface Random {
  /** Returns a number in [0, 1). */
  readonly next: () => number
  /** Returns an integer in [0, below). */
  readonly int: (below: number) => number
  readonly chance: (probability: number) => boolean
  readonly pick: <A>(values: ReadonlyArray<A>) => A
}

/** Makes a generator (mulberry32). */
export const makeRandom = (seed: number): Random => {
  // Neighboring seeds have to give unrelated choices.
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const int = (below: number) => Math.floor(next() * below)
  return { next, int, chance: (probability) => next() < probability, pick: (values) => values[int(values.length)]! }
}
