/** Commands for row policies: `list`, `describe`, `create`, `alter`, `drop`; and for the tags of principals. */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseJson } from "../../codec/parseJson.ts"
import type * as RowPolicy from "../../operations/RowPolicy.ts"
import { confirm, yesFlag } from "../confirm.ts"
import { targetFlags, withConnection } from "../connectionFlags.ts"
import { CommandError, UsageError } from "../errors.ts"
import { printDone, printRecord } from "../output/print.ts"
import { parsePairs } from "../schemaSyntax.ts"
import {
  anyTextFlag,
  argument,
  collectionArgument,
  manyFlag,
  printAll,
  rowPolicyOperations,
  textFlag,
  withOthers,
} from "./args.ts"

const policyParams = {
  collection: collectionArgument,
  name: argument("row-policy", "Row policy of the collection"),
  target: targetFlags,
} as const

const actionNames = [
  "Query",
  "Search",
  "HybridSearch",
  "QueryIterator",
  "SearchIterator",
  "Insert",
  "Upsert",
  "Delete",
] as const

const policyFlags = {
  actions: Flag.Literals("action", actionNames).pipe(
    Flag.withDescription("Operation that it is about; may be repeated"),
    Flag.withMetavar("ACTION"),
    Flag.atLeast(0),
  ),
  using: textFlag("using", "EXPRESSION", "Rows that may be read, updated or deleted"),
  check: textFlag("check", "EXPRESSION", "Rows that may be written; for Insert and Upsert"),
  type: Flag.Literals("type", ["Permissive", "Restrictive"]).pipe(
    Flag.withDescription("One Permissive policy and all Restrictive ones have to allow a row (default: Permissive)"),
    Flag.withMetavar("TYPE"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  ),
  description: anyTextFlag("description", "TEXT", "Description of the policy"),
} as const

const rowOf = ({ name, type, actions, using, check, description, created }: RowPolicy.PolicyDescription) => ({
  name,
  type,
  actions: actions.join(", "),
  using: using || undefined,
  check: check || undefined,
  description: description || undefined,
  created,
})

/** `list row-policies`. */
export const list = Command.make(
  "row-policies",
  { collection: collectionArgument, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { list } = yield* rowPolicyOperations
      const rows = (yield* list(collection)).map(rowOf)
      yield* printAll(["name", "type", "actions", "using", "check"], rows, "row policies")
    })),
).pipe(Command.withDescription("List the row policies of a collection"))

const findPolicy = (collection: string, name: string) =>
  Effect.gen(function* () {
    const { list } = yield* rowPolicyOperations
    const found = (yield* list(collection)).find((policy) => policy.name === name)
    return found ?? (yield* new CommandError({
      reason: `${collection} has no row policy "${name}"`,
      hint: `see which exist: list row-policies ${collection}`,
    }))
  })

/** `describe row-policy`. */
export const describe = Command.make(
  "row-policy",
  policyParams,
  ({ collection, name, target }) =>
    withConnection(target)(Effect.gen(function* () {
      yield* printRecord(rowOf(yield* findPolicy(collection, name)))
    })),
).pipe(Command.withDescription("Show the actions and expressions of a row policy"))

/** `create row-policy`. */
export const create = Command.make(
  "row-policy",
  { ...policyParams, ...policyFlags },
  ({ collection, name, target, ...policy }) =>
    withConnection(target)(Effect.gen(function* () {
      const { create } = yield* rowPolicyOperations
      yield* create(collection, name, policy)
      yield* printDone(`created row policy ${name} of ${collection}`, { created: name, collection })
    })),
).pipe(
  Command.withDescription("Allow principals some rows; policies hold once the property rls.enabled is true"),
  Command.withExamples([
    { command: "create row-policy books own --action Query --using 'owner == $current_principal'" },
    { command: "alter collection books --property rls.enabled=true" },
    { command: "query books --principal ann" },
  ]),
)

/** `alter row-policy`. */
export const alter = Command.make(
  "row-policy",
  { ...policyParams, ...policyFlags },
  ({ collection, name, target, ...flags }) =>
    Effect.gen(function* () {
      const { actions, using, check, type, description } = flags
      const given = [using, check, type, description].some((value) => value !== undefined) || actions.length > 0
      if (!given) {
        return yield* new UsageError({
          reason: "nothing to change",
          hint: "give --action, --using, --check, --type or --description",
        })
      }
      yield* withConnection(target)(Effect.gen(function* () {
        const { update } = yield* rowPolicyOperations
        yield* update(collection, name, yield* changed(yield* findPolicy(collection, name), flags))
        yield* printDone(`altered row policy ${name} of ${collection}`, { altered: name, collection })
      }))
    }),
).pipe(
  Command.withDescription("Change parts of a row policy; the others stay"),
  Command.withExamples([{ command: "alter row-policy books own --action Query --action Search" }]),
)

