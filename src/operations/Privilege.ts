/**
 * Privileges of roles, and groups of privileges.
 *
 * An operation fails with `ParamError` if an argument is invalid, before anything is sent, and else with the errors of
 * its call (`CallError`). milvus-lite has no privileges (`Unsupported`).
 *
 * @example
 * ```ts ignore
 * yield* Privilege.grant("reader", "CollectionReadOnly", { collection: "books" })
 * yield* Privilege.grant("operator", "ClusterAdmin", { database: "*" })
 * ```
 *
 * @module
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../Connection.ts"
import { type Decoded, failParam, readDatabase, readName } from "../config/params.ts"
import type { CallError, ParamError } from "../errors.ts"
import { type Grant, grantOf, groupOf, type PrivilegeGroup, type PrivilegeName } from "./access/grants.ts"
import { checkScope, isBuiltInGroup } from "./access/levels.ts"
import { operate } from "./shared/operate.ts"
import { checkRecord, optionNames, readNameList } from "./shared/options.ts"

export type { Grant, PrivilegeGroup, PrivilegeName }

/** Where a privilege holds. */
export interface Scope {
  /**
   * The collection; `"*"` for all of the database.
   *
   * @default "*"
   */
  readonly collection?: string | undefined
  /**
   * The database; `"*"` for all, with all collections only.
   *
   * @default The database of the effect.
   */
  readonly database?: string | undefined
}

const operateV2 = (
  type: "Grant" | "Revoke",
  role: string,
  privilege: PrivilegeName,
  scope: Scope | undefined,
  options: Connection.CallOptions | undefined,
) =>
  Effect.asVoid(operate("OperatePrivilegeV2", options, () =>
    Result.gen(function* () {
      if (scope !== undefined) yield* checkRecord("scope", scope, ["collection", "database"])
      const { collection = "*", database } = scope ?? {}
      const name = yield* readName("privilege", privilege)
      yield* checkScope(type, name, collection, database)
      return {
        role: { name: yield* readName("role", role) },
        grantor: { privilege: { name } },
        type,
        collection_name: yield* readName("scope.collection", collection),
        ...(database === undefined ? {} : { db_name: yield* readDatabase("scope.database", database) }),
      }
    }), { operation: type === "Grant" ? "Privilege.grant" : "Privilege.revoke" }))

/**
 * Grants a privilege, or a group of privileges, to a role.
 *
 * Calls `OperatePrivilegeV2`. Milvus 2.4.18 and later; for older ones there is {@linkcode grantV1}. The groups
 * `ClusterReadOnly`, `ClusterReadWrite` and `ClusterAdmin` need the database `"*"`. Groups and privileges of the
 * cluster or of a database, such as `DatabaseAdmin` and `DropCollection`, cannot be granted for a single collection
 * (`ParamError`): the server would refuse it for a group, and grant a privilege for all collections. Fails with
 * `ServerError` if the role or the privilege does not exist.
 */
