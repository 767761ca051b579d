/**
 * How somebody wants to connect, as it was said by flags, the environment and saved connections, and what becomes of it: the
 * parameters of a connection, with files read and secrets found.
 */
import { exec } from "node:child_process"
import { readFile } from "node:fs/promises"
import process from "node:process"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { isFilePath } from "../address.ts"
import type { ConnectParams } from "../ConnectionConfig.ts"
import { given } from "../schema/given.ts"
import { fromEnvironment, withReadableEnvironment } from "../environment.ts"
import { TaskError, UsageError } from "./failures.ts"
import { messageOf, type SavedConnection } from "./saved.ts"
import { Screen } from "./screen.ts"

/** How somebody wants to connect. */
export interface Wish extends SavedConnection {
  /** The token itself. */
  readonly token?: Redacted.Redacted<string>
  /** The password itself; empty where it is to be asked for. */
  readonly password?: Redacted.Redacted<string>
}

/** What `MILVUS_URI`, `MILVUS_TOKEN`, `MILVUS_USER`, `MILVUS_PASSWORD` and `MILVUS_DATABASE` say. */
export const environmentWish: Effect.Effect<Wish> = Effect.map(
  Effect.orElseSucceed(withReadableEnvironment(fromEnvironment), (): ConnectParams => ({})),
  ({ uri, token, user, password, database }) => ({
    ...(uri ? { uri } : {}),
    ...(user ? { user } : {}),
    ...(database ? { database } : {}),
    // Cast: the environment gives these two as redacted text.
    ...(token ? { token: token as Redacted.Redacted<string> } : {}),
    ...(password ? { password: password as Redacted.Redacted<string> } : {}),
  }),
)

/** What the environment says of secrets, for a server that somebody names. */
export const environmentSecrets: Effect.Effect<Wish> = Effect.map(
  environmentWish,
  ({ token, user, password }) => given({ token, user, password }),
)

/** One wish over another. Who names a server names all of its address, and who brings a secret needs no other. */
export const merge = (base: Wish, over: Wish): Wish => {
  const { uri, host, port, ...rest } = base
  const address = hasAddress(over) ? {} : given({ uri, host, port })
  const { token, tokenCommand, needs, user, password, ...others } = rest
  const secret = hasSecret(over) ? {} : given({ token, tokenCommand, needs, user, password })
  return { ...others, ...address, ...secret, ...over }
}

const hasAddress = ({ uri, host, port }: Wish): boolean => [uri, host, port].some((part) => part !== undefined)

const hasSecret = ({ token, tokenCommand, user, password }: Wish): boolean =>
  [token, tokenCommand, user, password].some((part) => part !== undefined)

/** A wish as it is saved: what is secret becomes the need for it. */
export const withoutSecrets = ({ token, password, ...wish }: Wish): SavedConnection => {
  const { uri, secret } = withoutUserinfo(wish.uri)
  const needs = token !== undefined ? "token" : password !== undefined || secret ? "password" : undefined
  return { ...wish, ...(uri === undefined ? {} : { uri }), ...(needs === undefined ? {} : { needs }) }
}

/** A URI may carry a user and a password. The user stays. */
const withoutUserinfo = (uri: string | undefined): { uri: string | undefined; secret: boolean } => {
  const [, scheme, user, secret, rest] = /^([a-z]+:\/\/)([^:@/]*)(:.*)?@([^@]*)$/i.exec(uri ?? "") ?? []
  if (scheme === undefined || secret === undefined) return { uri, secret: false }
  return { uri: `${scheme}${user}@${rest}`, secret: true }
}

/** The parameters of a connection; asks for secrets that are missing. */
export const paramsOf = (wish: Wish): Effect.Effect<ConnectParams, UsageError | TaskError, Screen> =>
  Effect.gen(function* () {
    const { uri, host, port, database, timeout } = wish
    if (uri !== undefined && isFilePath(uri)) {
      return yield* new UsageError({
        reason: `${uri} is a file, and no server`,
        hint: `start a server for it first: embedded start --data ${uri}`,
      })
    }
    const address = uri === undefined
      ? { host: host ?? "127.0.0.1", ...(port === undefined ? {} : { port }) }
      // Beside a host or a port it is refused, by name.
      : given({ uri, host, port })
    const tls = yield* tlsOf(wish)
    return {
      ...address,
      ...(yield* credentialsOf(wish)),
      ...(database === undefined ? {} : { database }),
      ...(tls === undefined ? {} : { tls }),
      // Somebody waits: a server that is not there is told at once, unless it is to be waited for.
      ...(timeout === undefined ? { retry: { times: 2 } } : { connectTimeout: yield* durationOf(timeout) }),
    }
  })

