/**
 * Users of a server with authorization, and their tags.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). Passwords are in no error, log or span. milvus-lite has no users (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* User.create("alice", Redacted.make(password))
 * yield* Role.grantTo("reader", "alice")
 * ```
 *
 * @module
 */
import { Buffer } from "node:buffer"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import { readText } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { optionNames, readNameList } from "./shared/options.ts"

/** A password: plain, or `Redacted`. */
export type Password = string | Redacted.Redacted<string>

/** Encodes a password as Milvus expects it: UTF-8 in base64. The error of a wrong one does not have it. */
const readPassword = (parameter: string, password: unknown): Decoded<string> => {
  const plain = Redacted.isRedacted(password) ? Redacted.value(password) : password
  return typeof plain === "string" && plain !== "" && plain.isWellFormed()
    ? Result.succeed(Buffer.from(plain).toString("base64"))
    : failParam(parameter, "a password that is not empty, as text or Redacted")
}

/** Options for {@linkcode create}. */
export interface CreateOptions extends Connection.CallOptions {
  /**
   * A description. Milvus 2.6.19 and later.
   *
   * @default None.
   */
  readonly description?: string | undefined
}

const createOptionNames = optionNames<CreateOptions>("description")
const since = { description: "2.6.19" }

/** Encodes the description of an option, if it is given. */
const described = (options: { readonly description?: string | undefined } | undefined) =>
  options?.description === undefined
    ? Result.succeed({})
    : Result.map(readText("description", options.description), (description) => ({ description }))

/**
 * Creates a user.
 *
 * Calls `CreateCredential`. Milvus 2.2.1 and later. Fails with `ServerError` if the user exists, or if the server
 * refuses the name or the password.
 */
export const create = (
  user: string,
  password: Password,
  options?: CreateOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateCredential", options, () =>
    Result.gen(function* () {
      return {
        username: yield* readName("user", user),
        password: yield* readPassword("password", password),
        ...yield* described(options),
      }
    }), { options: createOptionNames, since }))

/**
 * Changes the description of a user. The password stays.
 *
 * Calls `UpdateCredential`. Milvus 2.6.19 and later.
 */
export const alter = (
  user: string,
  description: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("UpdateCredential", options, () =>
    Result.gen(function* () {
      return { username: yield* readName("user", user), description: yield* readText("description", description) }
    }), { requires: ["User.alter", "2.6.19"] }))

/** Options for {@linkcode updatePassword}. */
export interface UpdateOptions extends Connection.CallOptions {
  /**
   * A new description. Milvus 2.6.19 and later.
   *
   * @default The description stays.
   */
  readonly description?: string | undefined
}

/**
 * Changes the password of a user. Connections with the old one fail from then on.
 *
 * Calls `UpdateCredential`. Milvus 2.2.1 and later. Fails with `ServerError` if the old password is wrong.
 */
export const updatePassword = (
  user: string,
  oldPassword: Password,
  newPassword: Password,
  options?: UpdateOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("UpdateCredential", options, () =>
    Result.gen(function* () {
      return {
        username: yield* readName("user", user),
        oldPassword: yield* readPassword("oldPassword", oldPassword),
        newPassword: yield* readPassword("newPassword", newPassword),
        ...yield* described(options),
      }
    }), { options: createOptionNames, since }))

/**
 * Drops a user.
 *
 * Calls `DeleteCredential`. Milvus 2.2.1 and later. Whether a user that does not exist is an error is up to the server.
 */
export const drop = (
  user: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(
    operate("DeleteCredential", options, () => Result.map(readName("user", user), (username) => ({ username }))),
  )

/**
 * Returns the names of all users.
 *
 * Calls `ListCredUsers`. Milvus 2.2.1 and later.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(operate("ListCredUsers", options, () => Result.succeed({})), ({ usernames }) => usernames)

/** Description of a user by the server. */
export interface UserDescription {
  /** The name. */
  readonly name: string
  /** The description; empty without one, and from Milvus before 2.6.19. */
  readonly description: string
  /** The names of the user's roles. */
  readonly roles: ReadonlyArray<string>
}

type UserResult = Connection.Methods["SelectUser"]["response"]["results"][number]

const descriptionOf = ({ user, roles, description }: UserResult): UserDescription => ({
  name: user?.name ?? "",
  description,
  roles: roles.map(({ name }) => name),
})

/**
 * Returns all users with their roles.
 *
 * Calls `SelectUser`. Milvus 2.2.1 and later.
 */
export const listDetails = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<UserDescription>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("SelectUser", options, () => Result.succeed({ include_role_info: true }), {
      operation: "User.listDetails",
    }),
    ({ results }) => results.map(descriptionOf),
  )

/**
 * Describes a user; `undefined` if the server knows none of that name.
 *
 * Calls `SelectUser`. Milvus 2.2.1 and later. Some servers answer with an error for a user that does not exist
 * (`ServerError`).
 */
export const describe = (
  user: string,
  options?: Connection.CallOptions,
): Effect.Effect<UserDescription | undefined, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("SelectUser", options, () =>
      Result.map(readName("user", user), (name) => ({ user: { name }, include_role_info: true }))),
    ({ results: [found] }) =>
      found === undefined ? undefined : descriptionOf(found),
  )

/**
 * Adds tags to a user; those with the same keys are replaced.
 *
 * Calls `AddUserTags`. Milvus 2.6.0 and later.
 */
export const addTags = (
  user: string,
  tags: Readonly<Record<string, string>>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AddUserTags", options, () =>
    Result.gen(function* () {
      return { user_name: yield* readName("user", user), tags: yield* readTags(tags) }
    })))

const readTags = (tags: unknown): Decoded<Readonly<Record<string, string>>> => {
  const failed = failParam("tags", "an object with at least one tag, whose values are texts", tags)
  if (typeof tags !== "object" || tags === null || Array.isArray(tags)) return failed
  const entries = Object.entries(tags)
  if (entries.length === 0 || entries.some(([key, value]) => key === "" || typeof value !== "string")) return failed
  return Result.succeed(Object.fromEntries(entries))
}

/**
 * Removes tags of a user.
 *
 * Calls `DeleteUserTags`. Milvus 2.6.0 and later.
 */
export const deleteTags = (
  user: string,
  keys: ReadonlyArray<string>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DeleteUserTags", options, () =>
    Result.gen(function* () {
      return { user_name: yield* readName("user", user), tag_keys: yield* readNameList("keys", keys) }
    })))

/**
 * Returns the tags of a user.
 *
 * Calls `GetUserTags`. Milvus 2.6.0 and later.
 */
export const tags = (
  user: string,
  options?: Connection.CallOptions,
): Effect.Effect<Readonly<Record<string, string>>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("GetUserTags", options, () => Result.map(readName("user", user), (user_name) => ({ user_name }))),
    ({ tags }) => tags,
  )

/**
 * Returns the names of the users that have a tag.
 *
 * Calls `ListUsersWithTag`. Milvus 2.6.0 and later.
 */
export const listByTag = (
  key: string,
  value: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListUsersWithTag", options, () =>
      Result.gen(function* () {
        return { tag_key: yield* readName("key", key), tag_value: yield* readText("value", value) }
      })),
    ({ user_names }) => user_names,
  )
