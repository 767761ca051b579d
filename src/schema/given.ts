/** A record without what is `undefined`. */
export const given = <A extends object>(record: A): Given<A> =>
  // Cast: what is left out is optional in the type.
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Given<A>

/** What is left of a record: what may be `undefined` may be missing. */
export type Given<A> =
  & { [K in keyof A as undefined extends A[K] ? never : K]: A[K] }
  & {
    [K in keyof A as undefined extends A[K] ? K : never]?: Exclude<A[K], undefined>
  }
