/** Completes a line of the shell: commands, flags, aliases, and names that the server knows. */
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import * as Effect from "effect/Effect"
import * as Connection from "../Connection.ts"
import { CurrentDatabase } from "../connection/currentDatabase.ts"
import type { CallError, CodecError, ParamError } from "../errors.ts"
import {
  aliasOperations,
  collectionOperations,
  databaseOperations,
  fileOperations,
  indexOperations,
  namespaceOperations,
  partitionOperations,
  privilegeOperations,
  resourceGroupOperations,
  roleOperations,
  rowPolicyOperations,
  snapshotOperations,
  userOperations,
} from "./commands/args.ts"
import type { Completions as Found } from "./editor.ts"
import { printable } from "./output/cells.ts"
import { readSaved } from "./savedConnections.ts"
import { ShellConnections } from "./shellConnections.ts"
import { quoteWord, splitWords } from "./shellWords.ts"

/** Flags that every command has. */
const globalFlags: ReadonlyArray<Pick<Completions.FlagDescriptor, "name" | "aliases" | "type">> = [
  { name: "help", aliases: [], type: { _tag: "Boolean" } },
  { name: "output", aliases: ["o"], type: { _tag: "Choice", values: ["table", "json", "ndjson", "csv"] } },
]

/** Time to wait for the server. */
const completionTimeout = "800 millis"

/** Returns the completions of a line. Names that the server does not return in time are left out. */
export const complete = (tree: Command.Command.Any, line: string): Effect.Effect<Found, never, ShellConnections> =>
  Effect.gen(function* () {
    const { words, typed } = splitWords(line)
    const last = words.at(-1) ?? ""
    const before = words.slice(0, -1)
    const { command, rest, path } = descend(
      Completions.fromCommand(tree),
      before[0] === "help" ? before.slice(1) : before,
    )
    const candidates = yield* candidatesFor(command, rest, path, last)
    // A name with control characters must not get into the line.
    const found = candidates.filter((candidate) => candidate.startsWith(last) && candidate === printable(candidate))
    return [found.map((candidate) => `${quoteWord(candidate)} `), typed] as const
  })

/** Follows the words down the tree: the command that they name, its path, and the words after it. */
const descend = (root: Completions.CommandDescriptor, words: ReadonlyArray<string>) => {
  let command = root
  let at = 0
  for (const word of words) {
    const next = command.subcommands.find(({ name }) => name === word)
    if (next === undefined) break
    command = next
    at++
  }
  return { command, rest: words.slice(at), path: words.slice(0, at) }
}

const candidatesFor = (
  command: Completions.CommandDescriptor,
  rest: ReadonlyArray<string>,
  path: ReadonlyArray<string>,
  last: string,
): Effect.Effect<ReadonlyArray<string>, never, ShellConnections> => {
  const flags = [...command.flags, ...globalFlags]
  const flagOf = (word: string) =>
    flags.find(({ name, aliases }) => word === `--${name}` || aliases.some((alias) => word === `-${alias}`))
  const given = rest.filter((word, at) => {
    const before = flagOf(rest[at - 1] ?? "")
    return !word.startsWith("-") && (before === undefined || before.type._tag === "Boolean")
  })
  const previous = flagOf(rest.at(-1) ?? "")
  if (previous !== undefined && previous.type._tag !== "Boolean") return valuesOf(previous, given[0])
  if (last.startsWith("-")) return Effect.succeed(flags.map(({ name }) => `--${name}`))
  if (command.subcommands.length > 0) return Effect.succeed(command.subcommands.map(({ name }) => name))
  const argument = command.arguments[Math.min(given.length, command.arguments.length - 1)]
  if (argument === undefined || given.length >= command.arguments.length && !argument.variadic) {
    return Effect.succeed([])
  }
  if (argument.type._tag === "Choice") return Effect.succeed(argument.type.values)
  return namesOf(argument.name, path[0] === "create" ? path[1] : undefined, given[0])
}

