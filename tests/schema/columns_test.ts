/** Rows and columns as the columns of a request. */
import { assertEquals } from "@std/assert"
import * as Collection from "../../src/operations/Collection.ts"
import * as Field from "../../src/Field.ts"
import { columnsOfColumns, columnsOfRows } from "../../src/schema/columns.ts"

const Books = Collection.define("books", {
  id: Field.int64({ primaryKey: true }),
  stars: Field.int32({ default: 3 }),
  note: Field.varChar({ maxLength: 10, nullable: true }),
})

/** Milvus 2.3.5 ends where it is left out, and fills it in where it is there and empty, as pymilvus sends it. */
const stars = { fieldName: "stars", nullable: true, type: "Int32", values: [undefined, undefined] }

Deno.test("columnsOfRows has a column of a default that no row gives, and none of nulls", () => {
  const columns = columnsOfRows(Books, [{ id: 1n }, { id: 2n }], { withKey: true })
  assertEquals<unknown>(columns, [{ fieldName: "id", type: "Int64", values: [1n, 2n] }, stars])
})

Deno.test("columnsOfColumns has a column of a default that is not given, and none of nulls", () => {
  const columns = columnsOfColumns(Books, { id: BigInt64Array.of(1n, 2n) }, { withKey: true })
  assertEquals<unknown>(columns, [{ fieldName: "id", type: "Int64", values: BigInt64Array.of(1n, 2n) }, stars])
})
