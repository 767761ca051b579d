/**
 * Roles, which collect privileges and are granted to users, and backups of the whole access control.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite has no roles (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* Role.create("reader")
 * yield* Privilege.grant("reader", "CollectionReadOnly", { collection: "books" })
 * yield* Role.grantTo("reader", "alice")
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readName } from "../config/params.ts"
import type { CallError, CodecError, ParamError } from "../errors.ts"
import * as Message from "../Message.ts"
import { type Grant, grantOf, groupOf, type PrivilegeGroup } from "./access/grants.ts"
import { readText } from "./shared/decode.ts"
import { operate } from "./shared/operate.ts"
import { checkFlag, optionNames } from "./shared/options.ts"

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

/**
 * Creates a role.
 *
 * Calls `CreateRole`. Milvus 2.2.1 and later. Fails with `ServerError` if it exists.
 */
export const create = (
  role: string,
  options?: CreateOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("CreateRole", options, () =>
    Result.gen(function* () {
      const description = options?.description
      const entity = { name: yield* readName("role", role) }
      return {
        entity: description === undefined
          ? entity
          : { ...entity, description: yield* readText("description", description) },
      }
    }), { options: createOptionNames, since: { description: "2.6.19" } }))

/**
 * Changes the description of a role.
 *
 * Calls `AlterRole`. Milvus 2.6.19 and later.
 */
export const alter = (
  role: string,
  description: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterRole", options, () =>
    Result.gen(function* () {
      return { role_name: yield* readName("role", role), description: yield* readText("description", description) }
    })))

/** Options for {@linkcode drop}. */
export interface DropOptions extends Connection.CallOptions {
  /**
   * Whether the role is dropped with its grants. Milvus 2.4.10 and later.
   *
   * @default false
   */
  readonly force?: boolean | undefined
}

const dropOptionNames = optionNames<DropOptions>("force")

/**
 * Drops a role.
 *
 * Calls `DropRole`. Milvus 2.2.1 and later. Fails with `ServerError` if the role does not exist, or has grants and
 * `force` is not set.
 */
export const drop = (
  role: string,
  options?: DropOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("DropRole", options, () =>
    Result.gen(function* () {
      yield* checkFlag("force", options?.force)
      return { role_name: yield* readName("role", role), force_drop: options?.force ?? false }
    }), { options: dropOptionNames, since: { force: "2.4.10" } }))

/** Description of a role by the server. */
export interface RoleDescription {
  /** The name. */
  readonly name: string
  /** The description; empty without one, and from Milvus before 2.6.19. */
  readonly description: string
  /** The names of the users that have the role. */
  readonly users: ReadonlyArray<string>
}

type RoleResult = Connection.Methods["SelectRole"]["response"]["results"][number]

const descriptionOf = ({ role, users }: RoleResult): RoleDescription => ({
  name: role?.name ?? "",
  description: role?.description ?? "",
  users: users.map(({ name }) => name),
})

/**
 * Returns the names of all roles.
 *
 * Calls `SelectRole`. Milvus 2.2.1 and later.
 */
export const list = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<string>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("SelectRole", options, () => Result.succeed({}), { operation: "Role.list" }),
    ({ results }) => results.map(({ role }) => role?.name ?? ""),
  )

/**
 * Returns all roles with their users.
 *
 * Calls `SelectRole`. Milvus 2.2.1 and later.
 */
export const listDetails = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<RoleDescription>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("SelectRole", options, () => Result.succeed({ include_user_info: true }), {
      operation: "Role.listDetails",
    }),
    ({ results }) => results.map(descriptionOf),
  )

/**
 * Describes a role; `undefined` if the server knows none of that name.
 *
 * Calls `SelectRole`. Milvus 2.2.1 and later. Some servers answer with an error for a role that does not exist
 * (`ServerError`).
 */
export const describe = (
  role: string,
  options?: Connection.CallOptions,
): Effect.Effect<RoleDescription | undefined, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("SelectRole", options, () =>
      Result.map(readName("role", role), (name) => ({ role: { name }, include_user_info: true }))),
    ({ results: [found] }) =>
      found === undefined ? undefined : descriptionOf(found),
  )

const operateUser = (
  type: "AddUserToRole" | "RemoveUserFromRole",
  role: string,
  user: string,
  options: Connection.CallOptions | undefined,
) =>
  Effect.asVoid(operate("OperateUserRole", options, () =>
    Result.gen(function* () {
      return { role_name: yield* readName("role", role), username: yield* readName("user", user), type }
    }), { operation: type === "AddUserToRole" ? "Role.grantTo" : "Role.revokeFrom" }))

/**
 * Grants a role to a user.
 *
 * Calls `OperateUserRole`. Milvus 2.2.1 and later. Fails with `ServerError` if the role or the user does not exist.
 */
export const grantTo = (
  role: string,
  user: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateUser("AddUserToRole", role, user, options)

/**
 * Revokes a role from a user.
 *
 * Calls `OperateUserRole`. Milvus 2.2.1 and later.
 */
export const revokeFrom = (
  role: string,
  user: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateUser("RemoveUserFromRole", role, user, options)

/** A backup of the access control of a server. */
export interface Backup {
  /** The users with their roles. */
  readonly users: ReadonlyArray<{ readonly name: string; readonly roles: ReadonlyArray<string> }>
  /** The names of the roles. */
  readonly roles: ReadonlyArray<string>
  /** The grants of all roles. */
  readonly grants: ReadonlyArray<Grant>
  /** The groups of privileges. */
  readonly groups: ReadonlyArray<PrivilegeGroup>
  /** Everything, to be stored and restored. It is secret: it has the hashes of the passwords. */
  readonly bytes: Redacted.Redacted<Uint8Array>
}

/**
 * Backs up users, roles, grants and groups of privileges.
 *
 * Calls `BackupRBAC`. Milvus 2.4.10 and later.
 */
export const backup = (
  options?: Connection.CallOptions,
): Effect.Effect<Backup, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const { RBAC_meta: meta } = yield* operate("BackupRBAC", options, () => Result.succeed({}))
    const bytes = yield* Message.encode("milvus.proto.milvus.RBACMeta", meta ?? {})
    return {
      users: (meta?.users ?? []).map(({ user, roles }) => ({ name: user, roles: roles.map(({ name }) => name) })),
      roles: (meta?.roles ?? []).map(({ name }) => name),
      grants: (meta?.grants ?? []).map(grantOf),
      groups: (meta?.privilege_groups ?? []).map(groupOf),
      bytes: Redacted.make(bytes),
    }
  })

/**
 * Restores a backup, from its {@linkcode Backup.bytes}. What exists already makes the restore fail.
 *
 * Calls `RestoreRBAC`. Milvus 2.4.10 and later. Fails with `CodecError` if the bytes are not those of a backup. After a
 * failure, a part may have been restored.
 */
export const restore = (
  bytes: Uint8Array | Redacted.Redacted<Uint8Array>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | CodecError | ParamError, Connection.Connection> =>
  Effect.gen(function* () {
    const RBAC_meta = yield* Message.decode("milvus.proto.milvus.RBACMeta", yield* Effect.fromResult(readBytes(bytes)))
    yield* operate("RestoreRBAC", options, () => Result.succeed({ RBAC_meta }))
  })

const readBytes = (bytes: unknown): Decoded<Uint8Array> => {
  const plain = Redacted.isRedacted(bytes) ? Redacted.value(bytes) : bytes
  return plain instanceof Uint8Array ? Result.succeed(plain) : failParam("bytes", "the bytes of a backup")
}