const valuesOf = (
  { name, type }: Pick<Completions.FlagDescriptor, "name" | "type">,
  collection: string | undefined,
): Effect.Effect<ReadonlyArray<string>, never, ShellConnections> =>
  type._tag === "Choice" ? Effect.succeed(type.values) : namesOf(name, undefined, collection)

/** Returns the values for an argument or a flag of this name. An object that is being created has no name yet. */
const namesOf = (
  name: string,
  created: string | undefined,
  collection: string | undefined,
): Effect.Effect<ReadonlyArray<string>, never, ShellConnections> => {
  if (name === created) return Effect.succeed([])
  if (name === "alias") return aliases
  const list = Object.hasOwn(namesOnServer, name) ? namesOnServer[name] : undefined
  if (list === undefined) return Effect.succeed([])
  return Effect.gen(function* () {
    const { connections, databases, alias } = yield* ShellConnections
    const connection = yield* connections.get(alias)
    return yield* list(collection ?? "").pipe(
      Effect.provideService(Connection.Connection, connection),
      Effect.provideService(CurrentDatabase, databases.get(alias)),
    )
  }).pipe(Effect.timeout(completionTimeout), Effect.orElseSucceed(() => []))
}

type ListNames = (
  collection: string,
) => Effect.Effect<ReadonlyArray<string>, CallError | CodecError | ParamError, Connection.Connection>

/** Makes a list of names from an operation that is loaded on demand. */
const listOf =
  <Module>(operations: Effect.Effect<Module>, list: (module: Module, collection: string) => ReturnType<ListNames>) =>
  (collection: string): ReturnType<ListNames> => Effect.flatMap(operations, (module) => list(module, collection))

const resourceGroups = listOf(resourceGroupOperations, ({ list }) => list())

/** Names that the server knows, by the name of the argument or flag. */
const namesOnServer: Readonly<Record<string, ListNames>> = {
  "collection": listOf(collectionOperations, ({ list }) => list()),
  "database": listOf(databaseOperations, ({ list }) => list()),
  "partition": listOf(partitionOperations, ({ list }, collection) => list(collection)),
  "field": listOf(
    collectionOperations,
    ({ describe }, collection) => Effect.map(describe(collection), ({ definition }) => Object.keys(definition.fields)),
  ),
  "index": listOf(
    indexOperations,
    ({ describe }, collection) => Effect.map(describe(collection), (indexes) => indexes.map(({ name }) => name)),
  ),
  "collection-alias": listOf(aliasOperations, ({ list }) => list()),
  "snapshot": listOf(snapshotOperations, ({ list }, collection) => list(collection)),
  "namespace": listOf(namespaceOperations, ({ list }, collection) => list(collection)),
  "row-policy": listOf(
    rowPolicyOperations,
    ({ list }, collection) => Effect.map(list(collection), (policies) => policies.map(({ name }) => name)),
  ),
  "principal": listOf(rowPolicyOperations, ({ listPrincipals }, collection) => listPrincipals(collection)),
  "file-resource": listOf(fileOperations, ({ list }) => list()),
  "resource-group": resourceGroups,
  "from-group": resourceGroups,
  "to-group": resourceGroups,
  "user": listOf(userOperations, ({ list }) => list()),
  "role": listOf(roleOperations, ({ list }) => list()),
  "privilege": listOf(privilegeOperations, ({ listGroups }) =>
    Effect.map(listGroups(), (groups) => [
      ...new Set(groups.flatMap(({ name, privileges }) => [name, ...privileges])),
    ])),
  "privilege-group": listOf(
    privilegeOperations,
    ({ listGroups }) => Effect.map(listGroups(), (groups) => groups.map(({ name }) => name)),
  ),
}

const aliases: Effect.Effect<ReadonlyArray<string>, never, ShellConnections> = Effect.gen(function* () {
  const { connections } = yield* ShellConnections
  const live = yield* connections.list
  const saved = yield* Effect.orElseSucceed(readSaved, () => new Map<string, unknown>())
  return [...new Set([...live.map(({ alias }) => alias), ...saved.keys()])]
})
