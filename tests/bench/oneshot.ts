/** A whole script: start, connect, version, close. `oneshot.ts ADDRESS`. */
import { connect } from "../../src/promise.ts"

await using milvus = await connect(Deno.args[0])
console.log(milvus.server.version)
