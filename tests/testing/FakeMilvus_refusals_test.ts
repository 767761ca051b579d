/**
 * Bad requests, and good ones next to them, to a FakeMilvus and to Milvus 2.3.5: both accept or both refuse, with the same code,
 * the same code for older clients, and the same kind of error. Reasons may differ.
 *
 * Some requests are missing, since Milvus 2.3.5 ends when it gets them: a search without `dsl_type`; rows whose vector says that
 * its dimension is 0, or one that is not a multiple of 8; a filter that divides integers by 0; a default value for JSON.
 */
import { assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { shared, startMilvus } from "../support/milvus.ts"
import { access } from "./refusals/access.ts"
import { definitions } from "./refusals/definitions.ts"
import { indexes } from "./refusals/indexes.ts"
import type { Case, Lane } from "./refusals/lane.ts"
import { maintenance } from "./refusals/maintenance.ts"
import { resourceGroups } from "./refusals/resourceGroups.ts"
import { rows } from "./refusals/rows.ts"
import { isAccepted, loadService, type Outcome, Server } from "./refusals/server.ts"
import { test } from "../support/test.ts"

const lanes: ReadonlyArray<Lane> = [
  ...definitions,
  ...indexes,
  ...rows,
  ...access,
  ...resourceGroups,
  ...maintenance,
]

/** Where Milvus 2.3.5 is not to be followed, and why. */
const exceptions: ReadonlyArray<readonly [name: RegExp, reason: string]> = [
  [/^schema: type 77$/, "it keeps a field whose type nobody knows"],
  [/^HasCollection: unknown$/, "it reports that an unknown database has no such collection; all other RPCs refuse"],
  [
    /^CreateIndex: float\.vector .*"HNSW".*"(HAMMING|JACCARD)"/,
    "it takes metrics of bits for floats, and fails to build",
  ],
  [/^CreateIndex: binary\.vector .*"HNSW"/, "it takes an index of floats for bits, and fails to build"],
  [/^CreateIndex: binary\.vector .*"BIN_FLAT".*"(SUB|SUPER)STRUCTURE"/, "a FakeMilvus does not support these metrics"],
  [/^CreateIndex: float\.vector .*"IVF_PQ".*-1/, "it takes a negative number, and fails to build"],
  [/^DescribeIndex: a field of no index$/, "it does not look at the field, later versions do"],
  [/^(Insert|Upsert): Int32 for Int8$/, "it does not look at the type of some columns"],
  [/^(Insert|Upsert): text for the key$/, "it acknowledges a row with a key of another type, which no query finds"],
  [/^Query: filter title like '(a_b)?'$/, "these patterns mean another thing in later versions"],
  [
    /^(Query: found.*|Search: near): an unknown parameter$/,
    "it ignores what it does not know; a FakeMilvus refuses that",
  ],
  [/^Search: near: params: (a list|null|a number)$/, "it ignores params that are not an object"],
  [/^Search: near: group by /, "it ignores groups, which later versions make; a FakeMilvus does not support them"],
]

const outcomesOf = async (server: Server, { prepare, cases }: Lane): Promise<ReadonlyArray<Outcome>> => {
  await prepare?.(server)
  const outcomes: Array<Outcome> = []
  for (const { run, undo } of cases) {
    const outcome = await run(server)
    outcomes.push(outcome)
    if (isAccepted(outcome)) await undo?.(server)
  }
  return outcomes
}

const allOutcomes = async (address: string) => {
  using server = new Server(address, await loadService())
  return await Promise.all(lanes.map((lane) => outcomesOf(server, lane)))
}

const kindOf = (outcome: Outcome): string => {
  if (isAccepted(outcome)) return "accepted"
  return outcome.kind === "rpc"
    ? `RpcError ${outcome.code}`
    : `ServerError ${outcome.code}, legacy ${outcome.legacy}, retriable ${outcome.retriable}`
}

const reasonOf = ({ reason }: Outcome): string => reason.replaceAll(/\s+/g, " ").slice(0, 200)

/** What differs, in words. */
const differing = ({ name }: Case, real: Outcome, fake: Outcome): ReadonlyArray<string> => {
  const isAlike = kindOf(real) === kindOf(fake)
  const isException = exceptions.some(([pattern]) => pattern.test(name))
  if (isAlike !== isException) return []
  if (isAlike) return [`${name}: is alike after all`]
  return [`${name}\n  Milvus     ${kindOf(real)}: ${reasonOf(real)}\n  FakeMilvus ${kindOf(fake)}: ${reasonOf(fake)}`]
}

const milvus = shared(startMilvus)

test("a FakeMilvus refuses what Milvus refuses, with its codes", async () => {
  const names = lanes.flatMap(({ cases }) => cases.map(({ name }) => name))
  const real = await allOutcomes(milvus().address)
  const fake = await run(Effect.gen(function* () {
    const { address } = yield* FakeMilvus.make({ version: "v2.3.5" })
    return yield* Effect.promise(() => allOutcomes(address))
  }))
  const differences = lanes.flatMap(({ cases }, lane) =>
    cases.flatMap((it, at) => differing(it, real[lane]![at]!, fake[lane]![at]!))
  )
  assertEquals(differences.join("\n"), "")
  const refused = real.flat().filter((outcome) => !isAccepted(outcome)).length
  console.log(`${names.length} requests, of which Milvus refuses ${refused}`)
  // An exception that no request meets is a mistake.
  assertEquals(exceptions.filter(([pattern]) => !names.some((name) => pattern.test(name))), [])
})
