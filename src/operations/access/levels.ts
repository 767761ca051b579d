/**
 * The levels of privileges: cluster, database and collection. A grant names a database and a collection; a privilege of
 * a higher level is not limited to a collection.
 */
import * as Result from "effect/Result"
import { type Decoded, failParam } from "../../config/params.ts"
import type { KnownPrivilegeName } from "./grants.ts"

const builtInGroup = /^(Cluster|Database|Collection)?(ReadOnly|ReadWrite|Admin)$/

/** Whether a name is that of a group of privileges that is built in. */
export const isBuiltInGroup = (privilege: string): boolean => builtInGroup.test(privilege)

const clusterPrivileges: ReadonlySet<string> = new Set<KnownPrivilegeName>([
  "BackupRBAC",
  "CreateDatabase",
  "CreateOwnership",
  "CreatePrivilegeGroup",
  "CreateResourceGroup",
  "DescribeResourceGroup",
  "DropDatabase",
  "DropOwnership",
  "DropPrivilegeGroup",
  "DropResourceGroup",
  "FlushAll",
  "ListDatabases",
  "ListPrivilegeGroups",
  "ListResourceGroups",
  "ManageOwnership",
  "OperatePrivilegeGroup",
  "RenameCollection",
  "RestoreRBAC",
  "SelectOwnership",
  "SelectUser",
  "TransferNode",
  "TransferReplica",
  "UpdateResourceGroups",
  "UpdateUser",
])

const databasePrivileges: ReadonlySet<string> = new Set<KnownPrivilegeName>([
  "AlterDatabase",
  "CreateCollection",
  "DescribeDatabase",
  "DropCollection",
  "ShowCollections",
])

/** The level of a privilege or a built-in group, if this version knows it. */
const levelOf = (privilege: string): "cluster" | "database" | undefined => {
  const [, group] = builtInGroup.exec(privilege) ?? []
  if (group === "Cluster" || clusterPrivileges.has(privilege)) return "cluster"
  return group === "Database" || databasePrivileges.has(privilege) ? "database" : undefined
}

/**
 * Refuses a scope that is not one of the privilege. For a group, the server would refuse it, too. A privilege it would
 * grant for all collections of the database. Such a grant of another client can be revoked.
 */
export const checkScope = (
  type: "Grant" | "Revoke",
  privilege: string,
  collection: string,
  database: string | undefined,
): Decoded<void> => {
  const isGroup = isBuiltInGroup(privilege)
  const level = isGroup || type === "Grant" ? levelOf(privilege) : undefined
  if (level !== undefined && collection !== "*") {
    return failParam("scope.collection", `"*", since ${privilege} is about the whole ${level}`, collection)
  }
  if (level === "cluster" && isGroup && database !== "*") {
    return failParam("scope.database", `"*", since ${privilege} is about the whole cluster`, database)
  }
  if (database === "*" && collection !== "*") {
    return failParam("scope.collection", `"*", since the database is "*"`, collection)
  }
  return Result.succeed(undefined)
}