type PolicyFlags = Command.Command.Config.Infer<typeof policyFlags>

/** Returns a policy with the changes of the flags. The server replaces it as a whole. */
const changed = (
  old: RowPolicy.PolicyDescription,
  flags: PolicyFlags,
): Effect.Effect<RowPolicy.Policy, CommandError> =>
  Effect.gen(function* () {
    const type = flags.type ?? old.type
    if (type !== "Permissive" && type !== "Restrictive") {
      return yield* new CommandError({ reason: `the policy has the unknown type ${type}`, hint: "give it a --type" })
    }
    const actions = flags.actions.length > 0 ? flags.actions : old.actions
    // An old expression that none of the new actions evaluates cannot stay.
    const isRead = actions.some((action) => action !== "Insert")
    const isWritten = actions.some((action) => action === "Insert" || action === "Upsert")
    return {
      actions,
      type,
      using: flags.using ?? (isRead && old.using !== "" ? old.using : undefined),
      check: flags.check ?? (isWritten && old.check !== "" ? old.check : undefined),
      description: flags.description ?? old.description,
    }
  })

/** `drop row-policy`. */
export const drop = Command.make(
  "row-policy",
  { ...policyParams, yes: yesFlag },
  ({ collection, name, yes, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { drop } = yield* rowPolicyOperations
      // Fails if the policy does not exist, unlike the drop of the server.
      yield* findPolicy(collection, name)
      yield* confirm(yes, `Drop the row policy ${name} of ${collection}?`)
      yield* drop(collection, name)
      yield* printDone(`dropped row policy ${name} of ${collection}`, { dropped: name, collection })
    })),
).pipe(Command.withDescription("Drop a row policy"))

const principalParams = {
  collection: collectionArgument,
  principal: argument("principal", "Name that the application gives a reader or writer of rows"),
  target: targetFlags,
} as const

/** `list principals`. */
export const listPrincipals = Command.make(
  "principals",
  { collection: collectionArgument, target: targetFlags },
  ({ collection, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { listPrincipals } = yield* rowPolicyOperations
      yield* printAll(["name"], (yield* listPrincipals(collection)).map((name) => ({ name })), "principals")
    })),
).pipe(Command.withDescription("List the principals that have tags in a collection"))

/** `describe principal`. */
export const describePrincipal = Command.make(
  "principal",
  principalParams,
  ({ collection, principal, target }) =>
    withConnection(target)(Effect.gen(function* () {
      const { tags } = yield* rowPolicyOperations
      yield* printRecord(withOthers({ principal, collection }, yield* tags(collection, principal)))
    })),
).pipe(Command.withDescription("Show the tags of a principal, which row policies can use"))

/** `alter principal`. */
export const alterPrincipal = Command.make(
  "principal",
  {
    ...principalParams,
    tags: manyFlag("tag", "KEY=VALUE", "Tag to set: text, a number, or a JSON array of one of these; may be repeated"),
    dropped: manyFlag("drop", "KEY", "Tag to drop; may be repeated"),
  },
  ({ collection, principal, tags, dropped, target }) =>
    Effect.gen(function* () {
      if ((tags.length > 0) === (dropped.length > 0)) {
        return yield* new UsageError({
          reason: `expected one of --tag and --drop, got ${tags.length > 0 ? "both" : "none"}`,
          hint: "set tags with --tag KEY=VALUE, or drop them with --drop KEY",
        })
      }
      const values = Object.fromEntries((yield* parsePairs(tags)).map(([key, value]) => [key, tagOf(value)]))
      yield* withConnection(target)(Effect.gen(function* () {
        const { deleteTags, setTags } = yield* rowPolicyOperations
        if (tags.length > 0) yield* setTags(collection, principal, values)
        else yield* deleteTags(collection, principal, dropped)
        yield* printDone(`altered principal ${principal} of ${collection}`, { altered: principal, collection })
      }))
    }),
).pipe(
  Command.withDescription("Set or drop tags of a principal in a collection"),
  Command.withExamples([{ command: `alter principal books ann --tag team=red --tag 'levels=[1, 2]'` }]),
)

/** Returns a number, an array or a text in quotes as JSON has it, and anything else as text. */
const tagOf = (text: string): RowPolicy.TagValue => {
  if (!/^\s*(\[|"|-?\d)/.test(text)) return text
  try {
    // Cast: the value is checked before it is sent.
    return parseJson(text) as RowPolicy.TagValue
  } catch {
    return text
  }
}
