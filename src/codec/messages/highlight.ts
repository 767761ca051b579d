/** `common.HighlightResult` in: the parts of texts that a query found. */
import { floats } from "../protobuf/repeated.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag } from "../protobuf/writer.ts"

/** What was found in a field. */
export interface Highlight {
  /** The field whose texts were searched. */
  readonly fieldName: string
  /** One a hit. */
  readonly hits: ReadonlyArray<{
    readonly fragments: ReadonlyArray<string>
    /** One a fragment, where the server sends them. */
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
