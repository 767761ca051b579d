/** Distances between given vectors, which only servers before Milvus 2.3 calculate. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { failParam } from "../../config/params.ts"
import type { CallError, ParamError } from "../../errors.ts"
import { operate } from "../shared/operate.ts"

/** Vectors of a request of `CalcDistance`: given ones, or those of rows. */
export type DistanceVectors = NonNullable<Connection.Methods["CalcDistance"]["request"]["op_left"]>

/**
 * Returns the distances between vectors, `[left, right]`, row by row.
 *
 * Calls `CalcDistance`. Milvus 2.0 to 2.2; later servers answer that they do not support it any more (`Unsupported` or
 * `ServerError`).
 *
 * @deprecated Milvus 2.3 and later cannot calculate distances. Search instead.
 */
export const calcDistance = (
  left: DistanceVectors,
  right: DistanceVectors,
  metric: string,
  options?: Connection.CallOptions,
): Effect.Effect<ReadonlyArray<number>, CallError | ParamError, Connection.Connection> =>
  Effect.map(
    operate("CalcDistance", options, () => {
      if (typeof left !== "object" || left === null) return failParam("left", "vectors, or ids of vectors", left)
      if (typeof right !== "object" || right === null) return failParam("right", "vectors, or ids of vectors", right)
      if (typeof metric !== "string" || metric === "") return failParam("metric", 'a metric, such as "L2"', metric)
      return Result.succeed({ op_left: left, op_right: right, params: [{ key: "metric", value: metric }] })
    }),
    ({ int_dist, float_dist }) => float_dist?.data ?? int_dist?.data ?? [],
  )
