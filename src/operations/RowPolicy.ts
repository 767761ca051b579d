/**
 * Row policies: which rows a principal may read and write, in a collection that several tenants share.
 *
 * A principal is a name that the application chooses, such as that of its own user; it is not a user of Milvus. It may
 * have tags. The expressions of policies know both as `$current_principal` and `$current_principal_tags['team']`.
 * Policies hold in collections with the property `rls.enabled` (`Collection.alter`). There, every read and write of
 * rows needs {@linkcode withPrincipal} or {@linkcode withoutPolicies}, and nothing is allowed that no policy allows.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite has no row policies (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* RowPolicy.create("books", "own", { actions: ["Query", "Search"], using: "owner == $current_principal" })
 * yield* Collection.alter("books", { "rls.enabled": true })
 * const mine = yield* RowPolicy.withPrincipal("alice")(Vectors.query("books", undefined, { limit: 10 }))
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import { CurrentPrincipal, type Principal } from "../connection/currentPrincipal.ts"
import { type CallError, CodecError, type ParamError } from "../errors.ts"
import { parse, stringify } from "../Json.ts"
import type { CollectionRef } from "./shared/collectionRef.ts"
import { dateOf, readText, type State, stateOf } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { checkRecord, readCollection, readNames } from "./shared/options.ts"

export { CurrentPrincipal, type Principal }

type PolicyMessage = Connection.Methods["ListRowPolicies"]["response"]["policies"][number]

/** Operation that a policy is about; a number if this version does not know it. */
export type PolicyAction = PolicyMessage["actions"][number]

const actionNames: ReadonlyArray<PolicyAction> = Object.keys(
  {
    Query: 0,
    Search: 0,
    Insert: 0,
    Delete: 0,
    Upsert: 0,
    QueryIterator: 0,
    SearchIterator: 0,
    HybridSearch: 0,
  } satisfies Record<Exclude<PolicyAction, number>, 0>,
) as ReadonlyArray<Exclude<PolicyAction, number>>

/**
 * Combination of policies of the same action: at least one `Permissive` policy and all `Restrictive` ones have to allow
 * a row.
 */
export type PolicyType = State<"RowPolicyType", PolicyMessage["policy_type"]>

/**
 * A row policy.
 *
 * An expression is a single comparison of a field with `==`, `in` or `array_contains` and its relatives, or `true` or
 * `false`. What else has to hold goes into another policy.
 */
export interface Policy {
  /** The operations that it is about, at least one. */
  readonly actions: ReadonlyArray<PolicyAction>
  /**
   * Expression for the rows that may be read, updated or deleted. Every action except `"Insert"` needs it.
   *
   * @default None, for policies of `"Insert"` only.
   */
  readonly using?: string | undefined
  /**
   * Expression for the rows that may be written. The actions `"Insert"` and `"Upsert"` need it, and no other has it.
   *
   * @default None.
   */
  readonly check?: string | undefined
  /**
   * Combination with the other policies of the collection.
   *
   * @default "Permissive"
   */
  readonly type?: "Permissive" | "Restrictive" | undefined
  /**
   * A description.
   *
   * @default None.
   */
  readonly description?: string | undefined
}

const readPolicy = (collection: CollectionRef, name: string, policy: Policy) =>
  Result.gen(function* () {
    yield* checkRecord("policy", policy, ["actions", "using", "check", "type", "description"])
    const { actions, using, check, type = "Permissive", description } = policy
    const isKnown = Array.isArray(actions) && actions.every((action) => actionNames.includes(action))
    if (!isKnown || actions.length === 0 || new Set(actions).size < actions.length) {
      return yield* failParam("policy.actions", `a list of some of ${actionNames.join(", ")}, each once`, actions)
    }
    if (type !== "Permissive" && type !== "Restrictive") {
      return yield* failParam("policy.type", '"Permissive" or "Restrictive"', type)
    }
    const needsUsing = actions.some((action) => action !== "Insert")
    const needsCheck = actions.some((action) => action === "Insert" || action === "Upsert")
    return {
      collection_name: yield* readCollection(collection),
      policy_name: yield* readName("name", name),
      actions,
      using_expr: yield* readExpression("policy.using", using, needsUsing, actions),
      check_expr: yield* readExpression("policy.check", check, needsCheck, actions),
      policy_type: `RowPolicyType${type}` as const,
      ...(description === undefined ? {} : { description: yield* readText("policy.description", description) }),
    }
  })

