/** A receiver of OTLP over HTTP with JSON, on loopback: what a collector would get of a program. */
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Metric from "effect/Metric"
import * as Otlp from "effect/observability/Otlp"

/** Attributes by their names. */
export type Attributes = Readonly<Record<string, unknown>>

/** A span as it was received. */
export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  /** 1 is internal, 3 is client. */
  readonly kind: number
  readonly attributes: Attributes
  /** 1 is OK, 2 is an error. */
  readonly status: { readonly code: number; readonly message?: string }
}

/** A point of a metric. */
export interface ReceivedPoint {
  readonly attributes: Attributes
  /** The value of a counter. */
  readonly value: number | undefined
  readonly count: number | undefined
  readonly sum: number | undefined
  readonly bounds: ReadonlyArray<number> | undefined
}

/** A metric as it was received. */
export interface ReceivedMetric {
  readonly name: string
  readonly unit: string
  readonly description: string
  /** Whether it only grows; `undefined` if it is not a sum. */
  readonly isMonotonic: boolean | undefined
  readonly points: ReadonlyArray<ReceivedPoint>
}

/** A line of the log as it was received. */
export interface ReceivedLog {
  readonly text: string
  readonly attributes: Attributes
  readonly traceId: string | undefined
}

/** A receiver. */
export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string
  /** The bodies as they arrived. */
  readonly bodies: ReadonlyArray<string>
  readonly spans: () => ReadonlyArray<ReceivedSpan>
  /** The metrics of the last export. */
  readonly metrics: () => ReadonlyArray<ReceivedMetric>
  readonly logs: () => ReadonlyArray<ReceivedLog>
}

// JSON that Effect's exporter writes, as far as the tests read it.
interface KeyValue {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}
interface Point {
  readonly attributes: ReadonlyArray<KeyValue>
  readonly asDouble?: number
  readonly asInt?: number | string
  readonly count?: number
  readonly sum?: number
  readonly explicitBounds?: ReadonlyArray<number>
}
interface Data {
  readonly dataPoints: ReadonlyArray<Point>
  readonly isMonotonic?: boolean
}
type Scoped<A> = ReadonlyArray<
  { readonly scopeSpans: A; readonly scopeMetrics: A; readonly scopeLogs: A }
>

const attributesOf = (list: ReadonlyArray<KeyValue>): Attributes =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]))

/** Starts a receiver. */
export const startOtlpReceiver = (): OtlpReceiver => {
  const received: Array<{ readonly path: string; readonly text: string }> = []
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    received.push({ path: new URL(request.url).pathname, text: await request.text() })
    return Response.json({})
  })
  // Cast: the exporter writes this shape.
  const bodies = (path: string) => received.filter((one) => one.path === path).map(({ text }) => JSON.parse(text))
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    get bodies() {
      return received.map(({ text }) => text)
    },
    spans: () =>
      bodies("/v1/traces").flatMap(({ resourceSpans }) =>
        (resourceSpans as Scoped<ReadonlyArray<{ readonly spans: ReadonlyArray<RawSpan> }>>).flatMap((
          { scopeSpans },
        ) => scopeSpans.flatMap(({ spans }) => spans))
      ).map((span) => ({ ...span, attributes: attributesOf(span.attributes) })),
    metrics: () =>
      bodies("/v1/metrics").slice(-1).flatMap(({ resourceMetrics }) =>
        (resourceMetrics as Scoped<ReadonlyArray<{ readonly metrics: ReadonlyArray<RawMetric> }>>).flatMap((
          { scopeMetrics },
        ) => scopeMetrics.flatMap(({ metrics }) => metrics))
      ).map(({ name, unit, description, sum, histogram, gauge }) => ({
        name,
        unit,
        description,
        isMonotonic: sum?.isMonotonic,
        points: [sum, histogram, gauge].flatMap((data) => data?.dataPoints ?? []).map((point) => ({
          attributes: attributesOf(point.attributes),
          value: point.asInt === undefined ? point.asDouble : Number(point.asInt),
          count: point.count,
          sum: point.sum,
          bounds: point.explicitBounds,
        })),
      })),
    logs: () =>
      bodies("/v1/logs").flatMap(({ resourceLogs }) =>
        (resourceLogs as Scoped<ReadonlyArray<{ readonly logRecords: ReadonlyArray<RawLog> }>>).flatMap((
          { scopeLogs },
        ) => scopeLogs.flatMap(({ logRecords }) => logRecords))
      ).map(({ body, attributes, traceId }) => ({
        text: JSON.stringify(body),
        attributes: attributesOf(attributes),
        traceId,
      })),
    [Symbol.asyncDispose]: () => server.shutdown(),
  }
}

interface RawSpan extends Omit<ReceivedSpan, "attributes"> {
  readonly attributes: ReadonlyArray<KeyValue>
}
interface RawMetric extends Pick<ReceivedMetric, "name" | "unit" | "description"> {
  readonly sum?: Data
  readonly histogram?: Data
  readonly gauge?: Data
}
interface RawLog {
  readonly body: unknown
  readonly attributes: ReadonlyArray<KeyValue>
  readonly traceId?: string
}

/** Runs a program whose spans, metrics and logs go to a receiver when it ends. Its metrics are its own. */
export const exporting = (url: string): <A, E, R>(program: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> => {
  const exporter = Otlp.layerJson({
    baseUrl: url,
    resource: { serviceName: "shop", serviceVersion: "1" },
    loggerExportInterval: "1 hour",
    metricsExportInterval: "1 hour",
    tracerExportInterval: "1 hour",
  }).pipe(Layer.provide(FetchHttpClient.layer))
  return (program) => Effect.provideService(Effect.provide(program, exporter), Metric.MetricRegistry, new Map())
}
