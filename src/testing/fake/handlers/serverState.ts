/** Handlers of the RPCs by which a server reports its parts, and of those that Milvus keeps only for old clients. */
import type { Identity } from "./describeServer.ts"
import type { HandlerContext, SyncHandlers } from "./handler.ts"
import { Code, throwRefusal, throwUnavailable, throwUnexpected } from "../fakeStatus.ts"

/** Handlers of the RPCs for metrics and components. */
export const serverState = (identity: Identity, { store }: HandlerContext): SyncHandlers => ({
  GetMetrics: ({ request }) => {
    const type = metricType(request)
    if (type !== "system_info") throwRefusal(Code.metricNotFound, `metric not found[metric=${type}]`)
    return { component_name: "proxy1", response: JSON.stringify(systemInfo(identity.version, store.created)) }
  },
  GetComponentStates: () => ({
    state: { nodeID: 1n, role: "proxy", state_code: identity.health.isHealthy ? "Healthy" : "Abnormal" },
  }),
  RegisterLink: () => ({ status: { reason: "STANDALONE" } }),
})

/** Handlers of RPCs that no longer do anything in Milvus. */
export const obsolete = (): SyncHandlers => ({
  // Milvus does not wait for the query, and never returns its rows.
  Dummy: ({ request_type }) => ({ response: `{"status": "${isQuery(request_type) ? "success" : "fail"}"}` }),
  CalcDistance: () => throwUnavailable("CalcDistance deprecated"),
  ReplicateMessage: () =>
    throwRefusal(Code.replicationDenied, "deny to use the replicate message in the normal instance"),
})

const metricType = (request: string): string => {
  let given: unknown
  try {
    given = JSON.parse(request)
  } catch {
    return throwUnexpected("failed to decode the request: it is not JSON")
  }
  if (typeof given !== "object" || Array.isArray(given)) {
    return throwUnexpected("failed to decode the request: it is not a JSON object")
  }
  const type = given !== null && "metric_type" in given ? given.metric_type : undefined
  // Milvus 2.3.5 ends if the type is not a text.
  return typeof type === "string" ? type : throwUnexpected("metric_type not found in request")
}

/** Returns what Milvus reports of its parts, as far as it does not change with the load of the machine. */
const systemInfo = (version: string, created: number) => ({
  nodes_info: ["querynode", "querycoord", "datanode", "indexnode", "datacoord", "rootcoord", "proxy"].map((type) => ({
    identifier: 1,
    connected: null,
    infos: {
      has_error: false,
      error_reason: "",
      name: `${type}1`,
      system_info: { deploy_mode: "STANDALONE", build_version: version },
      created_time: new Date(created).toISOString(),
      type,
      id: 1,
    },
  })),
})

/** Whether a request of Dummy is one that Milvus runs. */
const isQuery = (request: string): boolean => {
  try {
    const given: unknown = JSON.parse(request)
    return typeof given === "object" && given !== null && "request_type" in given && given.request_type === "query"
  } catch {
    return false
  }
}
