/** Encodes and decodes `schema.IDs`: primary keys, which are all integers or all strings. */
import { Int64Builder } from "../protobuf/repeated.ts"
import { StringBuilder } from "../protobuf/lists.ts"
import { packedInt64 } from "../protobuf/packed.ts"
import type { Reader } from "../protobuf/reader.ts"
import { readValues } from "../columns/scalarField.ts"
import { checkedInt64s, type Int64Input, textList } from "../columns/scalars.ts"
import { type Fragment, lengthTag, message } from "../protobuf/writer.ts"

/** Primary keys of a reply. Integers keep all 64 bits. */
export type Ids = BigInt64Array | ReadonlyArray<string>

/** Primary keys of a request. A `number` must be a safe integer. */
export type IdsInput = Int64Input | ReadonlyArray<string>

/** Collects primary keys. If a message has both types, the last one is kept. */
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
      } else if (tag === lengthTag(3)) return reader.fail("primary keys of the type UUID are not supported")
      else reader.skip(tag)
    }
    reader.leave(outer)
  }
  finish(): Ids {
    return this.#texts?.finish() ?? this.#numbers?.finish() ?? noIds
  }
}

const noIds = new BigInt64Array(0)

/** Returns primary keys as the field `field`. The first key determines the type of all. */
export const idsPart = (field: number, ids: IdsInput, name: string): Fragment =>
  isTexts(ids)
    ? message(field, [message(2, [textList(1, ids, name)])])
    : message(field, [message(1, [packedInt64(1, checkedInt64s(ids, name))])])

const isTexts = (ids: IdsInput): ids is ReadonlyArray<string> => typeof ids[0] === "string"
