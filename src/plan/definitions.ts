/** The wanted state of a server as a value: databases, collections, aliases, roles and users. */
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { type Decoded, failParam, readDatabase, readName, readRecord, tryOrUndefined } from "../config/params.ts"
import { ParamError } from "../errors.ts"
import { checkScope } from "../operations/access/levels.ts"
import type { PrivilegeName } from "../operations/access/grants.ts"
import type { DatabaseProperties } from "../operations/Database.ts"
import type { CollectionRef } from "../operations/shared/collectionRef.ts"
import { checkFlag, checkRecord, readCollection, readNameList } from "../operations/shared/options.ts"
import { encodeProperties, toRecord } from "../operations/shared/properties.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import { createParts } from "../schema/encodeSchema.ts"

/**
 * Collections and aliases of one database. What is left out is not looked at: without `aliases`, the plan neither makes
 * nor drops one.
 */
export interface DatabaseContent {
  /** All collections of the database. */
  readonly collections?: ReadonlyArray<AnyDefinition> | undefined
  /** All aliases of the database, each with its collection. */
  readonly aliases?: Readonly<Record<string, CollectionRef>> | undefined
  /**
   * Whether collections whose vectors all have an index are loaded.
   *
   * @default true
   */
  readonly load?: boolean | undefined
}

/** A database with its content. */
export interface DatabaseDefinition extends DatabaseContent {
  /** Properties of the database, by their names in Milvus. Those that are not named stay as they are. */
  readonly properties?: DatabaseProperties | undefined
}

/** A privilege of a role. */
export interface GrantDefinition {
  /** The privilege, or the group of privileges. */
  readonly privilege: PrivilegeName
  /**
   * The collection, or for `objectType: "User"` the user; `"*"` for all.
   *
   * @default "*"
   */
  readonly collection?: string | undefined
  /**
   * The database; `"*"` for all.
   *
   * @default The database of the connection.
   */
  readonly database?: string | undefined
  /** The kind of object, which only Milvus before 2.4.18 needs. */
  readonly objectType?: "Collection" | "Global" | "User" | undefined
}

/** A role. */
export interface RoleDefinition {
  /** All privileges of the role. Without it, the privileges are not looked at. */
  readonly grants?: ReadonlyArray<GrantDefinition> | undefined
}

/** A user. */
export interface UserDefinition {
  /** The password with which the user is created. That of a user who exists is not changed. */
  readonly password?: Redacted.Redacted<string> | undefined
  /** All roles of the user. Without it, the roles are not looked at. */
  readonly roles?: ReadonlyArray<string> | undefined
}

/**
 * The wanted state of a server. What is left out is not looked at. `collections` and `aliases` are those of the
 * database of the connection.
 */
export interface Definitions extends DatabaseContent {
  /** All databases by name, except for that of the connection and `"default"`, which may be left out. */
  readonly databases?: Readonly<Record<string, DatabaseDefinition>> | undefined
  /** All roles by name, except for those that are built in. */
  readonly roles?: Readonly<Record<string, RoleDefinition>> | undefined
  /** All users by name, except for `root`. */
  readonly users?: Readonly<Record<string, UserDefinition>> | undefined
}

/**
 * Defines the wanted state of a server. Making it never fails; mistakes are a `ParamError` of `plan`.
 *
 * @example
 * ```ts ignore
 * export default Schema.define({
 *   collections: [Books],
 *   aliases: { current_books: Books },
 *   roles: { reader: { grants: [{ privilege: "CollectionReadOnly", collection: "books" }] } },
 *   users: { alice: { password: Redacted.make(password), roles: ["reader"] } },
 * })
 * ```
 */
export const define = (definitions: Definitions): Definitions => definitions

/** Content of one database, decoded. */
export interface DatabaseScope {
  readonly name: string
  /** Whether the database is one of `databases`. */
  readonly isNamed: boolean
  readonly properties: Readonly<Record<string, string>>
  /** Whether collections are loaded. */
  readonly loads: boolean
  readonly collections: ReadonlyArray<AnyDefinition> | undefined
  /** The collection of each alias. */
  readonly aliases: ReadonlyMap<string, string> | undefined
}

/** A privilege of a role, with its whole scope. */
export interface Grant {
  /** The privilege, or the group of privileges. */
  readonly privilege: PrivilegeName
  /** The collection, or the user; `"*"` for all. */
  readonly collection: string
  /** The database; `"*"` for all. */
  readonly database: string
  /** The kind of object, if it is known. */
  readonly objectType?: "Collection" | "Global" | "User"
}

/** Definitions, decoded. */
export interface Decodings {
  readonly databases: ReadonlyArray<DatabaseScope>
  /** Whether databases that are not defined count as differences. */
  readonly hasDatabases: boolean
  readonly roles: ReadonlyMap<string, { readonly grants: ReadonlyArray<Grant> | undefined }> | undefined
  readonly users: ReadonlyMap<string, DecodedUser> | undefined
}

interface DecodedUser {
  readonly password: Redacted.Redacted<string> | undefined
  readonly roles: ReadonlyArray<string> | undefined
}

