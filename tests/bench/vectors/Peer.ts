/** A client that moves vectors, behind the same few functions. Each peer is a module of its own, so that none pays for another. */

/** What is moved. */
export interface Shape {
  /** Rows of an insert. */
  readonly rows: number
  readonly dimension: number
  /** Queries of a search. */
  readonly queries: number
  /** Hits of a query. */
  readonly limit: number
}

/** Connected, with an insert and a search prepared in the form that its users hold them in. */
export interface Client {
  insert(): Promise<unknown>
  /** What the users get: columns, or objects. */
  search(): Promise<unknown>
  /** How many hits that has. */
  hits(result: unknown): number
  close(): Promise<void>
}

export type Peer = (address: string, shape: Shape) => Promise<Client>

/** The collection that all write to and search: `id`, and `vector`. */
export const collection = "bench"

/** Numbers that are not alike. */
export const vectorsOf = (count: number, dimension: number): Float32Array<ArrayBuffer> => {
  const values = new Float32Array(count * dimension)
  for (let at = 0, seed = 42; at < values.length; at++) {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0
    values[at] = seed / 2 ** 31
  }
  return values
}
