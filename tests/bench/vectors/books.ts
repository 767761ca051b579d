/** The definition of the rows that `rowOf` makes. */
import { Collection, Field } from "../../../mod.ts"
import { collection } from "./Peer.ts"

export const Books = Collection.define(collection, {
  id: Field.int64({ primaryKey: true }),
  title: Field.varChar({ maxLength: 200 }),
  author: Field.varChar({ maxLength: 200 }),
  year: Field.int32(),
  pages: Field.int64(),
  sold: Field.int64(),
  price: Field.double(),
  rating: Field.double(),
  inPrint: Field.bool(),
  vector: Field.floatVector({ dimension: 16 }),
})
