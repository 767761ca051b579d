/**
 * With `CALLS_THROUGH_GRPC_JS` in the environment, all calls of this process go through grpc-js, as they do while no
 * session is up. `tests/run.ts` runs the tests of faults in both ways.
 */
import { sessions } from "../../src/workarounds/grpcSession.ts"

if (Deno.env.get("CALLS_THROUGH_GRPC_JS") !== undefined) sessions.areUsed = false
