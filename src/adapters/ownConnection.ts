/** A connection that a store of a framework uses: one of the program, or one that the store opens and closes. */
import * as Effect from "effect/Effect"
import { isFilePath } from "../config/address.ts"
import { paramError } from "../config/params.ts"
import * as ConnectionConfig from "../ConnectionConfig.ts"
import type { ConnectParams } from "../ConnectionConfig.ts"
import { ConnectionClosed } from "../errors.ts"
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

  /** Throws `ParamError` for parameters that are missing or wrong. */
  constructor(source: ConnectionSource) {
    if (typeof source !== "string" && (typeof source !== "object" || source === null)) {
      throw paramError(
        "options.milvus",
        "a connection, its address, its parameters or a path",
        source ?? String(source),
      )
    }
    this.#given = typeof source === "object" && "vectors" in source ? source : undefined
    // Cast: what is not a connection are parameters.
    this.#params = this.#given === undefined ? source as string | ConnectParams : ""
    const isPath = typeof this.#params === "string" && isFilePath(this.#params)
    if (this.#given === undefined && !isPath) Effect.runSync(ConnectionConfig.make(this.#params))
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
