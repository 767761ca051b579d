/** Checks names as Milvus does. Each kind of name is refused with its own error code. */
import { Code, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"

/** The rules of a kind of name. By default, a name has letters, underscores and digits, and begins with no digit. */
interface Rules {
  readonly first?: RegExp
  readonly all?: RegExp
  readonly longest?: number
}

/** Returns the problem of a name. */
const problemOf = (kind: string, name: string, rules: Rules): string | undefined => {
  const { first = /^[A-Za-z_]/, all = /^\w+$/, longest = 255 } = rules
  if (name.trim() === "") return `${kind} name should not be empty`
  if (new TextEncoder().encode(name).length > longest) {
    return `the length of a ${kind} name must be at most ${longest} characters`
  }
  if (!first.test(name)) return `the first character of a ${kind} name is not valid`
  return all.test(name) ? undefined : `${kind} name can only contain numbers, letters and underscores`
}

const checker = (kind: string, throwInvalid: (reason: string, name: string) => never, rules: Rules = {}) =>
(
  name: string,
): void => {
  const reason = problemOf(kind, name, rules)
  if (reason !== undefined) throwInvalid(`Invalid ${kind} name: ${name}. ${reason}`, name)
}

/** Refuses an invalid name of a collection. */
export const checkCollectionName: (name: string) => void = checker("collection", throwParameter)

/** Refuses an invalid alias. */
export const checkAlias: (name: string) => void = checker("collection alias", throwParameter)

/** Refuses an invalid name of a partition. */
export const checkPartitionName: (name: string) => void = checker("partition", throwUnexpected, { first: /^\w/ })

/** Refuses an invalid name of an index. */
export const checkIndexName: (name: string) => void = checker("index", throwUnexpected)

/** Refuses an invalid name of a database. */
export const checkDatabaseName: (name: string) => void = checker(
  "database",
  (reason, name) => throwRefusal(Code.databaseNameInvalid, `${reason}: invalid database name[database=${name}]`),
)

/** Refuses an invalid name of a field. */
export const checkFieldName: (name: string) => void = checker(
  "field",
  (reason, name) => throwRefusal(Code.fieldNameInvalid, `${reason}: field name invalid[field=${name}]`),
)

const checkTrimmedUserName = checker("user", throwParameter, { first: /^[A-Za-z]/, longest: 32 })

/** Refuses an invalid name of a user. Spaces around it are allowed, as in Milvus. */
export const checkUserName = (name: string): void => checkTrimmedUserName(name.trim())

const checkTrimmedRoleName = checker("role", throwParameter, { all: /^[\w$]+$/ })

/** Refuses an invalid name of a role. Spaces around it are allowed, as in Milvus. */
export const checkRoleName = (name: string): void => checkTrimmedRoleName(name.trim())

/** Refuses an invalid name of an object of a privilege. `"*"` means all objects. */
export const checkObjectName = (name: string): void => name === "*" ? undefined : checkRoleName(name)

const checkNonEmptyGroupName = checker("resource group", throwParameter)

/** Refuses an invalid name of a resource group. */
export const checkResourceGroupName = (name: string): void =>
  name === "" ? throwUnexpected("resource group name couldn't be empty") : checkNonEmptyGroupName(name)
