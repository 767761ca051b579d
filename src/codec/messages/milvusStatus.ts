/** Decodes `common.Status`: the outcome of a call. */
import type { Reader } from "../protobuf/reader.ts"
import { lengthTag, varintTag } from "../protobuf/writer.ts"

/** The status of a call. The call succeeded if `code` and `errorCode` are both 0. */
export interface Status {
  /** The error code of Milvus; 0 for success, and always 0 from servers older than 2.3. */
  readonly code: number
  /** The legacy error code, as a number; 0 for success. */
  readonly errorCode: number
  /** The error message of Milvus; empty for success. */
  readonly reason: string
  /** Whether the same call may succeed later. */
  readonly retriable: boolean
  /** Further details of the error; empty if the server sent none. */
  readonly detail: string
  /** Further facts about the call, such as its cost in `report_value`. */
  readonly extraInfo: ReadonlyMap<string, string>
}

/** The status of a reply without a status: success. */
export const success: Status = {
  code: 0,
  errorCode: 0,
  reason: "",
  retriable: false,
  detail: "",
  extraInfo: new Map(),
}

/** Reads a status whose tag was read. Fields that it does not have keep the values of `earlier`, as protobuf merges. */
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
