/** One unary call through grpc-js: while no session is up, and where grpc-js is not as expected. */
import type { Buffer } from "node:buffer"
import * as grpc from "@grpc/grpc-js"
import { LazyMessage, messageOf } from "../workarounds/grpcLazyMessage.ts"
import { StreamRecord, type StreamWatch } from "../workarounds/grpcStreams.ts"
import { metadataOf } from "./callHeaders.ts"
import type { CallEnd, CallOnWire, UnaryCall } from "./unaryCall.ts"

/** A channel of grpc-js, as far as calls need it. */
export interface GrpcChannel {
  readonly createCall: (path: string, deadline: number) => ReturnType<grpc.Channel["createCall"]>
  readonly streams: StreamWatch
}

/**
 * Makes a call. Calls `onEnd` once. Throws if the request cannot be encoded, for a permission that is missing, and on a
 * closed channel; nothing was sent then.
 *
 * It uses the channel directly: the interceptors between it and `Client` cost a fifth of a small call, and none is used
 * here.
 */
export const callOnChannel = (channel: GrpcChannel, options: UnaryCall, onEnd: (end: CallEnd) => void): CallOnWire => {
  const record = new StreamRecord(options.maxReply)
  const message = messageOf(options.message)
  const lazyMessage = message instanceof LazyMessage ? message : undefined
  const metadata = metadataOf(options.headers, record)
  const call = channel.createCall(options.path, options.deadline)
  let again: CallOnWire | undefined
  let reply: Buffer | undefined
  call.start(metadata, {
    onReceiveMetadata() {},
    onReceiveMessage(bytes) {
      reply = bytes
      // Reads on, to see whether more follows; nothing waits for it.
      call.startRead()
    },
    onReceiveStatus(status) {
      channel.streams.check(record, status)
      record.end()
      let failure = lazyMessage?.failure
      if (lazyMessage?.isRefused(status.code, record.isAnswered || record.isUnopenable)) {
        try {
          again = callOnChannel(channel, options, onEnd)
          return
        } catch (cause) {
          failure = cause
        }
      }
      onEnd({ status, progress: record, isBlind: channel.streams.isBlind, reply, failure })
    },
  })
  call.startRead()
  call.sendMessageWithContext({}, message)
  call.halfClose()
  return {
    cancel() {
      if (again !== undefined) return again.cancel()
      record.end()
      call.cancelWithStatus(grpc.status.CANCELLED, "Cancelled by the caller")
    },
  }
}
