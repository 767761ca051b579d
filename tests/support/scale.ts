/**
 * How much of the long tests runs: all of what the README tells with `deno task reliability`, which sets
 * `RELIABILITY=full`, and a part of it otherwise.
 */
export const isFull: boolean = Deno.env.get("RELIABILITY") === "full"

/** The one number or the other. */
export const scaled = (full: number, part: number): number => isFull ? full : part

/** A figure for the README; the task collects these lines. */
export const figure = (name: string, value: string): void => console.log(`figure: ${name}: ${value}`)
