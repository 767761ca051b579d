/** A connection that a store of a framework uses: one of the program, or one that the store opens and closes. */
import { ConnectionClosed } from "../errors.ts"
import type { ConnectParams } from "../ConnectionConfig.ts"
import { connect, type Milvus, type MilvusOperations } from "../promise.ts"

/**
 * A connection or a view of it, which stays open when the store is closed; or the parameters of one, which the store
 * opens at its first use.
 */
export type ConnectionSource = MilvusOperations | string | ConnectParams

/** Opens a connection at its first use, and closes it if it is its own. */
export class OwnConnection {
  readonly #given: MilvusOperations | undefined
  readonly #params: string | ConnectParams
  #opened: Promise<Milvus> | undefined
  #isClosed = false

  constructor(source: ConnectionSource) {
    this.#given = typeof source === "object" && "vectors" in source ? source : undefined
    // Cast: what is not a connection are parameters, which `connect` checks.
    this.#params = this.#given === undefined ? source as string | ConnectParams : ""
  }

  /** Returns the connection. A connect that failed is repeated by the next call. */
  async get(): Promise<MilvusOperations> {
    if (this.#given !== undefined) return this.#given
    if (this.#isClosed) throw new ConnectionClosed({ address: (await this.#opened)?.config.address ?? "Milvus" })
    const opening = this.#opened ??= connect(this.#params)
    try {
      return await opening
    } catch (error) {
      if (this.#opened === opening) this.#opened = undefined
      throw error
    }
  }

  /** Closes the connection if it is its own. Closing again does nothing. */
  async close(): Promise<void> {
    this.#isClosed = true
    // A connect that failed has its error where it was awaited, and leaves nothing open.
    const opened = await this.#opened?.catch(() => undefined)
    await opened?.close()
  }
}