export const grant = (
  role: string,
  privilege: PrivilegeName,
  scope?: Scope,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateV2("Grant", role, privilege, scope, options)

/**
 * Revokes a privilege, or a group of privileges, from a role. The scope has to be that of the grant.
 *
 * Calls `OperatePrivilegeV2`. Milvus 2.4.18 and later; for older ones there is {@linkcode revokeV1}.
 */
export const revoke = (
  role: string,
  privilege: PrivilegeName,
  scope?: Scope,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateV2("Revoke", role, privilege, scope, options)

/** The object of a privilege, as Milvus before 2.4.18 has it. */
export interface PrivilegeObject {
  /** The kind of object. */
  readonly type: "Collection" | "Global" | "User"
  /** The collection or the user; `"*"` for all. A privilege of the type `"Global"` holds for all. */
  readonly name: string
  /**
   * The database.
   *
   * @default The database of the effect.
   */
  readonly database?: string | undefined
}

const readObject = (
  object: PrivilegeObject,
): Decoded<{ readonly object: { readonly name: string }; readonly object_name: string; readonly db_name?: string }> =>
  Result.gen(function* () {
    yield* checkRecord("object", object, ["type", "name", "database"])
    const { type, name, database } = object
    if (type !== "Collection" && type !== "Global" && type !== "User") {
      return yield* failParam("object.type", '"Collection", "Global" or "User"', type)
    }
    return {
      object: { name: type },
      object_name: yield* readName("object.name", name),
      ...(database === undefined ? {} : { db_name: yield* readDatabase("object.database", database) }),
    }
  })

const operateV1 = (
  type: "Grant" | "Revoke",
  role: string,
  privilege: PrivilegeName,
  object: PrivilegeObject,
  options: Connection.CallOptions | undefined,
) =>
  Effect.asVoid(operate("OperatePrivilege", options, () =>
    Result.gen(function* () {
      const name = yield* readName("privilege", privilege)
      const entity = yield* readObject(object)
      // The server would grant it for all objects.
      if (object.type === "Global" && object.name !== "*" && !isBuiltInGroup(name)) {
        return yield* failParam("object.name", `"*", since the type is "Global"`, object.name)
      }
      return {
        type,
        entity: {
          role: { name: yield* readName("role", role) },
          ...entity,
          grantor: { privilege: { name } },
        },
      }
    }), { operation: type === "Grant" ? "Privilege.grantV1" : "Privilege.revokeV1" }))

/**
 * Grants a privilege on an object to a role, as Milvus before 2.4.18 does.
 *
 * Calls `OperatePrivilege`. Milvus 2.2.1 and later.
 */
export const grantV1 = (
  role: string,
  privilege: PrivilegeName,
  object: PrivilegeObject,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateV1("Grant", role, privilege, object, options)

/**
 * Revokes a privilege on an object from a role, as Milvus before 2.4.18 does.
 *
 * Calls `OperatePrivilege`. Milvus 2.2.1 and later.
 */
export const revokeV1 = (
  role: string,
  privilege: PrivilegeName,
  object: PrivilegeObject,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateV1("Revoke", role, privilege, object, options)

/** Options for {@linkcode list}. */
export interface ListOptions extends Connection.CallOptions {
  /**
   * Only grants on this object.
   *
   * @default All grants of the role.
   */
  readonly object?: PrivilegeObject | undefined
}

const listOptionNames = optionNames<ListOptions>("object")

/**
 * Returns the grants of a role in the database of the effect, or in all of them with the option `database: "*"` (Milvus
 * 2.4.18 and later). Grants for all databases are in each.
 *
 * Calls `SelectGrant`. Milvus 2.2.1 and later. Fails with `ServerError` if the role does not exist.
 */
export const list = (
  role: string,
  options?: ListOptions,
): Effect.Effect<ReadonlyArray<Grant>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("SelectGrant", options, () =>
      Result.gen(function* () {
        const entity = { role: { name: yield* readName("role", role) } }
        return { entity: options?.object === undefined ? entity : { ...entity, ...yield* readObject(options.object) } }
      }), {
      options: listOptionNames,
      // Older servers find no grants for it.
      since: options?.database === "*" ? { database: "2.4.18" } : {},
    }),
    ({ entities }) => entities.map(grantOf),
  )

/**
 * Creates an empty group of privileges.
 *
 * Calls `CreatePrivilegeGroup`. Milvus 2.4.16 and later. Fails with `ServerError` if it exists.
 */
export const createGroup = (
  group: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(
    operate("CreatePrivilegeGroup", options, () =>
      Result.map(readName("group", group), (group_name) => ({ group_name }))),
  )

/**
 * Drops a group of privileges.
 *
 * Calls `DropPrivilegeGroup`. Milvus 2.4.16 and later. Fails with `ServerError` while it is granted to a role.
 */
export const dropGroup = (
  group: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(
    operate(
      "DropPrivilegeGroup",
      options,
      () => Result.map(readName("group", group), (group_name) => ({ group_name })),
    ),
  )

/**
 * Returns all groups of privileges, those that are built in among them.
 *
 * Calls `ListPrivilegeGroups`. Milvus 2.4.16 and later.
 */
export const listGroups = (
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<PrivilegeGroup>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("ListPrivilegeGroups", options, () => Result.succeed({})),
    ({ privilege_groups }) => privilege_groups.map(groupOf),
  )

const operateGroup = (
  type: "AddPrivilegesToGroup" | "RemovePrivilegesFromGroup",
  group: string,
  privileges: ReadonlyArray<PrivilegeName>,
  options: Connection.CallOptions | undefined,
) =>
  Effect.asVoid(operate("OperatePrivilegeGroup", options, () =>
    Result.gen(function* () {
      const names = yield* readNameList("privileges", privileges)
      return { group_name: yield* readName("group", group), privileges: names.map((name) => ({ name })), type }
    }), { operation: type === "AddPrivilegesToGroup" ? "Privilege.addToGroup" : "Privilege.removeFromGroup" }))

/**
 * Adds privileges to a group.
 *
 * Calls `OperatePrivilegeGroup`. Milvus 2.4.16 and later.
 */
export const addToGroup = (
  group: string,
  privileges: ReadonlyArray<PrivilegeName>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateGroup("AddPrivilegesToGroup", group, privileges, options)

/**
 * Removes privileges from a group.
 *
 * Calls `OperatePrivilegeGroup`. Milvus 2.4.16 and later.
 */
export const removeFromGroup = (
  group: string,
  privileges: ReadonlyArray<PrivilegeName>,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operateGroup("RemovePrivilegesFromGroup", group, privileges, options)
