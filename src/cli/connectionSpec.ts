/**
 * Merges flags, environment and saved connections into one {@linkcode ConnectionSpec}, and turns it into the parameters
 * of a connection: reads files, runs the token command, and asks for missing secrets.
 *
 * Credentials that belong to one server are never sent to another.
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
import { withoutUndefined } from "../schema/withoutUndefined.ts"
import { fromEnvironment, withEnvironmentErrors } from "../connection/environment.ts"
import { parseDuration } from "./duration.ts"
import { CommandError, UsageError } from "./errors.ts"
import { printable } from "./output/cells.ts"
import { messageOf, type SavedConnection } from "./savedConnections.ts"
import { Terminal, warn } from "./screen.ts"

/** Describes a connection: a saved connection, and possibly its secrets. */
export interface ConnectionSpec extends SavedConnection {
  /** Token. */
  readonly token?: Redacted.Redacted<string>
  /** Password; empty to ask for it. */
  readonly password?: Redacted.Redacted<string>
}

/** Spec of `MILVUS_URI`, `MILVUS_TOKEN`, `MILVUS_USER`, `MILVUS_PASSWORD` and `MILVUS_DATABASE`. */
export const environmentSpec: Effect.Effect<ConnectionSpec> = Effect.map(
  Effect.orElseSucceed(withEnvironmentErrors(fromEnvironment), (): ConnectParams => ({})),
  ({ uri, token, user, password, database }) => ({
    ...(uri ? { uri } : {}),
    ...(user ? { user } : {}),
    ...(database ? { database } : {}),
    // Cast: both come redacted from the environment.
    ...(token ? { token: token as Redacted.Redacted<string> } : {}),
    ...(password ? { password: password as Redacted.Redacted<string> } : {}),
  }),
)

/** Result of {@linkcode merge}. */
export interface Merged {
  /** The merged spec. */
  readonly spec: ConnectionSpec
  /** Address of the spec. */
  readonly target: string
  /** Addresses whose credentials were left out, because they differ from `target`. */
  readonly unsent: ReadonlyArray<string>
}

/**
 * Overrides the known spec of an alias, if any, with the flags.
 *
 * Flags that set a part of the address replace the whole address. The credentials are the first of: those of the flags;
 * those of the known spec; those of the environment, if the alias is unknown or its spec is for another server.
 * Credentials that belong to an address are not used for another: those of a saved connection, and those of the
 * environment if it sets `MILVUS_URI`.
 */
export const merge = (known: ConnectionSpec | undefined, over: ConnectionSpec, environment: ConnectionSpec): Merged => {
  const { uri, host, port, token: _, tokenCommand: _1, needs: _2, user: _3, password: _4, ...others } = known ?? {}
  const bare: ConnectionSpec = {
    ...others,
    ...(hasAddress(over) ? {} : withoutUndefined({ uri, host, port })),
    ...over,
  }
  const target = addressOf(bare)
  const unsent: Array<string> = []
  const sources = hasSecret(over) ? [] : known === undefined ? [environment] : [known, environment]
  for (const source of sources) {
    const { token, tokenCommand, needs, user, password } = source
    if (!hasSecret(source) && needs === undefined) {
      // The known spec is for this very server and has no credentials, so the server needs none.
      if (source === known && addressOf(source) === target) break
      continue
    }
    const home = hasAddress(source) ? addressOf(source) : undefined
    if (home !== undefined && home !== target) {
      if (!unsent.includes(home)) unsent.push(home)
      continue
    }
    return {
      spec: { ...withoutUndefined({ token, tokenCommand, needs, user, password }), ...bare },
      target,
      unsent: [],
    }
  }
  return { spec: bare, target, unsent }
}

/** Returns a saved connection with the default host if it has no address. */
export const withAddress = (saved: SavedConnection): ConnectionSpec =>
  hasAddress(saved) ? saved : { host: defaultHost, ...saved }

const hasAddress = ({ uri, host, port }: ConnectionSpec): boolean =>
  [uri, host, port].some((part) => part !== undefined)

const hasSecret = ({ token, tokenCommand, user, password }: ConnectionSpec): boolean =>
  [token, tokenCommand, user, password].some((part) => part !== undefined)

/** Returns the normalized address of a spec; if it is not valid, the text itself without credentials. */
const addressOf = ({ uri, host = defaultHost, port = String(defaultPort) }: ConnectionSpec): string => {
  const address = uri === undefined ? makeAddress(host, parsePort(port) ?? 0) : parseAddress(uri)
  if (address instanceof AddressProblem) return withoutSecret(uri ?? `${host}:${port}`)
  return isLocal(address) && address.port > 0 ? `127.0.0.1:${address.port}` : address.target
}

const defaultHost = "127.0.0.1"

/** Removes user and password from a URI. */
const withoutSecret = (uri: string): string => uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1")

/** Warns if credentials would be sent unencrypted to another machine. */
export const warnAboutPlainText = (params: ConnectParams): Effect.Effect<void, never, Terminal> =>
  Effect.gen(function* () {
    // Invalid parameters are reported when they are used.
    const config = yield* Effect.option(ConnectionConfig.make(params))
    if (Option.isNone(config)) return
    const { secure, address, token, password } = config.value
    if (secure || token === undefined && password === undefined || isLocal(config.value)) return
    yield* warn(
      `the credentials are sent to ${address} unencrypted: use --tls or https://`,
    )
  })

