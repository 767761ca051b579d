/** `schema.IDs`: primary keys, all integers or all strings. */
import { Int64Builder } from "../protobuf/repeated.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import { packedInt64 } from "../protobuf/packed.ts"
import type { Reader } from "../protobuf/reader.ts"
import { readValues } from "../columns/scalarField.ts"
import { checkedInt64s, type Int64Input, textList } from "../columns/scalars.ts"
import { type Fragment, lengthTag, message } from "../protobuf/writer.ts"

/** Primary keys of a reply. Those of integers are never fewer bits than they have. */
export type Ids = BigInt64Array | ReadonlyArray<string>

/** Primary keys as they may be given: numbers must be safe integers. */
export type IdsInput = Int64Input | ReadonlyArray<string>

/** Primary keys that are being read; the last kind that comes is the one that counts. */
export class IdsBuilder {
  #numbers: Int64Builder | undefined
  #texts: StringBuilder | undefined
  read(reader: Reader): void {
    const outer = reader.enter()
    while (reader.at < reader.end) {
      const tag = reader.tag()
      if (tag === lengthTag(1)) {
        this.#texts = undefined
        readValues(reader, this.#numbers ??= new Int64Builder())
      } else if (tag === lengthTag(2)) {
        this.#numbers = undefined
        readValues(reader, this.#texts ??= new StringBuilder())
      } else reader.skip(tag)
    }
    reader.leave(outer)
  }
  finish(): Ids {
    return this.#texts?.finish() ?? this.#numbers?.finish() ?? noIds
  }
}

const noIds = new BigInt64Array(0)

/** Primary keys out; the type of the first is that of all. */
export const idsPart = (field: number, ids: IdsInput, name: string): Fragment =>
  isTexts(ids)
    ? message(field, [message(2, [textList(1, ids, name)])])
    : message(field, [message(1, [packedInt64(1, checkedInt64s(ids, name))])])

const isTexts = (ids: IdsInput): ids is ReadonlyArray<string> => typeof ids[0] === "string"
