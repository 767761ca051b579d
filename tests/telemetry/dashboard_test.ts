/** The example of observability: its program, its dashboard, and the guide name the same metrics as the library. */
import { fileURLToPath } from "node:url"
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { startOtlpReceiver } from "../support/otlp.ts"
import { succeed } from "../support/package.ts"
import { effectTest, test } from "../support/test.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const read = (path: string) => Deno.readTextFileSync(root + path)

/** The metrics of the library by name, with their kind and unit, from its sources. */
const metrics = new Map(
  [...Deno.readDirSync(`${root}src/telemetry`)].flatMap(({ name }) => {
    const text = read(`src/telemetry/${name}`)
    return [...text.matchAll(/\b(counter|histogram)\(\s*"([a-z_.]+)"([^]*?)(?:unit: "|"(?=By"|\{))([^"]+)"/g)].map(
      ([, kind = "", name = "", , unit = ""]) => [name, { kind, unit }] as const,
    )
  }),
)

/** The names of a metric in Prometheus, which has the unit and the kind in them. */
const prometheusNames = (name: string, { kind, unit }: { readonly kind: string; readonly unit: string }) => {
  const word = { s: "_seconds", By: "_bytes" }[unit] ?? ""
  const base = name.replaceAll(".", "_")
  const full = base.endsWith(word) ? base : `${base}${word}`
  if (kind === "histogram") return [`${full}_bucket`, `${full}_count`, `${full}_sum`]
  return name === "db.client.connection.count" ? [full] : [`${full}_total`]
}

test("the dashboard has panels for rate, errors, durations, retries and connections, of metrics that exist", () => {
  const { title, panels, templating, schemaVersion } = JSON.parse(read("examples/observability/dashboard.json"))
  assert(typeof title === "string" && schemaVersion >= 36 && Array.isArray(panels))
  const variables = new Set(templating.list.map(({ name }: { readonly name: string }) => name))
  const titles: Array<string> = []
  const used = new Set<string>()
  const ids = new Set<number>()
  for (const { id, type, title, gridPos, targets, datasource } of panels) {
    assertEquals(type, "timeseries")
    assert(gridPos.x + gridPos.w <= 24 && gridPos.h > 0 && targets.length > 0, title)
    assertEquals(datasource.type, "prometheus")
    titles.push(title)
    ids.add(id)
    for (const { expr } of targets) {
      for (const [name] of expr.matchAll(/\b(?:db_client|milvus_client)_\w+(?=[{[)])/g)) {
        if (!expr.includes(`by (${name})`)) used.add(name)
      }
      for (const [, name] of expr.matchAll(/\$(?!__)(\w+)/g)) assert(variables.has(name), `${title}: $${name}`)
      assertEquals(expr.split("(").length, expr.split(")").length, expr)
    }
  }
  assertEquals(ids.size, panels.length)
  for (const wanted of ["Operations", "Errors", "Duration", "Retries", "Connections"]) assert(titles.includes(wanted))
  const known = new Set([...metrics].flatMap(([name, metric]) => prometheusNames(name, metric)))
  assert(used.size > 8, [...used].join(", "))
  assertEquals([...used].filter((name) => !known.has(name)), [])
})

test("the guide has a row for each metric of the library, and for no other", () => {
  const rows = [...read("docs/guides/observability.md").matchAll(/^\| `((?:db|milvus)\.client\.[a-z_.]+)` +\|/gm)]
  assertEquals(rows.map(([, name]) => name).toSorted(), [...metrics.keys()].toSorted())
})

effectTest(
  "the example sends its spans, metrics and logs to a collector",
  Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    const receiver = yield* Effect.acquireRelease(
      Effect.sync(startOtlpReceiver),
      (receiver) => Effect.promise(() => receiver[Symbol.asyncDispose]()),
    )
    const args = [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      "examples/observability/main.ts",
      fake.address,
      receiver.url,
      "1",
    ]
    yield* Effect.promise(() => succeed(Deno.execPath(), args, { cwd: root }))
    const names = new Set(receiver.spans().map(({ name }) => name))
    for (const name of ["request", "Vectors.search observed_books", "Upsert", "handshake"]) {
      assert(names.has(name), name)
    }
    assert(receiver.metrics().some(({ name }) => name === "db.client.operation.duration"))
    assert(receiver.logs().some(({ text }) => text.includes("worked on")))
  }),
)
