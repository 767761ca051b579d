/**
 * The assertions of Deno's std. They come from npm, because JSR cannot be reached from every place where this is built.
 * Their types are declared here, because that package has none.
 */
// @ts-types="./std_assert.d.ts"
export * from "deno-std/assert/mod.js"
