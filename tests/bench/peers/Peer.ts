/** What is measured, behind the same few functions. Each peer is a module of its own, so that none pays for another. */

/** A client that is ready: it said who it is, and the server said that it is healthy. */
export interface Client {
  getVersion(): Promise<unknown>
  close(): Promise<void>
  /** `getVersion` in so many loops until `count` calls are made; where the client has a way of its own to do that. */
  load?(loops: number, count: number): Promise<void>
}

export type Peer = (address: string) => Promise<Client>
