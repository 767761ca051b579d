/** The amounts that operations on rows add to the metrics. */
import type { Amounts } from "../../telemetry/observe.ts"

interface Costing {
  readonly cost: { readonly units: number | undefined }
}

/** Amounts of a write. */
export const written = ({ count, cost }: Costing & { readonly count: number }): Amounts => ({
  rows: count,
  costUnits: cost.units,
})

/** Amounts of a delete, which returns the number of rows. */
export const deleted = (rows: number): Amounts => ({ rows })

/** Amounts of a query. */
export const returned = ({ length, cost }: Costing & { readonly length: number }): Amounts => ({
  rows: length,
  costUnits: cost.units,
})

/** Amounts of a search. */
export const found = (
  { ids, counts, cost }: Costing & { readonly ids: ArrayLike<unknown>; readonly counts: ArrayLike<number> },
): Amounts => ({ rows: ids.length, vectors: counts.length, costUnits: cost.units })
