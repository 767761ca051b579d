/**
 * How somebody wants to connect, as it was said by flags, the environment and saved connections, and what becomes of it: the
 * parameters of a connection, with files read and secrets found.
 */
import { exec } from "node:child_process"
import { readFile } from "node:fs/promises"
import process from "node:process"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import {
  AddressProblem,
  defaultPort,
  isFilePath,
  isLocal,
  makeAddress,
  parseAddress,
  parsePort,
} from "../config/address.ts"
import * as ConnectionConfig from "../ConnectionConfig.ts"
import type { ConnectParams } from "../ConnectionConfig.ts"
import { given } from "../schema/given.ts"
import { fromEnvironment, withEnvironmentErrors } from "../connection/environment.ts"
import { CommandError, UsageError } from "./errors.ts"
import { printable } from "./output/cells.ts"
import { messageOf, type SavedConnection } from "./savedConnections.ts"
import { Terminal, warn } from "./screen.ts"

/** How somebody wants to connect. */
export interface ConnectionSpec extends SavedConnection {
  /** The token itself. */
  readonly token?: Redacted.Redacted<string>
  /** The password itself; empty where it is to be asked for. */
  readonly password?: Redacted.Redacted<string>
}

/** What `MILVUS_URI`, `MILVUS_TOKEN`, `MILVUS_USER`, `MILVUS_PASSWORD` and `MILVUS_DATABASE` say. */
export const environmentSpec: Effect.Effect<ConnectionSpec> = Effect.map(
  Effect.orElseSucceed(withEnvironmentErrors(fromEnvironment), (): ConnectParams => ({})),
  ({ uri, token, user, password, database }) => ({
    ...(uri ? { uri } : {}),
    ...(user ? { user } : {}),
    ...(database ? { database } : {}),
    // Cast: the environment gives these two as redacted text.
    ...(token ? { token: token as Redacted.Redacted<string> } : {}),
    ...(password ? { password: password as Redacted.Redacted<string> } : {}),
  }),
)

/** A spec, and the addresses whose credentials are not for it. */
export interface Merged {
  readonly spec: ConnectionSpec
  /** Its address. */
  readonly target: string
  /** Addresses of credentials that were left out. */
  readonly unsent: ReadonlyArray<string>
}

/**
 * What the flags say over what is known of an alias, or over nothing.
 *
 * Flags that name a server name all of its address. Credentials are the first that there are: of the flags; of what is known; of
 * the environment, if nothing is known, or something of another server. Those that belong to an address go to no other: those of
 * a saved connection, and those of the environment if it has a `MILVUS_URI`.
 */
export const merge = (known: ConnectionSpec | undefined, over: ConnectionSpec, environment: ConnectionSpec): Merged => {
  const { uri, host, port, token: _, tokenCommand: _1, needs: _2, user: _3, password: _4, ...others } = known ?? {}
  const bare: ConnectionSpec = { ...others, ...(hasAddress(over) ? {} : given({ uri, host, port })), ...over }
  const target = addressOf(bare)
  const unsent: Array<string> = []
  const sources = hasSecret(over) ? [] : known === undefined ? [environment] : [known, environment]
  for (const source of sources) {
    const { token, tokenCommand, needs, user, password } = source
    if (!hasSecret(source) && needs === undefined) {
      // What is known of the server itself, and has no credentials, wants none.
      if (source === known && addressOf(source) === target) break
      continue
    }
    const home = hasAddress(source) ? addressOf(source) : undefined
    if (home !== undefined && home !== target) {
      if (!unsent.includes(home)) unsent.push(home)
      continue
    }
    return { spec: { ...given({ token, tokenCommand, needs, user, password }), ...bare }, target, unsent: [] }
  }
  return { spec: bare, target, unsent }
}

/** A saved connection, whose address is the default one if it names none. */
export const withAddress = (saved: SavedConnection): ConnectionSpec =>
  hasAddress(saved) ? saved : { host: defaultHost, ...saved }

const hasAddress = ({ uri, host, port }: ConnectionSpec): boolean =>
  [uri, host, port].some((part) => part !== undefined)

const hasSecret = ({ token, tokenCommand, user, password }: ConnectionSpec): boolean =>
  [token, tokenCommand, user, password].some((part) => part !== undefined)

/** The address that a spec means, in one form; the text itself, without credentials, if it is not an address. */
const addressOf = ({ uri, host = defaultHost, port = String(defaultPort) }: ConnectionSpec): string => {
  const address = uri === undefined ? makeAddress(host, parsePort(port) ?? 0) : parseAddress(uri)
  if (address instanceof AddressProblem) return withoutSecret(uri ?? `${host}:${port}`)
  return isLocal(address) && address.port > 0 ? `127.0.0.1:${address.port}` : address.target
}

const defaultHost = "127.0.0.1"

/** A URI without what may be a password in it. */
const withoutSecret = (uri: string): string => uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1")

/** Warns of credentials that anybody on the way can read. */
export const warnAboutPlainText = (params: ConnectParams): Effect.Effect<void, never, Terminal> =>
  Effect.gen(function* () {
    // What is wrong with the parameters is told where they are used.
    const config = yield* Effect.option(ConnectionConfig.make(params))
    if (Option.isNone(config)) return
    const { secure, address, token, password } = config.value
    if (secure || token === undefined && password === undefined || isLocal(config.value)) return
    yield* warn(
      `the credentials go to ${address} in plain text, which others on the way can read: use --tls or https://`,
    )
  })

