/**
 * The length of the long tests: the full length that docs/guides/guarantees.md reports with `deno task reliability`, which sets
 * `RELIABILITY=full`, and a part of it otherwise.
 */
export const isFull: boolean = Deno.env.get("RELIABILITY") === "full"

/** Returns the number for the full length, or the one for a part. */
export const scaled = (full: number, part: number): number => isFull ? full : part

/** Prints a figure for docs/guides/guarantees.md. `deno task reliability` collects these lines. */
export const figure = (name: string, value: string): void => console.log(`figure: ${name}: ${value}`)