/** Decodes an expression, which some actions need and others never evaluate. */
const readExpression = (
  parameter: string,
  expression: string | undefined,
  isNeeded: boolean,
  actions: ReadonlyArray<PolicyAction>,
): Decoded<string> => {
  if (isNeeded) {
    return typeof expression === "string" && expression.trim() !== ""
      ? Result.succeed(expression)
      : failParam(parameter, `an expression, which the actions ${actions.join(", ")} need`, expression)
  }
  if (expression === undefined) return Result.succeed("")
  return failParam(parameter, `no expression for the actions ${actions.join(", ")}`, expression)
}

/**
 * Creates a row policy of a collection.
 *
 * Calls `CreateRowPolicy`. The contract has it since Milvus 2.6.0; servers implement it from 3.0.1 on. Fails with
 * `ServerError` if the collection has a policy of that name.
 */
export const create = (
  collection: CollectionRef,
  name: string,
  policy: Policy,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateRowPolicy", options, () => readPolicy(collection, name, policy)))

/**
 * Replaces a row policy of a collection.
 *
 * Calls `UpdateRowPolicy`. Milvus 3.0.1 and later. Fails with `ServerError` if the collection has no policy of that
 * name.
 */
export const update = (
  collection: CollectionRef,
  name: string,
  policy: Policy,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("UpdateRowPolicy", options, () => readPolicy(collection, name, policy)))

/**
 * Drops a row policy of a collection.
 *
 * Calls `DropRowPolicy`. The contract has it since Milvus 2.6.0; servers implement it from 3.0.1 on. A policy that does
 * not exist counts as dropped.
 */
export const drop = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropRowPolicy", options, () =>
    Result.gen(function* () {
      return { collection_name: yield* readCollection(collection), policy_name: yield* readName("name", name) }
    })))

/** Description of a row policy by the server. */
export interface PolicyDescription {
  /** The name. */
  readonly name: string
  /** The operations that it is about. */
  readonly actions: ReadonlyArray<PolicyAction>
  /** Expression for the rows that may be read, updated or deleted; empty for a policy of `"Insert"` only. */
  readonly using: string
  /** Expression for the rows that may be written; empty for a policy without `"Insert"` and `"Upsert"`. */
  readonly check: string
  /** Combination with other policies; a number if this version does not know it. */
  readonly type: PolicyType
  /** The description. */
  readonly description: string
  /** Time of its creation; `undefined` if the server does not report it. */
  readonly created: Date | undefined
}

/**
 * Returns the row policies of a collection.
 *
 * Calls `ListRowPolicies`. The contract has it since Milvus 2.6.0; servers implement it from 3.0.1 on.
 */
export const list = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<PolicyDescription>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListRowPolicies", options, () =>
      Result.map(readCollection(collection), (collection_name) => ({ collection_name }))),
    ({ policies }) =>
      policies.map((policy) => ({
        name: policy.policy_name,
        actions: policy.actions,
        using: policy.using_expr,
        check: policy.check_expr,
        type: stateOf("RowPolicyType", policy.policy_type),
        description: policy.description,
        created: dateOf(policy.created_at),
      })),
  )

/**
 * Value of a tag: text, a number, or a list of one of these, which is for `array_contains_any` and
 * `array_contains_all`. Integers beyond 2^53 are `bigint`.
 */
export type TagValue = string | number | bigint | ReadonlyArray<string> | ReadonlyArray<number | bigint>

/** Tags of a principal by name. */
export type Tags = Readonly<Record<string, TagValue>>

const target = (
  collection: CollectionRef,
  principal: string,
): Decoded<{ readonly collection_name: string; readonly principal_name: string }> =>
  Result.gen(function* () {
    return {
      collection_name: yield* readCollection(collection),
      principal_name: yield* readName("principal", principal),
    }
  })

/**
 * Sets tags of a principal in a collection. Its other tags stay as they are.
 *
 * Calls `SetRLSPrincipalTags`. Milvus 3.0.1 and later.
 */
export const setTags = (
  collection: CollectionRef,
  principal: string,
  tags: Tags,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("SetRLSPrincipalTags", options, () =>
    Result.gen(function* () {
      return { ...yield* target(collection, principal), tags: yield* encodeTags(tags) }
    })))

