/** Whether anything is observed. Only for the measurement of what that costs. */
import * as Context from "effect/Context"

/** Whether operations and calls are observed. */
export const TelemetryEnabled: Context.Reference<boolean> = Context.Reference<boolean>(
  "@effect-milvus/client/TelemetryEnabled",
  { defaultValue: () => true },
)
