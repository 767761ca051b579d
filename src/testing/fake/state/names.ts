/** Checks names as Milvus does. Each kind of name is refused with its own error code. */
import { Code, throwParameter, throwRefusal, throwUnexpected } from "../fakeStatus.ts"

/**
 * Returns the problem of a name. It begins with a letter or an underscore, and continues with letters, underscores and
 * digits.
 */
const problemOf = (kind: string, name: string, mayBeginWithDigit = false): string | undefined => {
  if (name.trim() === "") return `${kind} name should not be empty`
  if (new TextEncoder().encode(name).length > 255) {
    return `the length of a ${kind} name must be less than 256 characters`
  }
  if (!(mayBeginWithDigit ? /^\w/ : /^[A-Za-z_]/).test(name)) {
    return `the first character of a ${kind} name must be an underscore or letter`
  }
  return /^\w+$/.test(name) ? undefined : `${kind} name can only contain numbers, letters and underscores`
}

const checker = (kind: string, throwInvalid: (reason: string, name: string) => never, mayBeginWithDigit = false) =>
(
  name: string,
): void => {
  const reason = problemOf(kind, name, mayBeginWithDigit)
  if (reason !== undefined) throwInvalid(`Invalid ${kind} name: ${name}. ${reason}`, name)
}

/** Refuses an invalid name of a collection. */
export const checkCollectionName: (name: string) => void = checker("collection", throwParameter)

/** Refuses an invalid alias. */
export const checkAlias: (name: string) => void = checker("collection alias", throwParameter)

/** Refuses an invalid name of a partition. */
export const checkPartitionName: (name: string) => void = checker("partition", throwUnexpected, true)

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
