/** Completes a line of the shell: commands, flags, aliases, and names that the server knows. */
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import * as Effect from "effect/Effect"
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
  const previous = flagOf(rest.at(-1) ?? "")
  if (previous !== undefined && previous.type._tag !== "Boolean") return valuesOf(previous)
  if (last.startsWith("-")) return Effect.succeed(flags.map(({ name }) => `--${name}`))
  if (command.subcommands.length > 0) return Effect.succeed(command.subcommands.map(({ name }) => name))
  const given = rest.filter((word, at) => {
    const before = flagOf(rest[at - 1] ?? "")
    return !word.startsWith("-") && (before === undefined || before.type._tag === "Boolean")
  })
  const argument = command.arguments[Math.min(given.length, command.arguments.length - 1)]
  if (argument === undefined || given.length >= command.arguments.length && !argument.variadic) {
    return Effect.succeed([])
  }
  if (argument.type._tag === "Choice") return Effect.succeed(argument.type.values)
  return namesOf(argument.name, path[0] === "create" ? path[1] : undefined, given[0])
}

const valuesOf = (
  { name, type }: Pick<Completions.FlagDescriptor, "name" | "type">,
): Effect.Effect<ReadonlyArray<string>, never, ShellConnections> =>
  type._tag === "Choice" ? Effect.succeed(type.values) : namesOf(name, undefined, undefined)

/** Returns the values for an argument or a flag of this name. An object that is being created has no name yet. */
const namesOf = (
  name: string,
  created: string | undefined,
  collection: string | undefined,
): Effect.Effect<ReadonlyArray<string>, never, ShellConnections> =>
  name === created ? Effect.succeed([]) : name === "alias" ? aliases : Effect.gen(function* () {
    const shellState = yield* ShellConnections
    const { call } = yield* shellState.connections.get(shellState.alias)
    switch (name) {
      case "collection":
        return (yield* call("ShowCollections", {})).collection_names
      case "database":
        return (yield* call("ListDatabases", {})).db_names
      case "user":
        return (yield* call("ListCredUsers", {})).usernames
      case "role":
        return (yield* call("SelectRole", {})).results.flatMap(({ role }) => role?.name ?? [])
      case "privilege-group":
        return (yield* call("ListPrivilegeGroups", {})).privilege_groups.map(({ group_name }) => group_name)
      case "privilege": {
        const groups = (yield* call("ListPrivilegeGroups", {})).privilege_groups
        const names = groups.flatMap((
          { group_name, privileges },
        ) => [group_name, ...privileges.map(({ name }) => name)])
        return [...new Set(names)]
      }
      case "collection-alias":
        return (yield* call("ListAliases", {})).aliases
      case "file-resource":
        return (yield* call("ListFileResources", {})).resources.map(({ name }) => name)
      case "resource-group":
      case "from-group":
      case "to-group":
        return (yield* call("ListResourceGroups", {})).resource_groups
      case "snapshot":
        return (yield* call("ListSnapshots", { collection_name: collection ?? "" })).snapshots
      case "partition":
        return (yield* call("ShowPartitions", { collection_name: collection ?? "" })).partition_names
      case "field": {
        const { schema } = yield* call("DescribeCollection", { collection_name: collection ?? "" })
        return schema?.fields.map((field) => field.name) ?? []
      }
      case "index":
        return (yield* call("DescribeIndex", { collection_name: collection ?? "" })).index_descriptions
          .map(({ index_name }) => index_name)
      default:
        return []
    }
  }).pipe(Effect.timeout(completionTimeout), Effect.orElseSucceed(() => []))

const aliases: Effect.Effect<ReadonlyArray<string>, never, ShellConnections> = Effect.gen(function* () {
  const { connections } = yield* ShellConnections
  const live = yield* connections.list
  const saved = yield* Effect.orElseSucceed(readSaved, () => new Map<string, unknown>())
  return [...new Set([...live.map(({ alias }) => alias), ...saved.keys()])]
})
