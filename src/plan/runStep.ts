/** Makes one step of a plan, by the operations of the library. */
import * as Effect from "effect/Effect"
import type * as Connection from "../Connection.ts"
import { isOlder } from "../contract/rpcs.ts"
import type { PartialCreate } from "../errors.ts"
import { currentConnection } from "../operations/shared/currentConnection.ts"
import * as Collection from "../operations/Collection.ts"
import * as CollectionAlias from "../operations/CollectionAlias.ts"
import * as Database from "../operations/Database.ts"
import * as Index from "../operations/Index.ts"
import * as Privilege from "../operations/Privilege.ts"
import * as Role from "../operations/Role.ts"
import * as User from "../operations/User.ts"
import type { ReadError } from "./collectionSteps.ts"
import type { Grant } from "./definitions.ts"
import type { Step } from "./steps.ts"

/** Makes a step. */
export const runStep = (
  step: Step,
): Effect.Effect<void, ReadError | PartialCreate, Connection.Connection> => {
  const options = "database" in step ? { database: step.database } : undefined
  switch (step.kind) {
    case "CreateDatabase": {
      const { database, properties } = step
      return Database.create(database, Object.keys(properties).length === 0 ? undefined : { properties })
    }
    case "AlterDatabase":
      return Database.alter(step.database, step.properties)
    case "DropDatabase":
      return Database.drop(step.database)
    case "CreateCollection": {
      const { definition } = step
      // Indexes and the load are steps of their own.
      const bare = { ...definition, options: { ...definition.options, indexes: {} } }
      return Collection.create(bare, { ...options, load: false })
    }
    case "AlterCollection":
      return Collection.alter(step.collection, step.properties, options)
    case "LoadCollection":
      return Collection.load(step.collection, options)
    case "ReleaseCollection":
      return Collection.release(step.collection, options)
    case "DropCollection":
      return Collection.drop(step.collection, options)
    case "AddField":
      return Collection.addField(step.collection, step.field, step.definition, options)
    case "AlterField":
      return Collection.alterField(step.collection, step.field, step.properties, options)
    case "DropField":
      return Collection.dropField(step.collection, step.field, options)
    case "CreateIndex":
      return Index.create(step.collection, step.field, step.index, options)
    case "DropIndex":
      return Index.drop(step.collection, step.index, options)
    case "CreateAlias":
      return CollectionAlias.create(step.alias, step.collection, options)
    case "SwitchAlias":
      return CollectionAlias.alter(step.alias, step.collection, options)
    case "DropAlias":
      return CollectionAlias.drop(step.alias, options)
    case "CreateRole":
      return Role.create(step.role)
    case "DropRole":
      return Role.drop(step.role)
    case "GrantPrivilege":
    case "RevokePrivilege":
      return operateGrant(step.kind, step.role, step.grant)
    case "CreateUser":
      return User.create(step.user, step.password)
    case "DropUser":
      return User.drop(step.user)
    case "GrantRole":
      return Role.grantTo(step.role, step.user)
    case "RevokeRole":
      return Role.revokeFrom(step.role, step.user)
  }
}

/** Grants or revokes a privilege. A server that needs the kind of object, and the kind `User`, have an older form. */
const operateGrant = (
  kind: "GrantPrivilege" | "RevokePrivilege",
  role: string,
  { privilege, collection, database, objectType }: Grant,
): Effect.Effect<void, ReadError, Connection.Connection> =>
  Effect.gen(function* () {
    const { server: { version } } = yield* currentConnection()
    if (objectType !== undefined && (objectType === "User" || isOlder(version, "2.4.18"))) {
      const operate = kind === "GrantPrivilege" ? Privilege.grantV1 : Privilege.revokeV1
      return yield* operate(role, privilege, { type: objectType, name: collection, database })
    }
    const operate = kind === "GrantPrivilege" ? Privilege.grant : Privilege.revoke
    return yield* operate(role, privilege, { collection, database })
  })
