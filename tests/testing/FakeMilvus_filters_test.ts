/** Filters find the same rows in a FakeMilvus as in Milvus 2.3.5, or both refuse them. */
import { assert, assertEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import * as FakeMilvus from "../../src/testing/FakeMilvus.ts"
import { run } from "../support/effects.ts"
import { shared, startMilvus } from "../support/milvus.ts"
import { expressions } from "./filters/expressions.ts"
import { collection_name, writeRows } from "./filters/rows.ts"
import { isAccepted, loadService, Server } from "./refusals/server.ts"
import { test } from "../support/test.ts"

/** The keys that a filter finds, in their order, or that it is refused, with its code. */
const found = async (server: Server, expr: string): Promise<string> => {
  const outcome = await server.reply("Query", {
    collection_name,
    expr,
    output_fields: ["id"],
    consistency_level: "Strong",
  })
  if (outcome.kind === "rpc" || !isAccepted(outcome)) return `refused with ${outcome.code}`
  // Cast: the reply to a query has columns.
  const { fields_data } = outcome.reply as FakeMilvus.Request<"Insert">
  const keys = fields_data.find(({ field_name }) => field_name === "id")?.scalars?.long_data?.data ?? []
  return keys.map(Number).sort((a, b) => a - b).join()
}

/** Answers to some filters. */
type Find = (filters: ReadonlyArray<string>) => Promise<ReadonlyArray<string>>

const withRows = async <A>(address: string, use: (find: Find) => Promise<A>): Promise<A> => {
  using server = new Server(address, await loadService())
  await writeRows(server)
  return await use((filters) => Promise.all(filters.map((filter) => found(server, filter))))
}

/** Numbers below 1, the same for the same seed. */
const randoms = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

/** Filters joined by `and`, `or` and `not`, two to five of them. */
const joined = (random: () => number, atoms: ReadonlyArray<string>): string => {
  const pick = () => `(${atoms[Math.floor(random() * atoms.length)]})`
  return Array.from({ length: 2 + Math.floor(random() * 4) }, () => random() < 0.3 ? `not ${pick()}` : pick())
    .reduce((left, right) => {
      const both = `${left} ${random() < 0.5 ? "and" : "or"} ${right}`
      return random() < 0.3 ? `(${both})` : both
    })
}

const milvus = shared(startMilvus)

test("filters find in a FakeMilvus what they find in Milvus, or both refuse them", async () => {
  const seed = Number(Deno.env.get("SEED") ?? Math.floor(Math.random() * 2 ** 32))
  const random = randoms(seed)
  const { filters, real } = await withRows(milvus().address, async (find) => {
    const answers = await find(expressions)
    const accepted = expressions.filter((_, at) => !answers[at]!.startsWith("refused"))
    assert(accepted.length > expressions.length / 2)
    const generated = Array.from({ length: 300 }, () => joined(random, accepted))
    return { filters: [...expressions, ...generated], real: [...answers, ...await find(generated)] }
  })
  const fake = await run(Effect.gen(function* () {
    const { address } = yield* FakeMilvus.make({ version: "v2.3.5" })
    return yield* Effect.promise(() => withRows(address, (find) => find(filters)))
  }))
  const differing = filters.flatMap((filter, at) =>
    real[at] === fake[at] ? [] : [`${filter}\n  Milvus     ${real[at]}\n  FakeMilvus ${fake[at]}`]
  )
  assertEquals(differing.join("\n"), "", `SEED=${seed}`)
  const accepted = real.filter((answer) => !answer.startsWith("refused")).length
  console.log(`${filters.length} filters, of which Milvus accepts ${accepted} (SEED=${seed})`)
})
