/** Which names Milvus takes for what, and how it refuses others: each kind of name has a code of its own. */
import { Code, refuse, refuseParameter, refuseUnexpected } from "./status.ts"

/** What is wrong with a name: its first character is a letter or an underscore, all others may be digits too. */
const fault = (what: string, name: string, mayBeginWithDigit = false): string | undefined => {
  if (name.trim() === "") return `${what} name should not be empty`
  if (new TextEncoder().encode(name).length > 255) {
    return `the length of a ${what} name must be less than 256 characters`
  }
  if (!(mayBeginWithDigit ? /^\w/ : /^[A-Za-z_]/).test(name)) {
    return `the first character of a ${what} name must be an underscore or letter`
  }
  return /^\w+$/.test(name) ? undefined : `${what} name can only contain numbers, letters and underscores`
}

const checked = (what: string, refused: (reason: string, name: string) => never, mayBeginWithDigit = false) =>
(
  name: string,
): void => {
  const reason = fault(what, name, mayBeginWithDigit)
  if (reason !== undefined) refused(`Invalid ${what} name: ${name}. ${reason}`, name)
}

/** Refuses what is not a name of a collection. */
export const checkCollectionName: (name: string) => void = checked("collection", refuseParameter)

/** Refuses what is not an alias. */
export const checkAlias: (name: string) => void = checked("collection alias", refuseParameter)

/** Refuses what is not a name of a partition. */
export const checkPartitionName: (name: string) => void = checked("partition", refuseUnexpected, true)

/** Refuses what is not a name of an index. */
export const checkIndexName: (name: string) => void = checked("index", refuseUnexpected)

/** Refuses what is not a name of a database. */
export const checkDatabaseName: (name: string) => void = checked(
  "database",
  (reason, name) => refuse(Code.databaseNameInvalid, `${reason}: invalid database name[database=${name}]`),
)

/** Refuses what is not a name of a field. */
export const checkFieldName: (name: string) => void = checked(
  "field",
  (reason, name) => refuse(Code.fieldNameInvalid, `${reason}: field name invalid[field=${name}]`),
)
