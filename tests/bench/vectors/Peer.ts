/** A client that moves vectors. Each peer is a separate module, so that its figures do not include those of another. */

/** Shape of the data. */
export interface Shape {
  /** Number of rows of an insert. */
  readonly rows: number
  readonly dimension: number
  /** Number of queries of a search. */
  readonly queries: number
  /** Number of hits of a query. */
  readonly limit: number
}

/** A connected client. Its insert and search are prepared in the form that its users would have. */
export interface Client {
  insert(): Promise<unknown>
  /** Inserts one row of ten fields. Absent if that is not measured. */
  insertRow?(): Promise<unknown>
  /** The form of the result for users: columns or objects. */
  search(): Promise<unknown>
  /** Number of hits in the result. */
  hits(result: unknown): number
  close(): Promise<void>
}

export type Peer = (address: string, shape: Shape) => Promise<Client>

/** The collection that all peers use, with the fields `id` and `vector`. */
export const collection = "bench"

/** Makes numbers that differ. */
export const vectorsOf = (count: number, dimension: number): Float32Array<ArrayBuffer> => {
  const values = new Float32Array(count * dimension)
  for (let at = 0, seed = 42; at < values.length; at++) {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0
    values[at] = seed / 2 ** 31
  }
  return values
}

/** A row of ten fields, as programs have them. */
export interface Row {
  readonly id: number
  readonly title: string
  readonly author: string
  readonly year: number
  readonly pages: number
  readonly sold: number
  readonly price: number
  readonly rating: number
  readonly inPrint: boolean
  readonly vector: ReadonlyArray<number>
}

let rows = 0

/** Makes a row. */
export const rowOf = (): Row => {
  const id = rows++
  const vector = Array.from({ length: 16 }, (_, at) => (id + at) % 7 / 7)
  return {
    id,
    title: `title of book ${id}`,
    author: "Jorge Luis Borges",
    year: 1900 + id % 100,
    pages: 200 + id % 300,
    sold: id * 10,
    price: 12.5,
    rating: id % 50 / 10,
    inPrint: id % 2 === 0,
    vector,
  }
}
