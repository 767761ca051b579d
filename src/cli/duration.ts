/** Parses durations of flags: `500ms`, `10s`, `2m`, `12h`, `7d`. */

const units: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
])

/** Returns a duration in milliseconds; `undefined` if it is not one above zero. Without a unit, it is in seconds. */
export const parseDuration = (text: string): number | undefined => {
  const [, number, unit = "s"] = /^(\d+) ?(ms|s|m|min|h|d)?$/.exec(text.trim()) ?? []
  const milliseconds = Number(number) * (units.get(unit) ?? NaN)
  return milliseconds > 0 && Number.isSafeInteger(milliseconds) ? milliseconds : undefined
}
