/** Collections, indexes and vectors by promises: every method, typed, with its signal. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert"
import * as Effect from "effect/Effect"
import { Collection, Field, filter, Index, type ServerError, type Vectors } from "../../mod.ts"
import { connect, type Milvus } from "../../src/promise.ts"
import { FakeMilvus } from "../../src/testing/mod.ts"
import { shared, startMilvusLite } from "../support/milvus.ts"
import { test } from "../support/test.ts"

const lite = shared(startMilvusLite)

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
const holds = <_T extends true>(): void => {}

let collections = 0
const books = () =>
  Collection.define(`books_${++collections}`, {
    id: Field.int64({ primaryKey: true }),
    title: Field.varChar({ maxLength: 100 }),
    left: Field.floatVector({ dimension: 2 }),
    right: Field.floatVector({ dimension: 2 }),
  }, {
    indexes: { left: Index.flat({ metric: "L2" }), right: Index.hnsw({ metric: "IP", M: 8, efConstruction: 32 }) },
    consistencyLevel: "Strong",
  })

const rows = Array.from({ length: 20 }, (_, id) => ({ id, title: `title ${id}`, left: [id, 0], right: [0, id] }))

const rejection = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error("it did not reject")
}

const collect = async <A>(iterable: AsyncIterable<A>): Promise<Array<A>> => {
  const all: Array<A> = []
  for await (const each of iterable) all.push(each)
  return all
}

test("a script creates, writes, reads, searches and drops by promises", async () => {
  await using milvus = await connect(lite().address)
  const Books = books()
  await milvus.collection.create(Books)
  assertEquals(await milvus.collection.has(Books), true)
  assert((await milvus.collection.list()).includes(Books.name))
  assertEquals((await milvus.collection.describe(Books)).definition.name, Books.name)
  assertEquals(Object.keys((await milvus.collection.fromServer(Books.name)).fields), ["id", "title", "left", "right"])
  assertEquals((await milvus.index.describe(Books, "right")).map(({ metric }) => metric), ["IP"])
  await milvus.index.wait(Books)

  const progress: Array<Vectors.WriteProgress> = []
  const options = { batchBytes: 400, onProgress: (it: Vectors.WriteProgress) => void progress.push(it) }
  assertEquals((await milvus.vectors.insert(Books, rows, options)).count, 20)
  assertEquals(progress.at(-1), { written: 20, rows: 20 })
  assert(progress.length > 1)
  await milvus.vectors.upsert(Books, [{ ...rows[3]!, title: "new" }])
  const got = await milvus.vectors.get(Books, [3n, 4], { outputFields: ["title"] })
  holds<Equal<typeof got, Vectors.QueryResult<{ readonly id: bigint; readonly title: string }>>>()
  assertEquals(got.rows.toArray().map(({ title }) => title).toSorted(), ["new", "title 4"])
  assertEquals(await milvus.vectors.count(Books, filter`id < ${5}`), 5)
  assertEquals((await milvus.vectors.query(Books, filter`id > ${17}`)).length, 2)

  const found = await milvus.vectors.search(Books, [[7, 0]], { field: "left", limit: 2, outputFields: ["title"] })
  const hit = found.hits().at(0)
  holds<Equal<typeof hit, Vectors.Hit<{ readonly id: bigint; readonly title: string }> | undefined>>()
  assertEquals([hit?.id, hit?.row.title], [7n, "title 7"])
  const ranked = await milvus.vectors.hybridSearch(Books, [
    { field: "left", data: [[0, 0]], limit: 3 },
    { field: "right", data: [[0, 1]], limit: 3, params: { ef: 32 } },
  ], { limit: 2 })
  assertEquals([...ranked.ids].toSorted(), [0n, 19n])

  const pages = await collect(milvus.vectors.queryBatches(Books, undefined, { batchSize: 8 }))
  assertEquals(pages.map(({ length }) => length), [8, 8, 4])
  const nearest = await collect(milvus.vectors.searchBatches(Books, [0, 0], { field: "left", batchSize: 8, limit: 12 }))
  assertEquals(nearest.flatMap(({ ids }) => [...ids].map(Number)), Array.from({ length: 12 }, (_, id) => id))
  for await (const first of milvus.vectors.queryBatches(Books, undefined, { batchSize: 1 })) {
    assertEquals(first.rows.at(0)?.id, 0n)
    break
  }

  await milvus.vectors.delete(Books, { ids: [1, 2] })
  assertEquals(await milvus.vectors.count(Books), 18)
  await milvus.collection.release(Books)
  assertEquals((await collect(milvus.collection.loading(Books))).at(-1), 100)
  await milvus.collection.load(Books)
  await milvus.collection.release(Books)
  await milvus.index.drop(Books, (await milvus.index.describe(Books, "left"))[0]!.name)
  await milvus.index.create(Books, "left", Index.flat({ metric: "COSINE" }))
  await milvus.collection.rename(Books, `${Books.name}_new`)
  assert((await milvus.collection.statistics(`${Books.name}_new`)).rows >= 0)
  await milvus.collection.drop(`${Books.name}_new`)
})

const withFake = (use: (fake: FakeMilvus.FakeMilvus, milvus: Milvus) => Promise<void>): Promise<void> =>
  Effect.runPromise(Effect.scoped(Effect.gen(function* () {
    const fake = yield* FakeMilvus.make()
    yield* Effect.promise(async () => {
      await using milvus = await connect(fake.address)
      await use(fake, milvus)
    })
  })))

test("an operation rejects with the typed error itself, and what a progress listener throws", () =>
  withFake(async (_, milvus) => {
    const Books = books()
    const error = await rejection(milvus.vectors.count("nowhere")) as ServerError
    assertEquals([error._tag, error.code], ["ServerError", 100])
    await milvus.collection.create(Books)
    const wrong = await rejection(milvus.vectors.insert(Books, [{ ...rows[0]!, left: [1, 2, 3] }]))
    assertEquals((wrong as { _tag: string })._tag, "CodecError")
    // Casts: mistakes that only JavaScript can make.
    for (const options of [null as never, 5 as never, "soon" as never]) {
      assertEquals((await rejection(milvus.collection.list(options)) as { parameter: string }).parameter, "options")
      assertEquals((await rejection(milvus.vectors.get(Books, [1], options)) as { field: string }).field, "options")
    }
    const mine = new Error("mine")
    const onProgress = () => {
      throw mine
    }
    assertStrictEquals(await rejection(milvus.vectors.insert(Books, rows, { onProgress })), mine)
  }))

test("a signal cancels an operation, and ends an iteration, with its reason", () =>
  withFake(async (fake, milvus) => {
    const Books = books()
    await milvus.collection.create(Books)
    await milvus.vectors.insert(Books, rows)
    const reason = new Error("enough")
    const controller = new AbortController()
    const run = async () => {
      for await (const _ of milvus.vectors.queryBatches(Books, "", { batchSize: 1, signal: controller.signal })) {
        controller.abort(reason)
      }
    }
    assertStrictEquals(await rejection(run()), reason)
    await Effect.runPromise(fake.delay("Search", "1 minute"))
    const signal = AbortSignal.timeout(50)
    const error = await rejection(milvus.vectors.search(Books, [[1, 0]], { field: "left", limit: 1, signal }))
    assertStrictEquals(error, signal.reason)
  }))

/** Never run: what the compiler refuses of the promise form, as of the other. */
export const types = async (milvus: Milvus): Promise<void> => {
  const Single = Collection.define("single", {
    id: Field.int64({ primaryKey: true }),
    v: Field.floatVector({ dimension: 2 }),
  }, { indexes: { v: Index.hnsw({ metric: "L2" }) } })
  await milvus.vectors.search(Single, [[1, 2]], { limit: 1, params: { ef: 64 } })
  // @ts-expect-error: rule 20: nprobe is not of HNSW
  await milvus.vectors.search(Single, [[1, 2]], { limit: 1, params: { nprobe: 8 } })
  // @ts-expect-error: rule 20: in batches as well
  milvus.vectors.searchBatches(Single, [1, 2], { params: { nprobe: 8 } })
  await milvus.vectors.delete(Single, { all: true })
  // @ts-expect-error: not a list of keys
  await milvus.vectors.delete(Single, [1])
}
