/**
 * Row policies: which rows a principal may read and write, in a collection that several tenants share.
 *
 * A principal is a name that the application chooses, such as that of its own user, with tags that policies compare
 * with fields. {@linkcode withPrincipal} reads and writes for a principal. An operation fails with `ParamError` if an
 * argument is invalid, before anything is sent, and else with the errors of its call (`CallError`). milvus-lite has no
 * row policies (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* RowPolicy.create("books", "own", { actions: ["Query", "Search"], using: "owner == $principal" })
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
import { readCollection, readNames } from "./shared/options.ts"

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

/** Combination of policies of the same action: one `Permissive` policy and all `Restrictive` ones must allow a row. */
export type PolicyType = State<"RowPolicyType", PolicyMessage["policy_type"]>

/** A row policy. */
export interface Policy {
  /** The operations that it is about, at least one. */
  readonly actions: ReadonlyArray<PolicyAction>
  /**
   * Filter for the rows that may be read, updated or deleted.
   *
   * @default All.
   */
  readonly using?: string | undefined
  /**
   * Filter for the rows that may be written.
   *
   * @default All.
   */
  readonly check?: string | undefined
  /**
   * Combination with other policies. Milvus 3.0.1 and later.
   *
   * @default As the server likes.
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
    const { actions, using, check, type, description } = policy ?? {}
    if (!Array.isArray(actions) || actions.length === 0 || !actions.every((action) => actionNames.includes(action))) {
      return yield* failParam("policy.actions", `a list of ${actionNames.join(", ")}`, actions)
    }
    if (type !== undefined && type !== "Permissive" && type !== "Restrictive") {
      return yield* failParam("policy.type", '"Permissive" or "Restrictive"', type)
    }
    return {
      collection_name: yield* readCollection(collection),
      policy_name: yield* readName("name", name),
      actions,
      ...(using === undefined ? {} : { using_expr: yield* readName("policy.using", using) }),
      ...(check === undefined ? {} : { check_expr: yield* readName("policy.check", check) }),
      ...(type === undefined ? {} : { policy_type: `RowPolicyType${type}` as const }),
      ...(description === undefined ? {} : { description: yield* readText("policy.description", description) }),
    }
  })

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
 * Calls `DropRowPolicy`. Milvus 2.6.0 and later.
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
  /** Filter for the rows that may be read, updated or deleted; empty for all. */
  readonly using: string
  /** Filter for the rows that may be written; empty for all. */
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
 * Calls `ListRowPolicies`. Milvus 2.6.0 and later.
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

/** Tags of a principal: JSON values by name. Integers beyond 2^53 are `bigint`. */
export type Tags = { readonly [name: string]: unknown }

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
 * Sets the tags of a principal in a collection, in place of those that it has.
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
  const failed = failParam("tags", "an object of JSON values", tags)
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return failed
  return Result.match(Result.try(() => stringify(tags)), { onFailure: () => failed, onSuccess: Result.succeed })
}

/**
 * Returns the tags of a principal in a collection.
 *
 * Calls `GetRLSPrincipalTags`. Milvus 3.0.1 and later. Fails with `CodecError` if the reply is not JSON.
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
  if (text === "") return Result.succeed({})
  return Result.match(Result.try(() => parse(text)), {
    onFailure: failed,
    // Cast: any object can be read by the names of its properties.
    onSuccess: (tags) =>
      typeof tags === "object" && tags !== null && !Array.isArray(tags) ? Result.succeed(tags as Tags) : failed(),
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
 * Removes tags of a principal in a collection; without `keys`, all of them.
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
      return { ...yield* target(collection, principal), ...(tag_keys === undefined ? {} : { tag_keys }) }
    })))

/**
 * Reads and writes rows for a principal, in all operations of `Vectors` of an effect: row policies see it in place of
 * the user of the connection. For a stream, provide {@linkcode CurrentPrincipal} with `Stream.provideService`. Calls by
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
 * Reads and writes rows without regard to row policies, in all operations of `Vectors` of an effect, which needs the
 * privilege `SkipRLS`. Milvus 3.0.1 and later, as {@linkcode withPrincipal}.
 */
export const withoutPolicies = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.provideService(effect, CurrentPrincipal, { skipsPolicies: true })
