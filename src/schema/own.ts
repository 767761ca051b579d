/**
 * Look-ups by names that users give. A plain object also has what every object inherits: a field may be called
 * `constructor`, and is not to be found where it is not.
 *
 * @module
 */

/** The value of an own property; `undefined` if there is none. */
export const own = <A>(record: { readonly [name: string]: A }, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined
