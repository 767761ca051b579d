/** A client under measurement. Each peer is a separate module, so that its figures do not include those of another. */

/** A ready client: it has introduced itself, and the server has reported that it is healthy. */
export interface Client {
  getVersion(): Promise<unknown>
  close(): Promise<void>
  /** Calls `getVersion` in so many loops until `count` calls are made. Absent if the client has no special way. */
  load?(loops: number, count: number): Promise<void>
}

export type Peer = (address: string) => Promise<Client>