/** A spec as it is saved: what is secret becomes the need for it. */
export const withoutSecrets = ({ token, password, ...spec }: ConnectionSpec): SavedConnection => {
  const { uri, secret } = withoutUserinfo(spec.uri)
  const needs = token !== undefined ? "token" : password !== undefined || secret ? "password" : undefined
  return { ...spec, ...(uri === undefined ? {} : { uri }), ...(needs === undefined ? {} : { needs }) }
}

/** A URI may carry a user and a password. The user stays. */
const withoutUserinfo = (uri: string | undefined): { uri: string | undefined; secret: boolean } => {
  const [, scheme, user, secret, rest] = /^([a-z]+:\/\/)([^:@/]*)(:.*)?@([^@]*)$/i.exec(uri ?? "") ?? []
  if (scheme === undefined || secret === undefined) return { uri, secret: false }
  return { uri: `${scheme}${user}@${rest}`, secret: true }
}

/** The parameters of a connection; asks for secrets that are missing. */
export const paramsOf = (spec: ConnectionSpec): Effect.Effect<ConnectParams, UsageError | CommandError, Terminal> =>
  Effect.gen(function* () {
    const { uri, host, port, database, timeout } = spec
    if (uri !== undefined && isFilePath(uri)) {
      return yield* new UsageError({
        reason: `${withoutSecret(uri)} is a file, and no server`,
        hint: `start a server for it first: embedded start --data ${withoutSecret(uri)}`,
      })
    }
    const address = uri === undefined
      ? { host: host ?? defaultHost, ...(port === undefined ? {} : { port }) }
      // Beside a host or a port it is refused, by name.
      : given({ uri, host, port })
    const tls = yield* tlsOf(spec)
    return {
      ...address,
      ...(yield* credentialsOf(spec)),
      ...(database === undefined ? {} : { database }),
      ...(tls === undefined ? {} : { tls }),
      // Somebody waits: a server that is not there is told at once, unless it is to be waited for.
      ...(timeout === undefined ? { retry: { times: 2 } } : { connectTimeout: yield* durationOf(timeout) }),
    }
  })

const tlsOf = ({ tls, ca, cert, key }: ConnectionSpec): Effect.Effect<ConnectParams["tls"], UsageError> =>
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

const credentialsOf = (spec: ConnectionSpec): Effect.Effect<ConnectParams, UsageError | CommandError, Terminal> =>
  Effect.gen(function* () {
    const { token, tokenCommand, user, password, needs } = spec
    const beside = user === undefined ? {} : { user }
    if (token !== undefined) return { ...beside, token }
    if (tokenCommand !== undefined) return { ...beside, token: yield* runTokenCommand(tokenCommand) }
    if (needs === "token") return { ...beside, token: yield* secret("token", "MILVUS_TOKEN", spec) }
    const isMissing = password === undefined
      ? user !== undefined || needs === "password"
      : Redacted.value(password) === ""
    if (isMissing) return { ...beside, password: yield* secret("password", "MILVUS_PASSWORD", spec) }
    return password === undefined ? beside : { ...beside, password }
  })

/** From the environment, if that is not for another server, or from the person at the terminal. */
const secret = (
  what: "token" | "password",
  variable: string,
  spec: ConnectionSpec,
): Effect.Effect<Redacted.Redacted<string>, UsageError, Terminal> =>
  Effect.gen(function* () {
    const { user, uri, host } = spec
    const environment = yield* environmentSpec
    const isForOther = hasAddress(environment) && addressOf(environment) !== addressOf(spec)
    const found = process.env[variable]
    if (found && !isForOther) return Redacted.make(found)
    const terminal = yield* Terminal
    const who = user === undefined ? uri === undefined ? host ?? "the server" : withoutSecret(uri) : `user ${user}`
    if (!terminal.canAsk) {
      return yield* new UsageError({
        reason: `the ${what} of ${who} is missing`,
        hint: found ? `${variable} is for ${addressOf(environment)}, as MILVUS_URI says` : `set ${variable}`,
      })
    }
    return Redacted.make(
      yield* terminal.ask(`${what === "token" ? "Token" : "Password"} of ${printable(who)}: `, { isHidden: true }),
    )
  })

/** By the shell of the system, once; the token is the first line that it prints. */
const runTokenCommand = (command: string): Effect.Effect<Redacted.Redacted<string>, CommandError> =>
  Effect.callback((resume) => {
    const child = exec(command, { encoding: "utf8", windowsHide: true }, (error, stdout, stderr) => {
      const token = stdout.split(/\r?\n/)[0]?.trim() ?? ""
      if (error === null && token !== "") return resume(Effect.succeed(Redacted.make(token)))
      const why = stderr.trim().split("\n")[0] ||
        (error === null ? "it printed nothing" : `it ended with code ${error.code}`)
      resume(
        Effect.fail(
          new CommandError({ reason: `the token command failed: ${why}`, hint: `run it by hand: ${command}` }),
        ),
      )
    })
    return Effect.sync(() => child.kill())
  })

const units: ReadonlyMap<string, number> = new Map([["ms", 1], ["s", 1000], ["m", 60_000], ["min", 60_000]])

/** The longest time of a timer. */
const longestTime = 2 ** 31 - 1

/** `10`, `10s`, `500ms`, `2m`. */
const durationOf = (text: string): Effect.Effect<Duration.Duration, UsageError> => {
  const [, number, unit = "s"] = /^(\d+) ?(ms|s|m|min)?$/.exec(text.trim()) ?? []
  const milliseconds = Number(number) * (units.get(unit) ?? NaN)
  return milliseconds > 0 && milliseconds <= longestTime
    ? Effect.succeed(Duration.millis(milliseconds))
    : Effect.fail(new UsageError({ reason: `"${text}" is no time: --timeout takes 500ms, 10s or 2m` }))
}
