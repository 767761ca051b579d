/**
 * The server and the database of an operation, with the attributes and the metric series of its operations. Both are
 * made once, so that a call looks them up and computes nothing.
 */
import * as Metric from "effect/Metric"
import type { Outcome } from "./outcome.ts"

/** Attributes of a span. */
export type Attributes = Readonly<Record<string, string | number>>

/** Returns the attributes of a server: its name without the port, and the port as a number. */
export const serverAttributes = (address: string): Attributes => {
  const found = servers.get(address)
  if (found !== undefined) return found
  const [, host = "", port] = /^(.*):(\d+)$/.exec(address) ?? [undefined, address.replace(/^unix:/, "")]
  const name = host.replace(/^\[(.*)\]$/, "$1")
  const attributes = { "server.address": name, ...(port === undefined ? {} : { "server.port": Number(port) }) }
  remember(servers, address, attributes)
  return attributes
}

const servers = new Map<string, Attributes>()

/** A server and one of its databases. */
export class Target {
  readonly attributes: Attributes
  readonly #operations = new Map<string, Map<string, OperationSeries>>()

  constructor(address: string, database: string) {
    this.attributes = { "db.system.name": "milvus", "db.namespace": database, ...serverAttributes(address) }
  }

  /** Returns the series of an operation on a collection, or on none. */
  series(operation: string, collection: string | undefined): OperationSeries {
    let byCollection = this.#operations.get(operation)
    if (byCollection === undefined) this.#operations.set(operation, byCollection = new Map())
    const name = collection ?? ""
    const found = byCollection.get(name)
    if (found !== undefined) return found
    // A program with very many collections would have as many series: those of the others have no collection.
    if (name !== "" && byCollection.size >= maxCollections) return this.series(operation, undefined)
    const series = new OperationSeries({
      ...this.attributes,
      "db.operation.name": operation,
      ...(name === "" ? {} : { "db.collection.name": name }),
    })
    byCollection.set(name, series)
    return series
  }
}

/** Number of collections that have metric series of their own, for each operation in a database. */
export const maxCollections = 200

/** The metric series of one operation on one collection. */
export class OperationSeries {
  readonly duration: Metric.Metric<number, Metric.HistogramState>
  readonly rows: Metric.Metric<number, Metric.CounterState<number>>
  readonly vectors: Metric.Metric<number, Metric.CounterState<number>>
  readonly costUnits: Metric.Metric<number, Metric.CounterState<number>>
  readonly #attributes: Readonly<Record<string, string>>
  readonly #failures = new Map<string, Metric.Metric<number, Metric.HistogramState>>()

  constructor(attributes: Attributes) {
    const text = this.#attributes = toText(attributes)
    this.duration = operationDuration(text)
    this.rows = counter("milvus.client.rows", "Rows that were written or returned", text, "{row}")
    this.vectors = counter("milvus.client.vectors", "Query vectors that searches compared", text, "{vector}")
    this.costUnits = counter("milvus.client.cost_units", "Cost that the server reported", text, "{unit}")
  }

  /** Returns the duration of those that ended with an outcome. */
  failed({ errorType, statusCode }: Outcome): OperationSeries["duration"] {
    const key = `${errorType} ${statusCode}`
    const found = this.#failures.get(key)
    if (found !== undefined) return found
    const series = operationDuration({
      ...this.#attributes,
      "error.type": errorType,
      ...(statusCode === undefined ? {} : { "db.response.status_code": statusCode }),
    })
    this.#failures.set(key, series)
    return series
  }
}

/** Returns the target of a database of a server. */
export const targetOf = (address: string, database: string): Target => {
  let databases = targets.get(address)
  if (databases === undefined) remember(targets, address, databases = new Map())
  let target = databases.get(database)
  if (target === undefined) remember(databases, database, target = new Target(address, database))
  return target
}

const targets = new Map<string, Map<string, Target>>()

/** Number of servers, and of databases of a server, whose series are kept. They are made again if they are needed. */
const capacity = 1024

const remember = <A>(map: Map<string, A>, key: string, value: A): void => {
  if (map.size >= capacity) map.clear()
  map.set(key, value)
}

/** Returns attributes for metrics, whose values are texts. */
export const toText = (attributes: Attributes): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]))

/** Returns a counter. `unit` is in the notation of UCUM. */
export const counter = (
  name: string,
  description: string,
  attributes: Readonly<Record<string, string>>,
  unit: string,
): Metric.Metric<number, Metric.CounterState<number>> =>
  Metric.counter(name, { description, attributes: { ...attributes, unit }, incremental: true })

/** The buckets of the conventions for databases, in seconds. */
export const buckets: ReadonlyArray<number> = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

const operationDuration = (attributes: Readonly<Record<string, string>>): OperationSeries["duration"] =>
  Metric.histogram("db.client.operation.duration", {
    description: "Duration of operations, with all their calls, attempts and waits",
    attributes: { ...attributes, unit: "s" },
    boundaries: buckets,
  })
