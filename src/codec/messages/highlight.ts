/** Decodes `common.HighlightResult`: the parts of texts that a query matched. */
import { floats } from "../protobuf/repeated.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag } from "../protobuf/writer.ts"

/** Matches of a query in a field. */
export interface Highlight {
  /** The field whose texts were searched. */
  readonly fieldName: string
  /** The matches in each hit; `[hits]`. */
  readonly hits: ReadonlyArray<{
    /** The matching parts of the text. */
    readonly fragments: ReadonlyArray<string>
    /** The score of each fragment; empty if the server did not send scores. */
    readonly scores: Float32Array
  }>
}

/** Reads a highlight whose tag was read. */
export const readHighlight = (reader: Reader): Highlight => {
  let fieldName = ""
  const hits: Array<Highlight["hits"][number]> = []
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) fieldName = reader.string()
    else if (tag === lengthTag(2)) hits.push(readHit(reader))
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { fieldName, hits }
}

const readHit = (reader: Reader): Highlight["hits"][number] => {
  const fragments = new StringBuilder()
  const scores = floats()
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) fragments.read(reader, 2)
    else if (tag >>> 3 !== 2 || !scores.read(reader, tag & 7)) reader.skip(tag)
  }
  reader.leave(outer)
  return { fragments: fragments.finish(), scores: scores.finish() }
}
