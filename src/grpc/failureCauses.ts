/** Causes of a failed call that this side found out, for those who classify an `RpcError` by its `cause`. */
export { ConnectFailure } from "../workarounds/connectFailure.ts"
export { ReplyFault, StreamLost } from "../workarounds/grpcReply.ts"
