/** Decodes grants, and names privileges. */
import type * as Connection from "../../Connection.ts"
import type { ObjectPrivilege } from "../../contract/messages.gen.ts"

/**
 * The privileges of the contract, and the groups that are built in: `ClusterReadOnly`, `CollectionAdmin` and others.
 */
export type KnownPrivilegeName = WithoutPrefix<ObjectPrivilege>

type WithoutPrefix<S> = S extends `PrivilegeGroup${infer Group}` ? Group
  : S extends `Privilege${infer Name}` ? Name
  : never

/**
 * The name of a privilege or of a group of privileges, such as `"Insert"`, `"CollectionReadOnly"`, or `"*"` for all.
 */
export type PrivilegeName = KnownPrivilegeName | "*" | (string & Record<never, never>)

/** A privilege that a role has. */
export interface Grant {
  /** The role. */
  readonly role: string
  /** The privilege or the group of privileges. */
  readonly privilege: PrivilegeName
  /** The kind of object: `"Collection"`, `"Global"` or `"User"`. */
  readonly objectType: string
  /** The object: a collection, a user, or `"*"` for all. */
  readonly object: string
  /** The database; `"*"` for all. */
  readonly database: string
  /** The user who granted it; empty if the server does not report it. */
  readonly grantor: string
}

type GrantEntity = Connection.Methods["SelectGrant"]["response"]["entities"][number]

/** Decodes a grant. */
export const grantOf = ({ role, object, object_name, grantor, db_name }: GrantEntity): Grant => ({
  role: role?.name ?? "",
  privilege: grantor?.privilege?.name ?? "",
  objectType: object?.name ?? "",
  object: object_name,
  database: db_name,
  grantor: grantor?.user?.name ?? "",
})

/** A group of privileges. */
export interface PrivilegeGroup {
  /** The name. */
  readonly name: string
  /** The privileges in it. */
  readonly privileges: ReadonlyArray<PrivilegeName>
}

type GroupInfo = Connection.Methods["ListPrivilegeGroups"]["response"]["privilege_groups"][number]

/** Decodes a group of privileges. */
export const groupOf = ({ group_name, privileges }: GroupInfo): PrivilegeGroup => ({
  name: group_name,
  privileges: privileges.map(({ name }) => name),
})
