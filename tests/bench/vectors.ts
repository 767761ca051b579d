/**
 * Compares the cost of moving vectors in one run: this library with columns and with rows, grpc-js with hand-made bytes
 * over the same kind of channel, `node:http2` with the same bytes, and the Node SDK.
 *
 * The server is a separate process that always answers with the same bytes. Not measured: TLS, the work of a real
 * Milvus, latency of a network, fields other than a key and a vector, and a new process.
 */
import { deno, type Figures, interleaved, table } from "./rounds.ts"
import { startNullServer } from "./vectors/null_server.ts"
import type { Shape } from "./vectors/Peer.ts"

const script = new URL("./vectors/measure.ts", import.meta.url).pathname

const measure = async (
  peer: string,
  metric: string,
  address: string,
  shape: Shape,
  inflight = 1,
  ...more: ReadonlyArray<number>
): Promise<Figures> =>
  JSON.parse(await deno([script, peer, metric, address, JSON.stringify(shape), `${inflight}`, ...more.map(String)]))

const dimension = 768
const small: Shape = { rows: 1000, dimension, queries: 1, limit: 10 }
const large: Shape = { rows: 1000, dimension, queries: 100, limit: 1000 }

const peers = ["bare", "http2", "ours", "promise", "rows", "sdk"] as const
const searchers = ["bare", "http2", "ours", "promise", "sdk"] as const

const insert = async (): Promise<void> => {
  await using server = await startNullServer(small)
  for (const inflight of [1, 4]) {
    table(
      `insert of 1,000 vectors of ${dimension} dimensions, ${inflight} in flight`,
      await interleaved(peers, (peer) => measure(peer, "insert", server.address, small, inflight)),
      "bare",
    )
  }
}

const search = async (): Promise<void> => {
  for (const shape of [small, large]) {
    await using server = await startNullServer(shape)
    const megabytes = (server.searchBytes / 1e6).toFixed(2)
    for (const inflight of [1, shape === small ? 16 : 4]) {
      table(
        `search of ${shape.queries} for ${shape.limit} hits each (${megabytes} MB), ${inflight} in flight`,
        await interleaved(searchers, (peer) => measure(peer, "search", server.address, shape, inflight)),
        "bare",
      )
    }
  }
}

const row = async (): Promise<void> => {
  await using server = await startNullServer({ ...small, rows: 1 })
  for (const inflight of [1, 16]) {
    table(
      `insert of one row of ten fields, ${inflight} in flight`,
      await interleaved(
        ["http2", "bare", "ours", "promise"] as const,
        (peer) => measure(peer, "insertRow", server.address, { ...small, rows: 1 }, inflight),
      ),
      "http2",
    )
  }
}

const memory = async (): Promise<void> => {
  await using server = await startNullServer(large)
  const inserters = { 65_000: ["ours"], 20_000: ["bare", "ours", "single"], 2500: ["bare", "ours"] } as const
  for (const [rows, of] of Object.entries(inserters)) {
    table(
      `memory of an insert of ${rows} vectors of ${dimension} dimensions beyond its input, by its size`,
      await interleaved<string>(
        of,
        (peer) => measure(peer, "insertMemory", server.address, { ...large, rows: Number(rows) }),
      ),
    )
  }
  table(
    "memory of the result of a search that is kept, by the size of the reply",
    await interleaved(
      ["bare", "ours", "promise", "sdk"] as const,
      (peer) => measure(peer, "searchMemory", server.address, large, 1, server.searchBytes),
    ),
  )
}

/** Benchmarks of the codec, which print their own tables. */
const codec = async (): Promise<void> => console.log(await deno([new URL("./codec.ts", import.meta.url).pathname]))

/** The suites, by name. */
export const suites: Readonly<Record<string, () => Promise<void>>> = { insert, row, search, memory, codec }
