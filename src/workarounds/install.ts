/**
 * Installs the patches of the runtime. Only `grpc/transport.ts` imports this file, and only this file imports the
 * patches.
 *
 * Patches of grpc-js change the objects of one client, not the process: `grpc/` calls them directly. The patch for
 * large writes is installed by `grpcLazyMessage.ts` when the first large request is sent.
 */
import * as denoAsyncResource from "./denoAsyncResource.ts"
import * as denoGoaway from "./denoGoaway.ts"

/** Installs what has to see every use of `AsyncLocalStorage`: called when the code that connects is imported. */
export const installEarly = (): void => void denoAsyncResource.install()

/** Installs what an HTTP/2 session needs: called before the first one is made. */
export const installForSessions = (): void => void denoGoaway.install()
