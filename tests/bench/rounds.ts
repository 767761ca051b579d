/** Runs rounds in which peers take turns, each measurement in a separate process, and prints their tables. */

/** Figures of one measurement, by name. */
export type Figures = Readonly<Record<string, number>>

/** Number of rounds, from the flag `--rounds=5`. */
export const rounds = Number(Deno.args.find((arg) => arg.startsWith("--rounds="))?.slice(9) ?? 3)

const median = (values: ReadonlyArray<number>) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Runs a script in a separate process, and returns its output. */
export const deno = async (args: ReadonlyArray<string>): Promise<string> => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", "--v8-flags=--expose-gc,--max-old-space-size=8000", ...args],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output()
  if (code !== 0) throw new Error(`${args.join(" ")}\n${new TextDecoder().decode(stderr)}`)
  return new TextDecoder().decode(stdout)
}

/** Runs rounds in which the peers take turns, and returns the median of each figure. */
export const interleaved = async <K extends string>(
  peers: ReadonlyArray<K>,
  once: (peer: K) => Promise<Figures>,
  times = rounds,
): Promise<Record<K, Figures>> => {
  const all = new Map<K, Array<Figures>>(peers.map((peer) => [peer, []]))
  for (let round = 0; round < times; round++) {
    for (const peer of peers) all.get(peer)!.push(await once(peer))
  }
  return Object.fromEntries(
    Array.from(all, ([peer, figures]) => [
      peer,
      Object.fromEntries(Object.keys(figures[0]!).map((name) => [name, median(figures.map((each) => each[name]!))])),
    ]),
  ) as Record<K, Figures>
}

const number = (value: number) =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(value >= 10 ? 1 : 2)

/** Prints the figures of each peer, with their ratios to one of the peers. */
export const table = (title: string, results: Readonly<Record<string, Figures>>, against?: string): void => {
  console.log(`\n${title}`)
  for (const [peer, figures] of Object.entries(results)) {
    const columns = Object.entries(figures).map(([name, value]) => {
      const base = against === undefined || peer === against ? undefined : results[against]![name]
      return `${name} ${number(value)}${base === undefined ? "" : ` (x${(value / base).toFixed(2)})`}`
    })
    console.log(`  ${peer.padEnd(14)} ${columns.join("   ")}`)
  }
}
