/** Decodes the statistics of collections and partitions. */
import * as Result from "effect/Result"
import { CodecError } from "../../errors.ts"

/** Returns the number of rows in the reply of an RPC. Fails with `CodecError` if it has none that is valid. */
export const readRowCount = (
  method: string,
  stats: ReadonlyArray<{ readonly key: string; readonly value: string }>,
): Result.Result<number, CodecError> => {
  const count = stats.find(({ key }) => key === "row_count")?.value
  return count !== undefined && /^\d+$/.test(count) ? Result.succeed(Number(count)) : Result.fail(
    new CodecError({ kind: "Message", field: "row_count", expected: `a number of rows in the reply of ${method}` }),
  )
}
