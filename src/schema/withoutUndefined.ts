/** Returns a record without the properties that are `undefined`. */
export const withoutUndefined = <A extends object>(record: A): WithoutUndefined<A> =>
  // Cast: the removed properties are optional in the type.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as WithoutUndefined<A>

/** Type of a record whose properties that may be `undefined` are optional. */
export type WithoutUndefined<A> =
  & { [K in keyof A as undefined extends A[K] ? never : K]: A[K] }
  & {
    [K in keyof A as undefined extends A[K] ? K : never]?: Exclude<A[K], undefined>
  }
