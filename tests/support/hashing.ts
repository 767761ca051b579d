/** Embeds texts without a model: texts with words in common are near to one another. */

/** Number of components of a vector. */
export const dimension = 64

/** Returns the vector of a text: the number of its words by their hashes, with a length of 1. */
export function embed(text: string): Array<number> {
  const vector = new Array<number>(dimension).fill(0)
  for (const word of text.toLowerCase().match(/\p{L}+|\d+/gu) ?? ["\0"]) {
    let hash = 2_166_136_261
    for (const character of word) hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619)
    vector[(hash >>> 8) % dimension]! += 1
  }
  const length = Math.hypot(...vector)
  return vector.map((component) => component / length)
}
