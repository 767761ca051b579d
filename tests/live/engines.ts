/**
 * The real servers of the live tests, with what each reports about itself, and the assertions that these tests share.
 */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import type { Connection } from "../../mod.ts"
import { type MilvusServer, startMilvus, startMilvusLite } from "../support/milvus.ts"

export interface Engine {
  readonly name: "milvus-lite" | "Milvus 2.3.5"
  readonly start: () => Promise<MilvusServer>
  readonly server: { readonly version: string; readonly buildTags: string; readonly deployMode: string }
  /** Whether it gives each connection a number. */
  readonly identifies: boolean
}

export const lite: Engine = {
  name: "milvus-lite",
  start: () => startMilvusLite(),
  server: { version: "milvus_lite-3.2.2", buildTags: "milvus_lite", deployMode: "embedded" },
  identifies: false,
}

export const standalone: Engine = {
  name: "Milvus 2.3.5",
  start: () => startMilvus(),
  server: { version: "v2.3.5-lite", buildTags: "v2.3.5-lite", deployMode: "STANDALONE" },
  identifies: true,
}

export const engines: ReadonlyArray<Engine> = [lite, standalone]

/** Fails if the server did not report what this engine reports. */
export const assertServer = (server: Connection.ServerInfo, engine: Engine): void => {
  const { identifier, ...rest } = server
  assertEquals(rest, engine.server)
  assertEquals(typeof identifier, engine.identifies ? "bigint" : "undefined")
}

/** Fails if the connection is not ready, or if a call over it fails. */
export const assertServes = (connection: Connection.Connection, engine: Engine): Effect.Effect<void, Error> =>
  Effect.gen(function* () {
    assertServer(connection.server, engine)
    assertEquals(yield* connection.state, "Ready")
    assertEquals((yield* connection.call("GetVersion", {})).version, engine.server.version)
    assert((yield* connection.call("ListDatabases", {})).db_names.includes("default"))
  })
