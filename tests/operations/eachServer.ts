/** Registers tests of operations on a FakeMilvus and on the real servers. A test that hangs fails after a minute. */
import * as Effect from "effect/Effect"
import { Connection } from "../../mod.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { type Engine, engines } from "../live/engines.ts"
import { type MilvusServer, shared } from "../support/milvus.ts"
import { effectTest } from "../support/test.ts"

type Program = Effect.Effect<unknown, unknown, Connection.Connection>

const servers: ReadonlyMap<Engine, () => MilvusServer> = new Map(
  engines.map((engine) => [engine, shared(engine.start)]),
)

/** Registers a test on a FakeMilvus. */
export const onFake = (
  name: string,
  run: (fake: FakeMilvus.FakeMilvus) => Program,
  options?: FakeMilvus.Options,
): void =>
  effectTest(
    name,
    FakeMilvus.FakeMilvus.use(run).pipe(
      Effect.provide(FakeMilvus.layerConnected(options)),
      Effect.timeout("60 seconds"),
    ),
  )

/** Registers a test on a real server, which all tests of a file share. Each test creates collections of its own. */
export const onEngine = (engine: Engine, name: string, run: (engine: Engine) => Program): void =>
  effectTest(
    `${engine.name}: ${name}`,
    Effect.suspend(() => Effect.provide(run(engine), Connection.layer(servers.get(engine)?.().address))).pipe(
      Effect.timeout("60 seconds"),
    ),
  )

/** Registers a test on a FakeMilvus, which has no engine, and on each real server. */
export const onAll = (name: string, run: (engine: Engine | undefined) => Program): void => {
  onFake(`FakeMilvus: ${name}`, () => run(undefined))
  for (const engine of engines) onEngine(engine, name, run)
}
