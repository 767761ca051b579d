/** Handlers of the RPCs for users, roles and privileges, and the check of credentials. */
import * as Redacted from "effect/Redacted"
import type { SeenCall } from "../control/callLog.ts"
import type { Reply, RpcFailure } from "../contract.ts"
import { type AccessControl, decodeBase64, type Grant } from "../state/rbac.ts"
import { checkObjectName, checkRoleName, checkUserName } from "../state/names.ts"
import type { HandlerContext, SyncHandlers } from "./handler.ts"
import { throwParameter, throwUnexpected, throwUnsupported } from "../fakeStatus.ts"

/** Handlers of the RPCs for users. */
export const users = ({ access }: HandlerContext): SyncHandlers => ({
  CreateCredential: ({ username, password, description }) => {
    checkDescription(description)
    access.createUser(username, password)
    return {}
  },
  UpdateCredential: ({ username, oldPassword, newPassword, description }) => {
    checkDescription(description)
    access.updatePassword(username, oldPassword, newPassword)
    return {}
  },
  DeleteCredential: ({ username }) => {
    access.dropUser(username)
    return {}
  },
  ListCredUsers: () => ({ usernames: access.users }),
  SelectUser: ({ user, include_role_info }) => {
    if (user !== null) checkUserName(user.name)
    return {
      results: access.users.filter((name) => user === null || name === user.name).map((name) => ({
        user: { name },
        roles: include_role_info ? access.rolesOf(name).map((role) => ({ name: role })) : [],
      })),
    }
  },
})

/** Handlers of the RPCs for roles. */
export const roles = ({ access, isOld }: HandlerContext): SyncHandlers => ({
  CreateRole: ({ entity }) => {
    checkDescription(entity?.description)
    access.createRole(entity?.name ?? "")
    return {}
  },
  DropRole: ({ role_name, force_drop }) => {
    // Milvus 2.3 does not know `force_drop`, and ignores it.
    access.dropRole(role_name, force_drop && !isOld())
    return {}
  },
  OperateUserRole: ({ username, role_name, type }) => {
    access.operateUser(type, role_name, username)
    return {}
  },
  SelectRole: ({ role, include_user_info }) => {
    if (role !== null) checkRoleName(role.name)
    return {
      results: access.roles.filter((name) => role === null || name === role.name).map((name) => ({
        role: { name },
        users: include_user_info ? access.usersOf(name).map((user) => ({ name: user })) : [],
      })),
    }
  },
})

/** Handlers of the RPCs for privileges. Privileges are recorded, and not enforced. */
export const privileges = ({ access }: HandlerContext): SyncHandlers => ({
  OperatePrivilege: ({ entity, type }, call) => {
    if (entity === null) return throwUnexpected("the entity in the request is nil")
    if (entity.grantor === null) return throwUnexpected("the grantor entity in the grant entity is nil")
    if (entity.grantor.privilege === null) return throwUnexpected("the privilege entity in the grantor entity is nil")
    const privilege = nonEmpty("Privilege", entity.grantor.privilege.name)
    const objectType = nonEmpty("ObjectType", entity.object?.name ?? "")
    checkObjectName(entity.object_name)
    const role = entity.role?.name ?? ""
    checkRoleName(role)
    access.operateGrant(type, {
      role,
      objectType,
      object: entity.object_name,
      database: databaseNameOf(entity.db_name, call),
      privilege,
      grantor: userOf(call),
    })
    return {}
  },
  SelectGrant: ({ entity }, call) => {
    if (entity === null) return throwParameter("the grant entity in the request is nil")
    if (entity.role === null) return throwParameter("the role entity in the grant entity is nil")
    checkRoleName(entity.role.name)
    if (entity.object !== null) {
      nonEmpty("ObjectType", entity.object.name)
      checkObjectName(entity.object_name)
    }
    const database = databaseNameOf(entity.db_name, call)
    const object = entity.object === null ? undefined : { type: entity.object.name, name: entity.object_name }
    return { entities: access.grants({ role: entity.role.name, database, object }).map(entityOf) }
  },
})

/** Returns the failure of a call whose credentials are missing or wrong. */
export const authenticationFailure = (access: AccessControl, call: SeenCall): RpcFailure | undefined => {
  const failure = (details: string): RpcFailure => ({ code: "UNAUTHENTICATED", details })
  if (call.authorization === undefined) return failure("missing authorization in header")
  const token = decodeBase64(Redacted.value(call.authorization))
  if (token === undefined) return failure("invalid token format")
  const [user, password] = credentialsOf(token)
  if (password === undefined) return failure("auth check failure, please check api key is correct")
  return access.isAuthentic(user, password)
    ? undefined
    : failure("auth check failure, please check username and password are correct")
}

const credentialsOf = (token: string): readonly [user: string, password: string | undefined] => {
  const at = token.indexOf(":")
  return at < 0 ? [token, undefined] : [token.slice(0, at), token.slice(at + 1)]
}

/** Returns the user of a call. Like Milvus, needs one even if credentials are not checked. */
const userOf = ({ authorization }: SeenCall): string => {
  if (authorization === undefined) return throwUnexpected("fail to get authorization from the md")
  const token = decodeBase64(Redacted.value(authorization))
  if (token === undefined) return throwUnexpected("fail to decode the token")
  const [user, password] = credentialsOf(token)
  return password === undefined ? throwUnexpected("fail to get user info from the raw token") : user
}

/** Returns the name of the database of a grant, which need not exist. */
const databaseNameOf = (given: string, call: SeenCall): string => given || call.metadata["dbname"] || "default"

const entityOf = (grant: Grant): NonNullable<Reply<"SelectGrant">["entities"]>[number] => ({
  role: { name: grant.role },
  object: { name: grant.objectType },
  object_name: grant.object,
  db_name: grant.database,
  grantor: { user: { name: grant.grantor }, privilege: { name: grant.privilege } },
})

const nonEmpty = (what: string, name: string): string =>
  name.trim() === "" ? throwParameter(`${what} should be not empty`) : name

/** Refuses a description, which came with Milvus 2.6.19. */
const checkDescription = (description: string | undefined): void => {
  if (description !== undefined && description !== "") throwUnsupported("descriptions of users and roles")
}
