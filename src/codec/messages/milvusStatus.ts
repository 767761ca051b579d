/** `common.Status` in: what Milvus says about a call. */
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** What Milvus says about a call; it succeeded where `code` and `errorCode` are 0. */
export interface Status {
  /** Milvus's error code; 0 for success, and from servers older than 2.3. */
  readonly code: number
  /** The number of the legacy error code; 0 for success. */
  readonly errorCode: number
  /** Why the call failed, in Milvus's words; empty for success. */
  readonly reason: string
  /** Whether the same call may succeed later. */
  readonly retriable: boolean
  /** More of it, where the server says more. */
  readonly detail: string
  /** Facts about the call, such as its cost in `report_value`. */
  readonly extraInfo: ReadonlyMap<string, string>
}

/** The status of a reply that has none: success. */
export const success: Status = {
  code: 0,
  errorCode: 0,
  reason: "",
  retriable: false,
  detail: "",
  extraInfo: new Map(),
}

/** Reads a status whose tag was read, over what an earlier part of it said. */
export const readStatus = (reader: Reader, earlier: Status): Status => {
  let { code, errorCode, reason, retriable, detail } = earlier
  const extraInfo = new Map(earlier.extraInfo)
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === varintTag(1)) errorCode = reader.int32()
    else if (tag === lengthTag(2)) reason = reader.string()
    else if (tag === varintTag(3)) code = reader.int32()
    else if (tag === varintTag(4)) retriable = reader.bool()
    else if (tag === lengthTag(5)) detail = reader.string()
    else if (tag === lengthTag(6)) readEntry(reader, extraInfo)
    else reader.skip(tag)
  }
  reader.leave(outer)
  return { code, errorCode, reason, retriable, detail, extraInfo }
}

const readEntry = (reader: Reader, into: Map<string, string>): void => {
  let key = ""
  let value = ""
  const outer = reader.enter()
  while (reader.at < reader.end) {
    const tag = reader.tag()
    if (tag === lengthTag(1)) key = reader.string()
    else if (tag === lengthTag(2)) value = reader.string()
    else reader.skip(tag)
  }
  reader.leave(outer)
  into.set(key, value)
}
