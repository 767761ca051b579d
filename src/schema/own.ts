/**
 * Looks up names of the caller in plain objects, without their inherited properties: a field may have the name
 * `constructor`, and must not be found in an object without it.
 */

/** Returns the value of an own property, or `undefined`. */
export const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
