/** Reads connection parameters from the environment, through Effect's `Config`. */
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ConnectParams } from "../ConnectionConfig.ts"
import { readableEnvironment } from "../config/permissions.ts"

/** Reads `MILVUS_URI`, `MILVUS_TOKEN`, `MILVUS_USER`, `MILVUS_PASSWORD` and `MILVUS_DATABASE`, all optional. */
export const fromEnvironment: Config.Config<ConnectParams> = Config.all({
  uri: Config.option(Config.String("MILVUS_URI")),
  token: Config.option(Config.Redacted("MILVUS_TOKEN")),
  user: Config.option(Config.String("MILVUS_USER")),
  password: Config.option(Config.Redacted("MILVUS_PASSWORD")),
  database: Config.option(Config.String("MILVUS_DATABASE")),
}).pipe(Config.map(({ uri, token, user, password, database }) => ({
  uri: Option.getOrUndefined(Option.filter(uri, (uri) => uri !== "")),
  token: Option.getOrUndefined(token),
  user: Option.getOrUndefined(user),
  password: Option.getOrUndefined(password),
  database: Option.getOrUndefined(database),
})))

const names = ["MILVUS_URI", "MILVUS_TOKEN", "MILVUS_USER", "MILVUS_PASSWORD", "MILVUS_DATABASE"]

/**
 * Falls back to the readable `MILVUS_*` variables. Effect reads the whole environment at once, which Deno refuses if a
 * program may read only a part of it.
 */
export const withEnvironmentErrors = <A>(
  config: Effect.Effect<A, Config.ConfigError>,
): Effect.Effect<A, Config.ConfigError> =>
  Effect.catchCause(config, (cause) =>
    Cause.hasDies(cause)
      ? Effect.provideService(
        config,
        ConfigProvider.ConfigProvider,
        ConfigProvider.fromEnv({ env: readableEnvironment(names) }),
      )
      : Effect.failCause(cause))
