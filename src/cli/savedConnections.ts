/**
 * Saved connections by alias, in a file of the configuration folder.
 *
 * The file holds no secrets, only where a secret comes from. Only its user can read it. It is replaced as a whole: no
 * reader sees half of it, and a crash leaves the old one. Of two concurrent writers, the last one wins.
 */
import { mkdir, open, readFile, rename, rm } from "node:fs/promises"
import { homedir } from "node:os"
import { dirname, join } from "node:path"
import process from "node:process"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CommandError } from "./errors.ts"

const Text = Schema.optionalKey(Schema.String)

/** Parameters of a saved connection, without secrets. */
const SavedConnection = Schema.Struct({
  uri: Text,
  host: Text,
  port: Text,
  user: Text,
  database: Text,
  tls: Schema.optionalKey(Schema.Boolean),
  ca: Text,
  cert: Text,
  key: Text,
  timeout: Text,
  /** Command that prints the token. */
  tokenCommand: Text,
  /** Secret that has to be given at each use, by the environment or on request. */
  needs: Schema.optionalKey(Schema.Literals(["token", "password"])),
})

/** Parameters of a saved connection, without secrets. */
export type SavedConnection = typeof SavedConnection.Type

/** Saved connections by alias. */
export type SavedConnections = ReadonlyMap<string, SavedConnection>

// Connections are decoded as pairs, because an alias may be any text, such as `__proto__`.
const SavedFile = Schema.fromJsonString(
  Schema.Struct({ version: Schema.Literal(1), connections: Schema.Unknown }),
)
const SavedPairs = Schema.Array(Schema.Tuple([Schema.String, SavedConnection]))

/** Returns the configuration folder of this user. */
export const configurationFolder = (): string => {
  const { XDG_CONFIG_HOME, APPDATA } = process.env
  const base = XDG_CONFIG_HOME || (process.platform === "win32" ? APPDATA : undefined) || join(homedir(), ".config")
  return join(base, "effect-milvus")
}

/** Returns the path of the saved connections. */
export const savedPath = (): string => join(configurationFolder(), "connections.json")

/** Reads the saved connections; empty if the file does not exist. */
export const readSaved: Effect.Effect<SavedConnections, CommandError> = Effect.gen(function* () {
  const path = savedPath()
  const text = yield* Effect.tryPromise({
    try: () => readFile(path, "utf8").catch((error: unknown) => isMissing(error) ? undefined : Promise.reject(error)),
    catch: (cause) => new CommandError({ reason: `the saved connections cannot be read: ${messageOf(cause)}`, cause }),
  })
  if (text === undefined) return new Map()
  return yield* Effect.mapError(
    decodeSaved(text),
    (cause) =>
      new CommandError({
        reason: `the saved connections in ${path} cannot be read: ${cause.message.split("\n").join(" ")}`,
        hint: "correct the file, or remove it",
        cause,
      }),
  )
})

const decodeSaved = (text: string) =>
  Effect.gen(function* () {
    const { connections } = yield* Schema.decodeUnknownEffect(SavedFile)(text)
    const pairs = isObject(connections) ? Object.entries(connections) : undefined
    return new Map(yield* Schema.decodeUnknownEffect(SavedPairs)(pairs))
  })

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Saves a connection. Replaces one with the same alias. */
export const save = (alias: string, connection: SavedConnection): Effect.Effect<void, CommandError> =>
  Effect.flatMap(readSaved, (saved) => write(new Map([...saved, [alias, connection]])))

/** Removes a saved connection. Returns whether it existed. */
export const forget = (alias: string): Effect.Effect<boolean, CommandError> =>
  Effect.flatMap(
    readSaved,
    (saved) =>
      saved.has(alias)
        ? Effect.as(write(new Map([...saved].filter(([name]) => name !== alias))), true)
        : Effect.succeed(false),
  )

const write = (saved: SavedConnections): Effect.Effect<void, CommandError> =>
  Effect.tryPromise({
    try: () => {
      const connections = Object.fromEntries(saved)
      return replaceFile(savedPath(), `${JSON.stringify({ version: 1, connections }, null, 2)}\n`)
    },
    catch: (cause) => new CommandError({ reason: `the connection cannot be saved: ${messageOf(cause)}`, cause }),
  })

/** Writes a file that only its user can read: to a temporary file next to it, synced to disk, then renamed. */
export const replaceFile = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.${process.pid}.tmp`
  await rm(temporary, { force: true })
  try {
    const file = await open(temporary, "wx", 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Whether an error states that a file does not exist. */
export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT"

/** Returns the message of an error of the system. */
export const messageOf = (cause: unknown): string => cause instanceof Error ? cause.message : String(cause)