const encodeTags = (tags: unknown): Decoded<string> => {
  if (typeof tags !== "object" || tags === null || Array.isArray(tags) || Object.keys(tags).length === 0) {
    return failParam("tags", "an object with at least one tag", tags)
  }
  for (const [name, value] of Object.entries(tags)) {
    const known = readTagName("tags", name)
    if (Result.isFailure(known)) return known
    const all: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
    if (!all.every(isText) && !all.every(isNumber)) {
      return failParam(
        `tags.${name}`,
        "text, a number up to 2^53, a bigint of 64 bits, or a list of one of these",
        value,
      )
    }
  }
  return Result.succeed(stringify(tags))
}

const isText = (value: unknown): boolean => typeof value === "string" && value.isWellFormed()

const isNumber = (value: unknown): boolean =>
  typeof value === "bigint"
    ? BigInt.asIntN(64, value) === value
    : Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))

/** Decodes the name of a tag, which expressions have between apostrophes. */
const readTagName = (parameter: string, name: string): Decoded<string> =>
  name.trim() === "" || name.includes("'")
    ? failParam(parameter, "names of tags that are not blank and have no apostrophe", name)
    : Result.succeed(name)

/**
 * Returns the tags of a principal in a collection.
 *
 * Calls `GetRLSPrincipalTags`. Milvus 3.0.1 and later. Fails with `ServerError` if the principal has no tags, and with
 * `CodecError` if the reply is not JSON.
 */
export const tags = (
  collection: CollectionRef,
  principal: string,
  options?: Connection.CallOptions,
): Effect.Effect<Tags, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.flatMap(
    operate("GetRLSPrincipalTags", options, () => target(collection, principal)),
    ({ tags }) => Effect.fromResult(decodeTags(tags)),
  )

const decodeTags = (text: string): Result.Result<Tags, CodecError> => {
  const failed = (cause?: unknown) =>
    Result.fail(new CodecError({ kind: "Message", field: "tags", expected: "a JSON object in the reply", cause }))
  return Result.match(Result.try(() => parse(text)), {
    onFailure: failed,
    onSuccess: (tags) =>
      typeof tags === "object" && tags !== null && !Array.isArray(tags)
        // Cast: servers take and keep no other values.
        ? Result.succeed(tags as Tags)
        : failed(),
  })
}

/**
 * Returns the names of the principals that have tags in a collection.
 *
 * Calls `ListRLSPrincipals`. Milvus 3.0.1 and later.
 */
export const listPrincipals = (
  collection: CollectionRef,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListRLSPrincipals", options, () =>
      Result.map(readCollection(collection), (collection_name) => ({ collection_name }))),
    ({ principal_names }) =>
      principal_names,
  )

/**
 * Removes tags of a principal in a collection; without `keys`, all of them. Tags that it does not have count as
 * removed.
 *
 * Calls `DeleteRLSPrincipalTags`. Milvus 3.0.1 and later.
 */
export const deleteTags = (
  collection: CollectionRef,
  principal: string,
  keys?: ReadonlyArray<string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DeleteRLSPrincipalTags", options, () =>
    Result.gen(function* () {
      const tag_keys = yield* readNames("keys", keys)
      for (const [index, key] of tag_keys?.entries() ?? []) yield* readTagName(`keys[${index}]`, key)
      return { ...yield* target(collection, principal), ...(tag_keys === undefined ? {} : { tag_keys }) }
    })))

/**
 * Reads and writes rows for a principal, in all operations of `Vectors` of an effect. Collections without `rls.enabled`
 * do not ask for it. For a stream, provide {@linkcode CurrentPrincipal} with `Stream.provideService`. Calls by
 * `Connection.call` have to name the principal themselves.
 *
 * Milvus 3.0.1 and later; on older servers and milvus-lite, which would ignore it, these operations fail with
 * `Unsupported`. Fails with `ParamError` if the name is blank.
 */
export const withPrincipal =
  (name: string): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | ParamError, R> => (effect) =>
    Effect.flatMap(
      Effect.fromResult(readName("principal", name)),
      (name) => Effect.provideService(effect, CurrentPrincipal, { name }),
    )

/**
 * Reads and writes rows without regard to row policies, in all operations of `Vectors` of an effect. The user of the
 * connection needs the privilege `SkipRLS`, and the collection must not have the property `rls.force`. Milvus 3.0.1 and
 * later, as {@linkcode withPrincipal}.
 */
export const withoutPolicies = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, CurrentPrincipal, { skipsPolicies: true })
