export function assert(condition: unknown, message?: string): asserts condition
export function assertEquals<T>(actual: T, expected: T, message?: string): void
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void
export function assertStrictEquals<T>(actual: unknown, expected: T, message?: string): asserts actual is T
export function assertNotStrictEquals<T>(actual: T, expected: T, message?: string): void
export function assertMatch(actual: string, expected: RegExp, message?: string): void
export function assertNotMatch(actual: string, expected: RegExp, message?: string): void
export function assertStringIncludes(actual: string, expected: string, message?: string): void
export function assertArrayIncludes<T>(actual: ArrayLike<T>, expected: ArrayLike<T>, message?: string): void
export function assertObjectMatch(actual: object, expected: object, message?: string): void
export function assertExists<T>(actual: T, message?: string): asserts actual is NonNullable<T>
export function assertInstanceOf<T>(
  actual: unknown,
  // deno-lint-ignore no-explicit-any -- any constructor at all, as std declares it
  expected: abstract new (...args: any[]) => T,
  message?: string,
): asserts actual is T
export function assertGreater<T>(actual: T, expected: T, message?: string): void
export function assertGreaterOrEqual<T>(actual: T, expected: T, message?: string): void
export function assertLess<T>(actual: T, expected: T, message?: string): void
export function assertLessOrEqual<T>(actual: T, expected: T, message?: string): void
export function assertRejects(promise: () => PromiseLike<unknown>, message?: string): Promise<unknown>
export function assertThrows(run: () => unknown, message?: string): unknown
export function fail(message?: string): never
