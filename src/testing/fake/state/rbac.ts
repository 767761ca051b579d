/** The users, roles and grants of a FakeMilvus, in memory. Its methods throw {@linkcode Refused} as Milvus refuses. */
import type { ErrorCode } from "../../../contract/messages.gen.ts"
import { Code, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"
import { checkRoleName, checkUserName } from "./names.ts"
import { isObjectType, type ObjectType, objectTypes, privilegesOf } from "./privilegeNames.ts"

/** The user that always exists, and its first password. */
export const root = { user: "root", password: "Milvus" } as const

/** A privilege of a role. */
export interface Grant {
  readonly role: string
  readonly objectType: string
  /** The object; `"*"` for all. */
  readonly object: string
  /** The database; `"*"` for all. */
  readonly database: string
  readonly privilege: string
  /** The user who granted it. */
  readonly grantor: string
}

/** A request for the grants of a role in a database, on all objects or on one. */
export interface GrantQuery {
  readonly role: string
  readonly database: string
  readonly object: { readonly type: string; readonly name: string } | undefined
}

const builtInRoles: ReadonlyArray<string> = ["admin", "public"]

/** What every user may do by the role `public`. */
const publicGrants: ReadonlyArray<Grant> = ([
  ["Collection", "IndexDetail"],
  ["Global", "DescribeCollection"],
  ["Global", "ShowCollections"],
] as const).map(([objectType, privilege]) => ({
  role: "public",
  objectType,
  object: "*",
  database: "*",
  privilege,
  grantor: root.user,
}))

/** Users, roles and grants. */
export class AccessControl {
  /** Passwords by user, as binary strings. */
  readonly #passwords = new Map<string, string>([[root.user, root.password]])
  /** The users of each role. */
  readonly #roles = new Map<string, Set<string>>(builtInRoles.map((role) => [role, new Set()]))
  /** Grants by their key. Milvus lists them in the order of the keys. */
  readonly #grants = new Map<string, Grant>(publicGrants.map((grant) => [keyOf(grant), grant]))

  // ---- Users

  get users(): ReadonlyArray<string> {
    return [...this.#passwords.keys()].toSorted()
  }

  hasUser(user: string): boolean {
    return this.#passwords.has(user)
  }

  /** Whether a user has the password, which is a binary string. */
  isAuthentic(user: string, password: string): boolean {
    return this.#passwords.get(user) === password
  }

  /** Creates a user. Passwords are in base64. */
  createUser(user: string, password: string): void {
    checkUserName(user)
    const decoded = decodePassword(password)
    checkLength(decoded)
    checkEncryptable(decoded)
    if (this.hasUser(user)) throwFailure("CreateCredentialFailure", `user already exists: ${user}`)
    this.#passwords.set(user, decoded)
  }

  /** Changes a password. Like Milvus, reports a user that does not exist as one with another password. */
  updatePassword(user: string, before: string, after: string): void {
    const old = decodePassword(before)
    const decoded = decodePassword(after)
    checkLength(decoded)
    if (!this.isAuthentic(user, old)) {
      throwRefusal(Code.notAuthenticated, `old password not correct for ${user}: not authenticated`)
    }
    checkEncryptable(decoded)
    this.#passwords.set(user, decoded)
  }

  /** Drops a user, and takes it from its roles. Does nothing if it does not exist. */
  dropUser(user: string): void {
    if (user === root.user) throwNotPermitted("root user cannot be deleted")
    if (user.trim() === "") throwFailure("DeleteCredentialFailure", "the user has no name")
    this.#passwords.delete(user)
    for (const users of this.#roles.values()) users.delete(user)
  }

  // ---- Roles

  get roles(): ReadonlyArray<string> {
    return [...this.#roles.keys()].toSorted()
  }

  usersOf(role: string): ReadonlyArray<string> {
    return [...this.#roles.get(role) ?? []].toSorted()
  }

  rolesOf(user: string): ReadonlyArray<string> {
    return this.roles.filter((role) => this.#roles.get(role)?.has(user))
  }

  createRole(role: string): void {
    checkRoleName(role)
    if (this.#roles.has(role)) throwFailure("CreateRoleFailure", `role [name:"${role}"] already exists`)
    this.#roles.set(role, new Set())
  }

  /** Drops a role without grants, and with `force` its grants, too. Takes it from its users. */
  dropRole(role: string, force: boolean): void {
    checkRoleName(role)
    if (builtInRoles.includes(role)) throwNotPermitted(`the role[${role}] is a default role, which can't be dropped`)
    this.#usersOfExisting(role, "DropRoleFailure")
    const own = [...this.#grants].filter(([, grant]) => grant.role === role)
    if (own.length > 0 && !force) {
      throwFailure(
        "DropRoleFailure",
        "fail to drop the role that it has privileges. Use REVOKE API to revoke privileges",
      )
    }
    for (const [key] of own) this.#grants.delete(key)
    this.#roles.delete(role)
  }

  /** Adds a user to a role, or removes it. Removing needs no user. */
  operateUser(operation: string | number, role: string, user: string): void {
    checkUserName(user)
    checkRoleName(role)
    const failure = "OperateUserRoleFailure"
    const users = this.#usersOfExisting(role, failure)
    switch (operation) {
      case "AddUserToRole":
        if (!this.hasUser(user)) throwFailure(failure, "not found the user")
        return void users.add(user)
      case "RemoveUserFromRole":
        return void users.delete(user)
      default:
        throwFailure(failure, "fail to execute task when operate the user and role")
    }
  }

  // ---- Grants

  /** Grants a privilege, or revokes it. The object of a global privilege is `"*"`, whatever was given. */
  operateGrant(operation: string | number, given: Grant): void {
    const failure = "OperatePrivilegeFailure"
    const { role, objectType, privilege, grantor } = given
    if (operation !== "Grant" && operation !== "Revoke") throwFailure(failure, "invalid operate privilege type")
    const type = objectTypeOf(objectType, failure)
    this.#usersOfExisting(role, failure)
    if (!this.hasUser(grantor)) throwFailure(failure, "not found the user")
    if (privilege !== "*" && !privilegesOf(type).includes(privilege)) {
      throwFailure(failure, `not found the privilege name[${privilege}]`)
    }
    const grant = type === "Global" ? { ...given, object: "*" } : given
    const key = keyOf(grant)
    if (operation === "Revoke") this.#grants.delete(key)
    // Who granted it first remains its grantor.
    else if (!this.#grants.has(key)) this.#grants.set(key, grant)
  }

  /** Returns the grants of a role that hold in a database. */
  grants({ role, database, object }: GrantQuery): ReadonlyArray<Grant> {
    const failure = "SelectGrantFailure"
    this.#usersOfExisting(role, failure)
    const type = object === undefined ? undefined : objectTypeOf(object.type, failure)
    return [...this.#grants].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, grant]) => grant).filter((grant) =>
      grant.role === role && (grant.database === database || grant.database === "*") &&
      (object === undefined || (grant.objectType === type && grant.object === object.name))
    )
  }

  #usersOfExisting(role: string, failure: ErrorCode): Set<string> {
    return this.#roles.get(role) ?? throwFailure(failure, `not found the role ${role}`)
  }
}

/** Decodes base64 as Go does: with padding, and with line ends that are ignored. */
export const decodeBase64 = (text: string): string | undefined => {
  const joined = text.replaceAll(/[\r\n]/g, "")
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(joined) ? atob(joined) : undefined
}

const decodePassword = (text: string): string =>
  decodeBase64(text) ?? throwUnexpected("decode password fail: illegal base64 data")

const checkLength = ({ length }: string): void => {
  if (length < 6 || length > 256) throwParameter(`invalid password length: ${length} out of range 6 <= value <= 256`)
}

/** Refuses a password that the encryption of Milvus does not take. */
const checkEncryptable = ({ length }: string): void => {
  if (length > 72) throwUnexpected("encrypt password failed: bcrypt: password length exceeds 72 bytes")
}

const objectTypeOf = (name: string, failure: ErrorCode): ObjectType =>
  isObjectType(name)
    ? name
    : throwFailure(failure, `not found the object type[name: ${name}], supported the object types: [${objectTypes}]`)

const keyOf = ({ role, objectType, database, object, privilege }: Grant): string =>
  `${role}/${objectType}/${database}.${object}/${privilege}`

const throwNotPermitted = (reason: string): never =>
  throwRefusal(Code.notPermitted, `${reason}: privilege not permitted`)

/** Refuses a call with the general error code, and one of its own for older clients. */
const throwFailure = (legacy: ErrorCode, reason: string): never => throwRefusal(Code.unexpected, reason, legacy)
