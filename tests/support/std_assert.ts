/** Deno std's assertions: from npm, because JSR cannot be reached where this is built, and typed here, because that package has no types. */
// @ts-types="./std_assert.d.ts"
export * from "deno-std/assert/mod.js"