/** Returns a spec without its secrets, as it is saved. `needs` records which secret is required. */
export const withoutSecrets = ({ token, password, ...spec }: ConnectionSpec): SavedConnection => {
  const { uri, secret } = withoutUserinfo(spec.uri)
  const needs = token !== undefined ? "token" : password !== undefined || secret ? "password" : undefined
  return { ...spec, ...(uri === undefined ? {} : { uri }), ...(needs === undefined ? {} : { needs }) }
}

/** Removes the password from a URI, and keeps the user. */
const withoutUserinfo = (uri: string | undefined): { uri: string | undefined; secret: boolean } => {
  const [, scheme, user, secret, rest] = /^([a-z]+:\/\/)([^:@/]*)(:.*)?@([^@]*)$/i.exec(uri ?? "") ?? []
  if (scheme === undefined || secret === undefined) return { uri, secret: false }
  return { uri: `${scheme}${user}@${rest}`, secret: true }
}

/** Returns the parameters of a connection. Reads files, and asks for missing secrets. */
export const paramsOf = (spec: ConnectionSpec): Effect.Effect<ConnectParams, UsageError | CommandError, Terminal> =>
  Effect.gen(function* () {
    const { uri, host, port, database, timeout } = spec
    if (uri !== undefined && isFilePath(uri)) {
      return yield* new UsageError({
        reason: `${withoutSecret(uri)} is a file path, not the address of a server`,
        hint: `start a server for it first: embedded start --data ${withoutSecret(uri)}`,
      })
    }
    const address = uri === undefined
      ? { host: host ?? defaultHost, ...(port === undefined ? {} : { port }) }
      // A URI together with a host or port is rejected by name when the connection is made.
      : withoutUndefined({ uri, host, port })
    const tls = yield* tlsOf(spec)
    return {
      ...address,
      ...(yield* credentialsOf(spec)),
      ...(database === undefined ? {} : { database }),
      ...(tls === undefined ? {} : { tls }),
      // A person is waiting: report an unreachable server quickly, unless --timeout asks to wait for it.
      ...(timeout === undefined ? { retry: { times: 2 } } : { connectTimeout: yield* durationOf(timeout) }),
    }
  })

const tlsOf = ({ tls, ca, cert, key }: ConnectionSpec): Effect.Effect<ConnectParams["tls"], UsageError> =>
  Effect.gen(function* () {
    if (ca === undefined && cert === undefined && key === undefined) return tls
    if (tls === false) return yield* new UsageError({ reason: "--no-tls contradicts --ca, --cert and --key" })
    return withoutUndefined({
      ca: yield* pem("--ca", ca),
      certificate: yield* pem("--cert", cert),
      key: yield* pem("--key", key),
    })
  })

const pem = (flag: string, path: string | undefined): Effect.Effect<string | undefined, UsageError> =>
  path === undefined ? Effect.succeed(undefined) : Effect.tryPromise({
    try: () => readFile(path, "utf8"),
    catch: (cause) => new UsageError({ reason: `${flag}: the file cannot be read: ${messageOf(cause)}` }),
  })

const credentialsOf = (spec: ConnectionSpec): Effect.Effect<ConnectParams, UsageError | CommandError, Terminal> =>
  Effect.gen(function* () {
    const { token, tokenCommand, user, password, needs } = spec
    const userPart = user === undefined ? {} : { user }
    if (token !== undefined) return { ...userPart, token }
    if (tokenCommand !== undefined) return { ...userPart, token: yield* runTokenCommand(tokenCommand) }
    if (needs === "token") return { ...userPart, token: yield* findSecret("token", "MILVUS_TOKEN", spec) }
    const isMissing = password === undefined
      ? user !== undefined || needs === "password"
      : Redacted.value(password) === ""
    if (isMissing) return { ...userPart, password: yield* findSecret("password", "MILVUS_PASSWORD", spec) }
    return password === undefined ? userPart : { ...userPart, password }
  })

/** Reads a secret from the environment, unless that is for another server, or asks for it on the terminal. */
const findSecret = (
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
        hint: found ? `${variable} is for ${addressOf(environment)} (see MILVUS_URI)` : `set ${variable}`,
      })
    }
    return Redacted.make(
      yield* terminal.ask(`${what === "token" ? "Token" : "Password"} of ${printable(who)}: `, { isHidden: true }),
    )
  })

/** Runs a command in the shell of the system. The token is the first line that it prints. */
const runTokenCommand = (command: string): Effect.Effect<Redacted.Redacted<string>, CommandError> =>
  Effect.callback((resume) => {
    const child = exec(command, { encoding: "utf8", windowsHide: true }, (error, stdout, stderr) => {
      const token = stdout.split(/\r?\n/)[0]?.trim() ?? ""
      if (error === null && token !== "") return resume(Effect.succeed(Redacted.make(token)))
      const why = stderr.trim().split("\n")[0] ||
        (error === null ? "it printed nothing" : `it exited with code ${error.code}`)
      resume(
        Effect.fail(
          new CommandError({ reason: `the token command failed: ${why}`, hint: `run it by hand: ${command}` }),
        ),
      )
    })
    return Effect.sync(() => child.kill())
  })

/** Longest delay of a timer, in milliseconds. */
const longestTime = 2 ** 31 - 1

/** Decodes `--timeout`. */
const durationOf = (text: string): Effect.Effect<Duration.Duration, UsageError> => {
  const milliseconds = parseDuration(text)
  return milliseconds !== undefined && milliseconds <= longestTime
    ? Effect.succeed(Duration.millis(milliseconds))
    : Effect.fail(new UsageError({ reason: `--timeout: expected a duration such as 500ms, 10s or 2m, got "${text}"` }))
}
