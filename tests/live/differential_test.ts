/**
 * Random definitions and rows: pymilvus reads from the server what this library wrote, or the server refuses the same
 * write from pymilvus too. The seeds are fixed. `DIFFERENTIAL_SEED=1000` starts with another seed, and a failure
 * reports its seed.
 */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Cause from "effect/Cause"
import type { Connection } from "../../mod.ts"
import * as Collection from "../../src/operations/Collection.ts"
import * as Vectors from "../../src/operations/Vectors.ts"
import type { Index } from "../../src/schema/indexes.ts"
import { canonical, expectedRow } from "./differential/exact.ts"
import { type Case, generate } from "./differential/generate.ts"
import { lite, standalone } from "./engines.ts"
import { laboratory } from "./laboratory.ts"
import type { Exact, ExactRow, PymilvusPeer } from "./pymilvus_peer.ts"
import { exact, exactRow } from "./types_exact.ts"
import { test } from "../support/test.ts"

const firstSeed = Number(Deno.env.get("DIFFERENTIAL_SEED") ?? 0)
const runs = [{ engine: lite, seeds: 460 }, { engine: standalone, seeds: 40 }]

for (const { engine, seeds } of runs) {
  const { pymilvus, run } = laboratory(engine, [])

  test(`${engine.name}: of ${seeds} generated writes, pymilvus reads what was written, or is refused as well`, async () => {
    const failures: Array<string> = []
    const counts = { written: 0, refused: 0 }
    const compareSeed = async (seed: number) => {
      const problem = await compare(generate(seed, { isLite: engine === lite }), pymilvus(), run, counts)
      if (problem !== undefined) failures.push(`seed ${seed}: ${problem}`)
    }
    const next = Iterator.from(Array(seeds).keys())
    // Several at a time, because most of the time goes into waiting.
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (const at of next) await compareSeed(firstSeed + at)
    }))
    console.log(`${engine.name}: ${counts.written} written, ${counts.refused} refused by both`)
    assertEquals(failures, [], failures.join("\n"))
    // If one side refused everything, the test would compare nothing.
    assertEquals(counts.written > seeds / 2 && counts.refused > 0, true, JSON.stringify(counts))
  })
}

type Run = <A, E>(program: Effect.Effect<A, E, Connection.Connection>) => Promise<A>

/** Returns a description of the difference; `undefined` if the clients agree. */
const compare = async (
  each: Case,
  pymilvus: PymilvusPeer,
  run: Run,
  counts: { written: number; refused: number },
): Promise<string | undefined> => {
  const { definition, rows, columns, how } = each
  const exit = await run(Effect.exit(Effect.gen(function* () {
    yield* Collection.create(definition)
    return yield* Vectors[how](definition, columns ?? rows)
  })))
  try {
    if (Exit.isSuccess(exit)) {
      counts.written++
      const { count, ids } = exit.value
      if (count !== rows.length) return `${count} of ${rows.length} rows were written`
      const expected = rows.map((row, at) => expectedRow(definition, row, ids[at]))
      const read = await pymilvus.ask("read", { collection: definition.name, filter: "", outputs: ["*"], limit: 100 })
      if (!("value" in read)) return `pymilvus cannot read: ${JSON.stringify(read)}`
      const [wanted, got] = [canonical(expected), canonical(read.value)]
      return wanted.join() === got.join() ? undefined : `${describe(each)}\n  wrote ${wanted}\n  read  ${got}`
    }
    const error = Cause.squash(exit.cause)
    const ours = `${(error as { _tag?: string })._tag}: ${(error as Error).message}`
    if (!Cause.hasFails(exit.cause)) return `${describe(each)}\n  a defect: ${ours}`
    const theirs = await writeByPymilvus(each, pymilvus)
    if (theirs !== undefined) return `${describe(each)}\n  refused here: ${ours}\n  pymilvus: ${theirs}`
    counts.refused++
    return undefined
  } finally {
    await run(Effect.ignore(Collection.drop(definition)))
  }
}

const describe = ({ definition, rows, columns, how }: Case): string =>
  Deno.inspect({ how, form: columns === undefined ? "rows" : "columns", definition, data: columns ?? rows }, {
    depth: 6,
    breakLength: Infinity,
    compact: true,
  })

/** Writes the same rows to the same collection with pymilvus. Returns what it stored, if that is what it was given. */
const writeByPymilvus = async (
  { definition, rows, how }: Case,
  pymilvus: PymilvusPeer,
): Promise<string | undefined> => {
  const { fields, options } = definition
  const collection = `${definition.name}_pymilvus`
  const created = await pymilvus.ask("create", {
    collection,
    fields: Object.entries(fields).map(([name, field]) => [name, field.type, pymilvusOptions(field)]),
    dynamic: options.dynamicFields ?? false,
  })
  if (!("value" in created)) return undefined
  try {
    const written = await pymilvus.ask("write", {
      how,
      collection,
      rows: rows.map((row) => exactRow(fields, defined(row))),
    })
    if (!("value" in written)) return undefined
    // Cast: the definitions of these tests have one index for each field.
    const indexes = Object.entries((options.indexes ?? {}) as Readonly<Record<string, Index>>)
    await pymilvus.call("load", {
      collection,
      indexes: indexes.map(([field, { type, metric }]) => [field, type, metric ?? ""]),
    })
    const read = await pymilvus.ask("read", { collection, filter: "", outputs: ["*"], limit: 100 })
    if (!("value" in read)) return undefined
    // If pymilvus stores something else than it was given, this library need not do the same.
    const [given, stored] = [rows.map((row) => expectedRow(definition, row, undefined)), read.value].map((rows) =>
      canonical(rows.map((row) => withoutAutomaticKey(definition, row))).join()
    )
    return given === stored ? `stored ${stored}` : undefined
  } finally {
    await pymilvus.call("drop", { collection })
  }
}

const withoutAutomaticKey = ({ fields }: Collection.AnyDefinition, row: ExactRow): ExactRow =>
  Object.fromEntries(
    Object.entries(row).filter(([name]) => !Object.hasOwn(fields, name) || fields[name]!.options.autoId !== true),
  )

const defined = (row: { readonly [name: string]: unknown }) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined))

const pymilvusOptions = (
  field: Collection.AnyDefinition["fields"][string],
): Readonly<Record<string, Exact | number>> => {
  const { primaryKey, autoId, partitionKey, nullable, default: value, maxLength, maxCapacity, dimension } =
    field.options
  const element = "element" in field ? field.element : undefined
  const options = {
    is_primary: primaryKey,
    auto_id: autoId,
    is_partition_key: partitionKey,
    nullable,
    default_value: value === undefined ? undefined : exact(field, value),
    max_length: element?.options.maxLength ?? maxLength,
    max_capacity: maxCapacity,
    dim: dimension,
    element_type: element?.type,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never
}
