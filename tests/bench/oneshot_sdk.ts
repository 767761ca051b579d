/** The script of `oneshot.ts` with the Node SDK. */
const version = "3.0.6"
// The specifier is made at run time, so that neither the lock file nor the type check sees this package.
const { MilvusClient } = await import(`npm:@zilliz/milvus2-sdk-node@${version}`)
const client = new MilvusClient({ address: Deno.args[0], logLevel: "error" })
await client.connectPromise
console.log((await client.getVersion()).version)
await client.closeConnection()
Deno.exit()