const tlsOf = ({ tls, ca, cert, key }: Wish): Effect.Effect<ConnectParams["tls"], UsageError> =>
  Effect.gen(function* () {
    if (ca === undefined && cert === undefined && key === undefined) return tls
    if (tls === false) return yield* new UsageError({ reason: "--no-tls contradicts --ca, --cert and --key" })
    return given({
      ca: yield* pem("--ca", ca),
      certificate: yield* pem("--cert", cert),
      key: yield* pem("--key", key),
    })
  })

const pem = (flag: string, path: string | undefined): Effect.Effect<string | undefined, UsageError> =>
  path === undefined ? Effect.succeed(undefined) : Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (cause) => new UsageError({ reason: `the file of ${flag} cannot be read: ${messageOf(cause)}` }),
  })

const credentialsOf = (wish: Wish): Effect.Effect<ConnectParams, UsageError | TaskError, Screen> =>
  Effect.gen(function* () {
    const { token, tokenCommand, user, password, needs } = wish
    const beside = user === undefined ? {} : { user }
    if (token !== undefined) return { ...beside, token }
    if (tokenCommand !== undefined) return { ...beside, token: yield* runTokenCommand(tokenCommand) }
    if (needs === "token") return { ...beside, token: yield* secret("token", "MILVUS_TOKEN", wish) }
    const isMissing = password === undefined
      ? user !== undefined || needs === "password"
      : Redacted.value(password) === ""
    if (isMissing) return { ...beside, password: yield* secret("password", "MILVUS_PASSWORD", wish) }
    return password === undefined ? beside : { ...beside, password }
  })

/** From the environment, or from the person at the terminal. */
const secret = (
  what: "token" | "password",
  variable: string,
  { user, uri, host }: Wish,
): Effect.Effect<Redacted.Redacted<string>, UsageError, Screen> =>
  Effect.gen(function* () {
    const given = process.env[variable]
    if (given) return Redacted.make(given)
    const screen = yield* Screen
    const who = user === undefined ? uri ?? host ?? "the server" : `user ${user}`
    if (!screen.canAsk) {
      return yield* new UsageError({ reason: `the ${what} of ${who} is missing`, hint: `set ${variable}` })
    }
    return Redacted.make(
      yield* screen.ask(`${what === "token" ? "Token" : "Password"} of ${who}: `, { isHidden: true }),
    )
  })

/** By the shell of the system, once; the token is the first line that it prints. */
const runTokenCommand = (command: string): Effect.Effect<Redacted.Redacted<string>, TaskError> =>
  Effect.callback((resume) => {
    const child = exec(command, { encoding: "utf8", windowsHide: true }, (error, stdout, stderr) => {
      const token = stdout.split(/\r?\n/)[0]?.trim() ?? ""
      if (error === null && token !== "") return resume(Effect.succeed(Redacted.make(token)))
      const why = stderr.trim().split("\n")[0] ||
        (error === null ? "it printed nothing" : `it ended with code ${error.code}`)
      resume(
        Effect.fail(new TaskError({ reason: `the token command failed: ${why}`, hint: `run it by hand: ${command}` })),
      )
    })
    return Effect.sync(() => child.kill())
  })

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, "": 1000, m: 60_000, min: 60_000 }

/** `10`, `10s`, `500ms`, `2m`. */
const durationOf = (text: string): Effect.Effect<Duration.Duration, UsageError> => {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?) ?(ms|s|m|min)?$/.exec(text.trim()) ?? []
  const milliseconds = Number(number) * (units[unit] ?? NaN)
  return milliseconds > 0
    ? Effect.succeed(Duration.millis(milliseconds))
    : Effect.fail(new UsageError({ reason: `"${text}" is no time: --timeout takes 500ms, 10s or 2m` }))
}