/** Decodes definitions. `database` is that of the connection. */
export const decodeDefinitions = (definitions: unknown, database: string): Decoded<Decodings> =>
  Result.gen(function* () {
    const names = ["collections", "aliases", "load", "databases", "roles", "users"]
    yield* checkRecord("definitions", definitions, names)
    // Cast: a plain object with no other names.
    const { collections, aliases, load, databases, roles, users } = definitions as Definitions
    const scopes: Array<DatabaseScope> = []
    for (const [name, one] of yield* entriesOf("databases", databases)) {
      const at = `databases.${name}`
      yield* checkRecord(at, one, ["properties", "collections", "aliases", "load"])
      const { properties } = one
      scopes.push({
        name: yield* readDatabase(at, name),
        isNamed: true,
        properties: properties === undefined ? {} : toRecord(yield* encodeProperties(`${at}.properties`, properties)),
        ...yield* decodeContent(`${at}.`, one),
      })
    }
    if (collections !== undefined || aliases !== undefined) {
      if (scopes.some(({ name }) => name === database)) {
        const expected = `another database than ${JSON.stringify(database)}, whose collections are at the top`
        return yield* failParam(`databases.${database}`, expected)
      }
      const content = yield* decodeContent("", { collections, aliases, load })
      scopes.unshift({ name: database, isNamed: false, properties: {}, ...content })
    }
    return {
      databases: scopes,
      hasDatabases: databases !== undefined,
      roles: yield* decodeRoles(roles, database),
      users: yield* decodeUsers(users),
    }
  })

const decodeContent = (at: string, { collections, aliases, load }: DatabaseContent) =>
  Result.gen(function* () {
    const names = new Set<string>()
    yield* checkFlag(`${at}load`, load)
    if (collections !== undefined && !Array.isArray(collections)) {
      return yield* failParam(`${at}collections`, "a list of definitions", collections)
    }
    for (const [index, definition] of (collections ?? []).entries()) {
      const parameter = `${at}collections[${index}]`
      const isDefinition = typeof definition === "object" && definition !== null &&
        typeof definition.fields === "object" && typeof definition.options === "object"
      if (!isDefinition) return yield* failParam(parameter, "a definition of a collection", definition)
      const name = yield* readCollection(definition)
      yield* createParts(definition)
      if (names.has(name)) return yield* failParam(parameter, "each collection once", name)
      names.add(name)
    }
    const targets = new Map<string, string>()
    for (const [alias, collection] of yield* entriesOf(`${at}aliases`, aliases)) {
      if (names.has(alias)) {
        return yield* failParam(`${at}aliases.${alias}`, "a name that no collection of the definitions has", alias)
      }
      targets.set(yield* readName(`${at}aliases`, alias), yield* readCollection(collection))
    }
    return { loads: load ?? true, collections, aliases: aliases === undefined ? undefined : targets }
  })

const decodeRoles = (roles: Definitions["roles"], database: string): Decoded<Decodings["roles"]> =>
  Result.gen(function* () {
    if (roles === undefined) return undefined
    const decoded = new Map<string, { readonly grants: ReadonlyArray<Grant> | undefined }>()
    for (const [role, one] of yield* entriesOf("roles", roles)) {
      const at = `roles.${role}`
      yield* checkRecord(at, one, ["grants"])
      if (one.grants !== undefined && !Array.isArray(one.grants)) {
        return yield* failParam(`${at}.grants`, "a list of grants", one.grants)
      }
      const grants: Array<Grant> = []
      for (const [index, grant] of (one.grants ?? []).entries()) {
        grants.push(yield* decodeGrant(`${at}.grants[${index}]`, grant, database))
      }
      decoded.set(yield* readName("roles", role), { grants: one.grants === undefined ? undefined : grants })
    }
    return decoded
  })

const decodeGrant = (at: string, grant: GrantDefinition, home: string): Decoded<Grant> =>
  Result.gen(function* () {
    yield* checkRecord(at, grant, ["privilege", "collection", "database", "objectType"])
    const { privilege, collection = "*", database = home, objectType } = grant
    if (objectType !== undefined && !["Collection", "Global", "User"].includes(objectType)) {
      return yield* failParam(`${at}.objectType`, '"Collection", "Global" or "User"', objectType)
    }
    const name = yield* readName(`${at}.privilege`, privilege)
    if (objectType === undefined) {
      yield* Result.mapError(
        checkScope("Grant", name, collection, database),
        ({ parameter, expected, actual }) =>
          new ParamError({ parameter: parameter.replace("scope", at), expected, actual }),
      )
    }
    return {
      privilege: name,
      collection: yield* readName(`${at}.collection`, collection),
      database: yield* readDatabase(`${at}.database`, database),
      ...(objectType === undefined ? {} : { objectType }),
    }
  })

const decodeUsers = (users: Definitions["users"]): Decoded<Decodings["users"]> =>
  Result.gen(function* () {
    if (users === undefined) return undefined
    const decoded = new Map<string, DecodedUser>()
    for (const [user, one] of yield* entriesOf("users", users)) {
      const at = `users.${user}`
      yield* checkRecord(at, one, ["password", "roles"])
      const { password, roles } = one
      const isSecret = password === undefined ||
        Redacted.isRedacted(password) && typeof tryOrUndefined(() => Redacted.value(password)) === "string"
      // The value is a secret, so the error does not have it.
      if (!isSecret) return yield* failParam(`${at}.password`, "a text as Redacted, made by the same copy of effect")
      if (roles !== undefined && roles.length > 0) yield* readNameList(`${at}.roles`, roles)
      decoded.set(yield* readName("users", user), { password, roles })
    }
    return decoded
  })

/** Returns the entries of an object with names as keys; none if it is `undefined`. */
const entriesOf = <A>(
  parameter: string,
  record: Readonly<Record<string, A>> | undefined,
): Decoded<ReadonlyArray<readonly [string, A]>> =>
  record === undefined
    ? Result.succeed([])
    // Cast: a shallow copy has the values of the record.
    : Result.map(readRecord(parameter, record, "an object by name"), (copy) => Object.entries(copy as typeof record))
